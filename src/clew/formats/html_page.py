"""How is a saved web page read? Decoded, as a tree, by paths into it.

The page may be written by an adversary: decoding never fails, and what is nested deeper than the
parser goes is lost.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Callable
from functools import lru_cache
from typing import Any

from lxml import etree

from clew.errors import SourceUnusable

Element = Any  # lxml-stubs' elements know no HTML

LARGEST = 32 << 20
"""Bytes of a page that is read; a thread's page has a hundred thousand."""

_BOMS = {
    codecs.BOM_UTF8: "utf-8",
    codecs.BOM_UTF16_LE: "utf-16-le",
    codecs.BOM_UTF16_BE: "utf-16-be",
}
_CHARSET = re.compile(rb"<meta[^>]{0,200}charset\s{0,4}=\s{0,4}[\"']?([A-Za-z0-9_:.-]{2,40})")
_CONTROL = re.compile("[\0-\x08\x0b\x0e-\x1f]")
_REFERENCE = re.compile("&#(x[0-9a-f]{1,6}|[0-9]{1,7});?", re.IGNORECASE)
_SUPERSETS = {"iso8859-1": "cp1252", "ascii": "cp1252", "iso8859-9": "cp1254", "gb2312": "gbk"}


def decoded(data: bytes) -> str:
    """The text of a page, by byte order mark, `<meta charset>`, UTF-8 or Windows-1252.

    Never fails: what is no character becomes U+FFFD, and so do control characters, also those that
    are written as references (`&#1;`): lxml reads them and refuses to write them.
    """
    text = _by_its_encoding(data)
    return _REFERENCE.sub(_checked, _CONTROL.sub("\ufffd", text))


def _checked(reference: re.Match[str]) -> str:
    digits = reference[1].lower()
    number = int(digits[1:], 16) if digits.startswith("x") else int(digits)
    is_control = number < 0x20 and number not in (9, 10, 12, 13)
    return "\ufffd" if is_control or 0xD800 <= number < 0xE000 else reference[0]


def _by_its_encoding(data: bytes) -> str:
    for mark, encoding in _BOMS.items():
        if data.startswith(mark):
            return data[len(mark) :].decode(encoding, "replace")
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
    return text


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


_UNWRITABLE = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def writable(text: str | None) -> str:
    """A text that lxml lets one write into a tree: it reads control characters, no more."""
    return _UNWRITABLE.sub("\ufffd", text or "")
