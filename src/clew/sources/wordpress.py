"""Which posts, comments and users do answers of WordPress's REST API hold?

Every record says where it was asked for (`_links.self`), and so which site it belongs to: several
sites can live under one host. Numbers are unique within a site; posts, pages and attachments share
theirs. Who comments without an account is known by the name given only.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Annotated, NamedTuple

import msgspec
from msgspec import structs

from clew.contract import Capture, NoOptions, Piece, Sample, Source
from clew.errors import ItemError
from clew.formats.html_text import Extract, extract, html_to_text
from clew.formats.json_items import ItemDecoder
from clew.formats.json_keys import keys_in, signs, surest
from clew.formats.json_records import cut_records, records
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
from clew.model.times import Micros, TimeQuality, from_iso, local_text

_PLATFORM = "wordpress"

_Int = Annotated[int, msgspec.Meta(ge=-(2**63), le=2**63 - 1)]
_Number = Annotated[int, msgspec.Meta(ge=0, le=2**63 - 1)]

# ---------------------------------------------------------------------------------------- records


class _Part(msgspec.Struct, gc=False):
    """Anything in a record; fields that are not named here are of no use."""


class _Rendered(_Part):
    """A text as the site shows it."""

    rendered: str | None = None
    protected: bool | None = None


_Text = _Rendered | str | None


class _Address(_Part):
    href: str | None = None


class _Links(_Part):
    own: list[_Address] | None = msgspec.field(default=None, name="self")


class _Size(_Part):
    width: _Int | None = None
    height: _Int | None = None
    filesize: _Int | None = None


class _Term(_Part):
    name: str | None = None
    taxonomy: str | None = None


class _Record(_Part):
    """A post, page, attachment, comment, user or site: told apart by what it has."""

    id: _Number | None = None
    links: _Links | None = msgspec.field(default=None, name="_links")
    link: str | None = None
    guid: _Text = None
    type: str | None = None
    status: str | None = None
    date: str | None = None
    date_gmt: str | None = None
    modified_gmt: str | None = None
    title: _Text = None
    content: _Text = None
    author: _Number | None = None
    embedded: _Embedded | None = msgspec.field(default=None, name="_embedded")

    # of a comment; `post` of an attachment, too
    post: _Number | None = None
    parent: _Number | None = None
    author_name: str | None = None
    author_url: str | None = None

    # of an attachment
    source_url: str | None = None
    mime_type: str | None = None
    alt_text: str | None = None
    media_details: msgspec.Raw = msgspec.Raw(b"null")  # plugins write what they like into it

    # of a user
    name: str | None = None
    slug: str | None = None
    description: str | dict[str, msgspec.Raw] | None = None
    url: str | None = None
    # PHP writes an object without members as a list
    avatar_urls: dict[str, str | bool | None] | list[msgspec.Raw] | None = None

    # of a category or tag
    taxonomy: str | None = None

    # of a site
    home: str | None = None
    namespaces: list[str] | None = None


class _Embedded(_Part):
    """Records that were asked for along with a post; what may not be seen is an error in it."""

    author: list[_Record] | None = None
    featured: list[_Record] | None = msgspec.field(default=None, name="wp:featuredmedia")
    terms: list[list[_Term] | _Term] | None = msgspec.field(default=None, name="wp:term")


_RECORDS = ItemDecoder(_Record)

# ------------------------------------------------------------------------------- taking it apart


def cut(capture: Capture, options: NoOptions) -> Iterator[Piece]:
    """Pieces of whole records."""
    return cut_records(capture, options)


def items(piece: Piece) -> Iterator[_Record | ItemError]:
    """Each post, page, attachment, comment, user and site."""
    for record in records(piece):
        yield _RECORDS.decode(record.text, piece)


_REST = re.compile(r"https?://([^?#\s]{1,500}?)/(?:wp-json/|(?:index\.php)?\?rest_route=)")
_HOSTED = re.compile(r"https?://public-api\.wordpress\.com/[^?#\s]{0,40}?/sites/([^/?#\s]{1,253})/")
_GUID = re.compile(
    r"https?://([^?#\s]{1,500}?)/?(?:index\.php)?\?[a-z_&=0-9;#]{0,80}(?:p|page_id)=\d"
)
_HOME = re.compile(r"https?://([^?#\s]{1,500})")
_HOST = re.compile(r"https?://([^/?#\s]{1,253})")


def _site(record: _Record) -> str:
    """Host and folder of a record's site. Raises ItemError if the record does not tell."""
    asked = record.links.own if record.links and record.links.own else []
    told = asked[0].href or "" if asked else ""
    guid = _plain(record.guid) or ""
    signs = ((_HOSTED, told), (_REST, told), (_HOME, record.home or ""), (_GUID, guid))
    for sign, text in signs:
        if match := sign.match(text):
            return match[1].rstrip("/").lower()
    match = _HOST.match(record.link or told)
    if match is None:
        raise ItemError("record without an address that tells its site", repr(record.id)[:80])
    return match[1].lower()


