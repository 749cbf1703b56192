"""When was a message sent? The head of its line, in the locale and the clock of one phone.

`[08.07.24, 10:00:00] ` on an iPhone, `08/07/2024, 10:00 - ` on Android. The order of day, month and
year is that of the phone's locale and stands nowhere: it is inferred from all heads of the file.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from functools import lru_cache
from typing import NamedTuple

from clew.errors import ItemError
from clew.model.times import local_text

ORDERS = ("dmy", "mdy", "ymd")

_AM = ["am", "vorm", "fm", "ap", "π.μ", "öö", "de", "sa", "ص", "上午", "午前", "오전"]
_PM = ["pm", "nachm", "em", "ip", "μ.μ", "ös", "du", "ch", "م", "下午", "午後", "오후"]
_PART_OF_DAY = {word.replace(".", ""): 0 for word in _AM} | {w.replace(".", ""): 12 for w in _PM}

# Marks of direction, which WhatsApp strews between the parts, and all its kinds of space. They are
# counted, so that a run of them costs no more than its length.
_MARKS = "[\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]"
_SPACE = "[ \u00a0\u202f\u2009]"
_LONGEST_FIRST = sorted({*_AM, *_PM} - {"am", "pm"}, key=len, reverse=True)
_WORDS = rf"[ap]{_SPACE}?\.?{_SPACE}?m\b\.?|" + "|".join(
    re.escape(word) + (r"\b\.?" if word.isascii() else "") for word in _LONGEST_FIRST
)
_DATE = (
    rf"{_MARKS}{{0,4}}(?P<a>\d{{1,4}}){_MARKS}{{0,4}}(?:[./-]|년|年){_SPACE}?{_MARKS}{{0,4}}"
    rf"(?P<b>\d{{1,2}}){_MARKS}{{0,4}}(?:[./-]|월|月){_SPACE}?{_MARKS}{{0,4}}"
    rf"(?P<c>\d{{1,4}})(?:[.]|일|日)?"
)
_GAP = (
    rf"{_MARKS}{{0,4}}[,،]?{_MARKS}{{0,4}}{_SPACE}{{1,2}}(?:(?:klo|kl\.?|um|às|at|à|om){_SPACE})?"
)
_CLOCK = (
    rf"(?:(?P<before>{_WORDS}){_SPACE}?)?"
    rf"{_MARKS}{{0,4}}(?P<hour>\d{{1,2}})[:.](?P<minute>\d\d)"
)
_SECOND = r"(?:[:.](?P<second>\d\d))?"
_AFTER = rf"(?:{_SPACE}?{_MARKS}{{0,4}}(?P<after>{_WORDS}))?{_MARKS}{{0,4}}"


def _written(template: str) -> re.Pattern[str]:
    return re.compile(f"^{_MARKS}{{0,4}}{template}", re.MULTILINE | re.IGNORECASE)


HEADS = {
    "brackets": _written(rf"\[(?P<stamp>{_DATE}{_GAP}{_CLOCK}{_SECOND}{_AFTER})\] ?"),
    "dash": _written(rf"(?P<stamp>{_DATE}{_GAP}{_CLOCK}{_AFTER}) [-–] "),
}
"""How a head is written: with brackets on iPhones, with a dash and no seconds on Android."""


class Style(NamedTuple):
    """How the heads of a file are written and in which order their dates are."""

    head: str
    order: str
    is_certain: bool


class _Candidate:
    """What speaks against one order of dates."""

    def __init__(self, order: str) -> None:
        self._at = [order.index(part) for part in "ymd"]
        self._last = (0, 0, 0)
        self.against = 0

    def see(self, date: tuple[int, int, int], is_year_first: bool) -> None:
        """Count it if this is no date, or one before the last."""
        year, month, day = (date[at] for at in self._at)
        if (is_year_first and self._at[0] != 0) or not (1 <= month <= 12 and 1 <= day <= 31):
            self.against += 1
        else:
            if (year, month, day) < self._last:
                self.against += 1
            self._last = (year, month, day)


def style_of(texts: Iterable[str], *, order: str = "") -> Style | None:
    """How heads are written in all the texts of a file; null: there is none.

    The order of dates is the one in which fewest of them are no date or before the one above. If
    several are as good, the separator decides, and `is_certain` is false.
    """
    counts: Counter[str] = Counter()
    candidates = {head: [_Candidate(order) for order in ORDERS] for head in HEADS}
    for text in texts:
        for head, pattern in HEADS.items():
            for match in pattern.finditer(text):
                counts[head] += 1
                date = (int(match["a"]), int(match["b"]), int(match["c"]))
                for candidate in candidates[head]:
                    candidate.see(date, len(match["a"]) == 4)
    if not counts:
        return None
    head = max(HEADS, key=lambda name: counts[name])
    against = {name: c.against for name, c in zip(ORDERS, candidates[head], strict=True)}
    least = min(against.values())
    best = [name for name in ORDERS if against[name] == least]
    if order:
        return Style(head, order, True)
    return Style(head, best[0], len(best) == 1)


@lru_cache(maxsize=1 << 12)
def _local_time(
    date: tuple[int, int, int], clock: tuple[int, int, int], part: str, order: str
) -> str:
    year, month, day = (date[order.index(name)] for name in "ymd")
    if year < 100:
        year += 2000
    elif 2500 < year < 2700:
        year -= 543  # Thailand counts from Buddha's death
    hour, minute, second = clock
    if part:
        hour = hour % 12 + _PART_OF_DAY[part]
    return local_text(f"{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}")


_PLAIN = re.compile(r"[.\s\u00a0\u202f]")


def local_time(head: re.Match[str], order: str) -> str:
    """The local time that a head states, in ISO form. Raises ItemError for what is no time."""
    part = _PLAIN.sub("", head["before"] or head["after"] or "").lower()
    seconds = head.groupdict().get("second")
    try:
        return _local_time(
            (int(head["a"]), int(head["b"]), int(head["c"])),
            (int(head["hour"]), int(head["minute"]), int(seconds or 0)),
            part,
            order,
        )
    except KeyError as error:
        raise ItemError("time unreadable", repr(head["stamp"])[:80]) from error
