"""What do dumps and API answers of Reddit hold?

Both have the same records. A dump (Pushshift, Arctic Shift) has one on each line; the API wraps
each as a *thing* `{"kind": "t3", "data": {…}}`, things in listings, and the answers to a comment in
a listing inside it. Kinds are t1 comment, t2 account, t3 submission, t5 subreddit.

An account is known by its name, in lower case: names are unique, they never change and are never
given again, while the number (`t2_…`) is missing in most dumps. So is a subreddit.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import partial
from typing import Any, TypeAlias

import msgspec

from clew.contract import Capture, Piece, Sample, Source
from clew.errors import ItemError
from clew.formats.json_items import ItemDecoder
from clew.formats.json_keys import keys_in
from clew.formats.json_texts import texts, unfold
from clew.formats.lines import blocks, cut_lines
from clew.model.tables import (
    Account,
    Channel,
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
from clew.sources.reddit.records import (
    Embed,
    Later,
    Listing,
    More,
    Original,
    Profile,
    Record,
    Seconds,
    Size,
    Subreddit,
    Thing,
    User,
)

_PLATFORM = "reddit"
_SITE = "https://www.reddit.com"

_Item: TypeAlias = Record | User | Subreddit | More | str

_THING = ItemDecoder(Thing)
_LISTING = ItemDecoder(Listing)
_RECORD = ItemDecoder(Record)
_RAWS = ItemDecoder(list[msgspec.Raw])
_OF_KIND: dict[str, ItemDecoder[Any]] = {
    "t1": _RECORD,
    "t2": ItemDecoder(User),
    "t3": _RECORD,
    "t5": ItemDecoder(Subreddit),
    "more": ItemDecoder(More),
}

# -------------------------------------------------------------------------------- taking it apart

_API = re.compile(
    rb'\s*\[?\s*\{\s*(?:"kind"\s*:\s*"(?:Listing|t[1235])"\s*,\s*"data"\s*:\s*\{'
    rb'|"json"\s*:\s*\{\s*"(?:errors|data)"\s*:)'
)
_WRAPPED = re.compile(rb'\s*\{\s*"(?:kind|data|json|sorted_links)"\s*:')
_COMMENT_KEYS = frozenset(b"author body created_utc link_id parent_id subreddit".split())
_SUBMISSION_KEYS = frozenset(b"author created_utc num_comments subreddit title".split())


def recognise(sample: Sample) -> float:
    """By the wrapping of the API, or by the keys of a dump's records."""
    head = sample.head.removeprefix(b"\xef\xbb\xbf")
    if not head.lstrip().startswith((b"{", b"[")):
        return 0.0
    keys = keys_in(head)
    if _API.match(head):
        known = keys & {b"subreddit", b"children", b"link_karma", b"display_name", b"things"}
        return 0.95 if known else 0.0
    return 0.95 if keys >= _COMMENT_KEYS or keys >= _SUBMISSION_KEYS else 0.0


def cut(capture: Capture, options: Any) -> Iterator[Piece]:
    """Pieces of whole lines of a dump; what the API sent is one piece, for it holds trees."""
    with capture.open() as stream:
        _, head = next(blocks(stream, 1 << 16), (0, b""))
    if head.lstrip().startswith(b"{") and not _WRAPPED.match(head):
        return cut_lines(capture, options)
    return iter((Piece(capture=capture, options=options),))


def items(piece: Piece) -> Iterator[_Item | ItemError]:
    """Each record; a name of a kind that is not read."""
    if piece.data is not None:
        yield from map(_flat, _RECORD.lines(piece))
        return
    for text in texts(piece):
        yield from unfold(text, partial(_look, piece=piece))


def _flat(record: Record | ItemError) -> _Item | ItemError:
    if isinstance(record, Record) and record.display_name is not None:
        return "a subreddit in a dump"
    return record


