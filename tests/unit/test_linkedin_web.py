"""What does `linkedin_web` say of each field? Invented fixtures."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

from clew.case.reading import whole
from clew.contract import Sample
from clew.model.tables import Account, Interaction, InteractionKind, Link, Media, Post, PostKind
from clew.model.times import TimeQuality, from_iso
from clew.sources.linkedin_web import LINKEDIN_WEB
from tests.captures import file_capture, pieces, read

FIXTURES = Path(__file__).parents[1] / "fixtures/sources/linkedin_web"
LINES = FIXTURES / "zeeschuimer-export-linkedin.ndjson"
BOSUN, TALLY, YARD = (
    f"linkedin:{path}" for path in ("in/bosun-example", "in/tally-example", "company/yard-example")
)
FIRST, REPOST, OLDER = (
    "linkedin:7423515427331899469",
    "linkedin:7423515678990139397",
    "linkedin:7423515930648379401",
)
POSTED = from_iso("2026-02-01T00:00:00.123Z")


def rows_of(kind: type, path: Path = LINES) -> list:
    rows, _ = read(LINKEDIN_WEB, file_capture(path))
    return [row for row in rows if isinstance(row, kind)]


def test_a_post():
    assert rows_of(Post)[0] == Post(
        post_id=FIRST,
        platform="linkedin",
        kind=PostKind.POST,
        account_id=BOSUN,
        thread_id=FIRST,
        posted_at=POSTED,
        time_quality=TimeQuality.UTC,
        text="The crane again #harbour with Tally and Yard https://lnkd.example/x",
        url="https://www.linkedin.com/feed/update/urn:li:activity:7423515427331899469",
        like_count=41,
        reply_count=3,
        repost_count=0,
        reactions='{"like":40,"praise":1}',
        tags='["harbour"]',
    )


def test_a_repost_and_what_it_shows_again():
    _, repost, original, *_ = rows_of(Post)
    assert (repost.post_id, repost.kind, repost.text) == (REPOST, PostKind.REPOST, None)
    assert (repost.repost_of_post_id, repost.quote_of_post_id) == (FIRST, None)
    assert (repost.like_count, repost.reply_count, repost.repost_count) == (7, 0, 2)
    assert original == rows_of(Post)[0]


def test_a_post_that_shares_another_with_words_quotes_it():
    older = rows_of(Post)[3]
    assert (older.post_id, older.kind, older.quote_of_post_id) == (OLDER, PostKind.POST, FIRST)
    assert (older.like_count, older.tags) == (None, '["ropes"]')


def test_a_number_from_before_numbers_held_the_time_gives_none():
    early = rows_of(Post)[4]
    assert (early.posted_at, early.time_quality) == (None, TimeQuality.MISSING)
    assert (early.account_id, early.author_name) == (None, "LinkedIn Member")


def test_accounts():
    bosun, yard, *_ = rows_of(Account)
    assert bosun == Account(
        account_id=BOSUN,
        platform="linkedin",
        handle="bosun-example",
        name="Bosun Example",
        description="Harbour pilot",
        avatar_url="https://media.example/a/400.jpg",
    )
    assert yard.account_id == YARD


def test_interactions():
    acts = rows_of(Interaction)
    assert [(act.target_account_id, act.target_name) for act in acts[:2]] == [
        (TALLY, None),
        (YARD, None),
    ]
    assert Counter(act.kind for act in acts) == {
        InteractionKind.MENTION: 5,
        InteractionKind.REPOST: 1,
        InteractionKind.QUOTE: 1,
    }
    [repost] = [act for act in acts if act.kind is InteractionKind.REPOST]
    assert (repost.account_id, repost.target_account_id, repost.target_post_id) == (
        YARD,
        BOSUN,
        FIRST,
    )


def test_links():
    assert {(row.post_id, row.url, row.title) for row in rows_of(Link)} == {
        (FIRST, "https://lnkd.example/x", None),
        (OLDER, "https://news.example/ropes", "Ropes"),
    }


def test_media():
    photo, _again, video = rows_of(Media)
    assert photo == Media(
        post_id=FIRST,
        platform="linkedin",
        kind="photo",
        url="https://media.example/p/l.jpg",
        width_px=1280,
        height_px=720,
        posted_at=POSTED,
    )
    assert (video.kind, video.duration_s, video.url) == (
        "video",
        12.5,
        "https://media.example/v/t.jpg",
    )


def test_objects_alone_say_the_same():
    assert rows_of(Post, FIXTURES / "updates.json") == rows_of(Post)[:3]


def test_a_broken_post_costs_only_itself():
    _, [error] = read(LINKEDIN_WEB, file_capture(LINES))
    assert error.reason == "unexpected structure"


def test_what_may_be_an_advertisement_is_noted():
    [piece] = pieces(LINKEDIN_WEB, file_capture(LINES))
    list(whole(LINKEDIN_WEB, piece))
    assert sum(piece.notes.values()) == 1


def test_others_lines_are_not_claimed():
    head = b'{"item_id":"1","timestamp_collected":1,"source_platform":"gab.com","data":{}}'
    assert LINKEDIN_WEB.recognise(Sample(name="x.ndjson", head=head, size=len(head))) == 0
