"""Which technical values does a text name, how are they written, and where do they stand?

URLs are looked for first, then registry keys and ARNs, e-mail addresses, IPv6 addresses, hosts:
what one of them has taken is hidden from the next. What means the same inside a URL (a hash, a CVE
id) is looked for everywhere.
"""

from __future__ import annotations

from collections.abc import Callable

from clew.formats.sightings.accounts import find_at_signs, find_hashtags
from clew.formats.sightings.scanning import Place, Sighting, masked
from clew.formats.sightings.tokens import RULES, find_paths
from clew.formats.sightings.urls import find_hosts, find_ipv6, find_urls
from clew.formats.sightings.written import refang

__all__ = ["Sighting", "refang", "scan"]


def _nowhere(_offset: int) -> bool:
    return False


def scan(data: bytes, has_dotted_names: Callable[[int], bool] = _nowhere) -> list[Sighting]:
    """Every sighting in posts that are joined by NUL, in order of place; spans are byte offsets.

    Args:
        data: UTF-8. A NUL within a post parts it like a space does.
        has_dotted_names: whether account names in the post at this offset may hold dots.
    """
    found: list[Sighting] = []

    def taken(places: list[Place]) -> list[tuple[int, int]]:
        for place in places:
            found.extend(place.sightings)
        return [place[:2] for place in places]

    addresses = list(find_urls(data))
    rest = masked(data, taken([place for place, _ in addresses]))
    rest = masked(rest, taken(list(find_paths(rest))))
    # The path of a URL may hold an e-mail address, but `medium.com/@jo` mentions nobody.
    open_paths = masked(data, [(place.start, tail) for place, tail in addresses])
    signs = [
        place
        for place in find_at_signs(open_paths, has_dotted_names)
        if place.sightings[0].kind == "email" or rest[place.start]
    ]
    rest = masked(rest, taken(signs))
    rest = masked(rest, taken(list(find_ipv6(rest))))
    rest = masked(rest, taken(list(find_hosts(rest))))
    found.extend(find_hashtags(rest))
    for rule in RULES:
        found.extend(rule.sightings(data if rule.in_urls else rest))
    return sorted(set(found))