# ----------------------------------------------------------------------------- what a record says


class _Said(NamedTuple):
    """What the rows of a post or comment have in common."""

    post_id: str
    prefix: str  # of the site's ids
    account_id: str | None
    posted_at: Micros | None
    quality: TimeQuality


def rows(record: _Record, piece: Piece) -> Iterator[Row]:
    """The rows of a record. Raises ItemError for one that does not tell its site or its number."""
    prefix = f"{_PLATFORM}:{_site(record)}"
    if record.namespaces is not None:
        yield _channel(record, prefix)
        return
    if record.taxonomy is not None:
        piece.note("categories and tags: not read")
        return
    if record.id is None:
        raise ItemError("record without number", repr(record.link)[:80])
    if record.date is None and record.date_gmt is None and record.content is None:
        if record.avatar_urls is None and record.name is None:
            raise ItemError("neither post, comment nor user", repr(record.type)[:80])
        yield _user(record, prefix)
        return
    is_comment = record.post is not None and record.source_url is None
    said = _Said(
        f"{prefix}/comments/{record.id}" if is_comment else f"{prefix}/{record.id}",
        prefix,
        f"{prefix}/users/{record.author}" if record.author else None,  # 0: nobody's account
        *_time(record),
    )
    if record.status == "trash":
        yield Deletion(post_id=said.post_id, platform=_PLATFORM, account_id=said.account_id)
    if is_comment:
        yield from _comment(record, said)
    elif record.source_url is not None:
        yield _attachment(record, said)
    else:
        yield from _article(record, said, piece)


def _channel(record: _Record, prefix: str) -> Channel:
    about = record.description if isinstance(record.description, str) else None
    return Channel(
        channel_id=prefix,
        platform=_PLATFORM,
        kind="site",
        name=html_to_text(record.name or "") or None,
        description=html_to_text(about or "") or None,
        url=record.home or record.url or None,
    )


def _user(record: _Record, prefix: str) -> Account:
    about = record.description if isinstance(record.description, str) else None
    return Account(
        account_id=f"{prefix}/users/{record.id}",
        platform=_PLATFORM,
        handle=record.slug or None,
        name=record.name or None,
        description=html_to_text(about or "") or None,
        url=record.url or None,
        avatar_url=_picture(record),
    )


def _article(record: _Record, said: _Said, piece: Piece) -> Iterator[Row]:
    embedded = record.embedded or _NOTHING
    for user in embedded.author or ():
        if user.id is not None and user.id == record.author:
            yield _user(user, said.prefix)
    if isinstance(record.content, _Rendered) and record.content.protected:
        piece.note("posts behind a password: their text is not in the file")
    body = extract(_html(record.content))
    yield _post(record, said, body, PostKind.ARTICLE)
    yield from _links(body, said)
    pictures = {
        image.src: Media(
            post_id=said.post_id,
            platform=_PLATFORM,
            kind="photo",
            url=image.src,
            alt_text=image.alt,
            posted_at=said.posted_at,
        )
        for image in body.images
    }
    for medium in embedded.featured or ():
        if medium.source_url:
            pictures[medium.source_url] = structs.replace(
                _attachment(medium, said), post_id=said.post_id
            )
    yield from pictures.values()


def _comment(record: _Record, said: _Said) -> Iterator[Row]:
    if said.account_id is not None:
        yield Account(
            account_id=said.account_id,
            platform=_PLATFORM,
            name=record.author_name or None,
            avatar_url=_picture(record),
        )
    body = extract(_html(record.content))
    post = _post(record, said, body, PostKind.COMMENT)
    yield post
    yield Interaction(
        kind=InteractionKind.REPLY,
        platform=_PLATFORM,
        account_id=said.account_id,
        post_id=said.post_id,
        target_post_id=post.reply_to_post_id,
        channel_id=said.prefix,
        happened_at=said.posted_at,
        time_quality=said.quality,
    )
    yield from _links(body, said)
    if record.type in ("pingback", "trackback") and record.author_url:
        yield Link(
            post_id=said.post_id,
            platform=_PLATFORM,
            url=record.author_url,
            title=record.author_name or None,
            posted_at=said.posted_at,
        )


