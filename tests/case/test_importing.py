"""From a file to rows: evidence kept, every row accounted for, bad input without a trace."""

from __future__ import annotations

import gzip
import os
import re
import shutil
import zipfile
from collections.abc import Sequence
from pathlib import Path

import pytest
import sqlalchemy as sa

from clew import Request, add_files, open_case
from clew.case.rerunning import SAME, rerun
from clew.case.verifying import verify
from clew.contract import Status
from clew.errors import CaseError, OptionsInvalid
from clew.model.times import from_iso
from clew.store import journal as db
from tests.case.exports import MAY, contents, make_case, message, write_export
from tests.warcs import record


@pytest.fixture
def case(tmp_path):
    opened = make_case(tmp_path / "case")
    yield opened
    opened.close()


def test_every_record_is_accounted_for(case, tmp_path):
    path = write_export(
        tmp_path / "result.json",
        [message(1), message(2), message(3, date_unixtime="253402300799")],
    )
    (record,) = add_files(case, [path])
    outcome = record.outcome
    assert outcome.status is Status.PARTIAL
    assert outcome.items == 1 + 3  # the chat itself is a record, too
    assert outcome.rejected == {"time out of range": 1}
    assert outcome.tables["posts"].kept == 2
    assert outcome.tables["rejected"].kept == 1
    for count in outcome.tables.values():
        assert count.read == count.kept + count.updated + count.duplicate


def test_rows_lead_to_the_evidence(case, tmp_path):
    path = write_export(tmp_path / "result.json", [message(1)])
    add_files(case, [path])
    (post,) = case.posts.to_pyarrow().to_pylist()
    capture = case.evidence.get(post["capture_id"], name="", size=0, observed_at=None)
    with capture.open() as stream:
        assert stream.read() == path.read_bytes()
    (row,) = case.select(sa.select(db.captures))
    assert (row["source"], row["capture_id"]) == ("telegram_export", post["capture_id"])


def test_importing_again_changes_nothing(case, tmp_path):
    path = write_export(tmp_path / "result.json", [message(1), message(2)])
    add_files(case, [path])
    before = contents(case)
    (record,) = add_files(case, [path])
    assert record.outcome.tables["posts"].duplicate == 2
    assert contents(case) == before


def test_splitting_an_export_gives_the_same_tables(case, tmp_path):
    """What is said of captures apart; authors repeat in both parts."""
    messages = [message(number, f"text {number}") for number in range(1, 30)]
    add_files(case, [write_export(tmp_path / "whole.json", messages)])
    other = make_case(tmp_path / "other")
    add_files(
        other,
        [
            write_export(tmp_path / "late.json", messages[15:]),
            write_export(tmp_path / "early.json", messages[:20]),
        ],
    )
    columns = [name for name in case.posts.columns if name not in _PROVENANCE]
    whole, parts = (
        opened.posts.select(columns).order_by("post_id").to_pyarrow() for opened in (case, other)
    )
    assert whole == parts
    other.close()


_PROVENANCE = ("capture_id", "item", "run_id", "observed_at")


def test_archives_are_looked_into(case, tmp_path):
    path = write_export(tmp_path / "result.json", [message(1)])
    archive = tmp_path / "export.zip"
    with zipfile.ZipFile(archive, "w") as file:
        file.write(path, "ChatExport/result.json")
        file.writestr("ChatExport/photo.jpg", b"\xff\xd8\xff\xe0 not for us")
        file.writestr("inner.json.gz", gzip.compress(path.read_bytes()))
    (record,) = add_files(case, [archive])
    assert record.outcome.status is Status.COMPLETED
    assert record.outcome.tables["posts"].kept == 1
    assert record.outcome.notes["not recognised: .jpg"] == 1
    names = {row["name"]: row["part_of"] for row in case.select(sa.select(db.captures))}
    assert len([part for part in names.values() if part]) >= 2
    assert verify(case) == []


def test_a_folder_means_all_files_in_it(case, tmp_path):
    folder = tmp_path / "exports"
    write_export(folder / "a" / "result.json", [message(1)])
    write_export(folder / "b" / "result.json", [message(2)], identity=78)
    (folder / "notes.xyz").write_text("nothing that Clew knows")
    (record,) = add_files(case, [folder])
    assert record.outcome.tables["posts"].kept == 2
    assert record.outcome.notes == {"not recognised: .xyz": 1}
    assert record.outcome.status is Status.COMPLETED


