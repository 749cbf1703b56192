"""What does `threads_web` say of each field? Invented fixtures."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from clew.case.reading import whole
from clew.contract import Sample
from clew.model.tables import Account, Interaction, InteractionKind, Link, Media, Post, PostKind
from clew.model.times import TimeQuality, from_iso
from clew.sources.threads_web import THREADS_WEB
from tests.captures import MemoryCapture, file_capture, pieces, read

FIXTURES = Path(__file__).parents[1] / "fixtures/sources/threads_web"
LINES = FIXTURES / "zeeschuimer-export-threads.ndjson"
BOSUN, TALLY = (f"threads:user/6300000000{n}" for n in (1, 2))
FIRST, REPLY, QUOTE, REPOST = (f"threads:350000000000000100{n}" for n in (1, 2, 3, 4))
POSTED = from_iso("2026-02-01T00:00:00Z")


def rows_of(kind: type, path: Path = LINES) -> list:
    rows, _ = read(THREADS_WEB, file_capture(path))
    return [row for row in rows if isinstance(row, kind)]


def test_a_post():
    assert rows_of(Post)[0] == Post(
        post_id=FIRST,
        platform="threads",
        kind=PostKind.POST,
        account_id=BOSUN,
        posted_at=POSTED,
        time_quality=TimeQuality.UTC,
        text="The crane again with @tally.example.",
        url="https://www.threads.com/@bosun.example/post/DPost0001",
        like_count=5,
        reply_count=3,
        repost_count=1,
        quote_count=2,
    )


def test_quoted_and_repeated_posts_are_read_too():
    posts = rows_of(Post)
    assert [post.post_id for post in posts] == [FIRST, REPLY, QUOTE, FIRST, REPOST, FIRST]
    assert posts[0] == posts[3] == posts[5]
    assert (posts[2].kind, posts[2].quote_of_post_id) == (PostKind.POST, FIRST)
    assert (posts[4].kind, posts[4].repost_of_post_id) == (PostKind.REPOST, FIRST)
    assert posts[4].text is None


def test_likes_that_are_hidden_are_not_recorded():
    assert rows_of(Post)[1].like_count is None


def test_an_account():
    assert rows_of(Account)[0] == Account(
        account_id=BOSUN,
        platform="threads",
        handle="bosun.example",
        name="Bosun.Example",
        avatar_url="https://scontent.example/bosun.example.jpg",
        is_verified=True,
        is_protected=False,
    )


def test_interactions():
    acts = rows_of(Interaction)
    assert Counter(act.kind for act in acts) == {
        InteractionKind.MENTION: 3,
        InteractionKind.REPLY: 1,
        InteractionKind.QUOTE: 1,
        InteractionKind.REPOST: 1,
    }
    by_kind = {act.kind: act for act in acts}
    assert by_kind[InteractionKind.MENTION].target_name == "tally.example"
    assert by_kind[InteractionKind.REPLY].target_name == "bosun.example"  # its number is not said
    for kind in (InteractionKind.QUOTE, InteractionKind.REPOST):
        act = by_kind[kind]
        assert (act.account_id, act.target_account_id, act.target_post_id) == (TALLY, BOSUN, FIRST)


def test_a_link_and_where_it_leads():
    assert rows_of(Link)[0] == Link(
        post_id=FIRST,
        platform="threads",
        url="https://l.threads.com/?u=https%3A%2F%2Fnews.example%2Fcrane%3Fa%3D1&e=X",
        expanded_url="https://news.example/crane?a=1",
        title="Crane",
        posted_at=POSTED,
    )


def test_media():
    photo, video, voice, *_ = rows_of(Media)
    assert photo == Media(
        post_id=FIRST,
        platform="threads",
        kind="photo",
        url="https://scontent.example/al.jpg",
        width_px=1080,
        height_px=1350,
        alt_text="A crane",
        posted_at=POSTED,
    )
    assert (video.kind, video.url, video.width_px) == (
        "video",
        "https://scontent.example/v.mp4",
        720,
    )
    assert (voice.kind, voice.post_id) == ("audio", REPLY)


def test_objects_alone_say_the_same():
    assert rows_of(Post, FIXTURES / "posts.json") == rows_of(Post)[:2]


def test_a_broken_post_costs_only_itself():
    _, [error] = read(THREADS_WEB, file_capture(LINES))
    assert error.reason == "unexpected structure"


def test_a_paid_partnership_is_noted():
    [piece] = pieces(THREADS_WEB, file_capture(LINES))
    list(whole(THREADS_WEB, piece))
    assert dict(piece.notes) == {"paid partnership: read as a post": 1}


@pytest.mark.parametrize(
    "url", ["https://[x", "https://l.threads.com/?e=1", "https://a.example/?u=b"]
)
def test_an_address_that_leads_nowhere_else_stays(url):
    line = f'{{"pk":"1","text_post_app_info":{{"link_preview_attachment":{{"url":"{url}"}}}}}}'
    rows, rejected = read(THREADS_WEB, MemoryCapture(line.encode()))
    [link] = [row for row in rows if isinstance(row, Link)]
    assert (link.url, link.expanded_url, rejected) == (url, None, [])


def test_others_lines_are_not_claimed():
    head = b'{"item_id":"1","timestamp_collected":1,"source_platform":"instagram.com","data":{}}'
    assert THREADS_WEB.recognise(Sample(name="x.ndjson", head=head, size=len(head))) == 0
