"""What is a message, a channel and a number on Telegram's pages?"""

from __future__ import annotations

import base64
import binascii
import re
from typing import NamedTuple

import msgspec

from clew.formats.html_page import Element, first, markup, text_in, xpath
from clew.formats.html_text import extract

PLATFORM = "telegram"

# ---------------------------------------------------------------------------------- what is named

_HANDLE = r"[A-Za-z0-9_]{1,64}"
HANDLE = re.compile(_HANDLE, re.ASCII)
POST = re.compile(rf"({_HANDLE})(?:/\d{{1,18}})?/(\d{{1,18}})", re.ASCII)  # in a topic, or not
_ADDRESS = re.compile(
    r"(?:https?:)?//(?:t|telegram)\.me/(?:s/)?"
    rf"(?:c/(?P<number>\d{{1,18}})|(?P<handle>{_HANDLE}))"
    r"(?:/(?P<topic>\d{1,18}))?(?:/(?P<post>\d{1,18}))?(?:[/?#].*)?",
    re.ASCII | re.DOTALL,
)
_PEER = re.compile(r"c(\d{1,18})_.*", re.ASCII | re.DOTALL)


class _View(msgspec.Struct, gc=False):
    """`data-view`: how the page tells the server which message was seen."""

    c: int = 0  # the channel, negative
    p: str | int = 0  # the message; with `g` behind it, an album


_VIEWS = msgspec.json.Decoder(_View)


class Page(NamedTuple):
    """The numbers of the channels that a page names, by handle in small letters."""

    numbers: dict[str, int]

    def chat(self, handle: str) -> str:
        """How ids name the channel: its number, or else its handle."""
        name = handle.lower()
        return str(self.numbers[name]) if name in self.numbers else f"@{name}"

    def channel_id(self, handle: str) -> str:
        """The channel as a place."""
        return f"{PLATFORM}:{self.chat(handle)}"

    def account_id(self, handle: str) -> str:
        """The channel as an author."""
        chat = self.chat(handle)
        return f"{PLATFORM}:{chat}" if chat.startswith("@") else f"{PLATFORM}:channel{chat}"


_KINDS = {
    "tgme_widget_message_photo_wrap": "photo",
    "tgme_widget_message_service_photo": "photo",
    "tgme_widget_message_video_player": "video",
    "tgme_widget_message_roundvideo_player": "video",
    "tgme_widget_message_voice_player": "voice",
    "tgme_widget_message_document_wrap": "file",
    "tgme_widget_message_sticker": "sticker",
    "tgme_widget_message_tgsticker": "sticker",
    "tgme_widget_message_videosticker": "sticker",
    "tgme_widget_message_poll": "poll",
    "tgme_widget_message_contact_wrap": "contact",
}
"""What a message can carry, by class."""

_OTHERS = frozenset(
    (
        "tgme_widget_message_reply",  # the words of the post that is answered
        "tgme_widget_message_link_preview",
        "tgme_widget_message_bubble_tail",
        "js-message_text",
    )
)
"""Elements in which nothing belongs to the frame of the message."""


class Message:
    """A message: its elements by class, in the page's order."""

    def __init__(self, element: Element, page: Page) -> None:
        self.element = element
        self.page = page
        self.carried: list[tuple[str, Element]] = []  # kind and element
        self._by_class: dict[str, list[Element]] = {}
        waiting = [element]
        while waiting:
            part = waiting.pop()
            names = (part.get("class") or "").split()
            for name in names:
                self._by_class.setdefault(name, []).append(part)
                if name in _KINDS:
                    self.carried.append((_KINDS[name], part))
            if _OTHERS.isdisjoint(names):
                waiting += reversed(part)

    def all(self, name: str) -> list[Element]:
        """The elements of a class; its name without what all have in common."""
        return self._by_class.get(name) or self._by_class.get(f"tgme_widget_message_{name}") or []

    def first(self, name: str) -> Element | None:
        """The first element of a class."""
        return next(iter(self.all(name)), None)

    def text(self, name: str) -> str | None:
        """The text in the first element of a class, on one line."""
        return text_in(self.first(name))

    def href(self, name: str) -> str | None:
        """Where the first element of a class leads."""
        element = self.first(name)
        return None if element is None else element.get("href") or None


