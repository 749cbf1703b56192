"""What does a record of a file say, by the mapping? Its cells, as rows of the tables."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, NamedTuple

import msgspec

from clew.contract import Piece
from clew.errors import ItemError
from clew.model.tables import TABLE_OF, PostKind, Row
from clew.model.times import TimeQuality
from clew.sources.table.mapping import INHERITED, SECTIONS, SPREADING, Cell, Mapping, parse_mapping
from clew.sources.table.values import Moment, Reader, reader_of, text_of

_PLACEHOLDER = re.compile(r"\{([^{}]+)\}")
_SHOWN = 80


class Record(NamedTuple):
    """One row of a file: its number as the analyst sees it, from 1, and its cells by column."""

    number: int
    cells: dict[str, Any]


@dataclass(frozen=True, kw_only=True)
class _Column:
    """One column of a table: where its value comes from and how it is read."""

    name: str
    origin: str  # for messages
    find: Callable[[dict[str, Any]], Any]
    read: Reader
    is_constant: bool
    words: dict[str, str]
    split: str | None
    spreads: bool  # a list in its cell makes several rows

    def value(self, record: Record, piece: Piece) -> Any:
        """Its value in a record, None if there is none; a list if one cell makes several rows."""
        found = self.find(record.cells)
        if found is None:
            return None
        if self.words:
            found = self.words.get(text_of(found).strip(), found)
        if self.split is not None and not isinstance(found, list):
            parts = (part.strip() for part in text_of(found).split(self.split))
            found = [part for part in parts if part]
        try:
            if self.spreads and isinstance(found, list):
                return [None if part is None else self.read(part, piece) for part in found]
            return self.read(found, piece)
        except ItemError as error:
            shown = repr(found)[:_SHOWN]
            raise ItemError(error.reason, f"row {record.number}, {self.origin}: {shown}") from error


@dataclass(frozen=True, kw_only=True)
class _Table:
    """One section of the mapping."""

    name: str
    row: type[Row]
    columns: tuple[_Column, ...]
    required: tuple[str, ...]
    inherited: dict[str, str]


@dataclass(frozen=True, kw_only=True)
class Plan:
    """A mapping, ready to be applied."""

    mapping: Mapping
    tables: tuple[_Table, ...]
    used: frozenset[str] = field(default_factory=frozenset)  # columns of the file

    def rows(self, record: Record, piece: Piece) -> Iterator[Row]:
        """The rows that a record gives; raises ItemError with its number, column and value."""
        post: dict[str, Any] = {}
        for table in self.tables:
            for values in _values(table, record, piece, post):
                if table.name == "posts":
                    post = values
                yield table.row(platform=self.mapping.platform, **values)


@lru_cache(maxsize=8)
def plan(toml: str) -> Plan:
    """The plan of a mapping's text; raises SourceUnusable that says what is wrong in it."""
    mapping = parse_mapping(toml)
    used: set[str] = set()
    tables = []
    for name, cells in mapping.sections():
        row = SECTIONS[name]
        columns = TABLE_OF[row].columns
        tables.append(
            _Table(
                name=name,
                row=row,
                columns=tuple(
                    _column(name, column, cell, mapping, used) for column, cell in cells.items()
                ),
                required=tuple(
                    column
                    for column in row.__struct_fields__
                    if columns[column][0].startswith("!")
                    and column not in ("platform", "time_quality")
                ),
                inherited={
                    column: of_post
                    for column, of_post in INHERITED[name].items()
                    if column not in cells
                    and not (column == "time_quality" and "happened_at" in cells)
                },
            )
        )
    return Plan(mapping=mapping, tables=tuple(tables), used=frozenset(used))


def _column(section: str, column: str, cell: Cell, mapping: Mapping, used: set[str]) -> _Column:
    nulls = frozenset(("", *mapping.file.null))
    if cell.column is not None:
        used.add(cell.column)
        find, origin = _of_column(cell.column, nulls), f"column {cell.column!r}"
    elif cell.template is not None:
        find, origin = _of_template(cell.template, nulls, used), f"template {cell.template!r}"
    elif cell.hash_of is not None:
        used.update(cell.hash_of)
        find, origin = _of_hash(cell.hash_of, nulls), "hash"
    else:
        find, origin = _of_value(cell.value), f"value of {column}"
    return _Column(
        name=column,
        origin=origin,
        find=find,
        read=reader_of(SECTIONS[section], column, cell, mapping),
        is_constant=cell.value is not None,
        words=cell.words,
        split=cell.split,
        spreads=section in SPREADING,
    )


