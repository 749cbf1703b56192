"""What does `gitlab` say of each object? Invented fixtures, field by field."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

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
from clew.sources.gitlab import GITLAB
from tests.captures import MemoryCapture, file_capture, options_of, read

FIXTURES = Path(__file__).parents[1] / "fixtures/sources/gitlab"
SERVER = "gitlab:git.example.org"
PROJECT = f"{SERVER}/project/31"
BOSUN, TALLY, GANNET = (f"{SERVER}/user/50{n}" for n in (1, 2, 3))
ISSUE, REQUEST = f"{SERVER}/issue/4101", f"{SERVER}/merge_request/5201"


def rows_of(name: str, kind: type) -> list:
    path = FIXTURES / name
    rows, _ = read(GITLAB, file_capture(path), **options_of(path))
    return [row for row in rows if isinstance(row, kind)]


def reasons_of(name: str) -> list[str]:
    return [error.reason for error in read(GITLAB, file_capture(FIXTURES / name))[1]]


def read_json(value: object, **options: str) -> tuple[list, list]:
    return read(GITLAB, MemoryCapture(json.dumps(value).encode()), **options)


# ------------------------------------------------------------------------------------ REST answers


def test_an_issue():
    assert rows_of("issues.json", Post)[0] == Post(
        post_id=ISSUE,
        platform="gitlab",
        kind=PostKind.POST,
        account_id=BOSUN,
        channel_id=PROJECT,
        thread_id=ISSUE,
        posted_at=from_iso("2026-03-01T10:00:00.250Z"),
        time_quality=TimeQuality.UTC,
        title="Crane stops at noon",
        text="It stops.\n\n@tally, have you seen it? Mail crew@portside.example",
        url="https://git.example.org/portside/crane/-/issues/7",
        like_count=2,
        reply_count=3,
        reactions='{"thumbsup":2,"thumbsdown":1}',
        tags='["bug","north quay"]',
    )
    [mention] = rows_of("issues.json", Interaction)  # a mail address is none
    assert (mention.kind, mention.target_name) == (InteractionKind.MENTION, "tally")


def test_an_issue_without_words_in_another_zone():
    second = rows_of("issues.json", Post)[1]
    assert (second.text, second.tags, second.reactions, second.like_count) == (None, None, None, 0)
    assert second.time_quality is TimeQuality.OFFSET
    assert second.posted_at == from_iso("2026-03-02T10:00:00Z")


def test_a_broken_issue_costs_only_itself():
    assert reasons_of("issues.json") == ["unexpected structure"]
    assert len(rows_of("issues.json", Post)) == 2


def test_a_merge_request_stands_in_the_project_it_is_meant_for():
    [request] = rows_of("merge_request.json", Post)
    assert (request.post_id, request.channel_id) == (REQUEST, PROJECT)
    assert (request.account_id, request.edited_at) == (TALLY, None)
    named = [act.target_name for act in rows_of("merge_request.json", Interaction)]
    assert named == ["bosun"]


def test_notes_answer_what_they_are_about():
    comment, system, empty = rows_of("notes.json", Post)
    assert (comment.kind, comment.thread_id, comment.reply_to_post_id) == (
        PostKind.COMMENT,
        ISSUE,
        ISSUE,
    )
    assert (system.kind, system.text) == (PostKind.SERVICE, "changed the description")
    assert (system.thread_id, system.reply_to_post_id) == (ISSUE, None)
    assert empty.text is None
    assert [row.is_deleted for row in rows_of("notes.json", Account)] == [None, None, True]


def test_in_a_discussion_all_answer_the_first():
    first, second, third, alone = rows_of("discussions.json", Post)
    assert first.reply_to_post_id == REQUEST
    assert second.reply_to_post_id == third.reply_to_post_id == first.post_id
    assert alone.reply_to_post_id == REQUEST
    assert {row.thread_id for row in (first, second, third, alone)} == {REQUEST}
    assert reasons_of("discussions.json") == ["note without number"]


def test_events_are_comments_or_service_messages():
    opened, comment, pushed = rows_of("events.jsonl", Post)
    assert (opened.post_id, opened.action) == (f"{SERVER}/event/91", "opened Issue")
    assert (opened.thread_id, opened.title) == (ISSUE, "Crane stops at noon")
    assert comment == rows_of("notes.json", Post)[0]
    assert (pushed.action, pushed.title, pushed.thread_id) == (
        "pushed to",
        "Stop the crane from stopping",
        None,
    )
    assert reasons_of("events.jsonl") == ["event without number"]


def test_members_join_and_leave():
    acts = [act for act in rows_of("events.jsonl", Interaction) if act.target_channel_id]
    assert [(act.kind, act.account_id, act.target_channel_id) for act in acts] == [
        (InteractionKind.JOIN, TALLY, PROJECT),
        (InteractionKind.LEAVE, GANNET, PROJECT),
    ]


def test_a_commit_has_the_name_and_time_its_author_claims():
    assert rows_of("commits.json", Post) == [
        Post(
            post_id=f"{SERVER}/commit/{'c' * 40}",
            platform="gitlab",
            kind=PostKind.POST,
            author_name="Tally <tally@portside.example>",
            posted_at=from_iso("2026-03-02T19:00:00Z"),
            time_quality=TimeQuality.CLAIMED,
            text="Stop the crane from stopping\n\nIt did at noon.\n",
            url=f"https://git.example.org/portside/crane/-/commit/{'c' * 40}",
        )
    ]


def test_an_emoji():
    [act] = rows_of("emoji.json", Interaction)
    assert (act.kind, act.account_id, act.target_post_id, act.value) == (
        InteractionKind.REACT,
        TALLY,
        ISSUE,
        "rocket",
    )


def test_a_release_is_the_same_in_answers_and_webhooks():
    [release], [hooked] = rows_of("releases.json", Post), rows_of("webhook_release.json", Post)
    assert release.post_id == hooked.post_id == f"{SERVER}/portside/crane/-/releases/v2.0"
    assert release.posted_at == hooked.posted_at == from_iso("2026-03-06T09:00:00Z")
    assert (release.kind, release.title) == (PostKind.ARTICLE, "Second crane")
    assert rows_of("webhook_release.json", Deletion) == [
        Deletion(post_id=release.post_id, platform="gitlab")
    ]


def test_accounts_and_projects():
    assert rows_of("users.json", Account)[0] == Account(
        account_id=BOSUN,
        platform="gitlab",
        handle="bosun",
        name="Bosun Example",
        description="Ropes & knots",
        location_claimed="Quay 4",
        url="https://bosun.example/",
        avatar_url="https://git.example.org/uploads/501.png",
        created_at=from_iso("2014-03-01T09:30:00Z"),
        followers_count=0,
        following_count=9,
        is_protected=False,
        is_bot=False,
    )
    assert rows_of("project.json", Channel) == [
        Channel(
            channel_id=PROJECT,
            platform="gitlab",
            kind="project",
            handle="portside/crane",
            name="Crane",
            description="Lifts things",
            url="https://git.example.org/portside/crane",
            created_at=from_iso("2014-03-01T09:30:00Z"),
        )
    ]


# ---------------------------------------------------------------------------------------- webhooks


def test_who_closed_an_issue_did_not_write_it():
    [issue] = rows_of("webhook_issue.json", Post)
    assert (issue.post_id, issue.account_id, issue.channel_id) == (ISSUE, BOSUN, PROJECT)
    assert issue.edited_at == from_iso("2026-03-01T11:30:00Z")
    assert issue.tags == '["bug"]'
    assert [row.account_id for row in rows_of("webhook_issue.json", Account)] == [TALLY]


def test_a_comment_that_was_changed():
    about, note = rows_of("webhook_note.json", Post)
    assert about.post_id == ISSUE
    assert (note.reply_to_post_id, note.text) == (ISSUE, "It works now, @tally-x.")
    assert note.edited_at == from_iso("2026-03-05T10:05:00Z")
    assert [act.target_name for act in rows_of("webhook_note.json", Interaction)][1:] == ["tally-x"]


def test_a_pushed_commit_is_the_one_of_the_answers():
    [pushed], [answered] = rows_of("webhook_push.json", Post), rows_of("commits.json", Post)
    assert (pushed.post_id, pushed.posted_at) == (answered.post_id, answered.posted_at)
    assert pushed.channel_id == PROJECT
    assert [row.handle for row in rows_of("webhook_push.json", Account)] == ["tally"]


def test_an_emoji_for_a_comment():
    act = rows_of("webhook_emoji.json", Interaction)[-1]
    assert (act.kind, act.value, act.account_id) == (InteractionKind.REACT, "thumbsup", BOSUN)
    assert act.target_post_id == f"{SERVER}/note/70004"


def test_a_member_leaves_a_group():
    assert rows_of("webhook_member.json", Interaction) == [
        Interaction(
            kind=InteractionKind.LEAVE,
            platform="gitlab",
            account_id=TALLY,
            target_channel_id=f"{SERVER}/group/3",
            happened_at=from_iso("2026-02-03T07:00:00Z"),
            time_quality=TimeQuality.UTC,
        )
    ]
    assert reasons_of("webhook_member.json") == ["server not recorded"]


# ------------------------------------------------------------------------------------ odd and evil


def test_the_server_is_told_by_addresses_that_are_no_authors():
    note = {"id": 1, "body": "x", "noteable_type": "Issue", "noteable_id": 2}
    for address in ("ftp://a.example/x", "https:///x", "https://a b/x", "https://x@a.example/", ""):
        _, [error] = read_json({**note, "author": {"id": 1, "username": "x", "web_url": address}})
        assert error.reason == "server not recorded"
    [post, *_], [] = read_json(
        {**note, "author": {"id": 1, "username": "x", "web_url": "http://A.Example:8080/x"}}
    )
    assert post.post_id == "gitlab:a.example:8080/note/1"
    profile = {"id": 1, "username": "x", "website_url": "https://evil.example/"}
    assert read_json(profile)[1][0].reason == "server not recorded"


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        ({"id": 1, "iid": 2, "title": "x"}, None),  # a milestone: noted
        ({"id": 1, "action_name": "marked", "target_url": "https://a.example/"}, None),
        ({"id": 1, "status": "success"}, "unexpected structure"),
        ({"short_id": "c", "author_name": "x", "id": None}, "commit without hash"),
        ({"tag_name": "v1", "description": ""}, "release without address"),
        ({"id": -1, "noteable_type": "Issue"}, "unexpected structure"),
        ({"id": 2**63, "noteable_type": "Issue"}, "unexpected structure"),
        ({"id": 1, "noteable_type": "Issue", "created_at": "yesterday"}, "time unreadable"),
    ],
)
def test_what_is_not_read_is_said(value, reason):
    rows, rejected = read_json(value, site="git.example.org")
    assert (rows, [error.reason for error in rejected]) == ([], [reason] if reason else [])


def test_what_is_about_something_unknown_stands_alone():
    note = {"id": 1, "body": "x", "noteable_type": "Vulnerability", "noteable_id": 2}
    [post], [] = read_json(note, site="git.example.org")
    assert (post.thread_id, post.reply_to_post_id) == (None, None)


def test_other_files_are_not_recognised():
    def score(head: bytes) -> float:
        return GITLAB.recognise(Sample(name="x.json", head=head, size=len(head)))

    assert score(b"") == score(b"iid,project_id,title") == 0
    assert score(b'{"iid": 1, "title": "x"}') == 0
    quoted = b'{"text": "\\"noteable_type\\": \\"body\\": \\"author\\": \\"system\\":"}'
    assert score(quoted) == 0
