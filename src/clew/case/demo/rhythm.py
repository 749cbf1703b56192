"""When does somebody post? By the clock on the wall: hour and weekday in local time, DST included.

Everything is drawn in local time and only then turned into UTC by the rules of the zone, so that
the hour of a habit moves in UTC when the clocks change.
"""

from __future__ import annotations

import datetime as dt
import heapq
import math
from collections.abc import Callable, Iterator, Sequence
from itertools import accumulate, count
from random import Random
from typing import NamedTuple

from clew.case.demo.people import Person

FIRST_DAY = dt.date(2026, 3, 1)
LAST_DAY = dt.date(2026, 7, 31)

_DAY = 86_400
_EARLIEST_OFFSET = 14 * 3600  # the zones east of Greenwich begin a day this much earlier

# Posts by local hour, from 0 to 23, on workdays and on Saturdays and Sundays.
RHYTHMS: dict[str, tuple[tuple[int, ...], tuple[int, ...]]] = {
    "office": (
        (0, 0, 0, 0, 0, 0, 1, 4, 9, 10, 9, 8, 4, 8, 9, 9, 8, 5, 2, 1, 1, 1, 0, 0),
        (0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 1, 1, 1, 1, 1, 0, 0, 0, 0, 0, 0, 0),
    ),
    "evenings": (
        (1, 0, 0, 0, 0, 0, 1, 3, 3, 2, 2, 2, 4, 3, 2, 2, 3, 5, 7, 9, 11, 11, 9, 4),
        (3, 1, 0, 0, 0, 0, 0, 1, 3, 5, 6, 6, 6, 6, 6, 6, 6, 6, 7, 8, 9, 9, 8, 5),
    ),
    "after_work": (
        (4, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 0, 0, 2, 5, 8, 10, 12, 11, 8),
        (5, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 2, 2, 2, 2, 2, 3, 5, 7, 9, 10, 9, 7),
    ),
    "early": (
        (0, 0, 0, 0, 1, 6, 10, 10, 7, 5, 4, 3, 3, 3, 3, 4, 5, 6, 5, 4, 2, 1, 0, 0),
        (0, 0, 0, 0, 0, 3, 6, 8, 8, 7, 6, 5, 4, 4, 4, 4, 4, 4, 4, 3, 2, 1, 0, 0),
    ),
    "late": (
        (8, 6, 3, 1, 0, 0, 0, 0, 0, 0, 1, 2, 3, 3, 3, 3, 3, 4, 5, 6, 8, 10, 11, 11),
        (9, 8, 5, 2, 1, 0, 0, 0, 0, 0, 0, 2, 4, 4, 4, 4, 4, 4, 5, 6, 8, 9, 10, 10),
    ),
    "night_shift": (
        (9, 9, 10, 8, 9, 8, 6, 2, 0, 0, 0, 0, 0, 0, 0, 1, 2, 2, 2, 1, 2, 4, 8, 9),
        (7, 7, 7, 6, 6, 5, 4, 2, 0, 0, 0, 0, 0, 1, 2, 3, 3, 3, 3, 2, 2, 3, 6, 7),
    ),
    "flat": ((1,) * 24, (1,) * 24),
}
_CUMULATED = {
    name: tuple(tuple(accumulate(hours)) for hours in both) for name, both in RHYTHMS.items()
}


class Moment(NamedTuple):
    """Somebody posts at a second."""

    at: int  # seconds since 1970, UTC
    order: int  # breaks ties
    person: Person


Pace = Callable[[dt.date], float]
"""How much busier than usual a day is."""


def steady(_day: dt.date) -> float:
    """Every day as the other."""
    return 1.0


def utc(local: dt.datetime, person: Person) -> int:
    """The second of a local time of this person."""
    return int(local.replace(tzinfo=person.home(local.date())).timestamp())


def moments(
    people: Sequence[Person],
    rng: Random,
    pace: Pace = steady,
    first: dt.date = FIRST_DAY,
    last: dt.date = LAST_DAY,
) -> Iterator[Moment]:
    """When each of them posts, in order of time, a day of memory at once.

    Posts come in sittings of one to four, seconds to minutes apart.
    """
    waiting: list[Moment] = []
    orders = count()
    for number in range((last - first).days + 1):
        day = first + dt.timedelta(days=number)
        busy = pace(day)
        for person in people:
            for at in _of_day(person, day, busy, rng):
                heapq.heappush(waiting, Moment(at, next(orders), person))
        tomorrow = dt.datetime.combine(day + dt.timedelta(days=1), dt.time(), dt.UTC)
        complete = int(tomorrow.timestamp()) - _EARLIEST_OFFSET
        while waiting and waiting[0].at < complete:
            yield heapq.heappop(waiting)
    while waiting:
        yield heapq.heappop(waiting)


def _of_day(person: Person, day: dt.date, busy: float, rng: Random) -> Iterator[int]:
    weekend = day.weekday() >= 5
    hours = RHYTHMS[person.rhythm]
    share = sum(hours[1]) / sum(hours[0]) if weekend else 1.0
    sittings = _poisson(person.rate / 7 * busy * share / 1.4, rng)
    for _ in range(sittings):
        hour = rng.choices(range(24), cum_weights=_CUMULATED[person.rhythm][weekend])[0]
        wall = dt.datetime.combine(day, dt.time(hour, rng.randrange(60), rng.randrange(60)))
        at = int(wall.replace(tzinfo=person.clock(day, rng)).timestamp())
        yield at
        while rng.random() < 0.29:  # 1.4 posts a sitting on average
            at += rng.randrange(15, 300)
            yield at


def _poisson(mean: float, rng: Random) -> int:
    """A Poisson number by Knuth's product of uniforms; the means here are small."""
    bound, product, number = math.exp(-mean), rng.random(), 0
    while product > bound:
        product *= rng.random()
        number += 1
    return number
