"""Parts of a post that all forums have: its time, its quotes, what stands beside its author."""

from __future__ import annotations

import re

from lxml import etree

from clew.formats.html_page import Element, first, markup, text_in, writable, xpath
from clew.formats.html_text import html_to_text
from clew.sources.forum_html.addresses import joined, member_id, post_id
from clew.sources.forum_html.dates import shown
from clew.sources.forum_html.found import Author, Page, Quote
from clew.sources.forum_html.page import lines_in

# ------------------------------------------------------------------------------------------- times


def times(element: Element | None) -> tuple[str | None, str | None]:
    """The machine-readable time of an element, and the time it shows.

    Where the text has no date ("Yesterday, 03:12 PM"), one in a `title` attribute takes its place.
    """
    if element is None:
        return None, None
    if isinstance(element, str):
        return None, element
    machine = None
    for part in (element, *xpath(".//*[@datetime or @data-time or @content]")(element)[:3]):
        machine = (
            machine or part.get("data-time") or part.get("datetime") or part.get("data-timestamp")
        )
    text = text_in(element) or ""
    date = shown(_date_part(text))
    if date is None or date.clock is None:
        for title in (element.get("title"), *xpath(".//*/@title")(element)[:4]):
            if title and shown(title) is not None:
                text = f"{title} {text}" if ":" not in title else title
                break
    return machine, _date_part(text) or None


def _date_part(text: str) -> str:
    """Without what stands before the date: `by Name »`, `« Reply #3 on:`, `Posted:`."""
    for mark in ("»", " on:", "Posted:"):
        if mark in text:
            rest = text.split(mark, 1)[1]
            if mark == " on:" or any(sign.isdigit() for sign in rest):
                text = rest
    return text.strip(" «»\xa0")[:120]


# ------------------------------------------------------------------------------------------ quotes

_QUOTES = (
    "descendant::blockquote[not(contains(@class, 'quoteContainer'))]"
    " | descendant::div{bbCodeQuote} | descendant::div{bbcode_quote}"
    " | descendant::div{quotecontent} | descendant::table[tr/td{quote} or tbody/tr/td{quote}]"
    " | descendant::td[contains(@style, 'inset')][.//*[starts-with(@href, 'showthread.php?p=')]]"
)
_DEEPEST = 8
_NUMBER = re.compile(r"(\d{1,18})")
_WROTE = re.compile(
    r"(.{1,100}?)\s{1,2}(?:wrote|said|schrieb|hat geschrieben|a écrit|escribió|ha scritto|escreveu|"
    r"writes|napisał\(a\)|писал\(а\)|schreef)\s?:",
    re.IGNORECASE,
)
_IN_BRACKETS = re.compile(r"^\([^)]{1,60}\)\s{0,2}")  # MyBB puts the time first
_QUOTE_FROM = re.compile(
    r"(?:Quote from:?|Originally Posted by|Zitat von|Originally posted by)\s{1,3}(.{1,100}?)"
    r"(?: (?:on|am) \S.{0,60})?$",
    re.IGNORECASE,
)


_NO_WORDS = " | ".join(
    f"descendant::div{{{name}}}"
    for name in (
        *("bbCodeBlock-expandLink", "quoteExpand"),  # "Click to expand…"
        *("messageTextEndMarker", "js-selectToQuoteEnd"),
    )
)


def marked_quotes(body: Element) -> list[Quote]:
    """The quotes in a body, outermost only. In the tree they become lines that begin with `> `."""
    for button in xpath(_NO_WORDS)(body):
        button.clear(keep_tail=True)
    elements = xpath(_QUOTES)(body)
    known = set(elements)
    depths = [sum(1 for above in element.iterancestors() if above in known) for element in elements]
    quotes: list[Quote] = []
    for element, depth in zip(reversed(elements), reversed(depths), strict=True):  # innermost first
        if depth >= _DEEPEST:
            continue  # its words stay in the quote around it
        head = _head_before(element)
        if depth == 0:
            quotes.append(_quote(element, head))
        _replace(element, head)
    quotes.reverse()
    return quotes


def _head_before(element: Element) -> Element | None:
    """SMF and phpBB 3.0 write who is quoted in an element before the quote."""
    before = element.getprevious()
    if before is None or (before.tail or "").strip():
        return None
    classes = before.get("class", "")
    is_head = before.tag == "cite" or "quoteheader" in classes or "quotetitle" in classes
    return before if is_head else None


