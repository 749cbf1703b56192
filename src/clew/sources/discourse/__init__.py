"""Which posts, accounts and categories do the JSON answers of a Discourse forum hold?

A post is named by its place, topic and number, because that is how replies and quotes name it. An
account is named by its user name, in small letters, because mentions and quotes know no other. What
an answer does not say is which forum sent it: that is read from the addresses of profile pictures,
from the name of the file, or told by the analyst.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

import msgspec

from clew.contract import Capture, Piece, Sample, Source
from clew.errors import ItemError
from clew.formats.json_items import ItemDecoder
from clew.formats.json_keys import keys_in, signs, surest
from clew.formats.lines import blocks
from clew.formats.site_answers import answers, cut_answers, host_of
from clew.model.tables import Account, Channel, Deletion, Interaction, Link, Media, Post
from clew.sources.discourse.records import (
    NO_TOPIC,
    PLATFORM,
    Answer,
    Around,
    Category,
    Item,
    PostRecord,
    TopicRecord,
    User,
)
from clew.sources.discourse.said import rows


@dataclass(frozen=True)
class Options:
    """What the answers do not say of themselves."""

    site: str = ""  # the forum's host, such as forum.example.org


_ANSWER = ItemDecoder(Answer)
_POSTS, _TOPICS, _USERS = ItemDecoder(PostRecord), ItemDecoder(TopicRecord), ItemDecoder(User)
_CATEGORIES = ItemDecoder(Category)


# ------------------------------------------------------------------------------- taking it apart

# In JSON no text can imitate this: a quotation mark inside one is escaped.
_PICTURE = re.compile(
    rb'"avatar_template"\s{0,8}:\s{0,8}"[^"\\]{0,200}/user_avatar/([A-Za-z0-9.-]{1,253})/'
)
_BLOCK, _OVERLAP = 1 << 20, 1 << 10


def cut(capture: Capture, options: Options) -> Iterator[Piece]:
    """Pieces of whole answers, each told the forum's host.

    Raises SourceUnusable if nothing tells the host.
    """
    host = options.site.lower() or _host_in(capture) or host_of(capture.name)
    return cut_answers(
        capture, options, host, lambda text, piece: len(list(_looked_at(text, "", piece)))
    )


def _host_in(capture: Capture) -> str | None:
    """The host that the addresses of uploaded profile pictures name."""
    held = b""
    with capture.open() as stream:
        for _, block in blocks(stream, _BLOCK):
            held = held[-_OVERLAP:] + block
            if match := _PICTURE.search(held):
                return match[1].decode().lower()
    return None


def items(piece: Piece) -> Iterator[Item | ItemError]:
    """Each user, category, topic and post of the answers."""
    for text in answers(piece):
        yield from _looked_at(text, piece.context.host, piece)


def _looked_at(text: bytes, host: str, piece: Piece) -> Iterator[Item | ItemError]:
    """The records of one answer."""
    answer = _ANSWER.decode(text, piece)
    if isinstance(answer, ItemError):
        yield answer
        return
    users = [*(answer.users or ()), *_there(answer.user), *_there(answer.admin_user)]
    posts = [*(answer.latest_posts or ()), *(answer.posts or ())]
    topics = list(answer.topics or ())
    categories = answer.category_list.categories if answer.category_list else []
    topics += answer.topic_list.topics if answer.topic_list else []
    topic = NO_TOPIC
    if answer.post_stream is not None:
        posts += answer.post_stream.posts
        header = _TOPICS.decode(text, piece)
        if isinstance(header, ItemError):
            yield header
        else:
            topic = header
    elif _there(answer.cooked):
        posts.append(msgspec.Raw(text))
    elif _there(answer.trust_level):
        users.append(msgspec.Raw(text))
    around = Around(host, topic, {})
    for user in (_USERS.decode(bytes(raw), piece) for raw in users):
        if isinstance(user, User) and user.id is not None and user.username:
            around.users[user.id] = user.username
        yield user if isinstance(user, ItemError) else Item(user, around)
    for raws, decoder in ((categories, _CATEGORIES), (topics, _TOPICS), (posts, _POSTS)):
        for raw in raws:
            record = decoder.decode(bytes(raw), piece)
            yield record if isinstance(record, ItemError) else Item(record, around)
    if not (users or posts or answer.is_list):
        yield ItemError("answer without posts, topics, users or categories", repr(text[:80]))


def _there(raw: msgspec.Raw) -> list[msgspec.Raw]:
    """The text itself, unless it says nothing."""
    return [] if bytes(raw) == b"null" else [raw]


# ------------------------------------------------------------------------------------ recognising

_SIGNS = signs(
    (0.95, "post_stream cooked post_number"),
    (0.95, "latest_posts cooked post_number"),
    (0.9, "cooked post_number topic_id avatar_template"),
    (0.9, "topic_list topics posts_count archetype"),
    (0.9, "topic_list topics fancy_title"),
    (0.9, "category_list categories topic_url slug"),
    (0.85, "posts topics blurb topic_id post_number avatar_template"),
    (0.85, "username avatar_template trust_level created_at"),
)


def recognise(sample: Sample) -> float:
    """By the keys at its beginning."""
    return surest(keys_in(sample.head), _SIGNS)


DISCOURSE = Source(
    name="discourse",
    platform=PLATFORM,
    title="Discourse forum (JSON)",
    files="*.json, *.jsonl: topics, posts, lists of topics, categories and users as a forum sent",
    fills=(Post, Account, Channel, Interaction, Link, Media, Deletion),
    time="UTC: set by the forum's server.",
    terms="What a forum shows to everybody, under its own terms; the rest as its members may.",
    recognise=recognise,
    cut=cut,
    items=items,
    rows=rows,
    options=Options,
)
