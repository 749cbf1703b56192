"""How are RSS (0.9 to 2.0, RDF) and Atom (0.3, 1.0) read? As a stream, entry by entry.

Feeds in the wild mix the elements of all of them, so an element is read by its name and what it is
for, whatever its feed calls itself. What is no XML is mended. No document
type is loaded and no entity expanded but those of XML and HTML.
"""

from __future__ import annotations

import base64
import html
import html.entities
import io
import re
from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from typing import BinaryIO

from lxml import etree

from clew.contract import Capture
from clew.errors import SourceUnusable
from clew.formats.html_text import html_to_text
from clew.formats.lines import LONGEST
from clew.sources.feed.entries import Attached, Author, Entry, Head, joined

_LARGEST = 2**63

_ENTRIES = ("item", "entry")
_XML = "{http://www.w3.org/XML/1998/namespace}"
_ABOUT = "{http://www.w3.org/1999/02/22-rdf-syntax-ns#}about"
_CONTENT = "http://purl.org/rss/1.0/modules/content/"
_MEDIA = ("http://search.yahoo.com/mrss/", "http://search.yahoo.com/mrss")
_THREAD = "http://purl.org/syndication/thread/1.0"

Element = etree._Element

_KNOWN = (
    "http://www.w3.org/2005/Atom",
    "http://purl.org/atom/ns#",
    "http://purl.org/rss/1.0/",
    "http://my.netscape.com/rdf/simple/0.9/",
    "http://channel.netscape.com/rdf/simple/0.9/",
    "http://purl.org/net/rss1.1",
    "http://backend.userland.com/",
    "http://blogs.law.harvard.edu/tech/rss",
    "http://purl.org/dc/",
    "http://www.georss.org/georss",
    "http://www.w3.org/1999/xhtml",
    *_MEDIA,
    _THREAD,
)
"""How the namespaces begin whose elements are read; of others, names may mean anything."""

_PUBLISHED = ("published", "pubDate", "issued", "date", "created")
_BODIES = ("encoded", "content", "body", "div", "fullitem", "description", "summary")
_UPDATED = ("updated", "modified", "lastBuildDate")


def read_head(capture: Capture) -> tuple[Head, bool]:
    """What a feed says of itself, before or behind its entries, and whether it must be mended.

    Raises SourceUnusable for what is no feed.
    """
    for is_mended in (False, True):
        try:
            with _opened(capture, is_mended) as stream:
                return _read_head(stream, is_mended), is_mended
        except etree.XMLSyntaxError as error:
            why = error
    raise SourceUnusable(f"this is no XML: {why}")


def _read_head(stream: BinaryIO, is_mended: bool) -> Head:
    head: Head | None = None
    inside = 0
    for event, element in _events(stream, is_mended, *_ENTRIES, "channel", "feed"):
        name = _name(element)
        if name in _ENTRIES:
            inside += 1 if event == "start" else -1
            head = head or Head()
            if event == "end":
                _forget(element)
        elif event == "end" and not inside and name in ("channel", "feed"):
            head = _head(element)
    if head is None:
        raise SourceUnusable("this XML is no feed: it has no channel, feed or entry")
    return head


def read_entries(capture: Capture, head: Head, is_mended: bool) -> Iterator[Entry]:
    """Each entry of a feed whose head has been read."""
    depth = 0
    with _opened(capture, is_mended) as stream:
        for event, element in _events(stream, is_mended, *_ENTRIES):
            depth += 1 if event == "start" else -1
            if event == "end" and depth == 0:
                yield _entry(element, head)
                _forget(element)


def _events(stream: BinaryIO, is_mended: bool, *names: str) -> Iterator[tuple[str, Element]]:
    """The start and end of each element of one of these names, in any namespace."""
    parser = etree.iterparse(
        stream,
        events=("start", "end"),
        tag=[f"{{*}}{name}" for name in names],
        recover=is_mended,
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        remove_comments=True,
        remove_pis=True,
    )
    yield from parser
    # A parser that mends ends quietly where it cannot go on.
    for error in parser.error_log:
        if error.type == etree.ErrorTypes.ERR_RESOURCE_LIMIT:
            raise SourceUnusable(f"the parser gave this feed up: {error.message}")


_STRAY = re.compile(
    rb"<!\[CDATA\[.*?(?:\]\]>|\Z)|<!--.*?(?:-->|\Z)|&(?:(\w{1,32});|(?!#\d{1,7};|#x[0-9a-fA-F]{1,6};))",
    re.DOTALL,
)
_OF_XML = (b"amp", b"lt", b"gt", b"quot", b"apos")


