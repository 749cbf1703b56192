"""When was a line logged? Its stamp, and the day that a line above it or the file's name gives.

Clients log local time, mostly without the day: irssi writes a line when the day changes, ZNC begins
a new file, HexChat leaves out the year. Only stamps with an offset are instants.
"""

from __future__ import annotations

import datetime as dt
import re
from typing import NamedTuple

from clew.errors import ItemError
from clew.model.times import Micros, TimeQuality, from_iso, local_text

_STAMP = (
    r"\[?(?P<date>\d{4}-\d\d-\d\d)[T ](?P<time>\d\d:\d\d(?::\d\d)?)(?:\.\d{1,9})?"
    r"(?P<zone>Z|[+-]\d\d:?\d\d)?\]?"
    r"|\[?(?P<clock>\d\d:\d\d(?::\d\d)?)\]?"
    r"|(?P<month>[A-Z][a-z]{2}) (?P<day>[ \d]\d) (?P<dayclock>\d\d:\d\d:\d\d)"
)
HEAD = re.compile(
    rf"^(?:(?P<stamp>{_STAMP})(?=[ \t])"
    r"|(?P<control>--- (?:Log opened|Log closed|Day changed) |\*{4} (?:BEGIN|ENDING) LOGGING AT ))",
    re.MULTILINE | re.ASCII,
)
"""How a line begins: with a stamp, or as the logger's own line about the day."""

_MONTHS = {
    name: number
    for number, name in enumerate(
        ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"), 1
    )
}
_DAY = re.compile(
    r"\w{2,4}\.? (?P<month>[A-Z][a-z]{2}) {1,2}(?P<day>\d{1,2})(?: [\d:]{8})? (?P<year>\d{4})",
    re.ASCII,
)


class Moment(NamedTuple):
    """When a line was logged, as a row says it."""

    posted_at: Micros | None
    quality: TimeQuality
    local_time: str | None


class Clock:
    """Knows the day while the lines go by."""

    def __init__(self, day: dt.date | None) -> None:
        self.day = day

    def tell(self, text: str) -> bool:
        """Set the day from the logger's own line; false: it cannot be read."""
        match = _DAY.match(text)
        if match is None or match["month"] not in _MONTHS:
            self.day = None
            return False
        try:
            self.day = dt.date(int(match["year"]), _MONTHS[match["month"]], int(match["day"]))
        except ValueError:
            self.day = None
            return False
        return True

    def read(self, head: re.Match[str]) -> Moment:
        """The moment of a stamp. Raises ItemError for what is no time."""
        if head["zone"]:
            at = from_iso(f"{head['date']}T{head['time']}{head['zone']}")
            return Moment(at, TimeQuality.OFFSET, None)
        if head["date"]:
            return _local(head["date"], head["time"])
        if head["clock"]:
            day = self.day
            return _local(day.isoformat(), head["clock"]) if day else _NEVER
        if not self.see(head):
            return _NEVER
        assert self.day is not None  # noqa: S101 - `see` has set it
        return _local(self.day.isoformat(), head["dayclock"])

    def see(self, head: re.Match[str]) -> bool:
        """Go to the day of a stamp without year; false: the year is not known, or it is no day."""
        month = _MONTHS.get(head["month"] or "")
        if self.day is None or month is None:
            return False
        # From December to January the year turns, which no line says.
        year = self.day.year + (self.day.month - month > 6)
        try:
            self.day = dt.date(year, month, int(head["day"]))
        except ValueError as error:
            raise ItemError("time unreadable", repr(head["stamp"])[:80]) from error
        return True


_NEVER = Moment(None, TimeQuality.MISSING, None)


def _local(day: str, clock: str) -> Moment:
    return Moment(None, TimeQuality.ZONE_UNKNOWN, local_text(f"{day}T{clock}"))
