"""What do Nostr events say: notes, profiles, follows, reposts, reactions, deletions, articles?

An event is signed by its author and named by its own hash (NIP-01), which is checked: an event
that was altered is no event. The signature is not.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterator
from typing import Annotated, NamedTuple

import msgspec

from clew.contract import Capture, NoOptions, Piece, Sample, Source
from clew.errors import ItemError
from clew.formats.json_items import ItemDecoder
from clew.formats.json_records import cut_records, records
from clew.model.tables import (
    Account,
    Deletion,
    Interaction,
    InteractionKind,
    Link,
    Media,
    Post,
    PostKind,
    Row,
)
from clew.model.times import Micros, TimeQuality, from_seconds

_PLATFORM = "nostr"
_CLAIMED = TimeQuality.CLAIMED

_Hex = Annotated[str, msgspec.Meta(pattern="^[0-9a-f]{64}$")]
_Int = Annotated[int, msgspec.Meta(ge=0, le=2**53)]
_HEX = re.compile(r"[0-9a-f]{64}")
_SIZE = re.compile(r"(\d{1,9})x(\d{1,9})")


class _Event(msgspec.Struct, gc=False):
    """An event (NIP-01)."""

    id: _Hex
    pubkey: _Hex
    created_at: _Int
    kind: _Int
    tags: list[list[str]]
    content: str

    def values(self, name: str) -> Iterator[str]:
        """The first value of each tag of this name."""
        return (tag[1] for tag in self.tags if len(tag) > 1 and tag[0] == name and tag[1])

    def value(self, name: str) -> str | None:
        """The first value of the first tag of this name."""
        return next(self.values(name), None)

    def keys(self, name: str) -> Iterator[str]:
        """The values of tags of this name that are ids or public keys."""
        return (value for value in self.values(name) if _HEX.fullmatch(value))

    @property
    def hash(self) -> str:
        """What its id must be."""
        said = (0, self.pubkey, self.created_at, self.kind, self.tags, self.content)
        return hashlib.sha256(msgspec.json.encode(said)).hexdigest()


class _Profile(msgspec.Struct, gc=False):
    """What the content of an event of kind 0 says (NIP-01, NIP-24)."""

    name: str | None = None
    display_name: str | None = None
    about: str | None = None
    picture: str | None = None
    website: str | None = None
    nip05: str | None = None
    bot: bool | None = None


_RECORDS: ItemDecoder[_Event | list[msgspec.Raw] | str] = ItemDecoder(
    _Event | list[msgspec.Raw] | str  # type: ignore[arg-type]
)
_EVENTS = ItemDecoder(_Event)
_PROFILES = ItemDecoder(_Profile)

# ------------------------------------------------------------------------------- taking it apart


def cut(capture: Capture, options: NoOptions) -> Iterator[Piece]:
    """Pieces of whole events or frames."""
    return cut_records(capture, options)


def items(piece: Piece) -> Iterator[_Event | str | ItemError]:
    """Each event; of a relay's other messages, what they are."""
    for record in records(piece):
        found = _RECORDS.decode(record.text, piece)
        if isinstance(found, list):  # ["EVENT", subscription, {…}]
            last = bytes(found[-1]) if found else b""
            found = _EVENTS.decode(last, piece) if last.startswith(b"{") else "no event"
        yield found


# ----------------------------------------------------------------------------- what an event says


def rows(item: _Event | str, piece: Piece) -> Iterator[Row]:
    """The rows of an event. Raises ItemError for one that was altered."""
    if isinstance(item, str):
        piece.note("messages of a relay that are no events: not read")
        return
    if item.hash != item.id:
        raise ItemError("id is not the hash of the event", item.id)
    read = _KINDS.get(item.kind)
    if read is None:
        piece.note(f"events of kind {item.kind}: not read")
    else:
        yield from read(item, piece)


def _profile(event: _Event, piece: Piece) -> Iterator[Row]:
    said = _PROFILES.decode(event.content.encode(), piece)
    if isinstance(said, ItemError):
        raise said
    yield Account(
        account_id=_named(event.pubkey),
        platform=_PLATFORM,
        handle=said.nip05 or None,
        name=said.display_name or said.name or None,
        description=said.about or None,
        url=said.website or None,
        avatar_url=said.picture or None,
        is_bot=said.bot,
    )


def _follows(event: _Event, _piece: Piece) -> Iterator[Row]:
    for key in dict.fromkeys(event.keys("p")):
        yield _act(event, InteractionKind.FOLLOW, whom=key)


