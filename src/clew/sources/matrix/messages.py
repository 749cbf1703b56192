"""What was said: messages with their versions, answers, files and reactions."""

from __future__ import annotations

import json
import math
import urllib.parse
from collections.abc import Iterator
from typing import Any

import msgspec

from clew.contract import Piece
from clew.errors import ItemError
from clew.formats.html_text import extract
from clew.model.tables import Deletion, InteractionKind, Link, Media, Post, PostKind, Row
from clew.model.times import TimeQuality
from clew.sources.matrix.events import (
    EDITS,
    MESSAGES,
    Bundled,
    Event,
    Item,
    Message,
    Number,
    Relation,
)
from clew.sources.matrix.said import (
    PLATFORM,
    Said,
    account,
    decoded,
    instant,
    is_account,
    named,
    needed,
)

MESSAGE_TYPES = frozenset(
    ("m.room.message", "m.sticker", "m.poll.start", "org.matrix.msc3381.poll.start")
)
"""Types of events that say something to people."""

_FILES = {"m.image": "photo", "m.video": "video", "m.audio": "audio", "m.file": "file"}
_NOTICES = frozenset(("m.server_notice", "m.key.verification.request"))
_NO_BUNDLE = Bundled()
_TO_PERSON = ("https://matrix.to/#/", "http://matrix.to/#/", "matrix:u/")


def relation_of(event: Event, kind: str, piece: Piece) -> str | None:
    """The event that this one has such a relation to; None also for content that is broken."""
    content = MESSAGES.decode(bytes(event.content), piece)
    relation = None if isinstance(content, ItemError) else content.relates_to
    return relation.event_id if relation and relation.rel_type == kind else None


# --------------------------------------------------------------------------------------- messages


def message(said: Said) -> Iterator[Row]:
    """A message, sticker or poll. Raises ItemError for an edit by somebody else."""
    event = said.event
    if event.redaction:
        yield from _gone(said)
        return
    content = said.decode(MESSAGES)
    if content.msgtype == "m.bad.encrypted":  # what Element writes for what it could not read
        raise ItemError("encrypted", f"by {event.sender[:80]}")
    relation = content.relates_to
    yield account(event.sender)
    if relation and relation.rel_type == "m.replace":
        yield _version(said, content)
        return
    bundled = (event.unsigned and event.unsigned.relations) or _NO_BUNDLE
    first = _post(said, content, bundled)
    post = _edited(said, bundled.replace, first) if bundled.replace else first
    if post.text != first.text:  # else the words are the new ones already
        yield first
    yield post
    yield from _acts(said, content, post)
    yield from _media(content, event, post)


def _gone(said: Said) -> Iterator[Row]:
    """That something was said is known, and when it was taken away; not what."""
    because = said.event.redaction
    post_id = needed(said.event.event_id, "event")
    yield account(said.event.sender)
    yield Post(post_id=post_id, **_around(said))
    yield Deletion(
        post_id=post_id,
        platform=PLATFORM,
        deleted_at=instant(because.origin_server_ts) if because else None,
        account_id=said.account_id,
    )


def _around(said: Said) -> dict[str, Any]:
    return {
        "platform": PLATFORM,
        "kind": PostKind.MESSAGE,
        "account_id": said.account_id,
        "channel_id": said.channel_id,
        "posted_at": said.at,
        "time_quality": said.quality,
    }


def _post(said: Said, content: Message, bundled: Bundled) -> Post:
    is_notice = content.msgtype in _NOTICES
    latitude, longitude = _place(content.geo_uri)
    threads = bundled.thread
    return Post(
        post_id=needed(said.event.event_id, "event"),
        **_around(said)
        | {"kind": PostKind.SERVICE if is_notice else PostKind.MESSAGE}
        | _answers(content.relates_to),
        action=content.msgtype if is_notice else None,
        text=_text(content, said.event),
        reply_count=threads.count if threads else None,
        reactions=_counts(bundled),
        latitude=latitude,
        longitude=longitude,
    )


def _answers(relation: Relation | None) -> dict[str, str | None]:
    """Thread and answered post. For clients without threads its last message looks answered."""
    if relation is None:
        return {}
    thread = relation.event_id if relation.rel_type == "m.thread" else None
    answered = relation.in_reply_to.event_id if relation.in_reply_to else None
    if thread and (relation.is_falling_back or not answered):
        answered = thread
    return {"thread_id": named(thread), "reply_to_post_id": named(answered)}


def _version(said: Said, content: Message) -> Post:
    """A message as its author changed it. Who is not its author cannot."""
    relation, original = content.relates_to, said.item.original
    target = needed(relation.event_id if relation else None, "edited event")
    if original is None:
        said.piece.note("edits whose first version is not near: without time of posting")
        first: dict[str, Any] = {"posted_at": None, "time_quality": TimeQuality.MISSING}
    elif original.sender != said.event.sender:
        raise ItemError("edit by somebody else", f"by {said.event.sender[:80]}")
    else:
        before = Said(Item(original, said.item.room_id), said.piece)
        of_original = None if original.redaction else before.decode(MESSAGES).relates_to
        first = {"posted_at": before.at, "time_quality": before.quality} | _answers(of_original)
    latitude, longitude = _place((content.new_content or content).geo_uri)
    return Post(
        post_id=target,
        **_around(said) | first,
        edited_at=said.at,
        text=_text(content.new_content or content, said.event),
        latitude=latitude,
        longitude=longitude,
    )


def _edited(said: Said, latest: msgspec.Raw, first: Post) -> Post:
    """The message with its last edit, which the server tells with it, if it is the author's own.

    Older servers and Element put the new words in place of the old, and tell only when.
    """
    edit = decoded(EDITS, latest, said.piece)
    if edit.sender != said.event.sender:
        return first
    content = decoded(MESSAGES, edit.content, said.piece) if edit.content else Message()
    text = _text(content.new_content, said.event) if content.new_content else first.text
    return msgspec.structs.replace(first, edited_at=instant(edit.origin_server_ts), text=text)


