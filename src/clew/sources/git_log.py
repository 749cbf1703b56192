"""Who wrote which change and who took it in, each by their own clock, in output of git log?"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

from clew.contract import Capture, Piece, Sample, Source
from clew.errors import ItemError
from clew.formats.headed_lines import Headed, cut_headed, headed
from clew.model.tables import Account, Channel, Interaction, InteractionKind, Post, PostKind, Row
from clew.model.times import Micros, TimeQuality, from_datetime, from_seconds

PLATFORM = "git"

NO_OFFSET = "date without offset: see git log --date=iso-strict"

HEAD = re.compile(
    r"^commit (?P<stamp>[0-9a-f]{40}(?:[0-9a-f]{24})?)(?:[ \t][^\n]*)?\n", re.MULTILINE
)
_FIRST = re.compile(
    rb"commit [0-9a-f]{40}(?:[0-9a-f]{24})?(?: [^\n]*)?\r?\n"
    rb"(?:Merge: [^\n]*\n)?(?:Author:|Reflog:|tree [0-9a-f]{40})"
)
_TRAILER = re.compile(r"^([A-Z][A-Za-z-]{1,30}|CC): ([^\n<]{0,200}<[^\n<>]{1,200}>)", re.MULTILINE)


@dataclass(frozen=True)
class Options:
    """What the output does not say of itself."""

    repository: str = ""  # the repository's name or address; empty: not known


def recognise(sample: Sample) -> float:
    """By its first lines."""
    return 0.95 if _FIRST.match(sample.head.removeprefix(b"\xef\xbb\xbf")) else 0.0


# -------------------------------------------------------------------------------- taking it apart


class _Stamp(NamedTuple):
    """An instant with the clock of whoever set it."""

    at: Micros | None
    quality: TimeQuality
    local_time: str | None


_NO_STAMP = _Stamp(None, TimeQuality.MISSING, None)


class _Person(NamedTuple):
    """The name and address that a commit is signed with."""

    name: str | None
    address: str | None


@dataclass(kw_only=True)
class _Commit:
    """What the output says of a commit."""

    sha: str
    author: _Person | None = None
    written: _Stamp = _NO_STAMP
    committer: _Person | None = None
    committed: _Stamp = _NO_STAMP
    message: str = ""
    patch: str = ""  # of --stat, --numstat, --raw or -p


def cut(capture: Capture, options: Options) -> Iterator[Piece]:
    """Pieces of whole commits."""
    return cut_headed(capture, options, HEAD)


def items(piece: Piece) -> Iterator[_Commit | ItemError]:
    """Each commit of a piece."""
    for record in headed(piece, HEAD):
        try:
            yield _commit(record, piece)
        except ItemError as error:
            yield error


def _commit(record: Headed, piece: Piece) -> _Commit:
    """A commit: fields up to an empty line, its message set in by four, then what changed."""
    commit = _Commit(sha=record.head["stamp"])
    lines = record.body.split("\n")
    at = 0
    while at < len(lines) and lines[at]:
        _take_field(commit, lines[at], piece)
        at += 1
    message: list[str] = []
    while at < len(lines) and (not lines[at] or lines[at].startswith("    ")):
        message.append(lines[at][4:])
        at += 1
    commit.message = "\n".join(message).strip("\n")
    commit.patch = "\n".join(lines[at:]).removeprefix("---\n").strip("\n")
    if commit.author is None:
        raise ItemError("commit without author", record.body[:80])
    return commit


def _take_field(commit: _Commit, line: str, piece: Piece) -> None:
    name, _, value = line.partition(" ")
    value = value.strip()
    match name:
        case "Author:":
            commit.author = _person(value)
        case "Commit:":
            commit.committer = _person(value)
        case "Date:" | "AuthorDate:":
            commit.written = _stamp(value, piece)
        case "CommitDate:":
            commit.committed = _stamp(value, piece)
        case "author" | "committer":
            who, _, when = value.rpartition(">")
            if name == "author":
                commit.author, commit.written = _person(f"{who}>"), _stamp(when.strip(), piece)
            else:
                commit.committer, commit.committed = _person(f"{who}>"), _stamp(when.strip(), piece)


def _person(written: str) -> _Person:
    if not written.endswith(">"):
        return _Person(written or None, None)
    name, _, address = written[:-1].rpartition("<")
    return _Person(name.strip() or None, address.strip().lower() or None)


# ------------------------------------------------------------------------------------------ times

_MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
_OFFSET = re.compile(r"([+-])(\d\d):?(\d\d)", re.ASCII)
_WIDEST = dt.timedelta(hours=15)


def _stamp(written: str, piece: Piece) -> _Stamp:
    """A date of git in the forms default, iso, iso-strict, rfc, raw and unix."""
    words = written.split()
    if words and words[0].lstrip("-").isdecimal() and len(words) < 3:
        at = from_seconds(words[0])
        offset = _offset(words[1]) if len(words) > 1 else None
        if offset is None:
            return _Stamp(at, TimeQuality.UTC, None)
        local = dt.datetime.fromtimestamp(at / 1e6, dt.UTC).replace(tzinfo=None) + offset
        return _Stamp(at, TimeQuality.OFFSET, local.isoformat(timespec="seconds"))
    shown_at, zone = _local(words)
    if shown_at is None:
        piece.note(NO_OFFSET)
        return _NO_STAMP
    if not 1970 <= shown_at.year < 2100:
        raise ItemError("time out of range", repr(written)[:80])
    shown = shown_at.isoformat(timespec="seconds")
    offset = _offset(zone)
    if offset is None:
        piece.note(NO_OFFSET)
        return _Stamp(None, TimeQuality.ZONE_UNKNOWN, shown)
    return _Stamp(
        from_datetime((shown_at - offset).replace(tzinfo=dt.UTC)), TimeQuality.OFFSET, shown
    )


def _local(words: list[str]) -> tuple[dt.datetime | None, str]:
    """What the clock showed, and the zone as written; None: not a date of git."""
    try:
        if words and words[0][:4].isdecimal():  # iso and iso-strict
            day, *rest = words
            moment = dt.datetime.fromisoformat(f"{day}T{''.join(rest)}" if rest else day)
            offset = moment.strftime("%z")
            return moment.replace(tzinfo=None), offset
        if words and words[0].endswith(","):  # rfc
            _, day, month, year, clock, *zone = words
        else:
            _, month, day, clock, year, *zone = words
        hour, minute, second = map(int, clock.split(":"))
        month_number = _MONTHS.index(month) + 1
        local = dt.datetime(int(year), month_number, int(day), hour, minute, second)  # noqa: DTZ001
    except (ValueError, OverflowError):
        return None, ""
    return local, zone[0] if zone else ""


def _offset(zone: str) -> dt.timedelta | None:
    """The offset of `+0530` or `+05:30`; None: there is none, or none that a place has."""
    match = _OFFSET.fullmatch(zone)
    if match is None:
        return None
    offset = dt.timedelta(hours=int(match[2]), minutes=int(match[3]))
    return None if offset > _WIDEST else -offset if match[1] == "-" else offset


# ----------------------------------------------------------------------------- what a commit says


def rows(item: _Commit, piece: Piece) -> Iterable[Row]:
    """The commit, who wrote it, who took it in, and who is named in its trailers."""
    author, repository = item.author, piece.options.repository
    title, _, body = item.message.partition("\n")
    text = "\n\n".join(filter(None, (body.strip("\n"), item.patch)))
    post = Post(
        post_id=f"{PLATFORM}:{item.sha}",
        platform=PLATFORM,
        kind=PostKind.POST,
        account_id=_account_id(author),
        author_name=None if author is None or author.address else author.name,
        channel_id=f"{PLATFORM}:repository/{repository}" if repository else None,
        posted_at=item.written.at,
        time_quality=item.written.quality,
        local_time=item.written.local_time,
        title=title.strip() or None,
        text=text if text.strip() else None,
    )
    return _around(post, item, repository)


def _around(post: Post, item: _Commit, repository: str) -> Iterator[Row]:
    yield post
    if post.channel_id:
        yield Channel(
            channel_id=post.channel_id, platform=PLATFORM, kind="repository", name=repository
        )
    trailers = [(name, _person(value)) for name, value in _TRAILER.findall(item.message)]
    people = (item.author, item.committer, *(person for _, person in trailers))
    for person in dict.fromkeys(people):
        if person is not None and person.address:
            yield _account(person)
    committer_id = _account_id(item.committer)
    if committer_id and committer_id != post.account_id:
        yield _act(post, committer_id, post.account_id, item.committed, "committer")
    for name, person in dict.fromkeys(trailers):
        if target := _account_id(person):
            yield _act(post, post.account_id, target, item.written, name.lower())


def _act(
    post: Post, account_id: str | None, target: str | None, stamp: _Stamp, value: str
) -> Interaction:
    return Interaction(
        kind=InteractionKind.MENTION,
        platform=PLATFORM,
        account_id=account_id,
        target_account_id=target,
        post_id=post.post_id,
        channel_id=post.channel_id,
        happened_at=stamp.at,
        time_quality=stamp.quality,
        value=value,
    )


def _account_id(person: _Person | None) -> str | None:
    return f"{PLATFORM}:{person.address}" if person and person.address else None


@lru_cache(maxsize=1 << 14)
def _account(person: _Person) -> Account:
    return Account(
        account_id=f"{PLATFORM}:{person.address}",
        platform=PLATFORM,
        handle=person.address,
        name=person.name,
    )


GIT_LOG = Source(
    name="git_log",
    platform=PLATFORM,
    title="Output of git log",
    files="git log, with --format=medium, fuller or raw, --stat, --numstat or -p",
    fills=(Post, Account, Channel, Interaction),
    time="The clocks of author and committer with their offsets; both can be set at will.",
    terms="Under the terms of the repository; names and addresses are personal data.",
    recognise=recognise,
    items=items,
    rows=rows,
    cut=cut,
    options=Options,
)
