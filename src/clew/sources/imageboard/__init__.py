"""What was said on an imageboard: the JSON answers of 4chan, 2ch, vichan, LynxChan and jschan?"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

from clew.contract import Capture, Piece, Sample, Source
from clew.errors import ItemError
from clew.formats.json_texts import cut_texts, texts
from clew.model.tables import Account, Channel, Interaction, Link, Media, Post, Row
from clew.sources.imageboard.answers import Engine, found
from clew.sources.imageboard.said import PLATFORM, Place, channel
from clew.sources.imageboard.said import rows as rows_of


@dataclass(frozen=True)
class Options:
    """What the answers do not say of themselves, if the file's name does not, either."""

    site: str = ""  # the site: 4chan, 2ch, or the host's name
    board: str = ""  # the board, without slashes


# Where it stands; for a post its engine and its record, too.
_Item = tuple[Place, Engine | None, Any]


class _Context(NamedTuple):
    """Where a piece's posts stand, and what `texts` must know of it."""

    place: Place
    of_texts: Any


# ----------------------------------------------------------------------------------- recognising

_SIGNS = tuple(
    (score, tuple(f'"{key}"'.encode() for key in keys.split()))
    for score, keys in (
        (0.95, "no resto time now"),
        (0.9, "no resto time com"),
        (0.9, "no resto time tim md5"),
        (0.9, "num parent timestamp comment"),
        (0.9, "num lasthit timestamp comment posts_count"),
        (0.9, "threadId markdown message"),
        (0.9, "postId nomarkup messagehash board"),
        (0.9, "boards board ws_board"),
    )
)


def recognise(sample: Sample) -> float:
    """By the names of a post's fields, which differ from engine to engine."""
    head = sample.head.removeprefix(b"\xef\xbb\xbf").lstrip()
    if not head.startswith((b"{", b"[")):
        return 0.0
    scores = (score for score, keys in _SIGNS if all(key in head for key in keys))
    return max(scores, default=0.0)


# -------------------------------------------------------------------------------- taking it apart

# `a.4cdn.org/b/thread/12.json`, `b/res/12.json`, `b/catalog.json`, `b/1.json`
_NAME = re.compile(
    r"(?:.*?/)??(?:(?![^/]*\.(?:zip|7z|tar|tgz|gz|bz2|xz|zst)/)(?P<site>[\w-]+(?:\.[\w-]+)+)/)?"
    r"(?P<board>\w{1,30})/"
    r"(?:(?:thread|res)/\d+|catalog|threads)(?:\.\w+)?",
    re.DOTALL,
)
_SITES = (
    ("4chan", re.compile(r"(?:.*\.)?(?:4chan|4channel|4cdn)\.org")),
    ("2ch", re.compile(r"(?:.*\.)?2ch\.(?:hk|life|org|su|pm|re|tf|wf|yt)")),
)


def cut(capture: Capture, options: Options) -> Iterator[Piece]:
    """Pieces of whole answers: of one, of a list of them, or of a file with one on each line."""
    place = _place(capture.name, options)
    more = 0  # items than texts so far: an answer holds many
    for piece in cut_texts(capture, options):
        piece.first_item += more
        piece.context = _Context(place, piece.context)
        yield piece
        scratch = replace(piece, notes=Counter())
        more += sum(len(list(found(text, place, scratch))) - 1 for text in _texts(scratch))


def _place(name: str, options: Options) -> Place:
    match = _NAME.fullmatch(name)
    site = options.site or (match and match["site"]) or ""
    for known, host in _SITES:
        if host.fullmatch(site):
            site = known
    return Place(site, options.board or (match["board"] if match else None))


def _texts(piece: Piece) -> Iterator[bytes]:
    return texts(replace(piece, context=piece.context.of_texts))


def items(piece: Piece) -> Iterator[_Item | ItemError]:
    """Each board, then each post of it."""
    for text in _texts(piece):
        for item in found(text, piece.context.place, piece):
            if isinstance(item, ItemError):
                yield item
            elif item.engine is None:
                yield item.place, None, None
            else:
                record = item.engine.decoder.decode(item.text, piece)
                is_bad = isinstance(record, ItemError)
                yield record if is_bad else (item.place, item.engine, record)


def rows(item: _Item, piece: Piece) -> Iterable[Row]:
    """The rows of a board or of a post. Raises ItemError for a number or a time that is none."""
    place, engine, record = item
    if engine is None:
        return channel(place)
    said = engine.said(record, place.thread)
    if said is None:
        piece.note("number of a post without the post: not read")
        return ()
    if place.board is None:
        piece.note("board not recorded: give it as option, or posts are told apart by thread only")
    return rows_of(said, place)


IMAGEBOARD = Source(
    name="imageboard",
    platform=PLATFORM,
    title="Imageboards (4chan, 2ch, vichan, LynxChan, jschan)",
    files="JSON answers: a thread, a page of threads, a catalogue; or lines of such answers",
    fills=(Post, Account, Channel, Interaction, Link, Media),
    time="UTC: set by the board's server, to the second or better.",
    terms="Public answers of the boards' own interfaces; their terms ask for few requests.",
    recognise=recognise,
    items=items,
    rows=rows,
    cut=cut,
    options=Options,
)
