"""What is a sighting, and with which patterns is a text scanned for them?

All scanning is done by RE2 on UTF-8 bytes in which a NUL stands between posts. The patterns find
maximal runs, so that what they have looked at they have also taken: the time is linear in the text,
whatever an adversary writes. What a run holds is decided on the run alone.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, NamedTuple

import re2

from clew.formats.sightings.written import DOT


class Sighting(NamedTuple):
    """One value where it stands: byte offsets into the scanned data."""

    start: int
    stop: int
    kind: str
    value: str
    is_defanged: bool


class Place(NamedTuple):
    """A stretch of text that gave sightings and is taken by them."""

    start: int
    stop: int
    sightings: tuple[Sighting, ...]


def pattern(expression: str) -> Any:
    """RE2 over UTF-8 bytes, with enough memory that hostile text keeps it on its fast path."""
    options = re2.Options()
    options.max_mem = 64 << 20
    options.log_errors = False
    return re2.compile(expression.encode(), options)


def masked(data: bytes, spans: Iterable[tuple[int, int]]) -> bytes:
    """The data with these spans made NUL, so that nothing more is found in them."""
    blank = bytearray(data)
    for start, stop in spans:
        blank[start:stop] = bytes(stop - start)
    return bytes(blank)


# In which letters is a label written? Those that look alike may be mixed, by an impostor. Between
# other scripts the label ends: Arabic, Chinese or Thai text runs into an address without a space.
def _scripts(names: str) -> str:
    return "".join(rf"\p{{{name}}}" for name in names.split())


_MARKS = r"\x{300}-\x{36f}"  # not \p{M}: it holds the selectors that follow emoji
_FANCY = r"\x{1d400}-\x{1d7ff}\x{24b6}-\x{24e9}"  # letters that UTS 46 reads as plain ones
_LATIN = _scripts("Latin") + _MARKS + _FANCY
_ALIKE = _scripts("Greek Cyrillic Armenian Georgian Cherokee")
_APART = r"\x{64b}-\x{655}" + _scripts(
    "Hebrew Arabic Syriac Thaana Nko Ethiopic Mongolian Devanagari Bengali Gurmukhi Gujarati Oriya "
    "Tamil Telugu Kannada Malayalam Sinhala"
)
_UNSPACED = "ー々" + _scripts(
    "Han Hiragana Katakana Hangul Bopomofo Thai Lao Khmer Myanmar Tibetan"
)
NOT_LATIN = _ALIKE + _APART + _UNSPACED
LETTERS = _LATIN + NOT_LATIN
LABEL = rf"(?:[{_LATIN}{_ALIKE}\p{{Nd}}_-]+|[{_APART}\p{{Nd}}_-]+|[{_UNSPACED}]+)"
RUN = rf"{LABEL}(?:{DOT}{LABEL})+"  # dotted words: a host, or many other things

LONGEST_RUN = 1024  # bytes; a host has 253, and each dot of it may be written in several
WORD = frozenset(b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_")
