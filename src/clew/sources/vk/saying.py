"""What do posts, comments, accounts and communities of VK say, as rows?

Posts and comments of a wall share their numbers: `vk:wall-1_12` may be either.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from clew.contract import Piece
from clew.errors import ItemError
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
from clew.model.times import TimeQuality, from_seconds
from clew.sources.vk.records import (
    Attachment,
    Client,
    Counted,
    Counters,
    Geo,
    Named,
    Place,
    Point,
    Record,
    Size,
    Thing,
)

PLATFORM = "vk"


def vk_id(native: int | None) -> str | None:
    """The id of an account or (negative) a community. Zero is nobody."""
    return f"{PLATFORM}:{native}" if native else None


def wall_id(owner: int | None, native: int | None) -> str | None:
    """The id of a post or comment."""
    return f"{PLATFORM}:wall{owner}_{native}" if owner and native else None


# ------------------------------------------------------------------------------------------- posts

_MARK = re.compile(
    r"\[(?:(id|club|public|event)(\d{1,15})|(https?://[^\]|\s]{1,500}))\|([^\]]{1,300})\]", re.ASCII
)
"""`[id1|Name]` and `[https://…|words]`: of such a mark VK shows what stands behind the bar."""


def wall_rows(record: Record, owner: int | None, post: int | None, piece: Piece) -> Iterator[Row]:
    """A post or comment, and the posts that it repeats.

    Args:
        record: the post or comment.
        owner: whose wall it stands on, and
        post: which post it belongs to, for records that do not say so themselves.
        piece: takes the notes.
    """
    waiting = [record, *(record.copy_history or ())]
    for number, each in enumerate(waiting):
        is_first = number == 0
        original = waiting[number + 1] if number + 1 < len(waiting) else None
        yield from _rows(
            each, owner if is_first else None, post if is_first else None, original, piece
        )


def _rows(
    record: Record, owner: int | None, post: int | None, original: Record | None, piece: Piece
) -> Iterator[Row]:
    owner = record.wall or owner
    own_id = wall_id(owner, record.id)
    if own_id is None:
        raise ItemError(
            "wall not recorded", "name it with the options owner and post: owner=-1 post=12"
        )
    row = _post(record, own_id, owner, record.post_id or post, original)
    yield row
    if record.is_deleted or record.deleted:
        yield Deletion(post_id=own_id, platform=PLATFORM, account_id=row.account_id)
    yield from _interactions(record, row, original)
    attached = [found for each in record.attachments or () for found in _attached(each, row, piece)]
    yield from attached
    shown = {found.url for found in attached if isinstance(found, Link)}
    for mark in _MARK.finditer(record.text or ""):
        if mark[3] and mark[3] not in shown:  # VK attaches the first link of a text by itself
            yield Link(
                post_id=own_id,
                platform=PLATFORM,
                url=mark[3],
                title=mark[4],
                posted_at=row.posted_at,
            )


def _post(
    record: Record, own_id: str, owner: int | None, post: int | None, original: Record | None
) -> Post:
    is_comment = record.kind == "comment"
    posted_at = None if record.date is None else from_seconds(record.date)
    # A post of a community may be signed by the account that wrote it.
    author = vk_id(record.signer_id or record.from_id)
    latitude, longitude, place = _where(record.geo)
    client = record.post_source or Client()
    parents = record.parents_stack or ()
    answered = record.reply_to_comment or next(reversed(parents), None) or post
    is_bare = original is not None and not record.text and not record.attachments
    kind = PostKind.REPOST if is_bare else PostKind.POST
    return Post(
        post_id=own_id,
        platform=PLATFORM,
        kind=PostKind.COMMENT if is_comment else kind,
        account_id=author,
        channel_id=vk_id(owner),
        thread_id=wall_id(owner, post) if is_comment else own_id,
        reply_to_post_id=wall_id(owner, answered) if is_comment else None,
        repost_of_post_id=wall_id(original.wall, original.id) if original else None,
        posted_at=posted_at,
        time_quality=TimeQuality.MISSING if posted_at is None else TimeQuality.UTC,
        edited_at=from_seconds(record.edited) if record.edited else None,
        text=_MARK.sub(r"\4", record.text) if record.text else None,
        client=client.platform or client.type or None,
        like_count=_count(record.likes),
        reply_count=record.thread.count if record.thread else _count(record.comments),
        repost_count=_count(record.reposts),
        view_count=_count(record.views),
        latitude=latitude,
        longitude=longitude,
        place=place,
    )


def _count(counted: Counted | None) -> int | None:
    return counted.count if counted else None


def _where(geo: Geo | None) -> tuple[float | None, float | None, str | None]:
    """Latitude and longitude in degrees, and the name of the place."""
    if geo is None:
        return None, None, None
    place = geo.place or Place()
    point = geo.coordinates or place
    if isinstance(point, str):
        try:
            latitude, longitude = map(float, point.split())
        except ValueError:
            return None, None, place.title or None
        point = Point(latitude, longitude)
    known = point.latitude is not None and point.longitude is not None
    if known and abs(point.latitude or 0) <= 90 and abs(point.longitude or 0) <= 180:
        return point.latitude, point.longitude, place.title or None
    return None, None, place.title or None


def _interactions(record: Record, row: Post, original: Record | None) -> Iterator[Interaction]:
    if row.reply_to_post_id:
        yield row.act(
            InteractionKind.REPLY,
            target_account_id=vk_id(record.reply_to_user),
            target_post_id=row.reply_to_post_id,
        )
    if original and row.repost_of_post_id:
        yield row.act(
            InteractionKind.REPOST,
            target_account_id=vk_id(original.signer_id or original.from_id),
            target_post_id=row.repost_of_post_id,
        )
    marks = _MARK.finditer(record.text or "")
    named = [f"{'' if mark[1] == 'id' else '-'}{mark[2]}" for mark in marks if mark[1]]
    for native in dict.fromkeys(named):
        yield row.act(InteractionKind.MENTION, target_account_id=f"{PLATFORM}:{native}")


# ------------------------------------------------------------------------------------ attachments

_MEDIA = {
    "photo": "photo",
    "posted_photo": "photo",
    "graffiti": "photo",
    "video": "video",
    "clip": "video",
    "audio": "audio",
    "podcast": "audio",
    "audio_message": "voice",
    "doc": "file",
    "sticker": "sticker",
    "poll": "poll",
}
_LINKS = ("link", "page", "article")


def _attached(attached: Attachment, row: Post, piece: Piece) -> Iterator[Row]:
    thing, kind = attached.thing, _MEDIA.get(attached.type)
    if thing is None:
        piece.note(f"attachment {attached.type[:40]}: not read")
    elif kind:
        yield _medium(thing, attached.type, kind, row)
    elif attached.type in _LINKS and (url := thing.url or thing.view_url):
        yield Link(
            post_id=row.post_id,
            platform=PLATFORM,
            url=url,
            title=thing.title or None,
            description=thing.description or None,
            posted_at=row.posted_at,
        )


def _medium(thing: Thing, vk_kind: str, kind: str, row: Post) -> Media:
    largest = max(thing.sizes or (), key=_area, default=Size())
    native = thing.sticker_id if thing.id is None else thing.id
    owner = "" if thing.owner_id is None else f"{thing.owner_id}_"
    return Media(
        post_id=row.post_id,
        platform=PLATFORM,
        kind=kind,
        media_key=None if native is None else f"{vk_kind}{owner}{native}",
        url=largest.url or largest.src or _old_sizes(thing) or thing.url or None,
        name=_name(thing, kind),
        size_bytes=thing.size,
        width_px=largest.width if thing.width is None else thing.width,
        height_px=largest.height if thing.height is None else thing.height,
        duration_s=thing.duration,
        alt_text=_described(thing, kind),
        posted_at=row.posted_at,
    )


def _area(size: Size) -> int:
    return (size.width or 0) * (size.height or 0)


def _old_sizes(thing: Thing) -> str | None:
    """The largest picture, as named until version 5.77."""
    sizes = (
        *(thing.photo_2560, thing.photo_1280, thing.photo_807),
        *(thing.photo_604, thing.photo_130, thing.photo_75),
    )
    return next(filter(None, sizes), None)


def _name(thing: Thing, kind: str) -> str | None:
    if kind in ("photo", "sticker", "poll"):
        return None
    return " - ".join(filter(None, (thing.artist, thing.title))) or None


def _described(thing: Thing, kind: str) -> str | None:
    if kind == "poll":
        choices = [answer.text for answer in thing.answers or ()]
        return "\n".join(filter(None, (thing.question, *choices))) or None
    return thing.text or thing.description or None


# ------------------------------------------------------------------------ accounts and communities


def account_rows(record: Record) -> Iterator[Row]:
    """An account."""
    native = record.uid if record.id is None else record.id
    counters = record.counters or Counters()
    places = [
        place.title
        for place in (record.city, record.country)
        if isinstance(place, Named) and place.title
    ]
    followers = record.followers_count
    yield Account(
        account_id=_known(vk_id(native)),
        platform=PLATFORM,
        handle=record.screen_name or record.domain or None,
        name=f"{record.first_name or ''} {record.last_name or ''}".strip() or None,
        description=record.about or record.status or None,
        location_claimed=", ".join(places) or None,
        url=record.site or None,
        avatar_url=_avatar(record),
        followers_count=counters.followers if followers is None else followers,
        is_verified=_flag(record.verified),
        is_protected=_flag(record.is_closed),
        is_deleted=True if record.deactivated else None,
    )


def community_rows(record: Record) -> Iterator[Row]:
    """A community: it is a place, and it is also who posts there."""
    native = record.gid if record.id is None else record.id
    own_id = _known(vk_id(-abs(native) if native else None))
    handle, name = record.screen_name or None, record.name or None
    yield Channel(
        channel_id=own_id,
        platform=PLATFORM,
        kind=record.type or None,
        handle=handle,
        name=name,
        description=record.description or None,
        members_count=record.members_count,
    )
    yield Account(
        account_id=own_id,
        platform=PLATFORM,
        handle=handle,
        name=name,
        description=record.description or None,
        url=record.site or None,
        avatar_url=_avatar(record),
        followers_count=record.members_count,
        is_verified=_flag(record.verified),
        is_protected=_flag(record.is_closed),
        is_deleted=True if record.deactivated else None,
    )


def _known(own_id: str | None) -> str:
    if own_id is None:
        raise ItemError("unexpected structure", "an account or community without id")
    return own_id


def _avatar(record: Record) -> str | None:
    sizes = (
        *(record.photo_max_orig, record.photo_max),
        *(record.photo_200, record.photo_100, record.photo_50),
    )
    return next(filter(None, sizes), None)


def _flag(value: bool | int | None) -> bool | None:
    return None if value is None else bool(value)
