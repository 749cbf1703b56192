"""What does `gab` say of each field? Invented fixtures."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

import pytest

from clew.case.reading import whole
from clew.model.tables import (
    Account,
    Channel,
    Interaction,
    InteractionKind,
    Link,
    Media,
    Post,
    PostKind,
)
from clew.model.times import TimeQuality, from_iso
from clew.sources.gab import GAB
from clew.sources.mastodon_api import MASTODON_API
from tests.captures import MemoryCapture, file_capture, pieces, read

FIXTURES = Path(__file__).parents[1] / "fixtures/sources/gab"
BOSUN, TALLY = "gab:user/7001", "gab:user/7002"
FIRST, REPLY, QUOTE, REPOST, HIDDEN = (f"gab:10500000000000000{n}" for n in (1, 2, 3, 4, 5))
GROUP = "gab:group/981"
POSTED = from_iso("2021-03-01T10:01:00.250Z")
SHORT = "zeeschuimer-export-gab.ndjson"


def rows_of(kind: type, name: str = "garc.jsonl") -> list:
    rows, _ = read(GAB, file_capture(FIXTURES / name))
    return [row for row in rows if isinstance(row, kind)]


def notes_of(name: str) -> Counter[str]:
    [piece] = pieces(GAB, file_capture(FIXTURES / name))
    list(whole(GAB, piece))
    return piece.notes


def test_a_post():
    assert rows_of(Post)[0] == Post(
        post_id=FIRST,
        platform="gab",
        kind=PostKind.POST,
        account_id=BOSUN,
        channel_id=GROUP,
        posted_at=POSTED,
        time_quality=TimeQuality.UTC,
        edited_at=from_iso("2021-03-01T10:05:00Z"),
        text="The crane #Harbour\nsee port.example/crane with @tally",
        url="https://gab.com/bosun/posts/105000000000000001",
        language_claimed="en",
        like_count=12,
        reply_count=1,
        repost_count=0,
        quote_count=2,
        reactions='{"1":10,"4":2}',
        tags='["Harbour"]',
    )


def test_counts_that_an_answer_lacks_are_null():
    reply = rows_of(Post)[1]
    assert (reply.quote_count, reply.reactions) == (None, None)


def test_posts_inside_others_are_read_too():
    posts = {post.post_id: post for post in rows_of(Post)}
    assert Counter(post.post_id for post in rows_of(Post)) == {
        FIRST: 3,
        REPLY: 1,
        QUOTE: 1,
        REPOST: 1,
        HIDDEN: 1,
    }
    assert posts[REPLY].reply_to_post_id == FIRST
    assert posts[QUOTE].quote_of_post_id == FIRST
    assert (posts[REPOST].kind, posts[REPOST].repost_of_post_id) == (PostKind.REPOST, FIRST)
    assert posts[REPOST].text == posts[FIRST].text


def test_words_that_gab_put_in_place_of_the_author_s_are_no_text():
    posts = {post.post_id: post for post in rows_of(Post)}
    assert posts[HIDDEN].text is None
    assert sum(notes_of("garc.jsonl").values()) == 1


def test_an_account():
    assert rows_of(Account, "user.json") == [
        Account(
            account_id=BOSUN,
            platform="gab",
            handle="bosun",
            name="Bosun",
            description="Ropes & knots",
            avatar_url="https://static.example/bosun.jpg",
            created_at=from_iso("2019-07-01T10:00:00Z"),
            followers_count=120,
            following_count=0,
            posts_count=7,
            is_verified=True,
            is_protected=False,
            is_bot=False,
        )
    ]


def test_a_group():
    assert rows_of(Channel)[0] == Channel(
        channel_id=GROUP,
        platform="gab",
        kind="group",
        name="Harbour",
        description="All quays, 1 < 2",
        url="https://gab.com/groups/981",
        created_at=from_iso("2018-07-30T21:44:21Z"),
        members_count=31,
    )


def test_interactions():
    acts = {act.kind: act for act in rows_of(Interaction)}
    assert acts[InteractionKind.MENTION].target_account_id == TALLY
    for kind, post_id in (
        (InteractionKind.REPLY, REPLY),
        (InteractionKind.QUOTE, QUOTE),
        (InteractionKind.REPOST, REPOST),
    ):
        act = acts[kind]
        assert (act.account_id, act.target_account_id) == (TALLY, BOSUN)
        assert (act.post_id, act.target_post_id) == (post_id, FIRST)


def test_tags_and_names_are_no_links():
    page = Link(
        post_id=FIRST,
        platform="gab",
        url="https://news.example/crane",
        title="Crane",
        description="It stands",
        posted_at=POSTED,
    )
    text = Link(
        post_id=FIRST,
        platform="gab",
        url="https://port.example/crane",
        title="port.example/crane",
        posted_at=POSTED,
    )
    assert set(rows_of(Link)) == {page, text}


def test_a_name_that_leads_elsewhere_is_a_link():
    post = json.loads((FIXTURES / "garc.jsonl").read_text().splitlines()[0])
    post["content"] = (
        '<a href="//evil.example/">@tally</a> <a href="https://evil.example/">#Quay</a>'
    )
    rows, _ = read(GAB, MemoryCapture(json.dumps(post).encode()))
    urls = {row.url for row in rows if isinstance(row, Link)}
    assert {"//evil.example/", "https://evil.example/"} < urls


def test_media():
    video, photo, *_ = rows_of(Media)
    assert video == Media(
        post_id=FIRST,
        platform="gab",
        kind="video",
        media_key="51",
        url="https://static.example/o.mp4",
        mime="video/mp4",
        width_px=576,
        height_px=320,
        duration_s=15.166667,
        alt_text="A crane",
        posted_at=POSTED,
    )
    assert (photo.kind, photo.url) == ("photo", "https://static.example/i.jpg")
    [poll] = [row for row in rows_of(Media) if row.kind == "poll"]
    assert (poll.post_id, poll.alt_text) == (QUOTE, "Yes\nNo")


def test_a_search_and_comments():
    assert rows_of(Post, "search.json") == rows_of(Post)[:1]
    assert len(rows_of(Account, "search.json")) == 3  # the author of the post once more
    assert rows_of(Channel, "search.json") == [rows_of(Channel)[0]] * 2
    assert rows_of(Post, "comments.json") == rows_of(Post)[1:2]


def test_of_short_names_only_what_is_certain_is_read():
    short, bare, searched = rows_of(Post, SHORT)
    assert short == Post(
        post_id="gab:105000000000000007",
        platform="gab",
        kind=PostKind.POST,
        account_id=BOSUN,
        posted_at=from_iso("2021-03-01T10:07:00.250Z"),
        time_quality=TimeQuality.UTC,
        text="Ropes: 1 < 2",
        url="https://gab.com/bosun/posts/105000000000000007",
    )
    assert (bare.account_id, bare.text) == (TALLY, None)
    assert searched == rows_of(Post)[0]
    assert sum(notes_of(SHORT).values()) == 2
    author, *others = rows_of(Account, SHORT)
    assert (author.handle, author.name, author.description) == ("bosun", "Bosun", "Ropes & knots")
    assert {account.account_id for account in others} == {BOSUN}  # of the third line
    assert [(link.url, link.title) for link in rows_of(Link, SHORT)][:1] == [
        ("https://news.example/crane", "Crane")
    ]
    assert [(medium.kind, medium.url) for medium in rows_of(Media, SHORT)][:2] == [
        ("photo", "https://static.example/i.jpg"),
        ("video", "https://static.example/o.mp4"),
    ]


def test_a_broken_post_costs_only_itself():
    _, [error] = read(GAB, file_capture(FIXTURES / "garc.jsonl"))
    assert error.reason == "time unreadable"


@pytest.mark.parametrize(
    "change",
    [
        {"id": None},
        {"id": 1.5},
        {"replies_count": -1},
        {"account": {"username": []}},
        {"reactions_counts": {"1": "many"}},
        {"media_attachments": {}},
        {"created_at": 0},
    ],
)
def test_hostile_posts_are_rejected(change):
    post = {"id": "1", "content": "x", "created_at": "2021-03-01T10:00:00Z"}
    rows, errors = read(GAB, MemoryCapture(json.dumps(post | change).encode()))
    assert not rows
    assert [error.reason for error in errors] == ["unexpected structure"]


def test_what_is_none_of_them_is_noted():
    [piece] = pieces(GAB, MemoryCapture(b'{"id":"1","title":"Harbour"}'))
    assert list(whole(GAB, piece)) == []
    assert sum(piece.notes.values()) == 1


def test_a_post_of_mastodon_that_names_gab_is_not_claimed():
    status = {
        "id": "1",
        "uri": "https://social.example/users/a/statuses/1",
        "url": "https://gab.com/a/posts/1",
        "account": {"id": "2", "acct": "a", "username": "a", "url": "https://social.example/@a"},
        "content": "<p>x</p>",
        "created_at": "2026-02-01T00:00:00Z",
        "reblogs_count": 0,
        "favourites_count": 0,
    }
    sample = MemoryCapture(json.dumps(status).encode()).sample
    assert GAB.recognise(sample) == 0
    assert MASTODON_API.recognise(sample) > 0.5
