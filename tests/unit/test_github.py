"""What does `github` say of each object? Invented fixtures, and real recordings if there."""

from __future__ import annotations

import json
import os
import tarfile
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from clew.case.reading import whole
from clew.contract import Sample
from clew.model.tables import (
    Account,
    Channel,
    Deletion,
    Interaction,
    InteractionKind,
    Post,
    PostKind,
)
from clew.model.times import TimeQuality, from_iso
from clew.sources.github import GITHUB
from tests.captures import MemoryCapture, file_capture, pieces, read

FIXTURES = Path(__file__).parents[1] / "fixtures/sources/github"
CRANE = "github:portside-example/crane"
BOSUN, TALLY, HELPER = (f"github:user/90010{n}" for n in (1, 2, 3))
ARCHIVE = "2026-03-05-15.json"


def rows_of(name: str, kind: type) -> list:
    return [row for row in read(GITHUB, file_capture(FIXTURES / name))[0] if isinstance(row, kind)]


def post_of(name: str, native: str) -> Post:
    return next(row for row in rows_of(name, Post) if row.post_id == f"{CRANE}/{native}")


# ------------------------------------------------------------------------------------ GH Archive


def test_an_issue():
    assert post_of(ARCHIVE, "issues/7") == Post(
        post_id=f"{CRANE}/issues/7",
        platform="github",
        kind=PostKind.POST,
        account_id=BOSUN,
        channel_id=CRANE,
        thread_id=f"{CRANE}/issues/7",
        posted_at=from_iso("2026-03-01T10:00:00Z"),
        time_quality=TimeQuality.UTC,
        title="Crane stops at noon",
        text="It stops.\n\n@tally-example, have you seen it? Mail crew@portside.example",
        url="https://github.com/Portside-Example/Crane/issues/7",
        like_count=2,
        reply_count=0,
        reactions='{"+1":2,"eyes":1}',
        tags='["bug","north quay"]',
    )


def test_comments_answer_what_they_stand_below():
    threads = {row.post_id: (row.thread_id, row.reply_to_post_id) for row in rows_of(ARCHIVE, Post)}
    issue, pull = f"{CRANE}/issues/7", f"{CRANE}/issues/8"
    assert threads[f"{CRANE}/issue-comment/70001"] == (issue, issue)
    assert threads[f"{CRANE}/review/60001"] == (pull, pull)
    assert threads[f"{CRANE}/review-comment/50002"] == (pull, f"{CRANE}/review-comment/50001")
    commit = f"{CRANE}/commit/{'d' * 40}"
    assert threads[f"{CRANE}/commit-comment/30001"] == (commit, commit)


def test_only_comments_that_changed_are_edited():
    assert post_of(ARCHIVE, "review-comment/50002").edited_at == from_iso("2026-03-05T14:30:00Z")
    assert post_of(ARCHIVE, "issue-comment/70001").edited_at is None
    assert post_of(ARCHIVE, "issues/7").edited_at is None  # closed since, but not known edited


def test_a_release_and_a_review():
    release = post_of(ARCHIVE, "release/40001")
    assert (release.kind, release.title) == (PostKind.ARTICLE, "Second crane")
    assert release.posted_at == from_iso("2026-03-05T15:00:00Z")
    review = post_of(ARCHIVE, "review/60001")
    assert (review.title, review.text) == ("approved", "Looks sound")


def test_commits_of_a_push_have_no_time_in_the_archive():
    commit = post_of(ARCHIVE, f"commit/{'d' * 40}")
    assert (commit.account_id, commit.author_name) == (None, "Tally Clerk <tally@portside.example>")
    assert (commit.posted_at, commit.time_quality) == (None, TimeQuality.MISSING)
    assert post_of(ARCHIVE, f"commit/{'c' * 40}").author_name == "Tally Clerk"


def test_events_that_say_nothing_are_service_messages():
    service = [row for row in rows_of(ARCHIVE, Post) if row.kind is PostKind.SERVICE]
    assert [(row.action, row.account_id, row.channel_id) for row in service] == [
        ("PushEvent", TALLY, CRANE),
        ("IssuesEvent closed", HELPER, CRANE),
        ("CreateEvent", TALLY, CRANE),
    ]
    assert service[0].post_id == "github:event/35000000003"
    assert service[0].posted_at == from_iso("2026-03-02T08:00:00Z")


def test_stars_forks_members_and_mentions():
    acts = rows_of(ARCHIVE, Interaction)
    toward_crane = [
        (act.kind, act.account_id, act.target_account_id, act.value)
        for act in acts
        if act.target_channel_id == CRANE
    ]
    assert toward_crane == [
        (InteractionKind.REACT, BOSUN, None, "star"),
        (InteractionKind.REPOST, BOSUN, None, "fork"),
        (InteractionKind.INVITE, BOSUN, TALLY, None),
    ]
    mentioned = {act.target_name for act in acts if act.kind is InteractionKind.MENTION}
    assert mentioned == {"tally-example", "dock-helper"}  # no mail address


