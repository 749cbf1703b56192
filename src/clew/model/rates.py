"""How many events does a rate explain, and how long does it take until one?"""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

_95_PERCENT = 1.959963984540054
_CLOSE = 1e-9  # shares are products of fractions: a half may come out as a little more


def poisson_surprise(count: int, mean: float) -> float:
    """How rare a count so high is: minus the decimal logarithm of P(X ≥ count), X ~ Poisson(mean).

    Zero for counts that are not above the mean. A sum of independent trials whose chances differ
    exceeds its mean by 1 or more never more probably than this says (Anderson & Samuels 1967, Some
    inequalities among binomial and Poisson probabilities).
    """
    if count <= mean or not mean > 0:
        return 0.0
    # The first term, and how many times it the whole tail is: each term is less than before.
    log_first = count * math.log(mean) - mean - math.lgamma(count + 1)
    return _tail(log_first, lambda number: mean / number, count)


def binomial_surprise(count: int, size: int, mean: float) -> float:
    """How rare a count so high is among `size` trials: -log10 P(X ≥ count), X binomial.

    Zero for counts that are not above the mean. Trials whose chances differ exceed their mean by 1
    or more never more probably than this says (Hoeffding 1956, doi:10.1214/aoms/1177728178).
    """
    if count <= mean or count > size or not mean > 0:
        return 0.0
    share = mean / size
    log_first = (
        math.lgamma(size + 1)
        - math.lgamma(count + 1)
        - math.lgamma(size - count + 1)
        + count * math.log(share)
        + (size - count) * math.log1p(-share)
    )
    odds = share / (1 - share)
    return _tail(log_first, lambda number: odds * (size - number + 1) / number, count)


def _tail(log_first: float, ratio: Callable[[int], float], first: int) -> float:
    """Minus the decimal logarithm of a sum of falling terms, given the first and their ratios."""
    term = total = 1.0
    for number in itertools.count(first + 1):
        term *= ratio(number)
        total += term
        if term < total * 1e-17:
            break
    return max(0.0, -(log_first + math.log(total)) / math.log(10))


def normal_surprise(distance: float) -> float:
    """How rare a value so far above the mean is: minus the decimal logarithm of P(Z ≥ distance).

    `distance` in standard deviations.
    """
    tail = math.erfc(distance / math.sqrt(2)) / 2
    if tail > 0:
        return max(0.0, -math.log10(tail))
    # Mills' ratio: beyond 37 standard deviations the number itself is too small.
    return (distance**2 / 2 + math.log(distance * math.sqrt(2 * math.pi))) / math.log(10)


def poisson_interval(count: int) -> tuple[float, float]:
    """The 95 % interval of the mean of a Poisson count.

    Byar's approximation to the exact interval (Breslow & Day 1987, Statistical Methods in Cancer
    Research II, p. 69); within 0.1 of it for every count above 0.
    """
    low = 0.0
    if count:
        low = count * (1 - 1 / (9 * count) - _95_PERCENT / (3 * math.sqrt(count))) ** 3
    more = count + 1
    return low, more * (1 - 1 / (9 * more) + _95_PERCENT / (3 * math.sqrt(more))) ** 3


@dataclass(frozen=True)
class MedianWait:
    """The wait after which half of all have an answer; null: it cannot be told."""

    median: int | None
    low: int | None  # of its 95 % interval
    high: int | None


def median_wait(waits: Sequence[tuple[int, bool]]) -> MedianWait:
    """The median of waits of which some ended without an answer, in their unit.

    `waits` are pairs of a wait and whether it ended with an answer. Kaplan & Meier (1958),
    doi:10.1080/01621459.1958.10501452: the first wait at which the share still waiting is a half or
    less. The interval holds the waits at which the log-log interval of that share (Greenwood's
    variance) holds a half: Brookmeyer & Crowley (1982), doi:10.2307/2530286.
    """
    waiting, share, variance = len(waits), 1.0, 0.0
    median = low = high = None
    for wait, group in itertools.groupby(sorted(waits), key=lambda pair: pair[0]):
        ended = [answered for _, answered in group]
        answers = sum(ended)
        if answers:
            share *= 1 - answers / waiting
            left = waiting - answers
            variance += answers / (waiting * left) if left else math.inf
            below, above = _share_interval(share, variance)
            if low is None and below <= 0.5:
                low = wait
            if median is None and share <= 0.5 + _CLOSE:
                median = wait
            if high is None and above <= 0.5:
                high = wait
        waiting -= len(ended)
    return MedianWait(median, low, high)


def _share_interval(share: float, variance: float) -> tuple[float, float]:
    """The log-log interval of a share still waiting; of a share of nothing 0 to 1."""
    if share <= 0 or math.isinf(variance):
        return 0.0, 1.0
    spread = math.exp(_95_PERCENT * math.sqrt(variance) / abs(math.log(share)))
    return share**spread, share ** (1 / spread)
