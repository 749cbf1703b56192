"""What volume says of two channels whose days are known."""

from __future__ import annotations

import datetime as dt

from clew.analyses.volume import VOLUME, Options, find
from tests.engines import GivenTables

MARCH = dt.datetime(2024, 3, 1, 23, 59, tzinfo=dt.UTC)


def post(number: int, channel: str | None, days: int, **others) -> dict:
    return {
        "post_id": f"x:{number}",
        "platform": "x",
        "kind": "post",
        "channel_id": channel,
        "posted_at": MARCH + dt.timedelta(days=days),
        "time_quality": "utc",
    } | others


POSTS = [
    *(post(number, "x:big", 0) for number in range(3)),
    *(post(10 + number, "x:big", 4) for number in range(5)),
    post(20, "x:small", 1),
    post(21, None, 1),
    post(22, "x:big", 0, kind="service"),
    post(23, "x:big", 0, time_quality="zone_unknown"),
]


def result_of(engine, posts=POSTS):
    return VOLUME.gather(
        GivenTables(engine, VOLUME.needs, {"posts": posts}), Options()
    ).to_pyarrow()


def test_the_findings_say_what_there_is_and_when(duckdb):
    whole, big, small = find(result_of(duckdb), Options())
    assert whole.summary == (
        "All posts: 10 posts from 2024-03-01 to 2024-03-05 UTC, 2 of 5 days without any; most on"
        " 2024-03-05 (5 posts; 3 on a median day with posts)."
        " 1 post left out: the time is not known in UTC."
    )
    assert whole.evidence == ("x:10",)
    assert big.subject == "x:big"
    assert "8 posts" in big.summary
    assert small.subject == "x:small"


def test_channels_that_are_not_described_are_counted(duckdb):
    whole, *channels = find(result_of(duckdb), Options(shown=1))
    assert [finding.subject for finding in channels] == ["x:big"]
    assert "The 1 of 2 channels with most posts are described." in whole.summary


def test_no_time_in_utc_is_not_enough(duckdb):
    (finding,) = find(result_of(duckdb, [post(1, None, 0, time_quality="missing")]), Options())
    assert finding.summary == "1 post, none of them with a time that is known in UTC."
    assert not finding.enough_data


def test_the_picture_has_a_zero_for_a_day_without_posts(duckdb):
    plots = VOLUME.draw(result_of(duckdb), Options(pictures=1))
    assert [plot.title for plot in plots] == ["Posts per day", "Posts per day in x:big"]
    assert plots[0].data["value"].to_pylist() == [3, 2, 0, 0, 5]
    assert plots[0].data["at"][0].as_py() == MARCH.replace(hour=0, minute=0)
