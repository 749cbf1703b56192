"""What interactions says of a small conversation whose answers are known."""

from __future__ import annotations

import datetime as dt

import pytest

from clew.analyses.interactions import INTERACTIONS, Options, find
from clew.contract import PlotKind
from tests.engines import GivenTables

NOON = dt.datetime(2024, 3, 1, 12, tzinfo=dt.UTC)


def act(kind: str, account: str | None, post: str | None = None, **others) -> dict:
    return {
        "kind": kind,
        "platform": "x",
        "account_id": account,
        "target_account_id": None,
        "target_name": None,
        "post_id": post,
        "target_post_id": None,
        "channel_id": None,
        "target_channel_id": None,
        "happened_at": NOON,
        "time_quality": "utc",
    } | others


def post(post_id: str, account: str | None, at: dt.datetime | None = NOON) -> dict:
    return {"post_id": post_id, "account_id": account, "posted_at": at, "time_quality": "utc"}


def account(account_id: str, handle: str | None, platform: str = "x") -> dict:
    return {"account_id": account_id, "platform": platform, "handle": handle}


def result_of(engine, acts, posts=(), accounts=(), **options):
    case = {"interactions": [*acts], "posts": [*posts], "accounts": [*accounts]}
    tables = GivenTables(engine, INTERACTIONS.needs, case)
    return INTERACTIONS.gather(tables, Options(**options)).to_pyarrow()


def after(seconds: float) -> dt.datetime:
    return NOON + dt.timedelta(seconds=seconds)


def test_the_author_of_the_post_is_the_target(duckdb):
    acts = [act("reply", "x:ann", target_post_id="x:p1", target_name="bob")]
    (row,) = result_of(duckdb, acts, [post("x:p1", "x:carol")]).to_pylist()
    assert row["target_account_id"] == "x:carol"
    assert row["target_name"] is None


@pytest.mark.parametrize(
    ("holders", "found"),
    [
        ([account("x:1", "Bob")], "x:1"),
        ([account("x:1", "Bob"), account("x:2", "bob")], None),
        ([account("telegram:1", "bob", "telegram")], None),
        ([account("x:1", None)], None),
    ],
)
def test_a_handle_is_an_account_only_if_one_has_it(duckdb, holders, found):
    acts = [act("mention", "x:ann", target_name="bob", target_channel_id=None)]
    (row,) = result_of(duckdb, acts, accounts=holders).to_pylist()
    assert row["target_account_id"] == found
    assert row["target_name"] == (None if found else "bob")


def test_a_display_name_is_nobodys(duckdb):
    acts = [act("forward", "x:ann", target_name="bob")]
    (row,) = result_of(duckdb, acts, accounts=[account("x:1", "bob")]).to_pylist()
    assert row["target_account_id"] is None
    assert row["target_name"] == "bob"


def test_the_response_time_is_the_median_of_what_is_known(duckdb):
    posts = [post(f"x:p{number}", "x:bob") for number in range(5)] + [post("x:old", "x:bob", None)]
    acts = [
        act("reply", "x:ann", target_post_id=f"x:p{number}", happened_at=after(seconds))
        for number, seconds in enumerate([10.9, 20, 40, 1000])
    ]
    acts.append(act("reply", "x:ann", target_post_id="x:p4", happened_at=after(-5)))
    acts.append(act("reply", "x:ann", target_post_id="x:old"))
    (row,) = result_of(duckdb, acts, posts).to_pylist()
    assert (row["interactions"], row["timed"], row["median_response_s"]) == (6, 4, 30.0)


def conversation() -> list[dict]:
    """ann → bob 3 (2 replies, 1 mention), bob → ann 2, carol → bob 1, and what is in no pair."""
    to = "target_account_id"
    return [
        act("reply", "x:ann", "x:1", **{to: "x:bob"}),
        act("reply", "x:ann", "x:2", **{to: "x:bob"}, happened_at=after(86_400)),
        act("mention", "x:ann", "x:3", **{to: "x:bob"}),
        act("reply", "x:bob", "x:4", **{to: "x:ann"}),
        act("quote", "x:bob", "x:5", **{to: "x:ann"}),
        act("reply", "x:carol", "x:6", **{to: "x:bob"}),
        act("reply", "x:ann", "x:7", **{to: "x:ann"}),
        act("mention", "x:ann", "x:8", target_name="stranger"),
        act("mention", None, "x:9", **{to: "x:bob"}),
        act("react", "x:carol", "x:10", **{to: "x:bob"}),
    ]


def test_returned_is_of_the_same_kind(duckdb):
    rows = result_of(duckdb, conversation()).to_pylist()
    returned = {
        (row["account_id"], row["target_account_id"], row["kind"]): row["returned"] for row in rows
    }
    assert returned["x:ann", "x:bob", "reply"] == 1
    assert returned["x:ann", "x:bob", "mention"] == 0
    assert returned["x:bob", "x:ann", "reply"] == 2
    assert returned["x:ann", "x:ann", "reply"] is None
    assert returned["x:ann", None, "mention"] is None
    assert returned[None, "x:bob", "mention"] is None


def test_the_findings_say_who_acts_toward_whom(duckdb):
    result = result_of(duckdb, conversation())
    whole, addressed, mutual, strongest, *others = find(result, Options())
    assert whole.summary == (
        "9 interactions: reply 5, mention 3, quote 1. 3 accounts acted toward another;"
        " 1 of 2 pairs did so both ways (50 %). 1 toward no account that is known: in no pair."
        " 1 toward the account itself: in no pair."
        " 1 by an account that is not recorded: in no pair."
    )
    assert addressed.summary == (
        "Addressed by most other accounts: x:bob (by 2 accounts, 4 times)"
        " and x:ann (by 1 account, 2 times)."
    )
    assert mutual.summary == "Most mutual: x:ann and x:bob (3 and 2)."
    assert strongest.summary == (
        "x:ann acted toward x:bob 3 times (reply 2, mention 1) from 2024-03-01 to 2024-03-02 UTC;"
        " the other way 2 times."
    )
    assert strongest.evidence == ("x:1", "x:3", "x:ann", "x:bob")
    assert len(others) == 2


def test_what_is_not_described_is_counted(duckdb):
    result = result_of(duckdb, conversation())
    assert "1 of 3 directions are described" in find(result, Options(shown=1))[0].summary


def test_one_sided_acts_are_said_to_be_so(duckdb):
    result = result_of(duckdb, [act("reply", "x:ann", "x:1", target_account_id="x:bob")])
    assert find(result, Options())[2].summary == (
        "No two accounts acted toward each other: all went one way."
    )


def test_interactions_with_nobody_known_are_not_enough(duckdb):
    (whole,) = find(result_of(duckdb, [act("mention", "x:ann", target_name="bob")]), Options())
    assert not whole.enough_data
    assert "1 interaction" in whole.summary


def test_the_pictures_show_the_busiest_and_say_of_how_many(duckdb):
    result = result_of(duckdb, conversation())
    matrix, bars = INTERACTIONS.draw(result, Options(pictured=2))
    assert (matrix.kind, bars.kind) == (PlotKind.MATRIX, PlotKind.BARS)
    assert sorted(matrix.data.to_pylist(), key=str) == [
        {"row": "x:ann", "column": "x:bob", "value": 3},
        {"row": "x:bob", "column": "x:ann", "value": 2},
    ]
    assert bars.data.to_pylist() == [
        {"label": "x:bob", "value": 2},
        {"label": "x:ann", "value": 1},
    ]
    assert "Shown: 2 of 2 accounts" in bars.caption
