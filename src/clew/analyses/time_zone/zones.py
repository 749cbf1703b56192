"""Which zones can an account live in, and what does each zone's clock show on each day?

Zones whose clocks agree on every day since 2012 cannot be told apart by times of posting, so they
are one *class*, with all its names. Which class a zone belongs to is in `zones.json`, made by
`bench/time_zone_training.py`; what the clocks show comes from the rules of the IANA database.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from zoneinfo import ZoneInfo

import msgspec
import numpy as np
import numpy.typing as npt

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]

_FIRST_DAY = dt.date(1970, 1, 1).toordinal()


@dataclass(frozen=True)
class ZoneClass:
    """Zones that agree on every day since 2012."""

    names: tuple[str, ...]  # IANA names, the one with most inhabitants first
    inhabitants: int  # of towns with 1,000 or more


@cache
def zone_classes() -> tuple[ZoneClass, ...]:
    """All classes, from west to east."""
    data = files("clew.analyses.time_zone").joinpath("zones.json").read_bytes()
    return tuple(msgspec.json.decode(data, type=list[ZoneClass]))


@cache
def class_of() -> dict[str, int]:
    """IANA name → number of its class."""
    return {name: number for number, each in enumerate(zone_classes()) for name in each.names}


def by_population() -> Floats:
    """The share of mankind in each class: the prior of somebody met at random."""
    people = np.array([each.inhabitants for each in zone_classes()], float) + 1e4
    shares: Floats = people / people.sum()
    return shares


@dataclass(frozen=True)
class Clocks:
    """What the clocks of all classes show on some days.

    Days on which every class shows the same are one *season*: `season` says which, for each day
    from `first` on (−1: not looked up); `offsets` holds minutes east of Greenwich by season and
    class. A day is given what holds at noon UTC, so the few hours round a change of clocks may be
    an hour off.
    """

    first: int  # days since 1970
    season: Ints
    offsets: Ints

    @property
    def half_hours(self) -> Ints:
        """Offsets in half hours: 5:45 counts as 6:00."""
        return np.floor_divide(self.offsets + 15, 30)


@cache
def _year(year: int) -> Ints:
    """What the clocks of all classes show in a year: day × class, minutes east of Greenwich.

    Looked up once a week, and every day in weeks in which a clock was changed.
    """
    first = dt.datetime(year, 1, 1, 12, tzinfo=dt.UTC)
    length = (dt.date(year + 1, 1, 1) - dt.date(year, 1, 1)).days
    found = np.zeros((length, len(zone_classes())), np.int64)
    for number, each in enumerate(zone_classes()):
        zone = ZoneInfo(each.names[0])

        def at(day: int, zone: ZoneInfo = zone) -> int:
            offset = (first + dt.timedelta(day)).astimezone(zone).utcoffset()
            assert offset is not None  # noqa: S101 - an aware time has one
            return int(offset.total_seconds() // 60)

        for start in range(0, length, 7):
            stop = min(start + 7, length)
            before, after = at(start), at(stop)
            days = [before] if before == after else [at(day) for day in range(start, stop)]
            found[start:stop, number] = days
    return found


@cache
def clocks(years: tuple[int, ...]) -> Clocks:
    """The clocks in these years, which are in order."""
    first, last = (dt.date(year, 1, 1).toordinal() for year in (years[0], years[-1] + 1))
    days = np.concatenate(
        [np.arange(len(_year(y))) + dt.date(y, 1, 1).toordinal() - first for y in years]
    )
    offsets, seasons = np.unique(
        np.concatenate([_year(year) for year in years]), axis=0, return_inverse=True
    )
    season = np.full(last - first, -1, np.int64)
    season[days] = seasons.reshape(-1)
    return Clocks(first - _FIRST_DAY, season, offsets)


def clocks_for(slots: Ints) -> Clocks:
    """The clocks in all years that these half hours (counted from 1970) lie in."""
    days = np.unique(slots // 48).astype("datetime64[D]")
    years = np.unique(days.astype("datetime64[Y]").astype(int)) + 1970
    return clocks(tuple(years.tolist()))


def evenly() -> Floats:
    """Every whole hour east of Greenwich (as of January 2024) alike; within it by inhabitants."""
    hours = np.round(_year(2024)[0] / 60)
    shares = by_population()
    for hour in np.unique(hours):
        shares[hours == hour] /= shares[hours == hour].sum()
    even: Floats = shares / shares.sum()
    return even


def named(weights: dict[str, float]) -> Floats:
    """An analyst's own prior: IANA name → weight; the zones not named share one hundredth.

    Raises KeyError for a name that is none.
    """
    given = np.zeros(len(zone_classes()))
    for name, weight in weights.items():
        given[class_of()[name]] += weight
    own: Floats = 0.99 * given / given.sum() + 0.01 * by_population()
    return own
