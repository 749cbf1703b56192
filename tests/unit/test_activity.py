"""What activity says of people, of schedulers, and of accounts that were made together."""

from __future__ import annotations

import datetime as dt
import random

import numpy as np
import pytest

from clew.analyses.activity import ACTIVITY, GIVES, Options
from clew.analyses.activity.cadence import Sign, burstiness, cadence, memory
from clew.analyses.activity.creation import bursts, tail
from clew.contract import Priority
from tests.engines import GivenTables

MONDAY = dt.datetime(2024, 1, 1, tzinfo=dt.UTC)
DAY = 86_400
START = int(MONDAY.timestamp())


def person(seed: int, sessions: int = 80) -> np.ndarray:
    """Sessions in the evening, with gaps of all lengths."""
    draw = random.Random(seed)
    made = []
    for day in range(sessions):
        at = START + day * DAY + draw.gauss(19, 2.5) * 3600
        for _ in range(draw.randint(1, 4)):
            made.append(int(at))
            at += draw.lognormvariate(5, 1.3)
    return np.sort(np.array(made))


def daily(seed: int, jitter_s: float, days: int = 60) -> np.ndarray:
    draw = random.Random(seed)
    times = [draw.randrange(DAY) for _ in range(3)]
    made = [
        int(START + day * DAY + time + draw.uniform(-jitter_s, jitter_s))
        for day in range(days)
        for time in times
    ]
    return np.sort(np.array(made))


@pytest.mark.parametrize("seed", range(20))
def test_people_show_no_sign_of_a_schedule(seed):
    assert cadence(person(seed)).signs == ()


@pytest.mark.parametrize("jitter_s", [5, 60, 240])
@pytest.mark.parametrize("seed", range(5))
def test_the_same_times_each_day_are_seen(seed, jitter_s):
    assert Sign.SLOTS in cadence(daily(seed, jitter_s)).signs


@pytest.mark.parametrize("jitter", [0.02, 0.2, 0.4])
def test_gaps_of_one_length_are_seen(jitter):
    random_ = np.random.default_rng(1)
    made = START + np.cumsum(5400 * random_.uniform(1 - jitter, 1 + jitter, 200)).astype(int)
    signs = cadence(made).signs
    assert Sign.STEADY in signs
    assert (Sign.EVEN_GAPS in signs) == (jitter < 0.1)


def test_the_clock_is_seen_and_a_night_without_sleep():
    random_ = np.random.default_rng(2)
    hours = np.sort(random_.choice(24 * 90, 300, replace=False))
    signs = cadence(START + hours * 3600 + random_.integers(0, 20, 300)).signs
    assert Sign.CLOCK in signs
    assert Sign.SLEEPLESS in signs


def test_times_recorded_to_the_minute_are_no_schedule():
    seconds = person(9)
    assert Sign.SECONDS not in cadence(seconds // 60 * 60).signs
    assert Sign.SECONDS in cadence(np.append(seconds // 60 * 60, seconds[-1] + 3601)).signs


def test_chance_has_no_bursts_and_no_memory():
    gaps = np.random.default_rng(3).exponential(3600, 20_000).astype(int) + 1
    assert burstiness(gaps) == pytest.approx(0, abs=0.02)
    assert memory(gaps) == pytest.approx(0, abs=0.03)
    assert burstiness(np.full(50, 3600)) < -0.9
    assert memory(np.full(50, 3600)) is None


def test_sessions_are_cut_at_half_an_hour():
    found = cadence(np.array([0, 20, 600, 600 + 1801, 600 + 1801 + 1800]) + START)
    assert (found.events, found.sessions, found.session_s) == (4, 2, 1200)
    assert found.signs == ()
    assert found.burstiness is None


def test_a_burst_of_new_accounts_is_seen_and_steady_ones_are_not():
    draw = random.Random(4)
    steady = sorted(START + draw.randrange(5 * 365 * DAY) for _ in range(300))
    assert bursts(np.array(steady)) == []
    planted = sorted(steady + [START + 700 * DAY + draw.randrange(3600) for _ in range(8)])
    (burst,) = bursts(np.array(planted))
    assert 8 <= burst.last - burst.first + 1 <= 9
    assert burst.chance < 1e-6
    assert bursts(np.array([], np.int64)) == []


def test_false_alarms_of_bursts_are_as_rare_as_stated():
    random_ = np.random.default_rng(5)
    alarms = sum(
        bool(bursts(START + np.sort(random_.integers(0, 3 * 365 * DAY, 200)))) for _ in range(60)
    )
    assert alarms <= 1


def test_the_tail_is_that_of_the_negative_binomial():
    random_ = np.random.default_rng(6)
    drawn = random_.negative_binomial(4, 1 / 1.5, 200_000)
    assert tail(5, 4, 0.5) == pytest.approx((drawn >= 5).mean(), rel=0.03)
    assert tail(1, 4, 0.5) == 1


def test_findings_lead_to_posts_and_accounts(duckdb):
    accounts = {"bot": daily(1, 30), **{f"p{n}": person(n) for n in range(5)}}
    posts = [
        {
            "post_id": f"x:{name}-{number}",
            "account_id": f"x:{name}",
            "kind": "post",
            "posted_at": dt.datetime.fromtimestamp(int(second), dt.UTC),
            "time_quality": "utc",
        }
        for name, seconds in accounts.items()
        for number, second in enumerate(seconds)
    ]
    posts.append(posts[0] | {"post_id": "x:claimed", "time_quality": "claimed"})
    made = [
        {
            "account_id": f"x:new{number}",
            "platform": "x",
            "created_at": MONDAY
            + dt.timedelta(seconds=7)
            + (dt.timedelta(minutes=number) if number < 9 else dt.timedelta(days=40 * number)),
        }
        for number in range(40)
    ]
    made += [
        {"account_id": f"x:dated{number}", "platform": "x", "created_at": MONDAY}
        for number in range(10)
    ]
    tables = GivenTables(duckdb, ACTIVITY.needs, {"posts": posts, "accounts": made})
    result = ACTIVITY.score(ACTIVITY.gather(tables, Options()).to_pyarrow(), Options())
    assert result.schema == GIVES.to_pyarrow()
    rows = {row["subject_id"]: row for row in result.to_pylist()}
    assert rows["x:bot"]["left_out"] == 1
    assert rows["x:bot"]["slots_percentile"] > 90
    whole, burst, scheduler = ACTIVITY.find(result, Options())
    assert "6 accounts" in whole.summary
    assert burst.priority is Priority.MEDIUM
    assert "9 accounts of x" in burst.summary
    assert set(burst.evidence) <= {one["account_id"] for one in made}
    assert scheduler.subject == "x:bot"
    assert set(scheduler.evidence) <= {one["post_id"] for one in posts}
    assert len(ACTIVITY.draw(result, Options())) == 3
