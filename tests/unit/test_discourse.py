"""What does `discourse` say of each field? On invented answers."""

from __future__ import annotations

import json
import time
from collections import Counter
from pathlib import Path

import pytest

from clew.case.reading import whole
from clew.errors import SourceUnusable
from clew.model.tables import Account, Deletion, Interaction, Link, Media, Post, Row
from clew.model.times import from_iso
from clew.sources.discourse import DISCOURSE
from tests.captures import MemoryCapture, file_capture, pieces, read, said

FIXTURES = Path(__file__).parents[1] / "fixtures/sources/discourse"
FORUM = "discourse:forum.example.org"
LENA, OTTO, MIA = (f"{FORUM}/u/{name}" for name in ("lena_h", "otto", "mia"))
ASKED = from_iso("2026-03-04T05:01:07.089Z")


def of(rows: list[Row], kind: type[Row], /, **known: object) -> list[Row]:
    return [
        row
        for row in rows
        if type(row) is kind and all(getattr(row, name) == value for name, value in known.items())
    ]


def one(rows: list[Row], kind: type[Row], /, **known: object) -> Row:
    (row,) = of(rows, kind, **known)
    return row


def rows_of(name: str, **options: str) -> list[Row]:
    rows, rejected = read(DISCOURSE, file_capture(FIXTURES / name), **options)
    assert not rejected, rejected
    return rows


def rows_in(answer: object) -> list[Row]:
    capture = MemoryCapture(json.dumps(answer).encode())
    rows, rejected = read(DISCOURSE, capture, site="forum.example.org")
    assert not rejected, rejected
    return rows


def post(**fields: object) -> dict[str, object]:
    return {"topic_id": 42, "post_number": 2, "cooked": "<p>Fog</p>", **fields}


@pytest.fixture(scope="module")
def rows() -> list[Row]:
    return rows_of("topic.json")


def test_first_post(rows):
    assert said(one(rows, Post, post_id=f"{FORUM}/42/1")) == {
        "post_id": f"{FORUM}/42/1",
        "kind": "post",
        "account_id": LENA,
        "channel_id": f"{FORUM}/c/6",
        "thread_id": f"{FORUM}/42/1",
        "posted_at": ASKED,
        "time_quality": "utc",
        "edited_at": from_iso("2026-03-05T01:02:03.004Z"),
        "title": "Harbour lights",
        "text": "Which lights burn? :bulb: See the news & @Otto.\n\nlist.pdf (12.5 KB)",
        "url": "/t/harbour-lights/42/1",
        "like_count": 5,
        "reply_count": 6,
        "view_count": 310,
        "reactions": '{"heart":4,"clap":1}',
        "tags": '["harbour","night"]',
    }


def test_reply(rows):
    assert said(one(rows, Post, post_id=f"{FORUM}/42/2")) == {
        "post_id": f"{FORUM}/42/2",
        "kind": "comment",
        "account_id": OTTO,
        "channel_id": f"{FORUM}/c/6",
        "thread_id": f"{FORUM}/42/1",
        "reply_to_post_id": f"{FORUM}/42/1",
        "quote_of_post_id": f"{FORUM}/42/1",
        "posted_at": from_iso("2026-03-04T05:02:07.089Z"),
        "time_quality": "utc",
        "text": "Lena_H:\n\nWhich lights burn?\n\nThe green one.",
        "url": "/t/harbour-lights/42/2",
        "like_count": 1,
        "reply_count": 2,
    }


def test_hidden_and_deleted(rows):
    hidden, withdrawn, removed = (one(rows, Post, post_id=f"{FORUM}/42/{n}") for n in (3, 4, 5))
    assert (hidden.text, hidden.deleted_at) == (None, None)
    assert withdrawn.text is None  # the forum's words, not the author's
    assert removed.text == "Sold cheap, ask me."
    gone_at = from_iso("2026-03-04T07:00:00.000Z")
    assert removed.deleted_at == gone_at
    assert [said(row) for row in of(rows, Deletion)] == [
        {"post_id": f"{FORUM}/42/4", "account_id": MIA},
        {"post_id": f"{FORUM}/42/5", "account_id": OTTO, "deleted_at": gone_at},
    ]


def test_hidden_is_noted():
    (piece,) = pieces(DISCOURSE, file_capture(FIXTURES / "topic.json"))
    list(whole(DISCOURSE, piece))
    assert piece.notes == {"posts that the forum hid": 1}


def test_service_post(rows):
    closed = one(rows, Post, post_id=f"{FORUM}/42/6")
    assert (closed.kind, closed.action, closed.text) == ("service", "closed.enabled", None)


def test_author_who_is_gone(rows):
    last = one(rows, Post, post_id=f"{FORUM}/42/7")
    assert (last.account_id, last.language_claimed) == (None, "de")
    assert last.quote_of_post_id == f"{FORUM}/41/9"


