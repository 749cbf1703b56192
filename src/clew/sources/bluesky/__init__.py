"""What do files of Bluesky hold: Jetstream's lines, raw frames, repositories, answers of its API?

Frames and repositories are first written as the JSON that the network's servers make of them (see
`binary`); then every file is read in one way. `lexicon` says what a record means, `views` what an
answer says around it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, NamedTuple

import msgspec

from clew.contract import Capture, NoOptions, Piece, Sample, Source
from clew.errors import ItemError, SourceUnusable
from clew.formats.json_items import ItemDecoder
from clew.formats.json_records import Record, cut_records, records
from clew.formats.lines import TARGET
from clew.model.tables import Account, Deletion, Interaction, Link, Media, Post, Row
from clew.sources.bluesky import binary
from clew.sources.bluesky.events import Event, event_rows
from clew.sources.bluesky.lexicon import PLATFORM
from clew.sources.bluesky.views import LISTS, Asked, ProfileView, View, view_rows

_CAR = re.compile(rb"[\x30-\xff][\x00-\x7f]?\xa2\x65roots[\x80-\x9f].{0,200}?gversion", re.DOTALL)
_FRAMES, _REPO = "frames", "repository"


class _Item(NamedTuple):
    part: Event | View | ProfileView
    asked: Asked


_EVENTS = ItemDecoder(Event)
_VIEWS = ItemDecoder(View)
_PROFILES = ItemDecoder(ProfileView)
_ASKED = ItemDecoder(Asked)

# ------------------------------------------------------------------------------- taking it apart


def cut(capture: Capture, options: NoOptions) -> Iterator[Piece]:
    """Pieces of whole records; a repository is one piece."""
    with capture.open() as stream:
        head = stream.read(256)
    if _CAR.match(head):
        if capture.size > binary.LARGEST:
            raise SourceUnusable(f"a repository of more than {binary.LARGEST:,} bytes")
        yield Piece(capture=capture, options=options, context=_REPO)
    elif binary.is_frame(head) or binary.is_frame(head[4:]):
        yield from _cut_frames(capture, options)
    else:
        yield from cut_records(capture, options, lists=LISTS, header=("uri", "subject"))


def _cut_frames(capture: Capture, options: NoOptions) -> Iterator[Piece]:
    first_item = 0
    waiting: list[bytes] = []
    size = 0
    with capture.open() as stream:
        for frame in binary.frames(stream):
            waiting.append(frame)
            size += len(frame)
            if size >= TARGET:
                yield _frames_piece(capture, options, waiting, first_item)
                first_item += len(waiting)
                waiting, size = [], 0
    if waiting:
        yield _frames_piece(capture, options, waiting, first_item)


def _frames_piece(
    capture: Capture, options: NoOptions, frames: list[bytes], first_item: int
) -> Piece:
    return Piece(
        capture=capture,
        options=options,
        data=b"".join(binary.LENGTH.pack(len(frame)) + frame for frame in frames),
        first_item=first_item,
        context=_FRAMES,
    )


def items(piece: Piece) -> Iterator[list[_Item] | ItemError]:
    """Each event or part of an answer; a frame may hold several events, kept together."""
    if piece.context == _FRAMES:
        with piece.open() as stream:
            for frame in binary.frames(stream):
                yield _of_frame(frame, piece)
    elif piece.context == _REPO:
        with piece.open() as stream:
            found = binary.repo_records(stream.read())
        for record in found:
            yield record if isinstance(record, ItemError) else _item(record, piece)
    else:
        for text in records(piece):
            yield _of_text(text, piece)


def _of_frame(frame: bytes, piece: Piece) -> list[_Item] | ItemError:
    found: list[_Item] = []
    try:
        lines = list(binary.frame_lines(frame))
    except ItemError as error:
        return error
    for line in lines:
        item = _item(line, piece)
        if isinstance(item, ItemError):
            return item
        found += item
    return found


def _item(line: dict[str, Any], piece: Piece) -> list[_Item] | ItemError:
    return _of_text(Record(msgspec.json.encode(line), "", b"{}"), piece)


def _of_text(record: Record, piece: Piece) -> list[_Item] | ItemError:
    part: Event | View | ProfileView | ItemError = _EVENTS.decode(record.text, piece)
    if isinstance(part, Event) and part.kind is not None:
        return [_Item(part, _NOTHING_ASKED)]
    part = _VIEWS.decode(record.text, piece)
    if isinstance(part, View) and part.did is not None:
        part = _PROFILES.decode(record.text, piece)
    asked = _ASKED.decode(record.header, piece) if record.place else _NOTHING_ASKED
    if isinstance(part, ItemError):
        return part
    if isinstance(asked, ItemError):
        return asked
    asked.place = record.place
    return [_Item(part, asked)]


_NOTHING_ASKED = Asked()


def rows(item: list[_Item], piece: Piece) -> Iterator[Row]:
    """The rows of an event or of a part of an answer."""
    for part, asked in item:
        if isinstance(part, Event):
            yield from event_rows(part, piece)
        else:
            yield from view_rows(part, asked, piece)


# ------------------------------------------------------------------------------------ recognising

_SIGNS = tuple(
    (score, tuple(re.compile(sign) for sign in signs))
    for score, *signs in (
        (1.0, rb'"did"\s?:\s?"did:', rb'"time_us"\s?:', rb'"kind"\s?:'),
        (0.95, rb'"uri"\s?:\s?"at://did:', rb'"(?:author|value|post|thread)"\s?:', rb'"cid"\s?:'),
        (0.9, rb'"did"\s?:\s?"did:', rb'"handle"\s?:', rb'"(?:avatar|displayName|viewer|labels)"'),
    )
)


def recognise(sample: Sample) -> float:
    """By the first bytes of frames and repositories, and by DIDs in JSON."""
    head = sample.head.removeprefix(b"\xef\xbb\xbf")
    if _CAR.match(head) or binary.is_frame(head) or binary.is_frame(head[4:]):
        return 0.95
    if not head.lstrip().startswith((b"{", b"[")):
        return 0.0
    return max(
        (score for score, signs in _SIGNS if all(sign.search(head) for sign in signs)), default=0.0
    )


BLUESKY = Source(
    name="bluesky",
    platform=PLATFORM,
    title="Bluesky (AT Protocol)",
    files="Jetstream *.jsonl, recorded frames, repositories *.car, *.json and *.jsonl of its API",
    fills=(Post, Account, Interaction, Link, Media, Deletion),
    time="Claimed: the author's program sets createdAt; deletions have the network's own time.",
    terms="Public by design of the network; its terms ask that deletions be honoured.",
    recognise=recognise,
    cut=cut,
    items=items,
    rows=rows,
)