def _look(
    text: bytes, piece: Piece
) -> tuple[list[_Item | ItemError], Sequence[bytes | msgspec.Raw]]:
    """The record that a thing is, and the things inside it."""
    thing = _THING.decode(text, piece)
    if isinstance(thing, ItemError):
        return [thing], []
    if thing.kind not in (None, "Listing"):
        record = _record(thing.kind or "", bytes(thing.data), piece)
        if isinstance(record, Record) and bytes(record.replies).startswith(b"{"):
            return [record], [record.replies]
        return [record], []
    inside = _inside(thing, piece)
    if inside is None:
        return [_flat(_RECORD.decode(text, piece))], []
    return ([inside], []) if isinstance(inside, ItemError) else ([], inside)


def _inside(thing: Thing, piece: Piece) -> list[msgspec.Raw] | ItemError | None:
    """The things inside one that is no record; None: it is a record without wrapping."""
    if thing.json is not None:
        return (thing.json.data and thing.json.data.things) or []
    if thing.kind == "Listing":
        listing = _LISTING.decode(bytes(thing.data), piece)
        return listing if isinstance(listing, ItemError) else listing.children or []
    if bytes(thing.sorted_links):
        return [thing.sorted_links]
    if bytes(thing.data).startswith(b"["):  # a search at an archive of dumps
        return _RAWS.decode(bytes(thing.data), piece)
    return None


def _record(kind: str, data: bytes, piece: Piece) -> _Item | ItemError:
    if kind not in _OF_KIND:
        return f"kind {kind[:40]}"
    record: _Item | ItemError = _OF_KIND[kind].decode(data, piece)
    return record


# ----------------------------------------------------------------------------- what a record says


def rows(item: _Item, piece: Piece) -> Iterator[Row]:
    """The rows of a comment, a submission, an account or a subreddit."""
    match item:
        case Record():
            yield from _post_rows(item)
        case User():
            yield _account(item)
        case Subreddit():
            yield _channel(item)
        case More(count=0):
            piece.note("threads that go on on a page of their own, not in this file")
        case More():
            piece.note("comments that are not in this file (more)", item.count)
        case _:
            piece.note(f"{item}: not read")


_ERASED = re.compile(
    r"\[(?:deleted|removed|deleted by user| removed by reddit[^\]]{0,200})\]", re.IGNORECASE
)
"""What Reddit puts in the place of a text or title that is gone."""

_PARENT = re.compile(r"t[13]_[0-9a-z]{1,20}", re.ASCII)
_MENTION = re.compile(r"(?<![\w/.@-])/?u/([A-Za-z0-9_-]{3,20})(?![\w-])", re.ASCII)


def _post_rows(record: Record) -> Iterator[Row]:
    post, is_gone = _post(record)
    yield post
    if is_gone:
        yield Deletion(post_id=post.post_id, platform=_PLATFORM, account_id=post.account_id)
    if post.account_id:
        created = record.author_created_utc
        yield Account(
            account_id=post.account_id,
            platform=_PLATFORM,
            handle=record.author,
            created_at=None if created is None else from_seconds(created),
        )
    if post.channel_id:
        yield Channel(
            channel_id=post.channel_id,
            platform=_PLATFORM,
            kind=record.subreddit_type or None,
            handle=record.subreddit,
        )
    yield from _interactions(record, post)
    if not record.is_comment:
        yield from _links(record, post)
    yield from _media(record, post)
    for original in record.crosspost_parent_list or ():
        yield from _post_rows(original)