def _post(record: _Record, said: _Said, body: Extract, kind: PostKind) -> Post:
    thread_id, reply_to = said.post_id, None
    if kind is PostKind.COMMENT:
        thread_id = f"{said.prefix}/{record.post}"
        reply_to = f"{said.prefix}/comments/{record.parent}" if record.parent else thread_id
    is_signed = kind is PostKind.COMMENT and said.account_id is None
    modified = None if record.modified_gmt is None else _gmt(record.modified_gmt)
    is_edited = modified and said.posted_at and modified > said.posted_at
    return Post(
        post_id=said.post_id,
        platform=_PLATFORM,
        kind=kind,
        account_id=said.account_id,
        author_name=(record.author_name or None) if is_signed else None,
        channel_id=said.prefix,
        thread_id=thread_id,
        reply_to_post_id=reply_to,
        posted_at=said.posted_at,
        time_quality=said.quality,
        local_time=local_text(record.date or "")
        if said.quality is TimeQuality.ZONE_UNKNOWN
        else None,
        edited_at=modified if is_edited else None,
        title=html_to_text(_html(record.title)) or None,
        text=body.text or None,
        url=record.link or None,
        tags=_tags(record),
    )


def _links(body: Extract, said: _Said) -> Iterator[Link]:
    for url, text in dict(body.links).items():
        if not url.startswith("#"):
            yield Link(
                post_id=said.post_id,
                platform=_PLATFORM,
                url=url,
                title=text,
                posted_at=said.posted_at,
            )


def _attachment(record: _Record, said: _Said) -> Media:
    """An attachment: of the post it was uploaded for or stands in, else by itself."""
    size = _size(record.media_details)
    kind = (record.mime_type or "").partition("/")[0]
    return Media(
        post_id=f"{said.prefix}/{record.post}" if record.post else said.post_id,
        platform=_PLATFORM,
        kind=_KINDS.get(kind, "file"),
        media_key=None if record.id is None else str(record.id),
        url=record.source_url or None,
        mime=record.mime_type or None,
        size_bytes=size.filesize,
        width_px=size.width,
        height_px=size.height,
        alt_text=record.alt_text or None,
        posted_at=said.posted_at,
    )


_KINDS = {"image": "photo", "video": "video", "audio": "audio"}
_NO_SIZE, _NOTHING = _Size(), _Embedded()
_SIZES = msgspec.json.Decoder(_Size)


def _size(details: msgspec.Raw) -> _Size:
    try:
        return _SIZES.decode(details)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return _NO_SIZE


def _time(record: _Record) -> tuple[Micros | None, TimeQuality]:
    """When it was posted: `date_gmt` is UTC, `date` the clock of the site in an unknown zone."""
    if record.date_gmt is not None:
        return _gmt(record.date_gmt), TimeQuality.UTC
    return None, TimeQuality.MISSING if record.date is None else TimeQuality.ZONE_UNKNOWN


def _gmt(text: str) -> Micros:
    return from_iso(text, naive_is_utc=True)


def _plain(text: _Text) -> str | None:
    return text.rendered if isinstance(text, _Rendered) else text


def _html(text: _Text) -> str:
    return _plain(text) or ""


def _tags(record: _Record) -> str | None:
    groups = (record.embedded or _NOTHING).terms or ()
    terms = [term for group in groups if isinstance(group, list) for term in group]
    names = [html_to_text(it.name) for it in terms if it.name and it.taxonomy == "post_tag"]
    return msgspec.json.encode(names).decode() if names else None


def _picture(record: _Record) -> str | None:
    """The largest picture of a user, which stands last."""
    urls = list(record.avatar_urls.values()) if isinstance(record.avatar_urls, dict) else []
    return next((url for url in reversed(urls) if isinstance(url, str) and url), None)


# ------------------------------------------------------------------------------------ recognising

_SIGNS = signs(
    (0.95, "date_gmt modified_gmt rendered comment_status"),
    (0.95, "date_gmt rendered post parent author_name"),
    (0.9, "date_gmt source_url media_type mime_type"),
    (0.85, "slug avatar_urls link _links description"),
    (0.85, "namespaces routes gmt_offset home"),
)


def recognise(sample: Sample) -> float:
    """By the keys at its beginning."""
    return surest(keys_in(sample.head), _SIGNS)


WORDPRESS = Source(
    name="wordpress",
    platform=_PLATFORM,
    title="WordPress (REST API)",
    files="*.json, *.jsonl: posts, pages, attachments, comments, users of /wp-json/wp/v2",
    fills=(Post, Account, Channel, Interaction, Link, Media, Deletion),
    time="UTC, by the site's server (date_gmt); authors may set the date of a post as they like.",
    terms="What a site shows to everybody; drafts and e-mail addresses only as its editor.",
    recognise=recognise,
    cut=cut,
    items=items,
    rows=rows,
)
