"""What communication says of conversations whose answers are known, and of chance alone."""

from __future__ import annotations

import datetime as dt
import random
from collections import Counter

import networkx as nx
import numpy as np
import pytest

from bench.communication import Given, World, expected_by_chance, judged, shuffle
from clew.analyses.communication import COMMUNICATION, Options
from clew.analyses.communication.gathering import conversations_begun
from clew.contract import PlotKind
from clew.model.rates import poisson_surprise
from tests.engines import GivenTables, columns_of

NOON = dt.datetime(2024, 3, 1, 12, tzinfo=dt.UTC)
MINUTE, HOUR = 60, 3600


class Talk:
    """Messages of accounts to each other, in posts of their own."""

    def __init__(self) -> None:
        self.interactions, self.posts, self.accounts = [], [], []

    def say(self, account, to, seconds=0, *kinds, thread=None, channel="x:c", **others):
        number = len(self.posts)
        at = None if seconds is None else NOON + dt.timedelta(seconds=seconds)
        post = {
            "post_id": f"x:{number}",
            "platform": "x",
            "account_id": account,
            "channel_id": channel,
            "time_quality": "missing" if at is None else "utc",
        }
        self.posts.append(
            dict.fromkeys(columns_of("posts")) | post | {"posted_at": at, "thread_id": thread}
        )
        for kind in kinds or ("reply",):
            act = post | {"kind": kind, "target_account_id": to, "happened_at": at} | others
            self.interactions.append(dict.fromkeys(columns_of("interactions")) | act)

    def result(self, engine, **options):
        case = {name: getattr(self, name) for name in COMMUNICATION.needs}
        gathered = COMMUNICATION.gather(
            GivenTables(engine, COMMUNICATION.needs, case), Options(**options)
        )
        return COMMUNICATION.score(gathered.to_pyarrow(), Options(**options))

    def pair(self, engine, **options):
        """The one pair of the result."""
        rows = self.result(engine, **{"min_messages": 1, "min_turns": 1} | options).to_pylist()
        (row,) = (row for row in rows if row["left_out"] is None)
        return row

    def found(self, engine, **options):
        return COMMUNICATION.find(self.result(engine, **options), Options(**options))


@pytest.fixture
def talk():
    return Talk()


def test_a_post_is_one_message_in_however_many_ways(talk, duckdb):
    talk.say("x:ann", "x:bob", 0, "reply", "mention")
    talk.say("x:bob", "x:ann", 5, "quote")
    row = talk.pair(duckdb)
    assert (row["messages"], row["replies"], row["mentions"], row["quotes"]) == (1, 1, 1, 0)
    assert (row["messages_back"], row["replies_back"], row["quotes_back"]) == (1, 0, 1)
    assert (row["example_post_id"], row["example_back_post_id"]) == ("x:0", "x:1")
    assert row["mutual"] == 1


def test_a_conversation_ends_with_a_pause(talk, duckdb):
    for hours in (0, 1, 6, 13, 14):  # seven hours of silence once
        talk.say("x:ann", "x:bob", hours * HOUR)
    assert talk.pair(duckdb)["conversations"] == 2
    assert talk.pair(duckdb, pause_h=1)["conversations"] == 3


def test_a_turn_waits_from_its_first_message(talk, duckdb):
    talk.say("x:ann", "x:bob", 0)
    talk.say("x:ann", "x:bob", 3 * MINUTE)
    talk.say("x:bob", "x:ann", 10 * MINUTE)
    talk.say("x:ann", "x:bob", 11 * MINUTE)
    row = talk.pair(duckdb)
    assert (row["awaited_back"], row["answers_back"], row["answer_s_back"]) == (2, 1, 600)
    assert (row["awaited"], row["answers"], row["answer_s"]) == (1, 1, 60)


def test_what_was_never_answered_is_censored(talk, duckdb):
    """Two answers of ten minutes; three turns that nobody answered as long as was looked."""
    for day in range(5):
        talk.say("x:ann", "x:bob", day * 86_400)
        if day in (1, 3):
            talk.say("x:bob", "x:ann", day * 86_400 + 600)
    row = talk.pair(duckdb, patience_h=2)
    assert (row["awaited_back"], row["answers_back"]) == (5, 2)
    # The last one was watched for no second: of the four that waited 600 s two were answered.
    assert row["answer_s_back"] == 600
    talk.say("x:carol", "x:carol", 4 * 86_400 + 3 * HOUR)
    assert talk.pair(duckdb, patience_h=2)["answer_s_back"] is None


