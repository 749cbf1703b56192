"""Which posts does an answer of an imageboard hold: a thread, a page of threads or a catalogue?"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import msgspec
from msgspec import Raw, structs

from clew.contract import Piece
from clew.errors import ItemError
from clew.formats.html_text import html_to_text
from clew.formats.json_items import ItemDecoder
from clew.sources.imageboard import fourchan, jschan, lynxchan, makaba
from clew.sources.imageboard.numbers import Int
from clew.sources.imageboard.said import Place, Said


class Engine(NamedTuple):
    """How the posts of one engine are read."""

    site: str  # what its boards are called if the capture does not tell
    decoder: ItemDecoder[Any]
    said: Callable[[Any, int | None], Said | None]


FOURCHAN = Engine("4chan", ItemDecoder(fourchan.Record), fourchan.said)
VICHAN = FOURCHAN._replace(site="vichan")
MAKABA = Engine("2ch", ItemDecoder(makaba.Record), makaba.said)
LYNXCHAN = Engine("lynxchan", ItemDecoder(lynxchan.Record), lynxchan.said)
JSCHAN = Engine("jschan", ItemDecoder(jschan.Record), jschan.said)


class About(msgspec.Struct, gc=False):
    """What an answer of 2ch (`id`), or 4chan's list of boards (`board`), says of a board."""

    id: str | None = None
    board: str | None = None
    name: str | None = None
    title: str | None = None
    info: str | None = None
    meta_description: str | None = None


class _Node(msgspec.Struct, gc=False):
    """An answer, a page of it, a thread, or a thread's first post with the thread around it."""

    posts: list[Raw] = []
    threads: list[Raw] = []
    last_replies: list[Raw] = []
    replies: list[Raw] | int | None = None  # how many, on 4chan
    boards: list[About] = []

    board: About | str | None = None
    Board: str | None = None
    BoardName: str | None = None
    BoardInfo: str | None = None
    boardUri: str | None = None  # noqa: N815 - the engine's name
    boardName: str | None = None  # noqa: N815
    boardDescription: str | None = None  # noqa: N815

    no: Int | None = None
    now: str | None = None
    resto: Int = 0
    num: Int | str | None = None
    parent: Int | str = 0
    postId: Int | None = None  # noqa: N815
    threadId: Int | None = None  # noqa: N815
    thread: Int | None = None
    messagehash: str | None = None
    nomarkup: str | None = None

    @property
    def engine(self) -> Engine | None:
        """The engine whose post it is; null: it is none."""
        if self.no is not None:
            return FOURCHAN if self.now is not None else VICHAN
        if self.num is not None:
            return MAKABA
        if self.messagehash is not None or self.nomarkup is not None:
            return JSCHAN
        return LYNXCHAN if self.postId is not None or self.threadId is not None else None

    @property
    def opens(self) -> int | None:
        """The number of the thread that the post is of."""
        number = self.resto or self.no or self.thread or self.threadId or self.postId
        for text in (self.parent, self.num):  # texts, in the old answers of 2ch
            if number is None and str(text).isdecimal() and len(str(text)) < 19:
                number = int(text or 0) or None
        return number

    def about(self, place: Place) -> Place:
        """The place, with what is said here of the board."""
        if isinstance(self.board, About):
            return _of_board(self.board, place)
        name = place.board or self.board or self.Board or self.boardUri
        return structs.replace(
            place,
            board=name or None,
            board_name=self.BoardName or self.boardName or place.board_name,
            board_description=_plain(self.BoardInfo or self.boardDescription)
            or place.board_description,
        )


class Found(NamedTuple):
    """A post of an answer, or (without engine) the board that it names."""

    place: Place
    engine: Engine | None = None
    text: bytes = b""


_NODE = ItemDecoder(_Node)


def found(text: bytes, place: Place, piece: Piece) -> Iterator[Found | ItemError]:
    """Each board and post of one answer. An empty `place.site` becomes the engine's."""
    seen: set[Place] = set()
    for item in _walk(text, place, piece):
        if isinstance(item, Found) and item.engine is None:
            if item.place in seen:
                continue
            seen.add(item.place)
        yield item


def _walk(text: bytes, place: Place, piece: Piece) -> Iterator[Found | ItemError]:
    """The boards and posts of an answer or a part of it; nothing lies deeper than its threads."""
    for node, part, around in _threads(text, place, piece):
        if isinstance(node, ItemError):
            yield node
            continue
        for about in node.boards:
            if about.board:
                site = around.site or FOURCHAN.site
                yield Found(_of_board(about, structs.replace(around, site=site)))
        leaves = [bytes(leaf) for leaf in (*node.posts, *node.last_replies)]
        if isinstance(node.replies, list):
            leaves += map(bytes, node.replies)
        first = node if node.engine else _first(leaves, piece)
        engine = first.engine if first else None
        if first and engine:
            board = structs.replace(first.about(around), site=around.site or engine.site)
            if board.board:
                yield Found(board)
            here = structs.replace(board, thread=first.opens)
            if first is node:
                yield Found(here, engine, part)
            for leaf in leaves:
                yield Found(here, engine, leaf)
        elif leaves:
            yield ItemError("unexpected structure", "posts of no known imageboard engine")


def _first(leaves: list[bytes], piece: Piece) -> _Node | None:
    """The first post that can be read, to tell the engine by."""
    nodes = (_NODE.decode(leaf, piece) for leaf in leaves)
    return next((node for node in nodes if isinstance(node, _Node)), None)


def _threads(
    text: bytes, place: Place, piece: Piece
) -> Iterator[tuple[_Node | ItemError, bytes, Place]]:
    """The answer itself, then each thread that is listed in it."""
    node = _NODE.decode(text, piece)
    yield node, text, place
    if isinstance(node, ItemError):
        return
    here = node.about(place)
    for thread in node.threads:
        yield _NODE.decode(bytes(thread), piece), bytes(thread), here


def _of_board(about: About, place: Place) -> Place:
    return structs.replace(
        place,
        board=about.board or about.id or place.board,
        board_name=about.title or about.name,
        board_description=_plain(about.meta_description or about.info),
    )


def _plain(html: str | None) -> str | None:
    return html_to_text(html) or None if html else None
