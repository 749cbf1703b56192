"""What does `douyin_web` say of each field? Invented fixtures."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from clew.case.reading import whole
from clew.model.tables import Account, Interaction, InteractionKind, Media, Post, PostKind
from clew.model.times import TimeQuality, from_iso
from clew.sources.douyin_web import DOUYIN_WEB
from tests.captures import MemoryCapture, file_capture, pieces, read

FIXTURES = Path(__file__).parents[1] / "fixtures/sources/douyin_web"
LINES = "zeeschuimer-export-douyin.ndjson"
BOSUN, TALLY = (f"douyin:user/68000000000010{n}" for n in (1, 2))
FIRST, GALLERY = (f"douyin:740000000000000000{n}" for n in (1, 2))
POSTED = from_iso("2026-02-01T00:00:00Z")


def rows_of(kind: type, name: str = LINES) -> list:
    rows, _ = read(DOUYIN_WEB, file_capture(FIXTURES / name))
    return [row for row in rows if isinstance(row, kind)]


def test_a_post():
    assert rows_of(Post)[0] == Post(
        post_id=FIRST,
        platform="douyin",
        kind=PostKind.POST,
        account_id=BOSUN,
        thread_id=FIRST,
        posted_at=POSTED,
        time_quality=TimeQuality.UTC,
        text="The crane again #harbour @tally",
        url="https://www.douyin.com/video/7400000000000000001",
        like_count=41,
        reply_count=0,
        repost_count=3,
        view_count=None,  # pages send 0
        tags='["harbour"]',
    )


def test_a_page_spells_the_same_post_otherwise():
    for kind in (Post, Account, Interaction):
        rows = rows_of(kind)
        assert rows[0] == rows[1], kind


def test_an_account():
    assert rows_of(Account)[0] == Account(
        account_id=BOSUN, platform="douyin", handle="bosun_example", name="Bosun"
    )


def test_a_mention():
    act = rows_of(Interaction)[0]
    assert (act.kind, act.account_id, act.target_account_id, act.post_id) == (
        InteractionKind.MENTION,
        BOSUN,
        TALLY,
        FIRST,
    )


def test_media():
    video, of_page, photo = rows_of(Media)
    assert video == Media(
        post_id=FIRST,
        platform="douyin",
        kind="video",
        url="https://v.example/1.mp4",
        width_px=576,
        height_px=1024,
        duration_s=31.25,
        posted_at=POSTED,
    )
    assert (of_page.url, of_page.duration_s) == (None, 31.25)
    assert (photo.post_id, photo.kind, photo.url) == (GALLERY, "photo", "https://p.example/1.jpg")


def test_rounded_counts_and_streams_are_noted():
    gallery = rows_of(Post)[2]
    assert (gallery.like_count, gallery.reply_count, gallery.account_id) == (None, 7, None)
    [piece] = pieces(DOUYIN_WEB, file_capture(FIXTURES / LINES))
    list(whole(DOUYIN_WEB, piece))
    assert dict(piece.notes) == {"rounded count: not recorded": 1, "live stream: not read": 1}


def test_an_answer_says_the_same_as_lines():
    assert rows_of(Post, "aweme_list.json") == rows_of(Post)[:1]


def test_a_broken_post_costs_only_itself():
    _, [error] = read(DOUYIN_WEB, file_capture(FIXTURES / LINES))
    assert error.reason == "unexpected structure"


@pytest.mark.parametrize("old", [b"douyin.com/", b"aweme_id"])
def test_posts_without_address_or_keys_of_douyin_are_not_claimed(old):
    capture = file_capture(FIXTURES / "aweme_list.json")
    other = replace(capture, data=capture.data.replace(old, b"other"))
    assert isinstance(other, MemoryCapture)
    assert DOUYIN_WEB.recognise(other.sample) == 0