def test_acts(rows):
    acts = [
        (row.kind.value, row.account_id, row.target_account_id, row.target_post_id, row.value)
        for row in of(rows, Interaction)
    ]
    asked, answer = f"{FORUM}/42/1", f"{FORUM}/42/2"
    assert acts == [
        ("mention", LENA, OTTO, None, None),
        ("react", OTTO, None, asked, "Red & white"),
        ("reply", OTTO, LENA, asked, None),
        ("quote", OTTO, LENA, asked, None),
        ("mention", OTTO, MIA, None, None),
        ("reply", MIA, None, answer, None),
        ("quote", None, None, f"{FORUM}/41/9", None),
    ]
    vote = one(rows, Interaction, kind="react")
    assert (vote.happened_at, vote.time_quality) == (None, "missing")
    assert one(rows, Interaction, kind="reply", account_id=OTTO).happened_at is not None


def test_links_and_media(rows):
    assert said(one(rows, Link)) == {
        "post_id": f"{FORUM}/42/1",
        "url": "https://news.example.com/lights",
        "title": "Lights of the harbour",
        "posted_at": ASKED,
    }
    photo, file, poll = (said(row) for row in of(rows, Media))
    about = {"post_id": f"{FORUM}/42/1", "posted_at": ASKED}
    assert photo == about | {
        "kind": "photo",
        "url": "https://cdn.example.org/original/1X/ab.jpeg",
        "alt_text": "pier at night",
    }
    assert file == about | {
        "kind": "file",
        "url": "/uploads/short-url/list.pdf",
        "name": "list.pdf",
    }
    assert poll == about | {"kind": "poll", "media_key": "lamp", "alt_text": "Red & white\nGreen"}


def test_authors(rows):
    assert said(of(rows, Account, account_id=LENA)[0]) == {
        "account_id": LENA,
        "handle": "Lena_H",
        "name": "Lena Hafen",
        "avatar_url": "/user_avatar/forum.example.org/lena_h/{size}/7_2.png",
    }


def test_latest_posts():
    reply, first = of(rows_of("posts.json"), Post)
    assert (reply.post_id, reply.title, reply.channel_id) == (
        f"{FORUM}/42/2",
        None,
        f"{FORUM}/c/6",
    )
    assert (first.title, first.reply_count, first.view_count) == ("Fog", 2, None)


def test_list_of_topics():
    rows = rows_of("latest.json")
    public, private = of(rows, Post)
    assert said(public) == {
        "post_id": f"{FORUM}/42/1",
        "kind": "post",
        "account_id": LENA,
        "channel_id": f"{FORUM}/c/6",
        "thread_id": f"{FORUM}/42/1",
        "posted_at": ASKED,
        "time_quality": "utc",
        "title": "Harbour lights",
        "reply_count": 6,
        "view_count": 310,
        "tags": '["harbour"]',
    }
    assert (private.kind, private.account_id, private.channel_id) == ("message", None, None)
    assert private.posted_at == from_iso("2013-02-04T20:26:25.977Z")
    assert (private.time_quality, private.reply_count) == ("offset", 0)
    assert {row.account_id for row in of(rows, Account)} == {LENA, OTTO}


def test_categories():
    rows = rows_of("categories.json", site="Forum.example.org")
    assert [said(row) for row in rows] == [
        {
            "channel_id": f"{FORUM}/c/6",
            "kind": "category",
            "handle": "lights",
            "name": "Lights",
            "description": "All about lights",
        },
        {"channel_id": f"{FORUM}/c/8", "kind": "category", "handle": "buoys", "name": "Buoys"},
    ]


def test_user():
    assert said(one(rows_of("user.json"), Account)) == {
        "account_id": OTTO,
        "handle": "Otto",
        "name": "Otto Pier",
        "description": "I <3 buoys",
        "location_claimed": "Pier 4",
        "url": "https://otto.example/",
        "avatar_url": "/user_avatar/forum.example.org/otto/{size}/7_2.png",
        "created_at": from_iso("2024-07-08T09:10:11.012Z"),
        "followers_count": 3,
        "following_count": 0,
        "is_deleted": True,
    }


def test_answers_on_lines():
    texts = [row.text for row in of(rows_of("answers.jsonl"), Post)]
    assert texts == ["One a line", "Lena_H:\n\nWhich lights burn?\n\nThe green one."]


# --------------------------------------------------------------------------------- small matters


def test_missing_is_not_zero():
    bare, counted = of(
        rows_in({"latest_posts": [post(), post(post_number=3, actions_summary=[])]}), Post
    )
    assert (bare.like_count, bare.reply_count, bare.time_quality) == (None, None, "missing")
    assert counted.like_count == 0  # the server leaves out what nobody did


def test_text_without_html():
    assert (
        one(rows_in({"latest_posts": [post(cooked=None, raw="**Fog**")]}), Post).text == "**Fog**"
    )


def test_not_edited_when_only_touched():
    only = one(rows_in(post(version=1, updated_at="2026-03-04T05:06:07.000Z")), Post)
    assert only.edited_at is None


def test_author_cannot_pose_as_a_quotation():
    html = '<pre><code>&lt;aside class="quote" data-post="1"&gt;</code></pre>'
    assert one(rows_in({"latest_posts": [post(cooked=html)]}), Post).quote_of_post_id is None


