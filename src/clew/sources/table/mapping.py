"""Which column of a file is which column of the tables? The mapping an analyst writes, in TOML.

    platform = "exampleforum"

    [posts]
    post_id = "id"
    posted_at = { column = "date", format = "%d.%m.%Y %H:%M", zone = "Europe/Kyiv" }
    kind = { value = "message" }

`docs/howto/table-mapping.md` explains every key.
"""

from __future__ import annotations

import datetime as dt
import re
import zoneinfo
from typing import Annotated, Literal

import msgspec

from clew.errors import SourceUnusable
from clew.model.tables import TABLE_OF, Account, Channel, Interaction, Link, Media, Post, Row

SECTIONS: dict[str, type[Row]] = {
    "posts": Post,
    "accounts": Account,
    "channels": Channel,
    "interactions": Interaction,
    "links": Link,
    "media": Media,
}
"""Section of the mapping → the row that it fills."""

INHERITED: dict[str, dict[str, str]] = {
    "posts": {},
    "accounts": {"account_id": "account_id"},
    "channels": {"channel_id": "channel_id"},
    "interactions": {
        "account_id": "account_id",
        "post_id": "post_id",
        "channel_id": "channel_id",
        "happened_at": "posted_at",
        "time_quality": "time_quality",
    },
    "links": {"post_id": "post_id", "posted_at": "posted_at"},
    "media": {"post_id": "post_id", "posted_at": "posted_at"},
}
"""Section → its columns that come from the post of the same row unless they are mapped."""

SPREADING = frozenset(("interactions", "links", "media"))
"""Sections that make a row of each value, where a cell holds several."""

LISTS = frozenset(("tags", "withheld_in"))
"""Columns that hold a JSON array."""

UNKNOWN_ZONE = "unknown"

Format = Literal["csv", "tsv", "ndjson", "xlsx", "parquet"]
_Character = Annotated[str, msgspec.Meta(min_length=1, max_length=1)]


