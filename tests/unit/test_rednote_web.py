"""What does `rednote_web` say of each field? Invented fixtures."""

from __future__ import annotations

from pathlib import Path

import pytest

from clew.case.reading import whole
from clew.contract import Sample
from clew.model.tables import Account, Media, Post, PostKind
from clew.model.times import TimeQuality, from_iso
from clew.sources.rednote_web import REDNOTE_WEB
from tests.captures import MemoryCapture, file_capture, pieces, read

FIXTURES = Path(__file__).parents[1] / "fixtures/sources/rednote_web"
LINES, FLAT = "zeeschuimer-export-xiaohongshu.ndjson", "search_contents.json"
BOSUN = "rednote:user/5a0000000000000000000b01"
FIRST, SEARCHED, TILE, CRAWLED = (f"rednote:650000000000000000000a0{n}" for n in (1, 2, 3, 5))
POSTED = from_iso("2026-02-01T00:00:00.250Z")


def rows_of(kind: type, name: str = LINES) -> list:
    rows, _ = read(REDNOTE_WEB, file_capture(FIXTURES / name))
    return [row for row in rows if isinstance(row, kind)]


def test_a_note():
    assert rows_of(Post)[0] == Post(
        post_id=FIRST,
        platform="rednote",
        kind=PostKind.POST,
        account_id=BOSUN,
        thread_id=FIRST,
        posted_at=POSTED,
        time_quality=TimeQuality.UTC,
        edited_at=from_iso("2026-02-01T00:05:00Z"),
        title="港口",
        text="The crane again #harbour",
        url="https://www.xiaohongshu.com/explore/650000000000000000000a01",
        like_count=None,  # 1.2万
        reply_count=0,
        repost_count=41,
        tags='["harbour"]',
        place="上海",
    )


def test_a_result_of_a_search_has_neither_text_nor_time():
    searched = rows_of(Post)[1]
    assert (searched.post_id, searched.title, searched.text) == (SEARCHED, "Ropes", None)
    assert (searched.posted_at, searched.time_quality) == (None, TimeQuality.MISSING)
    assert (searched.like_count, searched.reply_count) == (7, None)


def test_a_page_spells_the_same_note_otherwise():
    assert rows_of(Post)[2] == rows_of(Post)[0]
    assert rows_of(Account)[0] == rows_of(Account)[2]


def test_a_tile_names_its_author_only():
    tile = rows_of(Post)[3]
    assert (tile.post_id, tile.title, tile.like_count) == (TILE, "Knots", None)
    assert (tile.account_id, tile.author_name) == (None, "Tally")


def test_an_account():
    assert rows_of(Account)[0] == Account(
        account_id=BOSUN,
        platform="rednote",
        name="Bosun",
        avatar_url="https://img.example/b.jpg",
    )


def test_media():
    assert rows_of(Media)[0] == Media(
        post_id=FIRST,
        platform="rednote",
        kind="photo",
        url="https://img.example/1.jpg",
        width_px=1080,
        height_px=1440,
        posted_at=POSTED,
    )
    assert [row.url for row in rows_of(Media)] == [
        f"https://img.example/{n}.jpg" for n in (1, 2, 1, 3)
    ]


def test_what_a_crawler_writes_on_one_level():
    [note] = rows_of(Post, FLAT)
    assert (note.post_id, note.account_id, note.text) == (CRAWLED, BOSUN, "Look")
    assert (note.like_count, note.reply_count, note.repost_count) == (None, 3, None)
    assert (note.tags, note.place, note.edited_at) == ('["lamp","night"]', None, None)
    assert [(row.kind, row.url) for row in rows_of(Media, FLAT)] == [
        ("photo", "https://img.example/5.jpg"),
        ("photo", "https://img.example/6.jpg"),
        ("video", "https://v.example/5.mp4"),
    ]


def test_an_answer_says_the_same_as_lines():
    assert rows_of(Post, "answer.json") == rows_of(Post)[:2]


def test_a_broken_note_costs_only_itself():
    _, [error] = read(REDNOTE_WEB, file_capture(FIXTURES / LINES))
    assert error.reason == "unexpected structure"


def test_rounded_counts_are_noted():
    [piece] = pieces(REDNOTE_WEB, file_capture(FIXTURES / LINES))
    list(whole(REDNOTE_WEB, piece))
    assert dict(piece.notes) == {"rounded count: not recorded": 2}


@pytest.mark.parametrize(
    ("count", "expected"),
    [('"0"', 0), ("12", 12), ('"10万+"', None), ('"1千+"', None), ("-1", None), ('"赞"', None)],
)
def test_only_exact_counts_are_recorded(count, expected):
    rows, rejected = read(
        REDNOTE_WEB, MemoryCapture(f'{{"note_id":"a","liked_count":{count}}}'.encode())
    )
    assert ([row.like_count for row in rows], rejected) == ([expected], [])


@pytest.mark.parametrize("platform", ["gab.com", "xiaohongshu-comments"])
def test_others_lines_are_not_claimed(platform):
    head = f'{{"item_id":"1","timestamp_collected":1,"source_platform":"{platform}"}}'.encode()
    assert REDNOTE_WEB.recognise(Sample(name="x.ndjson", head=head, size=len(head))) == 0
