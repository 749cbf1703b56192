"""When was it posted, as a forum shows it? Local time in some language, in an order not stated.

A forum prints `27.09.2018, 14:51`, `Thu Jun 03, 2010 7:27 pm` or `Yesterday, 03:12 PM`. Which of
two numbers is the day is inferred from all dates of the page; "yesterday" is no date.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Literal, NamedTuple

from clew.errors import ItemError
from clew.model.times import local_text

Order = Literal["dmy", "mdy", "ymd"]
ORDERS: tuple[Order, ...] = ("dmy", "mdy", "ymd")

LONGEST = 120
"""Characters of a text that is looked at for a date."""

_MONTHS: dict[str, int] = {}
for _number, _names in enumerate(
    (
        "january jan januar jänner januari janvier janv enero ene gennaio gen janeiro stycznia"
        " января янв",
        "february feb februar februari février févr fév febrero febbraio fevereiro fev lutego"
        " февраля фев",
        "march mar märz mär maart mrt mars marzo março marca марта мар",
        "april apr avril avr abril abr aprile kwietnia апреля апр",
        "may mai mei mayo maggio mag maio maja мая май",
        "june jun juni juin junio giugno giu junho czerwca июня июн",
        "july jul juli juillet juil julio luglio lug julho lipca июля июл",
        "august aug augustus août aoû agosto ago sierpnia августа авг",
        "september sep sept septembre septiembre settembre set setembro września сентября сен сент",
        "october oct oktober okt octobre octubre ottobre ott outubro out października октября окт",
        "november nov novembre noviembre novembro listopada ноября ноя",
        "december dec dezember dez décembre déc diciembre dic dicembre dezembro grudnia"
        " декабря дек",
    ),
    1,
):
    _MONTHS |= dict.fromkeys(_names.split(), _number)

_NUMBERS = re.compile(r"(?<!\d)(\d{1,4})([./-])(\d{1,2})\2(\d{2,4})(?!\d)")
_DAY_MONTH = re.compile(
    r"(?<!\d)(\d{1,2})(?:st|nd|rd|th)?\.?,?[ -](?:de |of )?([^\W\d_]{3,12})\.?,?[ -](?:de )?'?"
    r"(\d{4}|\d\d)(?![\d:])"
)
_MONTH_DAY = re.compile(r"([^\W\d_]{3,12})\.? (\d{1,2})(?:st|nd|rd|th)?,? (\d{4})(?![\d:])")
_CLOCK = re.compile(
    r"(?<![\d.:/-])(\d{1,2}):(\d\d)(?::(\d\d))?(?![\d:])(?: ?([ap])\.?m\b)?", re.IGNORECASE
)


class Shown(NamedTuple):
    """A date and a clock as they are written: numbers whose order may be open."""

    numbers: tuple[int, int, int]  # in the order written; year, month, day if `is_settled`
    is_settled: bool
    separator: str
    is_year_first: bool
    clock: tuple[int, int, int] | None
    is_twelve_hour: bool


def shown(text: str) -> Shown | None:
    """The date in a short text; null: there is none. `Today` and `3 hours ago` are none."""
    text = " ".join(text[:LONGEST].split())
    clock, is_twelve_hour = _clock(text)
    if match := _NUMBERS.search(text):
        numbers = (int(match[1]), int(match[3]), int(match[4]))
        is_year_first = len(match[1]) == 4
        if len(match[1]) == 3 or (is_year_first and len(match[4]) > 2) or len(match[4]) == 3:
            return None
        return Shown(numbers, is_year_first, match[2], is_year_first, clock, is_twelve_hour)
    for pattern, month, day in ((_DAY_MONTH, 2, 1), (_MONTH_DAY, 1, 2)):
        for match in pattern.finditer(text):
            number = _MONTHS.get(match[month].lower())
            if number is not None:
                date = (_year(int(match[3])), number, int(match[day]))
                return Shown(date, True, " ", True, clock, is_twelve_hour)
    return None


def _clock(text: str) -> tuple[tuple[int, int, int] | None, bool]:
    match = _CLOCK.search(text)
    if match is None:
        return None, False
    hour, part = int(match[1]), (match[4] or "").lower()
    if part:
        hour = hour % 12 + (12 if part == "p" else 0)
    return (hour, int(match[2]), int(match[3] or 0)), bool(part)


def order_of(dates: Iterable[Shown]) -> tuple[Order, bool]:
    """The order of day, month and year in a page, and whether it is certain.

    It is the one in which fewest dates are no date or lie before the one above. If several are as
    good, dots speak for the day first and a clock of twelve hours for the month first.
    """
    open_dates = [date for date in dates if not date.is_settled]
    against = {order: _against(open_dates, order) for order in ORDERS}
    least = min(against.values())
    best = [order for order in ORDERS if against[order] == least]
    if len(best) == 1 or not open_dates:
        return best[0], True
    is_american = open_dates[0].separator != "." and any(d.is_twelve_hour for d in open_dates)
    likely: Order = "mdy" if is_american and "mdy" in best else best[0]
    return likely, likely == "dmy" and open_dates[0].separator == "."


def _against(dates: list[Shown], order: Order) -> int:
    count, last = 0, (0, 0, 0)
    for date in dates:
        year, month, day = (date.numbers[order.index(part)] for part in "ymd")
        if not (1 <= month <= 12 and 1 <= day <= 31) or (order != "ymd" and month > 31):
            count += 2
            continue
        current = (_year(year), month, day)
        count += current < last
        last = current
    return count


def local_time(date: Shown, order: Order) -> str:
    """The local time in ISO form. Raises ItemError for what is no date or has no clock."""
    year, month, day = (
        date.numbers if date.is_settled else (date.numbers[order.index(part)] for part in "ymd")
    )
    if date.clock is None:
        raise ItemError("date without a clock")
    hour, minute, second = date.clock
    return local_text(f"{_year(year):04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}")


def day(date: Shown, order: Order) -> str:
    """The day in ISO form, `2010-06-03`. Raises ItemError for what is no date."""
    return local_time(date._replace(clock=(0, 0, 0)), order)[:10]


def _year(year: int) -> int:
    if year >= 100:
        return year
    return year + (1900 if year >= 70 else 2000)
