"""When did it happen, and how well is that known?

An instant is a count of microseconds since 1970-01-01T00:00:00 UTC (`Micros`). Rows hold plain
integers and not `datetime` objects: they are made ten million at a time.
"""

from __future__ import annotations

import datetime as dt
import re
from enum import StrEnum
from typing import NewType

from clew.errors import ItemError

Micros = NewType("Micros", int)
"""Microseconds since 1970-01-01T00:00:00 UTC."""

_SECOND = 1_000_000
_EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
_MICROSECOND = dt.timedelta(microseconds=1)

EARLIEST = Micros(0)
"""1970-01-01: nothing that Clew reads was posted before it; an older date is a broken field."""

LATEST = Micros(4_102_444_800 * _SECOND)
"""2100-01-01, exclusive. A date in the future but before it is kept: the claim is evidence."""


class TimeQuality(StrEnum):
    """How well a row's time is known. Analyses that need UTC take only UTC and OFFSET."""

    UTC = "utc"  # the platform's server stated an instant in UTC
    OFFSET = "offset"  # local time with its offset: an exact instant
    CLAIMED = "claimed"  # an instant set by the author's own client: it can lie
    ZONE_UNKNOWN = "zone_unknown"  # local time, offset not recorded: no instant, see `local_time`
    MISSING = "missing"  # no time recorded


EXACT = (TimeQuality.UTC, TimeQuality.OFFSET)
"""What an analysis that needs UTC may use: an instant, and not one that the author's client set."""


def from_seconds(seconds: float | str) -> Micros:
    """The instant of a Unix time in seconds (number or decimal text).

    Raises ItemError for what is no number or lies outside 1970 to 2100.
    """
    try:
        if isinstance(seconds, int):
            value = seconds * _SECOND
        elif isinstance(seconds, str) and "." not in seconds and "e" not in seconds.lower():
            value = int(seconds[:32]) * _SECOND
        else:
            value = round(float(seconds) * _SECOND)
    except (ValueError, OverflowError) as error:
        raise ItemError("time unreadable", repr(seconds)[:80]) from error
    return in_range(value)


def in_range(micros: int) -> Micros:
    """`micros` itself; raises ItemError unless it lies from 1970 to 2100."""
    if EARLIEST <= micros < LATEST:
        return Micros(micros)
    shown = max(min(micros, 10**21), -(10**21))  # a number of a thousand digits is not written out
    raise ItemError("time out of range", f"{shown // _SECOND} s since 1970")


def from_datetime(moment: dt.datetime) -> Micros:
    """The instant of an aware datetime; a naive one is refused with ItemError."""
    if moment.tzinfo is None:
        raise ItemError("time without zone", moment.isoformat())
    return in_range((moment - _EPOCH) // _MICROSECOND)


def from_iso(text: str, *, naive_is_utc: bool = False) -> Micros:
    """The instant of an ISO 8601 text such as `2021-04-08T19:34:16.000Z`.

    A text without offset raises ItemError, unless the format is documented to mean UTC
    (`naive_is_utc`).
    """
    try:
        moment = dt.datetime.fromisoformat(text)
    except (ValueError, TypeError) as error:
        raise ItemError("time unreadable", repr(text)[:80]) from error
    if moment.tzinfo is None and naive_is_utc:
        moment = moment.replace(tzinfo=dt.UTC)
    return from_datetime(moment)


_MONTHS = {
    name: f"{number:02}"
    for number, name in enumerate(
        ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"), 1
    )
}
_CTIME = re.compile(
    r"[A-Z][a-z]{2} ([A-Z][a-z]{2}) (\d\d) (\d\d:\d\d:\d\d) ([+-]\d{4}) (\d{4})", re.ASCII
)


def from_ctime(text: str) -> Micros:
    """The instant of `Wed Jul 08 21:59:10 +0000 2026`, the form of X's API v1.1.

    Read by hand because `strptime` follows the machine's locale and costs 10 µs.
    """
    match = _CTIME.fullmatch(text) if isinstance(text, str) else None
    if match is None or match[1] not in _MONTHS:
        raise ItemError("time unreadable", repr(text)[:80])
    month, day, clock, zone, year = match.groups()
    try:
        moment = dt.datetime.fromisoformat(f"{year}-{_MONTHS[month]}-{day}T{clock}{zone}")
    except ValueError as error:
        raise ItemError("time out of range", repr(text)[:80]) from error
    return from_datetime(moment)


def local_text(text: str) -> str:
    """A local time without offset as ISO text, checked to be a real date.

    For rows of quality ZONE_UNKNOWN; raises ItemError for what is no date.
    """
    try:
        moment = dt.datetime.fromisoformat(text)
    except (ValueError, TypeError) as error:
        raise ItemError("time unreadable", repr(text)[:80]) from error
    if not 1970 <= moment.year < 2100:
        raise ItemError("time out of range", repr(text)[:80])
    return moment.replace(tzinfo=None).isoformat(timespec="seconds")


def to_datetime(micros: Micros) -> dt.datetime:
    """The aware UTC datetime of an instant."""
    return _EPOCH + dt.timedelta(microseconds=micros)
