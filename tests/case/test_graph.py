"""The graph of a case: what is claimed stands, is one where judged so, and can be taken back."""

from __future__ import annotations

import multiprocessing
import sqlite3

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from clew.case.graph import Graph, View
from clew.case.open import open_case
from clew.case.verifying import verify
from clew.errors import OptionsInvalid
from clew.model.kinds import entity_from_id, entity_of
from clew.model.statements import Judged, Statement, judged, linked, present, stated
from tests.case.exports import make_case

ANN, BOB, EVE, ZOE = (f"email:{name}@example.org" for name in ("ann", "bob", "eve", "zoe"))


@pytest.fixture
def case(tmp_path):
    case = make_case(tmp_path / "case")
    yield case
    case.close()


@pytest.fixture
def graph(case):
    return Graph(case, "analyst")


def standing(graph: Graph) -> list[str]:
    return sorted(statement.statement_id for statement in graph.store.statements())


def test_the_same_thing_has_one_id(graph):
    assert graph.add("email", "Ann@Example.ORG") == graph.add("email", "ann@example.org")
    assert list(graph.view().nodes) == [ANN]
    assert graph.add("phone", "+44 20 7946 0018").entity_id == "phone:+442079460018"


@pytest.mark.parametrize(
    ("kind", "text"),
    [("email", "nobody"), ("phone", "12"), ("account", "20"), ("hash", "ff"), ("nothing", "x"),
     ("person", "\u202e\u200b"), ("person", "x" * 301), ("account", "x:a\0b")],
)  # fmt: skip
def test_refuses_what_is_no_value(graph, kind, text):
    with pytest.raises(OptionsInvalid):
        graph.add(kind, text)
    assert graph.history() == []


def test_a_name_shows_nothing_that_turns_it_round(graph):
    assert graph.add("person", " Ann\u202e  Smith\n").value == "Ann Smith"


def test_rival_claims_stand_side_by_side(case):
    graph, other = Graph(case, "one"), Graph(case, "two")
    graph.add("account", "x:20")
    assert graph.state("account:x:20", "location_claimed", "Leeds").rivals == ()
    applied = other.state("account:x:20", "location_claimed", "York")
    assert applied.rivals == (("account:x:20", "location_claimed"),)
    said = graph.view().node("account:x:20").properties["location_claimed"]
    assert {(each.value, each.claimant) for each in said} == {("Leeds", "one"), ("York", "two")}


def test_a_claim_made_again_takes_the_place_of_the_older(graph):
    graph.link(ANN, "uses_alias", "alias:ann", acts=2)
    applied = graph.link(ANN, "uses_alias", "alias:ann", acts=3)
    assert (applied.added, applied.removed) == (1, 1)
    assert [edge.acts for edge in graph.view().edges.values()] == [3]
    graph.undo()
    assert [edge.acts for edge in graph.view().edges.values()] == [2]


def test_nothing_new_is_no_change(graph):
    graph.add("email", ANN.partition(":")[2])
    applied = graph.store.apply("again", add=[present(entity_from_id(ANN), "analyst")])
    assert (applied.seq, applied.repeated) == (None, 1)
    assert len(graph.history()) == 1


def test_merged_entities_are_one(graph):
    graph.link(ANN, "uses_alias", "alias:ann")
    graph.link(BOB, "uses_alias", "alias:ann")
    graph.link(ANN, "mentions", BOB)
    preview = graph.view().preview(ANN, BOB)
    assert (preview.members, preview.inner_links) == ((ANN, BOB), 1)
    graph.judge(BOB, ANN, Judged.SAME, "both wrote it")
    view = graph.view()
    assert view.node(BOB).entity_id == ANN
    assert view.node(ANN).members == (ANN, BOB)
    edges = view.edges_of(BOB)
    assert [(edge.source, edge.target, len(edge.statements)) for edge in edges] == [
        (ANN, "alias:ann", 2)
    ]
    assert len(view.inner) == 1


def test_unmerging_is_exact_after_later_merges(graph):
    for name in ("ann", "bob", "eve"):
        graph.add("email", f"{name}@example.org")
    graph.judge(ANN, BOB, Judged.SAME, "first")
    graph.judge(BOB, EVE, Judged.SAME, "second")
    assert graph.view().node(EVE).members == (ANN, BOB, EVE)
    graph.unmerge(BOB, ANN)
    view = graph.view()
    assert view.node(ANN).members == (ANN,)
    assert view.node(EVE).members == (BOB, EVE)
    with pytest.raises(OptionsInvalid, match="were not merged"):
        graph.unmerge(ANN, EVE)


