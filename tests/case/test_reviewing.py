"""Pairs that wait for a judgement, and what becomes of them."""

from __future__ import annotations

import pytest
from typer.testing import CliRunner

from clew.case.analysing import analyse
from clew.case.graph import Graph
from clew.case.importing import Request, add_files
from clew.case.reviewing import decide, queue, side_by_side
from clew.errors import NotEnough
from clew.model.statements import Judged
from clew.surfaces.cli import app
from tests.case.exports import make_case

MAPPING = """
platform = "{platform}"
[time]
format = "iso"
[posts]
post_id = "id"
account_id = "number"
posted_at = "at"
text = "text"
[accounts]
handle = "handle"
"""
TWINS = ("account:alpha:900", "account:beta:900")


@pytest.fixture
def case(tmp_path):
    """Two accounts of one unusual handle on two platforms, among others."""
    opened = make_case(tmp_path / "case")
    for platform in ("alpha", "beta"):
        people = [("qxvkwyz", 900)]
        people += [(f"{platform[0]}nna{number}", number) for number in range(60)]
        table = tmp_path / f"{platform}.csv"
        table.write_text(
            "id,number,handle,text,at\n"
            + "".join(
                f"p{number},{number},{handle},hello there,2024-05-01T10:00:00Z\n"
                for handle, number in people
            )
        )
        options = {"mapping": MAPPING.format(platform=platform)}
        (record,) = add_files(opened, [table], Request(source="table", options=options))
        assert record.outcome.status == "completed", record.outcome
    yield opened
    opened.close()


def test_there_is_no_queue_before_the_analysis(case):
    with pytest.raises(NotEnough, match="clew analyse identity"):
        queue(case)


@pytest.fixture
def waiting(case):
    analyse(case, ["identity"])
    (pair,) = [each for each in queue(case) if each.one == "alpha:900"]
    return pair


def test_a_pair_is_shown_side_by_side(case, waiting):
    assert (waiting.one, waiting.other) == ("alpha:900", "beta:900")
    assert waiting.outcome == "linked"
    assert waiting.signs[0][:2] == ("handle", "qxvkwyz")
    rows = {row[""]: row for row in side_by_side(case, waiting)}
    assert rows["platform"] == {"": "platform", "alpha:900": "alpha", "beta:900": "beta"}
    assert "description" not in rows


@pytest.mark.parametrize("verdict", [Judged.SAME, Judged.NOT_SAME])
def test_what_is_judged_waits_no_more(case, waiting, verdict):
    before = queue(case)
    decide(case, waiting, verdict, "the same key")
    assert queue(case) == [each for each in before if each != waiting]
    (judgement,) = Graph(case).view().judgements
    assert judgement.prop == verdict
    assert judgement.reason.startswith("the same key [identity: 0.9")
    Graph(case).undo()
    assert queue(case) == before


def test_reviewing_on_the_command_line(case, waiting):
    place = ["-C", str(case.folder)]
    listed = CliRunner().invoke(app, ["review", "--list", *place], env={"COLUMNS": "160"})
    assert "alpha:900" in listed.output
    later = CliRunner().invoke(app, ["review", *place], input="l\nq\n")
    assert later.exit_code == 0, later.output
    assert Graph(case).view().judgements == []
    same = CliRunner().invoke(app, ["review", "--limit", "1", *place], input="s\nthe same key\n")
    assert same.exit_code == 0, same.output
    assert Graph(case).view().node(TWINS[1]).members == TWINS
