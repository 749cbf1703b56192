"""Planted leaders, brokers and hierarchies are found; chance gives none."""

from __future__ import annotations

import datetime as dt
import itertools
import random

import igraph
import numpy as np
import pytest

from clew.analyses.roles import ROLES, Options
from clew.analyses.roles.measuring import (
    Network,
    agony,
    backbone,
    betweenness,
    flow_hierarchy,
    groups,
    pagerank,
)
from tests.engines import GivenTables

NOON = dt.datetime(2024, 3, 1, 12, tzinfo=dt.UTC)


def acts_of(pairs) -> list[dict]:
    """A reply on a day of its own for each pair."""
    return [
        {
            "kind": "reply",
            "platform": "x",
            "account_id": f"x:{one}",
            "target_account_id": f"x:{other}",
            "target_name": None,
            "post_id": f"x:p{number}",
            "target_post_id": None,
            "channel_id": None,
            "target_channel_id": None,
            "happened_at": NOON + dt.timedelta(days=number % 700),
            "time_quality": "utc",
        }
        for number, (one, other) in enumerate(pairs)
        if one != other
    ]


def roles_of(engine, pairs, accounts=(), **options):
    case = {"interactions": acts_of(pairs), "posts": [], "accounts": [*accounts]}
    chosen = Options(**{"bootstraps": 40, "nulls": 9} | options)
    gathered = ROLES.gather(GivenTables(engine, ROLES.needs, case), chosen).to_pyarrow()
    result = ROLES.score(gathered, chosen)
    network, *accounts = result.to_pylist()
    roles = {
        role: {row["account_id"] for row in accounts if role in row["roles"]}
        for role in ("leader", "broker", "follower", "bridge")
    }
    return network, roles, {row["account_id"]: row for row in accounts}, ROLES.find(result, chosen)


def planted(seed: int = 3) -> list[tuple[str, str]]:
    """Four groups of 30: each has a leader whom all answer; two accounts talk to all groups."""
    chance = random.Random(seed)
    members = {group: [f"{group}{number}" for number in range(30)] for group in "abcd"}
    pairs = []
    for group, names in members.items():
        for name in names:
            pairs += [(name, f"{group}0")] * 8
            pairs += [(name, other) for other in chance.sample(names, 3) for _ in range(3)]
    for broker in ("m1", "m2"):
        for names in members.values():
            for name in chance.sample(names[1:], 5):
                pairs += [(broker, name)] * 3 + [(name, broker)] * 3
    return pairs


def test_planted_leaders_and_brokers_are_found(duckdb):
    network, roles, rows, findings = roles_of(duckdb, planted())
    assert network["sought"] == 6
    assert roles["leader"] == {"x:a0", "x:b0", "x:c0", "x:d0"}
    assert roles["broker"] == {"x:m1", "x:m2"}
    assert not roles["bridge"]
    assert network["modularity"] > network["modularity_null"]
    assert rows["x:m1"]["ways_share"] > 0.6
    assert rows["x:m1"]["constraint"] < rows["x:a1"]["constraint"]
    assert rows["x:m1"]["betweenness"] > rows["x:a1"]["betweenness"]
    summaries = " ".join(finding.summary for finding in findings)
    assert "x:a0 leads: rank" in summaries
    assert "x:m1 brokers: " in summaries


@pytest.mark.parametrize("seed", range(3))
def test_chance_makes_no_leader_and_no_broker(duckdb, seed):
    chance = random.Random(seed)
    names = [f"n{number}" for number in range(80)]
    pairs = [(chance.choice(names), chance.choice(names)) for _ in range(900)]
    _, roles, _, _ = roles_of(duckdb, pairs, seed=seed + 1)
    assert not roles["leader"]
    assert not roles["broker"]


def test_the_targets_dealt_anew_leave_no_broker(duckdb):
    pairs = planted()
    targets = [other for _, other in pairs]
    random.Random(1).shuffle(targets)
    pairs = [(one, other) for (one, _), other in zip(pairs, targets, strict=True)]
    _, roles, _, _ = roles_of(duckdb, pairs)
    assert not roles["broker"]
    often = {f"x:{group}0" for group in "abcd"} | {"x:m1", "x:m2"}
    assert roles["leader"] <= often  # they are acted toward as often as before


def test_a_follower_gives_and_does_not_receive(duckdb):
    pairs = planted() + [("fan", f"{group}0") for group in "abcd" for _ in range(5)]
    _, roles, rows, _ = roles_of(duckdb, pairs)
    assert "x:fan" in roles["follower"]
    assert "x:a0" not in roles["follower"]
    assert rows["x:fan"]["follows"] == 1


