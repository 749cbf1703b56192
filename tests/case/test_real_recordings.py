"""Recordings of others through the whole thread: no crash, every row accounted for."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from clew import add_files
from clew.case.analysing import analyse
from clew.case.annotating import annotate
from clew.case.report.write import write_html
from clew.case.reporting import report_content
from clew.case.verifying import verify
from clew.contract import Status
from clew.store import journal as db
from tests.case.exports import make_case

FOLDERS = (
    "formats/x_v2_twarc_csv",
    "formats/x_v11_python_twitter",
    "formats/chat_miner",
    "formats/stackexchange_posts",
    "truth/telegram_channels",
)


@pytest.mark.shared_data
def test_recordings_go_through_the_whole_thread(tmp_path, shared_data):
    case = make_case(tmp_path / "case")
    records = add_files(case, [shared_data / folder for folder in FOLDERS])
    for record in records:
        assert record.outcome.status in (Status.COMPLETED, Status.PARTIAL), record.outcome.reason
    taken = case.select(sa.select(db.captures).where(db.captures.c.source.is_not(None)))
    assert {row["source"] for row in taken} >= {
        "x_api",
        "telegram_export",
        "telegram_tgdataset",
        "stackexchange_dump",
    }
    for row in taken:
        outcome = row["outcome"]
        assert outcome["status"] in ("completed", "partial", "nothing"), (row["name"], outcome)
        for count in outcome["tables"].values():
            assert count["read"] == count["kept"] + count["updated"] + count["duplicate"]
    rows = case.posts.count().to_pyarrow().as_py()
    assert rows == sum(record.outcome.tables["posts"].kept for record in records)
    for record in [*annotate(case), *analyse(case)]:
        assert record.outcome.status in (Status.COMPLETED, Status.NOTHING), record.outcome.reason
    write_html(report_content(case), tmp_path / "report.html")
    assert verify(case) == []
    case.close()
