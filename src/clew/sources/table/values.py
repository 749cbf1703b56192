"""How does a cell become a value of a column? One reader for each type that a column can have.

A reader gets a cell that is not null and raises ItemError for what it cannot be.
"""

from __future__ import annotations

import datetime as dt
import re
import typing
import zoneinfo
from collections.abc import Callable
from decimal import Decimal
from enum import StrEnum
from functools import partial
from typing import Any, NamedTuple

import msgspec

from clew.contract import Piece
from clew.errors import ItemError
from clew.formats.html_text import html_to_text
from clew.model.tables import Row
from clew.model.times import Micros, TimeQuality, from_datetime, from_seconds, in_range, local_text
from clew.sources.table.mapping import LISTS, UNKNOWN_ZONE, Cell, Mapping, Numbers

Reader = Callable[[Any, Piece], Any]

EXACT = 2**53
"""Beyond it a floating-point number has lost digits."""

TWICE = "local times that came twice, as clocks went back: the earlier one taken"
NO_CLOCK = "dates without time of day: kept as local time, zone unknown"

_INT64 = range(-(2**63), 2**63)
_INTEGER = re.compile(r"[+-]?[0-9]{1,30}(?:\.0*)?")
_DECIMAL = re.compile(r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]{1,3})?")
_BOOLEANS = {
    word: value
    for value, words in ((True, "true yes 1 y t"), (False, "false no 0 n f"))
    for word in words.split()
}
_SCALES = {"unix_ms": 1_000, "unix_us": 1}


class Moment(NamedTuple):
    """When something happened, as far as a cell says it."""

    at: Micros | None
    quality: TimeQuality
    local: str | None = None


def reader_of(row: type[Row], column: str, cell: Cell, mapping: Mapping) -> Reader:
    """The reader of a column of this row, as the mapping wants it read."""
    kind = _type_of(row, column)
    if column.endswith("_id"):
        read: Reader = partial(_identifier, f"{mapping.platform}:")
    elif column in LISTS:
        read = _array
    elif column == "reactions":
        read = _object
    elif column == "local_time":
        read = _local_time
    elif kind is Micros:
        read = partial(_moment, *_time_format(cell, mapping))
    elif kind is int:
        read = partial(_integer, mapping.numbers)
    elif kind is float:
        read = partial(_decimal, mapping.numbers)
    elif kind is bool:
        read = _boolean
    elif isinstance(kind, type) and issubclass(kind, StrEnum):
        read = partial(_word, kind)
    else:
        read = _html if cell.html else _text
    return read


def text_of(value: Any) -> str:
    """A cell as text: numbers without `.0`, nested values as JSON."""
    match value:
        case str():
            text = value
        case bool():
            text = "true" if value else "false"
        case float() if value.is_integer() and abs(value) < EXACT:
            text = str(int(value))
        case dt.date() | dt.time():
            text = value.isoformat()
        case bytes():
            text = _decoded(value)
        case list() | dict() | tuple():
            text = _json(value)
        case _:
            text = str(value)
    return text


def _type_of(row: type[Row], column: str) -> Any:
    hint = typing.get_type_hints(row)[column]
    options = [option for option in typing.get_args(hint) if option is not type(None)]
    return options[0] if options else hint


def _decoded(value: bytes) -> str:
    try:
        return value.decode()
    except UnicodeDecodeError as error:
        raise ItemError("bytes that are no text") from error


def _json(value: Any) -> str:
    try:
        return msgspec.json.encode(value, enc_hook=str).decode()
    except (TypeError, ValueError, RecursionError) as error:
        raise ItemError("nested value unreadable", str(error)) from error


# ------------------------------------------------------------------------------------------ texts


def _text(value: Any, _piece: Piece) -> str | None:
    return text_of(value) or None


def _html(value: Any, _piece: Piece) -> str | None:
    return html_to_text(text_of(value)) or None


def _word(kind: type[StrEnum], value: Any, _piece: Piece) -> StrEnum:
    try:
        return kind(text_of(value).strip().lower())
    except ValueError as error:
        raise ItemError("unknown word", f"it must be one of {', '.join(kind)}") from error


def _identifier(prefix: str, value: Any, _piece: Piece) -> str | None:
    if isinstance(value, bool) or (isinstance(value, float) and not value.is_integer()):
        raise ItemError("id unreadable")
    if isinstance(value, float) and abs(value) >= EXACT:
        # A rounded id may be another's: rather no row than one of somebody else.
        raise ItemError("id kept as a floating-point number: its last digits are lost")
    native = text_of(value).strip()
    if not native:
        return None
    return native if native.startswith(prefix) else prefix + native


def _array(value: Any, _piece: Piece) -> str | None:
    if isinstance(value, str) and value.lstrip().startswith("["):
        try:
            value = msgspec.json.decode(value, type=list[Any])
        except (msgspec.MsgspecError, UnicodeEncodeError, RecursionError):
            value = [value]
    elif not isinstance(value, list | tuple):
        value = [value]
    return _json([part if isinstance(part, str) else text_of(part) for part in value])