def test_an_answer_after_all_patience_is_none(talk, duckdb):
    talk.say("x:ann", "x:bob", 0)
    talk.say("x:bob", "x:ann", 3 * HOUR)
    assert talk.pair(duckdb, patience_h=2)["answers_back"] == 0
    assert talk.pair(duckdb, patience_h=3)["answers_back"] == 1


def test_threads_and_changes_of_the_speaker(talk, duckdb):
    for number in range(6):
        ends = ("x:ann", "x:bob") if number % 2 else ("x:bob", "x:ann")
        talk.say(*ends, number, thread="x:0")
    talk.say("x:ann", "x:bob", 100, thread="x:6")
    row = talk.pair(duckdb)
    assert (row["threads"], row["thread_id"], row["thread_messages"]) == (2, "x:0", 6)
    assert (row["turns"], row["turns_expected"]) == (5, 3.0)


def test_motifs_are_ordered_by_who_speaks_first(talk, duckdb):
    for seconds, account in enumerate(["x:ann", "x:bob", "x:bob", "x:ann"]):
        talk.say(account, "x:bob" if account == "x:ann" else "x:ann", seconds)
    talk.say("x:ann", "x:bob", 2 * HOUR)
    row = talk.pair(duckdb)
    motifs = [row[f"motif_{letters}"] for letters in ("aaa", "aab", "aba", "abb")]
    assert motifs == [0, 1, 2, 1]


def test_messages_without_a_time_are_counted_and_nothing_else(talk, duckdb):
    talk.say("x:ann", "x:bob", None)
    talk.say("x:bob", "x:ann", None)
    row = talk.pair(duckdb)
    assert (row["messages"], row["timed"], row["conversations"]) == (1, 0, None)
    assert (
        "2 of their messages have no time in UTC" in talk.found(duckdb, min_messages=1)[0].summary
    )


def test_what_is_in_no_pair_is_told(talk, duckdb):
    for _ in range(3):
        talk.say("x:ann", "x:bob")
    talk.say("x:carol", "x:bob")
    talk.say("x:carol", "x:carol")
    talk.say("x:carol", None, target_name="stranger")
    talk.say(None, "x:bob")
    assert talk.found(duckdb)[0].summary == (
        "4 messages between 2 pairs of accounts, of which 0 both ways (0 %). 1 pair with at least"
        " 3 messages looked at; 3 could have met. More than chance: 0 talk, 0 answer faster, 0 take"
        " turns. Left out: 1 in pairs with fewer, 1 to oneself, 1 to no known account and 1 of no"
        " recorded sender."
    )


def test_the_cap_is_told(talk, duckdb):
    for other, times in (("x:bob", 5), ("x:carol", 4), ("x:dan", 3)):
        for _ in range(times):
            talk.say("x:ann", other)
    result = talk.result(duckdb, most_pairs=1).to_pylist()
    assert sorted((row["left_out"] or "", row["pairs"], row["messages"]) for row in result) == [
        ("", 1, 5),
        ("beyond the cap", 2, 7),
    ]
    assert "7 in pairs beyond the cap" in talk.found(duckdb, most_pairs=1)[0].summary


def test_talk_in_a_place_of_two_is_no_surprise(talk, duckdb):
    for day in range(40):
        ends = ("x:ann", "x:bob") if day % 2 else ("x:bob", "x:ann")
        talk.say(*ends, day * 86_400, channel="x:private")
    row = talk.pair(duckdb)
    assert row["conversations"] == 40
    assert row["conversations_expected"] == pytest.approx(40)
    assert not row["talks_more"]


def test_pairs_agree_with_networkx(talk, duckdb):
    draw = random.Random(3)
    edges = Counter(tuple(draw.sample(range(30), 2)) for _ in range(300))
    for (one, other), times in edges.items():
        for _ in range(times):
            talk.say(f"x:{one:02}", f"x:{other:02}", draw.randrange(10**6))
    graph = nx.DiGraph()
    graph.add_weighted_edges_from((one, other, times) for (one, other), times in edges.items())
    rows = talk.result(duckdb, min_messages=1).to_pylist()
    mutual = sum(row["mutual"] for row in rows)
    linked = sum(row["pairs"] for row in rows)
    assert 2 * mutual / (linked + mutual) == pytest.approx(nx.overall_reciprocity(graph))
    for row in rows:
        one, other = int(row["account_id"][2:]), int(row["other_id"][2:])
        assert row["messages"] == graph.get_edge_data(one, other, {"weight": 0})["weight"]
        assert row["messages_back"] == graph.get_edge_data(other, one, {"weight": 0})["weight"]


