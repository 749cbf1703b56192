"""Which fields do JSON records have, and which of them are known?

A field is named with the field that its object stands in: `user.name`, `sizes.height`; the record
itself stands in none. So a post within a post, or within a page, is the same kind of object. `*` is
any name of an object that is a map (from ids, languages, sizes…).

A list of known fields is a text, one a line; a `!` behind one says that every such object had it
when the list was made.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from itertools import islice
from typing import Any

import msgspec

from clew.contract import Piece
from clew.formats.json_stream import Context, slices, split
from clew.formats.lines import lines

Known = Mapping[str, Mapping[str, bool]]
"""Where an object stands → its fields → whether every such object had it."""

_Shape = tuple[str, tuple[str, ...]]  # where an object stands, and the names of its fields

_NAME = re.compile(r"[A-Za-z_@$][\w@:$-]{0,60}\Z", re.ASCII)
_NODES = frozenset((dict, list))  # all that has fields in decoded JSON
_DEEPEST = 40
_WHOLE = 8 << 20  # bytes: a file of one JSON text is looked at if it is no larger
_ENOUGH = 20  # objects, to say that every one has a field


def parse(text: str) -> Known:
    """A list of known fields. Lines that begin with `#` are comments."""
    known: dict[str, dict[str, bool]] = {}
    for line in text.splitlines():
        if line and not line.startswith("#"):
            place, _, name = line.removesuffix("!").rpartition(".")
            known.setdefault(place, {})[name] = line.endswith("!")
    return known


def count(values: Iterable[tuple[str, Any]], known: Known) -> Counter[str]:
    """How many objects of these (place, value) have each field, by `place.field`.

    A field that is not known has a `?` behind it, and what is inside it is not looked at. How many
    objects stood at a place is counted under `place.`.
    """
    # Objects of a place mostly have the same names: the work of a shape is done once.
    shapes: Counter[_Shape] = Counter()
    inside_of: dict[_Shape, list[tuple[str, str]]] = {}
    for start, record in values:
        waiting = [(start, record, 0)]
        while waiting:
            place, value, depth = waiting.pop()
            if isinstance(value, list):
                waiting += [(place, element, depth) for element in value if type(element) in _NODES]
            elif isinstance(value, dict) and depth <= _DEEPEST:
                shape = (place, tuple(value))
                shapes[shape] += 1
                inside = inside_of.get(shape)
                if inside is None:
                    told = ((name, _told(place, name, known)[1]) for name in value)
                    inside = inside_of[shape] = [(name, to) for name, to in told if to is not None]
                for name, to in inside:
                    inner = value[name]
                    if type(inner) in _NODES:
                        waiting.append((to, inner, depth + 1))
    counts: Counter[str] = Counter()
    for (place, names), objects in shapes.items():
        counts[f"{place}."] += objects
        for name in names:
            counts[_told(place, name, known)[0]] += objects
    return counts


def _told(place: str, name: str, known: Known) -> tuple[str, str | None]:
    """What a field is counted under, and where its value stands; null: it is not known."""
    fields = known.get(place, {})
    shown = _shown(name, fields)
    if shown in fields:
        return f"{place}.{shown}", _inside(place, shown)
    return f"{place}.{shown}?", None


def _shown(name: str, fields: Mapping[str, bool]) -> str:
    return name if name in fields or ("*" not in fields and _NAME.match(name)) else "*"


def _inside(place: str, name: str) -> str:
    """Where the value of a field stands."""
    return f"{place}.*" if name == "*" else name


def sampled(piece: Piece, at_most: int) -> Iterator[tuple[str, Any]]:
    """The first records of a piece, each with the place that it was cut from; none if not JSON."""
    yield from islice(_values(piece), at_most)


def _values(piece: Piece) -> Iterator[tuple[str, Any]]:
    cut = _cut_from_a_document(piece)
    if cut is not None:
        for part in slices(cut):
            *_, above, place = ("", "", *part.wanted.split("."))
            yield from _decoded(above, [part.header] if part.is_first else [])
            is_array = part.data.startswith(b"[")
            yield from _decoded(place, split(part.data) if is_array else [part.data])
        return
    with piece.open() as stream:
        data = stream.read(_WHOLE + 1)
    whole = list(_decoded("", [data])) if len(data) <= _WHOLE else []
    yield from whole or _decoded("", lines(piece))


def _cut_from_a_document(piece: Piece) -> Piece | None:
    """The piece as `cut_json` made it, if it did."""
    for context in (piece.context, getattr(piece.context, "shares", None)):
        if isinstance(context, Context):
            return Piece(
                capture=piece.capture, options=piece.options, data=piece.data, context=context
            )
    return None


def _decoded(place: str, texts: Iterable[bytes]) -> Iterator[tuple[str, Any]]:
    for text in texts:
        try:
            yield place, msgspec.json.decode(text)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            continue  # its reader says what is wrong with it


def missing(known: Known, counts: Counter[str], at_least: int) -> Iterator[tuple[str, int]]:
    """Fields that every object had and now none has, with how many such objects there were."""
    for place, fields in known.items():
        objects = counts[f"{place}."]
        if objects >= at_least:
            for name, is_constant in fields.items():
                if is_constant and not counts[f"{place}.{name}"]:
                    yield f"{place}.{name}".removeprefix("."), objects


# ----------------------------------------------------------------------------- making such a list


class Observed:
    """What was seen of records, to make a list of known fields from."""

    def __init__(self) -> None:
        self._objects: Counter[str] = Counter()
        self._seen: dict[str, Counter[str]] = {}

    def add(self, place: str, value: Any) -> None:
        """Look at one more value, at its place."""
        waiting = [(place, value)]
        while waiting:
            place, value = waiting.pop()
            if isinstance(value, list):
                waiting += [(place, element) for element in value]
            elif isinstance(value, dict):
                self._objects[place] += 1
                seen = self._seen.setdefault(place, Counter())
                for name, inner in value.items():
                    shown = name if _NAME.match(name) else "*"
                    seen[shown] += 1
                    waiting.append((_inside(place, shown), inner))

    def lines(self, earlier: Known) -> Iterator[str]:
        """The list, together with what an earlier list knew."""
        for place in sorted({*self._seen, *earlier}):
            seen, before = self._seen.get(place, Counter()), earlier.get(place, {})
            for name in sorted({*seen, *before}):
                was_constant = before.get(name, not before)
                objects = self._objects[place]
                is_constant = was_constant and seen[name] == objects >= _ENOUGH
                yield f"{place}.{name}{'!' * is_constant}"
