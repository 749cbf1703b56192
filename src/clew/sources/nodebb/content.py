"""What does a post's HTML hold that the forum has marked? Mentions, quotations, pictures, files."""

from __future__ import annotations

import re
from html import unescape

from clew.formats.html_text import Anchor, Extract, extract

_TAG = re.compile(r"<(a|img) ([^<>]{1,4000})>")
_ATTRIBUTE = re.compile(r'([a-z-]{1,40})="([^"<>]{0,2000})"')
_QUOTE = re.compile(
    r'href="([^"<>]{0,300}/post/([^"/?#<>]{1,300}))"[^<>]{0,300}>[^<>]{0,300}</a>:'
    r"\s{0,4}(?:<br ?/?>|</p>)\s{0,4}<blockquote"
)
_UPLOADS = ("/assets/uploads/files/", "/uploads/files/")


class Content:
    """A post's HTML: its text, and what the forum has marked in it."""

    def __init__(self, html: str) -> None:
        self.mentions: dict[str, str] = {}  # the last part of the user's address → uid or user
        self.quotes: list[str] = []  # the numbers of the posts quoted
        self._own: set[str] = set()  # links that the forum made
        if "<a" in html or "<img " in html:
            for href, number in _QUOTE.findall(html):
                self._own.add(unescape(href))
                if number not in self.quotes:
                    self.quotes.append(number)
            html = _TAG.sub(self._tag, html)
        self.body: Extract = extract(html)

    @property
    def links(self) -> list[Anchor]:
        """Links that the author made."""
        return [it for it in self.body.links if not self._is_own(it.href) and not _is_file(it)]

    @property
    def files(self) -> list[Anchor]:
        """Files that the author attached."""
        return [it for it in self.body.links if _is_file(it)]

    def _is_own(self, href: str) -> bool:
        return href.startswith("#") or href in self._own

    def _tag(self, match: re.Match[str]) -> str:
        attributes = {name: unescape(value) for name, value in _ATTRIBUTE.findall(match[2])}
        classes = frozenset(attributes.get("class", "").split())
        if match[1] == "img":
            if "emoji" in classes:  # the author wrote a character, or its name between colons
                return attributes.get("alt", "").replace("&", "&amp;").replace("<", "&lt;")
            return match[0]
        if "plugin-mentions-a" in classes or "mention" in classes:
            href = attributes.get("href", "")
            self._own.add(href)
            kind, _, name = href.rstrip("/").rpartition("/")
            kind = kind.rpartition("/")[2]
            if name and kind in ("uid", "user"):
                self.mentions[name] = kind
        return match[0]


def _is_file(link: Anchor) -> bool:
    return any(folder in link.href for folder in _UPLOADS)
