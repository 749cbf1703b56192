"""What do the cells of LinkedIn's files say: who, which post, and when?

The files differ: `2025-06-01 14:03:22 UTC` in messages, `2026-02-09 01:21:47` in shares, comments
and reactions, `1/29/26, 2:37 PM` in invitations, `08 Feb 2026` in connections.
"""

from __future__ import annotations

import datetime as dt
import re
from typing import NamedTuple
from urllib.parse import unquote

from clew.contract import Piece
from clew.errors import ItemError
from clew.model.tables import Account
from clew.model.times import Micros, TimeQuality, from_iso, in_range, local_text

PLATFORM = "linkedin"

# -------------------------------------------------------------------------------------------- when


class When(NamedTuple):
    """A time as posts have it."""

    posted_at: Micros | None = None
    quality: TimeQuality = TimeQuality.MISSING
    local: str | None = None  # ISO 8601 without offset; a day alone, where no clock is recorded

    @property
    def fields(self) -> dict[str, object]:
        """For the columns of a post."""
        return {
            "posted_at": self.posted_at,
            "time_quality": self.quality,
            "local_time": self.local,
        }


_NAMES = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_MONTHS = {name: number for number, name in enumerate(_NAMES, 1)}
_DAY = re.compile(r"(\d{1,2}) ([^\W\d]{3,12})\.? (\d{4})")
_AMERICAN = re.compile(r"(\d{1,2})/(\d{1,2})/(\d{2}|\d{4}), (\d{1,2}):(\d\d)[ \u202f]([AP])M")


def when(text: str | None, piece: Piece) -> When:
    """A time as the file has it. Raises ItemError for what is none."""
    if not text:
        return When()
    text = text.strip()
    if text.endswith(" UTC"):
        iso = text.removesuffix(" UTC").replace("/", "-")
        return When(from_iso(iso, naive_is_utc=True), TimeQuality.UTC)
    day = _DAY.fullmatch(text)
    if day and day[2][:3].lower() not in _MONTHS:
        piece.note("a month in a language that is not known: the date is left out")
        return When()
    if day:
        iso = f"{day[3]}-{_MONTHS[day[2][:3].lower()]:02}-{int(day[1]):02}"
        return When(None, TimeQuality.ZONE_UNKNOWN, local_text(iso)[:10])
    american = _AMERICAN.fullmatch(text)
    if american:
        text = _iso_of(american)
    return When(None, TimeQuality.ZONE_UNKNOWN, local_text(text))


def _iso_of(match: re.Match[str]) -> str:
    month, day, year, hour, minute = (int(part) for part in match.groups()[:5])
    if not 1 <= hour <= 12:
        raise ItemError("time unreadable", repr(match[0])[:80])
    hour = hour % 12 + (12 if match[6] == "P" else 0)
    return f"{year if year > 99 else 2000 + year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}"


_NUMBER = re.compile(r"urn(?::|%3A)li(?::|%3A)(?:activity|share|ugcPost)(?::|%3A)(\d{10,20})", re.I)
_FIRST_MS = 1_050_000_000_000  # April 2003: before, numbers held no time
_FARTHEST = dt.timedelta(hours=15)  # that a zone is from UTC, with an hour to spare


def post_number(link: str | None) -> str | None:
    """The number of the post that an address is of."""
    match = _NUMBER.search(link or "")
    return match[1] if match else None


def exact(stated: When, number: str | None) -> When:
    """The instant in a post's number (without its last 22 bits), if the date stated agrees.

    LinkedIn's servers make the number when the post is made.
    """
    milliseconds = int(number or 0) >> 22
    if stated.local is None or milliseconds < _FIRST_MS:
        return stated
    moment = in_range(milliseconds * 1000)
    local = from_iso(stated.local, naive_is_utc=True)
    is_near = abs(local - moment) <= _FARTHEST.total_seconds() * 1_000_000
    return When(moment, TimeQuality.UTC) if is_near else stated


# --------------------------------------------------------------------------------------------- who


def account_id(url: str | None) -> str | None:
    """`linkedin:in/name`, of a profile's address: as in pages of LinkedIn."""
    _, found, path = (url or "").strip().partition("linkedin.")
    kind, _, rest = path.partition("/")[2].partition("?")[0].partition("/")
    name = unquote(rest.partition("/")[0]).replace("\0", "\ufffd").strip()
    return f"{PLATFORM}:{kind}/{name.lower()}" if found and kind and name else None


def by_name(name: str | None) -> str | None:
    """An account of which no address is known; null for one that is gone."""
    return f"{PLATFORM}:name/{name}" if name and name != "LinkedIn Member" else None


def full_name(cells: dict[str, str]) -> str | None:
    """First and last name."""
    parts = (cells.get("First Name"), cells.get("Last Name"))
    return " ".join(part.strip() for part in parts if part) or None


def account(native: str, name: str | None, **more: str | None) -> Account:
    """What a row says of an account; the handle as in pages of LinkedIn."""
    handle = native.removeprefix(f"{PLATFORM}:")
    return Account(
        account_id=native,
        platform=PLATFORM,
        handle=None if handle.startswith("name/") else handle,
        name=name,
        **more,  # type: ignore[arg-type]
    )
