"""What does `ninegag` say of each field? Invented fixtures."""

from __future__ import annotations

from pathlib import Path

from clew.case.reading import whole
from clew.contract import Sample
from clew.model.tables import Account, Link, Media, Post, PostKind
from clew.model.times import TimeQuality, from_iso
from clew.sources.ninegag import NINEGAG
from tests.captures import MemoryCapture, file_capture, pieces, read

FIXTURES = Path(__file__).parents[1] / "fixtures/sources/ninegag"
LINES = FIXTURES / "zeeschuimer-export-9gag.ndjson"
FIRST, VIDEO, MASKED = "ninegag:aAbBcC1", "ninegag:aAbBcc1", "ninegag:zZ9"
POSTED = from_iso("2026-02-01T00:00:00Z")


def rows_of(kind: type, path: Path = LINES) -> list:
    rows, _ = read(NINEGAG, file_capture(path))
    return [row for row in rows if isinstance(row, kind)]


def test_a_post():
    assert rows_of(Post)[0] == Post(
        post_id=FIRST,
        platform="ninegag",
        kind=PostKind.POST,
        account_id="ninegag:user/bosun",
        thread_id=FIRST,
        posted_at=POSTED,
        time_quality=TimeQuality.UTC,
        title="The crane again",
        url="https://9gag.com/gag/aAbBcC1",
        like_count=38,
        reply_count=0,
        reactions='{"up":41,"down":3}',
        tags='["harbour"]',
    )


def test_ids_differ_by_case():
    assert [post.post_id for post in rows_of(Post)] == [FIRST, VIDEO, MASKED]


def test_an_anonymous_post_has_no_author_and_may_have_a_negative_score():
    video = rows_of(Post)[1]
    assert (video.account_id, video.author_name) == (None, None)
    assert (video.like_count, video.text, video.tags) == (-3, "Look\nthere", None)


def test_masked_votes_are_not_recorded():
    masked = rows_of(Post)[2]
    assert (masked.like_count, masked.reactions) == (None, None)


def test_accounts():
    bosun, tally = rows_of(Account)
    assert bosun == Account(
        account_id="ninegag:user/bosun",
        platform="ninegag",
        handle="bosun",
        name="Bosun Example",
        is_verified=True,
    )
    assert (tally.name, tally.is_verified) == (None, False)


def test_a_link_to_where_it_was_found():
    assert rows_of(Link) == [
        Link(
            post_id=VIDEO,
            platform="ninegag",
            url="https://news.example/crane",
            posted_at=POSTED,
        )
    ]


def test_media():
    photo, video = rows_of(Media)
    assert photo == Media(
        post_id=FIRST,
        platform="ninegag",
        kind="photo",
        url="https://img.example/700.jpg",
        width_px=700,
        height_px=500,
        posted_at=POSTED,
    )
    assert (video.kind, video.url, video.duration_s) == ("video", "https://img.example/v.mp4", 15)


def test_an_answer_says_the_same_as_lines():
    assert rows_of(Post, FIXTURES / "answer.json") == rows_of(Post)[:2]


def test_a_broken_post_costs_only_itself():
    _, [error] = read(NINEGAG, file_capture(LINES))
    assert error.reason == "unexpected structure"


def test_an_advertisement_is_noted():
    [piece] = pieces(NINEGAG, file_capture(LINES))
    list(whole(NINEGAG, piece))
    assert sum(piece.notes.values()) == 1


def test_a_time_out_of_range_is_refused():
    data = b'{"id":"a","creationTs":99999999999999}'
    _, [error] = read(NINEGAG, MemoryCapture(data))
    assert error.reason == "time out of range"


def test_others_lines_are_not_claimed():
    head = b'{"item_id":"1","timestamp_collected":1,"source_platform":"gab.com","data":{}}'
    assert NINEGAG.recognise(Sample(name="x.ndjson", head=head, size=len(head))) == 0
