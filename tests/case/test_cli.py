"""The command line as an analyst uses it: what it prints and how it exits."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.case.exports import message, write_export

CLEW = Path(sys.executable).with_name("clew")
MANDATE = ("--purpose", "test", "--legal-basis", "invented", "--retention-until", "2099-01-01")


def clew(*words: object, code: int = 0) -> str:
    """Run a command in a process of its own; gives all that it printed."""
    done = subprocess.run(
        [CLEW, *map(str, words)],
        capture_output=True,
        text=True,
        check=False,
        env={"COLUMNS": "160", "PATH": "/usr/bin:/bin"},
    )
    output = done.stdout + done.stderr
    assert done.returncode == code, output
    return output


@pytest.fixture
def case(tmp_path):
    folder = tmp_path / "case"
    clew("new", folder, *MANDATE)
    return folder


def test_help_names_every_command():
    output = clew("--help")
    for name in ("new", "add", "sources", "analyse", "report", "show", "query", "verify", "demo"):
        assert f"{name} " in output


def test_a_whole_case(case, tmp_path):
    path = write_export(
        tmp_path / "result.json",
        [message(number, f"hello hxxps://evil[.]example/{number}") for number in range(1, 40)],
    )
    output = clew("add", path, "-C", case)
    assert "taken for telegram_export" in output
    assert "39" in output
    assert "completed" in clew("analyse", "-C", case)
    assert "39 posts" in clew(
        "show", "posts", "-C", case, "--limit", "50", "--columns", "post_id,text"
    )
    assert "3 of 39 posts" in clew("show", "posts", "-C", case, "--limit", "3")
    assert "telegram_export" in clew("sources", "-C", case)
    assert clew("query", "select count(*) as n from posts", "-C", case, "--csv").split() == [
        "n",
        "39",
    ]
    assert "everything is as it was written" in clew("verify", "-C", case)
    clew("report", tmp_path / "r.html", "-C", case)
    assert "TLP:AMBER" in (tmp_path / "r.html").read_text()
    clew("report", tmp_path / "r.pdf", "-C", case)
    assert (tmp_path / "r.pdf").read_bytes().startswith(b"%PDF")
    for what in ("findings", "runs", "journal", "tables", "observables", "accounts"):
        clew("show", what, "-C", case)
    clew("note", "looked at everything", "-C", case)
    assert "note" in clew("show", "journal", "-C", case)


def test_bad_input_is_one_sentence_and_exit_1(case, tmp_path):
    path = tmp_path / "result.json"
    path.write_text('{"name": "x", "type": "private_channel", "id": 7, "messages": [')
    output = clew("add", path, "-C", case, code=1)
    assert "failed" in output
    assert "Traceback" not in output


def test_rejected_records_exit_3(case, tmp_path):
    path = write_export(
        tmp_path / "result.json", [message(1), message(2, date_unixtime="253402300799")]
    )
    assert "rejected 1: time out of range" in clew("add", path, "-C", case, code=3)


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (["add", "x.json", "-C", "/nonexistent"], 1),
        (["show", "nothing"], 1),
        (["query", "DROP TABLE posts"], 1),
        (["rerun", "none"], 1),
        (["analyse", "none"], 1),
        (["report", "x.doc"], 1),
        (["frobnicate"], 2),
        (["new"], 2),
    ],
)
def test_mistakes_are_told_without_a_traceback(case, words, code):
    where = [] if "-C" in words or words[0] in ("frobnicate", "new") else ["-C", case]
    output = clew(*words, *where, code=code)
    assert "Traceback" not in output


def test_a_case_needs_its_mandate(tmp_path):
    clew("new", tmp_path / "a", code=2)
    output = clew(
        "new", tmp_path / "a", "--purpose", " ", "--legal-basis", "b",
        "--retention-until", "2099-01-01", code=1,
    )  # fmt: skip
    assert "needs a purpose" in output
    output = clew(
        "new", tmp_path / "b", "--purpose", "p", "--legal-basis", "b",
        "--retention-until", "2020-01-01", code=1,
    )  # fmt: skip
    assert "has passed" in output
    (tmp_path / "c").mkdir()
    (tmp_path / "c" / "file").touch()
    assert "not empty" in clew("new", tmp_path / "c", *MANDATE, code=1)


def test_a_broken_case_file_names_the_field(case):
    path = case / "case.toml"
    path.write_text(path.read_text().replace("purpose =", "porpoise ="))
    assert "porpoise" in clew("show", "-C", case, code=1)


def test_escape_codes_do_not_reach_the_terminal(case, tmp_path):
    path = write_export(
        tmp_path / "\x1b[31mresult.json", [message(1, "\x1b]0;owned\x07 \u202e[bold]gnp[/bold]")]
    )
    output = clew("add", path, "-C", case) + clew("show", "posts", "-C", case)
    assert "\x1b" not in output
    assert "\u202e" not in output
    assert "⟨U+202E⟩[bold]gnp[/bold]" in output


def test_a_mapping_is_proposed_tried_and_used(case, tmp_path):
    path = tmp_path / "posts.csv"
    path.write_text("id,author,date,text\n1,anna,2026-03-01T10:00:00Z,hello\n2,ben,never,there\n")
    proposed = tmp_path / "posts.toml"
    proposed.write_text(clew("mapping", path, "--platform", "forum"))
    output = clew("mapping", path, "--try", proposed)
    assert "forum:1" in output
    assert "columns not used: date" in output  # "never" is no date
    output = clew("add", path, "-C", case, "--source", "table", "--set", f"mapping=@{proposed}")
    assert "taken for table" in output


def test_the_graph_from_end_to_end(case, tmp_path):
    path = write_export(
        tmp_path / "result.json",
        [
            message(number, "see evil[.]example", author=f"user{number % 3}")
            for number in range(1, 40)
        ],
    )
    clew("add", path, "-C", case)
    clew("annotate", "-C", case)
    assert "phone:+442079460018" in clew("graph", "add", "phone", "+44 20 7946 0018", "-C", case)
    assert "London" in clew("graph", "show", "phone:+442079460018", "-C", case)
    assert "is no e-mail address" in clew("graph", "add", "email", "nobody", "-C", case, code=1)
    account = "account:telegram:user1"
    assert "1 domain name " in clew("transform", account, "-C", case)
    output = clew("transform", account, "--ask", "account_to_observables", "-C", case)
    assert "1 of 1 domain name" in output
    assert "domain:evil.example" in clew("graph", "show", account, "-C", case)
    assert "nothing was changed" in clew("merge", account, "phone:+442079460018", "-C", case)
    clew("merge", account, "phone:+442079460018", "--why", "says so", "-C", case)
    assert "the same" in clew("graph", "show", account, "-C", case)
    clew("unmerge", account, "phone:+442079460018", "-C", case)
    clew("graph", "undo", "-C", case)
    assert "the same" in clew("graph", "show", account, "-C", case)
    assert "undo: unmerge" in clew("graph", "history", "-C", case)
    output = clew("recipe", "run", "domain", "domain:evil.example", "--yes", "-C", case)
    assert "3 of 3 accounts" in output
    assert "1. domain_to_parent" in clew(
        "recipe", "run", "domain", "domain:evil.example", "--dry-run", "-C", case
    )
    clew("graph", "picture", tmp_path / "graph.svg", "-C", case)
    assert "evil.example" in (tmp_path / "graph.svg").read_text("utf-8")
    assert "there is nothing to redo" in clew("graph", "redo", "-C", case, code=1)
    assert "as it was written" in clew("verify", "-C", case)
