"""What does `instagram_web` say of each field? Invented fixtures."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from clew.case.reading import whole
from clew.contract import Sample
from clew.model.tables import Account, Interaction, InteractionKind, Media, Post, PostKind
from clew.model.times import TimeQuality, from_iso
from clew.sources.instagram_web import INSTAGRAM_WEB
from tests.captures import MemoryCapture, file_capture, pieces, read

FIXTURES = Path(__file__).parents[1] / "fixtures/sources/instagram_web"
LINES = "zeeschuimer-export-instagram.ndjson"
BOSUN, TALLY, LAMP = (f"instagram:user/17000000000{n}" for n in (1, 2, 3))


def rows_of(name: str, kind: type) -> list:
    rows, _ = read(INSTAGRAM_WEB, file_capture(FIXTURES / name))
    return [row for row in rows if isinstance(row, kind)]


def post_with(**more: object) -> tuple[list, list]:
    item = {"pk": "5", "code": "Czz", "taken_at": 1_769_904_000, **more}
    return read(INSTAGRAM_WEB, MemoryCapture(json.dumps(item).encode()))


def test_a_carousel():
    assert rows_of(LINES, Post)[0] == Post(
        post_id="instagram:3500000000000000001",
        platform="instagram",
        kind=PostKind.POST,
        account_id=BOSUN,
        thread_id="instagram:3500000000000000001",
        posted_at=from_iso("2026-02-01T00:00:00Z"),
        time_quality=TimeQuality.UTC,
        text=("The crane again #harbour #crane with @tally.example.\nMail crew@portside.example"),
        url="https://www.instagram.com/p/CzzPOST0001/",
        like_count=41,
        reply_count=3,
        latitude=53.25,
        longitude=10.5,
        place="Quay 4",
    )


def test_hidden_counts_are_not_recorded():
    reel = rows_of(LINES, Post)[1]
    assert (reel.like_count, reel.reply_count, reel.view_count) == (None, 0, 1200)
    assert (reel.text, reel.place) == (None, None)
    [shown] = [row for row in post_with(like_count=0)[0] if isinstance(row, Post)]
    [hidden] = [row for row in post_with(like_count=-1)[0] if isinstance(row, Post)]
    assert (shown.like_count, hidden.like_count) == (0, None)


def test_the_older_form():
    post = rows_of(LINES, Post)[2]
    assert (post.post_id, post.account_id) == ("instagram:2500000000000000005", BOSUN)
    assert (post.text, post.like_count, post.reply_count, post.place) == (
        "Old form",
        7,
        2,
        "Portside",
    )
    assert post.posted_at == from_iso("2019-06-01T00:00:00Z")


def test_accounts():
    bosun, lamp, *_ = rows_of(LINES, Account)
    assert bosun == Account(
        account_id=BOSUN,
        platform="instagram",
        handle="bosun.example",
        name="Bosun.Example",
        avatar_url="https://scontent.example/bosun.example.jpg",
        is_verified=False,
        is_protected=False,
    )
    assert (lamp.account_id, lamp.is_verified) == (LAMP, True)


def test_marks_coauthors_and_names_in_the_text_are_mentions():
    acts = rows_of(LINES, Interaction)
    assert {act.kind for act in acts} == {InteractionKind.MENTION}
    assert [(act.account_id, act.target_account_id, act.target_name) for act in acts] == [
        (BOSUN, LAMP, None),
        (BOSUN, TALLY, None),
        (BOSUN, None, "tally.example"),  # and no mail address
        (BOSUN, TALLY, None),
    ]


def test_pictures_and_videos():
    photo, video, reel, old_photo, old_video = rows_of(LINES, Media)
    assert photo == Media(
        post_id="instagram:3500000000000000001",
        platform="instagram",
        kind="photo",
        media_key="3500000000000000002",
        url="https://scontent.example/l.jpg",
        width_px=1080,
        height_px=1350,
        alt_text="A crane",
        posted_at=from_iso("2026-02-01T00:00:00Z"),
    )
    assert (video.kind, video.url, video.duration_s) == (
        "video",
        "https://scontent.example/v.mp4",
        12.5,
    )
    assert (reel.kind, reel.media_key) == ("video", "3500000000000000004")
    assert (old_photo.kind, old_photo.url, old_photo.width_px) == (
        "photo",
        "https://scontent.example/o1.jpg",
        640,
    )
    assert (old_video.kind, old_video.url) == ("video", "https://scontent.example/o2.mp4")


def test_answers_and_lines_say_the_same():
    posts = rows_of(LINES, Post)
    assert rows_of("feed.json", Post) == posts[:2]
    assert rows_of("posts.jsonl", Post) == [posts[2], posts[0]]


def test_a_place_off_the_earth_is_only_a_name():
    [post] = [
        row
        for row in post_with(location={"name": "Nowhere", "lat": 91.0, "lng": 0.0})[0]
        if isinstance(row, Post)
    ]
    assert (post.latitude, post.longitude, post.place) == (None, None, "Nowhere")


def test_what_is_no_post_is_rejected_and_advertising_told():
    _, [error] = read(INSTAGRAM_WEB, file_capture(FIXTURES / LINES))
    assert error.reason == "unexpected structure"
    advertisement = {"pk": "5", "code": "Czz", "taken_at": 1, "product_type": "ad"}
    [piece] = pieces(INSTAGRAM_WEB, MemoryCapture(json.dumps(advertisement).encode()))
    assert list(whole(INSTAGRAM_WEB, piece))
    assert piece.notes == {"advertisement: read as a post": 1}


@pytest.mark.parametrize(
    "head",
    [
        b'{"item_id":"1","timestamp_collected":1,"source_platform":"threads.net","data":{}}',
        b'{"code":"a","taken_at":1,"user":{}}',
        b'[{"shortcode":"a","owner":{}}]',
    ],
)
def test_others_files_are_not_claimed(head):
    assert INSTAGRAM_WEB.recognise(Sample(name="x.ndjson", head=head, size=len(head))) == 0
