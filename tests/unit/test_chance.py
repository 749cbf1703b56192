"""Are the formulas those of the papers? Against published values, and against simulation."""

from __future__ import annotations

import math
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clew.model.chance import posterior_bound, rayleigh, wilson


def test_wilson_matches_a_published_example():
    """Newcombe (1998), table I, method 3: 81 of 263, 15 of 148, 0 of 20, 1 of 29."""
    for found, size, low, high in [
        (81, 263, 0.2553, 0.3662),
        (15, 148, 0.0624, 0.1605),
        (0, 20, 0.0000, 0.1611),
        (1, 29, 0.0061, 0.1718),
    ]:
        assert wilson(found / size, size) == pytest.approx((low, high), abs=5e-5)


@given(st.integers(0, 50), st.integers(0, 50))
def test_an_interval_holds_its_share(found, missed):
    size = found + missed
    low, high = wilson(found / size if size else 0, size)
    assert 0 <= low <= high <= 1
    if size:
        assert low - 1e-12 <= found / size <= high + 1e-12


def test_rayleigh_calls_as_many_as_it_says():
    """Of accounts without a rhythm, 5 in 100 have p < 0.05, and 1 in 100 p < 0.01."""
    draw = random.Random(1)
    chances = []
    for _ in range(4000):
        hours = [0] * 24
        for _ in range(30):
            hours[draw.randrange(24)] += 1
        chances.append(rayleigh(hours, 30))
    assert sum(chance < 0.05 for chance in chances) / 4000 == pytest.approx(0.05, abs=0.012)
    assert sum(chance < 0.01 for chance in chances) / 4000 == pytest.approx(0.01, abs=0.006)


def test_rayleigh_at_its_ends():
    assert rayleigh([1] * 24, 1000) == 1.0
    assert rayleigh([0] * 24, 0) == 1.0
    assert rayleigh([5] + [0] * 23, 100) < 1e-40


@given(st.lists(st.integers(0, 9), min_size=24, max_size=24), st.integers(0, 23))
def test_rayleigh_does_not_depend_on_where_the_day_begins(hours, turn):
    turned = hours[turn:] + hours[:turn]
    assert rayleigh(hours, 40) == pytest.approx(rayleigh(turned, 40), abs=1e-12)


def test_the_posterior_bound_matches_the_papers_table():
    """Sellke, Bayarri & Berger (2001), table 1: p → the least error probability of the null."""
    for p_value, error in [(0.2, 0.465), (0.1, 0.385), (0.05, 0.289), (0.01, 0.111)]:
        assert 1 - posterior_bound(p_value) == pytest.approx(
            error, abs=2e-3
        )  # the table is rounded
    assert posterior_bound(0.9) == 0.5
    assert posterior_bound(1 / math.e) == 0.5
    assert posterior_bound(0.0) == 0.99
