"""Which posts, accounts and categories do the JSON answers of a NodeBB forum hold?

Everything has a number of its own in the forum. What an answer does not say is which forum sent it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import msgspec

from clew.contract import Capture, Piece, Sample, Source
from clew.errors import ItemError
from clew.formats.json_items import ItemDecoder
from clew.formats.json_keys import keys_in, signs, surest
from clew.formats.site_answers import answers, cut_answers, host_of
from clew.model.tables import Account, Channel, Deletion, Interaction, Link, Media, Post
from clew.sources.nodebb.records import (
    NO_TOPIC,
    PLATFORM,
    Answer,
    Around,
    Category,
    Event,
    Item,
    PostRecord,
    TopicRecord,
    User,
)
from clew.sources.nodebb.said import rows


@dataclass(frozen=True)
class Options:
    """What the answers do not say of themselves."""

    site: str = ""  # the forum's host, such as forum.example.org


_NOTHING = b"null"
_ANSWER = ItemDecoder(Answer)
_POSTS, _TOPICS, _USERS = ItemDecoder(PostRecord), ItemDecoder(TopicRecord), ItemDecoder(User)
_CATEGORIES, _EVENTS = ItemDecoder(Category), ItemDecoder(Event)


# ------------------------------------------------------------------------------- taking it apart


def cut(capture: Capture, options: Options) -> Iterator[Piece]:
    """Pieces of whole answers. Raises SourceUnusable if nothing tells the host."""
    host = options.site.lower() or host_of(capture.name)
    return cut_answers(capture, options, host, lambda text, piece: _opened(text, piece).how_many)


def items(piece: Piece) -> Iterator[Item | ItemError]:
    """Each user, category, topic, post and event of the answers."""
    for text in answers(piece):
        opened = _opened(text, piece)
        around = Around(piece.context.host, opened.topic)
        yield from opened.errors
        for raws, decoder in opened.records:
            for raw in raws:
                record = decoder.decode(bytes(raw), piece)
                yield record if isinstance(record, ItemError) else Item(record, around)


class _Opened(NamedTuple):
    """An answer: what cannot be read of it, the topic around it, and its records."""

    errors: list[ItemError]
    topic: TopicRecord = NO_TOPIC
    records: Sequence[tuple[Sequence[msgspec.Raw], ItemDecoder[Any]]] = ()

    @property
    def how_many(self) -> int:
        """How many records it holds, errors among them."""
        return len(self.errors) + sum(len(raws) for raws, _ in self.records)


def _opened(text: bytes, piece: Piece) -> _Opened:
    answer = _ANSWER.decode(text, piece)
    if isinstance(answer, Answer) and bytes(answer.response) != _NOTHING:
        text = bytes(answer.response)
        answer = _ANSWER.decode(text, piece)
    if isinstance(answer, ItemError):
        return _Opened([answer])
    itself = msgspec.Raw(text)
    posts = [*(answer.posts or ()), *(answer.latest_posts or ()), *(answer.best_posts or ())]
    topics, users = [*(answer.topics or ())], [*(answer.users or ())]
    categories = [*(answer.categories or ())]
    errors: list[ItemError] = []
    topic = NO_TOPIC
    if answer.pid is not None:
        posts.append(itself)
    elif answer.tid is not None and answer.posts is None:
        topics.append(itself)
    elif answer.tid is not None:
        header = _TOPICS.decode(text, piece)
        if isinstance(header, ItemError):
            errors.append(header)
        else:
            topic = header
            categories += [answer.category] if bytes(answer.category) != _NOTHING else []
    elif answer.cid is not None and answer.name is not None:
        categories.append(itself)
    elif answer.uid is not None and answer.username is not None:
        users.append(itself)
    records = (
        (users, _USERS),
        (categories, _CATEGORIES),
        (topics, _TOPICS),
        (posts, _POSTS),
        (answer.events or [], _EVENTS),
    )
    lists = (answer.posts, answer.topics, answer.categories, answer.users)
    if not any(raws for raws, _ in records) and all(it is None for it in lists):
        reason = "answer without posts, topics, users or categories"
        errors.append(ItemError(reason, repr(text[:80])))
    return _Opened(errors, topic, records)


# ------------------------------------------------------------------------------------ recognising

_SIGNS = signs(
    (0.95, "tid mainPid posts pid content timestamp"),
    (0.95, "topics tid mainPid lastposttime userslug"),
    (0.95, "tid mainPid cid lastposttime viewcount"),
    (0.95, "pid tid uid content timestamp userslug"),
    (0.9, "pid tid uid content timestamp deleted upvotes"),
    (0.9, "categories cid parentCid descriptionParsed"),
    (0.9, "cid name parentCid descriptionParsed topics"),
    (0.9, "uid userslug joindate username"),
    (0.85, "users uid userslug username lastonline"),
)


def recognise(sample: Sample) -> float:
    """By the keys at its beginning."""
    return surest(keys_in(sample.head), _SIGNS)


NODEBB = Source(
    name="nodebb",
    platform=PLATFORM,
    title="NodeBB forum (JSON)",
    files="*.json, *.jsonl: topics, posts, lists of topics, categories and users as a forum sent",
    fills=(Post, Account, Channel, Interaction, Link, Media, Deletion),
    time="UTC: set by the forum's server, to the millisecond.",
    terms="What a forum shows to everybody, under its own terms; the rest as its members may.",
    recognise=recognise,
    cut=cut,
    items=items,
    rows=rows,
    options=Options,
)
