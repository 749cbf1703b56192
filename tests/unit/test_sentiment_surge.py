"""Planted surges are found, and nothing else: decoys, null series, too little data."""

from __future__ import annotations

import datetime as dt
import hashlib
import random

import pytest

from clew.analyses.sentiment_surge import SENTIMENT_SURGE, Options, draw, find, gather, score
from clew.contract import Priority
from tests.engines import GivenTables

START = dt.datetime(2026, 1, 5, tzinfo=dt.UTC)
LAST = 29  # the window in which something happens


class Invented:
    """A month in which forty accounts speak of Acme; three in ten are negative."""

    def __init__(self, seed: int = 1) -> None:
        self.random = random.Random(seed)
        self.posts, self.sentiments = [], []
        for day in range(LAST + 1):
            for account in self.random.sample(range(200), 40):
                self.say(day, f"x:{account}", self.random.random() < 0.3)

    def say(self, day, account, is_negative, wording=None, target="Acme", **changes):
        number = f"{len(self.posts):05}"
        post = {
            "post_id": f"x:{number}",
            "kind": "post",
            "account_id": account,
            "posted_at": START + dt.timedelta(days=day, seconds=self.random.randrange(86_400)),
            "time_quality": "utc",
        }
        row = {
            "post_id": post["post_id"],
            "target": target,
            "polarity": "negative" if is_negative else "neutral",
            "is_reported": False,
            "wording": wording or hashlib.sha256(number.encode()).hexdigest()[:32],
        }
        self.posts.append(post | {key: changes[key] for key in changes if key in post})
        self.sentiments.append(row | {key: changes[key] for key in changes if key in row})

    def surges(self, engine, options=None):
        options = options or Options()
        case = {"posts": self.posts, "sentiments": self.sentiments}
        tables = GivenTables(engine, SENTIMENT_SURGE.needs, case)
        result = score(gather(tables, options).to_pyarrow(), options)
        return result, [row for row in result.to_pylist() if row["is_surge"]]


@pytest.fixture
def invented():
    return Invented()


def test_nothing_is_found_where_nothing_happens(invented, duckdb):
    result, surges = invented.surges(duckdb)
    assert surges == []
    whole, *others = find(result, Options())
    assert "0 surges" in whole.summary
    assert whole.enough_data
    assert others == []


def test_a_turn_of_many_is_found_in_its_window(invented, engine):
    for account in range(40):
        invented.say(LAST, f"x:{account}", is_negative=True)
    for account in range(20):
        invented.say(LAST, f"x:new{account}", is_negative=True)
    result, [surge] = invented.surges(engine)
    assert surge["starts_at"] == START + dt.timedelta(days=LAST)
    assert surge["turned"] > 20
    assert surge["newcomers"] >= 20
    assert 0.25 < surge["expected"] < 0.35
    finding = find(result, Options())[1]
    assert finding.subject == "Acme"
    assert finding.priority is Priority.HIGH
    negative = {row["post_id"] for row in invented.sentiments if row["polarity"] == "negative"}
    assert len(finding.evidence) == 5
    assert set(finding.evidence) <= negative
    [plot] = draw(result, Options())
    assert plot.data.num_rows == LAST + 1


def test_one_loud_account_is_no_surge(invented, duckdb):
    for _ in range(500):
        invented.say(LAST, "x:loud", is_negative=True)
    assert invented.surges(duckdb)[1] == []


def test_copies_of_one_text_are_no_surge(invented, duckdb):
    """Each copy shares one part of its sketch with some other, as after small changes."""
    parts = [f"{number:08x}" for number in range(4)]
    for account in range(100):
        own = [f"{account:04x}{part:04x}" for part in range(4)]
        own[account % 4] = parts[account % 4]
        own[(account + 1) % 4] = parts[(account + 1) % 4]
        invented.say(LAST, f"x:copy{account}", is_negative=True, wording="".join(own))
    assert invented.surges(duckdb)[1] == []


def test_more_of_the_same_is_no_surge(invented, duckdb):
    for account in range(400):
        invented.say(LAST, f"x:more{account}", is_negative=invented.random.random() < 0.3)
    assert invented.surges(duckdb)[1] == []


@pytest.mark.parametrize(
    "changes",
    [
        {"is_reported": True},
        {"kind": "repost"},
        {"time_quality": "claimed"},
        {"account_id": None},
        {"target": None},
        {"polarity": None},
    ],
)
def test_what_nobody_says_in_own_words_does_not_count(invented, duckdb, changes):
    for account in range(60):
        invented.say(LAST, f"x:{account}", is_negative=True, **changes)
    assert invented.surges(duckdb)[1] == []


def test_a_surge_toward_one_is_none_toward_another(invented, duckdb):
    for day in range(LAST + 1):
        for account in range(40):
            is_negative = day == LAST or invented.random.random() < 0.3
            invented.say(day, f"x:{account}", is_negative, target="Globex")
    assert [row["target"] for row in invented.surges(duckdb)[1]] == ["Globex"]


def test_what_lasts_becomes_usual(invented, duckdb):
    for day in range(LAST + 1, LAST + 40):
        for account in range(40):
            invented.say(day, f"x:{account}", invented.random.random() < 0.9)
    days = [(row["starts_at"] - START).days for row in invented.surges(duckdb)[1]]
    assert days[:3] == [LAST + 1, LAST + 2, LAST + 3]
    assert max(days) < LAST + 20


def test_too_little_is_said_to_be_too_little(duckdb):
    few = Invented()
    few.posts = [post for post in few.posts if post["posted_at"] < START + dt.timedelta(days=3)]
    result, surges = few.surges(duckdb)
    assert surges == []
    [finding] = find(result, Options())
    assert not finding.enough_data


def test_null_series_alarm_no_more_often_than_stated(duckdb):
    """Forty targets in sixty windows: of 2,120 judged windows at most 1 in 100, chance aside."""
    many = Invented()
    many.posts, many.sentiments = [], []
    for target in range(40):
        share = many.random.betavariate(2, 5)
        for day in range(60):
            today = many.random.betavariate(50 * share, 50 * (1 - share))
            for account in range(many.random.choice([6, 10, 30])):
                many.say(day, f"x:{account}", many.random.random() < today, target=f"{target:02}")
    result, surges = many.surges(duckdb)
    assert result.num_rows == 2_400
    assert len(surges) <= 35  # 21 expected at most; more than 35 has a chance of 1 in 500
