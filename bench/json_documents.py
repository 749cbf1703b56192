"""How fast is one large JSON document read record by record, and in how much memory?

    python -m bench.json_documents [--rows 200000] [--with ijson json_stream simdjson json msgspec]

The document is an invented Telegram export. Clew's steps build on each other: `cut` makes pieces of
whole messages, `items` decodes them to typed records, `rows` makes table rows, `staged` writes them
to Parquet. The others make what they make: Python dicts, or typed records (msgspec). Each runs in a
process of its own; seconds are CPU seconds. Libraries that are not installed are left out.
"""

from __future__ import annotations

import argparse
import gc
import importlib.util
import json
import resource
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path
from typing import BinaryIO

import msgspec

from bench.generated import write
from bench.measuring import print_table
from clew.case.reading import read_piece, whole
from clew.contract import NoOptions, Piece
from clew.sources.telegram_export import TELEGRAM_EXPORT
from clew.sources.telegram_export import cut as cut_export
from clew.sources.telegram_export.records import Message
from clew.store.staging import Stage


@dataclass(frozen=True)
class OnDisk:
    """A capture that is a file."""

    path: Path
    name: str = "result.json"
    capture_id: str = ""
    observed_at: None = None

    @property
    def size(self) -> int:
        return self.path.stat().st_size

    def open(self) -> BinaryIO:
        return self.path.open("rb")


class Export(msgspec.Struct, gc=False):
    """What msgspec decodes whole."""

    messages: list[Message]


def pieces(path: Path) -> Iterator[Piece]:
    return cut_export(OnDisk(path), NoOptions())


def cut(path: Path) -> int:
    return sum(share.items for piece in pieces(path) for share in piece.context.shares)


def items(path: Path) -> int:
    return sum(1 for piece in pieces(path) for _ in TELEGRAM_EXPORT.items(piece))


def rows(path: Path) -> int:
    return sum(1 for piece in pieces(path) for _ in whole(TELEGRAM_EXPORT, piece))


def staged(path: Path) -> int:
    count = 0
    with tempfile.TemporaryDirectory() as folder:
        for number, piece in enumerate(pieces(path)):
            stage = Stage(Path(folder), prefix=f"{number}", run_id="r", capture_id="c")
            count += read_piece(TELEGRAM_EXPORT, piece, stage).items
            stage.close()
    return count


def by_ijson(path: Path) -> int:
    import ijson

    with path.open("rb") as file:
        return sum(1 for _ in ijson.items(file, "messages.item", use_float=True))


def by_json_stream(path: Path) -> int:
    import json_stream

    with path.open("rb") as file:
        messages = json_stream.load(file)["messages"]
        return sum(1 for message in messages.persistent() if message)


def by_simdjson(path: Path) -> int:
    import simdjson

    return len(simdjson.Parser().parse(path.read_bytes())["messages"].as_list())


def by_json(path: Path) -> int:
    return len(json.loads(path.read_bytes())["messages"])


def by_msgspec(path: Path) -> int:
    return len(msgspec.json.decode(path.read_bytes(), type=Export).messages)


OWN: tuple[tuple[str, Callable[[Path], int]], ...] = (
    ("Clew: cut", cut),
    ("Clew: cut, items", items),
    ("Clew: cut, items, rows", rows),
    ("Clew: cut, items, rows, staged", staged),
)
OTHERS = {
    "ijson": ("ijson (yajl2_c): dicts, one at a time", by_ijson),
    "json_stream": ("json-stream (Rust tokenizer): one at a time", by_json_stream),
    "simdjson": ("pysimdjson: dicts, the whole document", by_simdjson),
    "json": ("json.loads: dicts, the whole document", by_json),
    "msgspec": ("msgspec: typed, the whole document", by_msgspec),
}


def timed(read: Callable[[Path], int], path: Path) -> tuple[int, float, float]:
    """Records, CPU seconds, and megabytes more than before, at the peak."""
    gc.disable()  # as the reading processes have it
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    start = time.process_time()
    count = read(path)
    seconds = time.process_time() - start
    return count, seconds, (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1000


def main() -> None:
    """Generate, read, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=200_000)
    parser.add_argument("--with", nargs="*", dest="others", choices=OTHERS, default=list(OTHERS))
    given = parser.parse_args()
    others = [OTHERS[name] for name in given.others if importlib.util.find_spec(name)]
    with tempfile.TemporaryDirectory() as folder:
        path = write("telegram_export", given.rows, Path(folder))
        size = path.stat().st_size / 1e6
        table = []
        for title, read in (*OWN, *others):
            with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as process:
                count, seconds, peak = process.submit(timed, read, path).result()
            table.append((title, int(count / seconds), round(size / seconds), round(peak)))
        print_table(
            f"One document of {given.rows:,} messages, {size:.0f} MB",
            ("what", "records/s", "MB/s", "peak MB"),
            table,
        )


if __name__ == "__main__":
    main()
