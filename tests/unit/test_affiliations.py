"""What affiliations says of small cases whose ties are known, and of cases without any."""

from __future__ import annotations

import datetime as dt
import math
import random

import numpy as np
import pytest

from clew.analyses.affiliations import AFFILIATIONS, Options
from clew.model.chance import tail_bound
from tests.engines import GivenTables

NOON = dt.datetime(2024, 3, 1, 12, tzinfo=dt.UTC)


def act(kind: str, account: str, target: str | None = None, day: int = 0, **others) -> dict:
    return {
        "kind": kind,
        "platform": "x",
        "account_id": account,
        "target_account_id": target,
        "target_name": None,
        "post_id": f"{account}>{target}/{day}",
        "target_post_id": None,
        "channel_id": None,
        "target_channel_id": None,
        "happened_at": NOON + dt.timedelta(days=day),
        "time_quality": "utc",
    } | others


def post(account: str, channel: str) -> dict:
    return {
        "post_id": f"{account}@{channel}",
        "account_id": account,
        "channel_id": channel,
        "posted_at": NOON,
        "time_quality": "utc",
    }


def ties_of(engine, acts=(), posts=(), accounts=(), **options):
    case = {"interactions": [*acts], "posts": [*posts], "accounts": [*accounts]}
    chosen = Options(**options)
    gathered = AFFILIATIONS.gather(GivenTables(engine, AFFILIATIONS.needs, case), chosen)
    result = AFFILIATIONS.score(gathered.to_pyarrow(), chosen)
    return result, AFFILIATIONS.find(result, chosen)


def crowd(seed: int = 0) -> tuple[list[dict], list[dict]]:
    """200 accounts that all follow the hub, answer strangers, and write in a few of 60 channels."""
    chance = random.Random(seed)
    names = [f"x:n{number}" for number in range(200)]
    acts, posts = [], []
    for name in names:
        acts.append(act("follow", name, "x:hub"))
        acts += [
            act("reply", name, other, day) for day, other in enumerate(chance.sample(names, 6))
        ]
        posts += [post(name, "x:square")]
        posts += [post(name, f"x:c{number}") for number in chance.sample(range(60), 4)]
    return [each for each in acts if each["account_id"] != each["target_account_id"]], posts


def test_a_few_rare_channels_say_more_than_a_hub_that_all_follow(duckdb):
    acts, posts = crowd()
    posts += [post(name, f"x:rare{n}") for n in range(5) for name in ("x:n0", "x:friend")]
    acts.append(act("follow", "x:friend", "x:hub"))
    result, findings = ties_of(duckdb, acts, posts, account=("x:n0",))
    rows = {row["tied_id"]: row for row in result.to_pylist()}
    assert rows["x:friend"]["rank"] == 1
    assert rows["x:friend"]["close"]
    assert rows["x:friend"]["shared_channels"] == 5
    assert rows["x:friend"]["example_id"] == "x:rare0"
    assert rows["x:friend"]["kinds"] == ["same channel", "same target"]
    assert rows["x:hub"]["kinds"] == ["follow out"]
    assert not rows["x:hub"]["close"]
    assert rows["x:hub"]["surprise"] < 0.5
    whole, closest, *others = findings
    assert "1 more closely" in whole.summary
    assert closest.confidence > 0.8
    assert set(closest.evidence) > {"x:friend", "x:n0@x:rare0"}
    assert not others


@pytest.mark.parametrize("seed", range(4))
def test_a_shuffled_crowd_has_no_close_ties(duckdb, seed):
    acts, posts = crowd(seed)
    chance = random.Random(seed)
    targets = [each["target_account_id"] for each in acts]
    chance.shuffle(targets)
    acts = [
        each | {"target_account_id": target}
        for each, target in zip(acts, targets, strict=True)
        if each["account_id"] != target
    ]
    asked = tuple(f"x:n{number}" for number in range(50))
    result, _ = ties_of(duckdb, acts, posts, account=asked)
    called = {row["account_id"]: row["close_ties"] for row in result.to_pylist()}
    assert len(called) == 50
    assert sum(called.values()) <= 2  # 5 % of accounts may have a false one


