"""What do the tables of a Stack Exchange data dump hold: Posts.xml, Users.xml, Comments.xml?

The other tables are not read: votes, badges and the history name no text or author that these
three lack, and PostLinks names pairs of questions, not an address that anybody wrote.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Annotated, Any, NamedTuple

import msgspec

from clew.contract import Capture, Piece, Sample, Source
from clew.errors import ItemError, SourceUnusable
from clew.formats.html_text import extract, html_to_text
from clew.formats.xml_rows import cut_rows
from clew.formats.xml_rows import rows as xml_rows
from clew.model.tables import (
    Account,
    Channel,
    Interaction,
    InteractionKind,
    Link,
    Media,
    Post,
    PostKind,
    Row,
)
from clew.model.times import Micros, TimeQuality, from_iso

_PLATFORM = "stackexchange"
_TABLES = {
    "posts": b"PostTypeId=",
    "users": b"DisplayName=",
    "comments": b"PostId=",
}
"""Root element → an attribute of its rows that no other table of the dump has with that root."""

_BEGINS = re.compile(
    rb"(?:\xef\xbb\xbf)?\s*(?:<\?xml[^>]*>)?\s*<(posts|users|comments)>\s*(<row\s)?"
)
_TABLE_OF_FILE = re.compile(r"-(?:posts|users|comments)\Z", re.IGNORECASE)
_ARCHIVE = re.compile(r"\.(?:7z|zip|tar|tgz|gz|bz2|xz|zst|xml)\Z", re.IGNORECASE)
_DOMAIN = re.compile(r"\A(.+?)(?:\.stackexchange\.com|\.com|(?<=\.net))\Z", re.IGNORECASE)
_TAG = re.compile(r"[^<>|]+")
_MENTION = re.compile(r"(?<![\w@./-])@(\w[\w.-]*)")

_KINDS = {1: PostKind.QUESTION, 2: PostKind.ANSWER, 6: PostKind.POST} | dict.fromkeys(
    (3, 4, 5, 7, 8), PostKind.ARTICLE
)
"""Post types: 3 to 5 and 7, 8 are texts of wikis, 6 is a candidate's nomination."""


@dataclass(frozen=True)
class Options:
    """What the file does not say."""

    site: str | None = None  # as in `security` for security.stackexchange.com


# A count or id that the tables can hold.
_Int = Annotated[int, msgspec.Meta(ge=-(2**63), le=2**63 - 1)]


class _Record(msgspec.Struct, rename="pascal", gc=False):
    """Attributes of a row; others are of no use here."""

    id: _Int


class _PostRecord(_Record):
    post_type_id: _Int
    creation_date: str
    parent_id: _Int | None = None
    score: _Int | None = None
    view_count: _Int | None = None
    body: str = ""
    owner_user_id: _Int | None = None
    owner_display_name: str | None = None
    last_edit_date: str | None = None
    deletion_date: str | None = None
    title: str | None = None
    tags: str = ""
    comment_count: _Int | None = None


class _CommentRecord(_Record):
    post_id: _Int
    creation_date: str
    text: str = ""
    score: _Int | None = None
    user_id: _Int | None = None
    user_display_name: str | None = None


class _UserRecord(_Record):
    display_name: str | None = None
    creation_date: str | None = None
    website_url: str | None = None
    location: str | None = None
    about_me: str = ""
    profile_image_url: str | None = None


class _Dump(NamedTuple):
    """What a piece must know of its file."""

    table: str
    site: str

    @property
    def channel_id(self) -> str:
        return f"{_PLATFORM}:{self.site}"

    def post_id(self, number: int) -> str:
        return f"{_PLATFORM}:{self.site}/{number}"

    def account_id(self, number: int) -> str:
        return f"{_PLATFORM}:{self.site}/u{number}"


def recognise(sample: Sample) -> float:
    """By the root element and an attribute of its first row."""
    begins = _BEGINS.match(sample.head)
    if not begins:
        return 0.0
    if not begins[2]:
        return 0.5  # a table without rows, or not of this dump
    row = sample.head[begins.end() :].partition(b">")[0]
    return 1.0 if _TABLES[begins[1].decode()] in row else 0.0


def cut(capture: Capture, options: Options) -> Iterator[Piece]:
    """Pieces of whole rows, each told its table and site."""
    site, is_folder = _site(capture.name, options)
    for piece in cut_rows(capture, options):
        if piece.context not in _TABLES:
            raise SourceUnusable(f"<{piece.context}> is none of the tables that are read here")
        piece.context = _Dump(piece.context, site)
        if is_folder and piece.first_item == 0:
            piece.note("site taken from the file's folder name")
        yield piece


def _site(name: str, options: Options) -> tuple[str, bool]:
    """The site's name as its API has it (`security`), and whether it is just a folder's name."""
    if options.site:
        return options.site, False
    *folders, file = name.split("/")
    stem = _ARCHIVE.sub("", file)
    named = [stem] if _TABLE_OF_FILE.search(stem) else folders[-1:]
    if not named or not (place := _TABLE_OF_FILE.sub("", _ARCHIVE.sub("", named[0])).strip()):
        raise SourceUnusable(
            "the name of the file does not tell its site: give it with the option site, "
            "such as site=security for security.stackexchange.com"
        )
    domain = _DOMAIN.match(place)
    return (domain[1].lower(), False) if domain else (place, named[0] is not stem)


