"""Annotators with options, and annotators that read what others derived."""

from __future__ import annotations

import pytest

from clew import add_files
from clew.case.annotating import annotate, in_order_of_reading
from clew.case.rerunning import SAME, rerun
from clew.contract import Annotator, Status, plugins
from clew.errors import OptionsInvalid
from tests.case.exports import make_case, message, write_export

TEXTS = (
    "Acme was down again all night, what a terrible service, I hate it",
    "Thank you Globex, wonderful work, I love it",
    "Компания Acme опять не работает, это очень плохо и ужасно",
)


@pytest.fixture
def case(tmp_path):
    opened = make_case(tmp_path / "case")
    messages = [message(number, TEXTS[number % 3], author="user1") for number in range(1, 31)]
    add_files(opened, [write_export(tmp_path / "result.json", messages)])
    yield opened
    opened.close()


def toward(case):
    rows = case.sentiments.select("target", "polarity").distinct().to_pyarrow().to_pylist()
    return {(row["target"], row["polarity"]) for row in rows}


def test_the_case_keeps_its_targets(case, tmp_path):
    options = {"targets": "Acme|ACME Corp,Globex"}
    records = annotate(case, ["sentiment"], options=options)
    assert [record.name for record in records] == ["language", "sentiment"]
    found = toward(case)
    assert {("Acme", "negative"), ("Globex", "positive"), ("Acme", None)} <= found
    assert (None, None) in found, "Russian is not covered"
    [_, again] = annotate(case, ["sentiment"])
    assert again.outcome.status is Status.NOTHING
    more = [message(99, "I hate Globex, it is terrible", author="user2")]
    add_files(case, [write_export(tmp_path / "more.json", more)])
    [_, later] = annotate(case, ["sentiment"])
    assert later.outcome.items == 1
    assert ("Globex", "negative") in toward(case)


def test_other_targets_annotate_every_post_again(case):
    annotate(case, ["sentiment"], options={"targets": "Acme"})
    [_, record] = annotate(case, ["sentiment"], options={"targets": "Globex"})
    assert record.outcome.items == 30
    assert {target for target, _ in toward(case)} == {None, "Globex"}


def test_annotated_again_it_is_the_same(case):
    [_, record] = annotate(case, ["sentiment"], options={"targets": "Acme"})
    again = rerun(case, record.run_id)
    assert again.outcome.reason == SAME


@pytest.mark.parametrize(
    ("names", "options"),
    [
        (["sentiment"], {"targets": "|"}),
        (["sentiment"], {"target": "Acme"}),
        (["language"], {"targets": "Acme"}),
        ([], {"targets": "Acme"}),
    ],
)
def test_wrong_options_are_refused(case, names, options):
    with pytest.raises(OptionsInvalid):
        annotate(case, names, options=options)


def test_what_is_read_is_derived_first():
    known = plugins(Annotator)
    ordered = in_order_of_reading([known["sentiment"], known["language"]])
    assert [annotator.name for annotator in ordered] == ["language", "sentiment"]
