"""What do a channel's head and a message say, as rows?"""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import parse_qs, urlsplit

import msgspec

from clew.contract import Piece
from clew.errors import ItemError
from clew.formats.html_page import Element, first, markup, text_in
from clew.formats.html_text import Extract, extract
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
from clew.model.times import TimeQuality, from_iso
from clew.sources.telegram_preview.page import (
    PLATFORM,
    POST,
    Head,
    Message,
    Page,
    handle_at,
    handle_of,
    post_at,
)

_ROUNDED = "counts that Telegram has rounded (1.2K): not recorded"
_EDITED = "posts marked as edited: the page does not say when"
_NOT_SHOWN = "posts whose content the page does not show"


def rows(item: Head | Message, piece: Piece) -> Iterator[Row]:
    """The rows of a channel or of a message. Raises ItemError for an id or a time that is none."""
    if isinstance(item, Head):
        yield from _head_rows(item, piece)
    else:
        yield from _message_rows(item, piece)


def _head_rows(head: Head, piece: Piece) -> Iterator[Row]:
    page = Page({} if head.number is None else {head.handle.lower(): head.number})
    members = _counted(head.members, piece)
    if head.is_place:
        yield Channel(
            channel_id=page.channel_id(head.handle),
            platform=PLATFORM,
            kind=head.kind,
            handle=head.handle,
            name=head.name,
            description=head.description,
            url=f"https://t.me/{head.handle}",
            members_count=members,
        )
    if head.is_account:
        yield Account(
            account_id=page.account_id(head.handle),
            platform=PLATFORM,
            handle=head.handle,
            name=head.name,
            description=head.description,
            avatar_url=_web(head.picture),
            followers_count=members,
            is_verified=head.is_verified,
        )


def _message_rows(message: Message, piece: Piece) -> Iterator[Row]:
    said = _said(message)
    post = _post(message, said, piece)
    media = list(_media(message, post))
    if not post.text and not media and post.latitude is None:
        piece.note(_NOT_SHOWN)
    yield post
    yield from _acts(message, post, said)
    yield from _links(message, post, said)
    yield from media
    person = message.first("author_name")
    handle = None if person is None else handle_of(person)
    if handle:
        yield Account(
            account_id=f"{PLATFORM}:@{handle.lower()}",
            platform=PLATFORM,
            handle=handle,
            name=text_in(person),
        )


def _post(message: Message, said: Extract, piece: Piece) -> Post:
    page, native = message.page, message.element.get("data-post")
    match = POST.fullmatch(native)
    if match is None:
        raise ItemError("id unreadable", repr(native)[:80])
    handle, number = match.groups()
    stated = _stated(message)
    posted_at = None if stated is None else from_iso(stated)
    quality = TimeQuality.UTC if (stated or "").endswith(("+00:00", "Z")) else TimeQuality.OFFSET
    author_id, author_name = _author(message, handle)
    latitude, longitude = _spot(message)
    is_service = bool(message.all("service_message"))
    if "edited" in (message.text("meta") or "").partition(",")[0].split():
        piece.note(_EDITED)
    return Post(
        post_id=f"{page.channel_id(handle)}/{number}",
        platform=PLATFORM,
        kind=PostKind.SERVICE if is_service else PostKind.MESSAGE,
        account_id=author_id,
        author_name=author_name,
        channel_id=page.channel_id(handle),
        reply_to_post_id=post_at(message.href("reply"), page),
        repost_of_post_id=post_at(message.href("forwarded_from_name"), page),
        posted_at=posted_at,
        time_quality=TimeQuality.MISSING if posted_at is None else quality,
        action=_action(said.text) if is_service else None,
        text=said.text or _of_poll(message),
        url=message.href("date"),
        client=message.text("via_bot"),
        view_count=_counted(message.text("views"), piece),
        reactions=_reactions(message, piece),
        tags=_tags(said),
        latitude=latitude,
        longitude=longitude,
        place=message.text("location_title"),
    )


