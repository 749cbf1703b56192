"""Articles on web pages: what they say, when, where; and pages that hold none."""

from __future__ import annotations

import pytest

from clew.contract import Sample
from clew.errors import SourceUnusable
from clew.model.tables import Channel, Link, Media, Post, Row
from clew.model.times import from_iso
from clew.sources.web_page import WEB_PAGE
from tests.captures import MemoryCapture, file_capture, fixtures_of, read, said

STRIKE, NOTE = (
    next(path for path in fixtures_of("web_page") if path.name == f"{name}.html")
    for name in ("strike", "note")
)
ID = "web:news.example/2024/07/strike?id=7"
AT = from_iso("2024-07-08T09:00:00Z")
WORDS = " ".join(["The crane drivers have put down their work and will not be moved."] * 12)


def page(head: str = "", article: str = f"<p>{WORDS}</p><p>{WORDS}</p>") -> MemoryCapture:
    data = f"<html><head>{head}</head><body><article>{article}</article></body></html>"
    return MemoryCapture(data.encode())


def post_of(capture: MemoryCapture, **options: str) -> Post:
    rows, _ = read(WEB_PAGE, capture, **options)
    return next(row for row in rows if isinstance(row, Post))


@pytest.fixture(scope="module")
def strike() -> list[Row]:
    rows, rejected = read(WEB_PAGE, file_capture(STRIKE))
    assert not rejected
    return rows


def test_the_article_and_nothing_around_it(strike):
    (post,) = [said(row) for row in strike if isinstance(row, Post)]
    text = str(post.pop("text"))
    assert post == {
        "post_id": ID,
        "kind": "article",
        "author_name": "Mira Invented, Oleg Invented",
        "channel_id": "web:www.news.example",
        "posted_at": AT,
        "time_quality": "offset",
        "edited_at": from_iso("2024-07-08T10:30:00Z"),
        "title": "Strike at the port",
        "url": "https://www.news.example/2024/07/strike/?id=7#top",
        "language_claimed": "en-GB",
    }
    assert "Cranes have stood still since Monday & ships wait" in text
    assert "We shall not move a single box" in text
    assert "higher pay" in text
    for around in ("Sport", "Copyright", "not said", "<"):
        assert around not in text


def test_links_pictures_and_site(strike):
    links = [said(row) for row in strike if isinstance(row, Link)]
    assert [(link["url"], link["title"]) for link in links] == [
        ("https://www.news.example/2024/07/letter", "wrote a letter"),
        ("https://paste.example/x?y=1", "a paste site"),
    ]
    (picture,) = [said(row) for row in strike if isinstance(row, Media)]
    assert picture["url"] == "https://www.news.example/img/quay.jpg"
    assert picture["alt_text"] == "The quay in fog"
    (site,) = [said(row) for row in strike if isinstance(row, Channel)]
    assert site == {
        "channel_id": "web:www.news.example",
        "kind": "site",
        "handle": "www.news.example",
        "name": "Portside News",
        "url": "https://www.news.example/",
    }


def test_a_page_that_says_little_of_itself():
    """Another alphabet, a local time, no address."""
    capture = file_capture(NOTE)
    post = post_of(capture)
    assert post.post_id == f"web:sha256/{capture.capture_id}"
    assert post.text.startswith("Заметка о порте")
    assert (post.posted_at, post.time_quality) == (None, "zone_unknown")
    assert post.local_time == "2024-07-08T10:15:00"
    named = post_of(capture, address="https://blog.example/note")
    assert named.post_id == "web:blog.example/note"


@pytest.mark.parametrize(
    ("stated", "quality"),
    [
        ("2024-07-08T12:00:00Z", "utc"),
        ("2024-07-08T12:00:00+03:00", "offset"),
        ("2024-07-08T12:00:00", "zone_unknown"),
        ("2024-07-08", "zone_unknown"),
        ("yesterday", "missing"),
        ("9999-99-99T99:99:99Z", "missing"),
        ("", "missing"),
    ],
)
def test_times(stated, quality):
    capture = page(f'<meta property="article:published_time" content="{stated}">')
    assert post_of(capture).time_quality == quality


@pytest.mark.parametrize(
    "json_ld",
    [
        "{",
        "[" * 3000,
        '{"@type":"NewsArticle","headline":{"evil":1},"datePublished":7,"author":[[],3,null]}',
        '{"@type":[1,null,"BlogPosting"],"author":{"name":["x"]},"@graph":[[],{}]}',
    ],
)
def test_what_a_page_states_may_be_anything(json_ld):
    post = post_of(page(f'<title>T</title><script type="application/ld+json">{json_ld}</script>'))
    assert post.title == "T"
    assert WORDS[:60] in post.text


@pytest.mark.parametrize(
    "address", ["javascript:alert(1)", "https://[bad", "//x", "file:///etc/passwd", "   "]
)
def test_an_address_that_is_none_is_not_taken(address):
    capture = page(
        f'<link rel="canonical" href="{address}">', f'<p>{WORDS} <a href="{address}">x</a></p>' * 2
    )
    rows, _ = read(WEB_PAGE, capture)
    assert not [row for row in rows if isinstance(row, Link | Channel)]


@pytest.mark.parametrize(
    "data", [b"", b"no page", b"<html></html>", b"<html><body><article></article></body></html>"]
)
def test_a_page_without_article_is_unusable(data):
    with pytest.raises(SourceUnusable):
        read(WEB_PAGE, MemoryCapture(data))


@pytest.mark.parametrize(
    "head", [b"", b"<html><body><p>words", b"<article>alone</article>", b"{}", b"<?xml <article>"]
)
def test_others_are_not_taken(head):
    assert WEB_PAGE.recognise(Sample(name="x.html", head=head, size=len(head))) == 0


def test_control_characters_cost_nothing():
    article = f"<p>{WORDS}</p><p>{WORDS}&#1;\x02 said <a href='/&#3;'>they\x04</a></p>"
    assert WORDS in post_of(page(article=article)).text
