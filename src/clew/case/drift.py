"""Has the platform changed its format? Fields that nobody knew, and fields that are gone.

Platforms change without notice, and then a reader gives fewer rows or emptier ones, without an
error. So the first records of each piece of a capture are compared with the fields that the format
is known to have (`sources/fields/NAME.txt`). A difference costs no row. It is a note on the import:
the bytes are evidence, and a mended reader reads them again (`clew reread`).
"""

from __future__ import annotations

from collections import Counter
from functools import cache
from importlib.resources import files

from clew.contract import Piece
from clew.formats.json_fields import Known, count, missing, parse, sampled

PER_PIECE = 200
"""So many records of each piece are looked at: a piece of a large file has thousands."""

_ENOUGH = 20  # objects without a field that every one had, before it is said to be gone
_SHOWN = 20


@cache
def known_fields(source: str) -> Known | None:
    """The fields that a source's format is known to have; None: there is no list."""
    path = files("clew.sources") / "fields" / f"{source}.txt"
    return parse(path.read_text(encoding="utf-8")) if path.is_file() else None


def fields_of(source: str, piece: Piece) -> Counter[str]:
    """How many of the first records of a piece have which fields."""
    known = known_fields(source)
    return count(sampled(piece, PER_PIECE), known) if known else Counter()


def changes(source: str, fields: Counter[str]) -> Counter[str]:
    """What has changed, as notes with counts."""
    known = known_fields(source)
    notes: Counter[str] = Counter()
    if known is None:
        return notes
    unknown = Counter({path: n for path, n in fields.items() if path.endswith("?")})
    for path, times in unknown.most_common(_SHOWN):
        notes[f"new in the format: field {path.strip('.?')}, not read"] = times
    more = len(unknown) - _SHOWN
    if more > 0:
        notes["new in the format: further fields, not read"] = more
    for path, objects in missing(known, fields, _ENOUGH):
        notes[f"gone from the format: field {path}, which every record had"] = objects
    return notes