# --------------------------------------------------------------------------- where a value is found


def _of_column(column: str, nulls: frozenset[str]) -> Callable[[dict[str, Any]], Any]:
    path = column.split(".")

    def find(cells: dict[str, Any]) -> Any:
        value = cells.get(column)
        if value is None and len(path) > 1:
            value = _inside(cells, path)
        if isinstance(value, str) and (value in nulls or value.strip() in nulls):
            return None
        return value

    return find


def _inside(value: Any, path: list[str]) -> Any:
    """The value at a path of names in nested records; a list of them inside a list."""
    for position, name in enumerate(path):
        if isinstance(value, list):
            return [_inside(part, path[position:]) for part in value]
        if not isinstance(value, dict):
            return None
        value = value.get(name)
    return value


def _of_template(
    template: str, nulls: frozenset[str], used: set[str]
) -> Callable[[dict[str, Any]], Any]:
    texts = _PLACEHOLDER.split(template)  # text, column, text, column, …, text
    columns = [_of_column(column, nulls) for column in texts[1::2]]
    used.update(texts[1::2])

    def find(cells: dict[str, Any]) -> Any:
        made = [texts[0]]
        for column, text in zip(columns, texts[2::2], strict=True):
            value = column(cells)
            if value is None:
                return None
            made += (text_of(value).strip(), text)
        return "".join(made)

    return find


def _of_hash(names: tuple[str, ...], nulls: frozenset[str]) -> Callable[[dict[str, Any]], Any]:
    columns = [_of_column(name, nulls) for name in names]

    def find(cells: dict[str, Any]) -> Any:
        values = [column(cells) for column in columns]
        if all(value is None for value in values):
            return None
        texts = [None if value is None else text_of(value) for value in values]
        return hashlib.sha256(msgspec.json.encode(texts)).hexdigest()[:32]

    return find


def _of_value(value: Any) -> Callable[[dict[str, Any]], Any]:
    return lambda _cells: value


# --------------------------------------------------------------------------------- rows of a table


def _values(
    table: _Table, record: Record, piece: Piece, post: dict[str, Any]
) -> Iterator[dict[str, Any]]:
    """The values of each row that the table gets from this record."""
    found = [
        (column, value)
        for column in table.columns
        if (value := column.value(record, piece)) is not None
    ]
    if table.name != "posts" and all(column.is_constant for column, _ in found):
        return
    values = {column.name: value for column, value in found if not isinstance(value, Moment | list)}
    moments = {column.name: value for column, value in found if isinstance(value, Moment)}
    several = {column.name: value for column, value in found if isinstance(value, list)}
    _set_times(table, values, moments, piece)
    for name, of_post in table.inherited.items():
        if post.get(of_post) is not None:
            values.setdefault(name, post[of_post])
    if "time_quality" in table.row.__struct_fields__:
        values.setdefault("time_quality", TimeQuality.MISSING)
    if table.name == "posts":
        values.setdefault("kind", PostKind.POST)
        if "post_id" not in values:
            raise ItemError("no post_id", f"row {record.number}")
    for each in _spread(values, several):
        if all(each.get(name) is not None for name in table.required):
            yield each


def _spread(values: dict[str, Any], several: dict[str, list[Any]]) -> Iterator[dict[str, Any]]:
    """One row for each of the values that one cell holds; lists side by side go together."""
    if not several:
        yield values
    elif len({len(parts) for parts in several.values()}) > 1:
        raise ItemError("lists of different lengths", ", ".join(several))
    else:
        for parts in zip(*several.values(), strict=True):
            yield values | dict(zip(several, parts, strict=True))


def _set_times(
    table: _Table, values: dict[str, Any], moments: dict[str, Moment], piece: Piece
) -> None:
    main = "happened_at" if table.name == "interactions" else "posted_at"
    for name, moment in moments.items():
        if moment.at is not None:
            values[name] = moment.at
        if name == main and "time_quality" in table.row.__struct_fields__:
            values.setdefault("time_quality", moment.quality)
            if moment.local is not None and table.name == "posts":
                values.setdefault("local_time", moment.local)
        elif moment.at is None:
            piece.note(f"{name} left out: its zone is not known")
    if "local_time" in values and "posted_at" not in values:
        values.setdefault("time_quality", TimeQuality.ZONE_UNKNOWN)
