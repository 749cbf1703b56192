"""How numbers are said."""

from __future__ import annotations

import datetime as dt

import pytest

from clew.model import wording


@pytest.mark.parametrize(
    ("number", "said"), [(0, "0 posts"), (1, "1 post"), (2, "2 posts"), (2001, "2,001 posts")]
)
def test_counted(number, said):
    assert wording.counted(number, "post") == said


def test_counted_with_its_own_plural():
    assert wording.counted(2, "reply", "replies") == "2 replies"


@pytest.mark.parametrize(
    ("share", "said"),
    [
        (0, "0 %"),
        (0.0001, "under 1 %"),
        (0.005, "under 1 %"),
        (0.006, "1 %"),
        (0.81, "81 %"),
        (0.995, "over 99 %"),
        (0.9999, "over 99 %"),
        (1, "100 %"),
    ],
)
def test_percent(share, said):
    assert wording.percent(share) == said


@pytest.mark.parametrize(
    ("seconds", "said"),
    [
        (0, "0 s"),
        (45.5, "46 s"),
        (60, "1 min"),
        (200, "3 min 20 s"),
        (86_400, "1 d"),
        (187_260, "2 d 4 h"),
    ],
)
def test_duration(seconds, said):
    assert wording.duration(seconds) == said


@pytest.mark.parametrize(
    ("items", "said"), [([], ""), (["a"], "a"), (["a", "b"], "a and b"), ("abc", "a, b and c")]
)
def test_listed(items, said):
    assert wording.listed(items) == said


def test_short():
    assert wording.short("a" * 80) == "a" * 80
    assert wording.short("a" * 81) == "a" * 79 + "…"


def test_period():
    first, last = dt.datetime(2026, 2, 28, tzinfo=dt.UTC), dt.date(2026, 3, 2)
    assert wording.period(first, last) == "from 2026-02-28 to 2026-03-02 UTC"
    assert wording.period(first, first.date()) == "on 2026-02-28 UTC"
