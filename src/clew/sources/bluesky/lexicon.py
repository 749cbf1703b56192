"""What does a record in somebody's repository say: a post, like, repost, follow, block, profile?

A record is named by its address `at://account/collection/key` and is what its author's program
wrote, its time included: `createdAt` is a claim.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Any, NamedTuple, TypeVar

import msgspec

from clew.contract import Piece
from clew.errors import ItemError
from clew.formats.json_items import ItemDecoder
from clew.model.tables import (
    Account,
    Interaction,
    InteractionKind,
    Link,
    Media,
    Post,
    PostKind,
    Row,
)
from clew.model.times import Micros, TimeQuality, from_iso

PLATFORM = "bluesky"
POST = "app.bsky.feed.post"
REPOST = "app.bsky.feed.repost"

Count = Annotated[int, msgspec.Meta(ge=0, le=2**63 - 1)]

_DAY = 86_400_000_000
_ODD_TIME = "createdAt more than a day off the time at which the network saw it"

# ---------------------------------------------------------------------------------------- records


class Part(msgspec.Struct, gc=False):
    """Anything in a record; fields that are not named here are of no use."""


class Ref(Part):
    """The address of a record."""

    uri: str | None = None

    # a record within another is embedded once more
    record: Ref | None = None

    @property
    def address(self) -> str | None:
        """The address, however deep it stands."""
        return self.uri or (self.record.uri if self.record else None)


class Cid(Part):
    """A link to bytes."""

    link: str | None = msgspec.field(default=None, name="$link")


class Blob(Part, rename="camel"):
    """A file in its author's repository; old ones have their link in `cid`."""

    ref: Cid | None = None
    cid: str | None = None
    mime_type: str | None = None
    size: Count | None = None


class Ratio(Part):
    """Width and height, or only their ratio."""

    width: Count | None = None
    height: Count | None = None


class Image(Part, rename="camel"):
    """A picture of a post."""

    image: Blob | None = None
    alt: str | None = None
    aspect_ratio: Ratio | None = None


class External(Part):
    """A page with its preview."""

    uri: str | None = None
    title: str | None = None
    description: str | None = None


class Embed(Part, rename="camel"):
    """What a post carries: pictures, a video, a page, another record, or both."""

    images: list[Image] | None = None
    video: Blob | None = None
    alt: str | None = None
    aspect_ratio: Ratio | None = None
    external: External | None = None
    record: Ref | None = None
    media: Embed | None = None


class Span(Part, rename="camel"):
    """A part of the text, in bytes of its UTF-8."""

    byte_start: int = 0
    byte_end: int = 0


class Feature(Part):
    """What a part of the text is: a link, a mention or a tag."""

    kind: str | None = msgspec.field(default=None, name="$type")
    uri: str | None = None
    did: str | None = None
    tag: str | None = None


class Facet(Part):
    """A marked part of the text."""

    index: Span
    features: list[Feature]


class Entity(Part):
    """How facets were written until 2023."""

    type: str | None = None
    value: str | None = None


class ReplyTo(Part):
    """What a post answers, and the first post of the thread."""

    root: Ref | None = None
    parent: Ref | None = None


class Dated(Part, rename="camel"):
    """Any record."""

    created_at: str | None = None


class PostRecord(Dated, rename="camel"):
    """A post."""

    text: str | None = None
    langs: list[str] | None = None
    tags: list[str] | None = None
    reply: ReplyTo | None = None
    embed: Embed | None = None
    facets: list[Facet] | None = None
    entities: list[Entity] | None = None


class ToPost(Dated, rename="camel", kw_only=True):
    """A like or repost."""

    subject: Ref


class ToAccount(Dated, rename="camel", kw_only=True):
    """A follow or block."""

    subject: str


class Profile(Dated, rename="camel"):
    """What an account says of itself."""

    display_name: str | None = None
    description: str | None = None
    website: str | None = None


# ------------------------------------------------------------------------------- what they say


class Place(NamedTuple):
    """Where a record stands, and what others than its author say of it."""

    uri: str
    seen_at: Micros | None = None  # when the network saw it
    changed_at: Micros | None = None  # when it was written anew

    @property
    def did(self) -> str:
        """Whose it is."""
        return self.uri.split("/", 3)[2]

    @property
    def collection(self) -> str:
        """What kind it is."""
        return self.uri.split("/", 4)[3]


class Counts(Part, rename="camel"):
    """What the service counts of a post."""

    like_count: Count | None = None
    reply_count: Count | None = None
    repost_count: Count | None = None
    quote_count: Count | None = None


