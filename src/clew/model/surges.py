"""Is this count more than the past explains? Over-dispersed seasonal counts, folded one by one.

A series of counts (accounts that name a word, each day) is expected to go on as

    mean = rate × exposure × season,    count ~ negative binomial(mean, size)

`rate` is what the series had before for each unit of exposure, `season` what this part of the week
has beside the others, and 1/size = 1/(counts seen) + dispersion: how little is known, and how far
the series strayed from its means before. Older windows count less and less.

The state of a series is a handful of numbers, and a window is judged before it is learned: nothing
later than the window can change what is said of it. Folding a thousand series is the same as
folding each alone.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

Numbers = npt.NDArray[np.float64]

_START = 0.5
"""Counts seen before anything was seen (Jeffreys): what is new is rare, not impossible."""

_SEASON_SEEN = 10.0
"""A part of the week counts as plain until about this many counts say otherwise."""

_DISPERSION, _DISPERSION_SEEN = 0.5, 4.0
"""What the dispersion is believed to be at first, and how firmly: as if mean² had summed to 4."""

_OUTLIER = 4.0
"""Counts further above their mean, in standard deviations, are learned as if they were this far:
yesterday's surge must not hide today's."""


@dataclass
class Surges:
    """The state of many series of counts at once.

    `slots` are the parts of a season (7 for days of a week); after `half_life` windows what was
    seen counts half.
    """

    series: int
    slots: int
    half_life: float
    seen: Numbers = field(init=False)  # counts, season taken out
    exposure: Numbers = field(init=False)
    slot_seen: Numbers = field(init=False)
    slot_expected: Numbers = field(init=False)
    strayed: Numbers = field(init=False)  # squared distance from the mean beyond Poisson's
    squares: Numbers = field(init=False)  # of the means

    def __post_init__(self) -> None:
        self.seen, self.exposure, self.strayed, self.squares = np.zeros((4, self.series))
        self.slot_seen, self.slot_expected = np.zeros((2, self.slots, self.series))

    def expect(self, slot: int, exposure: float) -> tuple[Numbers, Numbers]:
        """Mean and size of the next counts, in this slot and at this exposure.

        Before the first window the mean is not a number: nothing is expected.
        """
        with np.errstate(invalid="ignore", divide="ignore"):
            rate = (self.seen + _START) / np.where(self.exposure > 0, self.exposure, np.nan)
        dispersion = np.maximum(
            0.0,
            (self.strayed + _DISPERSION * _DISPERSION_SEEN) / (self.squares + _DISPERSION_SEEN),
        )
        size = 1 / (1 / (self.seen + _START) + dispersion)
        return rate * exposure * self._season(slot), size

    def learn(self, counts: Numbers, slot: int, exposure: float) -> None:
        """Fold the counts of one window; a window without exposure says nothing."""
        if exposure <= 0:
            return
        mean, size = self.expect(slot, exposure)
        known = np.isfinite(mean)
        plain = np.where(known, mean / self._season(slot), counts)
        bound = mean + _OUTLIER * np.sqrt(mean + mean**2 / size)
        learned = np.where(known, np.minimum(counts, bound), counts)
        fade, slot_fade = 0.5 ** (1 / self.half_life), 0.5 ** (self.slots / self.half_life)
        distance = np.where(known, (learned - mean) ** 2 - mean, 0.0)
        self.strayed = self.strayed * fade + distance
        self.squares = self.squares * fade + np.where(known, mean**2, 0.0)
        self.seen = self.seen * fade + learned / self._season(slot)
        self.exposure = self.exposure * fade + exposure
        self.slot_seen[slot] = self.slot_seen[slot] * slot_fade + learned
        self.slot_expected[slot] = self.slot_expected[slot] * slot_fade + plain

    def _season(self, slot: int) -> Numbers:
        factor: Numbers = (self.slot_seen[slot] + _SEASON_SEEN) / (
            self.slot_expected[slot] + _SEASON_SEEN
        )
        return factor


def surprise(count: float, mean: float, size: float) -> float:
    """How rare a count so high is: minus the decimal logarithm of P(X ≥ count).

    X is negative binomial with this mean and size (variance mean + mean²/size). Zero for counts
    that are not above the mean, and where nothing is expected.
    """
    if not mean > 0 or count <= mean:
        return 0.0
    # P(X ≥ k) is the regularised incomplete beta function I_q(k, size): DLMF 8.17.5, 8.17.22.
    q = mean / (size + mean)
    log_front = (
        math.lgamma(count + size)
        - math.lgamma(size)
        - math.lgamma(count + 1)
        + size * math.log1p(-q)
        + count * math.log(q)
    )
    return max(0.0, -(log_front - math.log(_continued_fraction(q, count, size))) / math.log(10))


def _continued_fraction(x: float, a: float, b: float) -> float:
    """The continued fraction of the incomplete beta function, by Lentz's method.

    Converges fast for x < (a + 1) / (a + b + 2), which holds above the mean.
    """
    c, d = 1.0, 1 / (1 - (a + b) * x / (a + 1))
    value = d
    for m in range(1, 10_000):
        even = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m))
        odd = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1))
        for step in (even, odd):
            d = 1 / (1 + step * d)
            c = 1 + step / c
            value *= c * d
        if abs(c * d - 1) < 1e-12:
            break
    return 1 / value


def false_shares(surprises: Numbers, tested: Numbers | float) -> Numbers:
    """The share of false alarms to expect among series at least this surprising (q-values).

    Benjamini & Hochberg (1995), doi:10.1111/j.2517-6161.1995.tb02031.x, with `tested` as the number
    of all series that were looked at: those not given here count as not surprising at all.
    """
    order = np.argsort(-surprises, kind="stable")
    places = np.arange(1, len(order) + 1)
    shares = np.minimum(1.0, 10.0 ** -surprises[order] * tested / places)
    shares = np.minimum.accumulate(shares[::-1])[::-1]
    result = np.empty(len(order))
    result[order] = shares
    return result