def _deletion(event: _Event, _piece: Piece) -> Iterator[Row]:
    for name in dict.fromkeys((*event.keys("e"), *event.values("a"))):
        yield Deletion(
            post_id=_named(name),
            platform=_PLATFORM,
            deleted_at=_at(event),
            account_id=_named(event.pubkey),
        )


def _reaction(event: _Event, _piece: Piece) -> Iterator[Row]:
    """A reaction is to the last event and account that it names (NIP-25)."""
    value = {"": "like", "+": "like", "-": "dislike"}.get(event.content, event.content)
    yield _act(
        event,
        InteractionKind.REACT,
        whom=_last(event.keys("p")),
        what=_last((*event.keys("e"), *event.values("a"))),
        value=value,
    )


def _repost(event: _Event, piece: Piece) -> Iterator[Row]:
    """A repost may hold the original; only the hash says that it is the original."""
    original = None
    if event.content.startswith("{"):
        found = _EVENTS.decode(event.content.encode(), piece)
        if isinstance(found, _Event) and found.hash == found.id and found.kind in _POSTS:
            original = found
            yield from _KINDS[found.kind](found, piece)
        else:
            piece.note("reposts with something else than an event inside: left out")
    what = next(event.keys("e"), original and original.id) or event.value("a")
    yield Post(
        post_id=_named(event.id),
        platform=_PLATFORM,
        kind=PostKind.REPOST,
        account_id=_named(event.pubkey),
        repost_of_post_id=what and _named(what),
        posted_at=_at(event),
        time_quality=_CLAIMED,
        text=(original.content if original else None) or None,
    )
    whom = original.pubkey if original else next(event.keys("p"), None)
    yield _act(event, InteractionKind.REPOST, whom=whom, what=what, post_id=_named(event.id))


def _note(event: _Event, _piece: Piece) -> Iterator[Row]:
    """A short note (NIP-01, NIP-10)."""
    yield from _post(event, PostKind.POST, event.id, _thread(event))


def _comment(event: _Event, _piece: Piece) -> Iterator[Row]:
    """A comment (NIP-22): on an event, an article, or something outside."""
    answered = next(event.keys("e"), None) or event.value("a")
    root = event.value("E") or event.value("A")
    to = _Reply(root, answered, next(event.keys("p"), None))
    yield from _post(event, PostKind.COMMENT, event.id, to)


def _article(event: _Event, _piece: Piece) -> Iterator[Row]:
    """An article (NIP-23). It is named by its address, which stays when it is written anew."""
    address = f"{event.kind}:{event.pubkey}:{event.value('d') or ''}"
    yield from _post(event, PostKind.ARTICLE, address, _NO_REPLY)


class _Reply(NamedTuple):
    """What an event answers: the first event of the thread, the event, its author."""

    root: str | None
    answered: str | None
    whom: str | None


_NO_REPLY = _Reply(None, None, None)


def _thread(event: _Event) -> _Reply:
    """By markers, or in older events by place: the first is the root, the last is answered."""
    named = [tag for tag in event.tags if tag[:1] == ["e"] and len(tag) > 1]
    named = [tag for tag in named if _HEX.fullmatch(tag[1])]
    marked = {tag[3]: tag for tag in named if len(tag) > 3 and tag[3]}
    if marked:
        root = marked.get("root") or marked.get("reply")
        answered = marked.get("reply") or root
    else:
        root, answered = (named[0], named[-1]) if named else (None, None)
    if root is None or answered is None:  # only mentioned, or nothing is
        return _NO_REPLY
    author = answered[4] if len(answered) > 4 else ""
    people = list(event.keys("p"))
    whom = author if _HEX.fullmatch(author) else people[0] if len(people) == 1 else None
    return _Reply(root[1], answered[1], whom)


