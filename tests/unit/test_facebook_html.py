"""Field by field: what saved pages of Facebook become."""

from __future__ import annotations

import gzip
import html
import json
import re
import time
from collections import Counter
from pathlib import Path

import pytest
import yaml

from clew.contract import Sample
from clew.errors import SourceUnusable
from clew.model.tables import Account, Channel, Interaction, Link, Media, Post, Row
from clew.sources.facebook_html import FACEBOOK_HTML
from tests.captures import MemoryCapture, file_capture, pieces, read, said

FIXTURES = Path(__file__).parents[1] / "fixtures/sources/facebook_html"
GROUP = "facebook:900000000000001"
FIRST = f"{GROUP}_101"
AT = 1_720_432_800_000_000


def fixture(name: str) -> list[Row]:
    return read(FACEBOOK_HTML, file_capture(FIXTURES / name))[0]


def posts(rows: list[Row]) -> dict[str, Post]:
    return {row.post_id: row for row in rows if isinstance(row, Post)}


def page(noted: object, body: str = "<p>hello</p>") -> MemoryCapture:
    mark = html.escape(noted if isinstance(noted, str) else json.dumps(noted))
    story = f'<article data-ft="{mark}"><header><h3></h3></header><div>{body}</div></article>'
    return MemoryCapture(f"<!DOCTYPE html><html><body>{story}</body></html>".encode())


def test_a_post_of_a_group():
    rows = fixture("group.html")
    assert said(posts(rows)[FIRST]) == {
        "post_id": FIRST,
        "kind": "post",
        "account_id": "facebook:11",
        "channel_id": GROUP,
        "posted_at": AT,
        "time_quality": "utc",
        "text": "The crane fell.\n\nMore tomorrow at example.org #harbour",
        "url": "https://m.facebook.com/groups/invented.harbour/permalink/101/",
        "like_count": 1234,
        "reply_count": 12,
        "tags": '["harbour"]',
    }
    assert (
        Account(
            account_id="facebook:11",
            platform="facebook",
            handle="mira.invented",
            name="Mira Invented",
        )
        in rows
    )
    assert {said(row)["handle"] for row in rows if isinstance(row, Channel)} == {"invented.harbour"}


def test_what_a_post_carries():
    rows = fixture("group.html")
    (link,) = [row for row in rows if isinstance(row, Link)]
    assert (link.url, link.title, link.posted_at) == (
        "https://example.org/crane",
        "example.org",
        AT,
    )
    assert [(row.kind, row.media_key) for row in rows if isinstance(row, Media)] == [
        ("photo", "crane_n.jpg"),
        ("video", "fall_n.mp4"),
    ]


def test_shares():
    rows = fixture("group.html")
    repost, quote = posts(rows)[f"{GROUP}_102"], posts(rows)[f"{GROUP}_103"]
    assert (repost.kind, repost.text, quote.kind, quote.text) == (
        "repost",
        None,
        "post",
        "Look at this",
    )
    assert (repost.repost_of_post_id, quote.quote_of_post_id) == (
        "facebook:33_77",
        "facebook:33_78",
    )
    acts = [row for row in rows if isinstance(row, Interaction)]
    assert [(act.kind, act.account_id, act.target_account_id) for act in acts] == [
        ("repost", "facebook:22", "facebook:33"),
        ("quote", "facebook:11", "facebook:33"),
    ]


def test_a_page_that_posts_in_a_group_stands_in_the_group():
    repost = posts(fixture("group.html"))[f"{GROUP}_102"]
    assert (repost.channel_id, repost.account_id) == (GROUP, "facebook:22")
    assert repost.like_count is None, "1.2K is rounded"


def test_one_bad_post_costs_only_itself():
    rows, rejected = read(FACEBOOK_HTML, file_capture(FIXTURES / "group.html"))
    assert [error.reason for error in rejected] == [
        "what is noted of a post cannot be read",
        "time out of range",
    ]
    assert len(posts(rows)) == 3


def test_comments():
    rows = fixture("permalink.html")
    first, second = posts(rows)["facebook:101_201"], posts(rows)["facebook:101_202"]
    assert (first.kind, first.text, first.thread_id) == ("comment", "Did it?", FIRST)
    assert (first.account_id, first.time_quality) == ("facebook:44", "missing")
    assert second.text == "Yes: example.com"
    names = {row.account_id: row.name for row in rows if isinstance(row, Account)}
    assert names["facebook:55"] == "Lena Invented"
    replies = [row for row in rows if isinstance(row, Interaction)]
    assert {(act.kind, act.target_post_id) for act in replies} == {("reply", FIRST)}


def test_mbasic():
    rows = fixture("mbasic_post.html")
    post, comment = posts(rows)["facebook:66_301"], posts(rows)["facebook:301_401"]
    assert (post.text, post.posted_at, post.time_quality) == ("Hello from mbasic", None, "missing")
    assert (comment.text, comment.author_name) == ("Well said", "Bert Invented")
    assert (comment.account_id, comment.thread_id) == (None, "facebook:66_301")


def test_what_a_page_asks_for_when_scrolled():
    (post,) = posts(fixture("more.txt")).values()
    assert (post.text, post.posted_at) == ("Second screen", 1_720_434_000_000_000)
    assert post.url == "https://m.facebook.com/story.php?story_fbid=501&id=77"


