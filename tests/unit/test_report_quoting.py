"""Is everything seen, and nothing fit to be clicked?"""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clew.case.report.blocks import Mark, Said, Text
from clew.case.report.quoting import defanged, exact, excerpt, inert, said
from tests.hostile import HOSTILE


def plain(line: Said) -> str:
    return "".join(part.text for part in line.parts if isinstance(part, Text))


def marks(text: str) -> list[str]:
    return [part.text for part in said(text).parts if isinstance(part, Mark)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("safe\u202efdp.exe", ["U+202E RLO"]),
        ("a\u200b\u200b\u200bb", ["U+200B ZWSP ×3"]),
        ("\x00\x1b", ["U+0000 NUL", "U+001B ESC"]),
        ("x\ud83dy", ["U+D83D"]),
        ("hi\U000e0068\U000e0069", ["TAGS hi"]),
        ("\u3164\u2800", ["U+3164", "U+2800"]),
        ("\ufeffBOM", ["U+FEFF BOM"]),
        ("a\nb", ["U+000A LF"]),
        ("o" + "\u0301" * 9, ["+4 combining"]),
        ("pass\u200dword", ["U+200D ZWJ"]),
        ("\u0301on nothing", ["U+0301"]),
        ("a\u200b\u0301b", ["U+200B ZWSP", "U+0301"]),
        ("no\ufe0f emoji", ["U+FE0F"]),
        ("\ue000", ["U+E000"]),
    ],
)
def test_what_cannot_be_seen_is_marked(text, expected):
    assert marks(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "plain",
        "naïve Ωmega Привет 漢字 かな 한국어",
        "👩\u200d💻 ❤\ufe0f 1\ufe0f\u20e3 👍🏽",
        "می\u200cخواهم",  # Persian spells with the non-joiner
        "क्\u200dष",  # Devanagari with the joiner
        "e\u0301\u0302",
        "a\u00a0b\u3000c",
    ],
)
def test_honest_text_is_left_alone(text):
    assert said(text).parts == (Text(text),)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("https://evil.example/a.b?c=d.e", "hxxps://evil[.]example/a.b?c=d.e"),
        ("HTTP://EVIL.EXAMPLE", "hxxp://EVIL[.]EXAMPLE"),
        ("see (http://a.example),https://b.example.", "see (hxxp://a[.]example),hxxps://b[.]example."),
        ("ftp://u:p@files.example:21/x", "fxp://u:p@files[.]example:21/x"),
        ("tg://resolve?domain=x", "tg[:]//resolve?domain=x"),
        ("hxxps://drop[.]example/x", "hxxps://drop[.]example/x"),
        ("javascript:alert(1)", "javascript[:]alert(1)"),
        ("data:text/html,hi", "data[:]text/html,hi"),
        ("mailto:a@b.example", "mailto[:]a@b.example"),
        ("www.evil.example and t.example/join", "www[.]evil[.]example and t[.]example/join"),
        ("сайт.рф/путь", "сайт[.]рф/путь"),
        ("http://evil。example/", "hxxp://evil[.]example/"),
        ("and/or, 1.5/2, v1.2.3, e.g. this: 12:30", "and/or, 1.5/2, v1.2.3, e.g. this: 12:30"),
        ("Data: none; report.pdf is attached", "Data: none; report.pdf is attached"),
    ],
)  # fmt: skip
def test_addresses_are_made_inert(text, expected):
    assert defanged(text) == expected


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE.keys())
def test_hostile_corpus(text):
    shown = inert(text)
    assert "http://" not in shown.lower()
    assert "https://" not in shown.lower()
    assert "javascript:" not in shown
    assert not [c for c in shown if unicodedata.category(c) in ("Cc", "Cf", "Cs", "Co", "Zl", "Zp")]
    assert len(shown) < 2_000


@given(st.text(alphabet=st.characters(), max_size=200))
def test_nothing_unseen_is_left(text):
    for line in excerpt(text, chars=1_000, lines=1_000).lines:
        for at, char in enumerate(shown := plain(line)):
            if unicodedata.category(char) in ("Cc", "Cf", "Cs", "Co", "Zl", "Zp"):
                assert char in "\u200c\u200d", repr(char)
                assert 0 < at < len(shown) - 1, "a joiner stands between what it joins"


@given(st.text(alphabet="aж漢\u05d0 \n", max_size=300), st.integers(1, 50), st.integers(1, 10))
def test_an_excerpt_is_the_beginning_and_says_what_it_leaves_out(text, chars, lines):
    shown = excerpt(text, chars=chars, lines=lines)
    read = "\n".join(plain(line) for line in shown.lines)
    assert text.startswith(read)
    assert bool(shown.left_out) == (read != text)
    assert len(shown.lines) <= lines
    assert len(read) <= chars


def test_ids_keep_their_dots():
    assert exact("stackexchange:site.example/u16").text == "stackexchange:site.example/u16"
    assert exact("mastodon:https://m.example/u/1").text == "mastodon:hxxps://m.example/u/1"
    assert exact("x:\u202e1").text == "x:⟨U+202E RLO⟩1"


def test_left_out_is_counted():
    assert excerpt("x" * 5_000, chars=1_500, lines=9).left_out == (
        "Showing 1,500 of 5,000 characters."
    )
    assert excerpt("\n" * 99, chars=1_500, lines=30).left_out == "Showing 30 of 100 lines."


@pytest.mark.parametrize(
    ("text", "direction"),
    [("hello", "ltr"), ("שלום hello", "rtl"), ("12 مرحبا", "rtl"), ("123", "ltr"), ("", "ltr")],
)
def test_direction_is_that_of_the_first_letter(text, direction):
    assert said(text).direction == direction