def _post(event: _Event, kind: PostKind, name: str, to: _Reply) -> Iterator[Row]:
    root, answered, whom = to
    quoted = next(event.keys("q"), None)
    posted_at = _at(event)
    published = event.value("published_at") if kind is PostKind.ARTICLE else None
    tags = [*dict.fromkeys(event.values("t"))]
    post = Post(
        post_id=_named(name),
        platform=_PLATFORM,
        kind=kind,
        account_id=_named(event.pubkey),
        thread_id=_named(root or name),
        reply_to_post_id=answered and _named(answered),
        quote_of_post_id=quoted and _named(quoted),
        posted_at=from_seconds(published) if published else posted_at,
        time_quality=_CLAIMED,
        edited_at=posted_at if published else None,
        title=event.value("title") or event.value("subject"),
        text=event.content or None,
        language_claimed=_language(event),
        client=event.value("client"),
        tags=msgspec.json.encode(tags).decode() if tags else None,
    )
    yield post
    if answered:
        yield _act(event, InteractionKind.REPLY, whom=whom, what=answered, post_id=post.post_id)
    if quoted:
        yield _act(event, InteractionKind.QUOTE, what=quoted, post_id=post.post_id)
    for key in dict.fromkeys(event.keys("p")):
        yield _act(event, InteractionKind.MENTION, whom=key, post_id=post.post_id)
    for url in dict.fromkeys(event.values("r")):
        yield Link(post_id=post.post_id, platform=_PLATFORM, url=url, posted_at=post.posted_at)
    for tag in event.tags:
        if tag[:1] == ["imeta"]:
            yield from _medium(tag, post)


def _medium(tag: list[str], post: Post) -> Iterator[Media]:
    """A file in the text (NIP-92): each value is a name, a space and what it is."""
    said = {name: value for name, _, value in (part.partition(" ") for part in tag[1:])}
    size = _SIZE.fullmatch(said.get("dim", ""))
    mime = said.get("m") or ""
    if said.get("url"):
        yield Media(
            post_id=post.post_id,
            platform=_PLATFORM,
            kind=_MEDIA.get(mime.partition("/")[0], "file"),
            media_key=said.get("x") or None,
            url=said["url"],
            mime=mime or None,
            width_px=int(size[1]) if size else None,
            height_px=int(size[2]) if size else None,
            alt_text=said.get("alt") or None,
            posted_at=post.posted_at,
        )


_MEDIA = {"image": "photo", "video": "video", "audio": "audio"}


def _language(event: _Event) -> str | None:
    """The language that the author gave by a label (NIP-32)."""
    labels = (tag for tag in event.tags if tag[:1] == ["l"] and len(tag) > 2)
    return next((tag[1] for tag in labels if tag[2] == "ISO-639-1" and tag[1]), None)


def _act(
    event: _Event,
    kind: InteractionKind,
    *,
    whom: str | None = None,
    what: str | None = None,
    value: str | None = None,
    post_id: str | None = None,
) -> Interaction:
    return Interaction(
        kind=kind,
        platform=_PLATFORM,
        account_id=_named(event.pubkey),
        target_account_id=whom and _named(whom),
        post_id=post_id,
        target_post_id=what and _named(what),
        happened_at=_at(event),
        time_quality=_CLAIMED,
        value=value,
    )


def _named(name: str) -> str:
    return f"{_PLATFORM}:{name}"


def _at(event: _Event) -> Micros:
    return from_seconds(event.created_at)


def _last(values: Iterator[str] | tuple[str, ...]) -> str | None:
    found = None
    for found in values:  # noqa: B007 - the last is wanted
        pass
    return found


_KINDS: dict[int, Callable[[_Event, Piece], Iterator[Row]]] = {
    0: _profile,
    1: _note,
    3: _follows,
    5: _deletion,
    6: _repost,
    7: _reaction,
    16: _repost,
    20: _note,
    1111: _comment,
    30023: _article,
}
_POSTS = (1, 20, 1111, 30023)

# ------------------------------------------------------------------------------------ recognising

_SIGNS = tuple(
    re.compile(sign)
    for sign in (
        rb'"pubkey"\s{0,8}:\s{0,8}"[0-9a-f]{64}"',
        rb'"created_at"\s{0,8}:\s{0,8}\d',
        rb'"kind"\s{0,8}:\s{0,8}\d',
        rb'"tags"\s{0,8}:\s{0,8}\[',
    )
)


def recognise(sample: Sample) -> float:
    """By the members of an event."""
    head = sample.head.removeprefix(b"\xef\xbb\xbf").lstrip()
    if not head.startswith((b"{", b"[")):
        return 0.0
    return 0.97 if all(sign.search(head) for sign in _SIGNS) else 0.0


NOSTR = Source(
    name="nostr",
    platform=_PLATFORM,
    title="Nostr events",
    files="*.jsonl and *.json: events, or frames as a relay sent them",
    fills=(Post, Account, Interaction, Link, Media, Deletion),
    time="Claimed: the author's own program sets created_at, and relays take it as it is.",
    terms="Public by design: whoever runs a relay or asks one has such events.",
    recognise=recognise,
    cut=cut,
    items=items,
    rows=rows,
)