def test_quotation_of_no_post():
    html = '<aside class="quote" data-post="١" data-topic="x"><blockquote>a</blockquote></aside>'
    assert not of(rows_in({"latest_posts": [post(cooked=html)]}), Interaction)


def test_ranked_poll():
    poll = {
        "name": "p",
        "options": [{"id": "a", "html": "Red"}],
        "preloaded_voters": {"a": [{"rank": 1, "user": {"username": "Mia"}}]},
    }
    vote = one(rows_in({"latest_posts": [post(polls=[poll])]}), Interaction)
    assert (vote.account_id, vote.value) == (MIA, "Red")


# ------------------------------------------------------------------------------ which forum it is


def host(capture: MemoryCapture, **options: str) -> str:
    return pieces(DISCOURSE, capture, **options)[0].context.host


def test_site():
    data = json.dumps({"latest_posts": [post()]}).encode()
    named = MemoryCapture(data, name="export.zip/forum.example.net/t/42.json")
    assert host(named) == "forum.example.net"
    assert host(named, site="Other.Example") == "other.example"
    with pytest.raises(SourceUnusable, match="site=forum"):
        host(MemoryCapture(data, name="export.zip/t/42.json"))


def test_site_told_by_a_picture_is_not_what_an_author_writes():
    lie = '"avatar_template":"/user_avatar/evil.example/x/{size}/1.png"'
    answer = {
        "latest_posts": [
            post(cooked=f"<p>{lie}</p>"),
            post(post_number=3, avatar_template="/user_avatar/true.example/x/{size}/1.png"),
        ]
    }
    assert host(MemoryCapture(json.dumps(answer).encode())) == "true.example"


# --------------------------------------------------------------------------------- broken records


def test_faulty_records_cost_themselves():
    answer = {
        "latest_posts": [
            post(created_at="soon"),
            post(cooked=["x"]),
            post(post_number=None),
            post(post_number=0),
            post(topic_id=None),
            post(post_number=9, cooked="kept"),
        ]
    }
    capture = MemoryCapture(json.dumps(answer).encode())
    rows, rejected = read(DISCOURSE, capture, site="forum.example.org")
    assert Counter(item.reason for item in rejected) == {
        "time unreadable": 1,
        "unexpected structure": 2,
        "post without topic or number": 2,
    }
    assert [row.text for row in of(rows, Post)] == ["kept"]


def test_faulty_topic_keeps_its_posts():
    answer = {"id": "x", "title": "Fog", "post_stream": {"posts": [post()]}}
    capture = MemoryCapture(json.dumps(answer).encode())
    rows, rejected = read(DISCOURSE, capture, site="forum.example.org")
    assert [item.reason for item in rejected] == ["unexpected structure"]
    assert one(rows, Post).text == "Fog"


def test_other_records():
    capture = MemoryCapture(
        b'{"errors":["slow down"]}\n{"topic_list":{"topics":[]}}\n{"topics":[{"id":1}]}\n'
        b'{"users":[{"id":1}]}\n{"category_list":{"categories":[{"name":"x"}]}}\n'
    )
    rows, rejected = read(DISCOURSE, capture, site="forum.example.org")
    assert not rows
    assert [item.reason for item in rejected] == [
        "answer without posts, topics, users or categories",
        "topic without number or title",
        "user without name",
        "category without number",
    ]


def test_posts_of_a_search_are_noted():
    answer = {"posts": [{"id": 1, "topic_id": 42, "post_number": 2, "blurb": "Fo…"}], "topics": []}
    capture = MemoryCapture(json.dumps(answer).encode())
    (piece,) = pieces(DISCOURSE, capture, site="forum.example.org")
    assert list(whole(DISCOURSE, piece)) == [[]]
    assert sum(piece.notes.values()) == 1


def test_items_are_numbered_through_pieces():
    texts = [
        json.dumps({"latest_posts": [post(post_number=n), post(post_number=n)]}) for n in (1, 2)
    ]
    filler = json.dumps({"latest_posts": [post(cooked="x" * (9 << 20))]})
    capture = MemoryCapture("\n".join((texts[0], filler, texts[1])).encode())
    found = pieces(DISCOURSE, capture, site="forum.example.org")
    counts = [len(list(DISCOURSE.items(piece))) for piece in found]
    assert len(found) > 1
    assert sum(counts) == 5
    assert [piece.first_item for piece in found] == [sum(counts[:n]) for n in range(len(counts))]


@pytest.mark.parametrize("unit", ["<a ", "<a <", '<div class="meta">', "<aside x", '<img a="'])
def test_hostile_html_is_read_in_linear_time(unit):
    def seconds(times: int) -> float:
        answer = {"latest_posts": [post(cooked=unit * times)]}
        started = time.process_time()
        rows_in(answer)
        return time.process_time() - started

    seconds(100)
    small = max(seconds(20_000), 0.02)
    assert seconds(80_000) < 10 * small
