"""Are planted groups found and labelled, and is chance called chance?"""

from __future__ import annotations

import dataclasses
import datetime as dt
import itertools
import random

import igraph
import numpy as np
import pytest

from clew.analyses.communities import COMMUNITIES, Options
from clew.analyses.communities.grouping import (
    FIRM,
    HeldBack,
    Network,
    _share,
    coarsest_as_good,
    consensus,
    groups_of,
    held_back,
    stability,
)
from tests.engines import GivenTables, columns_of

NOON = dt.datetime(2024, 3, 1, 12, tzinfo=dt.UTC)


def network(size, ends) -> Network:
    return Network(size, np.array(sorted(ends), np.int64), np.ones(len(ends)))


def planted(groups: int, members: int, within: float, between: float, seed: int = 1):
    drawn = random.Random(seed)
    pairs = itertools.combinations(range(groups * members), 2)
    return network(
        groups * members,
        [
            (one, other)
            for one, other in pairs
            if drawn.random() < (within if one // members == other // members else between)
        ],
    )


def rewired(given: Network, seed: int = 1) -> Network:
    """Each account with as many partners, drawn at random."""
    graph = igraph.Graph(given.size, given.ends)
    igraph.set_random_number_generator(random.Random(seed))
    graph.rewire(n=20 * graph.ecount())
    igraph.set_random_number_generator(random)
    return network(given.size, [tuple(sorted(edge)) for edge in graph.get_edgelist()])


def parts(groups) -> set:
    return {tuple(np.flatnonzero(groups == group)) for group in set(groups.tolist())}


# -------------------------------------------------------------------------------------- grouping


@pytest.mark.parametrize("groups", [2, 5, 12])
def test_planted_groups_are_found_and_firm(groups):
    found = groups_of(planted(groups, 20, 0.4, 0.01), seed=1)
    assert parts(found.of) == {tuple(range(k * 20, k * 20 + 20)) for k in range(groups)}
    assert found.chance < FIRM
    assert found.stability.mean() > 0.95
    assert found.held_back.inside > 0.7


def test_rewired_groups_are_no_firmer_than_chance():
    firm = [
        groups_of(rewired(planted(5, 20, 0.4, 0.02), s), seed=s).chance < FIRM for s in range(8)
    ]
    assert not any(firm)


def test_the_same_seed_gives_the_same_groups():
    given = rewired(planted(4, 15, 0.4, 0.05))
    one, again, other = (groups_of(given, seed) for seed in (3, 3, 4))
    assert (one.of == again.of).all()
    assert (one.stability == again.stability).all()
    assert one.held_back == again.held_back
    assert not (one.of == other.of).all()


def test_the_generator_of_others_is_left_alone():
    random.seed(7)
    expected = random.random()
    random.seed(7)
    groups_of(planted(2, 10, 0.5, 0.05), seed=1)
    assert random.random() == expected


def test_whose_only_tie_is_held_back_is_not_judged():
    star = network(40, [(0, leaf) for leaf in range(1, 40)])
    assert {each.judged for each in held_back(star, seed=1)} == {0}
    assert groups_of(star, seed=1).held_back is None


def test_every_other_tie_is_judged_once():
    given = planted(3, 15, 0.5, 0.05)
    assert given.partners().min() > 1
    assert {each.judged for each in held_back(given, seed=1)} == {len(given.ends)}


def test_the_gain_is_that_of_kullback_and_leibler():
    held = HeldBack(1.0, judged=10**9, inside=0.75, error=0.01, expected=0.25)
    assert held.gain == pytest.approx(0.5 * np.log(3))
    assert held.gain_error == pytest.approx(0.01 * np.log(9))
    assert HeldBack(1.0, judged=100, inside=0.2, error=0.01, expected=0.25).gain == 0


def test_ties_that_share_an_account_count_less():
    """All ties of one account inside, all of another outside: two cases, not forty."""
    ends = [(0, leaf) for leaf in range(2, 22)] + [(1, leaf) for leaf in range(22, 42)]
    inside = np.repeat([1.0, 0.0], 20)
    share, error = _share(network(42, ends), inside)
    assert share == 0.5
    assert error == pytest.approx(np.sqrt(2 * 10**2 + 40 / 4 - 40 / 4) / 40)
    matching = network(80, [(2 * k, 2 * k + 1) for k in range(40)])
    assert _share(matching, inside)[1] == pytest.approx(np.sqrt(0.25 / 40))


def test_the_coarsest_within_one_standard_error_is_taken():
    tried = [
        HeldBack(resolution, judged=1000, inside=inside, error=0.02, expected=0.2)
        for resolution, inside in ((0.25, 0.5), (0.5, 0.69), (1.0, 0.7), (2.0, 0.6))
    ]
    chosen, chance = coarsest_as_good(tried)
    assert chosen.resolution == 0.5
    assert chance == pytest.approx(4 * tried[2].chance)
    assert coarsest_as_good([dataclasses.replace(each, judged=19) for each in tried]) == (
        None,
        None,
    )


def test_consensus_drops_what_no_run_keeps_together():
    given = network(3, [(0, 1), (1, 2)])
    runs = [np.array([0, 0, 1]), np.array([0, 0, 1]), np.array([0, 1, 1])]
    agreed = consensus(given, runs)
    assert agreed.weights.tolist() == pytest.approx([2 / 3, 1 / 3])
    assert len(consensus(given, runs[:2]).ends) == 1


def test_stability_is_the_share_of_runs_with_the_group():
    groups = np.array([0, 0, 0, 1, 1])
    runs = [np.array([0, 0, 0, 1, 1]), np.array([0, 0, 1, 1, 1])]
    assert stability(groups, runs).tolist() == [1.0, 1.0, 0.5, 1.0, 1.0]


# -------------------------------------------------------------------------------- whole analysis


class Case:
    """Three groups of 12 that talk among themselves, each with its hashtag and channel."""

    def __init__(self, within=0.4, between=0.02):
        self.rows = {name: [] for name in COMMUNITIES.needs}
        given = planted(3, 12, within, between)
        for number, (one, other) in enumerate(given.ends.tolist()):
            self.act(f"x:{one:02}", f"x:{other:02}", f"x:r{number}")
        for account in range(36):
            group = account // 12
            for number in range(2):
                self.post(f"x:p{account}-{number}", f"x:{account:02}", f"x:c{group}", f"tag{group}")
            self.post(f"x:p{account}-2", f"x:{account:02}", "x:all", "everybody")

    def add(self, table, **columns):
        self.rows[table].append(dict.fromkeys(columns_of(table)) | columns)

    def act(self, one, other, post=None, kind="reply"):
        self.add(
            "interactions",
            kind=kind,
            platform="x",
            account_id=one,
            target_account_id=other,
            post_id=post,
            happened_at=NOON,
            time_quality="utc",
        )

    def post(self, post_id, account, channel, *tags):
        self.add(
            "posts", post_id=post_id, account_id=account, channel_id=channel, time_quality="utc"
        )
        for tag in tags:
            self.add("observables", post_id=post_id, kind="hashtag", value=tag)

    def result(self, engine, **options):
        options = Options(**options)
        tables = GivenTables(engine, COMMUNITIES.needs, self.rows)
        return COMMUNITIES.score(COMMUNITIES.gather(tables, options).to_pyarrow(), options)


def rows_of(result, scope) -> list[dict]:
    return [row for row in result.to_pylist() if row["scope"] == scope]


def test_planted_groups_have_their_members_and_labels(engine):
    result = Case().result(engine)
    groups = {}
    for row in rows_of(result, "account"):
        groups.setdefault(row["community"], []).append(row["account_id"])
    assert sorted(groups.values()) == [
        [f"x:{number:02}" for number in range(start, start + 12)] for start in (0, 12, 24)
    ]
    of = {number: int(members[0][2:]) // 12 for number, members in groups.items()}
    labels = rows_of(result, "label")
    strong = {(of[row["community"]], row["value"]) for row in labels if row["chance"] < 0.05}
    assert strong == {(k, f"{what}{k}") for k in range(3) for what in ("tag", "x:c")}
    everybody = [row for row in labels if row["value"] in ("everybody", "x:all")]
    assert {(row["chance"], row["members"]) for row in everybody} == {(1.0, 12)}


def test_the_findings_name_groups_labels_and_verdict(duckdb):
    result = Case().result(duckdb)
    whole, verdict, *groups = COMMUNITIES.find(result, Options())
    assert "36 accounts" in whole.summary
    assert "3 groups of 3 accounts or more" in whole.summary
    assert verdict.summary.startswith("The groups are more than chance.")
    assert verdict.confidence > 0.9
    assert len(groups) == 3
    for group in groups:
        assert "Its own: #tag" in group.summary
        assert "posts in x:c" in group.summary
        assert group.subject in group.evidence


def test_without_groups_chance_is_the_answer(duckdb):
    case = Case(within=0.2, between=0.2)
    whole, verdict = COMMUNITIES.find(case.result(duckdb), Options())
    assert verdict.summary.startswith("The groups are no firmer than chance.")
    assert verdict.enough_data
    assert verdict.confidence is None
    assert whole.enough_data


def test_few_ties_are_not_enough(duckdb):
    case = Case(within=0, between=0)
    for one, other in ((0, 1), (1, 2), (2, 0), (3, 4)):
        case.act(f"x:{one:02}", f"x:{other:02}")
    _whole, verdict = COMMUNITIES.find(case.result(duckdb), Options())
    assert not verdict.enough_data
    assert "Too few ties" in verdict.summary


def test_hubs_are_named_and_can_be_left_out(duckdb):
    case = Case()
    for number in range(36):
        case.act(f"x:{number:02}", "x:hub")
        case.add("accounts", account_id=f"x:quiet{number}", platform="x")
    for number in range(20):
        case.act("x:hub", f"x:fan{number}")
    hubs = COMMUNITIES.find(case.result(duckdb), Options())[2]
    assert hubs.subject == "x:hub"
    assert "x:hub (100 %)" in hubs.summary
    without = case.result(duckdb, hub_percent=50)
    assert rows_of(without, "left_out")[0]["kind"] == "with 1 hub"
    assert rows_of(without, "left_out")[0]["acts"] == 56
    assert "x:hub" not in {row["account_id"] for row in rows_of(without, "account")}
    assert "56 acts with 1 hub" in COMMUNITIES.find(without, Options())[0].summary


def test_the_matrix_holds_the_acts_within_and_between(duckdb):
    case = Case()
    matrix, bars = COMMUNITIES.draw(case.result(duckdb), Options())
    cells = {(row["row"], row["column"]): row["value"] for row in matrix.data.to_pylist()}
    within = sum(value for (one, other), value in cells.items() if one == other)
    between = sum(value for (one, other), value in cells.items() if one != other)
    assert within + between // 2 == len(case.rows["interactions"])
    assert [row["value"] for row in bars.data.to_pylist()] == [12, 12, 12]
    assert all("#tag" in row["label"] for row in bars.data.to_pylist())


def test_acts_weigh_by_their_logarithm(duckdb):
    """A pair that talks all day is no group of its own."""
    case = Case()
    for _ in range(300):
        case.act("x:00", "x:01")
    groups = rows_of(case.result(duckdb), "community")
    assert [row["members"] for row in groups] == [12, 12, 12]


@pytest.mark.shared_data
@pytest.mark.filterwarnings("ignore")  # igraph warns from C, where an error would end the process
def test_true_groups_are_found_at_least_as_well_as_by_plain_leiden(shared_data):
    for name in ("dolphins", "football", "karate"):
        graph = igraph.Graph.Read_GML(str(shared_data / f"truth/community/{name}.gml"))
        codes = {group: code for code, group in enumerate(sorted(set(graph.vs["gt"])))}
        true = [codes[group] for group in graph.vs["gt"]]
        given = network(graph.vcount(), {tuple(sorted(edge)) for edge in graph.get_edgelist()})
        plain = np.median([nmi(given.leiden(1.0, seed), true) for seed in range(9)])
        ours = np.median([nmi(groups_of(given, seed).of, true) for seed in range(3)])
        assert ours >= plain


def nmi(one, other) -> float:
    return igraph.compare_communities(list(map(int, one)), list(map(int, other)), method="nmi")
