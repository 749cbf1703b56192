"""What does the article on a saved web page say: of a blog, a news site, a report?

trafilatura (https://aclanthology.org/2021.acl-demo.15/) tells the article from what stands around
it; title, author and time are what the page states for machines: schema.org in JSON-LD, Open Graph.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple
from urllib.parse import urljoin, urlsplit

import msgspec
from lxml import etree

from clew.contract import Piece, Sample, Source
from clew.errors import ItemError, SourceUnusable
from clew.formats.html_page import Element, decoded, first, text_in, tree_of, writable, xpath
from clew.formats.html_text import Extract, extract
from clew.model.tables import Channel, Link, Media, Post, PostKind, Row
from clew.model.times import Micros, TimeQuality, from_iso, local_text

PLATFORM = "web"

_LARGEST = 8 << 20  # bytes: an article of a megabyte is a book
_ARTICLES = frozenset(
    (
        *("Article", "NewsArticle", "BlogPosting", "TechArticle", "Report", "ScholarlyArticle"),
        *("SocialMediaPosting", "LiveBlogPosting", "OpinionNewsArticle", "AnalysisNewsArticle"),
    )
)
_MARKS = re.compile(
    rb"<article[\s>]"
    rb"|property\s{0,4}=\s{0,4}[\"']?(?:og:type[\"']?\s{1,4}content\s{0,4}=\s{0,4}[\"']?article|article:)"
    rb"|\"@type\"\s{0,4}:\s{0,4}\"(?:\w{0,12}Article|BlogPosting)\"",
    re.IGNORECASE,
)
_HTML = re.compile(rb"<!doctype html|<html[\s>]|<head[\s>]", re.IGNORECASE)

# It would print addresses of hostile pages, as warnings.
logging.getLogger("trafilatura").addHandler(logging.NullHandler())

# What trafilatura calls the parts of an article, in HTML.
_TAGS = {"head": "h2", "item": "li", "list": "ul", "lb": "br", "ref": "a", "quote": "blockquote",
         "graphic": "img", "row": "tr", "cell": "td", "del": "s", "hi": "b"}  # fmt: skip


@dataclass(frozen=True)
class Options:
    """What a page does not say of itself."""

    address: str = ""  # where it was saved from


class Moment(NamedTuple):
    """When something was written, as the page states it."""

    at: Micros | None = None
    quality: TimeQuality = TimeQuality.MISSING
    local: str | None = None


class Article(NamedTuple):
    """What a page holds."""

    address: str | None
    title: str | None
    author: str | None
    published: Moment
    modified: Moment
    language: str | None
    site: str | None
    body: Extract


def recognise(sample: Sample) -> float:
    """By the marks of an article. Whoever knows the page better says so with more."""
    is_page = _HTML.search(sample.head[:4096]) and _MARKS.search(sample.head)
    return 0.35 if is_page else 0.0


def items(piece: Piece) -> Iterator[Article]:
    """The one article. Raises SourceUnusable for a page that has none."""
    with piece.open() as stream:
        data = stream.read(_LARGEST + 1)
    if len(data) > _LARGEST:
        raise SourceUnusable(f"a page of more than {_LARGEST >> 20} MB is no article")
    yield _article(decoded(data), piece)


def _article(page: str, piece: Piece) -> Article:
    tree = tree_of(page)
    stated = next(_stated(tree), {})
    address = _address(tree, piece)
    return Article(
        address=address,
        title=_text(stated.get("headline"))
        or _meta(tree, "og:title")
        or text_in(first(tree, ".//h1", ".//title")),
        author=_author(stated) or _meta(tree, "author", "article:author", "byl"),
        published=_moment(
            stated.get("datePublished")
            or _meta(tree, "article:published_time", "datePublished", "date")
            or first(tree, ".//article//time/@datetime", ".//time[@pubdate]/@datetime")
        ),
        modified=_moment(stated.get("dateModified") or _meta(tree, "article:modified_time")),
        language=text_in(first(tree, "/html/@lang")),
        site=_meta(tree, "og:site_name"),
        body=_body(page, address),
    )


# ------------------------------------------------------------------------------ what a page states


def _stated(tree: Element) -> Iterator[dict[str, Any]]:
    """What JSON-LD says of articles."""
    for text in xpath(".//script[@type='application/ld+json']/text()")(tree):
        try:
            waiting = [msgspec.json.decode(text.encode("utf-8", "replace"))]
        except (msgspec.DecodeError, RecursionError):
            continue
        while waiting:
            node = waiting.pop(0)
            if isinstance(node, list):
                waiting += node
            elif isinstance(node, dict):
                kinds = node.get("@type")
                kinds = kinds if isinstance(kinds, list) else [kinds]
                if any(isinstance(kind, str) and kind in _ARTICLES for kind in kinds):
                    yield node
                if isinstance(node.get("@graph"), list):
                    waiting += node["@graph"]


def _author(stated: dict[str, Any]) -> str | None:
    authors = stated.get("author")
    names = [
        _text(author.get("name") if isinstance(author, dict) else author)
        for author in (authors if isinstance(authors, list) else [authors])
    ]
    return ", ".join(filter(None, names)) or None


def _text(value: object) -> str | None:
    return (" ".join(value.split()) or None) if isinstance(value, str) else None


def _meta(tree: Element, *names: str) -> str | None:
    for name in names:
        for attribute in ("property", "name", "itemprop"):
            content = first(tree, f".//meta[@{attribute}='{name}']/@content")
            if content and content.strip():
                return " ".join(content.split())
    return None


def _moment(value: object) -> Moment:
    """A time with its offset, a local one, or none: what cannot be read is not recorded."""
    text = _text(value)
    if text is None:
        return Moment()
    try:
        at = from_iso(text)
    except ItemError:
        try:
            return Moment(None, TimeQuality.ZONE_UNKNOWN, local_text(text))
        except ItemError:
            return Moment()
    is_utc = text.endswith(("Z", "+00:00", "+0000"))
    return Moment(at, TimeQuality.UTC if is_utc else TimeQuality.OFFSET)


def _address(tree: Element, piece: Piece) -> str | None:
    candidates = (
        piece.options.address,
        first(tree, ".//link[@rel='canonical']/@href"),
        first(tree, ".//meta[@property='og:url']/@content"),
        first(tree, ".//base/@href"),
    )
    return next(filter(_host, (str(it or "").strip() for it in candidates)), None)


def _host(address: str | None) -> str | None:
    try:
        parts = urlsplit(address or "")
        return parts.hostname if parts.scheme in ("http", "https") else None
    except ValueError:
        return None


def _body(page: str, address: str | None) -> Extract:
    """The article alone, as a reader sees it. Raises SourceUnusable if there is none."""
    from trafilatura import bare_extraction  # noqa: PLC0415 - half a second, and few need it

    try:
        found = bare_extraction(
            page,
            url=address,
            with_metadata=False,
            include_comments=False,
            include_links=True,
            include_images=True,
        )
    except (RecursionError, ValueError, AttributeError, TypeError, IndexError) as error:
        raise SourceUnusable(f"no article can be told from this page: {error}") from error
    body = getattr(found, "body", None)
    if body is None:
        raise SourceUnusable("no article on this page")
    for element in body.iter(etree.Element):
        if element.tag in _TAGS:
            element.tag = _TAGS[element.tag]
        if element.tag == "a":
            element.set("href", writable(element.get("target")))
    body.tag = "div"
    return extract(str(etree.tostring(body, encoding="unicode", method="html")))


# --------------------------------------------------------------------------------------------- rows


def rows(item: Article, piece: Piece) -> Iterable[Row]:
    """The article, its site, what it links to and shows."""
    host = _host(item.address)
    channel_id = f"{PLATFORM}:{host}" if host else None
    post_id = f"{PLATFORM}:{_native(item.address) or f'sha256/{piece.capture.capture_id}'}"
    if host is None:
        piece.note("the page does not say where it stood: known by its hash (option address)")
    if channel_id:
        yield Channel(
            channel_id=channel_id,
            platform=PLATFORM,
            kind="site",
            handle=host,
            name=item.site,
            url=f"https://{host}/",
        )
    published, modified = item.published, item.modified
    is_edited = modified.at is not None and published.at is not None and modified.at > published.at
    yield Post(
        post_id=post_id,
        platform=PLATFORM,
        kind=PostKind.ARTICLE,
        author_name=item.author,
        channel_id=channel_id,
        posted_at=published.at,
        time_quality=published.quality,
        local_time=published.local,
        edited_at=modified.at if is_edited else None,
        title=item.title,
        text=item.body.text or None,
        url=item.address,
        language_claimed=item.language,
    )
    for href, text in dict(item.body.links).items():
        if address := _joined(item.address, href):
            yield Link(
                post_id=post_id,
                platform=PLATFORM,
                url=address,
                title=text or None,
                posted_at=published.at,
            )
    for source, alt in dict(item.body.images).items():
        if address := _joined(item.address, source):
            yield Media(
                post_id=post_id,
                platform=PLATFORM,
                kind="photo",
                url=address,
                alt_text=alt or None,
                posted_at=published.at,
            )


def _native(address: str | None) -> str | None:
    """Host, path and query: the scheme, `www.` and a fragment make no other page."""
    host = _host(address)
    if host is None:
        return None
    parts = urlsplit(address or "")
    query = f"?{parts.query}" if parts.query else ""
    return f"{host.removeprefix('www.')}{parts.path.rstrip('/')}{query}"


def _joined(base: str | None, href: str) -> str | None:
    try:
        address = urljoin(base or "", href.strip())
    except ValueError:
        return None
    return address if _host(address) else None


WEB_PAGE = Source(
    name="web_page",
    platform=PLATFORM,
    title="Article on a web page (HTML)",
    files="*.html, *.htm of a blog, a news site or a report, saved or out of a web archive",
    fills=(Post, Channel, Link, Media),
    time="As the page states it: exact with an offset, else local in an unknown zone, or missing.",
    terms="Public pages; copyright stays with the site, quote and do not publish whole articles.",
    recognise=recognise,
    items=items,
    rows=rows,
    options=Options,
)
