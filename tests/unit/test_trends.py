"""Does what was planted surge, and nothing else, whatever comes later?"""

from __future__ import annotations

import dataclasses
import datetime as dt
import random

import pytest

from clew.analyses.trends import TRENDS, Options
from tests.engines import GivenTables, columns_of

START = dt.datetime(2024, 1, 1, tzinfo=dt.UTC)
DAYS = 29
OPTIONS = Options(kinds=("hashtag", "term"), history=28, at="2024-01-29T23:59:59Z")


class Case:
    """Posts and hashtags, day by day."""

    def __init__(self, seed):
        self.random = random.Random(seed)
        self.posts, self.observables = [], []

    def post(self, day, account, text, tag=None):
        number = len(self.posts)
        at = START + dt.timedelta(days=day, seconds=self.random.randrange(86_400))
        self.posts.append(
            dict.fromkeys(columns_of("posts"))
            | {
                "post_id": f"x:{number}",
                "kind": "post",
                "account_id": account,
                "text": text,
                "posted_at": at,
                "time_quality": "utc",
            }
        )
        if tag:
            row = {"post_id": f"x:{number}", "kind": "hashtag", "value": tag}
            self.observables.append(dict.fromkeys(columns_of("observables")) | row)

    def surging(self, engine, options=OPTIONS):
        return {
            (row["kind"], row["value"]): row
            for row in self.result(engine, options)
            if row["surges"]
        }

    def result(self, engine, options=OPTIONS):
        rows = {"posts": self.posts, "observables": self.observables}
        tables = GivenTables(engine, TRENDS.needs, rows)
        gathered = TRENDS.gather(tables, options).to_pyarrow()
        return TRENDS.score(gathered, options).to_pylist()


def words(number):
    return [f"word{chr(97 + i % 26)}{chr(97 + i // 26)}" for i in range(number)]


@pytest.fixture
def quiet():
    """Four weeks in which 300 accounts say 60 words, no day unlike another."""
    case = Case(1)
    for day in range(DAYS):
        for _ in range(60):
            said = " ".join(case.random.choices(words(60), k=5))
            account = f"x:{case.random.randrange(300)}"
            case.post(day, account, said, case.random.choice(["one", "two", "three"]))
    return case


def test_nothing_surges_in_quiet_weeks(quiet, duckdb):
    assert quiet.surging(duckdb) == {}


def test_shuffled_days_do_not_surge(quiet, duckdb):
    for number in range(12):
        quiet.post(DAYS - 1, f"x:new{number}", f"harbour {number} is closed", "harbour")
    days = [post["posted_at"] for post in quiet.posts]
    quiet.random.shuffle(days)
    for post, at in zip(quiet.posts, days, strict=True):
        post["posted_at"] = at
    assert quiet.surging(duckdb) == {}


def test_a_planted_surge_is_found_with_who_was_first(quiet, duckdb):
    quiet.post(3, "x:early", "somebody names the harbour once")
    for number in range(12):
        said = " ".join(quiet.random.choices(words(60), k=4))
        quiet.post(DAYS - 1, f"x:new{number}", f"{said} harbour 港口", "harbour")
    found = quiet.surging(duckdb)
    assert {("hashtag", "harbour"), ("term", "harbour"), ("term", "港口")} == set(found)
    term = found["term", "harbour"]
    assert term["voices"] == term["accounts"] == 12
    assert term["first_account_id"] == "x:early"
    assert term["history"][-1] == 12
    assert sum(term["history"]) == 13
    assert term["expected"] < 0.5


def test_one_loud_account_is_no_surge(quiet, duckdb):
    for number in range(50):
        quiet.post(DAYS - 1, "x:loud", f"loudword again {number}", "loudtag")
    assert quiet.surging(duckdb) == {}


def test_a_copied_text_is_no_surge(quiet, duckdb):
    for number in range(50):
        link = f"https://host{number}.example/"
        quiet.post(DAYS - 1, f"x:c{number}", f"Everybody BUY this copied coin! {link}", "coin")
    assert quiet.surging(duckdb) == {}


def test_more_posts_altogether_are_no_surge(quiet, duckdb):
    for number in range(300):
        said = " ".join(quiet.random.choices(words(60), k=5))
        quiet.post(DAYS - 1, f"x:more{number}", said, quiet.random.choice(["one", "two", "three"]))
    assert quiet.surging(duckdb) == {}


def test_later_posts_change_nothing(quiet, duckdb):
    for number in range(12):
        quiet.post(DAYS - 1, f"x:new{number}", f"harbour {number} closed", "harbour")
    before = quiet.result(duckdb)
    for number in range(200):
        quiet.post(DAYS + number % 3, f"x:late{number}", "harbour again and again now", "one")
    assert quiet.result(duckdb) == before


def test_a_short_history_is_not_enough(quiet, duckdb):
    options = dataclasses.replace(OPTIONS, at="2024-01-05T23:59:59Z")
    assert quiet.result(duckdb, options) == []
    (finding,) = TRENDS.find(TRENDS.gives.to_pyarrow().empty_table(), options)
    assert not finding.enough_data
