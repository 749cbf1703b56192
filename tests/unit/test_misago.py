"""What does `misago` say of each record?

The fixtures are what a Misago 0.39.6 answered about invented users, with dates moved and, in
`thread.json`, a deleted user, files, pictures and broken posts added by hand.
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from clew.contract import Sample
from clew.errors import SourceUnusable
from clew.model.tables import (
    Account,
    Channel,
    Deletion,
    Interaction,
    InteractionKind,
    Link,
    Media,
    Post,
    PostKind,
)
from clew.model.times import TimeQuality, from_iso
from clew.sources.misago import MISAGO
from tests.captures import MemoryCapture, file_capture, options_of, pieces, read

FIXTURES = Path(__file__).parents[1] / "fixtures/sources/misago"
FORUM = "misago:forum.example.org"
MIRA, OTTO = f"{FORUM}/u/1", f"{FORUM}/u/2"
THREAD, CATEGORY = f"{FORUM}/t/2", f"{FORUM}/c/3"


def rows_of(name: str, kind: type) -> list:
    path = FIXTURES / name
    rows, _ = read(MISAGO, file_capture(path), **options_of(path))
    return [row for row in rows if isinstance(row, kind)]


def posts_of(name: str) -> dict[str, Post]:
    return {row.post_id.removeprefix(f"{FORUM}/post/"): row for row in rows_of(name, Post)}


def read_json(value: object) -> tuple[list, list]:
    return read(MISAGO, MemoryCapture(json.dumps(value).encode()), site="forum.example.org")


def test_the_post_that_a_thread_begins_with():
    assert posts_of("thread.json")["3"] == Post(
        post_id=f"{FORUM}/post/3",
        platform="misago",
        kind=PostKind.POST,
        account_id=MIRA,
        channel_id=CATEGORY,
        thread_id=THREAD,
        posted_at=from_iso("2026-03-01T10:22:37.472257Z"),
        time_quality=TimeQuality.UTC,
        edited_at=from_iso("2026-03-01T10:22:50.758793Z"),
        title="Which lamp is the brighter?",
        text="See this one edited\n\nexample.org/x",
        url="/t/which-lamp-is-the-brighter/2/post/3/",
        like_count=0,
        reply_count=3,
    )


def test_all_others_are_comments_and_events():
    posts = posts_of("thread.json")
    assert {row.thread_id for row in posts.values()} == {THREAD}
    assert [(number, row.kind, row.action) for number, row in posts.items()] == [
        ("3", PostKind.POST, None),
        ("4", PostKind.COMMENT, None),
        ("5", PostKind.COMMENT, None),
        ("6", PostKind.COMMENT, None),
        ("7", PostKind.SERVICE, "closed"),
        ("8", PostKind.SERVICE, "changed_title"),
        ("9", PostKind.COMMENT, None),
    ]
    assert posts["7"].like_count is None  # nobody can like it
    assert posts["4"].title is None


def test_whom_a_post_quotes_and_names():
    acts = rows_of("thread.json", Interaction)
    assert [(act.kind, act.account_id, act.target_account_id) for act in acts[:2]] == [
        (InteractionKind.MENTION, OTTO, MIRA),  # @nobody is no user
        (InteractionKind.QUOTE, MIRA, OTTO),
    ]


def test_who_liked_a_post_last():
    like = rows_of("thread.json", Interaction)[2]
    assert (like.kind, like.account_id, like.target_post_id, like.value) == (
        InteractionKind.REACT,
        OTTO,
        f"{FORUM}/post/5",
        "like",
    )
    assert (like.happened_at, like.time_quality) == (None, TimeQuality.MISSING)


def test_names_inside_a_quotation_are_another_ones():
    html = (
        '<aside class="quote-block">\n<div class="quote-heading" data-noquote="1">'
        '<a href="/u/otto/2/" data-quote="@otto">@otto</a> has written:</div>'
        '<blockquote><aside class="quote-block"><div class="quote-heading">'
        '<a href="/u/ida/4/">@ida</a> has written:</div>x</aside>'
        '<p><a href="/u/ida/4/">@ida</a></p></blockquote></aside><p>No</p>'
    )
    rows, [] = read_json({"id": 1, "posted_on": "2026-03-01T10:00:00Z", "content": html})
    acts = [row for row in rows if isinstance(row, Interaction)]
    assert [(act.kind, act.target_account_id) for act in acts] == [(InteractionKind.QUOTE, OTTO)]


def test_a_hidden_post_is_gone_and_one_that_is_not_has_a_time_of_hiding_too():
    hidden, shown = posts_of("thread.json")["6"], posts_of("thread.json")["5"]
    assert (hidden.text, hidden.deleted_at) == (None, from_iso("2026-03-01T10:23:15.692300Z"))
    assert shown.deleted_at is None
    assert rows_of("thread.json", Deletion) == [
        Deletion(
            post_id=hidden.post_id,
            platform="misago",
            deleted_at=hidden.deleted_at,
            account_id=OTTO,
        )
    ]


def test_a_deleted_user_is_a_name():
    gone = posts_of("thread.json")["9"]
    assert (gone.account_id, gone.author_name, gone.text) == (None, "Gull", "I leave")


def test_links_pictures_files_and_polls():
    links = [row.url for row in rows_of("thread.json", Link)]
    assert links == ["https://lamps.example/40?a=1&b=2", "https://example.org/x"]
    media = [
        (row.kind, row.url, row.name or row.alt_text, row.size_bytes)
        for row in rows_of("thread.json", Media)
    ]
    assert media == [
        ("photo", "https://lamps.example/lamp.png", "a lamp", None),
        ("file", "/a/x1/5/", "plan.pdf", 2048),
        ("photo", "/a/x2/6/", "l.png", 99),
        ("poll", None, "Which?\n40 W\n60 W", None),
    ]


def test_users_and_categories():
    assert rows_of("thread.json", Account)[1] == Account(
        account_id=MIRA,
        platform="misago",
        handle="mira",
        name="Mira Lamp",
        avatar_url="/media/avatars/400.png",
        posts_count=3,
    )
    assert rows_of("thread.json", Account)[2].is_deleted is True  # banned
    assert rows_of("thread.json", Channel) == [
        Channel(
            channel_id=CATEGORY,
            platform="misago",
            kind="category",
            handle="first-category",
            name="First category",
            description="All that <shines>",
            url="/c/first-category/3/",
        )
    ]
    [profile] = rows_of("user.json", Account)
    assert (profile.account_id, profile.followers_count, profile.is_deleted) == (MIRA, 0, None)
    assert profile.created_at == from_iso("2026-03-01T10:21:40.347560Z")


def test_lists_of_posts_tell_the_thread_but_not_which_post_begins_it():
    listed = posts_of("user_posts.json")
    assert [(number, row.thread_id) for number, row in listed.items()] == [
        ("5", THREAD),
        ("3", THREAD),
        ("1", f"{FORUM}/t/1"),
    ]
    assert {(row.kind, row.channel_id, row.author_name) for row in listed.values()} == {
        (PostKind.COMMENT, CATEGORY, "mira")
    }
    assert [row.account_id for row in rows_of("search.json", Post)] == [MIRA, MIRA]


def test_a_list_of_threads_gives_who_began_them():
    assert [row.account_id for row in rows_of("threads.json", Account)] == [MIRA, MIRA]
    assert not rows_of("threads.json", Post)
    path = FIXTURES / "threads.json"
    [piece] = pieces(MISAGO, file_capture(path), **options_of(path))
    for item in MISAGO.items(piece):
        list(MISAGO.rows(item, piece))
    assert list(piece.notes.values()) == [2]


def test_broken_posts_cost_only_themselves():
    path = FIXTURES / "thread.json"
    _, rejected = read(MISAGO, file_capture(path), **options_of(path))
    assert [error.reason for error in rejected] == [
        "post without number",
        "time unreadable",
        "unexpected structure",
    ]


def test_the_forum_is_told_by_option_or_folder():
    data = (FIXTURES / "user.json").read_bytes()
    with pytest.raises(SourceUnusable, match="option site"):
        read(MISAGO, MemoryCapture(data, name="user.json"))
    [account], _ = read(MISAGO, MemoryCapture(data, name="x.zip/Forum.Example.org/user.json"))
    assert account.account_id == MIRA


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        ({"results": []}, None),
        ({"started_on": "2026-03-01T10:00:00Z", "post_set": {"results": []}}, None),
        ({"hash": "x", "votes": 1}, "unexpected structure"),
        ({"username": "x"}, "user without number"),
        ({"id": -1, "username": "x"}, "unexpected structure"),
        ({"id": 2**63, "username": "x"}, "unexpected structure"),
    ],
)
def test_odd_answers(value, reason):
    rows, rejected = read_json(value)
    assert (rows, [error.reason for error in rejected]) == ([], [reason] if reason else [])


def test_other_files_are_not_recognised():
    def score(head: bytes) -> float:
        return MISAGO.recognise(Sample(name="x.json", head=head, size=len(head)))

    assert score(b"") == score(b"posted_on") == score(b'{"results": [{"poster": 1}]}') == 0
