"""What does HTML say? Written as a reader sees it, whatever an adversary puts in."""

from __future__ import annotations

import threading
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clew.formats.html_text import Anchor, Image, extract, html_to_text
from tests.hostile import HOSTILE


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ("", ""),
        ("  \n ", ""),
        ("<!-- nothing -->", ""),
        ("plain  text\n here", "plain text here"),
        ("a &lt;b&gt; &amp;amp; &#x1F30A; &eacute;&unknown;", "a <b> &amp; 🌊 é&unknown;"),
        ("<p>one</p><p>two</p>", "one\n\ntwo"),
        ("<p>one</p>\n\n<div>two</div>", "one\n\ntwo"),
        ("<div>one</div><div>two</div>", "one\ntwo"),
        ("<p>one<br>two<br/> three<br><br>four</p>", "one\ntwo\nthree\n\nfour"),
        ("<ol><li>one</li>\n<li>two</ol>after", "one\ntwo\nafter"),
        ("<h1>head</h1><p>body</p>", "head\n\nbody"),
        ("<b>in</b>line <i>text</i>", "inline text"),
        ("<p> much   space </p> <p>\n</p>", "much space"),
        ("no\u00a0break\u00a0 space", "no\u00a0break\u00a0 space"),
        ("<pre>  two\n\n    four\t.\n</pre>", "  two\n\n    four\t."),
        ("<p>see</p><pre><code>a\n  b\n</code></pre><p>then</p>", "see\n\na\n  b\n\nthen"),
        ("<pre>one<br>two</pre>", "one\ntwo"),
        ("<pre>\n  one\n\n</pre>", "  one\n"),
        ("<table><tr><th>a<th>b<tr><td>1</td><td>2</td></table>", "a b\n1 2"),
        ("<p>a</p><script>if(a<b)alert('</p>')</script><style>p{}</style><p>b</p>", "a\n\nb"),
        ("<html><head><title>t</title></head><body>b</body></html>c", "b\nc"),
        ("<textarea> <b> </textarea>", " <b> "),
        ("a < b and 3<4", "a < b and 3<4"),
        ("<p unclosed", ""),
        ("<b><i>cross</b>ed</i>", "crossed"),
        ('<?xml version="1.0" encoding="utf-16"?><p>declared', "declared"),
        ('<meta charset="koi8-r">Зміна часу', "Зміна часу"),
        ("half \ud800 pair, <b>nul \0</b>", "half \ufffd pair, nul \ufffd"),
        ("&#0;&#xd800;&#x1b;", "\ufffd\ufffd\x1b"),
        ('<p style="display:none">hidden text is evidence</p>', "hidden text is evidence"),
        ("<!DOCTYPE x [<!ENTITY a 'b'>]><p>&a;", "]>\n\n&a;"),
    ],
)
def test_text(html, text):
    assert html_to_text(html) == text


def test_links_as_written():
    html = (
        '<a href="https://a.example/?x=1&amp;y=2">the <b>first</b><br>link</a>'
        '<a>no address</a><a href="">empty</a><a href=javascript:alert(1)>third</a>'
        '<a href="/relative"><img src="i.png"></a> <a href="https://b.example">not closed'
    )
    assert extract(html).links == [
        Anchor("https://a.example/?x=1&y=2", "the first link"),
        Anchor("javascript:alert(1)", "third"),
        Anchor("/relative", None),
        Anchor("https://b.example", "not closed"),
    ]


def test_a_link_begins_where_the_one_before_is_left_open():
    assert extract("<a href=1>one<a href=2>two").links == [Anchor("1", "one"), Anchor("2", "two")]


def test_images_with_their_description():
    html = '<img src="https://i.example/a.png" alt="a gauge"><img alt="no address"><img src=b alt>'
    assert extract(html).images == [
        Image("https://i.example/a.png", "a gauge"),
        Image("b", None),
    ]
    assert extract(html).text == ""


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE.keys())
def test_hostile_texts(text):
    for html in (text, f"<p>{text}</p>", f'<a href="{text}">{text}</a>'):
        found = extract(html)
        assert found.text.encode() is not None
        assert "\0" not in found.text


@pytest.mark.parametrize(
    "html",
    [
        "<div>" * 200_000 + "deep",
        "<b>" * 200_000 + "deep",
        "<p>" * 200_000,
        "<table><tr><td>" * 30_000,
        "<a " * 200_000,
        "<!--" * 200_000,
        "<" * 500_000,
        "&" * 500_000,
        "<a href=x>" * 100_000,
        "<b><i></b></i>" * 50_000,
        "<br> " * 200_000,
        "<div> " * 100_000 + "</div> " * 100_000,
        "<pre> " * 100_000,
        " " * 3_000_000 + "<p>",
        "<a " + " ".join(f"a{number}=1" for number in range(50_000)) + ">",
    ],
    ids=lambda html: html[:16],
)
def test_hostile_shapes_take_linear_time(html):
    start = time.process_time()
    extract(html)
    assert time.process_time() - start < 5


def test_deep_text_is_found():
    assert extract("<div>" * 5_000 + "deep" + "</div>" * 5_000).text == "deep"
    assert extract("x" * 12_000_000 + "<p>end").text.endswith("x\n\nend")


def test_threads_have_parsers_of_their_own():
    found: dict[int, set[str]] = {}

    def work(number: int) -> None:
        html = f"<p>{number}</p>" * 200
        found[number] = {extract(html).text for _ in range(50)}

    threads = [threading.Thread(target=work, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == {number: {"\n\n".join([str(number)] * 200)} for number in range(4)}


@given(st.text())
def test_escaped_text_comes_back(text):
    """Text without markup is itself, but for white space and what is no character."""
    html = text.replace("&", "&amp;").replace("<", "&lt;")
    expected = " ".join(text.replace("\0", "\ufffd").split(" "))
    for space in "\t\n\f\r":
        expected = expected.replace(space, " ")
    while "  " in expected:
        expected = expected.replace("  ", " ")
    assert extract(f"<p>{html}").text == expected.strip(" ")
    assert extract(html) == extract(html)


@given(st.text("<>/abpri \"'=&;!-\n"))
def test_any_markup_gives_text(html):
    assert "\0" not in extract(html).text
