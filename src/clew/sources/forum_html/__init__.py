"""Who said what in a thread of a web forum, by the saved page of it?

`page` decodes and parses, `engine_pages` reads the engines of `engines`, `structured` what a page
states for machines, `structure` any other page whose posts repeat; `saying` gives the rows.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal, NamedTuple

from clew.contract import Piece, Sample, Source
from clew.errors import SourceUnusable
from clew.formats.html_page import LARGEST, decoded, tree_of
from clew.model.tables import Account, Channel, Deletion, Interaction, Link, Media, Post, Row
from clew.sources.forum_html.engine_pages import engine_of, take_posts
from clew.sources.forum_html.found import Found, Page
from clew.sources.forum_html.page import page_of
from clew.sources.forum_html.saying import PLATFORM, Thread, head_rows, post_rows, thread_of
from clew.sources.forum_html.structure import take_structure
from clew.sources.forum_html.structured import take_json_ld, take_microdata


@dataclass(frozen=True)
class Options:
    """What a page does not say of itself."""

    site: str = ""  # the forum's host, for pages that do not name it
    dates: Literal["", "dmy", "mdy", "ymd"] = ""  # the order of day, month, year; empty: inferred
    structure: bool = False  # do not look for a known engine


class _Item(NamedTuple):
    """The page itself, or a post of it."""

    thread: Thread
    found: Found | None = None
    number: int = 0


# -------------------------------------------------------------------------------- taking it apart


def read_page(data: bytes, options: Options) -> Page:
    """What a saved page holds. Raises SourceUnusable if there is no thread in it."""
    if len(data) > LARGEST:
        raise SourceUnusable(f"a page of more than {LARGEST >> 20} MB")
    text = decoded(data)
    tree = tree_of(text)
    page = page_of(tree, text, options.site)
    known = None if options.structure else engine_of(tree, text)
    if known is not None:
        take_posts(*known, page)
    elif options.structure:
        if not take_structure(tree, page):
            raise SourceUnusable("no posts that repeat")
    elif not (take_microdata(tree, page) or take_structure(tree, page) or take_json_ld(tree, page)):
        raise SourceUnusable(
            "no thread: no known engine, and no posts that repeat with author and time"
        )
    return page


def items(piece: Piece) -> Iterator[_Item]:
    """The page, then its posts."""
    options: Options = piece.options
    with piece.open() as stream:
        page = read_page(stream.read(LARGEST + 1), options)
    piece.note(f"pages of {page.engine}")
    thread = thread_of(page, piece, options.dates)
    yield _Item(thread)
    for number, found in enumerate(page.posts):
        yield _Item(thread, found, number)


def rows(item: _Item, piece: Piece) -> Iterator[Row]:
    """The rows of the page or of one post."""
    if item.found is None:
        yield from head_rows(item.thread)
    else:
        yield from post_rows(item.found, item.number, item.thread, piece)


# ------------------------------------------------------------------------------------ recognising

_HTML = (b"<!doctype html", b"<html", b"<head", b"<body", b"<?xml")
_OTHERS = (
    b"tgme_widget_message",
    b"tgme_page",
    b'class="page_wrap',  # Telegram Desktop
    b"static.xx.fbcdn.net",
    b"facebook.com/rsrc.php",
    b"m.facebook.com",
    b"mbasic.facebook.com",
)
_THREADS = (
    b'data-template="thread_view"',
    b"message--post",
    b'id="messagelist"',
    b"section-viewtopic",
    b'class="postprofile"',
    b"postcontainer",
    b'id="post_message_',
    b"js-post__content-text",
    b'class="post_body',
    b'class="post_wrapper"',
    b'data-role="commentcontent"',
    b'class="blockpost',
    b"discussionforumposting",
)
_FORUMS = (
    b'content="vbulletin',
    b'id="xenforo"',
    b'id="xf"',
    b'id="phpbb"',
    b"powered by phpbb",
    b"powered by mybb",
    b"smf_theme_url",
    b'class="postdetails"',
    b"punviewtopic",
    b"ipsapp",
)


def recognise(sample: Sample) -> float:
    """By what the engines write, else by posts that repeat in its first 64 KiB."""
    head = sample.head[:65536]
    if b"\0" in head[:64]:
        head = decoded(head).encode()
    low = head.removeprefix(b"\xef\xbb\xbf").lstrip().lower()
    if not any(mark in low[:4096] for mark in _HTML) or any(mark in low for mark in _OTHERS):
        return 0.0
    if not low.startswith((b"<!", b"<html", b"<?xml", b"<head", b"<meta")) or b"<rss" in low[:500]:
        return 0.0
    if any(mark in low for mark in _THREADS):
        return 0.9
    if any(mark in low for mark in _FORUMS):
        return 0.7
    try:
        read_page(head, Options())
    except SourceUnusable:
        return 0.0
    return 0.5


FORUM_HTML = Source(
    name="forum_html",
    platform=PLATFORM,
    title="Saved pages of forum threads (HTML)",
    files=(
        "*.html, *.htm: threads of phpBB, vBulletin, XenForo, MyBB, SMF, Invision, FluxBB, "
        "and of any forum whose posts repeat with author and time"
    ),
    fills=(Post, Account, Channel, Interaction, Link, Media, Deletion),
    time=(
        "Exact where the page has an attribute for machines (XenForo, Invision, newer phpBB); else "
        "local time in the zone of who saved the page, which is not recorded."
    ),
    terms="Saved from a site under the terms of that site; members-only boards may forbid it.",
    recognise=recognise,
    items=items,
    rows=rows,
    options=Options,
)
