"""Instants are exact, in range, and never guessed."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clew.errors import ItemError
from clew.model.times import (
    from_ctime,
    from_datetime,
    from_iso,
    from_seconds,
    in_range,
    local_text,
    to_datetime,
)

KNOWN = 1_617_910_456_000_000  # 2021-04-08T19:34:16Z


@pytest.mark.parametrize(
    ("given_text", "expected"),
    [
        ("2021-04-08T19:34:16.000Z", KNOWN),
        ("2021-04-08T19:34:16+00:00", KNOWN),
        ("2021-04-08T21:34:16+02:00", KNOWN),
        ("2021-04-08T19:34:16.5Z", KNOWN + 500_000),
    ],
)
def test_iso(given_text, expected):
    assert from_iso(given_text) == expected


def test_a_text_without_offset_is_no_instant():
    with pytest.raises(ItemError, match="without zone"):
        from_iso("2021-04-08T19:34:16")
    assert from_iso("2021-04-08T19:34:16", naive_is_utc=True) == KNOWN


def test_ctime():
    assert from_ctime("Thu Apr 08 19:34:16 +0000 2021") == KNOWN
    assert from_ctime("Thu Apr 08 21:34:16 +0200 2021") == KNOWN


@pytest.mark.parametrize("seconds", [1_617_910_456, "1617910456", 1_617_910_456.0, "1617910456.0"])
def test_seconds(seconds):
    assert from_seconds(seconds) == KNOWN


@pytest.mark.parametrize(
    "bad",
    ["", "x", "1e999", "-1", "253402300799", "9" * 5000, -1, 10**400, float("nan"), float("inf")],
)
def test_what_is_no_time_is_an_item_error(bad):
    with pytest.raises(ItemError) as caught:
        from_seconds(bad)
    assert len(caught.value.detail) < 200


@pytest.mark.parametrize("bad", ["", "yesterday", "0000-01-01T00:00:00Z", "9999-12-31T23:59:59Z"])
def test_absurd_dates_are_item_errors(bad):
    with pytest.raises(ItemError):
        from_iso(bad)
    with pytest.raises(ItemError):
        from_ctime(bad)
    with pytest.raises(ItemError):
        local_text(bad)


@given(st.integers(0, 4_102_444_799_999_999))
def test_every_instant_from_1970_to_2100_is_in_range(number):
    assert in_range(number) == number


@given(st.integers(max_value=-1) | st.integers(min_value=4_102_444_800_000_000))
def test_every_other_number_is_refused(number):
    with pytest.raises(ItemError, match="time out of range"):
        in_range(number)


@given(st.datetimes(dt.datetime(1970, 1, 2), dt.datetime(2099, 12, 30), timezones=st.just(dt.UTC)))
def test_there_and_back(moment):
    assert to_datetime(from_datetime(moment)) == moment
    assert from_iso(moment.isoformat()) == from_datetime(moment)