_NOTHING = Extract("", [], [])


def _said(message: Message) -> Extract:
    """What a message says; in an album the words lie in an element of the same class twice."""
    body = message.first("js-message_text")
    return _NOTHING if body is None else extract(markup(body))


def _stated(message: Message) -> str | None:
    time = next((part.find(".//time") for part in message.all("date")), None)
    return None if time is None else time.get("datetime") or None


def _author(message: Message, handle: str) -> tuple[str | None, str | None]:
    """Account and signature: of the channel, or of the person who wrote in a group."""
    signature = message.text("from_author")
    person = message.first("author_name")
    if person is None:
        return message.page.account_id(handle), signature
    own = handle_of(person)
    if own is None:
        return None, signature or text_in(person)  # a deleted account, or one without handle
    return f"{PLATFORM}:@{own.lower()}", signature


def _of_poll(message: Message) -> str | None:
    lines = [
        text_in(part) for part in message.all("poll_question") + message.all("poll_option_text")
    ]
    return "\n".join(filter(None, lines)) or None


_ACTIONS = {
    "Channel created": "create_channel",
    "Channel photo updated": "edit_group_photo",
    "Channel photo removed": "delete_group_photo",
    "Channel name was changed to": "edit_group_title",
}


def _action(said: str) -> str | None:
    """What happened, in the words of Telegram's export; the pages say it in English only."""
    for words, action in _ACTIONS.items():
        if said.startswith(words):
            return action
    return "pin_message" if " pinned " in said else None


def _counted(shown: str | None, piece: Piece) -> int | None:
    """A count that is shown in full; `1.2K` is anything from 1,150 to 1,249."""
    digits = "".join((shown or "").split()).replace(",", "")
    if digits.isascii() and digits.isdigit() and len(digits) < 19:
        return int(digits)
    if digits:
        piece.note(_ROUNDED)
    return None


def _reactions(message: Message, piece: Piece) -> str | None:
    """Reaction → count; null for a count that was rounded, so that the reaction itself is kept."""
    counts: dict[str, int | None] = {}
    for reaction in message.all("tgme_reaction"):
        own, emoji = reaction.find(".//tg-emoji"), reaction.find(".//b")
        if "tgme_reaction_paid" in reaction.get("class"):
            name = "paid"
        elif own is not None:
            name = f"custom_emoji:{own.get('emoji-id')}"
        else:
            name = text_in(emoji) or "unknown"
        shown = reaction[-1].tail if len(reaction) else reaction.text
        counts[name] = _counted(shown, piece)
    return msgspec.json.encode(counts).decode() if counts else None


def _is_tag(href: str, text: str | None) -> bool:
    """Whether a link leads to a search for its own words: a hashtag or a cashtag."""
    return (text or "").startswith(("#", "$")) and ("?q=%23" in href or "?q=%24" in href)


def _is_mention(href: str, text: str | None) -> bool:
    """Whether a link leads to the account that its words name; `@quay` may lead anywhere else."""
    handle = handle_at(href)
    return handle is not None and (text or "").lower() == f"@{handle.lower()}"


def _tags(said: Extract) -> str | None:
    """The tags as in Telegram's export: `#` dropped, `$` kept."""
    tags = {
        text.removeprefix("#"): None
        for href, text in said.links
        if text is not None and _is_tag(href, text)
    }
    return msgspec.json.encode(list(tags)).decode() if tags else None


def _spot(message: Message) -> tuple[float | None, float | None]:
    """Latitude and longitude in degrees, of the map that a message shows."""
    try:
        query = urlsplit(message.href("location_wrap") or "").query
        asked = parse_qs(query, max_num_fields=20).get("q", [""])[0]
        latitude, longitude = map(float, asked.split(","))
    except ValueError:
        return None, None
    is_on_earth = -90 <= latitude <= 90 and -180 <= longitude <= 180
    return (latitude, longitude) if is_on_earth else (None, None)


