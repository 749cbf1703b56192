"""Which technical values does a text name, how are they written, and where do they stand?

The way of a text: URLs first, then registry keys and ARNs, e-mail addresses, hosts; what one of
them has taken is hidden from the others. What means the same inside a URL (a hash, a CVE id) is
looked for everywhere.
"""

from __future__ import annotations

from collections.abc import Callable

from clew.formats.sightings.accounts import at_signs, hashtags
from clew.formats.sightings.scanning import Place, Sighting, masked
from clew.formats.sightings.tokens import RULES, paths
from clew.formats.sightings.urls import hosts, ipv6, urls
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

    addresses = list(urls(data))
    open_tails = masked(data, [(place.start, tail) for place, tail in addresses])
    outside = masked(data, taken([place for place, _ in addresses]))
    outside = masked(outside, taken(list(paths(outside))))
    # A link may carry an e-mail address in its query, but `medium.com/@jo` mentions nobody.
    signs = [
        place
        for place in at_signs(open_tails, has_dotted_names)
        if place.sightings[0].kind == "email" or outside[place.start]
    ]
    outside = masked(outside, taken(signs))
    outside = masked(outside, taken(list(hosts(outside))))
    found.extend(ipv6(outside))
    found.extend(hashtags(outside))
    for rule in RULES:
        found.extend(rule.sightings(data if rule.in_urls else outside))
    return sorted(set(found))
