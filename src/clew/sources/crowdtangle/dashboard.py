"""What does a row of CrowdTangle's own CSV say: a post of a page, a group or an account?"""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import urlsplit

import msgspec

from clew.contract import Piece
from clew.errors import ItemError
from clew.formats.instagram_codes import number_of
from clew.model.tables import (
    Account,
    Channel,
    InteractionKind,
    Link,
    Media,
    Post,
    PostKind,
    Row,
)
from clew.sources.crowdtangle.zones import posted

Cells = dict[str, str]

_REACTIONS = ("Like", "Love", "Wow", "Haha", "Sad", "Angry", "Care")
_VIDEOS = ("video", "reel", "igtv")
_NOTHING = ("-", "N/A", "n/a")


def dashboard_rows(cells: Cells, piece: Piece) -> Iterator[Row]:
    """The rows of a post."""
    address = cells.get("URL")
    if address is None:
        raise ItemError("unexpected structure", "a post without address")
    platform, native, owner = _named(address)
    is_group = "Group Name" in cells or "/groups/" in address
    place = f"{platform}:{owner}" if (owner := _owner(cells, platform, owner)) else None
    text, links = _unfolded(cells.get("Description" if platform == "instagram" else "Message"))
    posted_at, quality, local_time = posted(cells.get("Post Created"), piece)
    kind = _media_kind(cells.get("Type", ""))
    post = Post(
        post_id=f"{platform}:{native}",
        platform=platform,
        kind=PostKind.POST,
        account_id=None if is_group else place,
        channel_id=place if is_group else None,
        thread_id=f"{platform}:{native}",
        posted_at=posted_at,
        time_quality=quality,
        local_time=local_time,
        title=_title(cells, platform, kind),
        text=text,
        url=address,
        like_count=count(cells.get("Likes")),
        reply_count=count(cells.get("Comments")),
        repost_count=count(cells.get("Shares")),
        view_count=_views(cells) if kind == "video" else None,
        reactions=_reactions(cells),
    )
    yield post
    if place:
        yield _group(cells, post, place) if is_group else _page(cells, post, place)
    yield from _links(cells, post, links, kind)
    yield from _media(cells, post, kind)
    yield from _sponsor(cells, post)


def _named(address: str) -> tuple[str, str, str | None]:
    """Platform, id of the post and of the page or group, from the post's address."""
    try:
        site, path = urlsplit(address).hostname or "", urlsplit(address).path.strip("/")
    except ValueError as error:
        raise ItemError("address unreadable", address[:200]) from error
    parts = path.split("/")
    if not path or not site.endswith((".facebook.com", ".instagram.com")):
        raise ItemError("not a post of Facebook or Instagram", address[:200])
    if site.endswith(".instagram.com"):
        number = number_of(parts[-1])
        if number is None:
            raise ItemError("address unreadable", address[:200])
        return "instagram", number, None
    if parts[0] == "groups":
        parts = parts[1:]
    numbers = parts[0], parts[-1]
    if len(parts) == 3 and all(number.isascii() and number.isdigit() for number in numbers):
        return "facebook", "_".join(numbers), parts[0]  # as Facebook's Graph API names it
    return "facebook", path, None


def _owner(cells: Cells, platform: str, owner: str | None) -> str | None:
    """Of Instagram's accounts only the name is told."""
    if platform == "facebook":
        return cells.get("Facebook Id") or owner
    handle = cells.get("User Name")
    return f"name/{handle.lower()}" if handle else None


def count(text: str | None) -> int | None:
    """A number, which some dashboards write with signs at the thousands: `407.137`."""
    if text is None or text.strip() in _NOTHING:
        return None
    first, *groups = text.strip().replace(",", ".").replace("\u00a0", ".").split(".")
    digits = "".join((first, *groups))
    if len(digits) > 15 or not (digits.isascii() and digits.isdigit()):
        raise ItemError("count unreadable", text[:40])
    if any(len(group) != 3 for group in groups):
        raise ItemError("count unreadable", text[:40])
    return int(digits)


def _views(cells: Cells) -> int | None:
    return count(cells.get("Post Views") or cells.get("Views"))


def _reactions(cells: Cells) -> str | None:
    names = {"Like": "Likes"}
    counts = {name.lower(): count(cells.get(names.get(name, name))) for name in _REACTIONS}
    known = {name: number for name, number in counts.items() if number is not None}
    return msgspec.json.encode(known).decode() if len(known) > 1 else None


