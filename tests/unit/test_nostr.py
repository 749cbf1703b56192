"""What does `nostr` say of each kind of event? On invented events."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from pathlib import Path

import pytest

from clew.case.reading import whole
from clew.model.tables import Account, Deletion, Interaction, Link, Media, Post, Row
from clew.model.times import from_seconds
from clew.sources.nostr import NOSTR
from tests.captures import MemoryCapture, file_capture, pieces, read, said

FIXTURES = Path(__file__).parents[1] / "fixtures/sources/nostr"
LENA, OTTO, MIRA = (f"nostr:{byte * 32}" for byte in ("1e", "07", "31"))
POSTED = from_seconds(1770091506)


def of(rows: list[Row], kind: type[Row], /, **known: object) -> list[Row]:
    return [
        row
        for row in rows
        if type(row) is kind and all(getattr(row, name) == value for name, value in known.items())
    ]


def one(rows: list[Row], kind: type[Row], /, **known: object) -> Row:
    (row,) = set(of(rows, kind, **known))
    return row


def event(kind: int, content: str = "", *tags: list[str], pubkey: str = "1e" * 32) -> dict:
    """An event as a client makes it: its id is the hash of this JSON (NIP-01)."""
    said = [0, pubkey, 1770091506, kind, list(tags), content]
    text = json.dumps(said, separators=(",", ":"), ensure_ascii=False)
    return {
        "id": hashlib.sha256(text.encode()).hexdigest(),
        "pubkey": pubkey,
        "created_at": 1770091506,
        "kind": kind,
        "tags": list(tags),
        "content": content,
        "sig": "00" * 64,
    }


def lines_of(*events: object) -> MemoryCapture:
    return MemoryCapture("\n".join(json.dumps(it, ensure_ascii=False) for it in events).encode())


def notes_of(capture: MemoryCapture) -> Counter[str]:
    notes: Counter[str] = Counter()
    for piece in pieces(NOSTR, capture):
        assert list(whole(NOSTR, piece))
        notes += piece.notes
    return notes


@pytest.fixture(scope="module")
def rows() -> list[Row]:
    rows, rejected = read(NOSTR, file_capture(FIXTURES / "events.jsonl"))
    assert not rejected, rejected
    return rows


@pytest.fixture(scope="module")
def note(rows) -> Post:
    return one(rows, Post, title="Boats")


def test_profile(rows):
    assert said(one(rows, Account)) == {
        "account_id": LENA,
        "handle": "lena@harbour.example",
        "name": "Lena of the Harbour",
        "description": "Boats\n& bridges",
        "url": "https://lena.example.org",
        "avatar_url": "https://files.example.com/l.png",
        "is_bot": False,
    }


def test_note(rows, note):
    assert said(note) == {
        "post_id": note.post_id,
        "kind": "post",
        "account_id": LENA,
        "thread_id": note.post_id,
        "posted_at": POSTED,
        "time_quality": "claimed",
        "title": "Boats",
        "text": 'Böote 🚢 at https://boats.example.com\n"quoted" \\ tab\t#harbour',
        "language_claimed": "de",
        "client": "Example",
        "tags": '["harbour"]',
    }
    assert one(rows, Link, post_id=note.post_id).url == "https://boats.example.com"
    assert said(one(rows, Media)) == {
        "post_id": note.post_id,
        "kind": "photo",
        "media_key": "ab" * 32,
        "url": "https://files.example.com/b.jpg",
        "mime": "image/jpeg",
        "width_px": 1200,
        "height_px": 800,
        "alt_text": "A boat",
        "posted_at": POSTED,
    }


def test_replies_by_marker_and_by_place(rows, note):
    reply = one(rows, Post, text="which?")
    assert (reply.thread_id, reply.reply_to_post_id) == (note.post_id, note.post_id)
    for words in ("those", "old style"):
        post = one(rows, Post, text=words)
        assert (post.thread_id, post.reply_to_post_id) == (note.post_id, reply.post_id)
        act = one(rows, Interaction, post_id=post.post_id, kind="reply")
        assert (act.account_id, act.target_account_id) == (MIRA, OTTO)
        assert act.target_post_id == reply.post_id
    deep = one(rows, Post, text="those")
    assert deep.quote_of_post_id == note.post_id
    mentions = of(rows, Interaction, post_id=deep.post_id, kind="mention")
    assert [act.target_account_id for act in mentions] == [LENA, OTTO]
    assert one(rows, Interaction, kind="quote").target_post_id == note.post_id


def test_event_that_is_only_mentioned_is_no_reply():
    rows, _ = read(NOSTR, lines_of(event(1, "x", ["e", "ab" * 32, "", "mention"])))
    assert of(rows, Post)[0].reply_to_post_id is None
    assert not of(rows, Interaction)


def test_follows_and_reactions(rows, note):
    follows = of(rows, Interaction, kind="follow")
    assert [(act.account_id, act.target_account_id) for act in follows] == [
        (OTTO, LENA),
        (OTTO, MIRA),
    ]
    like, emoji = of(rows, Interaction, kind="react")
    assert said(like) == {
        "kind": "react",
        "account_id": MIRA,
        "target_account_id": LENA,
        "target_post_id": note.post_id,
        "happened_at": from_seconds(1770092000),
        "time_quality": "claimed",
        "value": "like",
    }
    assert (emoji.value, emoji.target_account_id) == ("⛵", OTTO)


def test_repost(rows, note):
    repost = one(rows, Post, kind="repost")
    assert (repost.account_id, repost.repost_of_post_id) == (OTTO, note.post_id)
    assert repost.text == note.text
    assert len(of(rows, Post, post_id=note.post_id)) == 2, "the original is inside, too"
    act = one(rows, Interaction, kind="repost")
    assert (act.post_id, act.target_account_id) == (repost.post_id, LENA)


def test_repost_with_a_forged_original():
    forged = event(1, "true words") | {"content": "false words"}
    for inside in (json.dumps(forged), "{"):
        capture = lines_of(event(6, inside, ["e", forged["id"]]))
        rows, rejected = read(NOSTR, capture)
        assert not rejected
        (repost,) = of(rows, Post)
        assert (repost.text, repost.repost_of_post_id) == (None, f"nostr:{forged['id']}")
        assert notes_of(capture)["reposts with something else than an event inside: left out"] == 1


def test_deletion(rows):
    assert said(one(rows, Deletion)) == {
        "post_id": one(rows, Post, text="old style").post_id,
        "deleted_at": from_seconds(1770092100),
        "account_id": MIRA,
    }


def test_article_and_comment(rows):
    article = one(rows, Post, kind="article")
    assert article.post_id == f"nostr:30023:{'1e' * 32}:harbour"
    assert (article.posted_at, article.edited_at) == (
        from_seconds(1770000000),
        from_seconds(1770092200),
    )
    assert article.title == "The harbour"
    comment = one(rows, Post, kind="comment")
    assert comment.thread_id == comment.reply_to_post_id == article.post_id


@pytest.mark.parametrize("name", ["frames.jsonl", "events.json"])
def test_other_containers_say_the_same(rows, name):
    assert read(NOSTR, file_capture(FIXTURES / name))[0] == rows


def test_what_is_not_read_is_noted():
    assert notes_of(file_capture(FIXTURES / "frames.jsonl")) == {
        "events of kind 4: not read": 1,
        "messages of a relay that are no events: not read": 1,
    }


def test_altered_events_are_rejected():
    good = event(1, "words")
    altered = [good | {"content": "other"}, good | {"created_at": 1}, good | {"pubkey": "00" * 32}]
    rows, rejected = read(NOSTR, lines_of(*altered))
    assert not rows
    assert [item.reason for item in rejected] == ["id is not the hash of the event"] * 3


@pytest.mark.parametrize(
    ("faulty", "reason"),
    [
        (event(1) | {"id": "zz"}, "unexpected structure"),
        (event(1) | {"tags": [[1]]}, "unexpected structure"),
        (event(0, "no JSON"), "not JSON"),
        (event(30023, "", ["published_at", "soon"]), "time unreadable"),
        (["EVENT", {}], "unexpected structure"),
    ],
)
def test_faulty_events(faulty, reason):
    rows, rejected = read(NOSTR, lines_of(faulty, faulty))
    assert not rows
    assert [item.reason for item in rejected] == [reason] * 2


@pytest.mark.parametrize("content", ["\x01\x1f\x7f\u2028", '"\\/\b\f\n\r\t', "é🚢", ""])
def test_hash_is_of_the_json_that_clients_write(content):
    rows, rejected = read(NOSTR, lines_of(event(1, content, ["t", content])))
    assert not rejected
    assert of(rows, Post)[0].text == (content or None)
