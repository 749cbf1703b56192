"""The graph in the formats of other programs, read back by one of them."""

from __future__ import annotations

import csv

import networkx
import pytest

from clew.case.exporting import export
from clew.case.graph import View
from clew.errors import OptionsInvalid
from clew.model.kinds import Entity
from clew.model.statements import Judged, judged, linked, present, stated
from clew.model.times import from_iso

HOSTILE = '</attvalue><x a="&\u202e\x00\x1b\ufffe=1+1'


@pytest.fixture
def view():
    ann, bob = Entity("account", "x:1"), Entity("account", "x:2")
    alias = Entity("alias", "ann")
    times = {
        "first_at": from_iso("2024-05-01T10:00:00Z"),
        "last_at": from_iso("2024-06-01T00:00:00Z"),
    }
    return View(
        [
            present(ann, "t"),
            stated(ann, "label", HOSTILE, "t"),
            stated(ann, "location_claimed", "Leeds", "one"),
            stated(ann, "location_claimed", "York", "two"),
            linked(ann, "addresses", bob, "t", acts=3, evidence=("x:p1", "x:p2"), **times),
            linked(ann, "acts_with", bob, "t", acts=2),
            linked(ann, "uses_alias", alias, "t"),
            present(bob, "t"),
            present(alias, "t"),
            present(Entity("account", "x:3"), "t"),
            judged(bob, Entity("account", "x:3"), Judged.SAME, "t", "one key"),
        ]
    )


def check(graph, label):
    assert set(graph.nodes) == {"account:x:1", "account:x:2", "alias:ann"}
    assert graph.nodes["account:x:1"]["location_claimed"] == "Leeds | York"
    assert graph.nodes["account:x:2"]["members"] == "account:x:2 | account:x:3"
    assert "</attvalue><x" in graph.nodes["account:x:1"][label]
    assert "\u202e" not in graph.nodes["account:x:1"][label]
    found = {data["link"]: data for _, _, data in graph.edges(data=True)}
    assert found["addresses"]["acts"] == 3
    assert found["addresses"]["evidence"] == "x:p1 x:p2"
    return found


def test_gephi_gets_times(view, tmp_path):
    written = export(view, tmp_path / "graph.gexf")
    assert (written.entities, written.links) == (3, 3)
    # networkx knows 1.2 and looks for its name; what is used of 1.3 is the same.
    text = (tmp_path / "graph.gexf").read_text("utf-8")
    older = text.replace("http://gexf.net/1.3", "http://www.gexf.net/1.2draft")
    older = older.replace('version="1.3"', 'version="1.2"').replace('type="undirected"', "")
    older = older.replace('timeformat="dateTime"', 'timeformat="date"')
    (tmp_path / "older.gexf").write_text(older, "utf-8")
    found = check(networkx.read_gexf(tmp_path / "older.gexf"), "label")
    assert found["addresses"]["start"].startswith("2024-05-01T10:00:00")
    assert found["addresses"]["weight"] == 3.0
    assert 'type="undirected"' in text


def test_graphml(view, tmp_path):
    export(view, tmp_path / "graph.graphml")
    found = check(networkx.read_graphml(tmp_path / "graph.graphml"), "label")
    assert found["addresses"]["first_at"].startswith("2024-05-01T10:00:00")


def test_tables_run_no_formula(view, tmp_path):
    dangerous = View([present(Entity("person", "=1+1"), "t")])
    export(dangerous, tmp_path / "p.csv")
    with (tmp_path / "p.csv").open(newline="") as file:
        (row,) = csv.DictReader(file)
    assert row["label"] == row["value"] == "'=1+1"
    export(view, tmp_path / "graph.csv")
    with (tmp_path / "graph-links.csv").open(newline="") as file:
        assert {row["link"] for row in csv.DictReader(file)} == {
            "addresses",
            "acts_with",
            "uses_alias",
        }


def test_another_ending_is_refused(view, tmp_path):
    with pytest.raises(OptionsInvalid, match="must end in"):
        export(view, tmp_path / "graph.doc")
