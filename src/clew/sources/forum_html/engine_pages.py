"""The posts of a page whose engine is known."""

from __future__ import annotations

import re

from clew.formats.html_page import Element, first, markup, text_in, xpath
from clew.sources.forum_html.addresses import joined, member_id, post_id
from clew.sources.forum_html.engines import ENGINES, Engine
from clew.sources.forum_html.found import Attached, Author, Found, Page
from clew.sources.forum_html.parts import marked_quotes, take_profile, times

_LAST_NUMBER = re.compile(r"(\d{1,18})$")
_DELETED = re.compile(r"(?:^|\s)(?:message--deleted|deleted|is-deleted|deletedPost)(?:\s|$)")


def engine_of(tree: Element, text: str) -> tuple[Engine, list[Element]] | None:
    """The engine that most posts of the page are laid out as, and the posts; null: none."""
    low = text.lower().encode("utf-8", "replace")
    best: tuple[Engine, list[Element]] | None = None
    for engine in ENGINES:
        if not any(witness in low for witness in engine.witness):
            continue
        posts = [
            post for post in xpath(engine.posts)(tree) if first(post, *engine.body) is not None
        ]
        if posts and (best is None or len(posts) > len(best[1])):
            best = (engine, posts)
    return best


def take_posts(engine: Engine, posts: list[Element], page: Page) -> None:
    """Read the posts of a known engine into the page."""
    page.engine = engine.name
    found = [_found(engine, post, page) for post in posts]
    page.posts = [post for post in found if post.id != "0"]  # hosts of forums put in advertisements


def _found(engine: Engine, post: Element, page: Page) -> Found:
    body = first(post, *engine.body)
    found = Found(id=_id(engine, post), author=_author(engine, post, page))
    found.machine_time, found.shown_time = times(first(post, *engine.time))
    found.title = text_in(first(post, *engine.title)) if engine.title else None
    found.is_deleted = bool(_DELETED.search(post.get("class", "")))
    found.url = _own_address(post, found.id, page)
    found.files = [
        Attached(joined(page.base, link.get("href", "")), text_in(link))
        for expression in engine.files
        for link in xpath(expression)(post)
        if link.get("href")
    ]
    found.quotes = marked_quotes(body)
    found.html = markup(body)
    return found


def _id(engine: Engine, post: Element) -> str | None:
    for expression in engine.id:
        for value in xpath(expression)(post):
            if match := _LAST_NUMBER.search(value[-40:]):
                return match[1]
    return None


def _author(engine: Engine, post: Element, page: Page) -> Author:
    author = Author()
    signed = first(post, *engine.author)
    author.name = text_in(signed)
    if signed is not None and not isinstance(signed, str):
        link = signed if signed.tag == "a" else first(signed, ".//a[@href]")
        href = (link.get("href") or "") if link is not None else ""
        author.id = signed.get("data-user-id") or member_id(href)
        author.url = joined(page.base, href) if href and not href.startswith("#") else None
    if author.id is None and (href := first(post, *engine.member)):
        author.id, author.url = member_id(href), joined(page.base, href)
    author.title = text_in(first(post, *engine.rank)) if engine.rank else None
    profile = first(post, *engine.profile)
    if profile is not None:
        take_profile(profile, author, page)
    return author


def _own_address(post: Element, number: str | None, page: Page) -> str | None:
    if number is None:
        return None
    for href in xpath(".//a/@href")(post):
        if post_id(href) == number and "quote" not in href and "report" not in href:
            return joined(page.base, href)
    return None
