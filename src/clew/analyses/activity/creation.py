"""Were accounts made in a burst?"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Ints = npt.NDArray[np.int64]

WINDOWS_S = (3_600, 86_400, 7 * 86_400)
_AROUND_S = 182 * 86_400
_CHANCE = 1e-3
_FEWEST = 5


@dataclass(frozen=True)
class Burst:
    """Accounts made within a short time."""

    first: int  # number of its first account in the order of creation
    last: int
    expected: float  # accounts in such a time, by those made half a year around
    chance: float  # of so many, anywhere in the series, if they came at the rate around


def bursts(made: Ints) -> list[Burst]:
    """The bursts in instants of creation (seconds since 1970, in order), in order of time.

    For each account and length of window: how many were made from then on? That is held against
    the accounts made in half a year before and after, as far as the series goes. How many are to
    be expected is itself known only from these, so the law is the negative binomial; its chance
    counts times the number of windows looked at. Of overlapping bursts the least probable stays.
    """
    if len(made) < _FEWEST:
        return []
    looked_at = len(made) * len(WINDOWS_S)
    found = []
    for window in WINDOWS_S:
        stops = np.searchsorted(made, made + window)
        counts = stops - np.arange(len(made))
        low = np.searchsorted(made, made - _AROUND_S)
        high = np.searchsorted(made, made + window + _AROUND_S)
        around = high - low - counts
        since = np.maximum(made - _AROUND_S, made[0])
        until = np.minimum(made + window + _AROUND_S, made[-1])
        lasted = np.maximum(until - since - window, window)
        for first in np.flatnonzero(counts >= _FEWEST).tolist():
            # One more than was seen: a stretch without accounts is no proof that none come.
            seen, ratio = int(around[first]) + 1, float(window / lasted[first])
            expected = seen * ratio
            chance = min(1.0, looked_at * tail(int(counts[first]), seen, ratio))
            if chance < _CHANCE:
                found.append(Burst(first, int(stops[first]) - 1, expected, chance))
    chosen: list[Burst] = []
    for burst in sorted(found, key=lambda each: (each.chance, each.first, each.last)):
        if all(burst.first > other.last or burst.last < other.first for other in chosen):
            chosen.append(burst)
    return sorted(chosen, key=lambda each: each.first)


def tail(count: int, seen: int, ratio: float) -> float:
    """The chance of `count` or more in a time that is `ratio` of another in which `seen` came.

    Negative binomial: Poisson's law whose mean is known only as well as `seen` tells it.
    """
    if count <= seen * ratio:
        return 1.0
    success = ratio / (1 + ratio)
    logs = math.lgamma(count + seen) - math.lgamma(seen) - math.lgamma(count + 1)
    term = math.exp(logs + count * math.log(success) - seen * math.log1p(ratio))
    total, number = term, count
    while term > total * 1e-12:
        term *= success * (number + seen) / (number + 1)
        number += 1
        total += term
    return min(1.0, total)
