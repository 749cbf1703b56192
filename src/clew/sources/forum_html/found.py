"""What a page of a thread holds, whichever way it was found."""

from __future__ import annotations

import msgspec


class Author(msgspec.Struct, gc=False):
    """Who signed a post, as the page shows it beside the post."""

    name: str | None = None
    id: str | None = None
    url: str | None = None
    avatar: str | None = None
    title: str | None = None  # rank, or a title of the member's own
    joined: str | None = None  # as written
    posts: int | None = None
    location: str | None = None


class Quote(msgspec.Struct, gc=False):
    """Another's words in a post."""

    post: str | None = None  # the native id of the post they are from
    name: str | None = None


class Attached(msgspec.Struct, gc=False):
    """A file that hangs on a post."""

    url: str
    name: str | None = None


class Found(msgspec.Struct):
    """One post of a page."""

    id: str | None = None
    author: Author = msgspec.field(default_factory=Author)
    machine_time: str | None = None  # ISO 8601 or Unix seconds, from an attribute
    shown_time: str | None = None
    title: str | None = None
    html: str = ""  # the body; quotes are already marked in it
    text: str | None = None  # instead of `html`
    url: str | None = None
    quotes: list[Quote] = msgspec.field(default_factory=list)
    files: list[Attached] = msgspec.field(default_factory=list)
    is_deleted: bool = False


class Page(msgspec.Struct):
    """What is said of a page as a whole."""

    engine: str = "structure"
    url: str | None = None
    base: str | None = None  # what relative addresses are relative to
    site: str | None = None  # host; null: not recorded
    thread: str | None = None  # native id
    title: str | None = None
    board: str | None = None  # native id
    board_name: str | None = None
    board_url: str | None = None
    number: int | None = None  # of the page, from 1
    count: int | None = None  # of pages
    posts: list[Found] = msgspec.field(default_factory=list)
