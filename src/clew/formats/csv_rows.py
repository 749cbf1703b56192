"""How is a CSV file with one known header read: each row as a dict of its columns?"""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Callable, Iterator

from clew.contract import Piece
from clew.errors import ItemError, SourceUnusable

LONGEST = 1 << 20
"""Characters of a line, and of a cell."""


def column_names(head: bytes, delimiter: str = ",") -> frozenset[str]:
    """The names in the first row of a file, of which the beginning is given.

    Empty if the first row does not end in the first 16 KiB, or is no row.
    """
    line, end, _ = head[: 16 << 10].removeprefix(b"\xef\xbb\xbf").partition(b"\n")
    if not end and len(head) > len(line):
        return frozenset()
    text = line.decode(errors="replace").rstrip("\r")
    try:
        row = next(csv.reader([text], delimiter=delimiter, strict=True), [])
    except csv.Error:
        return frozenset()
    return frozenset(name.strip() for name in row)


def csv_rows(
    piece: Piece,
    delimiter: str = ",",
    *,
    header: Callable[[list[str]], bool] | None = None,
    has_backslashes: bool = False,
) -> Iterator[dict[str, str] | ItemError]:
    """Each row of a file in UTF-8, by the names in its first row.

    Empty cells are left out. Of columns with one name the second is called `name_2`, and so on.
    Raises SourceUnusable for a line of more than LONGEST characters.

    Args:
        piece: the file.
        delimiter: what stands between cells.
        header: tells the row of names from notes in front of it, which are left out.
        has_backslashes: a quotation mark in a cell may be written behind a backslash, too.
    """
    csv.field_size_limit(LONGEST)
    with piece.open() as stream:
        text = io.TextIOWrapper(stream, encoding="utf-8-sig", errors="surrogateescape", newline="")
        lines = _lines(text)
        if has_backslashes:
            lines = (line.replace('\\"', '""') for line in lines)
        reader = csv.reader(lines, delimiter=delimiter, strict=True)
        names: list[str] | None = None
        while True:
            row = _next(reader)
            if row is None:
                return
            if isinstance(row, ItemError):
                yield row
            elif names is None:
                if header is None or header(row):
                    names = _numbered(row)
            elif row:
                yield _named(row, names)


def _next(reader: Iterator[list[str]]) -> list[str] | ItemError | None:
    try:
        row = next(reader)
        "".join(row).encode()  # bytes that are no text came as lone surrogates
    except StopIteration:
        return None
    except csv.Error as error:
        return ItemError("not well-formed CSV", str(error))
    except UnicodeEncodeError as error:
        return ItemError("not UTF-8", str(error.reason))
    return row


def _numbered(header: list[str]) -> list[str]:
    seen: Counter[str] = Counter()
    names: list[str] = []
    for name in map(str.strip, header):
        seen[name] += 1
        names.append(name if seen[name] == 1 else f"{name}_{seen[name]}")
    return names


def _named(row: list[str], names: list[str]) -> dict[str, str] | ItemError:
    if len(row) > len(names):
        return ItemError("row with too many cells", f"{len(row)} cells, {len(names)} columns")
    return {name: cell for name, cell in zip(names, row, strict=False) if cell.strip()}


def _lines(text: io.TextIOWrapper) -> Iterator[str]:
    while line := text.readline(LONGEST):
        if len(line) == LONGEST:
            raise SourceUnusable(f"a line is longer than {LONGEST:,} characters")
        yield line