BAD = {
    "truncated JSON": b'{"name": "x", "type": "private_channel", "id": 7, "messages": [{"id": 1,',
    "wrong format": b"\x00\x01\x02 not an export at all",
    "empty": b"",
    "nested bomb": b'{"name": "x", "type": "private_channel", "id": 7, "messages": '
    + b"[" * 200_000,
    "NUL bytes": b'{"name": "x",\0"type": "private_channel", "id": 7, "messages": []}',
    "UTF-16": '{"name": "x", "type": "private_channel", "id": 7}'.encode("utf-16"),
    "broken gzip": gzip.compress(b'{"messages": []}' * 1000)[:40],
    "broken zip": b"PK\x03\x04" + b"\0" * 100,
}  # fmt: skip


@pytest.mark.parametrize("data", BAD.values(), ids=BAD)
def test_bad_input_says_why_and_leaves_no_trace(case, tmp_path, data):
    add_files(case, [write_export(tmp_path / "good.json", [message(1)])])
    before, evidence = contents(case), set(case.evidence.stored())
    path = tmp_path / "result.json"
    path.write_bytes(data)
    (record,) = add_files(case, [path])
    assert record.outcome.status is Status.FAILED
    assert len(record.outcome.reason) > 15
    assert "Traceback" not in record.outcome.reason
    assert contents(case) == before
    assert set(case.evidence.stored()) == evidence
    assert verify(case) == []


def test_a_bad_file_does_not_hinder_the_others(case, tmp_path):
    good = write_export(tmp_path / "good.json", [message(1)])
    bad = tmp_path / "bad.json"
    bad.write_bytes(BAD["truncated JSON"])
    (record,) = add_files(case, [good, bad])
    assert record.outcome.status is Status.PARTIAL
    assert record.outcome.tables["posts"].kept == 1
    assert verify(case) == []


def test_hostile_values_are_kept_exactly(case, tmp_path):
    texts = [
        "\u202egnp.exe",
        "=cmd()",
        "<script>",
        "a\u200bb",
        "🦑",
        "'; DROP TABLE posts",
        "\x1b[2J",
    ]
    big = 2**53 + 1
    add_files(
        case,
        [
            write_export(
                tmp_path / "result.json",
                [
                    message(big + number, text, date_unixtime=str(MAY))
                    for number, text in enumerate(texts)
                ],
            )
        ],
    )
    rows = case.posts.select("post_id", "text").to_pyarrow().to_pylist()
    assert {row["text"] for row in rows} == set(texts)
    assert {row["post_id"] for row in rows} == {
        f"telegram:77/{big + number}" for number in range(len(texts))
    }


def test_lone_surrogates_are_replaced_and_noted(case, tmp_path):
    path = write_export(tmp_path / "result.json", [message(1, "a SURROGATE b")])
    path.write_text(path.read_text().replace("SURROGATE", "\\ud800"))
    (record,) = add_files(case, [path])
    assert record.outcome.notes["lone surrogates replaced"] >= 1
    assert case.posts.text.to_pyarrow().to_pylist() == ["a \ufffd b"]


def test_the_scope_is_asked(tmp_path):
    case = make_case(tmp_path / "case", platforms=("x",))
    (record,) = add_files(case, [write_export(tmp_path / "result.json", [message(1)])])
    assert record.outcome.status is Status.REFUSED
    assert "telegram is outside the case's scope" in record.outcome.reason
    assert list(case.evidence.stored()) == []
    assert [entry.action for entry in case.journal.entries()][-1] == "run ended"
    case.close()


def test_the_scope_is_asked_of_the_rows_of_a_table(tmp_path):
    """A table says itself whose rows it holds."""
    case = make_case(tmp_path / "case", platforms=("forum",))
    path = tmp_path / "posts.csv"
    path.write_text("id,text\n1,hello\n")
    for platform, expected in (("forum", Status.COMPLETED), ("vk", Status.REFUSED)):
        mapping = f'platform = "{platform}"\n[posts]\npost_id = "id"\ntext = "text"\n'
        (record,) = add_files(case, [path], Request(source="table", options={"mapping": mapping}))
        assert record.outcome.status is expected, record.outcome.reason
    assert case.posts.platform.to_pyarrow().to_pylist() == ["forum"]
    case.close()


def test_a_read_only_disk_says_so_and_can_still_be_read(tmp_path, small_disk):
    import subprocess

    case = make_case(small_disk / "case")
    path = write_export(tmp_path / "result.json", [message(1)])
    add_files(case, [path])
    case.close()
    subprocess.run(["mount", "-o", "remount,ro", small_disk], check=True)
    again = open_case(small_disk / "case")
    with pytest.raises(CaseError, match="Read-only"):
        add_files(again, [path])
    assert again.posts.count().to_pyarrow().as_py() == 1
    assert verify(again) == []
    again.close()