def test_accounts_and_repositories():
    accounts = {row.account_id: row for row in rows_of(ARCHIVE, Account) if row.is_bot is not None}
    assert (accounts[BOSUN].handle, accounts[BOSUN].is_bot) == ("bosun-example", False)
    assert accounts[HELPER].is_bot is True
    fork = rows_of(ARCHIVE, Channel)[-1]
    channels = {row.channel_id: row for row in rows_of(ARCHIVE, Channel)}
    assert set(channels) == {CRANE, "github:bosun-example/crane"}
    assert fork.handle == "Portside-Example/Crane"


def test_events_of_before_2015_are_rejected():
    _, [error] = read(GITHUB, file_capture(FIXTURES / ARCHIVE))
    assert error.reason == "event in the form of before 2015"


# ---------------------------------------------------------------------------------- REST answers


def test_rest_comments_know_their_issue():
    first, second = rows_of("rest_comments.json", Post)
    assert first.post_id == f"{CRANE}/issue-comment/70001"
    assert first.reply_to_post_id == f"{CRANE}/issues/7"
    assert first.edited_at == from_iso("2026-03-01T12:00:00Z")
    assert second.account_id == HELPER


def test_an_issue_and_its_pull_request_share_a_number():
    assert [row.post_id for row in rows_of("rest_issues.json", Post)] == [
        f"{CRANE}/issues/7",
        f"{CRANE}/issues/8",
    ]


def test_a_commit_has_the_time_its_author_claims():
    [commit] = rows_of("rest_commits.json", Post)
    assert (commit.account_id, commit.time_quality) == (TALLY, TimeQuality.CLAIMED)
    assert commit.posted_at == from_iso("2026-03-01T20:00:00Z")
    assert (commit.text, commit.reply_count) == ("Stop the crane from stopping", 1)


def test_an_account():
    assert rows_of("rest_user.json", Account) == [
        Account(
            account_id=BOSUN,
            platform="github",
            handle="bosun-example",
            name="Bosun",
            description="Ropes & knots",
            location_claimed="Quay 4",
            url="https://bosun.example/",
            avatar_url="https://avatars.example/u/900101?",
            created_at=from_iso("2014-03-01T09:30:00Z"),
            followers_count=0,
            following_count=9,
            is_bot=False,
        )
    ]


def test_a_search_is_read_item_by_item():
    rows, [error] = read(GITHUB, file_capture(FIXTURES / "rest_search.json"))
    assert [row.post_id for row in rows if isinstance(row, Post)] == [f"{CRANE}/issues/7"]
    assert error.reason == "unexpected structure"


def test_a_list_of_stars_does_not_say_whose_it_is():
    assert not rows_of("rest_stargazers.json", Interaction)
    assert [row.account_id for row in rows_of("rest_stargazers.json", Account)] == [BOSUN]


# -------------------------------------------------------------------------------------- webhooks


def test_a_deleted_comment_keeps_its_words():
    assert post_of("webhook_comment_deleted.json", "issue-comment/70002").text == "I said too much"
    assert rows_of("webhook_comment_deleted.json", Deletion) == [
        Deletion(post_id=f"{CRANE}/issue-comment/70002", platform="github", account_id=BOSUN)
    ]


def test_a_push_tells_when_its_commits_claim_to_be_made():
    [commit] = rows_of("webhook_push.json", Post)
    assert (commit.posted_at, commit.time_quality) == (
        from_iso("2026-03-06T10:00:00Z"),
        TimeQuality.CLAIMED,
    )
    [crane] = rows_of("webhook_push.json", Channel)
    assert (crane.handle, crane.members_count) == ("Portside-Example/Crane", 4)
    assert crane.created_at == from_iso("2020-01-02T03:04:05Z")


def test_a_discussion_and_its_answer():
    question, answer = rows_of("webhook_discussion.json", Post)
    assert (question.post_id, question.kind) == (f"{CRANE}/discussions/9", PostKind.POST)
    assert answer.post_id == f"{CRANE}/discussion-comment/20002"
    assert answer.reply_to_post_id == answer.thread_id == question.post_id


def test_a_webhook_without_a_post_is_told():
    [piece] = pieces(GITHUB, file_capture(FIXTURES / "webhook_ping.json"))
    list(whole(GITHUB, piece))
    assert list(piece.notes) == ["webhook without a post: only its account and repository are read"]


def test_a_milestone_is_no_issue():
    milestone = {"number": 7, "title": "Summer", "creator": {"id": 1, "login": "a"}}
    [piece] = pieces(GITHUB, MemoryCapture(json.dumps(milestone).encode()))
    assert list(whole(GITHUB, piece)) == [[]]
    assert piece.notes == {"milestone: not read": 1}


