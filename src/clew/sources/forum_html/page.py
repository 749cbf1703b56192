"""What a saved page says of itself: address, thread, board, number."""

from __future__ import annotations

import re

from clew.formats.html_page import Element, first, markup, text_in, xpath
from clew.formats.html_text import html_to_text
from clew.sources.forum_html.addresses import board_id, host_of, joined, thread_id
from clew.sources.forum_html.found import Page

_SAVED_FROM = re.compile(r"<!-- saved from url=\(\d{4}\)(\S{1,2000}) -->")
_MIRRORED = re.compile(r"<!-- Mirrored from (\S{1,2000}) by HTTrack")


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