@pytest.mark.parametrize("pair", [(ANN, BOB), (ANN, EVE)])
def test_what_judgements_disagree_on_is_shown_apart(case, pair):
    graph, other = Graph(case, "one"), Graph(case, "two")
    graph.judge(ANN, BOB, Judged.SAME, "same hours")
    graph.judge(BOB, EVE, Judged.SAME, "same key")
    other.judge(*pair, Judged.NOT_SAME, "seen together")
    view = graph.view()
    (dispute,) = view.disputes
    assert set(pair) <= set(dispute.members)
    assert view.shown_as(pair[0]) != view.shown_as(pair[1])
    other.undo()
    assert graph.view().node(EVE).members == (ANN, BOB, EVE)


def test_a_second_verdict_of_one_person_replaces_the_first(graph):
    graph.judge(ANN, BOB, Judged.UNSURE, "perhaps")
    graph.judge(ANN, BOB, Judged.SAME, "a shared key")
    assert [each.prop for each in graph.view().judgements] == [Judged.SAME]


def test_a_judgement_needs_a_reason(graph):
    with pytest.raises(OptionsInvalid, match="reason"):
        graph.judge(ANN, BOB, Judged.SAME, " ")


def test_removing_takes_the_links_too(graph):
    graph.link(ANN, "mentions", BOB)
    graph.state(EVE, "note", ANN)  # a text that reads like an id is no link
    graph.remove(ANN)
    view = graph.view()
    assert sorted(view.nodes) == [BOB, EVE]
    assert view.edges == {}
    graph.undo()
    assert len(graph.view().edges) == 1


def test_redo_is_gone_after_another_change(graph):
    graph.add("email", "ann@example.org")
    graph.undo()
    graph.redo()
    assert list(graph.view().nodes) == [ANN]
    graph.undo()
    graph.add("email", "bob@example.org")
    with pytest.raises(OptionsInvalid, match="nothing to redo"):
        graph.redo()


def test_undoing_leaves_what_others_did(case, monkeypatch):
    graph = Graph(case)
    monkeypatch.setattr("getpass.getuser", lambda: "one")
    graph.add("email", "ann@example.org")
    monkeypatch.setattr("getpass.getuser", lambda: "two")
    with pytest.raises(OptionsInvalid, match="nothing to undo"):
        graph.undo()
    graph.remove(ANN)
    monkeypatch.setattr("getpass.getuser", lambda: "one")
    assert graph.undo().gone == 2  # the other one has removed it, and its domain, already
    monkeypatch.setattr("getpass.getuser", lambda: "two")
    graph.undo()
    assert list(graph.view().nodes) == [ANN]


_commands = st.lists(
    st.one_of(
        st.tuples(st.just("add"), st.sampled_from([ANN, BOB, EVE])),
        st.tuples(st.just("link"), st.sampled_from([ANN, BOB, EVE]), st.integers(0, 2)),
        st.tuples(st.just("state"), st.sampled_from([ANN, BOB]), st.sampled_from(["a", "b"])),
        st.tuples(st.just("remove"), st.sampled_from([ANN, BOB, EVE])),
        st.tuples(
            st.just("judge"),
            st.sampled_from([(ANN, BOB), (BOB, EVE), (ANN, EVE)]),
            st.sampled_from(Judged),
        ),
        st.tuples(st.just("undo")),
        st.tuples(st.just("redo")),
    ),
    max_size=8,
)


def carry_out(graph: Graph, command: tuple) -> None:
    match command:
        case ("add", entity):
            graph.add("email", entity.partition(":")[2])
        case ("link", entity, acts):
            graph.link(entity, "uses_alias", "alias:ann", acts=acts)
        case ("state", entity, value):
            graph.state(entity, "note", value)
        case ("remove", entity):
            graph.remove(entity)
        case ("judge", pair, verdict):
            graph.judge(*pair, verdict, "why")
        case (verb,):
            getattr(graph, verb)()


@settings(max_examples=20)
@given(before=_commands, commands=_commands)
def test_any_sequence_undone_is_the_start(before, commands, tmp_path_factory):
    case = make_case(tmp_path_factory.mktemp("undo") / "case")
    graph = Graph(case, "analyst")
    try:
        for command in before:
            attempt(graph, command)
        start, done = standing(graph), 0
        for command in commands:
            if command[0] in ("undo", "redo"):
                continue
            done += attempt(graph, command)
        end = standing(graph)
        for _ in range(done):
            graph.undo()
        assert standing(graph) == start
        for _ in range(done):
            graph.redo()
        assert standing(graph) == end
        assert graph.store.verify() == []
    finally:
        case.close()


