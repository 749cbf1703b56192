"""Where does a text name a URL, a host, an IP address or a network?

A URL gives itself and its host. A host that is written without a scheme counts if its top-level
domain exists and it is not there by accident (see `accidents`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise
from typing import Any

from clew.formats.sightings.accidents import begins_sentence, is_no_host, is_version
from clew.formats.sightings.scanning import (
    LONGEST_RUN,
    NOT_LATIN,
    RUN,
    WORD,
    Place,
    Sighting,
    pattern,
)
from clew.formats.sightings.written import COLON, DOT, SCHEME, SEPARATOR, SLASH, refang
from clew.model.values import clean_cidr, clean_host, clean_ipv6, clean_url, is_top_level

_USER = r"(?:[A-Za-z0-9._~%!$&*+=:-]{1,64}@)?"
_PORT = rf"(?:{COLON}\d{{1,5}}|(?:@SSL)?@\d{{1,5}}|@SSL)?"  # the last two are WebDAV's
# Spaces, controls, emoji, and the marks that end or quote a sentence somewhere.
_TAIL_END = (
    r"\p{Z}\p{C}\p{So}\p{Sk}\x{fe00}-\x{fe0f}\x{20e3}<>\"`|\\^“”„«»‹›‘’′″—…"
    "。、，．！？；：（）【】「」『』《》〈〉،؛؟۔।"
)
# Words of other scripts belong to a path where a part of it begins with them; after Latin letters
# they are the text that goes on.
_FOREIGN = rf"[/?#=_&.,:;+-][{NOT_LATIN}][{NOT_LATIN}\p{{Nd}}]*"
_PART = rf"{_FOREIGN}|'[A-Za-z]|\[[./]\]"
_TAIL = rf"[{NOT_LATIN}]*(?:{_PART}|[^{_TAIL_END}{NOT_LATIN}'])*"
# Behind a host without scheme brackets must close: what is cut off there is looked at again, for
# another host, and nothing may be looked at often.
_CLOSED = rf"\([^{_TAIL_END}()\[\]{{}}]*\)"
_SHORT_TAIL = rf"[{NOT_LATIN}]*(?:{_PART}|{_CLOSED}|[^{_TAIL_END}{NOT_LATIN}'()\[\]{{}}])*"

_URL = pattern(
    rf"{SCHEME}{SEPARATOR}{_USER}({RUN}|\[[0-9A-Fa-f:.]{{2,45}}\])"
    rf"{_PORT}((?:{SLASH}|[?#]){_TAIL})?"
)
_RUN = pattern(RUN)
_AFTER_HOST = pattern(rf"{_PORT}((?:{SLASH}|\?[A-Za-z0-9_.-]{{1,40}}=){_SHORT_TAIL})?")
_COLONS = pattern(
    rf"(?:[0-9A-Fa-f]{{1,4}})?(?:(?:{COLON}|\[::\])[0-9A-Fa-f]{{0,4}}){{2,}}"
    rf"(?:{DOT}\d{{1,3}}){{0,3}}(?:/\d{{1,3}})?"
)

_OCTET = r"(?:25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)"
_QUAD = re.compile(rf"(?<![\w.]){_OCTET}(?:{DOT}{_OCTET}){{3}}(?!\w|\.\w)", re.ASCII)
_PREFIX_LENGTH = re.compile(r"/\d{1,2}")
_GLUED = re.compile(rb"(?<=[0-9A-Za-z_)\](,;])[hH][tTxX]{2}[pP][sS]?(?:\[:\]|:)//")
_NESTED = re.compile(r"(?<=[/=?&:])(?i:h[tx]{2}ps?)(?:\[:\]|:)//")


def host_at(data: bytes, start: int, stop: int) -> Sighting | None:
    """The host that stands at this place, if what stands there is one."""
    if stop - start > LONGEST_RUN:
        return None
    text = data[start:stop].decode()
    plain = refang(text)
    found = clean_host(plain)
    if found is None:
        return None
    inside = int(text.startswith("["))  # an IPv6 address in a URL stands in brackets
    return Sighting(start + inside, stop - inside, *found, plain != text)


# ------------------------------------------------------------------------------------------- URLs


def find_urls(data: bytes) -> Iterator[tuple[Place, int]]:
    """Every URL with a scheme, its host and the last URL within it; and where its path begins."""
    for match in _URL.finditer(data):
        start, stop = match.span()
        cuts = [cut.start() for cut in _GLUED.finditer(data, start + 8, stop)]
        pieces = [match]
        if cuts:  # "https://a.example/xhttps://b.example/y" is two
            pieces = [_URL.match(data, *span) for span in pairwise((start, *cuts, stop))]
        for piece in pieces:
            found = _url(data, piece) if piece else None
            if found:
                yield found


def _url(data: bytes, match: Any) -> tuple[Place, int] | None:
    start, stop = match.span()
    host = host_at(data, *match.span(1))
    if host is None:
        return None
    tail = match.start(2) if match.start(2) >= 0 else stop
    rest = _trimmed(data[tail:stop].decode())
    text = data[start:tail].decode() + rest
    plain = refang(text)
    value = clean_url(plain)
    stop = tail + len(rest.encode())
    if value is None:  # longer than any URL, but its host is named all the same
        return Place(start, stop, (host,)), tail
    url = Sighting(start, stop, "url", value, plain != text)
    return Place(start, stop, (url, host, *_nested(data, rest, tail))), tail


def _nested(data: bytes, rest: str, tail: int) -> tuple[Sighting, ...]:
    """The last URL within a URL: the page that was archived, the target of a redirect."""
    *_, at = (0, *(inner.start() for inner in _NESTED.finditer(rest)))
    if not at:
        return ()
    end = len(rest)
    if rest[at - 1] == "=" and "&" in rest[at:]:  # from there on it is the outer one's again
        end = rest.index("&", at)
    begin = tail + len(rest[:at].encode())
    inner = _URL.match(data, begin, begin + len(rest[at:end].encode()))
    found = _url(data, inner) if inner else None
    return found[0].sightings if found else ()


def _trimmed(rest: str) -> str:
    """Path, query and fragment without what belongs to the sentence around them."""
    if ")" in rest or "]" in rest or "}" in rest:
        rest = rest[: _balanced(rest)]
    return rest.rstrip(".,;:!?*'([{").removesuffix("'s")


def _balanced(rest: str) -> int:
    """Where the first bracket closes that was not opened; the text's length if none does."""
    opened = {"(": ")", "[": "]", "{": "}"}
    depth = dict.fromkeys(opened.values(), 0)
    for at, character in enumerate(rest):
        if character in opened:
            depth[opened[character]] += 1
        elif character in depth:
            depth[character] -= 1
            if depth[character] < 0:
                return at
    return len(rest)