def test_a_handle_on_two_platforms_is_a_bridge(duckdb):
    accounts = [
        {"account_id": "x:a1", "platform": "x", "handle": "Ann"},
        {"account_id": "telegram:1", "platform": "telegram", "handle": "ann"},
        {"account_id": "x:a2", "platform": "x", "handle": "bob"},
        {"account_id": "telegram:2", "platform": "telegram", "handle": "bob"},
        {"account_id": "telegram:3", "platform": "telegram", "handle": "bob"},
    ]
    _, roles, rows, findings = roles_of(duckdb, planted(), accounts)
    assert roles["bridge"] == {"x:a1"}
    assert rows["x:a1"]["other_ids"] == ["telegram:1"]
    (found,) = (each for each in findings if "has the handle of" in each.summary)
    assert found.confidence is None
    assert found.limits


def test_the_same_seed_gives_the_same_answer(duckdb):
    assert roles_of(duckdb, planted()) == roles_of(duckdb, planted())


# -------------------------------------------------------------------------------------- measures


def network_of(pairs, size=None) -> Network:
    weights = {}
    for pair in pairs:
        weights[pair] = weights.get(pair, 0) + 1
    ends = np.array(sorted(weights), np.int64).reshape(-1, 2)
    number = size or int(ends.max()) + 1
    counts = np.array([weights[pair] for pair in sorted(weights)], np.int64)
    return Network(number, ends[:, 0], ends[:, 1], counts)


def drawn(seed: int, size: int, number: int) -> Network:
    chance = random.Random(seed)
    pairs = [chance.sample(range(size), 2) for _ in range(number)]
    return network_of([tuple(pair) for pair in pairs], size)


def test_pagerank_is_that_of_igraph():
    network = drawn(1, 50, 200)
    graph = igraph.Graph(50, np.stack([network.sources, network.targets], 1), directed=True)
    expected = graph.pagerank(weights=np.log2(1 + network.weights).tolist())
    assert pagerank(network, network.weights) == pytest.approx(expected, abs=1e-9)


def test_the_backbone_keeps_the_heavy_pair_of_many():
    network = network_of([(0, 1)] * 20 + [(0, other) for other in range(2, 12)])
    kept = backbone(network, 0.05)
    assert list(zip(network.sources[kept], network.targets[kept], strict=True)) == [(0, 1)]


@pytest.mark.parametrize("seed", range(8))
def test_agony_lies_within_its_bounds(seed):
    """Of five accounts every ranking is tried."""
    network = drawn(seed, 5, 4 + seed)
    pairs = list(zip(network.sources.tolist(), network.targets.tolist(), strict=True))
    exact = min(
        sum(max(0, level[one] - level[other] + 1) for one, other in pairs)
        for level in itertools.product(range(5), repeat=5)
    )
    low, high = agony(network)
    assert low <= exact <= high
    assert high <= 1.5 * exact


def test_a_hierarchy_has_no_agony_and_full_flow():
    network = network_of([(one, other) for one in range(6) for other in range(one)])
    assert flow_hierarchy(network) == 1
    assert agony(network) == (0, 0)


def test_a_ring_is_all_agony():
    network = network_of([(number, (number + 1) % 7) for number in range(7)])
    assert flow_hierarchy(network) == 0
    assert agony(network) == (7, 7)


@pytest.mark.parametrize("seed", range(1, 4))
def test_sampled_betweenness_says_its_error(seed):
    network = drawn(2, 300, 1200)
    exact, none = betweenness(network, 100_000, 50, seed)
    assert none is None
    sampled, error = betweenness(network, 100, 100, seed)
    off = np.abs(sampled - exact)
    assert np.mean(off <= 2 * error) > 0.85  # skewed: a little less than of a normal one
    best = np.argsort(-exact)[:20]
    assert np.mean(off[best] <= 2 * error[best]) > 0.85
    assert np.mean(off[best] / exact[best]) < 0.25
    nearly_all, _ = betweenness(network, 100, 299, seed)
    assert np.mean(np.abs(nearly_all - exact)) < np.mean(off) / 3


def test_groups_do_not_change_with_the_state_of_chance():
    network = drawn(4, 60, 200)
    random.seed(1)
    first = groups(network, 7)
    random.seed(2)
    assert (groups(network, 7)[0] == first[0]).all()
