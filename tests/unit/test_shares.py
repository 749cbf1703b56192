"""The chances of beta-binomial shares, against sums of the formula."""

from __future__ import annotations

import math
from fractions import Fraction

import numpy as np
import pytest

from clew.model.shares import Shares, _log_gamma


def tail(negative: int, voices: int, a: Fraction, b: Fraction) -> float:
    def rising(start, length):
        return math.prod((start + step for step in range(length)), start=Fraction(1))

    return float(
        sum(
            math.comb(voices, k) * rising(a, k) * rising(b, voices - k) / rising(a + b, voices)
            for k in range(negative, voices + 1)
        )
    )


@pytest.mark.parametrize(("negative", "voices"), [(1, 1), (3, 5), (5, 5), (12, 40), (40, 40)])
def test_chance_is_the_tail_of_the_formula(negative, voices):
    shares = Shares()
    for point in (0, 100, 300, 511):
        certain = np.full(len(shares.nothing_seen), -np.inf)
        certain[point] = 0.0
        a, b = (Fraction(float(side[point])) for side in (shares._a, shares._b))
        expected = tail(negative, voices, a, b)
        assert shares.chance(certain, negative, voices) == pytest.approx(expected, rel=1e-7)


def test_no_negative_voice_is_no_surprise():
    shares = Shares()
    assert shares.chance(shares.nothing_seen, 0, 10) == 1.0


def test_without_history_every_share_is_possible():
    shares = Shares()
    assert shares.expected(shares.nothing_seen) == pytest.approx(0.5, abs=1e-6)
    assert shares.chance(shares.nothing_seen, 10, 10) > 0.2


def test_history_makes_chances_small():
    shares = Shares()
    posterior = shares.nothing_seen + 20 * shares.log_likelihood(5, 50)
    assert shares.expected(posterior) == pytest.approx(0.1, abs=0.02)
    assert shares.chance(posterior, 5, 50) > 0.3
    assert shares.chance(posterior, 30, 50) < 1e-6
    few = shares.nothing_seen + shares.log_likelihood(5, 50)
    assert shares.chance(few, 30, 50) > shares.chance(posterior, 30, 50)


def test_log_gamma():
    numbers = np.array([1e-3, 0.3, 1.0, 2.5, 7.999, 8.0, 120.0, 1e6])
    expected = [math.lgamma(number) for number in numbers]
    assert _log_gamma(numbers) == pytest.approx(expected, rel=1e-10, abs=1e-9)
