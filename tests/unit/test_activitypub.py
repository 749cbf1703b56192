"""What does `activitypub` say of each property? Invented fixtures, and pairs by others."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from clew.case.reading import whole
from clew.formats.html_text import html_to_text
from clew.model.tables import Account, Deletion, Interaction, Link, Media, Post, Row
from clew.model.times import from_iso
from clew.sources.activitypub import ACTIVITYPUB
from tests.captures import MemoryCapture, file_capture, pieces, read, said

FIXTURES = Path(__file__).parents[1] / "fixtures/sources/activitypub"
LENA, OTTO = "fediverse:lena@harbour.example", "fediverse:otto@pier.example"
FIRST = "fediverse:https://harbour.example/users/Lena/statuses/101"
POSTED = from_iso("2026-02-03T04:05:06Z")


def rows_of(name: str) -> list[Row]:
    rows, rejected = read(ACTIVITYPUB, file_capture(FIXTURES / name))
    assert not rejected, rejected
    return rows


def rows_in(*objects: object) -> list[Row]:
    rows, rejected = read(ACTIVITYPUB, MemoryCapture(json.dumps(objects).encode()))
    assert not rejected, rejected
    return rows


def of(rows: list[Row], kind: type[Row], /, **known: object) -> list[Row]:
    return [
        row
        for row in rows
        if type(row) is kind and all(getattr(row, name) == value for name, value in known.items())
    ]


def one(rows: list[Row], kind: type[Row], /, **known: object) -> Row:
    (row,) = of(rows, kind, **known)
    return row


@pytest.fixture(scope="module")
def outbox() -> list[Row]:
    return rows_of("outbox.json")


@pytest.fixture(scope="module")
def activities() -> list[Row]:
    return rows_of("activities.jsonl")


def test_post(outbox):
    assert said(one(outbox, Post, post_id=FIRST)) == {
        "post_id": FIRST,
        "kind": "post",
        "account_id": LENA,
        "posted_at": POSTED,
        "time_quality": "utc",
        "text": "Boats & bridges #Harbour https://boats.example.com/",
        "url": "https://harbour.example/@Lena/101",
        "language_claimed": "en",
        "like_count": 3,
        "repost_count": 2,
        "tags": '["Harbour"]',
    }
    assert one(outbox, Link, post_id=FIRST).url == "https://boats.example.com/"
    assert said(one(outbox, Media, post_id=FIRST)) == {
        "post_id": FIRST,
        "kind": "photo",
        "path": "/media_attachments/files/1/original/a.png",
        "mime": "image/png",
        "width_px": 1200,
        "height_px": 800,
        "alt_text": "A boat",
        "posted_at": POSTED,
    }


def test_reply_and_mention(outbox):
    reply = one(outbox, Post, title="an answer")
    assert reply.reply_to_post_id == "fediverse:https://pier.example/users/otto/statuses/77"
    assert reply.edited_at == from_iso("2026-02-03T06:00:00Z")
    acts = [
        (act.kind, act.account_id, act.target_account_id, act.target_post_id)
        for act in of(outbox, Interaction, post_id=reply.post_id)
    ]
    assert acts == [
        ("reply", LENA, None, reply.reply_to_post_id),
        ("mention", LENA, OTTO, None),
    ]
    assert not of(outbox, Link, post_id=reply.post_id)


def test_repost_of_what_is_elsewhere(outbox):
    repost = one(outbox, Post, kind="repost")
    assert said(repost) == {
        "post_id": "fediverse:https://harbour.example/users/Lena/statuses/103/activity",
        "kind": "repost",
        "account_id": LENA,
        "repost_of_post_id": "fediverse:https://pier.example/users/otto/statuses/78",
        "posted_at": from_iso("2026-02-03T07:00:00Z"),
        "time_quality": "utc",
    }
    act = one(outbox, Interaction, post_id=repost.post_id)
    assert (act.kind, act.target_post_id) == ("repost", repost.repost_of_post_id)


def test_poll(outbox):
    assert one(outbox, Media, kind="poll").alt_text == "Left\nRight"


def test_account():
    assert [said(row) for row in rows_of("actor.json")] == [
        {
            "account_id": LENA,
            "handle": "lena@harbour.example",
            "name": "Lena of the Harbour",
            "description": "Boats & bridges",
            "url": "https://lena.example.org/",
            "avatar_url": "avatar.png",
            "created_at": from_iso("2021-05-06T00:00:00Z"),
            "is_bot": False,
        }
    ]


def test_page_with_offset_and_attached_link(activities):
    post = one(activities, Post, title="A title")
    assert (post.posted_at, post.time_quality) == (from_iso("2026-03-01T08:00:00Z"), "offset")
    assert post.account_id == "fediverse:mira@forum.example"
    link = one(activities, Link, post_id=post.post_id)
    assert (link.url, link.title) == ("https://news.example.net/1", "News")
    assert one(activities, Account, name="Mira").account_id == post.account_id


def test_group_that_announces_what_another_did(activities):
    like = one(activities, Interaction, kind="react", value="like")
    assert (like.account_id, like.target_post_id) == (
        OTTO,
        "fediverse:https://forum.example/post/1",
    )
    assert not of(activities, Post, account_id="fediverse:https://forum.example/c/boats")


def test_repost_with_the_original_inside(activities):
    repost = one(activities, Post, kind="repost")
    original = one(activities, Post, post_id="fediverse:https://misskey.example/notes/9a1")
    assert repost.text == original.text == "original words"
    assert original.account_id == "fediverse:https://misskey.example/ap/users/77"
    assert (original.posted_at, original.time_quality) == (None, "zone_unknown")
    assert original.local_time == "2026-03-01T11:00:00"
    assert original.quote_of_post_id == FIRST
    assert one(activities, Interaction, kind="quote").target_post_id == FIRST
    act = one(activities, Interaction, post_id=repost.post_id)
    assert act.target_account_id == original.account_id


def test_video(activities):
    film = one(activities, Post, title="Harbour film")
    assert film.text == "Filmed *here* <not html>"
    assert film.url == "https://tube.example/w/1"
    assert (film.account_id, film.place) == ("fediverse:ada@tube.example", "North Pier")
    assert (film.latitude, film.longitude) == (53.25, 10.5)
    medium = one(activities, Media, post_id=film.post_id)
    assert (medium.kind, medium.url) == ("video", "https://tube.example/static/1.mp4")


def test_deletions(activities):
    post, repost = of(activities, Deletion)
    assert said(post) == {
        "post_id": "fediverse:https://harbour.example/users/Lena/statuses/99",
        "deleted_at": from_iso("2026-03-03T00:00:00Z"),
        "account_id": LENA,
    }
    assert repost.post_id == one(activities, Post, kind="repost").post_id
    assert repost.deleted_at == from_iso("2026-03-04T00:00:00Z")
    assert one(activities, Account, account_id=OTTO).is_deleted


def test_acts(activities):
    follow = one(activities, Interaction, kind="follow")
    assert (follow.account_id, follow.target_account_id) == (OTTO, LENA)
    assert follow.time_quality == "missing"
    reaction = one(activities, Interaction, value="⛵")
    assert (reaction.kind, reaction.target_post_id) == ("react", FIRST)
    changed = one(activities, Account, account_id=LENA)
    assert (changed.is_bot, changed.is_deleted) == (True, True)


def test_what_is_not_read_is_noted():
    (piece,) = pieces(ACTIVITYPUB, file_capture(FIXTURES / "activities.jsonl"))
    assert all(isinstance(rows, list) for rows in whole(ACTIVITYPUB, piece))
    assert piece.notes == {"Flag: not read": 1}
    likes = (
        b'{"@context": "", "type": "OrderedCollection", "orderedItems": ["https://a.example/1"]}'
    )
    (piece,) = pieces(ACTIVITYPUB, MemoryCapture(likes))
    assert list(whole(ACTIVITYPUB, piece)) == [[]]
    assert piece.notes == {"addresses of objects that are not in the file": 1}


def test_values_in_any_form():
    for author in (
        "https://a.example/@Ada",
        {"id": "https://a.example/users/ada"},
        [{"type": "Person", "id": "https://a.example/u/ADA"}],
    ):
        rows = rows_in({"type": "Note", "id": "https://a.example/1", "attributedTo": author})
        assert of(rows, Post)[0].account_id == "fediverse:ada@a.example"
    strange = {
        "type": "Note",
        "id": "https://a.example/1",
        "likes": {"totalItems": -1},
        "location": {"latitude": True, "longitude": 500},
        "tag": {"type": "Hashtag", "name": "#x"},
        "contentMap": {"de": "<p>eins</p>"},
    }
    post = one(rows_in(strange), Post)
    assert (post.like_count, post.latitude, post.tags) == (None, None, '["x"]')
    assert (post.text, post.language_claimed) == ("eins", "de")


@pytest.mark.parametrize(
    ("faulty", "reason"),
    [
        ({"type": "Note", "content": "x"}, "object without id"),
        ({"type": "Person", "name": "x"}, "account without id"),
        ({"type": "Delete", "actor": "https://a.example/u/a"}, "deletion of nothing"),
        ({"type": "Note", "id": "x", "published": "soon"}, "time unreadable"),
        (7, "unexpected structure"),
    ],
)
def test_faulty_objects(faulty, reason):
    rows, rejected = read(ACTIVITYPUB, MemoryCapture(json.dumps([faulty]).encode()))
    assert not of(rows, Post)
    assert [item.reason for item in rejected] == [reason]


# ---------------------------------------------------------------------- what others make of a file


@pytest.mark.shared_data
def test_agrees_with_granary(shared_data):
    """Granary's tests pair each object with what it means in ActivityStreams 1."""
    folder = shared_data / "formats/granary/granary/tests/testdata"
    compared = 0
    for path in sorted(folder.glob("*.as2.json")):
        partner = path.with_name(path.name.replace(".as2.", ".as."))
        if not partner.exists():
            continue
        rows, rejected = read(ACTIVITYPUB, file_capture(path))
        assert {item.reason for item in rejected} <= {"object without id", "account without id"}
        expected = json.loads(partner.read_text())
        expected = expected.get("object", expected) if "verb" not in expected else expected
        for post in of(rows, Post):
            if post.post_id != f"fediverse:{expected.get('id') or expected.get('url')}":
                continue
            compared += 1
            if post.kind != "repost":
                assert post.text == (html_to_text(expected.get("content", "")) or None), path.name
            answered = expected.get("inReplyTo")
            assert bool(answered) == bool(post.reply_to_post_id), path.name
            assert ("published" in expected) == (post.time_quality != "missing"), path.name
    assert compared >= 8
