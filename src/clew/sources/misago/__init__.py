"""Which posts, accounts and categories do the answers of a Misago forum's API hold?

Posts, users, threads and categories have numbers. What an answer does not say is which forum sent
it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import msgspec

from clew.contract import Capture, Piece, Sample, Source
from clew.errors import ItemError
from clew.formats.json_items import ItemDecoder
from clew.formats.json_keys import keys_in, signs, surest
from clew.formats.site_answers import answers, cut_answers, host_of
from clew.model.tables import Account, Channel, Deletion, Interaction, Link, Media, Post
from clew.sources.misago.records import NO_THREAD, PLATFORM, Item, Posts, Record
from clew.sources.misago.said import rows


@dataclass(frozen=True)
class Options:
    """What the answers do not say of themselves."""

    site: str = ""  # the forum's host, such as forum.example.org


_RECORD = ItemDecoder(Record)


# ------------------------------------------------------------------------------- taking it apart


def cut(capture: Capture, options: Options) -> Iterator[Piece]:
    """Pieces of whole answers. Raises SourceUnusable if nothing tells the host."""
    host = options.site.lower() or host_of(capture.name)
    return cut_answers(capture, options, host, lambda text, piece: _opened(text, piece).how_many)


def items(piece: Piece) -> Iterator[Item | ItemError]:
    """Each post, thread and user of the answers."""
    host = piece.context.host
    for text in answers(piece):
        opened = _opened(text, piece)
        if isinstance(opened.itself, ItemError):
            yield opened.itself
        elif opened.itself is not None:
            yield Item(opened.itself, host, NO_THREAD)
        for raw in opened.results:
            record = _RECORD.decode(bytes(raw), piece)
            if isinstance(record, ItemError):
                yield record
            else:
                yield Item(record, host, opened.thread)


class _Opened(NamedTuple):
    """An answer: the record that it is, the thread around its list, and the list."""

    itself: Record | ItemError | None = None
    thread: Record = NO_THREAD
    results: Sequence[msgspec.Raw] = ()

    @property
    def how_many(self) -> int:
        """How many records it holds."""
        return len(self.results) + (self.itself is not None)


def _opened(text: bytes, piece: Piece) -> _Opened:
    answer = _RECORD.decode(text, piece)
    if isinstance(answer, ItemError):
        return _Opened(answer)
    if answer.post_set is not None:
        return _Opened(answer, answer, answer.post_set.results)
    if isinstance(answer.results, Posts):  # of a search
        return _Opened(results=answer.results.results)
    return _Opened(answer) if answer.results is None else _Opened(results=answer.results)


# ------------------------------------------------------------------------------------ recognising

_SIGNS = signs(
    (0.95, "post_set results poster posted_on is_event"),
    (0.95, "poster_name posted_on hidden_on is_event"),
    (0.95, "started_on starter_name last_poster_name has_unapproved_posts"),
    (0.95, "started_on last_poster_name has_unapproved_posts last_post_is_event"),
    (0.9, "username joined_on rank is_avatar_locked"),
    (0.85, "username joined_on rank avatars"),
)


def recognise(sample: Sample) -> float:
    """By the keys at its beginning."""
    return surest(keys_in(sample.head), _SIGNS)


MISAGO = Source(
    name="misago",
    platform=PLATFORM,
    title="Misago forum (JSON)",
    files="*.json, *.jsonl: threads with posts, lists of posts, threads and users as a forum sent",
    fills=(Post, Account, Channel, Interaction, Link, Media, Deletion),
    time="UTC: set by the forum's server, to the microsecond.",
    terms="What a forum shows to everybody, under its own terms; the rest as its members may.",
    recognise=recognise,
    cut=cut,
    items=items,
    rows=rows,
    options=Options,
)