def test_what_a_script_would_take_out_of_a_comment_is_there():
    noted = {"top_level_post_id": "1", "content_owner_id_new": 2}
    shown = page(noted).data.replace(b"<article", b"<code><!-- <article")
    hidden = shown.replace(b"</article>", b"</article> --></code><!-- a comment -->")
    (post,) = posts(read(FACEBOOK_HTML, MemoryCapture(hidden))[0]).values()
    assert (post.post_id, post.text) == ("facebook:2_1", "hello")


def test_a_time_noted_for_machines_beside_the_shown_one():
    noted = {"top_level_post_id": "1", "content_owner_id_new": 2}
    capture = page(noted, '<abbr data-utime="1720432800">8 July</abbr>')
    (post,) = posts(read(FACEBOOK_HTML, capture)[0]).values()
    assert (post.posted_at, post.time_quality) == (AT, "utc")


def test_times_in_words_are_noted_not_guessed():
    (piece,) = pieces(FACEBOOK_HTML, file_capture(FIXTURES / "mbasic_post.html"))
    for item in FACEBOOK_HTML.items(piece):
        list(FACEBOOK_HTML.rows(item, piece))
    assert piece.notes == {
        "posts whose time is only shown, relative or in words: not read": 1,
        "times of comments are relative: not read": 1,
    }


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"<html><body><p>Settings</p></body></html>",
        b"for (;;);",
        b'for (;;);{"payload":[]}',
        b'for (;;);{"payload":{"actions":[1]}}',
    ],
)
def test_pages_without_posts_are_refused(data):
    with pytest.raises(SourceUnusable):
        read(FACEBOOK_HTML, MemoryCapture(data))


@pytest.mark.parametrize(
    ("shown", "count"),
    [
        ("1,234 Likes", 1234),
        ("1.234 Mal", 1234),
        ("7", 7),
        ("1.2K", None),
        ("1,2 Mio.", None),
        ("12K Likes", None),
        ("Like", None),
    ],
)
def test_counts(shown, count):
    noted = {"top_level_post_id": "1", "content_owner_id_new": 2}
    capture = page(noted, f'<p>x</p><span class="a like_def b">{shown}</span>')
    (post,) = posts(read(FACEBOOK_HTML, capture)[0]).values()
    assert post.like_count == count


@pytest.mark.parametrize("href", ["http://[", "//[x", "javascript:alert(1)", "\u202e", "/a/b?u=%"])
def test_hostile_addresses(href):
    noted = {"top_level_post_id": "1", "content_owner_id_new": 2}
    body = f'<a href="{href}"><abbr>x</abbr></a><a href="{href}/l.php?u={href}">y</a>'
    rows, rejected = read(FACEBOOK_HTML, page(noted, body))
    assert not rejected
    assert len(posts(rows)) == 1


def test_deep_pages_take_no_longer():
    mark = html.escape(json.dumps({"top_level_post_id": "1", "content_owner_id_new": 2}))
    data = f'<html data-sigil="x">{f"""<div data-ft="{mark}" data-store="{{}}">""" * 20_000}'
    before = time.process_time()
    read(FACEBOOK_HTML, MemoryCapture(data.encode()))
    assert time.process_time() - before < 2


@pytest.mark.parametrize(
    ("text", "score"),
    [
        ('<!DOCTYPE html><html><article data-ft="{&quot;top_level_post_id&quot;:1}">', 0.9),
        ("<html><body>top_level_post_id</body></html>", 0),
        ('{"top_level_post_id": 1}', 0),
        ('for (;;);{"payload":{}}', 0),
    ],
)
def test_recognition(text, score):
    sample = Sample(name="x.html", head=text.encode(), size=len(text))
    assert FACEBOOK_HTML.recognise(sample) == score


# ----------------------------------------------------------------------------- real recordings


def bodies(cassette: Path) -> list[bytes]:
    """What the site answered, out of a recording in YAML."""
    recorded = yaml.load(cassette.read_bytes(), Loader=yaml.CSafeLoader)["interactions"]
    found = [it["response"]["body"]["string"] for it in recorded]
    raw = [body.encode() if isinstance(body, str) else body for body in found]
    return [gzip.decompress(body) if body[:2] == b"\x1f\x8b" else body for body in raw]


@pytest.mark.shared_data
def test_recordings_against_a_plain_walk(shared_data):
    """Ids and times stand in the bytes, whatever the tree is."""
    counts: Counter[str] = Counter()
    for cassette in sorted((shared_data / "formats/facebook_scraper").rglob("*.yaml")):
        for body in bodies(cassette):
            text = html.unescape(body.decode(errors="replace").replace("\\u0025", "%"))
            text = text.replace('\\"', '"')
            expected = set(re.findall(r'data-ft="\{[^<>]*?"top_level_post_id":"(\d+)"', text))
            times = set(re.findall(r'"publish_time":(\d+)', text))
            try:
                rows, rejected = read(FACEBOOK_HTML, MemoryCapture(body))
            except SourceUnusable:
                counts["pages without posts"] += 1
                assert not expected
                continue
            assert not rejected
            of_page = [post for post in posts(rows).values() if post.kind != "comment"]
            assert {post.post_id.rpartition("_")[2] for post in of_page} == expected
            for post in of_page:
                assert post.posted_at is None or str(post.posted_at // 1_000_000) in times
                counts["posts"] += 1
                counts["with time"] += post.posted_at is not None
                counts["with text"] += post.text is not None
            counts["pages"] += 1
            counts["comments"] += len(posts(rows)) - len(of_page)
    assert counts["posts"] > 50
    assert counts["with time"] > 30
    assert counts["comments"] > 50
