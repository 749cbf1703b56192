"""Are counts judged by the past alone, and as rarely as they say?"""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from clew.model.surges import Surges, false_shares, surprise


def directly(count, mean, size):
    """-log10 P(X >= count), summed from the count up."""
    ratio = mean / (size + mean)
    first = (
        math.lgamma(count + size)
        - math.lgamma(size)
        - math.lgamma(count + 1)
        + size * math.log1p(-ratio)
        + count * math.log(ratio)
    )
    term, total, number = 1.0, 0.0, count
    while term > 1e-17 * total:
        total += term
        term *= ratio * (number + size) / (number + 1)
        number += 1
    return -(first + math.log(total)) / math.log(10)


@given(st.integers(1, 400), st.floats(0.001, 200), st.floats(0.05, 500))
def test_the_tail_is_the_sum_of_what_lies_beyond(count, mean, size):
    expected = directly(count, mean, size) if count > mean else 0.0
    assert surprise(count, mean, size) == pytest.approx(expected, rel=1e-8, abs=1e-8)


def test_nothing_expected_surprises_nobody():
    assert surprise(5, float("nan"), 1.0) == 0.0
    assert surprise(0, 0.0, 1.0) == 0.0


def folded(counts, slots=1):
    state = Surges(series=counts.shape[0], slots=slots, half_life=20.0)
    for number in range(counts.shape[1]):
        state.learn(counts[:, number], number % slots, 100.0)
    return state


def test_series_do_not_touch_each_other():
    counts = np.random.default_rng(1).poisson(4.0, (5, 40)).astype(float)
    together = np.array(folded(counts, 7).expect(5, 100.0))
    alone = [np.array(folded(counts[[row]], 7).expect(5, 100.0)) for row in range(5)]
    assert np.array_equal(together, np.concatenate(alone, axis=1))


def test_a_window_without_a_crowd_says_nothing():
    state = folded(np.full((1, 20), 3.0))
    before = state.expect(0, 100.0)
    state.learn(np.zeros(1), 0, 0.0)
    assert np.array_equal(before, state.expect(0, 100.0))


def test_the_crowd_is_no_surge():
    """Ten times as many voices in all, ten times as many are expected."""
    state = folded(np.full((1, 30), 3.0))
    (one,), (ten,) = state.expect(0, 100.0)[0], state.expect(0, 1000.0)[0]
    assert ten == pytest.approx(10 * one)
    assert one == pytest.approx(3.0, rel=0.05)


def test_sundays_are_expected_on_sundays():
    week = [2.0, 2, 2, 2, 2, 2, 40]
    state = folded(np.array([week * 12]), slots=7)
    assert state.expect(6, 100.0)[0][0] > 20
    assert state.expect(0, 100.0)[0][0] < 5


def test_a_surge_does_not_hide_the_next():
    quiet, surged = np.full((1, 40), 2.0), np.full((1, 40), 2.0)
    surged[0, 30] = 5000
    assert folded(surged).expect(0, 100.0)[0][0] < 2 * folded(quiet).expect(0, 100.0)[0][0]


@pytest.mark.parametrize("dispersion", [0.02, 0.3])
def test_null_series_surprise_about_as_often_as_they_say(dispersion):
    """Counts drawn from the model itself; an alarm at 1 in 1,000 may not ring at 1 in 300."""
    random = np.random.default_rng(7)
    means = random.gamma(1.0, 5.0, 4000)
    rates = means[:, None] * random.gamma(1 / dispersion, dispersion, (4000, 57))
    counts = random.poisson(rates).astype(float)
    mean, size = folded(counts[:, :-1]).expect(0, 100.0)
    found = [surprise(c, m, s) for c, m, s in zip(counts[:, -1], mean, size, strict=True)]
    assert sum(value >= 3 for value in found) <= 4000 / 300
    assert sum(value >= 1 for value in found) >= 4000 * 0.03, "and they must not be asleep"


def test_false_shares_count_all_that_were_tested():
    found = np.array([3.0, 6.0, 1.0])
    assert false_shares(found, 1000) == pytest.approx([0.5, 0.001, 1.0])
    assert false_shares(found, 3) == pytest.approx([0.0015, 3e-6, 0.1])
