"""What do the feeds of blogs, forums and news sites say: RSS, RDF, Atom, JSON Feed?

`xml` and `json` take the feeds apart, `entries` says what an entry means.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from clew.contract import Capture, NoOptions, Piece, Sample, Source
from clew.errors import ItemError, SourceUnusable
from clew.formats.json_items import ItemDecoder
from clew.formats.json_stream import Wanted, cut_json, slices
from clew.model.tables import Account, Channel, Interaction, Link, Media, Post, Row
from clew.sources.feed.entries import PLATFORM, Entry, Head, entry_rows, head_rows
from clew.sources.feed.json import JsonHead, JsonItem
from clew.sources.feed.xml import read_entries, read_head

_ROOT = re.compile(rb"<(?:[a-z0-9]{1,20}:)?(rss|feed|RDF|channel)\b([^>]{0,4000})")
_RDF_FEED = re.compile(rb"purl\.org/rss/1\.0|netscape\.com/rdf/simple|<item\b|<channel\b")
_JSON_FEED = re.compile(rb'"version"\s{0,8}:\s{0,8}"https?://(?:www\.)?jsonfeed\.org/version/')

_JSON_HEADS = ItemDecoder(JsonHead)
_JSON_ITEMS = ItemDecoder(JsonItem)


class _Feed(NamedTuple):
    """What a piece knows of a feed in XML."""

    head: Head
    is_mended: bool


# ------------------------------------------------------------------------------- taking it apart


def cut(capture: Capture, options: NoOptions) -> Iterator[Piece]:
    """One piece for XML; JSON in pieces of whole items."""
    with capture.open() as stream:
        first = stream.read(1024).removeprefix(b"\xef\xbb\xbf").lstrip()[:1]
    if first == b"{":
        wanted = [Wanted(path="items", header=tuple(JsonHead.__struct_fields__), key="title")]
        yield from cut_json(capture, options, wanted=wanted)
        return
    head, is_mended = read_head(capture)
    piece = Piece(capture=capture, options=options, context=_Feed(head, is_mended))
    if is_mended:
        piece.note("no well-formed XML: mended")
    yield piece


def items(piece: Piece) -> Iterator[tuple[Entry | None, Head] | ItemError]:
    """The feed itself, then each entry with the feed that it stands in."""
    if isinstance(piece.context, _Feed):
        head, is_mended = piece.context
        yield None, head
        for entry in read_entries(piece.capture, head, is_mended):
            yield entry, head
        return
    for part in slices(piece):
        decoded = _JSON_HEADS.decode(part.header, piece)
        if isinstance(decoded, ItemError):
            raise SourceUnusable(f"the head of the feed is unreadable: {decoded}")
        head = decoded.head
        if part.is_first and piece.first_item == 0:
            yield None, head
        for item in _JSON_ITEMS.elements(part, piece):
            yield item if isinstance(item, ItemError) else (item.entry(head), head)


def rows(item: tuple[Entry | None, Head], piece: Piece) -> Iterator[Row]:
    """The rows of the feed or of one entry."""
    entry, head = item
    if entry is None:
        yield from head_rows(head)
    else:
        yield from entry_rows(entry, head, piece)


# ------------------------------------------------------------------------------------ recognising


def recognise(sample: Sample) -> float:
    """By the root element, or JSON Feed's version."""
    head = sample.head.removeprefix(b"\xef\xbb\xbf")
    if head.lstrip().startswith(b"{"):
        return 0.95 if _JSON_FEED.search(head) else 0.0
    root = _ROOT.match(_without_prolog(head))
    if root is None:
        return 0.0
    name, attributes = root.groups()
    if name == b"RDF" and not _RDF_FEED.search(head):
        return 0.0
    if name == b"feed" and b"atom" not in attributes.lower() and b"<entry" not in head:
        return 0.3
    return 0.4 if name == b"channel" else 0.95


_PROLOG = {b"<?": b"?>", b"<!--": b"-->", b"<!DOCTYPE": b">"}


def _without_prolog(head: bytes) -> bytes:
    """What begins with the root element."""
    while True:
        head = head.lstrip()
        opening = next((mark for mark in _PROLOG if head.startswith(mark)), None)
        if opening is None:
            return head
        skipped, _, head = head.partition(_PROLOG[opening])
        if opening == b"<!DOCTYPE" and b"[" in skipped:  # with declarations of its own
            head = (skipped + head).partition(b"]")[2].partition(b">")[2]


FEED = Source(
    name="feed",
    platform=PLATFORM,
    title="Feeds (RSS, Atom, JSON Feed)",
    files="*.rss, *.atom, *.xml, *.json: RSS 0.9 to 2.0, RDF, Atom 0.3 and 1.0, JSON Feed",
    fills=(Post, Account, Channel, Interaction, Link, Media),
    time="As the site states it, in UTC or with an offset; without either it is no instant.",
    terms="Published by each site for reading by machines, under the site's own terms.",
    recognise=recognise,
    cut=cut,
    items=items,
    rows=rows,
)
