"""A saved page as a tree, and what it says of itself: address, thread, board, number."""

from __future__ import annotations

import codecs
import re
from collections.abc import Callable
from functools import lru_cache
from typing import Any

from lxml import etree

from clew.errors import SourceUnusable
from clew.formats.html_text import html_to_text
from clew.sources.forum_html.addresses import board_id, host_of, joined, thread_id
from clew.sources.forum_html.found import Page

Element = Any  # lxml-stubs' elements know no HTML

LARGEST = 32 << 20
"""Bytes of a page that is read; a thread's page has a hundred thousand."""

_BOMS = {
    codecs.BOM_UTF8: "utf-8",
    codecs.BOM_UTF16_LE: "utf-16-le",
    codecs.BOM_UTF16_BE: "utf-16-be",
}
_CHARSET = re.compile(rb"<meta[^>]{0,200}charset\s{0,4}=\s{0,4}[\"']?([A-Za-z0-9_:.-]{2,40})")
_SAVED_FROM = re.compile(r"<!-- saved from url=\(\d{4}\)(\S{1,2000}) -->")
_MIRRORED = re.compile(r"<!-- Mirrored from (\S{1,2000}) by HTTrack")
_SUPERSETS = {"iso8859-1": "cp1252", "ascii": "cp1252", "iso8859-9": "cp1254", "gb2312": "gbk"}


def decoded(data: bytes) -> str:
    """The text of a page, by byte order mark, `<meta charset>`, UTF-8 or Windows-1252.

    Never fails: what is no character becomes U+FFFD, as NUL does.
    """
    for mark, encoding in _BOMS.items():
        if data.startswith(mark):
            return data[len(mark) :].decode(encoding, "replace").replace("\0", "\ufffd")
    declared = _CHARSET.search(data[:8192])
    text = None
    if declared:
        try:
            name = codecs.lookup(declared[1].decode()).name
            text = data.decode(_SUPERSETS.get(name, name), "replace")
        except (LookupError, ValueError, TypeError):
            text = None
    if text is None:
        try:
            text = data.decode()
        except UnicodeDecodeError:
            text = data.decode("cp1252", "replace")
    return text.replace("\0", "\ufffd")


def tree_of(text: str) -> Element:
    """The tree of a page. Raises SourceUnusable for one without elements.

    The parser is libxml2's with its own limits on depth: what lies deeper is lost, no more.
    """
    parser = etree.HTMLParser(encoding="utf-8", remove_comments=True, remove_pis=True)
    try:
        tree = etree.fromstring(text.encode("utf-8", "replace"), parser)
    except etree.XMLSyntaxError as error:
        raise SourceUnusable("no page of HTML") from error
    if tree is None:
        raise SourceUnusable("no page of HTML")
    return tree


@lru_cache(maxsize=512)
def xpath(expression: str) -> Callable[[Element], list[Any]]:
    """A compiled expression; `.name` in braces stands for a class: `//div{post}`."""
    plain = re.sub(
        r"\{([\w-]+)\}",
        r"[contains(concat(' ', normalize-space(@class), ' '), ' \1 ')]",
        expression,
    )
    return etree.XPath(plain, regexp=False, smart_strings=False)  # type: ignore[return-value]


def first(element: Element, *expressions: str) -> Any:
    """What the first expression that finds anything finds first; null: nothing."""
    for expression in expressions:
        for match in xpath(expression)(element):
            return match
    return None


def text_in(element: Element | None) -> str | None:
    """The text in an element, on one line."""
    if element is None:
        return None
    said = element if isinstance(element, str) else "".join(element.itertext())
    return " ".join(said.split()) or None


def markup(element: Element) -> str:
    """An element as HTML, to be handed to the text reader."""
    return str(etree.tostring(element, encoding="unicode", method="html", with_tail=False))


def lines_in(element: Element) -> list[str]:
    """The lines of text in an element, as a reader sees them."""
    return [line.strip() for line in html_to_text(markup(element)).split("\n") if line.strip()]


# ------------------------------------------------------------------------------------ of the page