def attempt(graph: Graph, command: tuple) -> bool:
    """Carry it out; gives whether the graph has one more change."""
    before = graph.store.revision()
    try:
        carry_out(graph, command)
    except OptionsInvalid:
        return False
    return graph.store.revision() > before


_entities = [entity_from_id(each) for each in (ANN, BOB, EVE, "alias:ann")]


@st.composite
def _statements(draw) -> list[Statement]:
    said = [present(entity, "t") for entity in _entities]
    for _ in range(draw(st.integers(0, 8))):
        one, other = draw(st.permutations(_entities))[:2]
        said.append(
            draw(
                st.sampled_from(
                    [
                        linked(one, "mentions", other, "t"),
                        judged(one, other, Judged.SAME, "t", "why"),
                        judged(one, other, Judged.NOT_SAME, "t", "why"),
                        stated(one, "label", draw(st.text(max_size=3)), "t"),
                    ]
                )
            )
        )
    return said


def shape(view: View) -> object:
    return (
        {key: (node.members, node.label) for key, node in view.nodes.items()},
        {key: sorted(s.statement_id for s in edge.statements) for key, edge in view.edges.items()},
        sorted(dispute.members for dispute in view.disputes),
    )


@given(_statements(), st.randoms())
def test_the_view_does_not_depend_on_order(statements, random):
    shuffled = list(statements)
    random.shuffle(shuffled)
    assert shape(View(statements)) == shape(View(shuffled))


@settings(max_examples=10)
@given(before=_commands, after=_commands)
def test_merge_then_unmerge_is_identity(before, after, tmp_path_factory):
    """Whatever happens in between, but removing one of the two, which takes the judgement along."""
    plain, merged = (
        Graph(make_case(tmp_path_factory.mktemp("merge") / "case"), "analyst") for _ in "pm"
    )
    kept = ("add", "link", "state")
    for graph in (plain, merged):
        for command in before:
            attempt(graph, command)
        graph.add("email", "zoe@example.org")
    merged.judge(ANN, ZOE, Judged.SAME, "why")
    for graph in (plain, merged):
        graph.add("email", "ann@example.org")
        for command in (each for each in after if each[0] in kept):
            attempt(graph, command)
    merged.unmerge(ZOE, ANN)
    assert shape(merged.view()) == shape(plain.view())


def test_entity_ids_come_back():
    entity = entity_of("url", "https://example.org/a:b")
    assert entity_from_id(entity.entity_id) == entity


# ----------------------------------------------------------------------------- several processes


def _claim(folder, name):
    case = open_case(folder)
    graph = Graph(case, name)
    for number in range(20):
        graph.state("account:x:20", "note", f"{name} {number}")
    case.close()


def test_two_processes_lose_nothing(case):
    context = multiprocessing.get_context("spawn")
    claimants = [context.Process(target=_claim, args=(case.folder, name)) for name in "ab"]
    for process in claimants:
        process.start()
    for process in claimants:
        process.join(120)
        assert process.exitcode == 0
    graph = Graph(case)
    assert len(graph.view().node("account:x:20").properties["note"]) == 40
    assert case.journal.verify() == []
    assert graph.store.verify() == []


# ------------------------------------------------------------------------------ what was changed


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ("UPDATE statements SET value = 'bob' WHERE prop = 'uses_alias'", "was changed"),
        ("DELETE FROM standing", "are not those"),
        ("UPDATE changes SET adds = '[]'", "was changed"),
    ],
)
def test_verify_finds_what_was_changed(case, graph, change, problem):
    graph.link(ANN, "uses_alias", "alias:ann")
    assert verify(case) == []
    with sqlite3.connect(case.folder / "case.sqlite") as connection:
        for name in ("statements", "changes"):
            connection.execute(f"DROP TRIGGER {name}_no_update")
        connection.execute(change)
    assert any(problem in each for each in verify(case))


def test_a_case_from_before_the_graph_is_taken_along(case):
    case.close()
    with sqlite3.connect(case.folder / "case.sqlite") as connection:
        for name in ("standing", "changes", "statements"):
            connection.execute(f"DROP TABLE {name}")
        connection.execute("PRAGMA user_version = 2")
    again = open_case(case.folder)
    assert Graph(again).add("email", "ann@example.org").entity_id == ANN
    assert again.journal.verify() == []
    again.close()