NO_COUNTS = Counts()

T = TypeVar("T")


def said(place: Place, record: bytes, piece: Piece, counts: Counts = NO_COUNTS) -> Iterator[Row]:
    """The rows of a record, given as JSON; none, noted, for a kind that is not read."""
    if place.uri.count("/") < 4 or not place.uri.startswith("at://did:"):
        raise ItemError("address unreadable", place.uri[:200])
    collection = place.collection
    if collection == POST:
        yield from _post(place, decoded(_POST, record, piece), piece, counts)
    elif collection in _ACTS:
        kind, decoder = _ACTS[collection]
        yield from _act(place, kind, decoded(decoder, record, piece), piece)
    elif collection == "app.bsky.actor.profile":
        profile = decoded(_PROFILE, record, piece)
        yield Account(
            account_id=f"{PLATFORM}:{place.did}",
            platform=PLATFORM,
            name=profile.display_name or None,
            description=profile.description or None,
            url=profile.website or None,
        )
    else:
        piece.note(f"{collection[:60]}: not read")


_POST = ItemDecoder(PostRecord)
_PROFILE = ItemDecoder(Profile)
_ACTS: dict[str, tuple[InteractionKind, ItemDecoder[Any]]] = {
    "app.bsky.feed.like": (InteractionKind.REACT, ItemDecoder(ToPost)),
    REPOST: (InteractionKind.REPOST, ItemDecoder(ToPost)),
    "app.bsky.graph.follow": (InteractionKind.FOLLOW, ItemDecoder(ToAccount)),
    "app.bsky.graph.block": (InteractionKind.BLOCK, ItemDecoder(ToAccount)),
}


def decoded(decoder: ItemDecoder[T], text: bytes, piece: Piece) -> T:
    """One record; raises ItemError if it is not what its collection asks for."""
    record = decoder.decode(text, piece)
    if isinstance(record, ItemError):
        raise record
    return record


def account_id(did: str | None) -> str | None:
    """An account's id in Clew's tables."""
    return f"{PLATFORM}:{did}" if did else None


def post_id(uri: str | None) -> str | None:
    """A post's id in Clew's tables; None for what is no post."""
    is_post = uri and uri.startswith("at://") and f"/{POST}/" in uri
    return f"{PLATFORM}:{uri}" if is_post else None


def owner(uri: str | None) -> str | None:
    """The account whose record this is."""
    parts = (uri or "").split("/", 3)
    return account_id(parts[2]) if len(parts) > 3 and parts[2].startswith("did:") else None


def _moment(record: Dated, place: Place, piece: Piece) -> tuple[Micros | None, TimeQuality]:
    """When it was made, as its author claims, or else when the network saw it."""
    if record.created_at:
        try:
            at = from_iso(record.created_at, naive_is_utc=True)
        except ItemError:
            piece.note("createdAt unreadable: time of the network taken instead")
        else:
            if place.seen_at is not None and abs(at - place.seen_at) > _DAY:
                piece.note(_ODD_TIME)
            return at, TimeQuality.CLAIMED
    return place.seen_at, TimeQuality.MISSING if place.seen_at is None else TimeQuality.UTC


def _act(
    place: Place, kind: InteractionKind, record: ToPost | ToAccount, piece: Piece
) -> Iterator[Row]:
    at, quality = _moment(record, place, piece)
    repost_id = f"{PLATFORM}:{place.uri}" if kind is InteractionKind.REPOST else None
    if isinstance(record, ToAccount):
        whom, what = account_id(record.subject), None
    else:
        whom, what = owner(record.subject.uri), post_id(record.subject.uri)
        if what is None:  # a feed or list can be liked, too
            piece.note("likes and reposts of what is no post: not read")
            return
    if repost_id:
        yield Post(
            post_id=repost_id,
            platform=PLATFORM,
            kind=PostKind.REPOST,
            account_id=account_id(place.did),
            repost_of_post_id=what,
            posted_at=at,
            time_quality=quality,
        )
    yield Interaction(
        kind=kind,
        platform=PLATFORM,
        account_id=account_id(place.did),
        target_account_id=whom,
        post_id=repost_id,
        target_post_id=what,
        happened_at=at,
        time_quality=quality,
        value="like" if kind is InteractionKind.REACT else None,
    )


