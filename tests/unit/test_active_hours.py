"""What active_hours says of accounts whose habits are known, and that it turns with the clock."""

from __future__ import annotations

import datetime as dt
import random

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from clew.analyses.active_hours import ACTIVE_HOURS, GIVES, Options, find
from clew.contract import PlotKind, Priority
from tests.engines import GivenTables
from tests.generated import cases

MONDAY = dt.datetime(2024, 1, 1, tzinfo=dt.UTC)


def post(number: int, account: str | None, at: dt.datetime | None, **others) -> dict:
    return {
        "post_id": f"x:{number}",
        "account_id": account,
        "kind": "post",
        "posted_at": at,
        "time_quality": "utc" if at else "missing",
    } | others


def result_of(engine, posts: list[dict], **options) -> pa.Table:
    tables = GivenTables(engine, ACTIVE_HOURS.needs, {"posts": posts})
    return ACTIVE_HOURS.gather(tables, Options(**options)).to_pyarrow()


def on_days(days: int, hours: range, account: str, seed: int = 1) -> list[dict]:
    """Three posts on each day, at random times within the hours."""
    draw = random.Random(seed)
    return [
        post(
            day * 10 + number,
            account,
            MONDAY + dt.timedelta(days=day, hours=draw.choice(hours), minutes=draw.randrange(60)),
        )
        for day in range(days)
        for number in range(3)
    ]


def test_a_rhythm_is_told_with_its_hours_and_how_sure_it_is(duckdb):
    result = result_of(duckdb, on_days(90, range(8, 14), "x:ann"))
    whole, finding = find(result, Options())
    assert "1 account has at least 20 posts" in whole.summary
    assert finding.subject == "x:ann"
    assert "0 % (0-" in finding.summary
    assert finding.confidence == 0.99
    assert finding.priority is Priority.NOTE
    assert len(finding.evidence) == 3


def test_posting_round_the_clock_is_said(duckdb):
    result = result_of(duckdb, on_days(200, range(24), "x:bot"))
    finding = find(result, Options())[1]
    assert "round the clock" in finding.summary
    assert finding.priority is Priority.LOW
    assert finding.confidence is None


def test_one_long_evening_proves_nothing(duckdb):
    evening = [
        post(number, "x:ann", MONDAY + dt.timedelta(hours=20, seconds=number))
        for number in range(400)
    ]
    whole, finding = find(result_of(duckdb, evening), Options())
    assert whole.enough_data
    assert not finding.enough_data
    assert "400 posts in 1 active hour on 1 day" in finding.summary


def test_what_is_left_out_is_counted(duckdb):
    posts = on_days(30, range(24), "x:ann")
    posts += [post(1000 + number, "x:ann", None) for number in range(7)]
    posts += [post(2000, "x:bob", MONDAY), post(2001, None, MONDAY)]
    posts += [post(3000, "x:ann", MONDAY, time_quality="claimed")]
    posts += [post(3001, "x:ann", MONDAY, kind="service")]
    result = result_of(duckdb, posts)
    assert sum(result["posts"].to_pylist()) == len(posts) - 1
    whole, finding = find(result, Options())
    assert whole.summary.startswith("92 posts have a time that is known in UTC")
    assert "8 posts left out" in whole.summary
    assert "8 more without a UTC time" in finding.summary


def test_a_case_without_utc_times_says_so(duckdb):
    result = result_of(duckdb, [post(number, "x:ann", None) for number in range(30)])
    (finding,) = find(result, Options())
    assert finding.summary == "No post has a time that is known in UTC (30 posts without)."
    assert not finding.enough_data


def test_reposts_count_unless_they_are_not_wanted(duckdb):
    posts = [post(1, "x:ann", MONDAY), post(2, "x:ann", MONDAY, kind="repost")]
    assert result_of(duckdb, posts)["posts"].to_pylist() == [2]
    assert result_of(duckdb, posts, reposts=False)["posts"].to_pylist() == [1]


@given(st.data(), st.integers(-400, 400))
def test_shifting_all_posts_turns_the_week(duckdb, data, hours):
    """The week has no beginning. (Days do: how many there are depends on where midnight is.)"""
    case = data.draw(cases(ACTIVE_HOURS.needs))
    known = [row for row in case["posts"] if row["posted_at"] is not None]
    moved = [row | {"posted_at": row["posted_at"] + dt.timedelta(hours=hours)} for row in known]
    before, after = (result_of(duckdb, posts, min_posts=1).to_pylist() for posts in (known, moved))
    turned = [
        row
        if row["hour_of_week"] is None
        else row | {"hour_of_week": (row["hour_of_week"] + hours) % 168}
        for row in before
    ]
    assert without_days(turned) == without_days(after)


def without_days(rows: list[dict]) -> list[str]:
    return sorted(str(row | {"days": None}) for row in rows)


@pytest.mark.parametrize("shown", [1, 2])
def test_only_the_accounts_that_post_most_are_described_and_it_says_so(duckdb, shown):
    posts = on_days(30, range(24), "x:ann")
    posts += [row | {"post_id": f"{row['post_id']}b", "account_id": "x:bob"} for row in posts[5:]]
    options = Options(shown=shown)
    result = result_of(duckdb, posts)
    assert [finding.subject for finding in find(result, options)] == [
        None,
        *["x:ann", "x:bob"][:shown],
    ]
    assert ("The 1 of them" in find(result, options)[0].summary) == (shown == 1)


def test_the_pictures_hold_every_hour_of_the_week(duckdb):
    plots = ACTIVE_HOURS.draw(result_of(duckdb, on_days(30, range(8, 9), "x:ann")), Options())
    assert [plot.kind for plot in plots] == [PlotKind.HEATMAP_WEEK] * 2
    for plot in plots:
        assert plot.data["hour_of_week"].to_pylist() == list(range(168))
        assert sum(plot.data["value"].to_pylist()) == 90
    assert "x:ann" in plots[1].title


def test_an_empty_result_has_the_schema_it_promises():
    empty = GIVES.to_pyarrow().empty_table()
    assert not find(empty, Options())[0].enough_data