def test_every_way_of_being_tied_has_its_name(duckdb):
    acts = [
        act("follow", "x:me", "x:friend"),
        act("follow", "x:friend", "x:me", 1),
        act("reply", "x:fan", "x:me"),
        act("pin", "x:boss", "x:other", channel_id="x:room"),
        act("forward", "x:me", "x:relay"),
        act("forward", "x:relay", "x:origin"),
        act("forward", "x:echo", "x:me"),
        act("forward", "x:far", "x:echo"),
        act("block", "x:me", "x:foe"),
        act("join", "x:guest", None, target_channel_id="x:room"),
    ]
    result, _ = ties_of(duckdb, acts, [post("x:me", "x:room")], account=("x:me",))
    kinds = {row["tied_id"]: row["kinds"] for row in result.to_pylist()}
    assert kinds == {
        "x:friend": ["follow both"],
        "x:fan": ["reply in"],
        "x:boss": ["same channel", "admin"],
        "x:relay": ["forward out"],
        "x:echo": ["forward in"],
        "x:origin": ["forwards from it over another"],
        "x:far": ["forwarded by it over another"],
        "x:foe": ["block out"],
        "x:guest": ["same channel"],
    }


def test_a_heated_thread_is_one_occasion(duckdb):
    acts = [act("reply", "x:me", "x:you", post_id=f"x:{number}") for number in range(30)]
    acts += [act("reply", "x:me", "x:you", 1), act("reply", "x:me", "x:you", happened_at=None)]
    result, _ = ties_of(duckdb, acts, account=("x:me",))
    assert result["out_days"].to_pylist() == [3]


def test_hubs_are_not_compared_and_are_told(duckdb):
    posts = [post(f"x:{number}", "x:square") for number in range(5)]
    posts += [post("x:0", "x:room"), post("x:1", "x:room")]
    result, (whole, *_) = ties_of(duckdb, (), posts, account=("x:0",), hub=4)
    assert result["tied_id"].to_pylist() == ["x:1"]
    assert "1 channel or target that more than 4 accounts share were not compared" in whole.summary


def test_an_account_is_named_by_its_handle(duckdb):
    accounts = [{"account_id": "x:me", "platform": "x", "handle": "Ann"}]
    acts = [act("reply", "x:me", "x:you")]
    result, _ = ties_of(duckdb, acts, accounts=accounts, account=("@ANN",))
    assert result["account_id"].to_pylist() == ["x:me"]
    _, (nobody,) = ties_of(duckdb, acts, account=("x:nobody",))
    assert not nobody.enough_data
    assert "x:nobody" in nobody.summary


def test_what_is_not_kept_and_not_described_is_counted(duckdb):
    acts = [act("reply", "x:me", f"x:{number}") for number in range(9)]
    _, (whole, *_) = ties_of(duckdb, acts, account=("x:me",), limit=4)
    assert "4 of 9 are kept" in whole.summary


def exact_tail(seen: int, trials: int, chance: float) -> float:
    return sum(
        math.comb(trials, k) * chance**k * (1 - chance) ** (trials - k)
        for k in range(seen, trials + 1)
    )


@pytest.mark.parametrize(("seen", "trials", "chance"), [(3, 10, 0.01), (5, 20, 0.1), (30, 40, 0.5)])
def test_the_bound_is_above_the_exact_tail_and_not_far(seen, trials, chance):
    row = [np.array([[float(value)]]) for value in (seen, trials, chance, 1)]
    bound = math.exp(tail_bound(*row)[0])
    exact = exact_tail(seen, trials, chance)
    assert exact <= bound <= 10 * exact


def test_the_bound_of_what_is_expected_is_one():
    row = [np.array([[value]]) for value in (1.0, 20.0, 0.1, 1.0)]
    assert tail_bound(*row)[0] == 0


def test_the_bound_holds_for_classes_of_different_weight():
    chance = np.random.default_rng(5)
    trials, chances, weights = np.array([4, 9]), np.array([0.05, 0.4]), np.array([1.0, 0.3])
    drawn = chance.binomial(trials, chances, size=(40_000, 2))
    worth = drawn @ weights
    for seen in ([1, 4], [2, 6], [3, 3]):
        share = float((worth >= np.array(seen) @ weights - 1e-9).mean())
        bound = math.exp(
            tail_bound(*(np.array([row], float) for row in (seen, trials, chances, weights)))[0]
        )
        assert share <= bound + 0.005
