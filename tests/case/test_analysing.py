"""From rows to findings, and back: annotate, analyse, run again, verify, ask in SQL."""

from __future__ import annotations

import io
import sqlite3

import pyarrow as pa
import pytest
import sqlalchemy as sa

from clew import add_files
from clew.case.analysing import analyse, findings_of, latest_runs, load_result
from clew.case.annotating import annotate
from clew.case.querying import read_only, to_csv
from clew.case.rerunning import SAME, rerun
from clew.case.run import execute
from clew.case.verifying import verify
from clew.contract import Analysis, Annotator, Outcome, Status, plugins
from clew.errors import OptionsInvalid
from clew.store import journal as db
from tests.case.exports import MAY, make_case, message, write_export

TEXTS = (
    "The harbour gate answers again, see hxxp://203.0.113[.]7/login and tell nobody about it",
    "Кто-нибудь видел, что случилось с сайтом порта сегодня ночью? CVE-2018-13379 опять?",
)


@pytest.fixture
def case(tmp_path):
    opened = make_case(tmp_path / "case")
    messages = [
        message(
            number, TEXTS[number % 2], author=f"user{number % 3}", reply_to_message_id=number - 1
        )
        for number in range(1, 61)
    ]
    add_files(opened, [write_export(tmp_path / "result.json", messages)])
    yield opened
    opened.close()


def test_annotators_see_each_post_once(case, tmp_path):
    for record in annotate(case):
        assert record.outcome.status is Status.COMPLETED
        assert record.outcome.items == 60
    assert {record.outcome.status for record in annotate(case)} == {Status.NOTHING}
    assert case.observables.count().to_pyarrow().as_py() >= 60
    languages = case.languages.language.to_pyarrow().to_pylist()
    assert (languages.count("en"), languages.count("ru")) == (30, 30)
    add_files(case, [write_export(tmp_path / "more.json", [message(99, TEXTS[0])])])
    assert all(record.outcome.items == 1 for record in annotate(case))
    assert case.languages.count().to_pyarrow().as_py() == 61


def test_an_edited_post_loses_what_its_older_text_said(case, tmp_path):
    annotate(case)
    edited = message(1, "no indicator any more", edited_unixtime=str(MAY + 9_000), author="user1")
    add_files(case, [write_export(tmp_path / "later.json", [edited])])
    annotate(case)
    rows = case.observables.filter(case.observables.post_id == "telegram:77/1")
    assert rows.count().to_pyarrow().as_py() == 0
    other = case.observables.filter(case.observables.post_id == "telegram:77/2")
    assert other.count().to_pyarrow().as_py() > 0


def test_another_version_of_an_annotator_sees_everything_again(case, monkeypatch):
    annotate(case, ["language"])
    annotator = plugins(Annotator)["language"]
    monkeypatch.setitem(annotator.__dict__, "version", "next")
    (record,) = annotate(case, ["language"])
    assert record.outcome.items == 60
    assert case.languages.count().to_pyarrow().as_py() == 60


def test_every_analysis_leaves_findings_and_a_result(case):
    annotate(case)
    for record in analyse(case):
        assert record.outcome.status in (Status.COMPLETED, Status.NOTHING), record.outcome.reason
        assert findings_of(case, record.run_id)
    assert [run["name"] for run in latest_runs(case)] == list(plugins(Analysis))
    assert verify(case) == []


def test_every_run_gives_the_same_again(case):
    records = [*annotate(case), *analyse(case)]
    imports = case.select(sa.select(db.runs.c.run_id).where(db.runs.c.kind == "import"))
    for run_id in [*(row["run_id"] for row in imports), *(record.run_id for record in records)]:
        assert rerun(case, run_id).outcome.reason == SAME


def test_a_run_sees_the_tables_as_they_were(case, tmp_path):
    (record,) = analyse(case, ["volume"])
    add_files(case, [write_export(tmp_path / "more.json", [message(99, TEXTS[0])])])
    assert rerun(case, record.run_id).outcome.reason == SAME


def test_a_difference_is_shown(case, monkeypatch):
    (record,) = analyse(case, ["volume"])
    analysis = plugins(Analysis)["volume"]
    gather = analysis.gather
    monkeypatch.setitem(
        analysis.__dict__, "gather", lambda tables, options: gather(tables, options).limit(0)
    )
    outcome = rerun(case, record.run_id).outcome
    assert outcome.status is Status.PARTIAL
    assert "rows of then are not there now" in outcome.reason


