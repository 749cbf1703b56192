"""What does a piece of HTML say? Its text as a reader sees it, its links and its pictures.

The text follows the `innerText` algorithm of the HTML standard without style sheets: paragraphs
stand apart by an empty line, other blocks by a line end, `<br>` is a line end, `<pre>` keeps its
spaces, other white space collapses. What a style sheet would hide stays: it is evidence.

lxml parses by events: no tree is built, so depth and length of hostile input cost nothing extra.
The events write marks into the text, and a few passes over the whole text then lay it out.
"""

from __future__ import annotations

import re
import threading
from typing import Any, NamedTuple, cast

from lxml import etree

# Marks begin with NUL, which the parser never gives as text.
_BLOCK, _PARAGRAPH, _LINE_END = "\x001", "\x002", "\x003"

_BLOCKS = (
    "address article aside blockquote body caption center dd details dialog dir div dl dt fieldset "
    "figcaption figure footer form h1 h2 h3 h4 h5 h6 header hgroup hr html legend li listing main "
    "menu nav ol optgroup option pre search section summary table tbody tfoot thead tr ul xmp"
)
_BREAK_OF = dict.fromkeys(_BLOCKS.split(), _BLOCK) | {"p": _PARAGRAPH}
_MARK_OF = _BREAK_OF | {"br": _LINE_END, "td": " ", "th": " "}

_DROPPED = frozenset(("script", "style", "template", "head", "iframe", "noembed", "noframes"))
_PREFORMATTED = frozenset(("pre", "textarea", "listing", "xmp"))
_SPECIAL = _DROPPED | _PREFORMATTED | {"a", "img"}

_KEPT_SPACE = {" ": "\x00s", "\t": "\x00t", "\n": "\x00n"}
_KEEP = str.maketrans(_KEPT_SPACE)

_SPACES = re.compile("  +")
_BREAKS = re.compile("\x00[123](?: *\x00[123])* *")
_ANY_MARK = re.compile("\x00.")
_SURROGATE = re.compile("[\ud800-\udfff]")


class Anchor(NamedTuple):
    """A link: where it leads, as written, and the text it is written on."""

    href: str
    text: str | None


class Image(NamedTuple):
    """A picture: its address, as written, and its description."""

    src: str
    alt: str | None


class Extract(NamedTuple):
    """What a piece of HTML holds."""

    text: str
    links: list[Anchor]
    images: list[Image]


def html_to_text(html: str) -> str:
    """The text of HTML (a fragment or a page), as a reader sees it; never fails."""
    return extract(html).text


def extract(html: str) -> Extract:
    """The text, links and pictures of HTML (a fragment or a page); never fails.

    Addresses are given as written: relative, misspelt or `javascript:`. NUL and lone surrogates
    become U+FFFD.
    """
    if "\0" in html:
        html = html.replace("\0", "\ufffd")
    if "<" not in html and "&" not in html:
        return Extract(_SURROGATE.sub("\ufffd", _laid_out(html)), [], [])
    try:
        data = html.encode()
    except UnicodeEncodeError:
        data = _SURROGATE.sub("\ufffd", html).encode()
    _here.events.begin()
    try:
        return cast("Extract", etree.fromstring(data, _here.parser))
    except etree.XMLSyntaxError:  # nothing in it but white space or comments
        return Extract("", [], [])


class _Events:
    """Takes the parser's events and writes text and marks down."""

    def begin(self) -> None:
        self._parts: list[str] = []
        self._dropped = 0  # open elements whose text no reader sees
        self._preformatted = 0
        self._href: str | None = None
        self._anchor_at = 0  # where in the parts the open link's text begins
        self._links: list[Anchor] = []
        self._images: list[Image] = []

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        if tag in _MARK_OF:
            self._parts.append(_MARK_OF[tag])
        if tag in _SPECIAL:
            if tag == "a":
                self._end_link()
                self._href = attributes.get("href")
                self._anchor_at = len(self._parts)
            elif tag == "img":
                if src := attributes.get("src"):
                    self._images.append(Image(src, attributes.get("alt") or None))
            elif tag in _DROPPED:
                self._dropped += 1
            else:
                self._preformatted += 1

    def end(self, tag: str) -> None:
        if tag in _BREAK_OF:
            self._parts.append(_BREAK_OF[tag])
        if tag in _SPECIAL:
            if tag == "a":
                self._end_link()
            elif tag in _DROPPED:
                self._dropped -= 1
            elif tag in _PREFORMATTED:
                self._preformatted -= 1

    def data(self, text: str) -> None:
        if self._dropped:
            return
        self._parts.append(text.translate(_KEEP) if self._preformatted else text)

    def close(self) -> Extract:
        self._end_link()
        return Extract(_laid_out("".join(self._parts)), self._links, self._images)

    def _end_link(self) -> None:
        if self._href:
            text = "".join(self._parts[self._anchor_at :])
            text = _laid_out(_ANY_MARK.sub(" ", text))
            self._links.append(Anchor(self._href, text or None))
        self._href = None


def _laid_out(text: str) -> str:
    for space in "\n\t\r\f":  # all white space but the no-break space, which an author chose
        text = text.replace(space, " ")
    if "\0" in text:
        # The first and the last line end in <pre> stand for its own breaks.
        text = text.replace(_BLOCK + _KEPT_SPACE["\n"], _BLOCK)
        text = text.replace(_KEPT_SPACE["\n"] + _BLOCK, _BLOCK)
        text = _BREAKS.sub(_line_ends, text)
    text = _SPACES.sub(" ", text).replace(" \n", "\n").strip(" \n")
    if "\0" in text:
        for space, mark in _KEPT_SPACE.items():
            text = text.replace(mark, space)
    return text


def _line_ends(run: re.Match[str]) -> str:
    marks = run[0]
    return "\n" * max(marks.count(_LINE_END), 2 if _PARAGRAPH in marks else 1)


class _Here(threading.local):
    """A parser for each thread: making one costs more than parsing a post."""

    def __init__(self) -> None:
        self.events = _Events()
        self.parser = etree.HTMLParser(
            target=cast("Any", self.events), encoding="utf-8", huge_tree=True
        )


_here = _Here()