# ------------------------------------------------------------------- hosts and URLs without scheme


def find_hosts(data: bytes) -> Iterator[Place]:
    """Every host, IPv4 address, network and URL that is written without a scheme."""
    taken = 0
    for match in _RUN.finditer(data):
        start, stop = match.span()
        if start < taken or stop - start > LONGEST_RUN:
            continue
        for begin, end in names(data, start, stop):
            place = _bare(data, begin, end)
            if place:
                taken = place.stop
                yield place


def names(data: bytes, start: int, stop: int) -> Iterator[tuple[int, int]]:
    """Where in a run of dotted words a host name or IPv4 addresses may stand."""
    raw = data[start:stop]
    if not raw[-1:].isdigit():
        start = stop - len(raw.lstrip(b"-_"))
        stop -= len(raw) - len(raw.rstrip(b"-_"))
        text = data[start:stop].decode()
        head, dot, last = refang(text).rpartition(".")
        if text.endswith(f".{last}") and begins_sentence(last):  # "see example.com.Then"
            text = text.removesuffix(f".{last}")
            stop = start + len(text.encode())
            head, dot, last = head.rpartition(".")
        if dot and is_top_level(last):
            yield start, stop
            return
    elif raw.count(b".") < 3 and b"o" not in raw.lower() and raw.isascii():
        return  # a number, a date, a time
    text = data[start:stop].decode()
    for quad in _QUAD.finditer(text):
        begin = start + len(text[: quad.start()].encode())
        yield begin, begin + len(quad[0].encode())