def test_a_mended_reader_is_shown_against_the_evidence(case, monkeypatch):
    from clew.contract import Source

    source = plugins(Source)["telegram_export"]
    rows = source.rows
    monkeypatch.setitem(
        source.__dict__,
        "rows",
        lambda item, piece: [
            type(row)(
                **{name: getattr(row, name) for name in row.__struct_fields__} | {"text": "x"}
            )
            if type(row).__name__ == "Post"
            else row
            for row in rows(item, piece)
        ],
    )
    (run,) = case.select(sa.select(db.runs.c.run_id).where(db.runs.c.kind == "import"))
    outcome = rerun(case, run["run_id"]).outcome
    assert outcome.status is Status.PARTIAL
    assert "posts: 60 rows" in outcome.reason


def test_a_defect_is_told_from_bad_input(case):
    def broken(_run):
        raise ZeroDivisionError("a defect")

    record = execute(case, broken, kind="analyse", name="x")
    assert record.outcome.status is Status.BROKE
    assert "ZeroDivisionError: a defect" in record.outcome.reason
    assert case.journal.verify() == []


def test_options_are_checked(case):
    with pytest.raises(OptionsInvalid, match="no analysis 'x'"):
        analyse(case, ["x"])
    with pytest.raises(OptionsInvalid, match="one analysis"):
        analyse(case, options={"min_posts": "3"})
    with pytest.raises(OptionsInvalid, match="no option"):
        analyse(case, ["active_hours"], options={"x": "3"})
    with pytest.raises(OptionsInvalid):
        analyse(case, ["active_hours"], options={"min_posts": "many"})


@pytest.mark.parametrize("what", ["result", "evidence", "table", "journal"])
def test_verify_names_what_was_changed(case, what):
    analyse(case, ["volume"])
    assert verify(case) == []
    if what == "journal":
        raw = sqlite3.connect(case.journal.path)
        raw.executescript("DROP TRIGGER runs_no_update; UPDATE runs SET outcome = '{}'")
        raw.close()
        assert any("was changed" in problem for problem in verify(case))
        return
    folder = {"result": "results", "evidence": "evidence", "table": "tables/posts"}[what]
    path = next(
        path
        for path in sorted((case.folder / folder).rglob("*"))
        if path.suffix in (".parquet", ".zst")
    )
    path.chmod(0o644)
    path.write_bytes(b"changed")
    assert any(path.name.split(".")[0] in problem for problem in verify(case))


def test_a_query_reads_only_the_case(case, tmp_path):
    result = read_only(
        case, "SELECT account_id, count(*) AS n FROM posts GROUP BY ALL ORDER BY ALL"
    )
    assert result.to_pylist()[0] == {"account_id": "telegram:user0", "n": 20}
    assert read_only(case, "SELECT count(*) AS n FROM links").to_pylist() == [{"n": 0}]
    secret = tmp_path / "secret.csv"
    secret.write_text("a\n1\n")
    for sql in (
        "DROP VIEW posts",
        "SELECT 1; SELECT 2",
        f"SELECT * FROM read_csv('{secret}')",
        f"COPY posts TO '{tmp_path}/out.csv'",
        "ATTACH 'x.db'",
        "SELECT nonsense FROM posts",
        "INSTALL httpfs",
        "SET enable_external_access = true",
    ):
        with pytest.raises(OptionsInvalid):
            read_only(case, sql)


def test_csv_cannot_run_a_formula():
    out = io.StringIO()
    to_csv(pa.table({"text": ["=1+1", "@x", "-2", "fine"], "n": [-1, 2, 3, 4]}), out)
    assert out.getvalue().splitlines() == ["text,n", "'=1+1,-1", "'@x,2", "'-2,3", "fine,4"]


def test_results_are_the_same_bytes(case):
    (first,) = analyse(case, ["volume"])
    (second,) = analyse(case, ["volume"])
    digests = {
        row["result"]
        for row in case.select(sa.select(db.runs))
        if row["run_id"] in (first.run_id, second.run_id)
    }
    assert len(digests) == 1
    assert isinstance(load_result(case, digests.pop()), pa.Table)
    assert isinstance(first.outcome, Outcome)