def number_of(message: Element, post: str) -> int | None:
    """The number of the channel that a message stands in, if the page has it."""
    peer = _PEER.fullmatch(message.get("data-peer") or "")
    if peer:
        return int(peer[1])
    view = (message.get("data-view") or "")[:1000]
    try:
        seen = _VIEWS.decode(base64.urlsafe_b64decode(view + "=" * (-len(view) % 4)))
    except (binascii.Error, ValueError, RecursionError, msgspec.MsgspecError):
        return None
    return -seen.c if seen.c < 0 and str(seen.p).removesuffix("g") == post else None


def post_at(href: str | None, page: Page) -> str | None:
    """The post that an address leads to."""
    match = _ADDRESS.fullmatch(href or "")
    post = match and (match["post"] or match["topic"])
    if not match or not post:
        return None
    chat = match["number"] or page.chat(match["handle"])
    return f"{PLATFORM}:{chat}/{post}"


def handle_at(href: str | None) -> str | None:
    """The handle of the account or channel that an address leads to."""
    match = _ADDRESS.fullmatch(href or "")
    return match["handle"] if match else None


def handle_of(link: Element) -> str | None:
    """The handle of the account or channel that a link leads to."""
    return handle_at(link.get("href"))


class Head(NamedTuple):
    """What a page says of one channel, group or person."""

    handle: str
    name: str | None
    is_place: bool = True  # messages stand in it: no person
    is_account: bool = True  # it can be an author: no group
    number: int | None = None
    kind: str | None = None  # null: not said
    description: str | None = None
    members: str | None = None
    picture: str | None = None
    is_verified: bool | None = None


def head_of_channel(tree: Element) -> Head | None:
    """The head of a channel's page."""
    info = first(tree, ".//div{tgme_channel_info}")
    handle = text_in(first(tree, ".//div{tgme_channel_info_header_username}/a"))
    handle = (handle or "").removeprefix("@")
    if info is None or not HANDLE.fullmatch(handle):
        return None
    counts = {
        (text_in(first(counter, ".//*{counter_type}")) or ""): text_in(
            first(counter, ".//*{counter_value}")
        )
        for counter in xpath(".//div{tgme_channel_info_counter}")(info)
    }
    about = first(info, ".//div{tgme_channel_info_description}")
    return Head(
        handle,
        text_in(first(info, ".//div{tgme_channel_info_header_title}/span", ".//h1")),
        kind="public_channel",
        description=None if about is None else extract(markup(about)).text or None,
        members=counts.get("subscribers") or counts.get("subscriber"),
        picture=first(info, ".//*{tgme_page_photo_image}//img/@src"),
        is_verified=True if first(info, ".//i{verified-icon}") is not None else None,
    )


def head_of_contact(tree: Element) -> Head | None:
    """The page `t.me/NAME`, which tells how many subscribers there are, exactly."""
    title = text_in(first(tree, ".//div{tgme_page_title}"))
    target = first(tree, ".//meta[@property='al:ios:url']/@content") or ""
    handle = target.partition("://resolve?domain=")[2].partition("&")[0]
    if title is None or not HANDLE.fullmatch(handle):
        return None
    extra = text_in(first(tree, ".//div{tgme_page_extra}")) or ""
    about = first(tree, ".//div{tgme_page_description}")
    members, _, word = extra.partition(",")[0].rpartition(" ")
    kind = {
        "subscribers": "public_channel",
        "subscriber": "public_channel",
        "members": "public_supergroup",
        "member": "public_supergroup",
    }.get(word)
    return Head(
        handle,
        text_in(first(tree, ".//div{tgme_page_title}/span")) or title,
        kind=kind,
        description=None if about is None else extract(markup(about)).text or None,
        members=members if kind else None,
        picture=first(tree, ".//*{tgme_page_photo_image}/@src"),
        is_verified=True if first(tree, ".//i{verified-icon}") is not None else None,
        is_place=kind is not None,
        is_account=kind != "public_supergroup",
    )
