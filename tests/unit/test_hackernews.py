"""What does `hackernews` say of each field? On invented items."""

from __future__ import annotations

import json
import time
from collections import Counter
from pathlib import Path

import pytest

from clew.case.reading import whole
from clew.model.tables import Account, Deletion, Interaction, Link, Media, Post, Row
from clew.model.times import from_seconds
from clew.sources.hackernews import HACKERNEWS
from tests.captures import MemoryCapture, file_capture, pieces, read, said

FIXTURES = Path(__file__).parents[1] / "fixtures/sources/hackernews"
STORY, COMMENT, REPLY = (f"hackernews:{number}" for number in (101, 102, 103))
LENA, OTTO = "hackernews:lena_h", "hackernews:otto"
LONG = "https://news.example.net/a-very-long-path/that-goes-on-and-on-and-on/index.html"


def of(rows: list[Row], kind: type[Row], /, **known: object) -> list[Row]:
    return [
        row
        for row in rows
        if type(row) is kind and all(getattr(row, name) == value for name, value in known.items())
    ]


def one(rows: list[Row], kind: type[Row], /, **known: object) -> Row:
    (row,) = of(rows, kind, **known)
    return row


def rows_of(name: str) -> list[Row]:
    rows, rejected = read(HACKERNEWS, file_capture(FIXTURES / name))
    assert not rejected, rejected
    return rows


def rows_in(*items: object) -> list[Row]:
    rows, rejected = read(HACKERNEWS, MemoryCapture(json.dumps(items).encode()))
    assert not rejected, rejected
    return rows


@pytest.fixture(scope="module")
def rows() -> list[Row]:
    return rows_of("items.jsonl")


def test_story(rows):
    assert said(one(rows, Post, post_id=STORY)) == {
        "post_id": STORY,
        "kind": "post",
        "account_id": LENA,
        "thread_id": STORY,
        "posted_at": from_seconds(1770091506),
        "time_quality": "utc",
        "title": "Show: boats & bridges",
        "like_count": 42,
        "reply_count": 3,
    }
    assert one(rows, Link, post_id=STORY).url == "https://boats.example.com/list"


def test_comment(rows):
    at = from_seconds(1770091600)
    assert said(one(rows, Post, post_id=COMMENT)) == {
        "post_id": COMMENT,
        "kind": "comment",
        "account_id": OTTO,
        "reply_to_post_id": STORY,
        "posted_at": at,
        "time_quality": "utc",
        "text": f"I like boats.\n\nSee {LONG} & more",
        "reply_count": 1,
    }
    assert one(rows, Link, post_id=COMMENT).url == LONG
    assert said(one(rows, Interaction, post_id=COMMENT)) == {
        "kind": "reply",
        "account_id": OTTO,
        "post_id": COMMENT,
        "target_post_id": STORY,
        "happened_at": at,
        "time_quality": "utc",
    }


def test_deleted_and_hidden(rows):
    assert said(one(rows, Deletion)) == {"post_id": "hackernews:104"}
    assert not of(rows, Post, post_id="hackernews:104")
    assert one(rows, Post, post_id="hackernews:105").text == "[flagged]"


def test_poll(rows):
    poll = one(rows, Post, title="Ask: which?")
    assert poll.text == "Which boat?\n\nAsking."
    choice = one(rows, Media)
    assert (choice.post_id, choice.kind) == (poll.post_id, "poll")
    assert (choice.media_key, choice.alt_text) == ("107", 'The "red" one')


def test_accounts(rows):
    assert said(of(rows, Account, account_id=LENA)[-1]) == {
        "account_id": LENA,
        "handle": "lena_h",
        "description": "Boats & bridges",
        "created_at": from_seconds(1600000000),
        "posts_count": 2,
    }
    assert said(one(rows, Account, account_id=OTTO)) == {"account_id": OTTO, "handle": "otto"}
    assert one(rows_of("user.json"), Account).description == "Boats & bridges"


def test_search_says_the_same(rows):
    found = rows_of("search.json")
    assert one(found, Post, post_id=STORY) == one(rows, Post, post_id=STORY)
    comment = one(found, Post, post_id=COMMENT)
    assert comment.thread_id == STORY
    assert comment.text == one(rows, Post, post_id=COMMENT).text
    assert of(found, Link) == of(rows, Link)


def test_thread_of_the_search():
    found = rows_of("thread.json")
    assert [post.post_id for post in of(found, Post)] == [STORY, COMMENT, REPLY]
    assert {post.thread_id for post in of(found, Post)} == {STORY}
    acts = {(act.account_id, act.target_account_id, act.target_post_id)
            for act in of(found, Interaction)}  # fmt: skip
    assert acts == {(OTTO, LENA, STORY), (LENA, OTTO, COMMENT)}


def test_list_says_the_same_as_lines(rows):
    assert rows_of("items.json") == rows
    assert rows_of("item.json") == [
        Account(account_id=LENA, platform="hackernews", handle="lena_h"),
        one(rows, Post, post_id=STORY),
        one(rows, Link, post_id=STORY),
    ]


def test_notes():
    notes: Counter[str] = Counter()
    for name in ("items.jsonl", "thread.json"):
        (piece,) = pieces(HACKERNEWS, file_capture(FIXTURES / name))
        assert list(whole(HACKERNEWS, piece))
        notes += piece.notes
    assert notes == {
        "ids of which the API has no item": 1,
        "posts that the site's moderators or readers hid": 1,
        "items without author and text: deleted or hidden, not read": 1,
    }


def test_items_as_exported_from_bigquery():
    (post,) = of(rows_in({"id": "1", "by": "a", "type": "story", "time": "1600000000"}), Post)
    assert (post.post_id, post.posted_at) == ("hackernews:1", from_seconds(1600000000))


def test_shortened_address_that_is_another_stays():
    text = '<a href="https://evil.example/">https://good.example/...</a>'
    (post,) = of(rows_in({"id": 1, "by": "a", "type": "comment", "text": text}), Post)
    assert post.text == "https://good.example/..."


def test_many_links_take_linear_time():
    link = '<a href="https://a.example/long">https://a.example/...</a> '
    began = time.process_time()
    (post,) = of(rows_in({"id": 1, "by": "a", "type": "comment", "text": link * 20_000}), Post)
    assert post.text.count("long") == 20_000
    assert time.process_time() - began < 5


@pytest.mark.parametrize(
    ("faulty", "reason"),
    [
        ({"by": "a", "type": "story"}, "item without id"),
        ({"id": "x/1", "by": "a", "type": "story"}, "item without id"),
        ({"id": 1, "by": "a", "type": "story", "time": -5}, "time out of range"),
        ({"id": 1, "by": ["a"]}, "unexpected structure"),
        ({"id": 1, "karma": 3}, "user without name"),
        ({"id": 1, "by": "a", "type": "pollopt"}, "choice without its poll"),
    ],
)
def test_faulty_items(faulty, reason):
    found, rejected = read(HACKERNEWS, MemoryCapture(json.dumps([faulty]).encode()))
    assert not found
    assert [item.reason for item in rejected] == [reason]
