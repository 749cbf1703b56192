"""What happens to a case when its processes are killed, stopped, or run side by side?"""

from __future__ import annotations

import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from clew import add_files, open_case
from clew.case.verifying import verify
from tests.case.exports import contents, make_case, message, write_export

CLEW = Path(sys.executable).with_name("clew")


def start(case: Path, *files: Path) -> subprocess.Popen[str]:
    """`clew add` in a process group of its own."""
    return subprocess.Popen(
        [CLEW, "add", "-C", case, "--workers", "2", *files],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )


def kill(process: subprocess.Popen[str]) -> None:
    """As the system kills: the whole group, at once."""
    import os

    os.killpg(process.pid, signal.SIGKILL)
    process.communicate()


def staged_pieces(scratch: Path) -> int:
    """How many pieces the reading processes have begun to stage."""
    return len({path.name.split("-")[1] for path in scratch.rglob("posts/**/*.parquet")})


def export(path: Path, first: int, count: int) -> Path:
    """An export with replies, several authors and months."""
    return write_export(
        path,
        [
            message(
                number,
                f"text {number} for the harbour",
                author=f"user{number % 7}",
                date_unixtime=str(1_700_000_000 + number * 9_000),
                reply_to_message_id=number - 1,
            )
            for number in range(first, first + count)
        ],
    )


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    folder = tmp_path_factory.mktemp("exports")
    return [export(folder / "one.json", 1, 2000), export(folder / "two.json", 1500, 2000)]


@pytest.fixture(scope="module")
def expected(tmp_path_factory, files):
    """The tables of a case that nobody killed, and how long an import took."""
    case = make_case(tmp_path_factory.mktemp("expected") / "case")
    started = time.monotonic()
    add_files(case, files)
    seconds = time.monotonic() - started
    tables = contents(case)
    case.close()
    return tables, seconds


@pytest.mark.parametrize("seed", range(3))
def test_kills_lose_nothing_and_leave_nothing_half(tmp_path, files, expected, seed):
    """Killed again and again at random moments; every look between sees whole imports only."""
    tables, seconds = expected
    chance = random.Random(seed)
    case = make_case(tmp_path / "case")
    for _ in range(2):
        process = start(case.folder, *files)
        time.sleep(chance.uniform(0.8, 2.5 + 1.5 * seconds))
        kill(process)
        seen = contents(case)
        assert seen in ({}, tables), "a part of an import can be seen"
        assert case.journal.verify() == []
    process = start(case.folder, *files)
    output, _ = process.communicate(timeout=120)
    assert process.returncode == 0, output
    assert contents(case) == tables
    assert [problem for problem in verify(case) if "belongs to no import" not in problem] == []
    case.close()


def test_two_processes_import_into_one_case(tmp_path, files, expected):
    tables, _ = expected
    case = make_case(tmp_path / "case")
    processes = [start(case.folder, file) for file in files]
    for process in processes:
        output, _ = process.communicate(timeout=120)
        assert process.returncode == 0, output
    both = contents(case)
    assert {name: len(rows) for name, rows in both.items()} == {
        name: len(rows) for name, rows in tables.items()
    }
    assert verify(case) == []
    case.close()


def test_what_was_reported_as_kept_is_there(tmp_path, files):
    """Killed right after the report: nothing of what was said may be missing."""
    case = make_case(tmp_path / "case")
    process = start(case.folder, files[0])
    assert process.stdout is not None
    for line in process.stdout:
        if line.strip().startswith("posts"):
            break
    kill(process)
    again = open_case(case.folder)
    assert again.posts.count().to_pyarrow().as_py() == 2000
    assert verify(again) == []
    again.close()
    case.close()


def test_interrupting_keeps_whole_pieces(tmp_path):
    """Ctrl-C stops cleanly: what is kept is whole, is said, and the rest comes next time."""
    case = make_case(tmp_path / "case")
    path = export(tmp_path / "long.json", 1, 250_000)
    process = start(case.folder, path)
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline and staged_pieces(case.scratch) < 4:
        time.sleep(0.02)
    process.send_signal(signal.SIGINT)
    output, _ = process.communicate(timeout=120)
    case.refresh()
    kept = case.posts.count().to_pyarrow().as_py() if case.snapshot else 0
    assert process.returncode == 3, output
    assert "stopped by the analyst" in output
    assert 0 < kept < 250_000
    assert verify(case) == []
    (record,) = add_files(case, [path])
    assert record.outcome.tables["posts"].kept == 250_000 - kept
    case.close()


def test_workers_do_not_outlive_their_parent(tmp_path):
    import psutil

    case = make_case(tmp_path / "case")
    process = start(case.folder, export(tmp_path / "long.json", 1, 60_000))
    parent = psutil.Process(process.pid)
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline and staged_pieces(case.scratch) < 1:
        time.sleep(0.02)
    workers = parent.children(recursive=True)
    assert workers
    process.kill()
    process.communicate()
    _, alive = psutil.wait_procs(workers, timeout=30)
    assert not alive
    case.close()