@contextmanager
def _opened(capture: Capture, is_mended: bool) -> Iterator[BinaryIO]:
    """The bytes of a feed; those of one that is no XML with what is usually wrong set right.

    Ampersands are written as such, names of HTML as characters. A parser that mends by itself
    would drop both, and with them parts of addresses.
    """
    with capture.open() as stream:
        if not is_mended:
            yield stream
            return
        data = stream.read(LONGEST + 1)
    if len(data) > LONGEST:
        raise SourceUnusable(f"a feed that is no XML can be mended up to {LONGEST:,} bytes")
    yield io.BytesIO(_STRAY.sub(_mended, data.lstrip()))


def _mended(found: re.Match[bytes]) -> bytes:
    if found[0].startswith(b"<") or found[1] in _OF_XML:
        return found[0]
    if found[1] is None:
        return b"&amp;"
    characters = html.entities.html5.get(found[1].decode("utf-8", "replace") + ";")
    if characters is None:
        return b"&amp;" + found[0][1:]
    return "".join(f"&#{ord(character)};" for character in characters).encode()


def _forget(element: Element) -> None:
    """Drop an entry that has been read, and what is left of the one before."""
    element.clear()
    before, parent = element.getprevious(), element.getparent()
    if before is not None and parent is not None and _name(before) in _ENTRIES:
        parent.remove(before)


# ---------------------------------------------------------------------------------------- the feed


def _head(channel: Element) -> Head:
    head = Head(language=channel.get(f"{_XML}lang"))
    for element in channel:
        name = _name(element)
        text = _text(element)
        if name == "title" and head.title is None:
            head.title = _title(element)
        elif name in ("description", "subtitle", "tagline") and head.description is None:
            head.description = _markup(element)
        elif name == "id":
            head.id = text
        elif name == "language":
            head.language = head.language or text
        elif name == "link" and _address(element):
            relation = element.get("rel", "alternate")
            if relation == "alternate" and head.link is None:
                head.link = _address(element)
            elif relation == "self":
                head.id = head.id or _address(element)
        elif name in ("author", "creator", "managingEditor") and head.author is None:
            head.author = _author(element)
    head.id = head.id or channel.get(_ABOUT)
    return head


def _entry(element: Element, head: Head) -> Entry:
    entry = Entry(id=element.get(_ABOUT), language=element.get(f"{_XML}lang"))
    entry.authors, entry.tags, entry.files, entry.links = [], [], [], []
    entry.base = _base(element, head)
    bodies: dict[str, Element] = {}
    times: dict[str, str | None] = {}
    for part in element:
        namespace, name = _split(part.tag)
        if namespace and not namespace.startswith(_KNOWN):
            continue
        if namespace in _MEDIA:
            _media(part, entry)
        elif namespace == _THREAD:
            _thread(part, name, entry)
        elif name in _BODIES:
            bodies.setdefault("encoded" if namespace == _CONTENT else name, part)
        elif name in (*_PUBLISHED, *_UPDATED):
            times.setdefault(name, _text(part))
        elif name in _PARTS:
            _PARTS[name](part, entry)
    entry.published = next((times[name] for name in _PUBLISHED if times.get(name)), None)
    entry.updated = next((times[name] for name in _UPDATED if times.get(name)), None)
    for name in _BODIES:
        if name in bodies and _say(bodies[name], entry):
            break
    match entry.authors:
        case [Author(None, None, str(email)), Author(str(name), None, None)]:
            entry.authors = [Author(name, None, email)]  # of RSS and of Dublin Core
    if entry.link is None and entry.id and entry.id.startswith(("http://", "https://")):
        entry.link = entry.id
    return entry


def _say(element: Element, entry: Entry) -> bool:
    """Take an element for the entry's text; False if it has none."""
    kind = element.get("type", "html")
    if kind in ("text", "text/plain") and element.get("mode") != "escaped":
        entry.text = _text(element)
    else:
        entry.html = _markup(element)
        entry.base = _base(element, None) or entry.base
    return bool(entry.text or entry.html)


# ------------------------------------------------------------------------------- parts of an entry


def _take_title(part: Element, entry: Entry) -> None:
    entry.title = entry.title or _title(part)


def _take_id(part: Element, entry: Entry) -> None:
    entry.id = _text(part) or entry.id
    is_link = part.get("isPermaLink", "true").lower() == "true"
    if _name(part) == "guid" and is_link and (entry.id or "").startswith("http"):
        entry.link = entry.link or entry.id


def _take_link(part: Element, entry: Entry) -> None:
    address = _absolute(_address(part), part, entry)
    if address is None:
        return
    relation = part.get("rel", "alternate")
    if relation == "alternate":
        if "href" not in part.attrib or entry.link is None:
            entry.link = address
    elif relation == "enclosure":
        entry.files.append(
            Attached(address, part.get("type"), name=part.get("title"), size=_count(part, "length"))
        )
    elif relation in ("related", "via"):
        entry.links.append(address)


def _take_author(part: Element, entry: Entry) -> None:
    author = _author(part)
    if author is not None and author not in entry.authors:
        entry.authors.append(author)