def rows(attributes: dict[str, str], piece: Piece) -> Iterator[Row]:
    """What one row of the dump says."""
    dump: _Dump = piece.context
    yield Channel(channel_id=dump.channel_id, platform=_PLATFORM, kind="site", handle=dump.site)
    kind, read = _READ[dump.table]
    try:
        record = msgspec.convert(attributes, kind, strict=False)
    except msgspec.ValidationError as error:
        raise ItemError("attribute missing or unreadable", str(error)) from error
    yield from read(record, dump, piece)


def _post(record: _PostRecord, dump: _Dump, piece: Piece) -> Iterator[Row]:
    post_id = dump.post_id(record.id)
    question = None if record.parent_id is None else dump.post_id(record.parent_id)
    if record.post_type_id not in _KINDS:
        piece.note(f"unknown PostTypeId {record.post_type_id}")
    kind = _KINDS.get(record.post_type_id, PostKind.POST)
    body = extract(record.body)
    post = Post(
        post_id=post_id,
        platform=_PLATFORM,
        kind=kind,
        account_id=_account_id(record.owner_user_id, dump),
        author_name=record.owner_display_name or None,
        channel_id=dump.channel_id,
        thread_id=post_id if kind is PostKind.QUESTION else question,
        reply_to_post_id=question,
        posted_at=_instant(record.creation_date),
        time_quality=TimeQuality.UTC,
        edited_at=_instant(record.last_edit_date),
        deleted_at=_instant(record.deletion_date),
        title=record.title or None,
        text=body.text or None,
        like_count=record.score,
        reply_count=record.comment_count,
        view_count=record.view_count,
        tags=_tags(record.tags),
    )
    yield post
    if question:
        yield _reply(post)
    for href, text in dict.fromkeys(body.links):
        yield Link(
            post_id=post_id, platform=_PLATFORM, url=href, title=text, posted_at=post.posted_at
        )
    for src, alt in dict.fromkeys(body.images):
        yield Media(
            post_id=post_id,
            platform=_PLATFORM,
            kind="photo",
            url=src,
            alt_text=alt,
            posted_at=post.posted_at,
        )


def _comment(record: _CommentRecord, dump: _Dump, _piece: Piece) -> Iterator[Row]:
    post = Post(
        post_id=f"{dump.channel_id}/c{record.id}",
        platform=_PLATFORM,
        kind=PostKind.COMMENT,
        account_id=_account_id(record.user_id, dump),
        author_name=record.user_display_name or None,
        channel_id=dump.channel_id,
        reply_to_post_id=dump.post_id(record.post_id),
        posted_at=_instant(record.creation_date),
        time_quality=TimeQuality.UTC,
        text=record.text or None,
        like_count=record.score,
    )
    yield post
    yield _reply(post)
    for name in dict.fromkeys(_MENTION.findall(record.text)):
        yield Interaction(
            kind=InteractionKind.MENTION,
            platform=_PLATFORM,
            account_id=post.account_id,
            target_name=name.rstrip(".-"),
            post_id=post.post_id,
            channel_id=dump.channel_id,
            happened_at=post.posted_at,
            time_quality=TimeQuality.UTC,
        )


def _user(record: _UserRecord, dump: _Dump, _piece: Piece) -> Iterator[Row]:
    yield Account(
        account_id=dump.account_id(record.id),
        platform=_PLATFORM,
        name=record.display_name or None,
        description=html_to_text(record.about_me) or None,
        location_claimed=record.location or None,
        url=record.website_url or None,
        avatar_url=record.profile_image_url or None,
        created_at=_instant(record.creation_date) if record.creation_date else None,
    )


_READ: dict[str, tuple[type[_Record], Callable[[Any, _Dump, Piece], Iterator[Row]]]] = {
    "posts": (_PostRecord, _post),
    "users": (_UserRecord, _user),
    "comments": (_CommentRecord, _comment),
}


def _reply(post: Post) -> Interaction:
    return Interaction(
        kind=InteractionKind.REPLY,
        platform=_PLATFORM,
        account_id=post.account_id,
        post_id=post.post_id,
        target_post_id=post.reply_to_post_id,
        channel_id=post.channel_id,
        happened_at=post.posted_at,
        time_quality=TimeQuality.UTC,
    )


def _account_id(number: int | None, dump: _Dump) -> str | None:
    return None if number is None else dump.account_id(number)


def _instant(text: str | None) -> Micros | None:
    return None if text is None else from_iso(text, naive_is_utc=True)


def _tags(text: str) -> str | None:
    """`<a><b>`, or `|a|b|` in newer dumps, as a JSON array."""
    tags = _TAG.findall(text)
    return msgspec.json.encode(tags).decode() if tags else None


STACKEXCHANGE_DUMP = Source(
    name="stackexchange_dump",
    platform=_PLATFORM,
    title="Stack Exchange data dump",
    files="Posts.xml, Users.xml and Comments.xml of a site, plain or in its .7z archive",
    fills=(Post, Account, Channel, Interaction, Link, Media),
    time="UTC to the millisecond, as the site's server recorded it.",
    terms="Published by Stack Exchange under CC BY-SA, with the licence named in each post.",
    recognise=recognise,
    cut=cut,
    items=xml_rows,
    rows=rows,
    options=Options,
)
