"""What does `mastodon_api` say of each field? Invented fixtures, and real recordings."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

import pytest
import yaml

from clew.case.reading import whole
from clew.model.tables import Account, Interaction, Link, Media, Post, Row
from clew.model.times import from_iso
from clew.sources.mastodon_api import MASTODON_API
from tests.captures import MemoryCapture, file_capture, pieces, read, said

FIXTURES = Path(__file__).parents[1] / "fixtures/sources/mastodon_api"
LENA, OTTO = "fediverse:lena@harbour.example", "fediverse:otto@pier.example"
FIRST = "fediverse:https://harbour.example/users/Lena/statuses/101"
REPLY = "fediverse:https://pier.example/users/otto/statuses/77"
POSTED = from_iso("2026-02-03T04:05:06.789Z")


def rows_of(name: str) -> list[Row]:
    rows, rejected = read(MASTODON_API, file_capture(FIXTURES / name))
    assert not rejected, rejected
    return rows


def of(rows: list[Row], kind: type[Row], /, **known: object) -> list[Row]:
    return [
        row
        for row in rows
        if type(row) is kind and all(getattr(row, name) == value for name, value in known.items())
    ]


def one(rows: list[Row], kind: type[Row], /, **known: object) -> Row:
    (row,) = set(of(rows, kind, **known))
    return row


@pytest.fixture(scope="module")
def timeline() -> list[Row]:
    return rows_of("timeline.json")


def test_post(timeline):
    assert said(one(timeline, Post, post_id=FIRST)) == {
        "post_id": FIRST,
        "kind": "post",
        "account_id": LENA,
        "posted_at": POSTED,
        "time_quality": "utc",
        "edited_at": from_iso("2026-02-03T05:00:00Z"),
        "text": "Boats & bridges #Harbour\nhttps://boats.example.com/list?a=1&b=2",
        "url": "https://harbour.example/@Lena/101",
        "language_claimed": "en",
        "client": "Web",
        "like_count": 3,
        "reply_count": 1,
        "repost_count": 2,
        "quote_count": 0,
        "tags": '["Harbour"]',
    }


def test_link_takes_what_the_card_says_and_tags_are_none(timeline):
    assert said(one(timeline, Link)) == {
        "post_id": FIRST,
        "url": "https://boats.example.com/list?a=1&b=2",
        "title": "Boats",
        "description": "All boats",
        "posted_at": POSTED,
    }


def test_media(timeline):
    photo, animation = of(timeline, Media, post_id=FIRST)[:2]
    assert said(photo) == {
        "post_id": FIRST,
        "kind": "photo",
        "url": "https://files.example.com/a.png",
        "width_px": 1200,
        "height_px": 800,
        "alt_text": "A boat",
        "posted_at": POSTED,
    }
    assert (animation.kind, animation.url) == ("animation", "https://files.example.org/b.mp4")
    assert animation.duration_s == 4.5
    assert one(timeline, Media, kind="poll").alt_text == "Left\nRight"


def test_account(timeline):
    assert said(one(timeline, Account, account_id=LENA)) == {
        "account_id": LENA,
        "handle": "lena@harbour.example",
        "name": "Lena",
        "description": "Invented Lena & friends",
        "url": "https://Lena.example.org/",
        "avatar_url": "https://files.example.com/Lena.png",
        "created_at": from_iso("2021-05-06T00:00:00Z"),
        "followers_count": 12,
        "following_count": 3,
        "posts_count": 45,
        "is_bot": False,
    }
    otto = one(timeline, Account, account_id=OTTO)
    assert (otto.is_bot, otto.name, otto.description, otto.url) == (True, None, None, None)
    assert otto.followers_count is None, "-1 is no count"


def test_reply_is_resolved_to_the_address_of_the_post(timeline):
    reply = one(timeline, Post, post_id=REPLY)
    assert (reply.reply_to_post_id, reply.title) == (FIRST, "a question")
    assert reply.text == "@Lena which ones?"
    acts = {
        (act.kind, act.account_id, act.target_account_id, act.target_post_id)
        for act in of(timeline, Interaction, post_id=REPLY)
    }
    assert acts == {("reply", OTTO, LENA, FIRST), ("mention", OTTO, LENA, None)}
    assert not of(timeline, Link, post_id=REPLY), "a mention is no link"


def test_reply_to_a_post_that_is_not_there_keeps_its_number(timeline):
    post = one(timeline, Post, text="To one who is not here")
    assert post.reply_to_post_id == "fediverse:harbour.example/55"
    act = one(timeline, Interaction, post_id=post.post_id)
    assert (act.kind, act.target_account_id) == ("reply", None)
    assert act.target_post_id == post.reply_to_post_id


def test_repost_and_quote(timeline):
    repost = one(timeline, Post, kind="repost")
    assert repost.post_id == "fediverse:https://pier.example/users/otto/statuses/78/activity"
    assert (repost.account_id, repost.repost_of_post_id) == (OTTO, FIRST)
    assert repost.text == one(timeline, Post, post_id=FIRST).text
    assert repost.tags == '["Harbour"]'
    assert not of(timeline, Media, post_id=repost.post_id)
    act = one(timeline, Interaction, post_id=repost.post_id)
    assert (act.kind, act.target_account_id, act.target_post_id) == ("repost", LENA, FIRST)
    quote = one(timeline, Post, text="See")
    assert quote.quote_of_post_id == REPLY
    act = one(timeline, Interaction, post_id=quote.post_id)
    assert (act.kind, act.target_account_id, act.target_post_id) == ("quote", OTTO, REPLY)


def test_lines_say_the_same_as_a_list(timeline):
    assert rows_of("timeline.jsonl") == timeline


def test_context(timeline):
    rows = rows_of("context.json")
    assert one(rows, Post, post_id=FIRST) == one(timeline, Post, post_id=FIRST)
    last = one(rows, Post, text="All of them")
    assert last.reply_to_post_id == "fediverse:harbour.example/102"


def test_notifications():
    rows = rows_of("notifications.json")
    like, repost = of(rows, Interaction, account_id=OTTO)
    assert said(like) == {
        "kind": "react",
        "account_id": OTTO,
        "target_account_id": LENA,
        "target_post_id": FIRST,
        "happened_at": from_iso("2026-02-04T00:00:00Z"),
        "time_quality": "utc",
        "value": "favourite",
    }
    assert (repost.kind, repost.post_id, repost.target_post_id) == ("repost", None, FIRST)
    assert one(rows, Account, account_id="fediverse:mira@quay.example").is_deleted


def test_search_and_single_account():
    rows = rows_of("search.json")
    assert {row.account_id for row in of(rows, Account)} == {LENA, OTTO}
    assert len(of(rows, Post)) == 1
    assert rows_of("account.json") == [one(rows, Account, account_id=LENA)]


def test_same_account_seen_from_another_server():
    local = {"username": "Ada", "acct": "Ada", "url": "https://social.example/@Ada", "note": ""}
    remote = local | {"acct": "Ada@example.com"}  # its address differs from its server
    rows, _ = read(MASTODON_API, MemoryCapture(json.dumps([local, remote]).encode()))
    assert {row.account_id for row in rows} == {"fediverse:ada@social.example"}


def test_what_is_not_read_is_noted():
    capture = MemoryCapture(b'[{"id": "1", "phrase": "x"}]')
    (piece,) = pieces(MASTODON_API, capture)
    assert not [row for rows in whole(MASTODON_API, piece) for row in rows]
    assert sum(piece.notes.values()) == 1


def test_faulty_records_cost_themselves():
    lines = [
        {"uri": "https://a.example/1", "content": "x", "created_at": "soon"},
        {"uri": "https://a.example/2", "content": ["x"]},
        {"acct": "", "username": "", "note": ""},
        {"uri": "https://a.example/3", "content": "kept"},
    ]
    rows, rejected = read(MASTODON_API, MemoryCapture("\n".join(map(json.dumps, lines)).encode()))
    assert [item.reason for item in rejected] == [
        "time unreadable",
        "unexpected structure",
        "account without name or address",
    ]
    assert [row.text for row in of(rows, Post)] == ["kept"]
    assert of(rows, Post)[0].time_quality == "missing"


# ------------------------------------------------------------------------------- real recordings


def walk(value: object):
    """Every object within a JSON value."""
    if isinstance(value, dict):
        yield value
    for part in value.values() if isinstance(value, dict) else value:
        if isinstance(part, dict | list):
            yield from walk(part)


@pytest.mark.shared_data
def test_real_recordings(shared_data):
    counts: Counter[str] = Counter()
    for path in sorted(shared_data.glob("formats/mastodon_py_cassettes/tests/*/*.yaml")):
        for exchange in yaml.load(path.read_text(), Loader=yaml.CSafeLoader)["interactions"]:
            body = exchange["response"]["body"]["string"]
            capture = MemoryCapture(body if isinstance(body, bytes) else body.encode())
            if MASTODON_API.recognise(capture.sample) == 0:
                continue
            rows, rejected = read(MASTODON_API, capture)
            assert not rejected
            inside = list(walk(json.loads(body)))
            statuses = {it["uri"] for it in inside if "reblogs_count" in it}
            accounts = {it["url"] for it in inside if "statuses_count" in it}
            pictures = {
                (it["uri"], picture["id"])
                for it in inside
                for picture in it.get("media_attachments", ())
                if it.get("reblog", 0) is None
            }
            posts = {row.post_id for row in of(rows, Post)}
            assert posts == {f"fediverse:{uri}" for uri in statuses}
            assert len({row.account_id for row in of(rows, Account)}) == len(accounts)
            media = {(row.post_id, row.url) for row in of(rows, Media) if row.kind != "poll"}
            assert len(media) == len(pictures)
            counts.update(posts=len(statuses), accounts=len(accounts), media=len(pictures))
    assert counts["posts"] > 50
    assert counts["accounts"] > 100
    assert counts["media"] > 5