def _take_tag(part: Element, entry: Entry) -> None:
    tag = part.get("label") or part.get("term") or _text(part)
    if tag:
        entry.tags.append(tag)


def _take_enclosure(part: Element, entry: Entry) -> None:
    address = _absolute(part.get("url"), part, entry)
    if address:
        entry.files.append(Attached(address, part.get("type"), size=_count(part, "length")))


def _take_comments(part: Element, entry: Entry) -> None:
    text = _text(part) or ""
    if text.isascii() and text.isdigit() and int(text[:20]) < _LARGEST:  # else it is an address
        entry.comments = int(text[:20])


def _take_point(part: Element, entry: Entry) -> None:
    numbers = re.findall(r"-?\d{1,3}(?:\.\d{1,20})?", _text(part) or "")
    match [float(number) for number in numbers]:
        case [latitude, longitude] if abs(latitude) <= 90 and abs(longitude) <= 180:
            entry.point = (latitude, longitude)


_PARTS = {
    "title": _take_title,
    "id": _take_id,
    "guid": _take_id,
    "link": _take_link,
    "author": _take_author,
    "creator": _take_author,
    "category": _take_tag,
    "subject": _take_tag,
    "enclosure": _take_enclosure,
    "comments": _take_comments,
    "point": _take_point,
}


def _thread(part: Element, name: str, entry: Entry) -> None:
    if name == "in-reply-to":
        entry.answers = part.get("ref") or part.get("href")
    elif name == "total":
        _take_comments(part, entry)


_KINDS = {"image": "photo", "video": "video", "audio": "audio"}


def _media(part: Element, entry: Entry) -> None:
    """Media RSS: a file, or a group of them."""
    for medium in (part, *part):
        address = _absolute(medium.get("url"), medium, entry)
        if _name(medium) != "content" or not address:
            continue
        entry.files.append(
            Attached(
                address,
                medium.get("type"),
                kind=_KINDS.get(medium.get("medium", "")),
                size=_count(medium, "fileSize"),
                width=_count(medium, "width"),
                height=_count(medium, "height"),
                duration_s=_count(medium, "duration"),
            )
        )


# ---------------------------------------------------------------------------------------- elements


def _name(element: Element) -> str:
    return _split(element.tag)[1]


@lru_cache(1024)
def _split(tag: object) -> tuple[str, str]:
    """Namespace and name; both are empty for what is no element."""
    if not isinstance(tag, str):
        return "", ""
    namespace, _, name = tag.rpartition("}")
    return namespace.removeprefix("{"), name.rpartition(":")[2]


def _text(element: Element) -> str | None:
    """All text in an element."""
    if len(element):
        return "".join(_strings(element)).strip() or None
    return (element.text or "").strip() or None


def _strings(element: Element) -> Iterator[str]:
    yield element.text or ""
    for part in element.iterdescendants():
        if isinstance(part, etree._Entity):
            yield html.unescape(part.text or "")
        else:
            yield part.text or ""
        yield part.tail or ""


def _markup(element: Element) -> str | None:
    """The HTML in an element: escaped in its text, or as elements of its own (XHTML)."""
    if element.get("mode") == "base64" or element.get("type", "").startswith("application/octet"):
        return _decoded(_text(element))
    if not len(element) or all(isinstance(part, etree._Entity) for part in element):
        return _text(element)
    parts = [html.escape(element.text or "", quote=False)]
    parts += [etree.tostring(part, encoding="unicode", method="html") for part in element]
    # A prefix such as `xhtml:p` would hide what the element is.
    return re.sub(r"<(/?)[a-zA-Z]{1,20}:", r"<\1", "".join(parts)).strip() or None


def _decoded(text: str | None) -> str | None:
    """What is written in Base64; None: it is not, or no text."""
    try:
        return base64.b64decode(text or "", validate=False).decode() or None
    except ValueError:
        return None


def _title(element: Element) -> str | None:
    if element.get("type") in ("text", "text/plain"):
        return _text(element)
    return html_to_text(_markup(element) or "") or None


def _address(element: Element) -> str | None:
    return (element.get("href") or _text(element) or "").strip() or None


def _author(element: Element) -> Author | None:
    parts = {_name(part): _text(part) for part in element}
    if "name" in parts or "email" in parts:
        address = parts.get("uri") or parts.get("url") or parts.get("homepage")
        author = Author(parts.get("name"), address, parts.get("email"))
    else:
        author = Author.written(_text(element) or "")
    return author if any(author) else None


def _base(element: Element, head: Head | None) -> str | None:
    return element.base or (head.link if head else None)


def _absolute(address: str | None, element: Element, entry: Entry) -> str | None:
    return joined(element.base or entry.base, address.strip()) if address else None


def _count(element: Element, name: str) -> int | None:
    text = element.get(name, "").strip()
    is_count = text.isascii() and text.isdigit() and len(text) < 19
    return int(text) if is_count else None