# ----------------------------------------------------------------------------------------- chance


def test_only_the_planted_pairs_are_called(duckdb):
    world = World(seed=11, accounts=120)
    world.chat(2000)
    planted = {world.possible_pair() for _ in range(5)}
    for pair in planted:
        world.meet(pair, 20)
    rows = judged(world, Options())
    called = {(row["account_id"], row["other_id"]) for row in rows if row["talks_more"]}
    assert called == {(f"x:{one:04}", f"x:{other:04}") for one, other in planted}


def test_of_chance_alone_nobody_is_called(duckdb):
    world = World(seed=12, accounts=120)
    world.chat(2000)
    rows = judged(world, Options())
    assert len(rows) > 200
    assert not any(row["talks_more"] for row in rows)
    assert not any(row["answers_fast"] or row["answers_fast_back"] for row in rows)


def test_shuffled_recipients_talk_as_much_as_expected(duckdb):
    """The formula against recipients that are really shuffled within the blocks."""
    world = World(seed=13, accounts=40)
    world.chat(800)
    tables, options = Given(world), Options(min_messages=1)
    begun = conversations_begun(tables, options).to_pyarrow().to_pylist()
    blocks = {}
    for row in begun:
        block = row["place"], row["period"], row["part"]
        blocks.setdefault(block, []).append((row["sender"], row["recipient"]))
    expected = expected_by_chance(blocks)
    told = {(row["account_id"], row["other_id"]): row for row in judged(world, options)}
    for pair, row in told.items():
        assert row["conversations_expected"] == pytest.approx(expected[pair], abs=1e-6)
    rng, rounds, seen, surprising = np.random.default_rng(1), 200, Counter(), Counter()
    for _ in range(rounds):
        drawn = Counter(pair for ends in blocks.values() for pair in shuffle(ends, rng))
        seen.update(drawn)
        for pair, number in drawn.items():
            surprise = poisson_surprise(number, expected[pair])
            surprising.update(level for level in (1, 2) if surprise >= level)
    assert sum(expected.values()) == pytest.approx(len(begun))
    heavy = [pair for pair, mean in expected.items() if mean > 1]
    assert len(heavy) > 20
    ratio = sum(seen[pair] for pair in heavy) / rounds / sum(expected[pair] for pair in heavy)
    assert ratio == pytest.approx(1, abs=0.05)
    tests = rounds * len(expected)
    assert 0 < surprising[1] <= 0.1 * tests
    assert 0 < surprising[2] <= 0.01 * tests


def test_who_answers_one_faster_is_called(talk, duckdb):
    """bob answers others within an hour, ann within a minute."""
    draw = random.Random(4)
    for day in range(30):
        for other in ("x:ann", "x:carol", "x:dan"):
            asked = day * 86_400 + draw.randrange(3 * HOUR)
            talk.say(other, "x:bob", asked)
            wait = 60 if other == "x:ann" else draw.randrange(20 * MINUTE, 2 * HOUR)
            talk.say("x:bob", other, asked + wait)
    rows = talk.result(duckdb).to_pylist()
    fast = {
        (row["account_id"], row["other_id"]): (row["answers_fast"], row["answers_fast_back"])
        for row in rows
    }
    assert fast == {
        ("x:ann", "x:bob"): (False, True),
        ("x:bob", "x:carol"): (False, False),
        ("x:bob", "x:dan"): (False, False),
    }
    (told,) = [one for one in talk.found(duckdb) if "answers" in one.summary.split()[1]]
    assert told.subject == "x:bob"
    assert told.summary.startswith("x:bob answers x:ann faster than others at that time of day: 30")
    assert "half within 1 min (95 %: 1 min or more)" in told.summary
    assert {"x:ann", "x:bob"} <= set(told.evidence)


def test_the_findings_name_the_pair_and_its_evidence(duckdb):
    world = World(seed=11, accounts=120)
    world.chat(2000)
    world.meet(world.possible_pair(), 30)
    options = Options()
    result = COMMUNICATION.score(COMMUNICATION.gather(Given(world), options).to_pyarrow(), options)
    whole, first, *_ = COMMUNICATION.find(result, options)
    assert "More than chance: 1 talk" in whole.summary
    assert "talk more than their activity explains" in first.summary
    assert first.confidence > 0.9
    assert len(first.evidence) >= 4
    matrix, bars = COMMUNICATION.draw(result, options)
    assert (matrix.kind, bars.kind) == (PlotKind.MATRIX, PlotKind.BARS)
    assert bars.data.num_rows == 1
    assert "Shown: 1 of 1 pair." in bars.caption
