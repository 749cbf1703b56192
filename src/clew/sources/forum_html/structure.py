"""The posts of a page whose engine nobody knows: what repeats with a time, an author and words.

1. Every short text with a date and a clock is a candidate for the time of a post, grouped by the
   tags that lead to it. The group that repeats most is the times of posts: times of edits and
   dates of joining repeat less or have no clock.
2. A post is the largest element around a time that holds no other of the group, with what follows
   until the next one.
3. The body is the part that holds most of the words over all posts; the author is the first link to
   a member, else the first bold or headed name before the body.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterator
from itertools import islice

from lxml import etree

from clew.formats.html_page import Element, first, markup, text_in, xpath
from clew.sources.forum_html.addresses import is_member, joined, member_id, post_id
from clew.sources.forum_html.dates import shown
from clew.sources.forum_html.found import Author, Found, Page
from clew.sources.forum_html.parts import JOINED, marked_quotes, take_profile, times

_SKIPPED = frozenset(("script", "style", "head", "noscript", "option", "select", "textarea"))
_WORDLESS = frozenset(("script", "style", "noscript", "template", "select", "textarea"))
_LONGEST_STAMP = 120
_CLOCK = re.compile(r"\d{1,2}:\d\d")
_OWN_NUMBER = re.compile(
    r"^(?:js-)?(?:p|post|pid|msg|comment|reply|elComment|entry)?[-_]?(\d{1,18})$"
)
_SHARE = 0.5  # of what is new that a part must say to be gone into
_PARTS = 60  # of a post that are looked through for what stands beside the author
_MOST_POSTS = 0.8  # that must have a part, else it is one of a body: a quote, a listing
_INLINE = frozenset(
    (
        "p",
        "pre",
        "code",
        "span",
        "a",
        "b",
        "i",
        "em",
        "strong",
        "br",
        "font",
        "u",
        "img",
    )
)


def take_structure(tree: Element, page: Page) -> bool:
    """Read the posts that repeat; false: there are fewer than two with authors."""
    stamps = _stamps(tree)
    if len(stamps) < 2:
        return False
    blocks = _blocks(stamps)
    novelty = _Novelty(blocks)
    path = _body_path(blocks, novelty)
    posts = [
        _found(block, stamp, path, novelty, page)
        for block, stamp in zip(blocks, stamps, strict=True)
    ]
    signed = sum(post.author.name is not None for post in posts)
    worded = sum(bool(post.html) for post in posts)
    if signed < 2 or min(signed, worded) < 0.6 * len(posts):
        return False
    page.posts = [post for post in posts if post.html]
    return True


# -------------------------------------------------------------------------------------- the times


def _stamps(tree: Element) -> list[Element]:
    """The elements that hold the times of posts, in order."""
    groups: dict[int, list[Element]] = defaultdict(list)
    for element, path in _with_paths(tree):
        if _is_stamp(element):
            groups[path].append(element)
    return max(groups.values(), key=lambda g: (len(set(map(_said, g))), len(g)), default=[])


def _said(stamp: Element) -> str:
    return stamp.get("datetime") or text_in(stamp) or ""


def _with_paths(tree: Element) -> Iterator[tuple[Element, int]]:
    """Every element with a number that stands for the tags that lead to it."""
    numbers: dict[tuple[int, str], int] = {}
    paths: dict[Element, int] = {}
    for element in tree.iter(etree.Element):
        parent = element.getparent()
        above = paths.get(parent, 0) if parent is not None else 0
        if above < 0 or element.tag in _SKIPPED:
            paths[element] = -1
            continue
        path = numbers.setdefault((above, element.tag), len(numbers) + 1)
        paths[element] = path
        yield element, path


def _is_stamp(element: Element) -> bool:
    if element.tag == "time" and (element.get("datetime") or "").strip():
        return True
    parts = list(element)
    if 0 < len(parts) < 3 and not any(len(part) for part in parts):
        said = "".join(element.itertext())  # the date and the clock in parts of their own
    else:
        said = " ".join((element.text or "", *(part.tail or "" for part in parts)))
    if len(said) > 2 * _LONGEST_STAMP:
        return False
    said = " ".join(said.split())
    if len(said) > _LONGEST_STAMP or not _CLOCK.search(said):
        return False
    stamp = shown(said)
    label = (text_in(element) or "").partition(":")[0].lower()
    return stamp is not None and stamp.clock is not None and label not in JOINED


# -------------------------------------------------------------------------------------- the blocks


def _blocks(stamps: list[Element]) -> list[list[Element]]:
    """The elements of each post: around its time, and what follows until the next."""
    counts: dict[Element, int] = defaultdict(int)
    for stamp in stamps:
        counts[stamp] += 1
        for above in stamp.iterancestors():
            counts[above] += 1
    tops = []
    for stamp in stamps:
        top = stamp
        while (parent := top.getparent()) is not None and counts[parent] == 1:
            top = parent
        tops.append(top)
    known = set(tops)
    blocks = []
    for top in tops:
        block = [top]
        for following in top.itersiblings():
            if following in known or counts.get(following):
                break
            block.append(following)
        blocks.append(block)
    if blocks and len(blocks) > 1:
        longest = max(len(block) for block in blocks[:-1])
        del blocks[-1][longest:]  # what follows the last post is the foot of the page
    return blocks


Step = tuple[str, int]  # a tag, and which of those of the tag
Path = tuple[Step, ...]


class _Novelty:
    """How much is said in a part that no other post says: ranks, labels and signatures repeat."""

    def __init__(self, blocks: list[list[Element]]) -> None:
        self._posts = len(blocks)
        self._counts: Counter[str] = Counter()
        for block in blocks:
            self._counts.update({text for part in block for text in _texts(part)})

        targets: dict[str, set[str]] = defaultdict(set)
        for block in blocks:
            for part in block:
                for link in xpath("descendant-or-self::a[@href]")(part):
                    if number := member_id(link.get("href")):
                        targets[text_in(link) or ""].add(number)
        self._labels = {text for text, members in targets.items() if len(members) > 1}

    def is_label(self, text: str) -> bool:
        """Whether links of this text lead to different members: `Profile`, `Send message`."""
        return text in self._labels

    def of(self, part: Element) -> int:
        """The characters in it that are said in this post alone, dates apart."""
        return sum(self.of_text(text) for text in _texts(part))

    def own(self, part: Element) -> int:
        """The same of the text that stands in it and not in a part that is a block of its own."""
        texts = [part.text or ""]
        for child in part:
            texts.append(child.tail or "")
            if child.tag in _INLINE:
                texts += child.itertext()
        return sum(self.of_text(text.strip()) for text in texts)

    def of_text(self, text: str) -> int:
        """The characters of a text, if it is said in one post."""
        is_date = len(text) <= _LONGEST_STAMP and _CLOCK.search(text) and shown(text)
        return 0 if is_date or self._counts[text] != 1 else len(text)

    def is_everywhere(self, text: str) -> bool:
        """Whether every post says it, so that it names nobody."""
        return self._posts > 2 and self._counts[text] == self._posts


def _texts(part: Element) -> list[str]:
    if part.tag in _WORDLESS:
        return []
    return [text for text in map(str.strip, part.itertext()) if text]


def _body_path(blocks: list[list[Element]], novelty: _Novelty) -> Path:
    """The way from a post to its body: ever into the part that says most that is new."""
    path: Path = ()
    places = blocks
    while True:
        said: Counter[Step] = Counter()
        for place in places:
            for step, part in _steps(place):
                said[step] += novelty.of(part)
        if not said.total():
            return path
        best = max(said, key=lambda step: said[step])
        if path and said[best] < _SHARE * said.total():
            return path
        chosen = [part for place in places for step, part in _steps(place) if step == best]
        if chosen[0].tag in _INLINE or len(chosen) < _MOST_POSTS * len(places):
            return path
        path = (*path, best)
        if sum(map(novelty.own, chosen)) > (1 - _SHARE) * said[best]:
            return path
        places = [list(part) for part in chosen]


def _steps(parts: list[Element]) -> Iterator[tuple[Step, Element]]:
    """Parts with what tells them from each other: tag and number among those of the tag."""
    seen: Counter[str] = Counter()
    for part in parts:
        if isinstance(part.tag, str) and part.tag not in _WORDLESS:
            yield (part.tag, seen[part.tag]), part
            seen[part.tag] += 1


# ------------------------------------------------------------------------------------- of one post


def _found(
    block: list[Element], stamp: Element, path: Path, novelty: _Novelty, page: Page
) -> Found:
    found = Found()
    found.machine_time, found.shown_time = times(stamp)
    body = _body(block, path)
    inside = set(body.iter()) if body is not None else set()
    found.id, found.url = _number(block, inside, page)
    found.author = _author(block, inside, novelty, page)
    if body is not None and (_texts(body) or first(body, ".//img") is not None):
        found.quotes = marked_quotes(body)
        found.html = markup(body)
    return found


def _body(block: list[Element], path: Path) -> Element | None:
    parts, body = block, None
    for step in path:
        body = next((part for known, part in _steps(parts) if known == step), None)
        if body is None:
            return None
        parts = list(body)
    return body


_NAMES = (
    ".//*[@itemprop='author']//*[@itemprop='name']",
    ".//*[self::h3 or self::h4 or self::h5 or self::strong or self::b or self::dt or self::cite]",
)


def _author(block: list[Element], inside: set[Element], novelty: _Novelty, page: Page) -> Author:
    author = Author()
    for part in block:
        for link in xpath("descendant-or-self::a[@href]")(part):
            name = text_in(link)
            if link in inside or not name or len(name) > 60 or novelty.is_label(name):
                continue
            if is_member(link.get("href")):
                author.name, author.id = name, member_id(link.get("href"))
                author.url = joined(page.base, link.get("href"))
                break
        if author.name:
            break
    for part in block if author.name is None else ():
        for expression in _NAMES:
            names = (text_in(e) for e in xpath(expression)(part)[:20] if e not in inside)
            author.name = author.name or next(
                filter(lambda name: _is_name(name, novelty, page.title), names), None
            )
    for part in block:
        for element in islice(part.iter("td", "dl", "ul", "div", "aside", "section"), _PARTS):
            if element not in inside and not inside.intersection(element.iter()):
                take_profile(element, author, page)
                if author.joined or author.posts is not None:
                    return author
    return author


def _is_name(text: str | None, novelty: _Novelty, title: str | None) -> bool:
    """Whether a text can name an author: not what every post says, nor the subject."""
    subject = (text or "").removeprefix("Re: ")
    if title and subject in title:
        return False
    return bool(text and len(text) < 40 and shown(text) is None and not novelty.is_everywhere(text))


def _number(
    block: list[Element], inside: set[Element], page: Page
) -> tuple[str | None, str | None]:
    """The post's own number, by the ids and names of its elements, else by a link to itself."""
    before = block[0].getprevious()
    parts = [before, *block] if before is not None and before.tag == "a" else block
    for part in parts:
        for value in xpath("descendant-or-self::*/@id | descendant-or-self::*/@name")(part)[:40]:
            if match := _OWN_NUMBER.match(value):
                return match[1], None
    for part in block:
        for link in xpath(".//a[@href]")(part):
            href = link.get("href")
            if link not in inside and (number := post_id(href)):
                return number, joined(page.base, href)
    return None, None
