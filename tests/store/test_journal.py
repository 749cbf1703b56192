"""The journal can only grow, and shows every change made behind its back."""

from __future__ import annotations

import sqlite3
from concurrent.futures import ThreadPoolExecutor

import pytest
import sqlalchemy as sa

from clew.errors import CaseDamaged
from clew.store.journal import Journal


@pytest.fixture
def journal(tmp_path):
    opened = Journal(tmp_path / "case.sqlite", create=True)
    yield opened
    opened.close()


def write(journal, number):
    with journal.writing() as connection:
        journal.record(connection, "note", "case", {"text": f"entry {number} «…»"})


def test_entries_are_numbered_and_chained(journal):
    for number in range(3):
        write(journal, number)
    assert [entry.seq for entry in journal.entries()] == [1, 2, 3]
    assert journal.verify() == []


def test_an_error_rolls_back(journal):
    def fails():
        with journal.writing() as connection:
            journal.record(connection, "note", "case", {})
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fails()
    assert journal.entries() == []


@pytest.mark.parametrize("verb", ["UPDATE journal SET who = 'me'", "DELETE FROM journal"])
def test_refuses_to_be_changed(journal, verb):
    write(journal, 1)
    with pytest.raises(sa.exc.IntegrityError, match="append-only"), journal.writing() as connection:
        connection.exec_driver_sql(verb)


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ("UPDATE journal SET detail = '{}' WHERE seq = 2", "entry 2 was changed"),
        ("UPDATE journal SET at = '2020-01-01' WHERE seq = 1", "entry 1 was changed"),
        ("DELETE FROM journal WHERE seq = 2", "entry 2 is missing"),
        ("DELETE FROM journal WHERE seq = 1", "entry 1 is missing"),
    ],
)
def test_shows_what_was_changed_behind_its_back(journal, change, expected):
    for number in range(3):
        write(journal, number)
    raw = sqlite3.connect(journal.path)
    raw.executescript(f"DROP TRIGGER journal_no_update; DROP TRIGGER journal_no_delete; {change}")
    raw.close()
    assert expected in " ".join(journal.verify())


def test_many_writers_keep_one_chain(journal):
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda number: write(journal, number), range(40)))
    assert len(journal.entries()) == 40
    assert journal.verify() == []


def test_says_what_is_wrong_with_the_file(tmp_path):
    with pytest.raises(CaseDamaged, match="missing"):
        Journal(tmp_path / "none.sqlite")
    (tmp_path / "bad.sqlite").write_bytes(b"SQLite format 3\0" + b"\xff" * 5000)
    with pytest.raises(CaseDamaged, match=r"bad\.sqlite"):
        Journal(tmp_path / "bad.sqlite")
