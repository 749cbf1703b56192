"""Recipes: read strictly, carried out step by step, resumed where they were."""

from __future__ import annotations

import pytest

from clew.case.graph import Graph
from clew.case.importing import add_files
from clew.case.recipe import dry_run, load, parse, run_recipe, shipped
from clew.case.transforming import costs, transform
from clew.contract import Status, Transform, plugins
from clew.errors import OptionsInvalid
from clew.model.kinds import KINDS
from clew.model.lawful import Activity
from tests.case.exports import make_case, message, write_export

SEED = "account:telegram:user1"
CHAIN = """
title = "A chain of answers"
takes = ["account"]
about = "Whom it answers, whom these answer, and so on."

[[step]]
ask = "account_to_contacts"
name = "contacts"

[[step]]
question = "Go on?"

[[step]]
ask = "account_to_contacts"
of = ["contacts"]
name = "further"
rounds = 9
"""


@pytest.fixture
def case(tmp_path):
    """Every one answers the one before: user2 answers user1, user3 answers user2…"""
    opened = make_case(tmp_path / "case")
    messages = [
        message(number, f"see host{number}.example now", author=f"user{number}", **more)
        for number in range(1, 7)
        for more in [{"reply_to_message_id": number - 1} if number > 1 else {}]
    ]
    add_files(opened, [write_export(tmp_path / "result.json", messages)])
    yield opened
    opened.close()


def yes(_question):
    return True


def no(_question):
    return False


@pytest.mark.parametrize("name", shipped())
def test_every_shipped_recipe_is_whole(name):
    recipe = shipped()[name]
    assert recipe.title
    assert recipe.about.strip()
    assert set(recipe.takes) <= KINDS.keys()


def test_there_is_one_for_each_platform_and_datum():
    names = set(shipped())
    platforms = (
        "x telegram reddit forum github vk discord mastodon bluesky youtube instagram linkedin"
    )
    data = ("email", "phone", "handle", "person", "domain", "image", "telegram_channel")
    for wanted in (*(f"{platform}_account" for platform in platforms.split()), *data):
        assert wanted in names


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        (('ask = "account_to_contacts"\nname = "contacts"', 'ask = "nothing"'), "step 1"),
        (('of = ["contacts"]', 'of = ["nobody"]'), "no earlier step"),
        (('takes = ["account"]', 'takes = ["hash"]'), "gives none of it"),
        (('takes = ["account"]', 'takes = ["thing"]'), "no kind"),
        (('question = "Go on?"', 'question = "Go on?"\nask = "account_to_posts"'), "one of"),
        (('question = "Go on?"', 'analyse = "nothing"'), "no analysis"),
        (("rounds = 9", "rounds = 0"), ">= 1"),
        (("rounds = 9", "round = 9"), "unknown field"),
        (("title", "titel"), "titel"),
    ],
)
def test_says_what_is_wrong(change, problem):
    with pytest.raises(OptionsInvalid, match=problem):
        parse(CHAIN.replace(*change).encode(), "mine.toml")


def test_a_recipe_of_ones_own(tmp_path):
    (tmp_path / "mine.toml").write_text(CHAIN)
    assert load(str(tmp_path / "mine.toml")).title == "A chain of answers"
    with pytest.raises(OptionsInvalid, match="no recipe"):
        load("nothing")


def contacts_from(case):
    first = "account:telegram:user6"
    return first, parse(CHAIN.encode(), "chain")


def test_goes_on_until_nothing_is_new(case):
    seed, recipe = contacts_from(case)
    ended = run_recipe(case, "chain", recipe, seed, confirm=yes)
    assert ended.is_whole
    assert ended.found["contacts"] == ("account:telegram:user5",)
    assert ended.found["further"] == tuple(f"account:telegram:user{n}" for n in (4, 3, 2, 1))
    assert len(ended.records) == 6  # the last one found nothing
    assert len(Graph(case).view().edges) == 5