def test_what_the_analyst_says_is_checked(case, tmp_path):
    path = write_export(tmp_path / "result.json", [message(1)])
    with pytest.raises(OptionsInvalid, match="no file or folder"):
        add_files(case, [tmp_path / "nowhere.json"])
    (record,) = add_files(case, [path], Request(source="telegram_export", options={"x": "1"}))
    assert "no option 'x'" in record.outcome.reason
    (record,) = add_files(case, [path], Request(source="telegram"))
    assert "no source 'telegram'" in record.outcome.reason


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere: see the read-only disk")
def test_a_read_only_case_says_so(case, tmp_path):
    path = write_export(tmp_path / "result.json", [message(1)])
    case.folder.chmod(0o555)
    try:
        with pytest.raises(CaseError, match="cannot be written"):
            add_files(case, [path])
    finally:
        case.folder.chmod(0o755)


def test_a_full_disk_leaves_the_case_as_it_was(tmp_path, small_disk):
    """On a real file system of 40 MB, filled to the brim."""
    case = make_case(small_disk / "case")
    add_files(case, [write_export(tmp_path / "first.json", [message(1)])])
    before = contents(case)
    free = shutil.disk_usage(small_disk).free
    (small_disk / "ballast").write_bytes(os.urandom(free - 300_000))
    noise = [message(number, os.urandom(400).hex()) for number in range(2, 3000)]
    path = write_export(tmp_path / "second.json", noise)
    assert re.search("space|disk", _complaint(case, path), re.IGNORECASE)
    (small_disk / "ballast").unlink()
    case.close()
    again = open_case(small_disk / "case")
    assert contents(again) == before
    assert verify(again) == []
    (record,) = add_files(again, [path])
    assert record.outcome.tables["posts"].kept == len(noise)
    again.close()


def _complaint(case, path):
    """What is said of an import that cannot be written, in whichever place it is noticed."""
    try:
        (record,) = add_files(case, [path])
    except CaseError as error:
        return str(error)
    assert record.outcome.status is Status.FAILED
    return record.outcome.reason


# ------------------------------------------------------------------------ files that explain others

FIXTURES = Path(__file__).parents[1] / "fixtures/sources"
SLACK = FIXTURES / "slack_export/export"


def _zip_of_slack(path: Path, names: Sequence[str]) -> Path:
    with zipfile.ZipFile(path, "w") as archive:
        for name in names:
            archive.write(SLACK / name, f"Port/{name}")
    return path


@pytest.mark.parametrize("first", ["users.json", "harbour/2024-07-08.json"])
def test_a_day_is_read_when_its_lists_have_come(case, tmp_path, first):
    """Whatever comes first in the archive."""
    names = ["users.json", "channels.json", "dms.json", "harbour/2024-07-08.json"]
    names.sort(key=lambda name: name != first)
    (record,) = add_files(case, [_zip_of_slack(tmp_path / "export.zip", names)])
    assert record.outcome.status is Status.PARTIAL  # one message has no time
    assert set(case.posts.channel_id.to_pyarrow().to_pylist()) == {"slack:C0HARB"}
    assert not [note for note in record.outcome.notes if "beside" in note or "folder" in note]


def test_a_file_added_alone_brings_those_that_explain_it(case):
    (record,) = add_files(case, [SLACK / "harbour/2024-07-08.json"])
    rows = case.select(sa.select(db.captures).order_by(db.captures.c.name))
    assert [row["name"] for row in rows] == [
        "export/channels.json",
        "export/dms.json",
        "export/users.json",
        "harbour/2024-07-08.json",
    ]
    ids = {Path(row["name"]).name: row["capture_id"] for row in rows}
    assert rows[-1]["beside"] == {name: ids[name] for name in ids if name[0] in "cdu"}
    assert rerun(case, record.run_id).outcome.reason == SAME


def test_answers_in_a_web_archive_go_to_the_readers_that_know_them(case, tmp_path):
    """A WACZ: a zip with a WARC in it, with an answer of an API, one cut short, and a page."""
    timeline = (FIXTURES / "mastodon_api/timeline.json").read_bytes()
    crawl = [
        record("https://social.example/api/v1/timelines/public", timeline),
        record(
            "https://social.example/cut",
            gzip.compress(timeline)[:-9],
            headers={"Content-Encoding": "gzip"},
        ),
        record("https://social.example/about", b"<html><p>about</p></html>"),
    ]
    path = tmp_path / "crawl.wacz"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("archive/data.warc.gz", b"".join(crawl))
        archive.writestr("pages/pages.jsonl", '{"format": "json-pages-1.0"}\n')
    (run,) = add_files(case, [path])
    assert run.outcome.status is Status.PARTIAL
    assert "cut short" in run.outcome.reason
    rows = case.select(sa.select(db.captures).where(db.captures.c.source.is_not(None)))
    assert [(row["source"], row["observed_at"]) for row in rows] == [
        ("mastodon_api", from_iso("2024-07-08T10:00:00Z"))
    ]
    assert case.posts.count().to_pyarrow().as_py() > 0