def _text(content: Message, event: Event) -> str | None:
    poll = content.poll or content.old_poll
    if poll is not None:
        asked = [poll.question, *poll.answers]
        return "\n".join(it.text for it in asked if it and it.text) or content.body or None
    if content.msgtype in _FILES or event.type == "m.sticker":
        # The body is the file's name, unless that is told apart: then it is a caption.
        is_caption = content.filename and content.filename != content.body
        return (content.body or None) if is_caption else None
    body = content.body or ""
    answers = content.relates_to and content.relates_to.in_reply_to
    return (_without_quote(body) if answers else body) or None


def _without_quote(body: str) -> str:
    """Without the words that are answered: until 2024 clients put them in front."""
    if not body.startswith(("> <@", "> * <@")):
        return body
    quote, blank, rest = body.partition("\n\n")
    return rest if blank and all(line.startswith(">") for line in quote.split("\n")) else body


def _place(geo_uri: str | None) -> tuple[float | None, float | None]:
    """Latitude and longitude of a `geo:` address (RFC 5870), in degrees."""
    if not geo_uri or not geo_uri.startswith("geo:") or len(geo_uri) > 200:
        return None, None
    try:
        latitude, longitude = map(float, geo_uri[4:].partition(";")[0].split(",")[:2])
    except ValueError:
        return None, None
    is_on_earth = abs(latitude) <= 90 and abs(longitude) <= 180
    return (latitude, longitude) if is_on_earth else (None, None)


def _counts(bundled: Bundled) -> str | None:
    chunk = bundled.annotation.chunk if bundled.annotation else ()
    counts = {it.key: it.count for it in chunk if it.key}
    return json.dumps(counts, ensure_ascii=False) if counts else None


# ------------------------------------------------------------------------- what a message carries


def _acts(said: Said, content: Message, post: Post) -> Iterator[Row]:
    if post.reply_to_post_id:
        yield said.act(
            InteractionKind.REPLY, post_id=post.post_id, target_post_id=post.reply_to_post_id
        )
    mentioned = dict.fromkeys(content.mentions.user_ids if content.mentions else ())
    for href, title in _anchors(content).items():
        if href.startswith(_TO_PERSON):
            person = _person(href)
            if person:
                mentioned[person] = None
        else:
            yield Link(
                post_id=post.post_id,
                platform=PLATFORM,
                url=href,
                title=title,
                posted_at=post.posted_at,
            )
    for whom in mentioned:
        if is_account(whom):
            yield account(whom)
            yield said.act(
                InteractionKind.MENTION, post_id=post.post_id, target_account_id=named(whom)
            )


def _anchors(content: Message) -> dict[str, str | None]:
    """Address → words of each link, but for those in the words that are answered."""
    html = content.formatted_body or ""
    if "<a" not in html:
        return {}
    _, end, rest = html.partition("</mx-reply>")
    return dict(extract(rest if end else html).links)


def _person(address: str) -> str | None:
    """Whom a `matrix.to` or `matrix:` address leads to; None: to a room or an event."""
    for prefix in _TO_PERSON:
        if address.startswith(prefix):
            native = urllib.parse.unquote(address.removeprefix(prefix)).partition("?")[0]
            native = f"@{native}" if prefix == "matrix:u/" else native
            return native if is_account(native) else None
    return None


def _media(content: Message, event: Event, post: Post) -> Iterator[Media]:
    kind = "sticker" if event.type == "m.sticker" else _FILES.get(content.msgtype or "")
    if kind is None:
        return
    if kind == "audio" and content.voice:
        kind = "voice"
    url = content.url or (content.file.url if content.file else None)
    info = content.info
    milliseconds = info.duration if info else None
    is_length = milliseconds is not None and math.isfinite(milliseconds) and milliseconds >= 0
    yield Media(
        post_id=post.post_id,
        platform=PLATFORM,
        kind=kind,
        media_key=(url or "").removeprefix("mxc://") or None,
        url=url or None,
        mime=(info.mimetype or None) if info else None,
        name=(content.filename or content.body or None) if kind != "sticker" else None,
        size_bytes=_whole(info.size) if info else None,
        width_px=_whole(info.w) if info else None,
        height_px=_whole(info.h) if info else None,
        duration_s=milliseconds / 1000 if is_length and milliseconds is not None else None,
        alt_text=(content.body or None) if kind == "sticker" else None,
        posted_at=post.posted_at,
    )


def _whole(number: Number) -> int | None:
    """A size as a whole number; null for what is none or what no column holds."""
    if number is None or not math.isfinite(number) or not 0 <= number < 2**63:
        return None
    return int(number)


# ------------------------------------------------------------------------ reactions and redactions


def reaction(said: Said) -> Iterator[Row]:
    """Somebody put an emoji under a message."""
    if said.event.redaction:
        said.piece.note("reactions that were taken back")
        return
    content = said.decode(MESSAGES)
    relation = content.relates_to or Relation()
    yield account(said.event.sender)
    yield said.act(
        InteractionKind.REACT,
        target_post_id=needed(relation.event_id, "event reacted to"),
        value=relation.key or None,
    )


def redaction(said: Said) -> Iterator[Row]:
    """Somebody, its author or a moderator, took an event away: its author is not told."""
    if said.event.redaction:
        return
    redacts = said.decode(MESSAGES).redacts or said.event.redacts
    yield account(said.event.sender)
    yield Deletion(post_id=needed(redacts, "redacted event"), platform=PLATFORM, deleted_at=said.at)