def _quote(element: Element, head: Element | None) -> Quote:
    quote = Quote()
    for name in ("data-source", "data-ipsquote-contentcommentid"):
        if (value := element.get(name)) and (match := _NUMBER.search(value)):
            quote.post = match[1] if "post" in value or "ips" in name else None
    quote.name = (
        element.get("data-quote")
        or element.get("data-author")
        or element.get("data-ipsquote-username")
    )
    attribution = (
        head
        if head is not None
        else first(
            element,
            ".//cite",
            ".//*{attribution}",
            ".//*{bbcode_postedby}",
            ".//*{quote-title}",
            ".//div[strong and a]",
            ".//*{genmed}",
        )
    )
    where = attribution if attribution is not None else element
    if quote.post is None:
        numbers = (post_id(href) for href in xpath(".//a/@href")(where)[:6])
        quote.post = next(filter(None, numbers), None)
    if quote.name is None and attribution is not None:
        quote.name = _quoted_name(attribution)
    return quote


def _quoted_name(attribution: Element) -> str | None:
    for link in xpath(".//a[@href]")(attribution):
        if member_id(link.get("href")):
            return text_in(link)
    text = _IN_BRACKETS.sub("", (text_in(attribution) or "")[:300])
    match = _WROTE.match(text) or _QUOTE_FROM.search(text)
    if match:
        return match[1].strip() or None
    return text_in(first(attribution, ".//strong", ".//b"))


def _replace(element: Element, head: Element | None) -> None:
    """Put the quote's lines in the place of its elements."""
    lines = html_to_text(markup(element)).split("\n")
    if head is not None:
        lines[:0] = html_to_text(markup(head)).split("\n")
        head.getparent().remove(head)
    said = etree.Element("pre")
    said.text = writable("\n" + "\n".join(f"> {line}" for line in lines) + "\n")
    said.tail = writable(element.tail)
    element.getparent().replace(element, said)


# ---------------------------------------------------------------------------------------- profiles

JOINED = frozenset(
    (
        "joined",
        "join date",
        "registered",
        "registered on",
        "member since",
        "mitglied seit",
        "registriert",
        "registriert seit",
        "registrierungsdatum",
        "anmeldedatum",
        "dabei seit",
        "inscrit",
        "inscription",
        "date d'inscription",
        "registrado",
        "fecha de ingreso",
        "iscritto",
        "iscritto dal",
        "data registrazione",
        "lid geworden op",
        "lid sinds",
        "dołączył",
        "dołączył(a)",
        "rejestracja",
        "регистрация",
        "зарегистрирован",
        "на форуме с",
        "дата регистрации",
        "dołączył/a",
    )
)
_POSTS = frozenset(
    (
        "posts",
        "messages",
        "beiträge",
        "mensajes",
        "messaggi",
        "mensagens",
        "berichten",
        "posty",
        "сообщения",
        "сообщений",
    )
)
_LOCATION = frozenset(
    (
        "location",
        "from",
        "ort",
        "wohnort",
        "localisation",
        "ubicación",
        "località",
        "localização",
        "locatie",
        "lokalizacja",
        "skąd",
        "откуда",
    )
)
_COUNT = re.compile(r"\d{1,3}(?:[.,'\u2019\u00a0\u202f ]\d{3}){1,4}(?!\d)|\d{1,15}")


def take_profile(profile: Element, author: Author, page: Page) -> None:
    """Picture, join date, number of posts and place, by their labels in many languages."""
    picture = first(
        profile,
        ".//*[contains(@class, 'avatar') or contains(@class, 'Avatar')]//img/@src",
        ".//img[contains(@src, 'avatar') or contains(@src, 'image.php?u=')]/@src",
    )
    author.avatar = (
        joined(page.base, picture) if picture and not picture.startswith("data:") else None
    )
    lines = lines_in(profile)
    for number, line in enumerate(lines):
        label, colon, value = line.partition(":")
        label = label.strip().lower()
        value = value.strip() or (lines[number + 1] if number + 1 < len(lines) else "")
        if not colon and label not in JOINED | _POSTS | _LOCATION:
            continue
        if label in JOINED:
            author.joined = author.joined or value or None
        elif label in _POSTS:
            author.posts = count(value) if author.posts is None else author.posts
        elif label in _LOCATION:
            author.location = author.location or value or None


def count(text: str) -> int | None:
    """A number as written with its separators; null: it is none (`1.2K`)."""
    match = _COUNT.fullmatch(text.strip())
    return int(re.sub(r"\D", "", match[0])) if match else None
