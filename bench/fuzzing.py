"""What comes out of each reader when its input is bent, guided by coverage (atheris, libFuzzer)?

    python -m bench.fuzzing [--seconds 20] [SOURCE …]

Each source is fed mutations of its fixtures for a fixed time, in a process of its own with a limit
of 2 GB. Only ItemError and SourceUnusable may come out; anything else, an input of more than
ten seconds, or too much memory ends its process, and the input is written to `--keep`.
"""

from __future__ import annotations

import argparse
import re
import subprocess
import sys
import tempfile
from pathlib import Path

from bench.measuring import print_table
from clew.contract import Source, plugins
from clew.errors import SourceUnusable
from tests.captures import MemoryCapture, beside, fixtures_of, options_of, read

_RUNS = re.compile(r"Done (\d+) runs")


def fuzz(name: str, arguments: list[str]) -> None:
    """Run libFuzzer over one source; it ends the process."""
    import atheris

    with atheris.instrument_imports(include=["clew.sources", "clew.formats"]):
        source = plugins(Source)[name]
    settings = [(path.name, beside(source, path), options_of(path)) for path in fixtures_of(name)]

    def feed(data: bytes) -> None:
        which = data[0] if data else 0
        file_name, around, options = settings[which % len(settings)]
        capture = MemoryCapture(data[1:], name=f"folder/{file_name}")
        try:
            read(source, capture, explained_by=around, **options)
        except SourceUnusable:
            return

    atheris.Setup([sys.argv[0], *arguments], feed)
    atheris.Fuzz()


def run(name: str, seconds: int, keep: Path) -> tuple[str, int, str]:
    """Fuzz one source in its own process: name, inputs tried, what was wrong."""
    with tempfile.TemporaryDirectory() as folder:
        for number, path in enumerate(fixtures_of(name)):
            (Path(folder) / f"{number}").write_bytes(bytes([number % 256]) + path.read_bytes())
        command = [
            *(sys.executable, "-m", "bench.fuzzing", "--one", name, "--", folder),
            *(f"-max_total_time={seconds}", "-timeout=10", "-rss_limit_mb=2048"),
            *("-max_len=65536", f"-artifact_prefix={keep}/{name}-", "-print_final_stats=1"),
        ]
        ended = subprocess.run(command, check=False, capture_output=True, text=True)
    runs = _RUNS.search(ended.stderr)
    problem = "" if ended.returncode == 0 else f"ended with {ended.returncode}"
    if problem:
        shown = [line for line in ended.stderr.splitlines() if "Error" in line or "ERROR" in line]
        problem += f": {'; '.join(shown[:3])[:200]}"
    return name, int(runs[1]) if runs else 0, problem


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*")
    parser.add_argument("--seconds", type=int, default=20)
    parser.add_argument("--keep", type=Path, default=Path(tempfile.gettempdir()))
    parser.add_argument("--one", help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.one:
        fuzz(asked.one, asked.names)
        return
    results = [run(name, asked.seconds, asked.keep) for name in asked.names or plugins(Source)]
    print_table(
        f"Readers fed with bent input, {asked.seconds} s each",
        ("source", "inputs", "problem"),
        [(name, runs, problem or "none") for name, runs, problem in results],
    )
    print(f"\n{sum(runs for _, runs, _ in results):,} inputs")
    sys.exit(any(problem for *_, problem in results))


if __name__ == "__main__":
    main()
