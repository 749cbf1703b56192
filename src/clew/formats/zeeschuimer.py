"""How does Zeeschuimer keep what a browser saw? Each item of a platform on a line, in a wrapper.

https://doi.org/10.5281/zenodo.6826877. A file holds the items of one platform; what is inside
`data` is the platform's own object. Others keep the same objects without the wrapper, or the
answers that they came in: `recognised` and `walk` take all of these.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from typing import TypeAlias, TypeVar

import msgspec

from clew.contract import Piece, Sample
from clew.errors import ItemError
from clew.formats.json_items import ItemDecoder
from clew.formats.json_keys import keys_in
from clew.formats.json_texts import texts, unfold

_PLATFORM = re.compile(rb'"source_platform"\s{0,8}:\s{0,8}"([a-z0-9.-]{2,40})"')


class Collected(msgspec.Struct, gc=False):
    """A line of Zeeschuimer; `data` is empty in a text that is none.

    A source adds the keys by which it tells the objects of its platform from what is around them.
    """

    data: msgspec.Raw = msgspec.Raw()
    source_platform: str | None = None


T = TypeVar("T")
S = TypeVar("S", bound=Collected)

Sorted: TypeAlias = tuple[Sequence[T | ItemError], Sequence[bytes | msgspec.Raw]]
"""The records that a text is, and the texts inside it that are to be looked at."""


def signs(*keys: str) -> tuple[frozenset[bytes], ...]:
    """Sets of keys (words of each text), one of which must be at the beginning of a file."""
    return tuple(frozenset(words.encode().split()) for words in keys)


def platform_of(head: bytes) -> str | None:
    """The platform that the first line names (`tiktok.com`, `tiktok-comments`); None: not its file.

    Args:
        head: the beginning of the file.
    """
    if b'"item_id"' not in head or b'"timestamp_collected"' not in head:
        return None
    named = _PLATFORM.search(head)
    return named[1].decode() if named else None


def recognised(
    sample: Sample,
    *,
    platforms: tuple[str, ...],
    keys: Sequence[frozenset[bytes]] = (),
    score: float = 0.9,
) -> float:
    """How surely a file holds a platform's objects: Zeeschuimer says so, or their keys do.

    Args:
        sample: the file.
        platforms: how the names begin that Zeeschuimer has for the platform.
        keys: sets of keys that are together in the platform's objects only (see `signs`).
        score: how sure such keys are; higher where another platform has all its keys here, too.
    """
    there = keys_in(sample.head)
    collected_on = platform_of(sample.head) if there else None
    if collected_on is not None:
        return 1.0 if collected_on.startswith(platforms) else 0.0
    return score if any(sign <= there for sign in keys) else 0.0


def walk(
    piece: Piece, shapes: ItemDecoder[S], sort: Callable[[S, bytes, Piece], Sorted[T]]
) -> Iterator[T | ItemError]:
    """The records of a file, with or without Zeeschuimer's wrapper.

    Args:
        piece: one that `cut_texts` made, or a whole capture.
        shapes: decodes what tells the objects apart.
        sort: tells what a text without wrapper is, by its shape.
    """

    def look(text: bytes) -> Sorted[T]:
        shape = shapes.decode(text, piece)
        if isinstance(shape, ItemError):
            return [shape], []
        if shape.source_platform is not None:
            return [], [shape.data]
        return sort(shape, text, piece)

    for text in texts(piece):
        yield from unfold(text, look)


def unwrapped(piece: Piece, records: ItemDecoder[T]) -> Iterator[T | ItemError]:
    """The records of a file that holds nothing else, with or without Zeeschuimer's wrapper."""
    return walk(piece, _COLLECTED, lambda _, text, piece: ([records.decode(text, piece)], []))


_COLLECTED = ItemDecoder(Collected)