def test_a_no_ends_it_and_it_can_be_resumed(case):
    seed, recipe = contacts_from(case)
    stopped = run_recipe(case, "chain", recipe, seed, confirm=no)
    assert not stopped.is_whole
    assert "further" not in stopped.found
    with pytest.raises(OptionsInvalid, match="another recipe or seed"):
        run_recipe(case, "other", recipe, seed, confirm=yes, resume=stopped.recipe_run)
    with pytest.raises(OptionsInvalid, match="no recipe run"):
        run_recipe(case, "chain", recipe, seed, confirm=yes, resume="nothing")
    ended = run_recipe(case, "chain", recipe, seed, confirm=yes, resume=stopped.recipe_run)
    assert ended.is_whole
    assert len(ended.records) == 5  # the first step was not run again
    assert len(ended.found["further"]) == 4


def test_a_dry_run_changes_nothing(case):
    seed, recipe = contacts_from(case)
    before = case.journal.entries()
    lines = dry_run(case, recipe, seed)
    assert lines[0] == "1. account_to_contacts of the seed: 1 account"
    assert "depends" in lines[2]
    assert case.journal.entries() == before


def test_the_seed_must_be_of_the_kind(case):
    _, recipe = contacts_from(case)
    with pytest.raises(OptionsInvalid, match="takes account"):
        run_recipe(case, "chain", recipe, "hashtag:gate", confirm=yes)


# ------------------------------------------------------------------------------------ transforms


def test_caps_are_counted(case):
    transform(case, "channel_to_posters", ["channel:telegram:77"], cap=2)
    (record,) = [transform(case, "channel_to_posters", ["channel:telegram:77"], cap=2)]
    assert record.outcome.reason == "2 of 6 accounts"
    (cost,) = costs(case, ["channel:telegram:77"], ["channel_to_posters"])
    assert cost.found == {"account": 6}
    record = transform(case, "channel_to_posters", ["channel:telegram:77"], least=2)
    assert record.outcome.reason == "0 of 6 accounts"


def test_an_answer_names_its_evidence(case):
    transform(case, "account_to_contacts", ["account:telegram:user6"])
    (edge,) = Graph(case).view().edges.values()
    (statement,) = edge.statements
    assert statement.evidence == ("telegram:77/6",)
    assert statement.claimant == "transform account_to_contacts"
    assert statement.acts == 1
    assert statement.first_at == statement.last_at is not None


def test_asking_one_asks_all_that_it_is(case):
    graph = Graph(case)
    graph.judge("account:telegram:user6", "account:telegram:user3", "same_as", "one phone")
    transform(case, "account_to_contacts", ["account:telegram:user6"])
    edges = graph.view().edges_of("account:telegram:user3")
    assert {edge.target for edge in edges} == {
        "account:telegram:user5",
        "account:telegram:user2",
    }


def test_a_transform_can_be_undone(case):
    transform(case, "account_to_contacts", ["account:telegram:user6"])
    Graph(case).undo()
    assert Graph(case).view().nodes == {}


def test_an_online_transform_is_refused(case, monkeypatch):
    plugin = plugins(Transform)["account_to_contacts"]
    object.__setattr__(plugin, "activity", Activity.PUBLIC_API)
    try:
        record = transform(case, "account_to_contacts", ["account:telegram:user6"])
    finally:
        object.__setattr__(plugin, "activity", Activity.OFFLINE)
    assert record.outcome.status is Status.REFUSED
    assert Graph(case).view().nodes == {}


def test_another_platform_is_refused(tmp_path):
    opened = make_case(tmp_path / "case", platforms=("x",))
    record = transform(opened, "account_to_contacts", ["account:telegram:user6"])
    assert record.outcome.status is Status.REFUSED
    assert transform(opened, "observable_to_posts", ["email:a@example.org"]).outcome.status == (
        Status.NOTHING
    )
    opened.close()