def _media_kind(kind: str) -> str | None:
    word = kind.lower()
    if any(video in word for video in _VIDEOS):
        return "video"
    return "photo" if word in ("photo", "album") else None


def _title(cells: Cells, platform: str, kind: str | None) -> str | None:
    """The title of a video; that of a page linked to stands with the link."""
    if platform == "instagram":
        return cells.get("Title")
    return cells.get("Link Text") if kind == "video" else None


# --------------------------------------------------------------------------------- page and group


def _page(cells: Cells, post: Post, account_id: str) -> Account:
    return Account(
        account_id=account_id,
        platform=post.platform,
        handle=cells.get("User Name"),
        name=cells.get("Page Name") or cells.get("Account"),
        description=cells.get("Page Description"),
        followers_count=count(cells.get("Followers at Posting")),
    )


def _group(cells: Cells, post: Post, channel_id: str) -> Channel:
    names = (cells.get(column) for column in ("Group Name", "Page Name", "Account"))
    sizes = (cells.get(column) for column in ("Size at Posting", "Followers at Posting"))
    return Channel(
        channel_id=channel_id,
        platform=post.platform,
        kind="group",
        handle=cells.get("User Name"),
        name=next(filter(None, names), None),
        description=cells.get("Page Description"),
        members_count=count(next(filter(None, sizes), None)),
    )


def _sponsor(cells: Cells, post: Post) -> Iterator[Row]:
    """The partner whom the post names as having paid for it."""
    native, name = cells.get("Sponsor Id"), cells.get("Sponsor Name")
    if not native and not name:
        return
    account_id = f"{post.platform}:{native}" if native else None
    if account_id:
        yield Account(account_id=account_id, platform=post.platform, name=name)
    yield post.act(InteractionKind.MENTION, target_account_id=account_id, target_name=name)


# ------------------------------------------------------------------------------ links and pictures


def _unfolded(message: str | None) -> tuple[str | None, list[tuple[str, str]]]:
    """The text as it was written, and the links in it.

    CrowdTangle writes where a shortened address leads behind it: `t.example/a:=:https://b.example`.
    """
    if message is None or ":=:" not in message:
        return message, []
    before, *rest = message.split(":=:")
    written, links = [before], []
    for part in rest:
        target = "" if not part or part[0].isspace() else part.split(None, 1)[0]
        short = "" if not before or before[-1].isspace() else before.split()[-1]
        if target and short:
            links.append((short, target))
        before = part[len(target) :]
        written.append(before)
    return "".join(written).strip() or None, links


def _links(
    cells: Cells, post: Post, inside: list[tuple[str, str]], kind: str | None
) -> Iterator[Link]:
    found = {short: Link(
        post_id=post.post_id,
        platform=post.platform,
        url=short,
        expanded_url=target,
        posted_at=post.posted_at,
    ) for short, target in inside}  # fmt: skip
    address = cells.get("Link")
    if address and address != post.url and not _is_own(address, kind):
        found[address] = Link(
            post_id=post.post_id,
            platform=post.platform,
            url=address,
            expanded_url=cells.get("Final Link"),
            title=cells.get("Link Text"),
            description=cells.get("Description") if post.platform == "facebook" else None,
            posted_at=post.posted_at,
        )
    yield from found.values()


def _is_own(address: str, kind: str | None) -> bool:
    """Whether a link leads to the picture or video that the post itself is."""
    return kind is not None and address.startswith(
        ("https://www.facebook.com/", "https://www.instagram.com/")
    )


def _media(cells: Cells, post: Post, kind: str | None) -> Iterator[Media]:
    if kind is None:
        return
    address = cells.get("Link")
    own = address if address and address != post.url and _is_own(address, kind) else None
    yield Media(
        post_id=post.post_id,
        platform=post.platform,
        kind=kind,
        url=own or (cells.get("Photo") if kind == "photo" else None),
        duration_s=_seconds(cells.get("Video Length")) if kind == "video" else None,
        posted_at=post.posted_at,
    )


def _seconds(text: str | None) -> float | None:
    """`01:39:01` in seconds."""
    parts = (text or "").split(":")
    if len(parts) != 3 or not all(part.isascii() and part.isdigit() for part in parts):
        return None
    hours, minutes, seconds = (int(part[:6]) for part in parts)
    return float(hours * 3600 + minutes * 60 + seconds) or None
