"""Does output of git log become the rows that git itself states?"""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from clew.contract import Sample
from clew.model.tables import Account, Channel, Interaction, Post
from clew.model.times import TimeQuality
from clew.sources.git_log import GIT_LOG, NO_OFFSET
from tests.captures import MemoryCapture, file_capture, pieces, read

FIXTURES = Path(__file__).parents[1] / "fixtures/sources/git_log"
SHA = "0123456789abcdef0123456789abcdef01234567"


def of(rows, kind):
    return [row for row in rows if isinstance(row, kind)]


def log(date="Mon Jul 8 10:00:02 2024 +0200", message="    Close berth 4\n"):
    text = f"commit {SHA}\nAuthor: Mira <mira@example.org>\nDate:   {date}\n\n{message}"
    return MemoryCapture(text.encode())


@pytest.mark.parametrize("name", ["fuller.txt", "raw.txt"])
def test_author_and_committer_have_their_own_clocks(name):
    rows, rejected = read(GIT_LOG, file_capture(FIXTURES / name), repository="harbour")
    assert not rejected
    taken, first = of(rows, Post)
    assert (taken.account_id, first.account_id) == ("git:tove@example.com", "git:mira@example.org")
    assert (taken.posted_at, taken.local_time) == (1_720_429_200_000_000, "2024-07-08T14:30:00")
    assert taken.time_quality is TimeQuality.OFFSET
    assert (first.title, first.kind) == ("Close berth 4", "post")
    assert taken.channel_id == "git:repository/harbour"
    assert len(of(rows, Channel)) == 2
    [committer] = [act for act in of(rows, Interaction) if act.value == "committer"]
    assert (committer.account_id, committer.target_account_id) == (
        "git:mira@example.org",
        "git:tove@example.com",
    )
    assert committer.happened_at == 1_720_512_000_000_000
    assert committer.post_id == taken.post_id
    trailers = {
        (act.value, act.target_account_id)
        for act in of(rows, Interaction)
        if act.value != "committer"
    }
    assert trailers == {
        ("signed-off-by", "git:mira@example.org"),
        ("co-authored-by", "git:ben@example.com"),
    }
    assert {account.name for account in of(rows, Account)} == {"Mira Jørn", "Tove", "Ben"}


def test_patch_is_content_and_no_commit_of_its_own():
    rows, _ = read(GIT_LOG, file_capture(FIXTURES / "patch.txt"))
    taken, first = of(rows, Post)
    assert taken.text is not None
    assert "+berth 5 is open" in taken.text
    assert f"+commit {SHA}" in taken.text
    assert taken.text.startswith("Boats may come again.\n")
    assert first.text is not None


@pytest.mark.parametrize(
    ("date", "quality", "local"),
    [
        ("2024-07-08 10:00:02 +0200", TimeQuality.OFFSET, "2024-07-08T10:00:02"),
        ("2024-07-08T10:00:02+02:00", TimeQuality.OFFSET, "2024-07-08T10:00:02"),
        ("Mon, 8 Jul 2024 10:00:02 +0200", TimeQuality.OFFSET, "2024-07-08T10:00:02"),
        ("1720425602 +0200", TimeQuality.OFFSET, "2024-07-08T10:00:02"),
        ("1720425602", TimeQuality.UTC, None),
    ],
)
def test_forms_of_date(date, quality, local):
    [post] = of(read(GIT_LOG, log(date))[0], Post)
    assert (post.posted_at, post.time_quality) == (1_720_425_602_000_000, quality)
    assert post.local_time == local


@pytest.mark.parametrize(
    "date", ["3 weeks ago", "Mon Jul 8 10:00:02 2024", "Mon Jul 8 10:00:02 2024 +9900"]
)
def test_date_without_offset_is_no_instant(date):
    [piece] = pieces(GIT_LOG, log(date))
    rows = [row for item in GIT_LOG.items(piece) for row in GIT_LOG.rows(item, piece)]
    assert rows[0].posted_at is None
    assert piece.notes[NO_OFFSET] == 1


def test_broken_commits_cost_only_themselves():
    nobody = f"commit {SHA}\nDate: x\n\n    whose?\n\n"
    absurd = (
        f"commit {SHA[::-1]}\nAuthor: A <a@example.org>\nDate:   99999999999 +0000\n\n    x\n\n"
    )
    capture = MemoryCapture((nobody + absurd).encode() + log().data)
    rows, rejected = read(GIT_LOG, capture)
    assert [error.reason for error in rejected] == ["commit without author", "time out of range"]
    assert len(of(rows, Post)) == 1


def test_trailer_without_address_is_no_account():
    rows, _ = read(GIT_LOG, log(message="    x\n\n    Signed-off-by: nobody\n    Cc: stable\n"))
    assert not of(rows, Interaction)


def test_is_not_every_text_with_commits():
    for head in (b"commit to it\nAuthor: x\n", f"commit {SHA}\nhello\n".encode()):
        assert GIT_LOG.recognise(Sample(name="x", head=head, size=len(head))) == 0


@pytest.mark.skipif(shutil.which("git") is None, reason="git is not installed")
@pytest.mark.parametrize("form", ["medium", "fuller", "raw"])
def test_says_what_git_says(tmp_path, form):
    """The oracle is git: fields that it prints one by one."""

    def git(*words, **more):
        environment = {"PATH": os.environ["PATH"], "HOME": str(tmp_path), **more}
        return subprocess.run(
            ["git", *words], cwd=tmp_path, env=environment, capture_output=True, check=True
        ).stdout

    git("init", "-q")
    for number, zone in enumerate(("+0545", "-0930", "+0000", "+1400")):
        stamp = {
            f"GIT_{who}_{what}": value
            for who in ("AUTHOR", "COMMITTER")
            for what, value in (
                ("NAME", f"Name {number}"),
                ("EMAIL", f"{who}{number}@example.org"),
                ("DATE", f"{1_700_000_000 + number * 86_400} {zone}"),
            )
        }
        git("commit", "-q", "--allow-empty", "-m", f"Change {number}\n\ncommit {SHA}", **stamp)
    stated = git("log", "--format=%H %at %ae %ad", "--date=format:%Y-%m-%dT%H:%M:%S").decode()
    posts = of(read(GIT_LOG, MemoryCapture(git("log", f"--format={form}")))[0], Post)
    assert [
        [post.post_id[4:], str(post.posted_at // 1_000_000), post.account_id[4:], post.local_time]
        for post in posts
    ] == [
        [sha, seconds, address.lower(), local]
        for sha, seconds, address, local in map(str.split, stated.splitlines())
    ]