class _Section(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A part of the mapping; a key that it does not know is an error."""


class File(_Section, frozen=True, kw_only=True):
    """How the file is written."""

    format: Format | None = None  # None: by its content and name
    encoding: str = "utf-8"
    delimiter: _Character | None = None  # None: a comma, a tab in TSV
    quote: _Character = '"'
    header: Annotated[int, msgspec.Meta(ge=0)] = 1  # row of the column names; 0: there is none
    sheet: str | None = None  # None: the first
    null: tuple[str, ...] = ()  # texts besides the empty one that mean "not recorded"


class Time(_Section, frozen=True, kw_only=True):
    """How times are written, unless a column says otherwise."""

    format: str = "iso"  # iso, unix, unix_ms, unix_us or a strptime format
    zone: str = UNKNOWN_ZONE  # IANA name, for times that carry no offset


class Numbers(_Section, frozen=True, kw_only=True):
    """How numbers are written."""

    decimal: _Character = "."
    group: str = ""  # between thousands


class Cell(_Section, frozen=True, kw_only=True):
    """Where a value comes from, and how it is read. One of the first four must be given."""

    column: str | None = None
    value: str | int | float | bool | None = None  # the same for every row
    template: str | None = None  # "{chat}/{id}"
    hash_of: tuple[str, ...] | None = None  # an id made from these columns
    format: str | None = None
    zone: str | None = None
    split: str | None = None  # one cell holds several values, with this between them
    words: dict[str, str] = {}  # what the file says → what is meant
    html: bool = False  # the text is HTML


Columns = dict[str, str | Cell]


class Mapping(_Section, frozen=True, kw_only=True):
    """The whole mapping."""

    platform: Annotated[str, msgspec.Meta(pattern="^[a-z][a-z0-9_-]{0,31}$")]
    file: File = File()
    time: Time = Time()
    numbers: Numbers = Numbers()
    posts: Columns | list[Columns] = {}
    accounts: Columns | list[Columns] = {}
    channels: Columns | list[Columns] = {}
    interactions: Columns | list[Columns] = {}
    links: Columns | list[Columns] = {}
    media: Columns | list[Columns] = {}

    def sections(self) -> list[tuple[str, dict[str, Cell]]]:
        """Each section with the cells of its columns, posts first."""
        found: list[tuple[str, dict[str, Cell]]] = []
        for name in SECTIONS:
            given: Columns | list[Columns] = getattr(self, name)
            each = given if isinstance(given, list) else [given]
            found += [(name, {key: _cell(cell) for key, cell in part.items()}) for part in each]
        return [(name, cells) for name, cells in found if cells]


def _cell(given: str | Cell) -> Cell:
    return Cell(column=given) if isinstance(given, str) else given


def parse_mapping(toml: str) -> Mapping:
    """The mapping that a TOML text states; raises SourceUnusable that says what is wrong in it."""
    try:
        mapping = msgspec.toml.decode(toml, type=Mapping)
    except (msgspec.MsgspecError, UnicodeEncodeError, RecursionError) as error:
        raise SourceUnusable(f"the mapping cannot be used: {error}") from error
    sections = mapping.sections()
    if not sections:
        raise SourceUnusable(f"the mapping fills no table; it may fill {', '.join(SECTIONS)}")
    _check_time(mapping.time.format, mapping.time.zone, "time")
    _check_encoding(mapping.file.encoding)
    for name, cells in sections:
        _check_section(name, cells)
    return mapping


def _check_section(name: str, cells: dict[str, Cell]) -> None:
    columns = TABLE_OF[SECTIONS[name]].columns
    known = [column for column in SECTIONS[name].__struct_fields__ if column != "platform"]
    for column, cell in cells.items():
        where = f"{name}.{column}"
        if column not in known:
            raise SourceUnusable(f"the mapping's {where} is no column; there are: {known}")
        _check_cell(cell, where)
        if cell.split is not None and name not in SPREADING and column not in LISTS:
            raise SourceUnusable(f"the mapping's {where} can hold only one value: no split")
    given = {"platform", "time_quality", *cells, *INHERITED[name]} | (
        {"kind"} if name == "posts" else set()
    )
    missing = [
        column for column in known if columns[column][0].startswith("!") and column not in given
    ]
    if missing:
        raise SourceUnusable(f"the mapping's {name} need a column for {', '.join(missing)}")


def _check_cell(cell: Cell, where: str) -> None:
    given = (cell.column, cell.value, cell.template, cell.hash_of)
    if sum(part is not None for part in given) != 1:
        raise SourceUnusable(
            f"the mapping's {where} needs one of column, value, template and hash_of"
        )
    if cell.template is not None and not re.search(r"\{[^{}]+\}", cell.template):
        raise SourceUnusable(f"the mapping's {where}: a template names columns as {{column}}")
    if cell.split == "":
        raise SourceUnusable(f"the mapping's {where}: split must not be empty")
    _check_time(cell.format or "iso", cell.zone or UNKNOWN_ZONE, where)


def _check_time(form: str, zone: str, where: str) -> None:
    if form not in ("iso", "unix", "unix_ms", "unix_us") and "%" not in form:
        raise SourceUnusable(
            f"the mapping's {where}: format must be iso, unix, unix_ms, unix_us or one for "
            f"strptime such as %d.%m.%Y, not {form!r}"
        )
    if "%" in form:
        now = dt.datetime(2026, 3, 2, 10, 20, 30, tzinfo=dt.UTC)
        try:
            dt.datetime.strptime(now.strftime(form), form)  # noqa: DTZ007 - is it a format at all?
        except ValueError as error:
            raise SourceUnusable(f"the mapping's {where}: {error}") from error
    if zone != UNKNOWN_ZONE:
        try:
            zoneinfo.ZoneInfo(zone)
        except (ValueError, OSError) as error:  # ZoneInfoNotFoundError is a KeyError
            raise SourceUnusable(f"the mapping's {where}: no zone {zone!r}") from error
        except KeyError as error:
            raise SourceUnusable(
                f"the mapping's {where}: there is no time zone {zone!r}; "
                f"give an IANA name such as Europe/Kyiv, or {UNKNOWN_ZONE!r}"
            ) from error


def _check_encoding(encoding: str) -> None:
    try:
        "".encode(encoding)
    except (LookupError, ValueError) as error:
        raise SourceUnusable(f"the mapping's file.encoding is unknown: {encoding!r}") from error
