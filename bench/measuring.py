"""How long does a command take, and how much memory do all its processes hold at once?"""

from __future__ import annotations

import subprocess
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass

import psutil

_EVERY_S = 0.05


@dataclass(frozen=True)
class Measured:
    """One run of a command."""

    seconds: float
    peak_mb: float  # sum of the unique memory (USS) of the process and its children, at its peak
    output: str


def measure(command: Sequence[str]) -> Measured:
    """Run a command to its end; raises RuntimeError with its output if it fails."""
    with tempfile.TemporaryFile("w+") as file:  # a pipe would fill up, and the command wait
        started = time.perf_counter()
        process = subprocess.Popen(command, stdout=file, stderr=subprocess.STDOUT)
        peak = 0.0
        while process.poll() is None:
            peak = max(peak, _memory_mb(process.pid))
            time.sleep(_EVERY_S)
        seconds = time.perf_counter() - started
        file.seek(0)
        output = file.read()
    if process.returncode not in (0, 3):
        raise RuntimeError(f"{command} ended with {process.returncode}:\n{output[-3000:]}")
    return Measured(seconds, peak, output)


def _memory_mb(pid: int) -> float:
    total = 0
    try:
        parent = psutil.Process(pid)
        for process in [parent, *parent.children(recursive=True)]:
            try:
                total += process.memory_full_info().uss
            except (psutil.NoSuchProcess, psutil.AccessDenied):
                continue
    except psutil.NoSuchProcess:
        return 0.0
    return total / 1e6


def print_table(title: str, columns: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
    """Print rows under a heading as a Markdown table."""
    print(f"\n## {title}\n")
    print("| " + " | ".join(columns) + " |")
    print("|" + "---|" * len(columns))
    for row in rows:
        print("| " + " | ".join(_shown(value) for value in row) + " |")


def _shown(value: object) -> str:
    return (
        f"{value:,.3g}"
        if isinstance(value, float)
        else f"{value:,}"
        if isinstance(value, int)
        else str(value)
    )