def _post(place: Place, record: PostRecord, piece: Piece, counts: Counts) -> Iterator[Row]:
    at, quality = _moment(record, place, piece)
    reply = record.reply or _NO_REPLY
    root, parent = (ref.uri if ref else None for ref in (reply.root, reply.parent))
    embeds = _embeds(record.embed)
    quoted = next(filter(None, (post_id(it.record.address) for it in embeds if it.record)), None)
    marks = _marks(record)
    post = Post(
        post_id=f"{PLATFORM}:{place.uri}",
        platform=PLATFORM,
        kind=PostKind.POST,
        account_id=account_id(place.did),
        thread_id=post_id(root or place.uri),
        reply_to_post_id=post_id(parent),
        quote_of_post_id=quoted,
        posted_at=at,
        time_quality=quality,
        edited_at=place.changed_at,
        text=record.text or None,
        language_claimed=next(iter(record.langs or ()), None) or None,
        like_count=counts.like_count,
        reply_count=counts.reply_count,
        repost_count=counts.repost_count,
        quote_count=counts.quote_count,
        tags=msgspec.json.encode(marks.tags).decode() if marks.tags else None,
    )
    yield post
    acts: list[tuple[InteractionKind, str | None, str | None]] = [
        (InteractionKind.MENTION, account_id(did), None) for did in marks.mentions
    ]
    if quoted:
        acts.insert(0, (InteractionKind.QUOTE, owner(quoted.partition(":")[2]), quoted))
    if post.reply_to_post_id:
        acts.insert(0, (InteractionKind.REPLY, owner(parent), post.reply_to_post_id))
    for kind, whom, what in acts:
        yield Interaction(
            kind=kind,
            platform=PLATFORM,
            account_id=post.account_id,
            target_account_id=whom,
            post_id=post.post_id,
            target_post_id=what,
            happened_at=at,
            time_quality=quality,
        )
    yield from _links(marks, embeds, post)
    yield from _media(embeds, post)


_NO_REPLY = ReplyTo()


class _Marks(NamedTuple):
    """What a post's text contains, each once."""

    links: dict[str, str | None]  # address → the words that it is written on
    mentions: dict[str, None]
    tags: list[str]


def _marks(record: PostRecord) -> _Marks:
    marks = _Marks({}, {}, [])
    text = (record.text or "").encode() if record.facets else b""
    for facet in record.facets or ():
        start, stop = max(0, facet.index.byte_start), max(0, facet.index.byte_end)
        words = text[start:stop].decode("utf-8", "replace") or None
        for feature in facet.features:
            if feature.uri:
                marks.links.setdefault(feature.uri, words)
            elif feature.did:
                marks.mentions[feature.did] = None
            elif feature.tag:
                marks.tags.append(feature.tag)
    for entity in record.entities or ():
        if entity.type == "link" and entity.value:
            marks.links.setdefault(entity.value, None)
        elif entity.type == "mention" and (entity.value or "").startswith("did:"):
            marks.mentions[str(entity.value)] = None
    marks.tags.extend(tag for tag in record.tags or () if tag)
    return _Marks(marks.links, marks.mentions, [*dict.fromkeys(marks.tags)])


def _embeds(embed: Embed | None) -> list[Embed]:
    """What a post carries, and what is within it."""
    found = []
    while embed is not None:
        found.append(embed)
        embed = embed.media
    return found


def _links(marks: _Marks, embeds: list[Embed], post: Post) -> Iterator[Link]:
    pages = {page.uri: page for it in embeds if (page := it.external) and page.uri}
    for url in {**marks.links, **pages}:
        page = pages.get(url)
        yield Link(
            post_id=post.post_id,
            platform=PLATFORM,
            url=url,
            title=(page.title if page else marks.links[url]) or None,
            description=(page.description if page else None) or None,
            posted_at=post.posted_at,
        )


def _media(embeds: list[Embed], post: Post) -> Iterator[Media]:
    for embed in embeds:
        found = [
            ("photo", it.image or _NO_BLOB, it.alt, it.aspect_ratio or _NO_RATIO)
            for it in embed.images or ()
        ]
        if embed.video:
            found.append(("video", embed.video, embed.alt, embed.aspect_ratio or _NO_RATIO))
        for kind, blob, alt, ratio in found:
            yield Media(
                post_id=post.post_id,
                platform=PLATFORM,
                kind=kind,
                media_key=(blob.ref.link if blob.ref else blob.cid) or None,
                mime=blob.mime_type or None,
                size_bytes=blob.size,
                width_px=ratio.width,
                height_px=ratio.height,
                alt_text=alt or None,
                posted_at=post.posted_at,
            )


_NO_BLOB = Blob()
_NO_RATIO = Ratio()
