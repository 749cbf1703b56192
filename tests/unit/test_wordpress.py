"""What does `wordpress` say of each field? On invented answers."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from clew.case.reading import whole
from clew.model.tables import Account, Channel, Deletion, Interaction, Link, Media, Post, Row
from clew.model.times import from_iso
from clew.sources.wordpress import WORDPRESS
from tests.captures import MemoryCapture, file_capture, pieces, read, said

FIXTURES = Path(__file__).parents[1] / "fixtures/sources/wordpress"
SITE = "wordpress:blog.example.org/news"
ARTICLE, OTTO = f"{SITE}/70", f"{SITE}/users/3"
POSTED = from_iso("2026-02-01T12:30:00Z")
ASKED = {"self": [{"href": "https://blog.example.org/news/wp-json/wp/v2/posts/1"}]}


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
    rows, rejected = read(WORDPRESS, file_capture(FIXTURES / name))
    assert not rejected, rejected
    return rows


def test_article():
    rows = rows_of("posts.json")
    assert said(one(rows, Post, post_id=ARTICLE)) == {
        "post_id": ARTICLE,
        "kind": "article",
        "account_id": OTTO,
        "channel_id": SITE,
        "thread_id": ARTICLE,
        "posted_at": POSTED,
        "time_quality": "utc",
        "edited_at": from_iso("2026-02-02T08:00:00Z"),
        "title": "Lights out – again",
        "text": "The plan is off. More",
        "url": "https://blog.example.org/news/2026/02/lights-out/",
        "tags": '["Night & fog","harbour"]',
    }
    assert said(one(rows, Link)) == {
        "post_id": ARTICLE,
        "url": "https://harbour.example.com/plan",
        "title": "plan",
        "posted_at": POSTED,
    }
    drawn, featured = of(rows, Media)
    assert (drawn.url.rpartition("/")[2], drawn.alt_text) == ("map.png", "a map")
    assert (featured.post_id, featured.media_key, featured.width_px) == (ARTICLE, "71", 1200)
    assert said(one(rows, Account)) == {
        "account_id": OTTO,
        "handle": "otto",
        "name": "Otto Pier",
        "description": "Writes & sails",
        "url": "https://otto.example/",
        "avatar_url": "https://pics.example.net/o?s=96",
    }


def test_page_behind_a_password():
    (piece,) = pieces(WORDPRESS, file_capture(FIXTURES / "posts.json"))
    rows = [row for result in whole(WORDPRESS, piece) for row in result]
    page = one(rows, Post, post_id=f"{SITE}/2")
    assert (page.text, page.edited_at, page.title) == (None, None, "Protected: Members")
    assert page.account_id == f"{SITE}/users/9"
    assert piece.notes == {"posts behind a password: their text is not in the file": 1}


def test_comments():
    rows = rows_of("comments.json")
    first, answer, pingback = of(rows, Post)
    assert said(first) == {
        "post_id": f"{SITE}/comments/501",
        "kind": "comment",
        "author_name": "Mia",
        "channel_id": SITE,
        "thread_id": ARTICLE,
        "reply_to_post_id": ARTICLE,
        "posted_at": from_iso("2026-02-01T13:00:00Z"),
        "time_quality": "utc",
        "text": "At last.",
        "url": "https://blog.example.org/news/2026/02/lights-out/#comment-501",
    }
    assert (answer.account_id, answer.author_name) == (OTTO, None)
    assert answer.reply_to_post_id == first.post_id
    assert one(rows, Account).name == "Otto Pier"
    assert [row.target_post_id for row in of(rows, Interaction)] == [
        ARTICLE,
        first.post_id,
        ARTICLE,
    ]
    assert one(rows, Link).url == "https://fog.example/1"
    assert one(rows, Deletion).post_id == pingback.post_id


def test_attachments():
    photo, alone = of(rows_of("media.json"), Media)
    assert said(photo) == {
        "post_id": ARTICLE,
        "kind": "photo",
        "media_key": "71",
        "url": "https://blog.example.org/news/wp-content/uploads/2026/02/pier.jpg",
        "mime": "image/jpeg",
        "size_bytes": 90211,
        "width_px": 1200,
        "height_px": 800,
        "alt_text": "the pier",
        "posted_at": from_iso("2026-02-01T09:00:00Z"),
    }
    assert (alone.post_id, alone.kind, alone.alt_text) == (f"{SITE}/72", "file", None)


def test_site_and_users():
    assert said(one(rows_of("site.json"), Channel)) == {
        "channel_id": SITE,
        "kind": "site",
        "name": 'The "News"',
        "description": "All of it",
        "url": "https://blog.example.org/news",
    }
    assert one(rows_of("users.json"), Account).account_id == OTTO


def test_time_of_the_sites_clock():
    article, _comment = of(rows_of("posts.jsonl"), Post)
    assert (article.posted_at, article.time_quality) == (None, "zone_unknown")
    assert article.local_time == "2026-02-01T13:30:00"


@pytest.mark.parametrize(
    ("told", "site"),
    [
        ({"_links": ASKED}, "blog.example.org/news"),
        (
            {"_links": {"self": [{"href": "https://A.example/?rest_route=/wp/v2/posts/1"}]}},
            "a.example",
        ),
        (
            {
                "_links": {
                    "self": [
                        {"href": "https://public-api.wordpress.com/wp/v2/sites/fog.example/posts/1"}
                    ]
                }
            },
            "fog.example",
        ),
        ({"guid": {"rendered": "http://b.example/sub/?p=1"}}, "b.example/sub"),
        ({"guid": "http://b.example/?post_type=x&#038;p=1"}, "b.example"),
        ({"link": "https://c.example/2026/x/"}, "c.example"),
    ],
)
def test_which_site(told, site):
    record = {"id": 1, "date_gmt": "2026-02-01T13:00:00", "content": {"rendered": "x"}, **told}
    rows, rejected = read(WORDPRESS, MemoryCapture(json.dumps(record).encode()))
    assert not rejected
    assert one(rows, Post).channel_id == f"wordpress:{site}"


def test_what_plugins_write_costs_no_post():
    record = {
        "id": 1,
        "_links": ASKED,
        "content": {"rendered": "kept"},
        "_embedded": {
            "author": [{"id": 3, "name": "Otto", "avatar_urls": {"24": False}}],
            "wp:featuredmedia": [
                {"id": 5, "source_url": "/x.svg", "media_details": {"width": "a"}}
            ],
            "wp:term": [{"code": "rest_forbidden"}],
        },
        "author": 3,
    }
    rows, rejected = read(WORDPRESS, MemoryCapture(json.dumps(record).encode()))
    assert not rejected
    assert one(rows, Post).text == "kept"
    assert one(rows, Account).avatar_url is None
    assert (one(rows, Media).url, one(rows, Media).width_px) == ("/x.svg", None)


def test_faulty_records_cost_themselves():
    lines = [
        {"id": 1, "_links": ASKED, "date_gmt": "soon", "content": {"rendered": "x"}},
        {"id": "1", "_links": ASKED},
        {"id": 1, "content": {"rendered": "x"}, "date_gmt": "2026-02-01T13:00:00"},
        {"_links": ASKED, "content": {"rendered": "x"}},
        {"id": 4, "_links": ASKED, "type": "x"},
        {"id": 5, "_links": ASKED, "taxonomy": "category", "name": "not read"},
        {"id": 6, "_links": ASKED, "content": {"rendered": "kept"}},
    ]
    rows, rejected = read(WORDPRESS, MemoryCapture("\n".join(map(json.dumps, lines)).encode()))
    assert [item.reason for item in rejected] == [
        "time unreadable",
        "unexpected structure",
        "record without an address that tells its site",
        "record without number",
        "neither post, comment nor user",
    ]
    assert [(row.text, row.time_quality) for row in of(rows, Post)] == [("kept", "missing")]