# --------------------------------------------------------------------------- whom it is about


def _acts(message: Message, post: Post, said: Extract) -> Iterator[Interaction]:
    page = message.page
    if post.reply_to_post_id:
        yield post.act(InteractionKind.REPLY, target_post_id=post.reply_to_post_id)
    origin = message.first("forwarded_from_name")
    if origin is not None:
        handle = handle_of(origin)
        # A person is named without a message of theirs.
        is_channel = handle is not None and post.repost_of_post_id is not None
        yield post.act(
            InteractionKind.FORWARD,
            target_name=text_in(origin),
            target_account_id=page.account_id(handle) if handle else None,
            target_channel_id=page.channel_id(handle) if handle and is_channel else None,
            target_post_id=post.repost_of_post_id,
        )
    names = {text: None for href, text in said.links if text and _is_mention(href, text)}
    for name in names:
        yield post.act(InteractionKind.MENTION, target_name=name)


def _links(message: Message, post: Post, said: Extract) -> Iterator[Link]:
    """The links of the text that lead to no tag and no account, and the page shown below it."""
    found: dict[str, tuple[str | None, str | None]] = {
        href: (text, None)
        for href, text in (said.links if post.action is None else ())  # a pin names who pinned
        if not _is_tag(href, text) and not _is_mention(href, text)
    }
    card = message.first("link_preview")
    if card is not None and card.get("href"):
        about = first(card, ".//*{link_preview_description}")
        found[card.get("href")] = (
            text_in(first(card, ".//*{link_preview_title}", ".//*{link_preview_site_name}")),
            None if about is None else extract(markup(about)).text or None,
        )
    for url, (title, description) in found.items():
        yield Link(
            post_id=post.post_id,
            platform=PLATFORM,
            url=url,
            title=title,
            description=description,
            posted_at=post.posted_at,
        )


# ------------------------------------------------------------------------------- what it carries


def _media(message: Message, post: Post) -> Iterator[Media]:
    for kind, element in message.carried:
        inside = Message(element, message.page)
        is_music = any("audio" in part.get("class").split() for part in inside.all("document_icon"))
        named = inside.text("document_title")
        if is_music:
            performer = inside.text("document_extra")
            named = " - ".join(filter(None, (performer, named))) or None
        yield Media(
            post_id=post.post_id,
            platform=PLATFORM,
            kind="audio" if is_music else kind,
            media_key=_photo_number(element) if kind == "photo" else None,
            url=_web(_source(element)),
            name=named or inside.text("poll_question") or inside.text("contact_name"),
            duration_s=_seconds(text_in(element.find(".//time"))),
            posted_at=post.posted_at,
        )


def _photo_number(element: Element) -> str | None:
    """The photograph's own number, which stands among the classes."""
    names = element.get("class").split()
    return next((name for name in names if name.isdigit() and len(name) > 15), None)


def _source(element: Element) -> str | None:
    """Where the bytes of a medium are; a video's picture is not the video."""
    if element.get("data-webp"):
        return str(element.get("data-webp"))
    for tag, name in _SOURCES:
        inside = element.find(f".//{tag}")
        if inside is not None and inside.get(name):
            return str(inside.get(name))
    _, _, style = (element.get("style") or "").partition("background-image:url(")
    return style.partition(")")[0].strip("'\" ") or None


_SOURCES = (("video", "src"), ("audio", "src"), ("source", "srcset"), ("img", "src"))


def _web(address: str | None) -> str | None:
    """An address on the web; a page that a browser saved has paths of its own instead."""
    if address and address.startswith("//"):
        return f"https:{address}"
    return address if address and address.startswith(("https://", "http://")) else None


def _seconds(shown: str | None) -> float | None:
    """The length of `1:02:03`."""
    parts = (shown or "").split(":")
    if not all(part.isascii() and part.isdigit() and len(part) < 6 for part in parts):
        return None
    total = 0
    for part in parts:
        total = total * 60 + int(part)
    return float(total)
