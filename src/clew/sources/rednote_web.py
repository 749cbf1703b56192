"""Which notes do the objects hold that Xiaohongshu's (RedNote's) web pages are made of?

The same note comes as an answer has it (`note_card`), as a page has it (`note`, other spelling), as
a tile of a page, or on one level, as crawlers write it. Many counts are rounded ("1.2万").
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Any

import msgspec

from clew.contract import Piece, Sample, Source
from clew.errors import ItemError
from clew.formats.json_items import ItemDecoder
from clew.formats.json_keys import snake_keys
from clew.formats.zeeschuimer import Collected, Sorted, recognised, signs, walk
from clew.model.tables import Account, Media, Post, PostKind, Row
from clew.model.times import Micros, TimeQuality, in_range

_PLATFORM = "rednote"

_Id = Annotated[str, msgspec.Meta(min_length=1, max_length=60)]
_Number = int | str
_Pixels = Annotated[int, msgspec.Meta(ge=0, le=2**31)]


class _Part(msgspec.Struct, gc=False):
    """Anything in a note; what is not named here is not read."""


class _User(_Part):
    """An account."""

    user_id: _Id | None = None
    nickname: str | None = None
    nick_name: str | None = None
    avatar: str | None = None


class _Counts(_Part):
    """How many; numbers as text, rounded when large."""

    liked_count: _Number | None = None
    comment_count: _Number | None = None
    share_count: _Number | None = None


class _Address(_Part):
    url: str | None = None


class _Image(_Part):
    """A picture."""

    url_default: str | None = None
    info_list: list[_Address] | None = None
    width: _Pixels | None = None
    height: _Pixels | None = None


class _Tag(_Part):
    name: str | None = None


class _Note(_Counts):
    """A note. What stands on one level here, crawlers write so."""

    note_id: _Id | None = None
    type: str | None = None
    title: str | None = None
    display_title: str | None = None
    desc: str | None = None
    time: int | None = None  # milliseconds
    last_update_time: int | None = None
    user: _User | None = None
    user_id: _Id | None = None
    nickname: str | None = None
    avatar: str | None = None
    interact_info: _Counts | None = None
    image_list: list[_Image] | str | None = None  # a text: addresses with commas between
    tag_list: list[_Tag] | str | None = None  # a text: names with commas between
    video_url: str | None = None
    ip_location: str | None = None


class _Tile(_Part):
    """What Zeeschuimer takes from a page that has no objects."""

    id: _Id
    title: str | None = None
    author_name: str | None = None
    thumbnail_url: str | None = None
    likes: _Number | None = None


class _Shape(Collected):
    """What tells the forms apart."""

    origin: str | None = msgspec.field(default=None, name="_zs-origin")
    id: _Id | None = None
    note_card: msgspec.Raw = msgspec.Raw()
    note: msgspec.Raw = msgspec.Raw()
    items: list[msgspec.Raw] | None = None


_SHAPE = ItemDecoder(_Shape)
_NOTE = ItemDecoder(_Note)
_TILE = ItemDecoder(_Tile)
_OBJECT = ItemDecoder(dict[str, Any])

# -------------------------------------------------------------------------------- taking it apart

_SIGNS = signs(
    "note_card interact_info liked_count user",
    "note_id interact_info liked_count user desc",
    "note_id liked_count collected_count nickname desc",
)


def recognise(sample: Sample) -> float:
    """By the platform that Zeeschuimer names, or the keys of notes."""
    if b'"xiaohongshu-comments"' in sample.head:
        return 0.0
    return recognised(sample, platforms=("xiaohongshu.com",), keys=_SIGNS)


def items(piece: Piece) -> Iterator[_Note | ItemError]:
    """Each note."""
    return walk(piece, _SHAPE, _sorted)


def _sorted(shape: _Shape, text: bytes, piece: Piece) -> Sorted[_Note]:
    """The note that a text is, else the texts inside it."""
    if shape.items is not None:
        return [], shape.items
    if bytes(shape.data).startswith(b"{"):  # an answer
        return [], [shape.data]
    if shape.origin == "html":
        return [_of_tile(text, piece)], []
    note: _Note | ItemError
    if bytes(shape.note_card).startswith(b"{"):
        note = _NOTE.decode(bytes(shape.note_card), piece)
    elif bytes(shape.note).startswith(b"{"):
        note = _of_page(bytes(shape.note), piece)
    else:
        note = _NOTE.decode(text, piece)
    if isinstance(note, _Note) and note.note_id is None:
        note.note_id = shape.id
    return [note], []


def _of_tile(text: bytes, piece: Piece) -> _Note | ItemError:
    tile = _TILE.decode(text, piece)
    if isinstance(tile, ItemError):
        return tile
    picture = _Image(url_default=tile.thumbnail_url)
    return _Note(
        note_id=tile.id,
        title=tile.title,
        nickname=tile.author_name,
        liked_count=tile.likes,
        image_list=[picture] if tile.thumbnail_url else None,
    )


def _of_page(text: bytes, piece: Piece) -> _Note | ItemError:
    members = _OBJECT.decode(text, piece)
    if isinstance(members, ItemError):
        return members
    try:
        return msgspec.convert(snake_keys(members, 4), _Note)
    except msgspec.ValidationError as error:
        return ItemError("unexpected structure", str(error))


# ----------------------------------------------------------------------------- what a record says


def rows(item: _Note, piece: Piece) -> Iterator[Row]:
    """The rows of a note."""
    if item.note_id is None:
        raise ItemError("unexpected structure", "an object that is no note")
    user = item.user or _User(user_id=item.user_id, nickname=item.nickname, avatar=item.avatar)
    post = _post(item, user, piece)
    yield post
    if post.account_id:
        yield Account(
            account_id=post.account_id,
            platform=_PLATFORM,
            name=user.nickname or user.nick_name or None,
            avatar_url=user.avatar or None,
        )
    yield from _media(item, post)


def _post(item: _Note, user: _User, piece: Piece) -> Post:
    account_id = f"{_PLATFORM}:user/{user.user_id}" if user.user_id else None
    posted_at, edited_at = _instant(item.time), _instant(item.last_update_time)
    counts = item.interact_info or item
    post_id = f"{_PLATFORM}:{item.note_id}"
    return Post(
        post_id=post_id,
        platform=_PLATFORM,
        kind=PostKind.POST,
        account_id=account_id,
        author_name=None if account_id else user.nickname or user.nick_name or None,
        thread_id=post_id,
        posted_at=posted_at,
        time_quality=TimeQuality.MISSING if posted_at is None else TimeQuality.UTC,
        edited_at=edited_at if edited_at != posted_at else None,
        title=item.title or item.display_title or None,
        text=item.desc or None,
        url=f"https://www.xiaohongshu.com/explore/{item.note_id}",
        like_count=_count(counts.liked_count, piece),
        reply_count=_count(counts.comment_count, piece),
        repost_count=_count(counts.share_count, piece),
        tags=_tags(item),
        place=item.ip_location or None,
    )


def _instant(milliseconds: int | None) -> Micros | None:
    return in_range(milliseconds * 1000) if milliseconds else None


def _count(value: _Number | None, piece: Piece) -> int | None:
    """A count, if it is exact: `1.2万`, `10万+` and `1千+` are not."""
    if isinstance(value, int):
        return value if 0 <= value < 2**63 else None
    if value and value.isascii() and value.isdigit() and len(value) < 19:
        return int(value)
    if value and value[0].isdigit():
        piece.note("rounded count: not recorded")
    return None


def _tags(item: _Note) -> str | None:
    if isinstance(item.tag_list, str):
        names = [name for name in item.tag_list.split(",") if name]
    else:
        names = [tag.name for tag in item.tag_list or () if tag.name]
    return msgspec.json.encode(names).decode() if names else None


def _media(item: _Note, post: Post) -> Iterator[Media]:
    """The pictures, and the video if its address is there."""
    if isinstance(item.image_list, str):
        images = [_Image(url_default=url) for url in item.image_list.split(",") if url]
    else:
        images = item.image_list or []
    for image in images:
        inside = next((info.url for info in image.info_list or () if info.url), None)
        yield Media(
            post_id=post.post_id,
            platform=_PLATFORM,
            kind="photo",
            url=image.url_default or inside,
            width_px=image.width,
            height_px=image.height,
            posted_at=post.posted_at,
        )
    if item.video_url:
        yield Media(
            post_id=post.post_id,
            platform=_PLATFORM,
            kind="video",
            url=item.video_url,
            posted_at=post.posted_at,
        )


REDNOTE_WEB = Source(
    name="rednote_web",
    platform=_PLATFORM,
    title="RedNote (Xiaohongshu) web pages",
    files="Zeeschuimer's *.ndjson of Xiaohongshu; answers with notes; notes as crawlers write them",
    fills=(Post, Account, Media),
    time="UTC: set by Xiaohongshu's servers, to the millisecond; search results have none.",
    terms="Xiaohongshu's terms forbid collecting by machine without consent; ask before use.",
    recognise=recognise,
    items=items,
    rows=rows,
)