def _post(record: Record) -> tuple[Post, bool]:
    """The post, and whether it is gone."""
    fullname = record.fullname
    if fullname is None or not (record.is_comment or record.title):
        raise ItemError("unexpected structure", "neither a comment nor a submission")
    written = record.body if record.is_comment else record.selftext
    is_erased = bool(_ERASED.fullmatch(written or ""))
    is_hidden = bool(record.score_hidden or record.hide_score)
    posted_at = None if record.created_utc is None else from_seconds(record.created_utc)
    later = record.meta or Later()
    is_gone = is_erased or bool(record.removed_by_category) or bool(later.was_deleted_later)
    post = Post(
        post_id=f"{_PLATFORM}:{fullname}",
        platform=_PLATFORM,
        kind=PostKind.COMMENT if record.is_comment else PostKind.POST,
        account_id=_account_id(record.author),
        channel_id=f"{_PLATFORM}:r/{record.subreddit.lower()}" if record.subreddit else None,
        thread_id=_parent(record.link_id) if record.is_comment else f"{_PLATFORM}:{fullname}",
        reply_to_post_id=_parent(record.parent_id) if record.is_comment else None,
        repost_of_post_id=_parent(record.crosspost_parent),
        posted_at=posted_at,
        time_quality=TimeQuality.MISSING if posted_at is None else TimeQuality.UTC,
        edited_at=_edited(record.edited),
        deleted_at=_seen_gone(record, later) if is_gone else None,
        title=_said(record.title),
        text=_said(written),
        url=f"{_SITE}{record.permalink}" if (record.permalink or "").startswith("/") else None,
        like_count=None if is_hidden else record.score,
        reply_count=_replies(record),
        repost_count=record.num_crossposts,
        view_count=record.view_count,
        tags=msgspec.json.encode([record.link_flair_text]).decode()
        if record.link_flair_text
        else None,
    )
    return post, is_gone


def _seen_gone(record: Record, later: Later) -> Micros | None:
    """When a collector saw that it was gone."""
    if later.was_deleted_later:
        seen = later.retrieved_2nd_on
    else:
        seen = record.retrieved_on or record.retrieved_utc
    return None if seen is None else from_seconds(seen)


def _edited(edited: bool | Seconds | None) -> Micros | None:
    """When it was edited: `false` is never, `true` (until 2012) at a time that is not recorded."""
    if edited is None or isinstance(edited, bool) or not edited:
        return None
    return from_seconds(edited)


def _account_id(name: str | None) -> str | None:
    gone = not name or name.startswith("[")  # [deleted]
    return None if gone else f"{_PLATFORM}:u/{(name or '').lower()}"


def _parent(fullname: str | int | None) -> str | None:
    known = isinstance(fullname, str) and _PARENT.fullmatch(fullname)
    return f"{_PLATFORM}:{fullname}" if known else None


_BARE = re.compile(r"[<>]|&(?!lt;|gt;|amp;)")


def plain(text: str | None) -> str | None:
    """A text as its author wrote it, Markdown and all.

    The API escapes three characters as in HTML unless it is told not to, and a file does not say
    whether it was. A text with one of the three standing bare has not been escaped.
    """
    if text and "&" in text and not _BARE.search(text):
        text = text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")
    return text or None


def _replies(record: Record) -> int | None:
    """How many comments a submission has. In a list of comments it stands at each of them, too."""
    known = None if record.is_comment else record.num_comments
    return None if known is None or known < 0 else known


def _said(text: str | None) -> str | None:
    return None if text is None or _ERASED.fullmatch(text) else plain(text)


def _interactions(record: Record, post: Post) -> Iterator[Interaction]:
    if post.reply_to_post_id:
        yield post.act(InteractionKind.REPLY, target_post_id=post.reply_to_post_id)
    if post.repost_of_post_id:
        original = next(iter(record.crosspost_parent_list or ()), Record())
        yield post.act(
            InteractionKind.REPOST,
            target_post_id=post.repost_of_post_id,
            target_account_id=_account_id(original.author),
        )
    if post.text and "u/" in post.text:
        for name in dict.fromkeys(map(str.lower, _MENTION.findall(post.text))):
            yield post.act(InteractionKind.MENTION, target_account_id=f"{_PLATFORM}:u/{name}")


