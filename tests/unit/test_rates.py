"""Are the formulas those of the papers? Against published values, and against plain sums."""

from __future__ import annotations

import math
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clew.model.rates import (
    MedianWait,
    binomial_surprise,
    median_wait,
    normal_surprise,
    poisson_interval,
    poisson_surprise,
)

# Weeks of remission under 6-mercaptopurine, and whether it ended: Freireich et al. (1963).
_REMISSIONS = [
    *((week, True) for week in (6, 6, 6, 7, 10, 13, 16, 22, 23)),
    *((week, False) for week in (6, 9, 10, 11, 17, 19, 20, 25, 32, 32, 34, 35)),
]


def test_the_median_wait_is_that_of_a_published_trial():
    assert median_wait(_REMISSIONS) == MedianWait(median=23, low=13, high=None)


def test_without_censoring_the_median_is_the_middle():
    waits = [(number, True) for number in range(1, 102)]
    found = median_wait(waits)
    assert found.median == 51
    # Binomial ranks of a median of 101: 41 and 61.
    assert found.low == pytest.approx(41, abs=1)
    assert found.high == pytest.approx(61, abs=1)


def test_who_is_seldom_answered_has_no_median():
    assert median_wait([]) == MedianWait(None, None, None)
    assert median_wait([(5, True), (9, False), (9, False), (9, False)]).median is None


def test_a_censored_wait_counts_until_it_ends():
    """The same answers mean slower ones if more were still waiting."""
    answers = [(number, True) for number in range(1, 11)]
    few = median_wait(answers).median
    more = median_wait(answers + [(20, False)] * 6).median
    assert few == 5
    assert more == 8


@given(st.integers(1, 30), st.floats(0.001, 29))
def test_the_poisson_tail_is_the_sum_of_its_terms(count, mean):
    below = math.fsum(
        math.exp(k * math.log(mean) - mean - math.lgamma(k + 1)) for k in range(count)
    )
    found = poisson_surprise(count, mean)
    if count <= mean:
        assert found == 0
    elif below < 1 - 1e-9:
        assert 10**-found == pytest.approx(1 - below, rel=1e-4)


@given(st.integers(0, 20), st.integers(1, 20), st.floats(0.01, 0.99))
def test_the_binomial_tail_is_the_sum_of_its_terms(count, size, share):
    tail = math.fsum(
        math.comb(size, k) * share**k * (1 - share) ** (size - k) for k in range(count, size + 1)
    )
    expected = 0.0 if count <= size * share or count > size else -math.log10(tail)
    assert binomial_surprise(count, size, size * share) == pytest.approx(expected, abs=1e-9)


def test_tails_far_out_are_numbers():
    assert poisson_surprise(5, 1e-9) == pytest.approx(45 + math.log10(120), abs=1e-6)
    assert poisson_surprise(100_000, 10.0) > 300_000
    assert binomial_surprise(100_000, 100_000, 1.0) == pytest.approx(500_000, rel=1e-9)
    # Both ways of reckoning the normal tail meet.
    assert normal_surprise(37.6) - normal_surprise(37.5) == pytest.approx(
        (37.6**2 - 37.5**2) / 2 / math.log(10), abs=0.01
    )
    assert normal_surprise(-math.inf) == 0
    assert normal_surprise(1.6448536) == pytest.approx(-math.log10(0.05), abs=1e-6)


def test_a_sum_of_unlike_trials_is_no_more_surprising_than_it_says():
    """Trials with chances from 0 to 1: surprises of 1 and 2 are rarer than one in 10 and 100."""
    draw = random.Random(1)
    chances = [draw.random() ** 4 for _ in range(30)]
    mean, rounds = sum(chances), 20_000
    sums = [sum(draw.random() < chance for chance in chances) for _ in range(rounds)]
    for surprise in (
        [poisson_surprise(number, mean) for number in sums],
        [binomial_surprise(number, 30, mean) for number in sums],
    ):
        assert sum(each >= 1 for each in surprise) <= 0.1 * rounds
        assert 0 < sum(each >= 2 for each in surprise) <= 0.01 * rounds


@pytest.mark.parametrize(
    ("count", "low", "high"), [(0, 0.0, 3.69), (1, 0.025, 5.57), (5, 1.62, 11.67), (50, 37.1, 65.9)]
)
def test_the_interval_of_a_count_is_close_to_the_exact_one(count, low, high):
    """Garwood's exact limits."""
    assert poisson_interval(count) == pytest.approx((low, high), abs=0.03)