_OF_PAGES = re.compile(
    r"(?:Page|Seite|Página|Pagina|Pagina|Страница|Strona|Sida)\s{1,3}(\d{1,6})\s{1,3}"
    r"(?:of|von|sur|de|di|van|из|z|av)\s{1,3}(\d{1,6})",
    re.IGNORECASE,
)
_NAVIGATION = (
    ".//*{pageNav-main}",
    ".//*{PageNav}",
    ".//div{pagination}",
    ".//*{pagelinks}",
    ".//*{pagenav}",
    ".//*{ipsPagination}",
    ".//*{pagelink}",
    ".//span{nav}[b]",
    ".//*{pagination}",
)
_BOARD_LINKS = (
    ".//*{p-breadcrumbs}//a[@href]",
    ".//*{crumbs}//a[@href]",
    ".//*{breadcrumbs}//a[@href]",
    ".//*[@id='breadcrumb' or @id='breadcrumbs']//a[@href]",
    ".//*{breadcrumb}//a[@href]",
    ".//*{navigation}//a[@href]",
    ".//*{navigate_section}//a[@href]",
    ".//*{ipsBreadcrumb}//a[@href]",
    ".//*{navbar}//a[@href]",
    ".//*{navbit}//a[@href]",
    ".//a{nav}[@href]",
    ".//*{linktree}//a[@href]",
)
_TITLES = (
    ".//h1{p-title-value}",
    ".//*{topic-title}",
    ".//*{threadtitle}",
    ".//*{titleBar}//h1",
    ".//*{ipsType_pageTitle}",
    ".//h1{main-title}",
    ".//a{maintitle}",
    ".//h2/a[contains(@href, 'viewtopic')]",
    ".//h1{title}",
)


def page_of(tree: Element, text: str, site: str = "") -> Page:
    """What a page says of itself; `site` is what the analyst says of it."""
    own = _own_address(tree, text)
    base = first(tree, ".//base/@href")
    page = Page(
        url=own,
        base=base if host_of(base) else own,
        site=site.lower() or host_of(own) or _base_host(tree),
    )
    page.thread = _thread(tree, own)
    page.title = _title(tree)
    _take_board(tree, page)
    _take_number(tree, page)
    return page


def _own_address(tree: Element, text: str) -> str | None:
    head = text[:4096]
    for match in (_SAVED_FROM.search(head), _MIRRORED.search(head)):
        if match:
            return match[1] if "://" in match[1] else f"http://{match[1]}"
    relative = None
    for expression in (
        ".//link[@rel='canonical']/@href",
        ".//meta[@property='og:url']/@content",
        ".//base/@href",
    ):
        href = (first(tree, expression) or "").strip()
        if host_of(href):
            return joined(None, href)
        relative = relative or (joined(None, href) if href else None)
    return relative


def _base_host(tree: Element) -> str | None:
    """The host that most links to threads and members have; null: they are relative."""
    hosts: dict[str, int] = {}
    for href in xpath(".//a/@href")(tree)[:2000]:
        if href.startswith("http") and thread_id(href) and (host := host_of(href)):
            hosts[host] = hosts.get(host, 0) + 1
    host = max(hosts, key=lambda name: hosts[name], default=None)
    return host if host and hosts[host] > 2 else None


def _thread(tree: Element, own: str | None) -> str | None:
    key = first(tree, "/html/@data-content-key") or ""
    if key.startswith("thread-"):
        return key.removeprefix("thread-") or None
    candidates = (
        own,
        first(tree, ".//link[@rel='canonical']/@href"),
        first(tree, ".//meta[@property='og:url']/@content"),
    )
    for href in filter(None, candidates):
        if found := thread_id(href):
            return found
    stated = first(tree, ".//input[@name='t' or @name='tid' or @name='topic']/@value")
    if stated and stated.isdigit():
        return str(stated)
    for expression in (
        *(f"{title}/@href" for title in _TITLES),
        *(f"{t}//a/@href" for t in _TITLES),
    ):
        for href in xpath(expression)(tree):
            if found := thread_id(href):
                return found
    return None


def _title(tree: Element) -> str | None:
    for expression in _TITLES:
        if title := text_in(first(tree, expression)):
            return title
    stated = first(tree, ".//meta[@property='og:title']/@content") or text_in(
        first(tree, ".//title")
    )
    return " ".join(stated.split()) or None if stated else None


def _take_board(tree: Element, page: Page) -> None:
    """The board is the last link of the path that names one."""
    for expression in _BOARD_LINKS:
        for link in reversed(xpath(expression)(tree)):
            href, name = link.get("href", ""), text_in(link)
            if name and (number := board_id(href)):
                page.board, page.board_name = number, name
                page.board_url = joined(page.base, href)
                return


def _take_number(tree: Element, page: Page) -> None:
    for expression in _NAVIGATION:
        for navigation in xpath(expression)(tree)[:2]:
            if match := _OF_PAGES.search((text_in(navigation) or "")[:500]):
                page.number, page.count = int(match[1]), int(match[2])
                return
            current = first(
                navigation,
                ".//*{pageNav-page--current}",
                ".//*{currentPage}",
                ".//*{pagination_current}",
                ".//*{current_page}",
                ".//li{active}",
                ".//strong",
            )
            shown = text_in(current) or ""
            if shown.isascii() and shown.isdigit() and len(shown) < 7:
                page.number = int(shown)
                numbers = [text_in(link) or "" for link in xpath(".//a")(navigation)]
                others = [int(n) for n in numbers if n.isascii() and n.isdigit() and len(n) < 7]
                page.count = max([page.number, *others])
                return
