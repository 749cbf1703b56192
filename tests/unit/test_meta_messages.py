"""Field by field: what message files of Facebook, Instagram and Messenger become."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clew.contract import Sample
from clew.errors import SourceUnusable
from clew.formats.meta_text import repaired
from clew.model.tables import Account, Channel, Deletion, Interaction, Link, Media, Post, Row
from clew.model.times import from_iso
from clew.sources import meta_messages
from clew.sources.meta_messages import META_MESSAGES
from tests.captures import MemoryCapture, file_capture, pieces, read

FIXTURES = Path(__file__).parents[1] / "fixtures/sources/meta_messages"
START = from_iso("2024-07-08T10:00:00.123Z")
MINUTE = 60 * 10**6


def fixture(name: str) -> list[Row]:
    rows, rejected = read(META_MESSAGES, file_capture(FIXTURES / name))
    assert not rejected
    return rows


@pytest.fixture(scope="module")
def group() -> list[Row]:
    return fixture("message_1.json")


def at(rows: list[Row], minute: int) -> Post:
    return next(
        row for row in rows if isinstance(row, Post) and row.posted_at == START + minute * MINUTE
    )


def of(rows: list[Row], kind: type, minute: int) -> list:
    post = at(rows, minute)
    return [row for row in rows if type(row) is kind and row.post_id == post.post_id]


def test_text_is_repaired(group):
    post = at(group, 0)
    assert post.text == "Guten Morgen 🌹, wer sah den Kran?"
    assert post.account_id == "meta:Zoë Invented"
    assert post.channel_id == "meta:1020607209615404"
    assert post.time_quality == "utc"
    assert at(group, 10).text == "already fixed: Привет"


@given(st.text())
def test_any_text_comes_back(text):
    assert repaired(text.encode(errors="replace").decode("latin-1")) == (
        text.encode(errors="replace").decode() or None
    )


@pytest.mark.parametrize("text", ["ascii", "é", "Zoë", "Привет", "naïve façade", "😀"])
def test_right_text_stays(text):
    assert repaired(text) == text


def test_chat(group):
    (channel,) = [row for row in group if isinstance(row, Channel)]
    assert channel == Channel(
        channel_id="meta:1020607209615404",
        platform="meta",
        kind="RegularGroup",
        name="Hafen – Gruppe",
        url="https://m.me/j/invented/",
        members_count=3,
    )
    assert {row.name for row in group if isinstance(row, Account)} == {
        "Zoë Invented",
        "Oleg",
        "Mira",
        "Lena",
    }


def test_reactions(group):
    assert at(group, 1).reactions == '{"👍": 2}'
    acts = [row for row in group if isinstance(row, Interaction) and row.kind == "react"]
    assert [(act.account_id, act.target_account_id, act.value) for act in acts] == [
        ("meta:Zoë Invented", "meta:Oleg", "👍"),
        ("meta:Mira", "meta:Oleg", "👍"),
    ]
    assert {(act.happened_at, act.time_quality) for act in acts} == {(None, "missing")}


def test_carried(group):
    assert [(row.kind, row.name) for row in of(group, Media, 2)] == [
        ("photo", "31.jpg"),
        ("video", "32.mp4"),
    ]
    assert of(group, Media, 9)[0].kind == "sticker"
    (link,) = of(group, Link, 3)
    assert (link.url, link.description) == ("https://news.example/a", "Ein Kran fiel – gestern")


@pytest.mark.parametrize(
    ("minute", "action", "act"),
    [
        (4, "Subscribe", ("invite", "meta:Mira", "meta:Lena")),
        (5, "Unsubscribe", ("leave", "meta:Lena", None)),
        (6, "Call", None),
    ],
)
def test_notices(group, minute, action, act):
    post = at(group, minute)
    assert (post.kind, post.action) == ("service", action)
    acts = of(group, Interaction, minute)
    assert [(row.kind, row.account_id, row.target_account_id) for row in acts] == (
        [act] if act else []
    )


def test_taken_back(group):
    assert at(group, 7).text is None
    assert of(group, Deletion, 7) == [
        Deletion(post_id=at(group, 7).post_id, platform="meta", account_id="meta:Oleg")
    ]


def test_account_that_is_gone(group):
    post = at(group, 8)
    assert (post.account_id, post.author_name) == (None, "Facebook user")


def test_instagram():
    rows = fixture("instagram.json")
    (reaction,) = [row for row in rows if isinstance(row, Interaction)]
    assert (reaction.happened_at, reaction.time_quality) == (
        from_iso("2024-07-08T10:03:19Z"),
        "utc",
    )
    assert at(rows, 0).account_id == "meta:Zoë"
    assert next(row for row in rows if isinstance(row, Channel)).kind == "inbox"


def test_encrypted_chats_need_no_repair():
    rows = fixture("messenger_e2ee.json")
    first, second, third = (row for row in rows if isinstance(row, Post))
    assert first.text == "Grüße, Ã¤ is what I typed"
    assert first.account_id == "meta:Zoë Invented"
    assert [(row.kind, row.path) for row in rows if isinstance(row, Media)] == [
        ("photo", "./media/a1.jpeg"),
        ("file", None),
    ], "a sentence instead of a path"
    assert second.text is None
    assert third.text is None
    assert [row.post_id for row in rows if isinstance(row, Deletion)] == [third.post_id]


def test_pieces_know_the_chat_that_stands_behind_them(monkeypatch):
    capture = file_capture(FIXTURES / "message_1.json")
    whole, _ = read(META_MESSAGES, capture)
    cut = meta_messages.cut_json
    monkeypatch.setattr(
        meta_messages, "cut_json", lambda *args, **more: cut(*args, **more, target=1500)
    )
    assert len(pieces(META_MESSAGES, capture)) > 1
    assert read(META_MESSAGES, capture)[0] == whole


def test_two_parts_of_a_chat_are_one_chat():
    export = json.loads((FIXTURES / "message_1.json").read_bytes())
    export["title"] = "renamed"
    export["thread_path"] = "archived_threads/renamed_1020607209615404"
    later, _ = read(META_MESSAGES, MemoryCapture(json.dumps(export).encode()))
    ids = [
        {row.post_id for row in rows if isinstance(row, Post)}
        for rows in (later, fixture("message_1.json"))
    ]
    assert ids[0] == ids[1]


def test_one_bad_message_costs_only_itself():
    export = json.loads((FIXTURES / "message_1.json").read_bytes())
    export["messages"][0]["timestamp_ms"] = 10**17
    export["messages"][1]["photos"] = "no list"
    rows, rejected = read(META_MESSAGES, MemoryCapture(json.dumps(export).encode()))
    assert [error.reason for error in rejected] == ["time out of range", "unexpected structure"]
    assert sum(isinstance(row, Post) for row in rows) == 9


def test_half_a_file_is_refused():
    data = (FIXTURES / "message_1.json").read_bytes()
    with pytest.raises(SourceUnusable):
        read(META_MESSAGES, MemoryCapture(data[: len(data) // 2]))


@pytest.mark.parametrize(
    "head",
    [
        b'{"messages":[{"from":"x","text":"y"}]}',
        b'[{"sender_name":"x","timestamp_ms":1}]',
        b'{"name":"x","messages":[{"sender_name":1,"timestamp_ms":1}]}',
    ],
)
def test_other_files_are_not_claimed(head):
    assert META_MESSAGES.recognise(Sample(name="message_1.json", head=head, size=len(head))) == 0


@pytest.mark.shared_data
def test_recording_against_chat_miner(shared_data):
    """Times, authors and words as that program expects them (it gives times without zone)."""
    folder = shared_data / "formats/chat_miner/test/instagram"
    capture = file_capture(folder / "test_export.json")
    rows, rejected = read(META_MESSAGES, capture)
    assert not rejected
    plain = json.loads((folder / "test_export.json").read_bytes())["messages"]
    expected = Counter((m["sender_name"], m["timestamp_ms"] * 1000, m["content"]) for m in plain)
    posts = [row for row in rows if isinstance(row, Post)]
    assert expected == Counter(
        (post.account_id.partition(":")[2], post.posted_at, post.text) for post in posts
    )
    target = json.loads((folder / "target.json").read_text())
    assert Counter(m["message"] for m in target) == Counter(post.text for post in posts)
