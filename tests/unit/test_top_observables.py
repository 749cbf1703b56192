"""What top_observables says of a few values whose story is known."""

from __future__ import annotations

import datetime as dt

from clew.analyses.top_observables import TOP_OBSERVABLES, Options, find
from tests.engines import GivenTables

MARCH = dt.datetime(2024, 3, 1, tzinfo=dt.UTC)


def case() -> dict[str, list[dict]]:
    """`loud.example` ten times by one account, `wide.example` once by each of three."""
    posts = [
        {"post_id": f"x:{n}", "account_id": "x:loud", "posted_at": MARCH, "time_quality": "utc"}
        for n in range(10)
    ]
    posts += [
        {
            "post_id": f"x:w{n}",
            "account_id": f"x:{who}",
            "posted_at": MARCH + dt.timedelta(days=n),
            "time_quality": "claimed" if who == "liar" else "utc",
        }
        for n, who in enumerate(["liar", "ann", "bob"])
    ]
    named = [(f"x:{n}", "loud.example", False) for n in range(10)]
    named += [(f"x:w{n}", "wide.example", n == 1) for n in range(3)]
    observables = [
        {"post_id": post, "kind": "domain", "value": value, "is_defanged": defanged}
        for post, value, defanged in named
    ]
    return {"posts": posts, "observables": observables}


def result_of(engine, **options):
    tables = GivenTables(engine, TOP_OBSERVABLES.needs, case())
    return TOP_OBSERVABLES.gather(tables, Options(**options)).to_pyarrow()


def test_many_accounts_come_before_many_posts(duckdb):
    wide, loud = result_of(duckdb).sort_by("rank").to_pylist()
    assert (wide["value"], wide["accounts"], wide["posts"]) == ("wide.example", 3, 3)
    assert (loud["value"], loud["accounts"], loud["posts"]) == ("loud.example", 1, 10)


def test_who_was_first_is_told_from_times_that_are_known_in_utc(duckdb):
    (wide,) = result_of(duckdb, limit=1).to_pylist()
    assert wide["timed_posts"] == 2
    assert wide["first_account_id"] == "x:ann"
    assert wide["first_at"] == MARCH + dt.timedelta(days=1)
    assert wide["example_post_id"] == "x:w0"


def test_the_finding_names_them_and_says_what_was_cut(duckdb):
    (finding,) = find(result_of(duckdb, limit=1), Options(limit=1))
    assert finding.summary == (
        "domain: 2 different values (1 of 2 are kept); named most: wide.example in 3 posts of"
        " 3 accounts from 2024-03-02 to 2024-03-03 UTC, first by x:ann, 33 % defanged."
    )
    assert finding.subject == "wide.example"
    assert finding.evidence == ("x:w1",)


def test_a_kind_that_no_post_names_is_nothing(duckdb):
    (finding,) = find(result_of(duckdb, kinds=("cve",)), Options(kinds=("cve",)))
    assert finding.summary == "No post names a value (cve)."
    assert not finding.enough_data


def test_the_picture_says_of_how_many(duckdb):
    (plot,) = TOP_OBSERVABLES.draw(result_of(duckdb), Options(pictured=1))
    assert plot.data.to_pylist() == [{"label": "wide.example", "value": 3}]
    assert "Shown: 1 of 2 values" in plot.caption
