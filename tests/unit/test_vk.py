"""What does `vk` say of each object? Invented fixtures, and real recordings if they are there."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

import pytest

from clew.case.reading import whole
from clew.contract import Sample
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
from clew.sources.vk import VK
from tests.captures import MemoryCapture, file_capture, pieces, read

FIXTURES = Path(__file__).parents[1] / "fixtures/sources/vk"
PIER, BOSUN, TANYA = "vk:-700001", "vk:700101", "vk:700102"


def wall(number: int, owner: int = -700001) -> str:
    return f"vk:wall{owner}_{number}"


def rows_of(name: str, kind: type, **options: str) -> list:
    rows, _ = read(VK, file_capture(FIXTURES / name), **options)
    return [row for row in rows if isinstance(row, kind)]


def post_of(name: str, post_id: str) -> Post:
    return next(row for row in rows_of(name, Post) if row.post_id == post_id)


def notes_of(capture: MemoryCapture) -> Counter:
    [piece] = pieces(VK, capture)
    list(whole(VK, piece))
    return piece.notes


# ----------------------------------------------------------------------------------------- walls


def test_a_post_of_a_community_signed_by_an_account():
    assert post_of("wall_get.json", wall(12)) == Post(
        post_id=wall(12),
        platform="vk",
        kind=PostKind.POST,
        account_id=BOSUN,
        channel_id=PIER,
        thread_id=wall(12),
        posted_at=from_iso("2026-02-01T00:00:12Z"),
        time_quality=TimeQuality.UTC,
        edited_at=1_769_990_000_000_000,
        text="Кран снова стоит, спросите Таню и Причал. Подробно: статья кран #кран",
        client="android",
        like_count=15,
        reply_count=3,
        repost_count=2,
        view_count=1200,
        latitude=59.5,
        longitude=30.25,
        place="Порт",
    )


def test_marks_are_mentions_and_links():
    acts = rows_of("wall_get.json", Interaction)
    assert [act.target_account_id for act in acts if act.kind is InteractionKind.MENTION] == [
        TANYA,
        PIER,
    ]
    assert [(row.url, row.title) for row in rows_of("wall_get.json", Link)] == [
        ("https://news.example/crane", "Кран"),  # attached, and in the text
        ("https://crane.example/", "кран"),
    ]


def test_attachments():
    media = [row for row in rows_of("wall_get.json", Media) if row.post_id == wall(12)]
    assert media[0] == Media(
        post_id=wall(12),
        platform="vk",
        kind="photo",
        media_key="photo-700001_456",
        url="https://sun.example/z.jpg",
        width_px=1280,
        height_px=853,
        alt_text="Кран с моря",
        posted_at=from_iso("2026-02-01T00:00:12Z"),
    )
    assert [(row.kind, row.media_key, row.name, row.duration_s) for row in media[1:]] == [
        ("video", "video-700001_457", "Кран падает", 31.0),
        ("poll", "poll-700001_458", None, None),
        ("file", "doc700101_459", "смета.pdf", None),
    ]
    assert media[2].alt_text == "Чинить?\nДа\nНет"
    assert media[3].size_bytes == 2048
    assert notes_of(file_capture(FIXTURES / "wall_get.json")) == {"attachment album: not read": 1}


def test_a_bare_repost_and_the_chain_behind_it():
    repost, first, second = (
        post_of("wall_get.json", each) for each in (wall(13), wall(5, 700102), wall(3, -700009))
    )
    assert (repost.kind, repost.text, repost.repost_of_post_id) == (
        PostKind.REPOST,
        None,
        first.post_id,
    )
    assert (first.kind, first.text) == (PostKind.POST, "Вид с моря")
    assert first.repost_of_post_id == second.post_id
    assert (second.channel_id, second.repost_of_post_id) == ("vk:-700009", None)
    [photo] = [row for row in rows_of("wall_get.json", Media) if row.post_id == second.post_id]
    assert (photo.url, photo.width_px) == ("https://sun.example/604.jpg", 604)


def test_a_repost_with_words_of_its_own_is_a_post():
    post = post_of("wall_get.json", wall(14))
    assert (post.kind, post.text) == (PostKind.POST, "Вот и он")
    assert post.repost_of_post_id == wall(5, 700102)
    acts = [
        (act.account_id, act.target_account_id, act.target_post_id)
        for act in rows_of("wall_get.json", Interaction)
        if act.kind is InteractionKind.REPOST and act.post_id == wall(14)
    ]
    assert acts == [(PIER, TANYA, wall(5, 700102))]


def test_a_deleted_post_and_a_broken_one():
    rows, [error] = read(VK, file_capture(FIXTURES / "wall_get.json"))
    assert error.reason == "unexpected structure"
    assert [row for row in rows if isinstance(row, Deletion)] == [
        Deletion(post_id=wall(15), platform="vk", account_id=PIER)
    ]


# -------------------------------------------------------------------------------------- comments


def test_comments_and_their_threads():
    first, answer, gone = rows_of("wall_get_comments.json", Post)
    assert {row.kind for row in (first, answer, gone)} == {PostKind.COMMENT}
    assert (first.post_id, first.thread_id, first.reply_to_post_id) == (
        wall(21),
        wall(12),
        wall(12),
    )
    assert (answer.reply_to_post_id, answer.thread_id) == (wall(21), wall(12))
    assert (answer.text, first.reply_count) == ("Таня, да", 1)
    assert (gone.post_id, gone.text, gone.thread_id) == (wall(22), None, wall(12))
    assert [row.post_id for row in rows_of("wall_get_comments.json", Deletion)] == [wall(22)]
    replies = {
        act.post_id: act.target_account_id
        for act in rows_of("wall_get_comments.json", Interaction)
        if act.kind is InteractionKind.REPLY
    }
    assert replies[wall(23)] == TANYA
    [sticker] = rows_of("wall_get_comments.json", Media)
    assert (sticker.kind, sticker.media_key) == ("sticker", "sticker77")


def test_old_comments_need_to_be_told_where_they_stand():
    capture = file_capture(FIXTURES / "comments_old.json")
    _, [error] = read(VK, capture)
    assert error.reason == "wall not recorded"
    [comment] = rows_of("comments_old.json", Post, owner="-700001", post="12")
    assert (comment.post_id, comment.reply_to_post_id) == (wall(31), wall(12))


# ----------------------------------------------------------------------- accounts and communities


def test_accounts():
    bosun, gone, closed = rows_of("users_get.json", Account)
    assert bosun == Account(
        account_id=BOSUN,
        platform="vk",
        handle="bosun_example",
        name="Боцман Примеров",
        description="На вахте",
        location_claimed="Портовый, Пример",
        url="https://bosun.example",
        avatar_url="https://sun.example/max.jpg",
        followers_count=0,
        is_verified=True,
        is_protected=False,
    )
    assert (gone.name, gone.is_deleted) == ("DELETED", True)
    assert (closed.is_protected, closed.followers_count) == (True, None)


def test_a_city_that_is_a_number_is_no_place():
    old = {"uid": 5, "first_name": "A", "last_name": "B", "city": 1, "country": "1"}
    for country, kept in ((1, 1), ("1", 0)):
        rows, _ = read(VK, MemoryCapture(json.dumps([{**old, "country": country}]).encode()))
        assert [(row.account_id, row.location_claimed) for row in rows] == [("vk:5", None)][:kept]


def test_a_community_is_a_channel_and_an_account():
    [channel] = rows_of("groups_get_by_id.json", Channel)
    assert channel == Channel(
        channel_id=PIER,
        platform="vk",
        kind="page",
        handle="pier_example",
        name="Причал 4",
        description="О порте",
        members_count=512,
    )
    [account] = rows_of("groups_get_by_id.json", Account)
    assert (account.account_id, account.followers_count) == (PIER, 512)
    assert account.is_verified is False


def test_lines_and_answers_say_the_same():
    first, repost, original = rows_of("posts.jsonl", Post)
    assert first == post_of("wall_get.json", wall(12))
    assert repost == post_of("wall_get.json", wall(14))
    assert original in rows_of("wall_get.json", Post)


@pytest.mark.parametrize(
    ("answer", "note"),
    [
        ({"response": {"count": 2, "items": [1, 2]}}, {"bare numbers": 2}),
        ({"error": {"error_code": 5}}, {"answer that is an error": 1}),
    ],
)
def test_answers_without_records_are_told(answer, note):
    notes = notes_of(MemoryCapture(json.dumps(answer).encode()))
    assert {key.partition(":")[0]: count for key, count in notes.items()} == note


@pytest.mark.parametrize(
    "head",
    [
        b'{"response":[{"id":1,"title":"a"}]}',
        b'{"from_id":"user1","date":"2026-01-01T00:00:00","text":"a","likes":1}',
        b'{"properties":{"owner_id":{"type":"integer"},"date":{},"post_type":{}}}',
        b'{"first_name":"a","last_name":"b"}',
    ],
)
def test_others_files_are_not_claimed(head):
    assert VK.recognise(Sample(name="x.json", head=head, size=len(head))) == 0


# ------------------------------------------------------------------------------- real recordings


@pytest.mark.shared_data
def test_recordings_give_a_row_for_each_object(shared_data):
    folder = shared_data / "formats/vk_vknet/VkNet.Tests/TestData/Categories"
    found: Counter = Counter()
    for path in sorted(folder.rglob("*.json")):
        capture = file_capture(path)
        if not VK.recognise(capture.sample):
            continue
        response = json.loads(capture.data.decode("utf-8-sig"))["response"]
        page = response if isinstance(response, dict) else {"items": response}
        records = [*page["items"], *page.get("profiles", ()), *page.get("groups", ())]
        on_wall = [record for record in records if "date" in record]
        rows, rejected = read(VK, capture, owner="-1", post="2")
        assert not rejected
        posts = [row for row in rows if isinstance(row, Post)]
        assert len(posts) == len(on_wall) + sum(
            len(record.get("copy_history", ())) for record in on_wall
        )
        people = [record for record in records if "first_name" in record]
        groups = [record for record in records if "name" in record]
        assert len([row for row in rows if isinstance(row, Account)]) == len(people) + len(groups)
        assert len([row for row in rows if isinstance(row, Channel)]) == len(groups)
        found.update(type(row).__name__ for row in rows)
    assert found["Post"] > 15
    assert found["Account"] > 30
