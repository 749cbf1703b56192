"""How does a finding say a number, a share, a length of time?"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

_LONGEST = 80


def counted(number: int, noun: str, plural: str | None = None) -> str:
    """A number with its noun: "1 post", "2,001 posts"."""
    return f"{number:,} {noun if number == 1 else plural or noun + 's'}"


def percent(share: float) -> str:
    """A share from 0 to 1: "81 %"; what is neither nothing nor all is never shown as if it were."""
    rounded = round(share * 100)
    if rounded == 0 and share > 0:
        return "under 1 %"
    if rounded == 100 and share < 1:
        return "over 99 %"
    return f"{rounded} %"


def duration(seconds: float) -> str:
    """A length of time in its two largest units: "45 s", "3 min 20 s", "2 d 4 h"."""
    whole = round(seconds)
    parts: list[tuple[int, str]] = []
    for unit, size in (("d", 86_400), ("h", 3_600), ("min", 60), ("s", 1)):
        number, whole = divmod(whole, size)
        if number or parts:
            parts.append((number, unit))
    shown = [f"{number} {unit}" for number, unit in parts[:2] if number]
    return " ".join(shown) or "0 s"


def period(first: dt.date, last: dt.date) -> str:
    """From when to when, by days: "on 2026-02-28 UTC", "from 2026-02-28 to 2026-03-02 UTC"."""
    start, stop = f"{first:%Y-%m-%d}", f"{last:%Y-%m-%d}"
    return f"on {start} UTC" if start == stop else f"from {start} to {stop} UTC"


def listed(items: Iterable[str]) -> str:
    """Items in a row: "a", "a and b", "a, b and c"."""
    *most, last = [*items] or [""]
    return f"{', '.join(most)} and {last}" if most else last


def short(text: str) -> str:
    """A text cut to 80 characters, for a sentence; the cut shows as "…"."""
    return text if len(text) <= _LONGEST else text[: _LONGEST - 1] + "…"
