"""Make the lists of known fields: `python -m tests.json_fields [SOURCE…]`.

Read are the fixtures, the demo and, where they are, the real recordings of others; what a list
knows already stays. Names of fields are written, never values.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from clew.case.demo import write_demo
from clew.case.drift import PER_PIECE, known_fields
from clew.case.recognising import recognise
from clew.contract import Source, plugins
from clew.errors import ClewError
from clew.formats.json_fields import Observed, sampled
from tests.captures import MemoryCapture, fixtures_of, options_of, pieces

ROOT = Path(__file__).parents[1]
LISTS = ROOT / "src/clew/sources/fields"
RECORDINGS = ROOT.parent / "shared/data/formats"
_LARGEST = 64 << 20


def main(names: list[str]) -> None:
    """Write the lists of the named sources, or of all."""
    observed: dict[str, Observed] = {}
    for name, source in plugins(Source).items():
        if names and name not in names:
            continue
        for path in fixtures_of(name):
            _look(source, path, observed)
    with tempfile.TemporaryDirectory() as folder:
        write_demo(Path(folder))
        _look_in(Path(folder), names, observed)
    if RECORDINGS.is_dir():
        _look_in(RECORDINGS, names, observed)
    LISTS.mkdir(exist_ok=True)
    for name, seen in observed.items():
        lines = list(seen.lines(known_fields(name) or {}))
        if lines:
            text = "\n".join(["# Fields of its records: python -m tests.json_fields", *lines, ""])
            (LISTS / f"{name}.txt").write_text(text, encoding="utf-8")


def _look_in(folder: Path, names: list[str], observed: dict[str, Observed]) -> None:
    for path in sorted(folder.rglob("*")):
        if path.is_file() and path.stat().st_size <= _LARGEST:
            found = recognise(_capture(path).sample)
            if found.source and found.is_sure and (not names or found.source.name in names):
                _look(found.source, path, observed)


def _capture(path: Path) -> MemoryCapture:
    return MemoryCapture(path.read_bytes(), name=f"{path.parent.name}/{path.name}")


def _look(source: Source, path: Path, observed: dict[str, Observed]) -> None:
    try:
        for piece in pieces(source, _capture(path), **options_of(path)):
            for place, value in sampled(piece, 10 * PER_PIECE):
                if isinstance(value, dict | list):
                    observed.setdefault(source.name, Observed()).add(place, value)
    except ClewError:
        return  # a broken file teaches nothing


if __name__ == "__main__":
    main(sys.argv[1:])
