"""How does Weibo write ids, counts, regions, topics and texts?"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from urllib.parse import parse_qs, urlsplit

import msgspec

from clew.contract import Piece
from clew.formats.html_text import Anchor, extract

PLATFORM = "weibo"

_DIGITS = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
_VALUE = {digit: value for value, digit in enumerate(_DIGITS)}

_BY_BID = "number that contradicts the short id: the short id is taken"
_ROUNDED = "counts that Weibo has rounded (万, 亿)"
_UNITS = {"万": 10_000, "亿": 100_000_000}


def mid_of(bid: str | None) -> str | None:
    """The number of a post by the short id in its address; null: it is none.

    Four characters in base 62 stand for seven decimal digits, from the right:
    `HAohwE36n` is 4386731509545047.
    """
    if not bid or not 5 <= len(bid) <= 12 or any(digit not in _VALUE for digit in bid):
        return None
    groups = []
    for stop in range(len(bid), 0, -4):
        value = 0
        for digit in bid[max(0, stop - 4) : stop]:
            value = value * 62 + _VALUE[digit]
        groups.append(value)
    if any(group >= 10_000_000 for group in groups):
        return None
    return "".join([str(groups[-1]), *(f"{group:07}" for group in reversed(groups[:-1]))])


def native(value: object) -> str | None:
    """A number's digits, exactly; null for nothing, zero, or a number that was rounded."""
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value) if 0 < value < 10**20 else None
    if not isinstance(value, str):
        return None
    value = value.strip()
    is_number = value.isascii() and value.isdigit() and 0 < len(value) <= 20
    return value if is_number and value.strip("0") else None


def post_number(bid: str | None, piece: Piece, *given: object) -> str | None:
    """The number of a post from what is given of it.

    Spreadsheets and JavaScript round numbers of 16 digits and more; the short id is then right.
    """
    number = next(filter(None, map(native, given)), None)
    by_bid = mid_of(bid)
    if number and by_bid and number != by_bid:
        piece.note(_BY_BID)
    return by_bid or number


def weibo_id(number: str | None) -> str | None:
    """The id of a post or an account."""
    return f"{PLATFORM}:{number}" if number else None


def comment_id(number: str | None) -> str | None:
    """The id of a comment."""
    return f"{PLATFORM}:comment/{number}" if number else None


def count(value: object, piece: Piece) -> int | None:
    """A count; a rounded one (`7164.8万`) as it is written, null for `100万+` and words."""
    if isinstance(value, bool):
        return None
    if isinstance(value, int):
        return value if 0 <= value < 2**63 else None
    if not isinstance(value, str):
        return None
    value = value.strip().removesuffix("次播放")
    if value.isascii() and value.isdigit() and len(value) < 19:
        return int(value)
    unit = _UNITS.get(value[-1:])
    whole, _, rest = value[:-1].partition(".")
    digits = whole + rest
    if unit is None or not (digits.isascii() and digits.isdigit() and len(digits) < 9):
        return None
    piece.note(_ROUNDED)
    return int(int(digits) * unit // 10 ** len(rest))


def region(text: object) -> str | None:
    """The region that Weibo shows of the sender's address, without the words around it."""
    if not isinstance(text, str):
        return None
    for words in ("发布于", "来自", "IP属地：", "IP属地"):
        text = text.removeprefix(words)
    return text.strip() or None


# ------------------------------------------------------------------------------------------- text

_IMAGE = re.compile(r"<img ([^<>]{0,1000})>")
_ALT = re.compile(r"""\balt=["']?(\[[^\]<>"']{1,40}\])""")
_TOPIC = re.compile(r"#([^#\r\n]{1,100})#")
_MENTION = re.compile(r"(?<![A-Za-z0-9._%+-])@([\w-]{2,30})")
_OF_WEIBO = ("/search", "/n/", "/p/", "/k/", "/u/", "/status/", "/detail/")


def plain(markup: str | None) -> tuple[str | None, list[Anchor]]:
    """Text and links of a text in HTML; emoticons as Weibo writes them in plain text (`[允悲]`)."""
    if not markup:
        return None, []
    found = extract(_IMAGE.sub(_emoticon, markup) if "<img " in markup else markup)
    return found.text.strip("\u200b \n") or None, found.links


def _emoticon(image: re.Match[str]) -> str:
    alt = _ALT.search(image[1])
    return alt[1] if alt else ""


def client(source: str | None) -> str | None:
    """The name of a program: the words of `<a href="…">iPhone客户端</a>`, or the text itself."""
    if source and source.startswith("<a "):
        source = html.unescape(source.partition(">")[2].partition("</a>")[0])
    return source.strip() or None if source else None


def topics(text: str | None) -> list[str]:
    """The hashtags of a text: `#…#`."""
    if not text or "#" not in text:
        return []
    return list(dict.fromkeys(tag.strip() for tag in _TOPIC.findall(text) if tag.strip()))


def mentions(text: str | None) -> list[str]:
    """The names that a text mentions, `//@name:` of earlier reposts among them."""
    return list(dict.fromkeys(_MENTION.findall(text))) if text and "@" in text else []


def json_list(values: list[str]) -> str | None:
    """A JSON array; null for none."""
    return msgspec.json.encode(values).decode() if values else None


def outward(anchors: list[Anchor]) -> Iterator[tuple[str, str | None, str | None]]:
    """Links that lead out of Weibo's own pages: address, where it leads, words."""
    for anchor in anchors:
        if not anchor.href.startswith(("http://", "https://")):
            continue
        try:
            parts = urlsplit(anchor.href)
        except ValueError:
            yield anchor.href, None, anchor.text
            continue
        if parts.netloc == "m.weibo.cn" and parts.path.startswith(_OF_WEIBO):
            continue
        behind = None
        if parts.netloc == "weibo.cn" and parts.path.startswith("/sinaurl"):
            behind = next(iter(_query(parts.query).get("u", ())), None)
        yield anchor.href, behind, anchor.text


def _query(query: str) -> dict[str, list[str]]:
    try:
        return parse_qs(query, max_num_fields=20)
    except ValueError:
        return {}
