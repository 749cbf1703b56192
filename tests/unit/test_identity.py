"""What a shared thing weighs, and who is linked by it."""

from __future__ import annotations

import math

import pytest

from clew.analyses.identity import GIVES, IDENTITY, Options
from clew.analyses.identity.weighing import Letters, hours_bits
from tests.engines import GivenTables
from tests.transforms.rows import at, observable, post


def account(account_id, **said):
    row = dict.fromkeys(("handle", "name", "description", "url", "avatar_url"))
    return row | {"account_id": account_id, "platform": account_id.partition(":")[0]} | said


def crowd(number=300):
    """Accounts whose handles have usual letters."""
    first, last = ("anna", "boris", "carla", "dmitri"), ("adler", "brandt", "cohen")
    return [account(f"forum:c{n}", handle=f"{first[n % 4]}{last[n % 3]}{n}") for n in range(number)]


def pairs_of(engine, accounts, posts=(), observables=(), options=None):
    tables = GivenTables(
        engine,
        IDENTITY.needs,
        {"accounts": accounts, "posts": list(posts), "observables": list(observables)},
    )
    options = options or Options()
    result = IDENTITY.score(IDENTITY.gather(tables, options).to_pyarrow(), options)
    assert result.schema == GIVES.to_pyarrow()
    rows = {(row["account_id"], row["other_account_id"]): row for row in result.to_pylist()}
    return rows, IDENTITY.find(result, options)


def test_an_unusual_handle_on_two_platforms_links(duckdb):
    twins = [account("x:1", handle="Qxvkwyz"), account("telegram:1", handle="qxvkwyz")]
    rows, findings = pairs_of(duckdb, [*crowd(), *twins])
    row = rows["telegram:1", "x:1"]
    assert row["outcome"] == "linked"
    assert row["signs"][0] == "handle"
    assert row["bits"] == pytest.approx(row["prior_bits"] + sum(row["weights"]))
    assert row["prior_bits"] == -math.log2(301)
    assert any("telegram:1 and x:1: almost certain" in each.summary for each in findings)
    assert all(each.confidence is None or 0 <= each.confidence <= 1 for each in findings)


def test_a_usual_handle_does_not(duckdb):
    twins = [account("x:1", handle="anna"), account("telegram:1", handle="anna")]
    rows, _ = pairs_of(duckdb, [*crowd(), *twins])
    assert rows["telegram:1", "x:1"]["outcome"] != "linked"


def test_what_an_impostor_copies_links_nobody(duckdb):
    copied = {
        "name": "Captain Qxvkwyz",
        "description": "Writes of harbours and of nothing else",
        "avatar_url": "https://img.example/1.png",
        "url": "https://qxvkwyz.example/",
    }
    twins = [
        account("x:1", handle="qxvkwyz", **copied),
        account("x:2", handle="qxvkwyz_1", **copied),
    ]
    rows, _ = pairs_of(duckdb, [*crowd(), *twins])
    row = rows["x:1", "x:2"]
    assert row["outcome"] != "linked"
    assert "may be copied" in row["signs"]


def test_a_wallet_that_both_name_speaks_for_it(duckdb):
    accounts = [*crowd(), account("x:1", handle="kestrel"), account("forum:1", handle="moth")]
    posts = [post("x:1/1", "x:1", **at(1)), post("forum:1/1", "forum:1", **at(2))]
    named = [observable(each["post_id"], "bitcoin", "1wallet") for each in posts]
    rows, _ = pairs_of(duckdb, accounts, posts, named)
    row = rows["forum:1", "x:1"]
    assert row["signs"] == ["named"]
    assert row["evidence"] == ["forum:1/1", "x:1/1"]
    assert row["outcome"] == "possible"  # many may name another's wallet


def test_what_everybody_shares_makes_no_pair(duckdb):
    accounts = [account(f"x:{n}", avatar_url="https://img.example/egg.png") for n in range(50)]
    rows, findings = pairs_of(duckdb, accounts)
    assert set(rows) == {(None, None)}
    assert rows[None, None]["left_kinds"] == ["picture"]
    assert rows[None, None]["left_values"] == [1]
    assert "more than 20 accounts share them: 1 (picture) values" in findings[0].summary


@pytest.mark.parametrize("name", ["Cobalt", "Empire", "Play", "Turla", "Sandworm", "Lazarus"])
def test_an_ambiguous_name_alone_merges_nothing(duckdb, name):
    accounts = [account(f"{platform}:1", name=name) for platform in ("x", "telegram", "forum")]
    rows, _ = pairs_of(duckdb, [*crowd(), *accounts])
    assert len(rows) == 4
    assert "linked" not in {row["outcome"] for row in rows.values()}


def test_hours_speak_for_and_against():
    day = [10 if 8 <= hour < 17 else 0 for hour in range(24)]
    night = day[12:] + day[:12]
    assert hours_bits(day, day) == 2.0
    assert hours_bits(day, night) == -3.0
    assert -3 < hours_bits(day, day[2:] + day[:2]) < 2


def test_hours_of_few_posts_are_not_compared(duckdb):
    twins = [account("x:1", handle="qxvkwyz"), account("telegram:1", handle="qxvkwyz")]
    posts = [post(f"x:1/{n}", "x:1", **at(n % 24)) for n in range(40)]
    posts += [post(f"telegram:1/{n}", "telegram:1", **at(n % 24)) for n in range(29)]
    rows, _ = pairs_of(duckdb, [*crowd(), *twins], posts)
    assert "hours" not in rows["telegram:1", "x:1"]["signs"]
    rows, _ = pairs_of(
        duckdb, [*crowd(), *twins], [*posts, post("telegram:1/29", "telegram:1", **at(5))]
    )
    assert "hours" in rows["telegram:1", "x:1"]["signs"]


def test_letters_of_the_pair_itself_do_not_count():
    """Else every name would be usual in a case of two accounts."""
    letters = Letters({"qx": 2, "xv": 2, "an": 50, "nn": 50, "na": 50})
    assert letters.surprisal("qxv", 2) == pytest.approx(3 * math.log2(40))
    assert letters.surprisal("anna", 2) < letters.surprisal("qxvk", 2)
    assert letters.surprisal("", 2) == 0.0
    assert letters.surprisal("x" * 100_000, 2) > 100_000  # no number becomes 0 of it
