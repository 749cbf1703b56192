"""What do Telegram's own web pages show: of a channel, of one post, of a name?

They are `t.me/s/NAME`, `t.me/NAME/12?embed=1` and `t.me/NAME`, and name a channel by its handle.
Its number, by which exports know it, is inside `data-view` of each message; where it is, ids are
those of an export, so that a channel known from both is one. Where it is not, `@handle` stands in
its place.
"""

from __future__ import annotations

from collections.abc import Iterator

from clew.contract import Piece, Sample, Source
from clew.errors import SourceUnusable
from clew.formats.html_page import LARGEST, Element, decoded, first, text_in, tree_of, xpath
from clew.model.tables import Account, Channel, Interaction, Link, Media, Post
from clew.sources.telegram_preview.page import (
    HANDLE,
    PLATFORM,
    POST,
    Head,
    Message,
    Page,
    head_of_channel,
    head_of_contact,
    number_of,
)
from clew.sources.telegram_preview.saying import rows

_COMMENTS = "comments below a post: not read"


def items(piece: Piece) -> Iterator[Head | Message]:
    """Each channel that the page shows, then its messages."""
    with piece.open() as stream:
        data = stream.read(LARGEST + 1)
    if len(data) > LARGEST:
        raise SourceUnusable(f"a page of more than {LARGEST >> 20} MB")
    tree = tree_of(decoded(data))
    found = xpath(".//div{tgme_widget_message}")(tree)
    page = Page({})
    messages = [Message(part, page) for part in found if part.get("data-post")]
    if len(messages) < len(found):
        piece.note(_COMMENTS, len(found) - len(messages))
    for message in messages:
        if match := POST.fullmatch(message.element.get("data-post")):
            handle, post = match.groups()
            if number := number_of(message.element, post):
                page.numbers.setdefault(handle.lower(), number)
    yield from _heads(tree, messages, page)
    yield from messages


def _heads(tree: Element, messages: list[Message], page: Page) -> Iterator[Head]:
    """What the page says of each channel. Raises SourceUnusable if it shows nothing."""
    head = head_of_channel(tree) or head_of_contact(tree)
    if head is None and not messages:
        why = text_in(first(tree, ".//*{tgme_widget_message_error}"))
        raise SourceUnusable(f"no message; the page says {why[:80]!r}" if why else "no message")
    heads = {head.handle.lower(): head} if head else {}
    for message in messages:
        handle, *_ = message.element.get("data-post").partition("/")
        if HANDLE.fullmatch(handle):
            is_group = message.first("author_name") is not None
            named = Head(handle, message.text("owner_name"), is_account=not is_group)
            heads.setdefault(handle.lower(), named)
    for handle, head in heads.items():
        yield head._replace(number=page.numbers.get(handle))


# ------------------------------------------------------------------------------------ recognising

_SHOWN = (b"tgme_widget_message ", b'tgme_widget_message"')


def recognise(sample: Sample) -> float:
    """By the classes of Telegram's pages."""
    head = sample.head
    start = head.removeprefix(b"\xef\xbb\xbf").lstrip()
    if not start.startswith(b"<"):
        return 0.0
    if any(mark in head for mark in _SHOWN) and b"data-post=" in head:
        return 0.95
    if b"tg://resolve?domain=" in head and (b"tgme_page" in head or b"tgme_channel" in head):
        return 0.9
    return 0.8 if b"tgme_widget_message_error" in head else 0.0


TELEGRAM_PREVIEW = Source(
    name="telegram_preview",
    platform=PLATFORM,
    title="Telegram web pages of a channel (t.me)",
    files=(
        "*.html: pages of t.me/s/NAME, of one post (t.me/NAME/12?embed=1), and of t.me/NAME, "
        "saved or from a web archive"
    ),
    fills=(Post, Account, Channel, Interaction, Link, Media),
    time="The server's UTC second of each message.",
    terms="Public channels, shown to anybody; Telegram's terms forbid collecting on a large scale.",
    recognise=recognise,
    items=items,
    rows=rows,
)