def _links(record: Record, post: Post) -> Iterator[Link]:
    """Where a submission leads, unless that is itself, a medium of its own or its original."""
    url = plain(record.url)
    is_own = record.is_self or record.is_reddit_media_domain or record.is_video
    if not url or is_own or record.crosspost_parent or record.gallery_data:
        return
    embed = (record.media and record.media.oembed) or Embed()
    yield Link(
        post_id=post.post_id,
        platform=_PLATFORM,
        url=_SITE + url if url.startswith("/") else url,
        title=embed.title or None,
        description=embed.description or None,
        posted_at=post.posted_at,
    )


_MEDIA_KINDS = {"Image": "photo", "AnimatedImage": "animation", "RedditVideo": "video"}


def _media(record: Record, post: Post) -> Iterator[Media]:
    captions = {
        item.media_id: item.caption
        for item in (record.gallery_data and record.gallery_data.items) or ()
    }
    for key, medium in (record.media_metadata or {}).items():
        size = medium.s or Size()
        yield _medium(
            post,
            _MEDIA_KINDS.get(medium.e or "", "unknown"),
            media_key=key or None,
            url=plain(size.mp4 or size.gif or size.u),
            mime=medium.m or None,
            width_px=size.x,
            height_px=size.y,
            alt_text=captions.get(key) or None,
        )
    if record.is_comment or record.crosspost_parent:
        return
    if video := record.media and record.media.reddit_video:
        yield _medium(
            post,
            "video",
            url=plain(video.fallback_url),
            width_px=video.width,
            height_px=video.height,
            duration_s=video.duration,
        )
    elif record.is_reddit_media_domain and record.url and not record.gallery_data:
        images = (record.preview and record.preview.images) or ()
        source = next((image.source for image in images if image.source), Original())
        is_image = record.post_hint == "image" or "//i.redd.it/" in record.url
        yield _medium(
            post,
            "photo" if is_image else "video",
            url=plain(record.url),
            width_px=source.width,
            height_px=source.height,
        )
    if record.poll_data:
        choices = [choice.text for choice in record.poll_data.options or () if choice.text]
        yield _medium(post, "poll", alt_text="\n".join(choices) or None)


def _medium(post: Post, kind: str, **known: Any) -> Media:
    return Media(
        post_id=post.post_id, platform=_PLATFORM, kind=kind, posted_at=post.posted_at, **known
    )


def _account(user: User) -> Account:
    page = user.subreddit or Profile()
    return Account(
        account_id=f"{_PLATFORM}:u/{user.name.lower()}",
        platform=_PLATFORM,
        handle=user.name,
        name=plain(page.title),
        description=plain(page.public_description),
        avatar_url=plain(user.icon_img),
        created_at=None if user.created_utc is None else from_seconds(user.created_utc),
        is_deleted=True if user.is_suspended else None,
    )


def _channel(subreddit: Subreddit) -> Channel:
    created = subreddit.created_utc
    return Channel(
        channel_id=f"{_PLATFORM}:r/{subreddit.display_name.lower()}",
        platform=_PLATFORM,
        kind=subreddit.subreddit_type or None,
        handle=subreddit.display_name,
        name=plain(subreddit.title),
        description=plain(subreddit.public_description),
        url=f"{_SITE}/r/{subreddit.display_name}/",
        created_at=None if created is None else from_seconds(created),
        members_count=subreddit.subscribers,
    )


REDDIT = Source(
    name="reddit",
    platform=_PLATFORM,
    title="Reddit (dumps and API)",
    files="RC_*/RS_* of Pushshift and Arctic Shift (.zst or NDJSON); JSON as the API sent it",
    fills=(Post, Account, Channel, Interaction, Link, Media, Deletion),
    time="UTC: set by Reddit's servers, to the second.",
    terms="Reddit's user agreement and data API terms; what is deleted there should go here, too.",
    recognise=recognise,
    cut=cut,
    items=items,
    rows=rows,
)
