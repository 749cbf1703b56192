"""What does `truth_social` say of each field? Invented fixtures."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

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
from clew.sources.mastodon_api import MASTODON_API
from clew.sources.truth_social import TRUTH_SOCIAL
from tests.captures import MemoryCapture, file_capture, pieces, read

FIXTURES = Path(__file__).parents[1] / "fixtures/sources/truth_social"
BOSUN, TALLY = (f"truth_social:user/10700000000000000{n}" for n in (1, 2))
FIRST, REPLY, QUOTE, REPOST = (f"truth_social:11000000000000000{n}" for n in (1, 2, 3, 4))
GROUP = "truth_social:group/9"
POSTED = from_iso("2026-02-01T00:00:00.250Z")


def rows_of(kind: type, name: str = "statuses.jsonl") -> list:
    rows, _ = read(TRUTH_SOCIAL, file_capture(FIXTURES / name))
    return [row for row in rows if isinstance(row, kind)]


def test_a_post():
    assert rows_of(Post)[0] == Post(
        post_id=FIRST,
        platform="truth_social",
        kind=PostKind.POST,
        account_id=BOSUN,
        channel_id=GROUP,
        thread_id=FIRST,
        posted_at=POSTED,
        time_quality=TimeQuality.UTC,
        edited_at=from_iso("2026-02-01T00:05:00Z"),
        text="The crane again #Harbour news.example/crane with @tally",
        url="https://truthsocial.com/@bosun/110000000000000001",
        language_claimed="en",
        like_count=12,
        reply_count=1,
        repost_count=0,
        tags='["Harbour"]',
    )


def test_posts_inside_others_are_read_too():
    posts = {post.post_id: post for post in rows_of(Post)}
    assert Counter(post.post_id for post in rows_of(Post)) == {
        FIRST: 4,
        REPLY: 1,
        QUOTE: 1,
        REPOST: 1,
    }
    assert (posts[REPLY].reply_to_post_id, posts[REPLY].thread_id) == (FIRST, FIRST)
    assert posts[QUOTE].quote_of_post_id == FIRST
    assert (posts[REPOST].kind, posts[REPOST].repost_of_post_id) == (PostKind.REPOST, FIRST)
    assert posts[REPOST].text == posts[FIRST].text


def test_an_account():
    assert rows_of(Account)[0] == Account(
        account_id=BOSUN,
        platform="truth_social",
        handle="bosun",
        name="Bosun",
        description="Ropes & knots",
        location_claimed="Quay 4",
        url="https://bosun.example",
        avatar_url="https://static.example/bosun.jpg",
        created_at=from_iso("2022-02-21T10:00:00Z"),
        followers_count=120,
        following_count=0,
        posts_count=7,
        is_verified=True,
        is_protected=False,
        is_bot=False,
    )


def test_a_group():
    assert rows_of(Channel)[0] == Channel(
        channel_id=GROUP,
        platform="truth_social",
        kind="group",
        handle="harbour",
        name="Harbour",
        description="All quays",
        url="https://truthsocial.com/group/harbour",
        created_at=from_iso("2023-05-01T00:00:00Z"),
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
    assert set(rows_of(Link)) == {
        Link(
            post_id=FIRST,
            platform="truth_social",
            url="https://news.example/crane",
            title="Crane",
            description="It stands",
            posted_at=POSTED,
        )
    }


def test_media():
    photo, video, *_ = rows_of(Media)
    assert photo == Media(
        post_id=FIRST,
        platform="truth_social",
        kind="photo",
        media_key="51",
        url="https://static.example/o.jpg",
        width_px=1080,
        height_px=720,
        alt_text="A crane",
        posted_at=POSTED,
    )
    assert (video.kind, video.width_px) == ("video", None)
    [poll] = [row for row in rows_of(Media) if row.kind == "poll"]
    assert (poll.post_id, poll.alt_text) == (QUOTE, "Yes\nNo")


def test_what_zeeschuimer_turned_into_text_stays_as_it_is():
    first, reply = rows_of(Post, "zeeschuimer-export-truthsocial.ndjson")
    assert first.text == "The crane again #Harbour: 1 < 2"
    assert (reply.reply_to_post_id, reply.thread_id) == (FIRST, None)  # what is between is unknown


def test_a_search():
    assert rows_of(Post, "search.json") == rows_of(Post)[:1]
    assert len(rows_of(Account, "search.json")) == 2


def test_a_broken_post_costs_only_itself():
    _, [error] = read(TRUTH_SOCIAL, file_capture(FIXTURES / "statuses.jsonl"))
    assert error.reason == "time unreadable"


def test_what_is_neither_is_noted():
    [piece] = pieces(TRUTH_SOCIAL, MemoryCapture(b'{"id":"1","name":"Harbour"}'))
    assert list(whole(TRUTH_SOCIAL, piece)) == []
    assert sum(piece.notes.values()) == 1


def test_a_post_of_mastodon_that_names_truth_social_is_not_claimed():
    status = {
        "id": "1",
        "uri": "https://social.example/users/a/statuses/1",
        "url": "https://social.example/@a/1",
        "created_at": "2026-02-01T00:00:00Z",
        "content": "https://truthsocial.com/@bosun",
        "account": {"id": "1", "acct": "a", "url": "https://social.example/@a"},
        "reblogs_count": 0,
        "favourites_count": 0,
        "quote_id": None,
    }
    sample = MemoryCapture(json.dumps(status).encode()).sample
    assert TRUTH_SOCIAL.recognise(sample) == 0 < MASTODON_API.recognise(sample)
