"""What does `tiktok_web` say of each field? Invented fixtures."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

import pytest

from clew.case.reading import whole
from clew.contract import Sample
from clew.model.tables import Account, Interaction, InteractionKind, Media, Post, PostKind
from clew.model.times import TimeQuality, from_iso
from clew.sources.tiktok_web import TIKTOK_WEB
from tests.captures import MemoryCapture, file_capture, pieces, read

FIXTURES = Path(__file__).parents[1] / "fixtures/sources/tiktok_web"
POSTS, COMMENTS = "zeeschuimer-export-tiktok.ndjson", "zeeschuimer-export-tiktok-comments.ndjson"
BOSUN, TALLY, LAMP = (f"tiktok:680000000000000010{n}" for n in (1, 2, 3))
VIDEO = "tiktok:7400000000000000001"


def rows_of(name: str, kind: type) -> list:
    rows, _ = read(TIKTOK_WEB, file_capture(FIXTURES / name))
    return [row for row in rows if isinstance(row, kind)]


def comment_id(number: int) -> str:
    return f"tiktok:comment/740000000000000050{number}"


def test_a_post():
    assert rows_of(POSTS, Post)[0] == Post(
        post_id=VIDEO,
        platform="tiktok",
        kind=PostKind.POST,
        account_id=BOSUN,
        thread_id=VIDEO,
        quote_of_post_id="tiktok:7399999999999999990",
        posted_at=from_iso("2026-02-01T00:00:00Z"),
        time_quality=TimeQuality.UTC,
        text="The crane again #harbour @tally.example",
        language_claimed="en",
        like_count=12,
        reply_count=3,
        repost_count=1,
        view_count=3_000_000_000,  # the number beside it was cut off
        tags='["harbour"]',
        place="Quay 4",
    )


def test_a_slide_show_embedded_in_a_page():
    show = rows_of(POSTS, Post)[1]
    assert (show.account_id, show.title, show.text) == (BOSUN, "Three views", None)
    assert (show.quote_of_post_id, show.language_claimed, show.tags) == (None, None, '["ropes"]')
    assert (show.like_count, show.view_count) == (0, 0)


def test_an_author_without_number_is_a_name():
    named = rows_of(POSTS, Post)[2]
    assert (named.account_id, named.author_name) == (None, "lamp.example")
    [piece] = pieces(TIKTOK_WEB, file_capture(FIXTURES / POSTS))
    list(whole(TIKTOK_WEB, piece))
    assert sum(piece.notes.values()) == 1


def test_an_account():
    assert rows_of(POSTS, Account)[0] == Account(
        account_id=BOSUN,
        platform="tiktok",
        handle="bosun.example",
        name="Bosun",
        description="Ropes & knots",
        avatar_url="https://p16.example/l.jpeg",
        followers_count=120,
        following_count=0,
        posts_count=7,
        is_verified=False,
        is_protected=False,
    )


def test_duets_and_mentions():
    assert [
        (act.kind, act.target_account_id, act.target_post_id) for act in rows_of(POSTS, Interaction)
    ] == [
        (InteractionKind.QUOTE, None, "tiktok:7399999999999999990"),
        (InteractionKind.MENTION, TALLY, None),
    ]


def test_videos_sounds_and_pictures():
    video, sound, picture, other = rows_of(POSTS, Media)
    assert video == Media(
        post_id=VIDEO,
        platform="tiktok",
        kind="video",
        media_key="7400000000000000001",
        url="https://v16.example/v.mp4",
        width_px=576,
        height_px=1024,
        duration_s=31,
        alt_text="look there",
        posted_at=from_iso("2026-02-01T00:00:00Z"),
    )
    assert (sound.kind, sound.media_key, sound.name) == (
        "audio",
        "7300000000000000009",
        "Bosun - original sound",
    )
    assert (picture.kind, picture.url, picture.width_px) == (
        "photo",
        "https://p16.example/1.jpeg",
        1080,
    )
    assert (other.kind, other.name) == ("audio", "Waves")


def test_comments_and_what_they_answer():
    comments = rows_of(COMMENTS, Post)
    assert [(row.post_id, row.reply_to_post_id, row.account_id) for row in comments] == [
        (comment_id(1), VIDEO, TALLY),
        (comment_id(2), comment_id(1), BOSUN),
        (comment_id(3), comment_id(2), LAMP),
    ]
    first, _, last = comments
    assert first == Post(
        post_id=comment_id(1),
        platform="tiktok",
        kind=PostKind.COMMENT,
        account_id=TALLY,
        thread_id=VIDEO,
        reply_to_post_id=VIDEO,
        posted_at=from_iso("2026-02-01T00:01:41Z"),
        time_quality=TimeQuality.UTC,
        text="Which quay?",
        language_claimed="en",
        like_count=2,
        reply_count=2,
    )
    assert last.language_claimed is None
    assert Counter(act.kind for act in rows_of(COMMENTS, Interaction)) == {
        InteractionKind.REPLY: 3,
        InteractionKind.MENTION: 1,
    }


def test_answers_say_the_same_as_lines():
    assert rows_of("item_list.json", Post) == rows_of(POSTS, Post)[:2]
    assert rows_of("comment_list.json", Post) == rows_of(COMMENTS, Post)


def test_a_post_alone_may_have_a_list_of_comments_inside():
    post = {"id": "1", "desc": "a", "createTime": 1, "comments": [], "stats": {"diggCount": -1}}
    rows, _ = read(TIKTOK_WEB, MemoryCapture(json.dumps(post).encode()))
    assert [(row.post_id, row.like_count) for row in rows] == [("tiktok:1", None)]


def test_a_broken_post_costs_only_itself():
    _, [error] = read(TIKTOK_WEB, file_capture(FIXTURES / POSTS))
    assert error.reason == "unexpected structure"


@pytest.mark.parametrize(
    "head",
    [
        b'{"item_id":"1","timestamp_collected":1,"source_platform":"gab.com","data":{"desc":1}}',
        b'{"createTime":1,"desc":"a","author":"b"}',
        b"createTime,desc,author,stats,diggCount\n",
    ],
)
def test_others_files_are_not_claimed(head):
    assert TIKTOK_WEB.recognise(Sample(name="x.ndjson", head=head, size=len(head))) == 0
