"""How does somebody keep time? Summaries of one account's instants, and signs of a schedule.

Posts less than a minute apart are one *event* (a thread, an album). A *session* is a stretch of
events with no gap above half an hour.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
import numpy.typing as npt

from clew.model.chance import wilson

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]

_DAY = 86_400
_EVENT_S, _SESSION_S = 60, 1_800
_PERIODS_S = (300, 600, 900, 1_800, 3_600)
_CLOCK_CHANCE = 1e-6  # of clock and seconds, if the account keeps to none
_CLOCK_STRENGTH = 0.4  # mean resultant length that the clock needs besides
_SLOT_S, _SLOT_AROUND_S = 300, 3_600
_MOST_PAIRS = 600  # events that pairs are counted of, the newest
# Thresholds are from `bench/activity.py`: see the page for how often they err.
_SLOTS = 0.30
_EVEN_GAPS = 0.30
_BURSTINESS = -0.25
_SLEEPLESS = 0.12
ENOUGH = 30  # events


class Sign(StrEnum):
    """What about an account looks like a schedule. Each can be checked by itself."""

    CLOCK = "clock"  # events keep to certain minutes of the hour
    SECONDS = "seconds"  # posts keep to one second of the minute
    SLOTS = "slots"  # events come at the same times of day, within minutes
    EVEN_GAPS = "even gaps"  # gaps are of one length
    STEADY = "steady"  # gaps vary less than chance would make them
    SLEEPLESS = "sleepless"  # no six hours of the day are quiet


@dataclass(frozen=True)
class Cadence:
    """The summary of one account."""

    events: int
    days: int
    sessions: int
    session_s: float  # median length of a session
    session_posts: float  # posts a session, on average
    gap_s: float | None  # median gap between events; None: there is one event
    longest_gap_s: int | None
    per_day: float  # posts a day of those with a post
    burstiness: float | None  # −1 a clock, 0 chance, 1 bursts; None: too few gaps
    memory: float | None  # does a long gap follow a long one? −1 to 1
    even_gaps: float | None  # share of gaps within 5 % of the median
    slots: float | None  # share of near times of day among those within the hour
    quiet: float  # share of events in the quietest six hours (UTC) of the day
    signs: tuple[Sign, ...]


def cadence(seconds: Ints) -> Cadence:
    """Of instants in seconds since 1970, at least one, in order."""
    events = seconds[np.diff(seconds, prepend=seconds[0] - _EVENT_S) >= _EVENT_S]
    gaps = np.diff(events)
    cuts = np.flatnonzero(gaps > _SESSION_S)
    starts = events[np.concatenate([[0], cuts + 1])]
    stops = events[np.concatenate([cuts, [len(events) - 1]])]
    days = len(np.unique(seconds // _DAY))
    enough = len(events) >= ENOUGH
    values = {
        "burstiness": burstiness(gaps) if enough else None,
        "even_gaps": even_gaps(gaps) if enough else None,
        "slots": near_slots(events) if enough else None,
    }
    quiet = quietest(events)
    return Cadence(
        events=len(events),
        days=days,
        sessions=len(starts),
        session_s=float(np.median(stops - starts)),
        session_posts=len(seconds) / len(starts),
        gap_s=float(np.median(gaps)) if len(gaps) else None,
        longest_gap_s=int(gaps.max()) if len(gaps) else None,
        per_day=len(seconds) / days,
        memory=memory(gaps) if enough else None,
        quiet=quiet,
        signs=_signs(seconds, events, values, quiet) if enough else (),
        **values,
    )


def _signs(
    seconds: Ints, events: Ints, values: dict[str, float | None], quiet: float
) -> tuple[Sign, ...]:
    slots, even, bursty = values["slots"], values["even_gaps"], values["burstiness"]
    days = len(np.unique(events // _DAY))
    seen = {
        Sign.CLOCK: keeps_to_minutes(events),
        Sign.SECONDS: second_chance(seconds) < _CLOCK_CHANCE,
        Sign.SLOTS: slots is not None and slots > _SLOTS,
        Sign.EVEN_GAPS: even is not None and even > _EVEN_GAPS,
        Sign.STEADY: bursty is not None and bursty < _BURSTINESS,
        Sign.SLEEPLESS: wilson(quiet, min(days, len(events)))[0] > _SLEEPLESS,
    }
    return tuple(sign for sign, present in seen.items() if present)


def burstiness(gaps: Ints) -> float | None:
    """Of Goh & Barabási, corrected for the number of gaps (Kim & Jo 2016, eq. 22)."""
    number, mean = len(gaps) + 1, gaps.mean()
    ratio = gaps.std() / mean
    root_up, root_down = math.sqrt(number + 1), math.sqrt(number - 1)
    return float((root_up * ratio - root_down) / ((root_up - 2) * ratio + root_down))


def memory(gaps: Ints) -> float | None:
    """The correlation of each gap with the next; None if they do not vary."""
    first, second = np.log(gaps[:-1]), np.log(gaps[1:])
    if first.std() < 1e-9 or second.std() < 1e-9:
        return None
    return float(np.corrcoef(first, second)[0, 1])


def even_gaps(gaps: Ints) -> float:
    """The share of gaps within 5 % of the median of those above five minutes, if these are most.

    Otherwise of the median of all.
    """
    long = gaps[gaps > _SLOT_S]
    chosen = long if len(long) * 2 > len(gaps) else gaps
    middle = np.median(chosen)
    return float((np.abs(chosen - middle) <= 0.05 * middle).sum() / len(gaps))


def near_slots(events: Ints) -> float | None:
    """Of pairs of events of different days with times of day within the hour: how many are near?

    Near is within five minutes; smooth habits give 1/12. None with fewer than 100 such pairs.
    """
    some = events[-_MOST_PAIRS:]
    apart = np.abs(some[:, None] - some)
    turned = apart % _DAY
    turned = np.minimum(turned, _DAY - turned)
    other_day = np.triu(apart > _DAY // 2, 1)
    around = int((other_day & (turned <= _SLOT_AROUND_S)).sum())
    near = int((other_day & (turned <= _SLOT_S)).sum())
    return near / around if around >= 100 else None


def keeps_to_minutes(events: Ints) -> bool:
    """Are the events close to certain minutes of the hour, strongly and not by chance?

    Rayleigh's test for each of the periods; the least chance counts times their number.
    """
    for period in _PERIODS_S:
        strength = abs(np.exp(2j * np.pi * (events % period) / period).mean())
        chance = len(_PERIODS_S) * math.exp(-(strength**2) * len(events))
        if strength > _CLOCK_STRENGTH and chance < _CLOCK_CHANCE:
            return True
    return False


def second_chance(seconds: Ints) -> float:
    """The chance that so many posts share one second of the minute (Chernoff's bound, times 60).

    Times that are all at :00 were recorded to the minute and say nothing.
    """
    if not (seconds % 60).any():
        return 1.0
    once = np.unique(seconds // 60 * 60 + seconds % 60)
    number = len(once)
    share = float(np.bincount(once % 60, minlength=60).max() / number)
    if share <= 1 / 60:
        return 1.0
    distance = share * math.log(share * 60)
    if share < 1:
        distance += (1 - share) * math.log((1 - share) / (1 - 1 / 60))
    return min(1.0, 60 * math.exp(-number * distance))


def quietest(events: Ints) -> float:
    """The share of events in the quietest six hours in a row of the day."""
    hours = np.bincount(events % _DAY // 3_600, minlength=24)
    twice = np.concatenate([hours, hours])
    return float(min(twice[hour : hour + 6].sum() for hour in range(24)) / len(events))
