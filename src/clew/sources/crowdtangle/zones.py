"""Which instant is `2021-01-06 19:58:44 EST`, a local time of a CrowdTangle dashboard?"""

from __future__ import annotations

import datetime as dt
from functools import cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from clew.contract import Piece
from clew.errors import ItemError, SourceUnusable
from clew.model.times import Micros, TimeQuality, from_iso, local_text

# Words that stand for one offset only. Left out are those that several countries use for offsets of
# their own: AST, BST, CST, IST, PST… there the option `zone` must say which.
_OFFSETS = {
    "+00:00": "UTC GMT WET",
    "+01:00": "CET WAT WEST",
    "+02:00": "CAT CEST EET SAST",
    "+03:00": "EAT EEST MSK TRT",
    "+05:00": "PKT",
    "+06:00": "BDT",
    "+05:45": "NPT",
    "+06:30": "MMT",
    "+07:00": "ICT WIB",
    "+08:00": "AWST HKT MYT PHT SGT WITA",
    "+09:00": "JST KST WIT",
    "+09:30": "ACST",
    "+10:00": "AEST",
    "+10:30": "ACDT",
    "+11:00": "AEDT",
    "+12:00": "NZST",
    "+13:00": "NZDT",
    "-02:00": "BRST",
    "-02:30": "NDT",
    "-03:00": "ADT ART BRT UYT",
    "-03:30": "NST",
    "-04:00": "BOT EDT VET",
    "-05:00": "COT EST PET",
    "-06:00": "MDT",
    "-07:00": "MST PDT",
    "-08:00": "AKDT",
    "-09:00": "AKST",
    "-10:00": "HST",
}
_OFFSET_OF = {word: offset for offset, words in _OFFSETS.items() for word in words.split()}

_AMBIGUOUS = "time in a zone whose word stands for several offsets: option `zone` can say which"


def posted(text: str | None, piece: Piece) -> tuple[Micros | None, TimeQuality, str | None]:
    """Instant, quality and local time of `Post Created`.

    Raises ItemError for what is no time, SourceUnusable for an option `zone` that does not exist.
    """
    if text is None:
        return None, TimeQuality.MISSING, None
    clock, word = text[:19], text[19:].strip()
    offset = _OFFSET_OF.get(word)
    if offset is None and len(word) in (3, 5, 6) and word[0] in "+-":
        offset = word
    if offset is not None:
        return from_iso(clock + offset), TimeQuality.OFFSET, None
    if (instant := _in_zone(clock, word, piece.options.zone)) is not None:
        return instant, TimeQuality.OFFSET, None
    local = local_text(clock)
    piece.note(_AMBIGUOUS)
    return None, TimeQuality.ZONE_UNKNOWN, local


def _in_zone(clock: str, word: str, name: str) -> Micros | None:
    """The instant by the named zone, if it has such a word at that time."""
    if not name:
        return None
    try:
        local = dt.datetime.fromisoformat(clock).replace(tzinfo=_zone(name))
    except ValueError as error:
        raise ItemError("time unreadable", repr(clock)) from error
    for fold in (0, 1):  # an hour that comes twice a year has another word each time
        moment = local.replace(fold=fold)
        if word in ("", moment.tzname()):
            return from_iso(moment.isoformat())
    return None


@cache
def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise SourceUnusable(f"there is no time zone {name!r}: give one such as Asia/Manila") from (
            error
        )
