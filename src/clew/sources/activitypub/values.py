"""How are the properties of an ActivityPub object read? Each may take any of several forms."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any, NamedTuple
from urllib.parse import urlsplit

import msgspec

from clew.contract import Piece
from clew.errors import ItemError
from clew.model.times import Micros, TimeQuality, from_iso, local_text

PLATFORM = "fediverse"
_LARGEST = 2**63
_NAMED_BY_PATH = re.compile(r"/(?:users|u|accounts|profile)/([\w.-]+)/?|/@([\w.-]+)/?")


class Object(msgspec.Struct, gc=False, rename="camel"):
    """An object or an activity; whatever is not named here is of no use."""

    type: Any = None
    id: Any = None
    url: Any = None
    actor: Any = None
    object: Any = None
    attributed_to: Any = None
    published: Any = None
    updated: Any = None
    deleted: Any = None
    name: Any = None
    summary: Any = None
    content: Any = None
    content_map: Any = None
    media_type: Any = None
    in_reply_to: Any = None
    quote: Any = None
    quote_url: Any = None
    quote_uri: Any = None
    misskey_quote: Any = msgspec.field(default=None, name="_misskey_quote")
    tag: Any = None
    attachment: Any = None
    one_of: Any = None
    any_of: Any = None
    location: Any = None
    generator: Any = None
    likes: Any = None
    shares: Any = None
    replies: Any = None
    preferred_username: Any = None
    icon: Any = None
    suspended: Any = None


# ------------------------------------------------------------------------------------------- names


@lru_cache(8192)
def account_id_at(address: str | None) -> str | None:
    """The id of the account at this address: `name@host` if the address shows the name."""
    if not address:
        return None
    try:
        parts = urlsplit(address)
    except ValueError:
        return f"{PLATFORM}:{address}"
    by_path = _NAMED_BY_PATH.fullmatch(parts.path) if parts.netloc else None
    if by_path is None:
        return f"{PLATFORM}:{address}"
    return f"{PLATFORM}:{by_path[1] or by_path[2]}@{parts.netloc}".lower()


def host(address: str) -> str:
    """The host of an address; empty: it has none."""
    try:
        return urlsplit(address).netloc
    except ValueError:
        return ""


# ------------------------------------------------------------------------------ looking at values


def every(value: Any) -> list[Any]:
    """The values of a property that may have one, many or none."""
    if value is None:
        return []
    return value if isinstance(value, list) else [value]


def word(value: Any) -> str | None:
    """A text that is one and not empty."""
    return value or None if isinstance(value, str) else None


def inside(value: Any) -> Object | None:
    """The object that a property holds, if it is there and not only named."""
    value = next(iter(every(value)), None)
    return msgspec.convert(value, Object) if isinstance(value, dict) else None


def inside_dict(value: Any) -> dict[str, Any]:
    """The members of the object that a property holds; empty: it holds none."""
    value = next(iter(every(value)), None)
    return value if isinstance(value, dict) else {}


def ref(value: Any) -> str | None:
    """The id of what a property names; of an object without id, its address."""
    if isinstance(value, Object):
        return word(value.id) or page(value.url)
    value = next(iter(every(value)), None)
    if isinstance(value, dict):
        return word(value.get("id")) or page(value.get("url")) or word(value.get("href"))
    return word(value)


def page(value: Any) -> str | None:
    """An address: of several, the one of a web page, else the first."""
    found = []
    for link in every(value):
        if isinstance(link, dict):
            address = word(link.get("href")) or word(link.get("url"))
            if address and link.get("mediaType") == "text/html":
                return address
            found.append(address)
        else:
            found.append(word(link))
    return next(filter(None, found), None)


def post_id_of(item: Object) -> str:
    """The id of a post; raises ItemError for an object with neither id nor address."""
    name = named(ref(item))
    if name is None:
        raise ItemError("object without id", repr(item.type)[:80])
    return name


def named(address: str | None) -> str | None:
    """An address as an id of Clew's tables."""
    return f"{PLATFORM}:{address}" if address else None


def count(value: Any) -> int | None:
    """A count that a table can hold."""
    is_count = isinstance(value, int) and not isinstance(value, bool) and 0 <= value < _LARGEST
    return value if is_count else None


def total(collection: Any) -> int | None:
    """How many items a collection says it has."""
    return count(inside_dict(collection).get("totalItems"))


def point(place: dict[str, Any], piece: Piece) -> tuple[float | None, float | None]:
    """Latitude and longitude in degrees, if they lie on Earth."""
    match place.get("latitude"), place.get("longitude"):
        case (int() | float() as latitude, int() | float() as longitude):
            if abs(latitude) <= 90 and abs(longitude) <= 180:
                return float(latitude), float(longitude)
            piece.note("coordinates that are no point on Earth: left out")
    return None, None


class Moment(NamedTuple):
    """When something happened, as a row has it."""

    at: Micros | None
    quality: TimeQuality
    local: str | None = None


_ZONED = re.compile(r"(?:[zZ]|([+-]\d\d:?\d\d))\Z")


def moment_of(text: Any) -> Moment:
    """A time, with or without its offset from UTC."""
    if not isinstance(text, str) or not text:
        return Moment(None, TimeQuality.MISSING)
    zone = _ZONED.search(text)
    if zone is None:
        return Moment(None, TimeQuality.ZONE_UNKNOWN, local_text(text))
    is_utc = zone[1] is None or set(zone[1]) <= set("+-0:")
    return Moment(from_iso(text), TimeQuality.UTC if is_utc else TimeQuality.OFFSET)