def _object(value: Any, _piece: Piece) -> str:
    if isinstance(value, str):
        try:
            value = msgspec.json.decode(value, type=dict[str, Any])
        except (msgspec.MsgspecError, UnicodeEncodeError, RecursionError) as error:
            raise ItemError("not a JSON object") from error
    if not isinstance(value, dict):
        raise ItemError("not a JSON object")
    return _json(value)


# ---------------------------------------------------------------------------------------- numbers


def _integer(numbers: Numbers, value: Any, _piece: Piece) -> int:
    if isinstance(value, str):
        text = _plain(numbers, value)
        if not _INTEGER.fullmatch(text):
            raise ItemError("number unreadable")
        value = int(text.partition(".")[0])
    elif isinstance(value, float | Decimal) and value == value // 1:
        value = int(value)
    elif not isinstance(value, int) or isinstance(value, bool):
        raise ItemError("number unreadable")
    if value not in _INT64:
        raise ItemError("number out of range")
    return int(value)


def _decimal(numbers: Numbers, value: Any, _piece: Piece) -> float:
    if isinstance(value, str):
        text = _plain(numbers, value)
        if not _DECIMAL.fullmatch(text):
            raise ItemError("number unreadable")
        value = float(text)
    elif not isinstance(value, int | float | Decimal) or isinstance(value, bool):
        raise ItemError("number unreadable")
    try:
        value = float(value)
    except OverflowError as error:
        raise ItemError("number out of range") from error
    if not abs(value) < float("inf"):
        raise ItemError("number out of range")
    return float(value)


def _plain(numbers: Numbers, text: str) -> str:
    """A number as Python writes it."""
    if numbers.group:
        text = text.replace(numbers.group, "")
    if numbers.decimal != ".":
        text = text.replace(".", "?").replace(numbers.decimal, ".")
    return text.strip()


def _boolean(value: Any, _piece: Piece) -> bool:
    try:
        return _BOOLEANS[text_of(value).strip().lower()]
    except KeyError as error:
        raise ItemError("neither true nor false") from error


# ------------------------------------------------------------------------------------------ times


def _time_format(cell: Cell, mapping: Mapping) -> tuple[str, zoneinfo.ZoneInfo | None]:
    zone = cell.zone or mapping.time.zone
    return (
        cell.format or mapping.time.format,
        None if zone == UNKNOWN_ZONE else zoneinfo.ZoneInfo(zone),
    )


def _local_time(value: Any, _piece: Piece) -> str:
    return local_text(text_of(value).strip())


def _moment(form: str, zone: zoneinfo.ZoneInfo | None, value: Any, piece: Piece) -> Moment:
    if isinstance(value, dt.datetime):
        moment, has_clock = value, True
    elif isinstance(value, dt.date):
        moment, has_clock = dt.datetime.combine(value, dt.time()), False
    elif form == "unix":
        return Moment(from_seconds(_number(value)), TimeQuality.UTC)
    elif form in _SCALES:
        count = _integer(Numbers(), value, piece)
        return Moment(in_range(count * _SCALES[form]), TimeQuality.UTC)
    else:
        moment, has_clock = _parsed(text_of(value).strip(), form)
    if moment.tzinfo is not None:
        is_utc = not moment.utcoffset()
        quality = TimeQuality.UTC if is_utc else TimeQuality.OFFSET
        return Moment(from_datetime(moment), quality)
    if not has_clock:
        piece.note(NO_CLOCK)
    if zone is None or not has_clock:
        local = local_text(moment.isoformat())
        return Moment(None, TimeQuality.ZONE_UNKNOWN, local)
    quality = TimeQuality.UTC if zone.key in ("UTC", "Etc/UTC") else TimeQuality.OFFSET
    return Moment(from_datetime(_placed(moment, zone, piece)), quality)


def _number(value: Any) -> Any:
    if isinstance(value, bool) or not isinstance(value, str | int | float | Decimal):
        raise ItemError("time unreadable")
    return float(value) if isinstance(value, Decimal) else value


def _parsed(text: str, form: str) -> tuple[dt.datetime, bool]:
    """A text as a moment, and whether it says the time of day."""
    try:
        if form == "iso":
            return dt.datetime.fromisoformat(text), len(text) > len("2024-01-31")
        moment = dt.datetime.strptime(text, form)  # noqa: DTZ007 - the zone is the caller's
    except (ValueError, OverflowError) as error:
        raise ItemError("time unreadable") from error
    return moment, re.search("%[HIcXTs]", form) is not None


def _placed(moment: dt.datetime, zone: zoneinfo.ZoneInfo, piece: Piece) -> dt.datetime:
    """A local time in its zone, where summer time can make it come twice or never."""
    earlier = moment.replace(tzinfo=zone, fold=0)
    later = moment.replace(tzinfo=zone, fold=1)
    offsets = earlier.utcoffset(), later.utcoffset()
    if offsets[0] != offsets[1]:
        if typing.cast("dt.timedelta", offsets[0]) < typing.cast("dt.timedelta", offsets[1]):
            raise ItemError("time that its zone never had", "clocks went forward over it")
        piece.note(TWICE)
    return earlier
