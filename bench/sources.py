"""How fast is each source on one core, all in one table?

    python -m bench.sources [--seconds 3] [SOURCE …]

The fixtures of a source are read again and again (cutting, decoding, making rows; no staging, no
merging), in a process of its own. Fixtures are small and full of rare cases, and each is opened
anew, so this is a lower bound; what is remembered by value (names, programs) is warmer than in real
files. `bench.imports` has whole imports of large files.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import time

import msgspec
import psutil

from bench.measuring import print_table
from clew.case.reading import whole
from clew.contract import Source, plugins
from clew.errors import ItemError
from clew.model.tables import Post
from tests.captures import beside, file_capture, fixtures_of, options_of, pieces

GOAL = 30_000


class Speed(msgspec.Struct):
    """What one source reached."""

    source: str
    records: float  # a second of processor time
    posts: float
    rows: float
    megabytes: float
    peak_mb: float


def measure(name: str, seconds: float) -> Speed:
    """Read the fixtures for so many seconds of processor time."""
    source = plugins(Source)[name]
    captures = [
        (file_capture(path), beside(source, path), options_of(path)) for path in fixtures_of(name)
    ]
    records = posts = rows = size = 0
    started = time.process_time()
    while (spent := time.process_time() - started) < seconds:
        for capture, around, options in captures:
            size += capture.size
            for piece in pieces(source, capture, **options):
                piece.beside = around
                for result in whole(source, piece):
                    records += 1
                    if not isinstance(result, ItemError):
                        rows += len(result)
                        posts += sum(type(row) is Post for row in result)
    peak = psutil.Process().memory_info().rss
    return Speed(name, records / spent, posts / spent, rows / spent, size / 1e6 / spent, peak / 1e6)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*")
    parser.add_argument("--seconds", type=float, default=3.0)
    parser.add_argument("--one", help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.one:
        print(msgspec.json.encode(measure(asked.one, asked.seconds)).decode())
        return
    speeds = []
    for name in asked.names or plugins(Source):
        command = [sys.executable, "-m", "bench.sources", "--one", name]
        command += ["--seconds", str(asked.seconds)]
        output = subprocess.run(command, check=True, capture_output=True, text=True).stdout
        speeds.append(msgspec.json.decode(output, type=Speed))
    print_table(
        "Sources on one core, on their own fixtures",
        ("source", "records/s", "posts/s", "rows/s", "MB/s", "peak MB", "at the goal"),
        [
            (
                speed.source,
                round(speed.records),
                round(speed.posts),
                round(speed.rows),
                speed.megabytes,
                round(speed.peak_mb),
                "yes" if speed.records >= GOAL else "no",
            )
            for speed in speeds
        ],
    )


if __name__ == "__main__":
    main()
