"""Reading the evidence again: a mended reader mends the case, and nothing else changes."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from pathlib import Path

import ibis
import msgspec
import pytest

from clew import Case, add_files
from clew.case.annotating import annotate
from clew.case.rereading import reread
from clew.contract import Source, Status, plugins
from clew.errors import SourceUnusable
from clew.model.tables import TABLES, Merge, Post
from tests.case.exports import make_case, message, write_export

SLACK = Path(__file__).parents[1] / "fixtures/sources/slack_export/export"


@pytest.fixture
def case(tmp_path):
    opened = make_case(tmp_path / "case")
    yield opened
    opened.close()


def test_reading_again_changes_nothing_if_the_reader_is_the_same(case):
    add_files(case, [SLACK])
    before = _everything(case)
    outcome = reread(case).outcome
    assert outcome.status is Status.COMPLETED
    assert outcome.notes["every row is what it was"] == 1
    assert _everything(case) == before


def test_a_mended_reader_mends_the_case(case, monkeypatch):
    """A reader that took every time for an hour late, and saw a post where none is."""
    source = plugins(Source)["slack_export"]

    def wrong(item, piece):
        for row in source.rows(item, piece):
            if isinstance(row, Post):
                late = msgspec.structs.replace(row, posted_at=row.posted_at + 3_600_000_000)
                yield late
                yield msgspec.structs.replace(late, post_id=f"{row.post_id}-ghost")
            else:
                yield row

    add_files(case, [SLACK])
    right = _everything(case)
    assert right["posts"]
    assert right["rejected"]
    with monkeypatch.context() as patched:
        patched.setattr(
            "clew.case.reading_pool.plugins",
            lambda kind: {**plugins(kind), "slack_export": dataclasses.replace(source, rows=wrong)},
        )
        assert reread(case, ["slack_export"]).outcome.notes["posts: rows that read otherwise"] == 8
        assert case.posts.count().to_pyarrow().as_py() == 16
    annotate(case)
    outcome = reread(case, ["slack_export"]).outcome
    assert outcome.notes["posts: rows that are gone"] == 8
    assert outcome.notes["posts: rows that read otherwise"] == 8
    assert _everything(case) == right
    assert case.observables.count().to_pyarrow().as_py() == 0, "annotate again"
    annotate(case)
    ghosts = case.observables.filter(case.observables.post_id.endswith("-ghost"))
    assert ghosts.count().to_pyarrow().as_py() == 0


def test_rereading_leaves_other_platforms_alone(case, tmp_path):
    add_files(case, [SLACK, write_export(tmp_path / "result.json", [message(1)])])
    others = case.posts.filter(case.posts.platform != "slack")
    runs = set(others.run_id.to_pyarrow().to_pylist())
    assert reread(case, ["slack_export"]).outcome.status is Status.COMPLETED
    others = case.posts.filter(case.posts.platform != "slack")
    assert set(others.run_id.to_pyarrow().to_pylist()) == runs


def test_what_cannot_be_read_any_more_changes_nothing(case, monkeypatch):
    add_files(case, [SLACK])
    before = _everything(case)
    source = plugins(Source)["slack_export"]

    def refusing(_item, _piece):
        raise SourceUnusable("not mine any more")

    monkeypatch.setattr(
        "clew.case.reading_pool.plugins",
        lambda kind: {**plugins(kind), "slack_export": dataclasses.replace(source, rows=refusing)},
    )
    assert reread(case).outcome.status is Status.FAILED
    assert _everything(case) == before


def _everything(case: Case) -> dict[str, set[tuple[object, ...]]]:
    """What the tables say, without the runs that wrote it."""
    case.refresh()
    return {
        name: set(map(tuple, _rows(getattr(case, name), table.content)))
        for name, table in TABLES.items()
        if table.merge is not Merge.DERIVED
    }


def _rows(table: ibis.Table, columns: Sequence[str]) -> list[list[object]]:
    return [list(row.values()) for row in table.select(*columns).to_pyarrow().to_pylist()]
