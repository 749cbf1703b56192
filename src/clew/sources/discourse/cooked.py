"""What does a post's HTML hold that the forum has marked? Quotations, mentions, pictures, files."""

from __future__ import annotations

import re
from html import unescape
from typing import NamedTuple

from clew.formats.html_text import Extract, extract


class Quoted(NamedTuple):
    """What a quotation says of the post it is from."""

    username: str | None
    topic: str | None
    number: str

    def post_id(self, topic_prefix: str) -> str:
        """The id of the post quoted, from one in the topic of this prefix."""
        prefix = f"{topic_prefix.rpartition('/')[0]}/{self.topic}" if self.topic else topic_prefix
        return f"{prefix}/{self.number}"


_TAG = re.compile(r"<(a|aside|img) ([^<>]{1,4000})>")
_ATTRIBUTE = re.compile(r'([a-z-]{1,40})="([^"<>]{0,2000})"')
_DIGITS = re.compile(r"[1-9][0-9]{0,18}", re.ASCII)
_MENTION = re.compile(r"(?:.{0,200}/)?u/([^/?#]{1,100})")
_FORUMS_OWN = frozenset(("avatar", "site-icon", "thumbnail", "favicon"))  # pictures
_CAPTION = '<div class="meta">'  # file name and size that the forum writes on a picture


class Cooked:
    """A post's HTML: its text, and what the forum has marked in it."""

    def __init__(self, html: str) -> None:
        self.quotes: list[Quoted] = []
        self.mentions: list[str] = []
        self.pictures: list[tuple[str, str | None]] = []
        self.files: set[str] = set()
        self._own: set[str] = set()  # links that the forum made: to users, to itself
        self._full: str | None = None  # address of the picture in full size
        if "<a" in html or "<img " in html:
            html = _TAG.sub(self._tag, _without_captions(html))
        self.body: Extract = extract(html)

    def is_own(self, href: str) -> bool:
        """Whether the forum made a link: to a user, a heading, a picture or a file of the post."""
        return href.startswith("#") or href in self._own or href in self.files

    def _tag(self, match: re.Match[str]) -> str:
        attributes = {name: unescape(value) for name, value in _ATTRIBUTE.findall(match[2])}
        classes = frozenset(attributes.get("class", "").split())
        match match[1]:
            case "aside":
                self._quote(attributes, classes)
            case "img":
                return self._image(match[0], attributes, classes)
            case _:
                return self._link(match[0], attributes, classes)
        return match[0]

    def _quote(self, attributes: dict[str, str], classes: frozenset[str]) -> None:
        number, topic = attributes.get("data-post", ""), attributes.get("data-topic", "")
        if "quote" in classes and _DIGITS.fullmatch(number):
            known_topic = topic if _DIGITS.fullmatch(topic) else None
            quoted = Quoted(attributes.get("data-username") or None, known_topic, number)
            if quoted not in self.quotes:
                self.quotes.append(quoted)

    def _image(self, tag: str, attributes: dict[str, str], classes: frozenset[str]) -> str:
        if "emoji" in classes:  # the author wrote a character, or its name between colons
            return attributes.get("alt", "").replace("&", "&amp;").replace("<", "&lt;")
        if self._full is not None:
            self.pictures.append((self._full, attributes.get("alt") or None))
            self._full = None
            return ""
        return "" if classes & _FORUMS_OWN else tag

    def _link(self, tag: str, attributes: dict[str, str], classes: frozenset[str]) -> str:
        href = attributes.get("href", "")
        if "lightbox" in classes and href:
            self._full = href
            return "<a>"
        if "attachment" in classes:
            self.files.add(href)
        elif "mention" in classes:
            self._own.add(href)
            if (user := _MENTION.fullmatch(href)) and user[1] not in self.mentions:
                self.mentions.append(user[1])
        elif classes & {"mention-group", "hashtag", "hashtag-cooked"}:
            self._own.add(href)
        return tag


def _without_captions(html: str) -> str:
    first, *others = html.split(_CAPTION)
    return "".join((first, *(other.partition("</div>")[2] for other in others)))
