"""Posts that a page states for machines: JSON-LD and microdata of schema.org."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import msgspec

from clew.formats.html_page import Element, first, markup, text_in, xpath
from clew.sources.forum_html.addresses import is_member, joined, member_id, post_id
from clew.sources.forum_html.found import Author, Found, Page
from clew.sources.forum_html.parts import marked_quotes, times

_POSTINGS = ("DiscussionForumPosting", "SocialMediaPosting", "Question")
_ANSWERS = ("comment", "suggestedAnswer", "acceptedAnswer")
_MOST = 10_000  # posts of one page


def take_json_ld(tree: Element, page: Page) -> bool:
    """Read `DiscussionForumPosting` with its comments; false: the page has none."""
    for script in xpath(".//script[@type='application/ld+json']")(tree):
        try:
            stated = msgspec.json.decode(script.text or "")
        except (msgspec.DecodeError, RecursionError):
            continue
        for posting in _postings(stated):
            page.engine = "JSON-LD"
            page.title = _words(posting.get("headline") or posting.get("name")) or page.title
            page.posts = [_stated(item, page) for item in (posting, *_comments(posting))][:_MOST]
            return True
    return False


def _postings(stated: Any) -> Iterator[dict[str, Any]]:
    waiting = [stated]
    for _ in range(_MOST):
        if not waiting:
            return
        part = waiting.pop()
        if isinstance(part, list):
            waiting += part
        elif isinstance(part, dict):
            kinds = part.get("@type")
            kinds = kinds if isinstance(kinds, list) else [kinds]
            has_words = _words(part.get("text") or part.get("articleBody"))
            if any(kind in _POSTINGS for kind in kinds) and has_words:
                yield part
            waiting += [part[key] for key in ("@graph", "mainEntity") if key in part]


def _comments(posting: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for key in _ANSWERS:
        stated = posting.get(key)
        for comment in stated if isinstance(stated, list) else [stated]:
            if isinstance(comment, dict):
                yield comment
                if comment is not posting:
                    yield from _flat(comment)


def _flat(comment: dict[str, Any]) -> Iterator[dict[str, Any]]:
    waiting = [comment.get("comment")]
    for _ in range(_MOST):
        if not waiting:
            return
        part = waiting.pop()
        if isinstance(part, list):
            waiting += reversed(part)
        elif isinstance(part, dict):
            yield part
            waiting.append(part.get("comment"))


def _words(value: Any) -> str | None:
    return (value.strip() or None) if isinstance(value, str) else None


def _stated(item: dict[str, Any], page: Page) -> Found:
    author = item.get("author")
    author = author[0] if isinstance(author, list) and author else author
    found = Found(text=_words(item.get("text") or item.get("articleBody")))
    if isinstance(author, dict):
        url = _words(author.get("url"))
        found.author = Author(
            name=_words(author.get("name")),
            id=member_id(url) if url else None,
            url=joined(page.base, url) if url else None,
        )
    else:
        found.author = Author(name=_words(author))
    found.machine_time = _words(item.get("datePublished") or item.get("dateCreated"))
    address = _words(item.get("url")) or _words(item.get("@id"))
    if address:
        found.url, found.id = joined(page.base, address), post_id(address)
    return found


# --------------------------------------------------------------------------------------- microdata

_SCOPES = (
    "descendant-or-self::*[@itemscope and (contains(@itemtype, 'schema.org/DiscussionForumPosting')"
    " or contains(@itemtype, 'schema.org/Comment') or contains(@itemtype, 'schema.org/Answer')"
    " or contains(@itemtype, 'schema.org/Question')"
    " or contains(@itemtype, 'schema.org/SocialMediaPosting'))]"
)
_TEXTS = (
    ".//*[@itemprop='text']",
    ".//*[@itemprop='articleBody']",
    ".//*[@itemprop='commentText']",
)


def take_microdata(tree: Element, page: Page) -> bool:
    """Read posts marked by `itemscope`; false: the page has fewer than two."""
    scopes = xpath(_SCOPES)(tree)[:_MOST]
    known, taken, posts = set(scopes), set(), []
    for scope in scopes:
        body = first(scope, *_TEXTS)
        if body is None or body in taken:
            continue
        if next((above for above in body.iterancestors() if above in known), None) is scope:
            taken.add(body)
            posts.append(_marked(scope, body, page))
    if len(posts) < 2:
        return False
    page.engine = "microdata"
    page.posts = posts
    return True


def _marked(scope: Element, body: Element, page: Page) -> Found:
    found = Found(id=None)
    signed = first(
        scope, ".//*[@itemprop='author']//*[@itemprop='name']", ".//*[@itemprop='author']"
    )
    link = first(scope, ".//*[@itemprop='author']//a[@href]", ".//a[@itemprop='author' and @href]")
    href = link.get("href") if link is not None else ""
    found.author = Author(
        name=text_in(signed) or (signed.get("content") if signed is not None else None),
        id=member_id(href),
        url=joined(page.base, href) if is_member(href) else None,
    )
    stamp = first(
        scope, ".//*[@itemprop='datePublished']", ".//*[@itemprop='dateCreated']", ".//time"
    )
    found.machine_time, found.shown_time = times(stamp)
    if found.machine_time is None and stamp is not None:
        found.machine_time = stamp.get("content")
    address = first(scope, ".//*[@itemprop='url']/@href", ".//link[@itemprop='url']/@href")
    if address:
        found.url, found.id = joined(page.base, address), post_id(address)
    found.quotes = marked_quotes(body)
    found.html = markup(body)
    return found