def test_the_type_of_an_issue_is_an_object():
    [issue, _] = json.loads((FIXTURES / "rest_issues.json").read_text())
    rows, rejected = read(
        GITHUB, MemoryCapture(json.dumps({**issue, "type": {"id": 1, "name": "Bug"}}).encode())
    )
    assert not rejected
    assert rows[0] == rows_of("rest_issues.json", Post)[0]


def test_an_object_without_repository_is_rejected():
    comment = {"id": 1, "body": "a", "issue_url": "about:blank", "user": None}
    _, [error] = read(GITHUB, MemoryCapture(json.dumps(comment).encode()))
    assert error.reason == "repository not recorded"


@pytest.mark.parametrize(
    "head",
    [
        b'{"login":"a","id":1,"url":"https://api.example.org/users/a"}',
        b'[{"number":1,"title":"a","user":{"login":"b"},"url":"https://git.example/1"}]',
        b'{"text":"see https://github.com/","user":{"login":"b"}}',
    ],
)
def test_others_files_are_not_claimed(head):
    assert GITHUB.recognise(Sample(name="x.json", head=head, size=len(head))) == 0


# ------------------------------------------------------------------------------- real recordings

_POSTS = ("issue", "pull_request", "comment", "review", "release", "discussion", "answer")


@pytest.mark.shared_data
def test_example_payloads_give_what_a_plain_walk_finds(shared_data):
    folder = shared_data / "formats/github_webhooks"
    found: Counter = Counter()
    expected: Counter = Counter()
    for path in folder.rglob("*.json"):
        payload = json.loads(path.read_bytes())
        if "sender" not in payload:
            continue
        rows, rejected = read(GITHUB, file_capture(path))
        assert not rejected, path.name
        found.update(type(row).__name__ for row in rows if isinstance(row, Post | Deletion))
        expected["Post"] += sum(isinstance(payload.get(key), dict) for key in _POSTS)
        expected["Post"] += len(payload.get("commits", ()))
        expected["Post"] += len(payload.get("thread", {}).get("comments", ()))
        is_of_post = any(isinstance(payload.get(key), dict) for key in _POSTS)
        expected["Deletion"] += payload.get("action") == "deleted" and is_of_post
    assert found == expected
    assert found["Post"] > 100


@pytest.mark.shared_data
@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("issues", Post),
        ("issue-comments", Post),
        ("pull_requests", Post),
        ("releases", Post),
        ("commits", Post),
        ("stargazers", Account),
    ],
)
def test_recorded_answers_give_a_row_for_each_object(shared_data, name, kind):
    path = shared_data / f"formats/github_rest_dogsheep/tests/{name}.json"
    assert GITHUB.recognise(file_capture(path).sample) > 0.5
    rows, rejected = read(GITHUB, file_capture(path))
    assert not rejected
    assert len([row for row in rows if isinstance(row, kind)]) == len(json.loads(path.read_bytes()))


def kind_of(thing: object) -> str | None:
    """What an object of a REST answer is, told by other keys than the source looks at."""
    keys = set(thing) if isinstance(thing, dict) else set()
    for kind, sign in (
        ("issues", {"number", "title", "user", "state"}),
        ("commit", {"sha", "commit", "parents"}),
        ("release", {"tag_name", "assets_url"}),
        ("issue-comment", {"issue_url", "user"}),
    ):
        if keys >= sign:
            return kind
    return None


def answers() -> Iterator[tuple[bytes, list]]:
    """Each answer in the recordings of PyGithub, as sent and as a list of objects."""
    path = os.environ.get("CLEW_PYGITHUB_SDIST")
    if not path:
        pytest.skip("CLEW_PYGITHUB_SDIST names no source archive; see docs/sources/github.md")
    with tarfile.open(path) as archive:
        for member in archive:
            if "/ReplayData/" not in member.name or not member.name.endswith(".txt"):
                continue
            for line in archive.extractfile(member):
                if not line.startswith((b"{", b"[")) or "BadAttributes" in member.name:
                    continue
                try:
                    answer = json.loads(line)
                except ValueError:
                    continue
                things = answer if isinstance(answer, list) else [answer]
                if isinstance(answer, dict) and "items" in answer:
                    things = answer["items"]
                yield line.strip(), things


@pytest.mark.shared_data
def test_recordings_of_pygithub_give_what_a_plain_walk_finds():
    found: Counter = Counter()
    expected: Counter = Counter()
    for text, things in answers():
        kinds = [kind_of(thing) for thing in things]
        if not any(kinds) or not GITHUB.recognise(MemoryCapture(text).sample):
            continue
        rows, _ = read(GITHUB, MemoryCapture(text))
        expected.update(filter(None, kinds))
        found.update(row.post_id.split("/")[-2] for row in rows if isinstance(row, Post))
    assert {kind: found[kind] for kind in expected} == expected
    assert sum(expected.values()) > 1000