def _bare(data: bytes, start: int, stop: int) -> Place | None:
    host = host_at(data, start, stop)
    if host is None or _is_accident(data, host):
        return None
    after = _AFTER_HOST.match(data, stop)
    tail = after.start(1) if after.start(1) >= 0 else after.end()
    rest = _trimmed(data[tail : after.end()].decode())
    if not rest:
        return Place(start, stop, (host,))
    end = tail + len(rest.encode())
    text = data[start:end].decode()
    plain = refang(text)
    if host.kind == "ipv4" and _PREFIX_LENGTH.fullmatch(rest):
        network = _network(start, end, plain, plain != text)
        return Place(start, end, (network or host,))
    value = clean_url(plain)
    url = (Sighting(start, end, "url", value, plain != text),) if value else ()
    return Place(start, end, (*url, host))


def _is_accident(data: bytes, host: Sighting) -> bool:
    """Whether a host that is written without a scheme rather is something else."""
    text = data[host.start : host.stop].decode().replace("\\.", ".")  # an escape hides no address
    if host.is_defanged and refang(text) != text:
        return False
    before = data[max(0, host.start - 24) : host.start].rpartition(b"\0")[2]
    after = data[host.stop : host.stop + 24].partition(b"\0")[0]
    if host.kind == "ipv4":
        return is_version(before, after)
    return is_no_host(text, before[-2:], after[:2])


def _network(start: int, stop: int, plain: str, is_defanged: bool) -> Sighting | None:
    """The network that stands here; if it is of one address, that address."""
    network = clean_cidr(plain)
    if network is None:
        return None
    address, _, bits = network.partition("/")
    kind = "ipv6" if ":" in address else "ipv4"
    if bits == {"ipv4": "32", "ipv6": "128"}[kind]:
        return Sighting(start, stop, kind, address, is_defanged)
    return Sighting(start, stop, "cidr", network, is_defanged)


def find_ipv6(data: bytes) -> Iterator[Place]:
    """Every IPv6 address and network. Times, hardware addresses and `a::b` of code are none."""
    for match in _COLONS.finditer(data):
        start, stop = match.span()
        raw = data[start:stop]
        if b"::" not in raw and raw.count(b":") < 7:
            continue
        if data[start - 1 : start] in _BEFORE_COLONS or data[stop : stop + 1] in _AFTER_COLONS:
            continue
        if raw.endswith(b":") and not raw.endswith(b"::"):
            stop -= 1
        text = data[start:stop].decode()
        plain = refang(text).replace("[::]", "::")
        address, slash, _ = plain.partition("/")
        value = clean_ipv6(address)
        if value is None or not _is_plausible(address):
            continue
        network = _network(start, stop, plain, plain != text) if slash else None
        found = network or Sighting(start, stop, "ipv6", value, plain != text)
        yield Place(start, stop, (found,))


_BEFORE_COLONS = frozenset(bytes((byte,)) for byte in WORD | frozenset(b".:"))
_AFTER_COLONS = frozenset(bytes((byte,)) for byte in WORD | frozenset(b":"))


def _is_plausible(address: str) -> bool:
    """Whether somebody would write this for an address: not `1::2`, `dead::beef`, an EUI-64."""
    groups = address.split(":")
    if address.startswith("::"):
        return address == "::1" or address.lower().startswith("::ffff:")
    if "::" not in address:
        return {len(group) for group in groups} != {2}
    return (len(groups[0]) > 2 or groups[:2] == ["64", "ff9b"]) and any(map(str.isdigit, address))
