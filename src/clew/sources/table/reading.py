"""Which records does a file hold? CSV, TSV, NDJSON, XLSX and Parquet, record by record."""

from __future__ import annotations

import csv
import datetime as dt
import io
import itertools
import tempfile
import warnings
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, BinaryIO, cast

import pyarrow as pa
import pyarrow.parquet as pq

from clew.contract import Capture, Piece
from clew.errors import ItemError, SourceUnusable
from clew.formats.archive import Budget, members
from clew.formats.json_items import ItemDecoder
from clew.sources.table.mapped import Record
from clew.sources.table.mapping import File, Format
from clew.sources.table.values import EXACT

LONGEST = 16 << 20
"""Characters that a line or a cell may have."""

_BLOCK = 1 << 20
_SPOOL = 64 << 20
_XLSX_ROWS = 1_048_576
_XLSX_CELLS = 500_000_000
_XLSX_RATIO = 200
_PARQUET_ROWS = 1_024
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_INEXACT = "numbers beyond 2^53 in a spreadsheet: their last digits may be lost"

# What openpyxl raises for damaged files, which is nearly anything (found by mutation).
_XLSX_ERRORS = (
    AttributeError,
    IndexError,
    KeyError,
    NotImplementedError,
    OverflowError,
    SyntaxError,  # XML that is none
    TypeError,
    ValueError,
    zipfile.BadZipFile,
)


def format_of(head: bytes, name: str) -> Format:
    """The format of a file by its first bytes and its name; CSV if nothing says otherwise."""
    if head.startswith(b"PAR1"):
        return "parquet"
    if head.startswith(b"PK\x03\x04"):
        return "xlsx"
    if head.startswith(_OLE):
        raise SourceUnusable("this is an old (.xls) or encrypted spreadsheet: save it as .xlsx")
    if head.removeprefix(b"\xef\xbb\xbf").lstrip().startswith(b"{"):
        return "ndjson"
    return "tsv" if name.lower().endswith((".tsv", ".tab")) else "csv"


def records(
    piece: Piece, form: Format, file: File, used: frozenset[str] | None = None
) -> Iterator[Record | ItemError]:
    """Each record of a piece, or why it cannot be read.

    `used` are the columns that are wanted; None: all. Raises SourceUnusable for what is no such
    file or lacks one of these columns (NDJSON has no columns that it could lack).
    """
    if form == "ndjson":
        return _ndjson(piece)
    return _opened(piece, form, file, used)


def _opened(
    piece: Piece, form: Format, file: File, used: frozenset[str] | None
) -> Iterator[Record | ItemError]:
    if form in ("csv", "tsv"):
        with piece.open() as stream:
            yield from _csv(stream, form, file, used)
        return
    with _spooled(piece.capture) as stream:
        if form == "xlsx":
            yield from _xlsx(stream, file, used, piece)
        else:
            yield from _parquet(stream, used)


def _spooled(capture: Capture) -> BinaryIO:
    """The capture where it can be read in any order: in memory if small, else on disk."""
    spool = cast("BinaryIO", tempfile.SpooledTemporaryFile(max_size=_SPOOL))  # noqa: SIM115
    with capture.open() as stream:
        while block := stream.read(_BLOCK):
            spool.write(block)
    spool.seek(0)
    return spool


def _damaged(what: str, error: Exception) -> Exception:
    if isinstance(error, OSError) and error.errno is not None:
        return error  # the disk, not the file
    return SourceUnusable(f"the {what} is damaged: {error!r}")


# ------------------------------------------------------------------------------------- named rows


def _named(
    rows: Iterable[Sequence[Any] | ItemError],
    file: File,
    used: frozenset[str] | None,
    *,
    pads: bool,
) -> Iterator[Record | ItemError]:
    """Rows as records by the names in the header row. `pads`: rows may end early."""
    names: list[str] | None = None
    for number, row in enumerate(rows, 1):
        if names is None:
            if number < file.header:
                continue
            if isinstance(row, ItemError):
                raise SourceUnusable(f"the row of column names cannot be read: {row}")
            names = _names(row if file.header else [None] * len(row))
            _check_columns(names, used)
            if file.header:
                continue
        if isinstance(row, ItemError):
            yield row
        elif len(row) == len(names):
            if any(cell not in (None, "") for cell in row):
                yield Record(number, dict(zip(names, row, strict=True)))
        elif any(cell not in (None, "") for cell in row):
            yield _fitted(number, row, names, pads=pads)
    if names is None:
        raise SourceUnusable(f"it has no row {max(file.header, 1)} for the column names")


def _fitted(number: int, row: Sequence[Any], names: list[str], *, pads: bool) -> Record | ItemError:
    """A row of another length than the header, if only empty cells make the difference."""
    is_short = len(row) < len(names)
    if (is_short and not pads) or any(cell not in (None, "") for cell in row[len(names) :]):
        return ItemError(
            "another number of cells than the header",
            f"row {number}: {len(row)} cells, the header has {len(names)}",
        )
    return Record(number, dict(itertools.zip_longest(names, row[: len(names)])))


def _names(header: Iterable[Any]) -> list[str]:
    """Names of the columns: unnamed ones are called by their number, repeated ones numbered."""
    names: list[str] = []
    taken: set[str] = set()
    for number, cell in enumerate(header, 1):
        name = plain = str(cell or "").strip() or f"column_{number}"
        for count in itertools.count(2):
            if name not in taken:
                break
            name = f"{plain}_{count}"
        names.append(name)
        taken.add(name)
    return names


def _check_columns(names: Sequence[str], used: frozenset[str] | None) -> None:
    missing = [name for name in sorted(used or ()) if not {name, name.split(".")[0]} & set(names)]
    if missing:
        raise SourceUnusable(
            f"the file has no column {', '.join(map(repr, missing))}, which the mapping names; "
            f"it has: {', '.join(names)[:1000]}"
        )


# --------------------------------------------------------------------------------------------- CSV


def _csv(
    stream: BinaryIO, form: Format, file: File, used: frozenset[str] | None
) -> Iterator[Record | ItemError]:
    csv.field_size_limit(LONGEST)
    is_utf8 = file.encoding.lower() in ("utf-8", "utf8")
    text = io.TextIOWrapper(
        stream,
        encoding="utf-8-sig" if is_utf8 else file.encoding,
        errors="surrogateescape",
        newline="",
    )
    try:
        reader = csv.reader(
            _lines(text),
            delimiter=file.delimiter or ("\t" if form == "tsv" else ","),
            quotechar=file.quote,
            strict=True,
        )
    except (TypeError, ValueError) as error:
        raise SourceUnusable(f"the mapping's delimiter or quote cannot be used: {error}") from error
    yield from _named(_csv_rows(reader, file.encoding), file, used, pads=False)


def _lines(text: io.TextIOWrapper) -> Iterator[str]:
    try:
        while line := text.readline(LONGEST):
            if len(line) == LONGEST:
                raise SourceUnusable(f"a line is longer than {LONGEST:,} characters")
            yield line
    except UnicodeError as error:
        raise SourceUnusable(f"the text is not {text.encoding}: {error}") from error


def _csv_rows(reader: Iterator[list[str]], encoding: str) -> Iterator[list[str] | ItemError]:
    for number in itertools.count(1):
        try:
            row = next(reader)
            "".join(row).encode()  # bytes that are no text came as lone surrogates
        except StopIteration:
            return
        except csv.Error as error:
            yield ItemError("not well-formed CSV", f"row {number}: {error}")
        except UnicodeEncodeError:
            yield ItemError(f"text is not {encoding}", f"row {number}")
        else:
            yield row


# ------------------------------------------------------------------------------------------ NDJSON


def _ndjson(piece: Piece) -> Iterator[Record | ItemError]:
    decoder = ItemDecoder(dict[str, Any])
    for number, item in enumerate(decoder.lines(piece), piece.first_item + 1):
        yield item if isinstance(item, ItemError) else Record(number, item)


# -------------------------------------------------------------------------------------------- XLSX


def _xlsx(
    stream: BinaryIO, file: File, used: frozenset[str] | None, piece: Piece
) -> Iterator[Record | ItemError]:
    import openpyxl  # noqa: PLC0415 - slow to import, and few need it

    _check_xlsx(stream)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            book = openpyxl.load_workbook(stream, read_only=True, data_only=True, keep_links=False)
        if file.sheet is not None and file.sheet not in book.sheetnames:
            raise SourceUnusable(
                f"there is no sheet {file.sheet!r}; there are: {', '.join(book.sheetnames)}"
            )
        sheet = book[file.sheet] if file.sheet is not None else book.worksheets[0]
        sheet.reset_dimensions()  # they are declared, and can lie
        rows = _xlsx_rows(sheet.iter_rows(values_only=True), piece)
        yield from _named(rows, file, used, pads=True)
    except (OSError, *_XLSX_ERRORS) as error:
        raise _damaged("spreadsheet", error) from error


def _check_xlsx(stream: BinaryIO) -> None:
    """Read it once, counting; raises SourceUnusable for bombs of zip and XML."""
    size = stream.seek(0, io.SEEK_END)
    budget = Budget(packed=size, max_ratio=_XLSX_RATIO, free=256 << 20)
    for member in members(stream, "zip", budget=budget):
        if member.skipped:
            continue
        with member.open() as part:
            block = tail = part.read(_BLOCK)
            if member.name.endswith((".xml", ".rels", ".vml")) and b"\0" in block[:4]:
                raise SourceUnusable(f"the spreadsheet's {member.name} is not UTF-8")
            while block:
                if b"<!DOCTYPE" in tail:
                    raise SourceUnusable("the spreadsheet's XML has a document type: it is a bomb")
                block = part.read(_BLOCK)
                tail = tail[-16:] + block
    stream.seek(0)


def _xlsx_rows(rows: Iterator[tuple[Any, ...]], piece: Piece) -> Iterator[list[Any]]:
    cells = 0
    for number in itertools.count(0, _PARQUET_ROWS):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            batch = list(itertools.islice(rows, _PARQUET_ROWS))
        if not batch:
            return
        cells += sum(map(len, batch))
        if number > _XLSX_ROWS or cells > _XLSX_CELLS:
            raise SourceUnusable("the spreadsheet has more rows or cells than one can have")
        for row in batch:
            yield [_xlsx_cell(cell, piece) for cell in row]


def _xlsx_cell(value: Any, piece: Piece) -> Any:
    if isinstance(value, dt.datetime):
        # A spreadsheet keeps a date without time of day as midnight.
        return value if value.time() != dt.time() else value.date()
    if isinstance(value, float) and abs(value) >= EXACT:
        piece.note(_INEXACT)
    return value


# ----------------------------------------------------------------------------------------- Parquet


def _parquet(stream: BinaryIO, used: frozenset[str] | None) -> Iterator[Record | ItemError]:
    try:
        file = pq.ParquetFile(stream)
        names = file.schema_arrow.names
        _check_columns(names, used)
        wanted = None
        if used is not None:
            wanted = [
                name for name in names if any(f"{use}.".startswith(f"{name}.") for use in used)
            ]
        number = 0
        for batch in file.iter_batches(batch_size=_PARQUET_ROWS, columns=wanted):
            for cells in _parquet_rows(batch):
                number += 1
                if isinstance(cells, ItemError):
                    yield ItemError(cells.reason, f"row {number}: {cells.detail}")
                else:
                    yield Record(number, cells)
    except (pa.ArrowException, MemoryError, OSError, ValueError) as error:
        raise _damaged("Parquet file", error) from error


def _parquet_rows(batch: pa.RecordBatch) -> Iterator[dict[str, Any] | ItemError]:
    fields = [
        # Python's times have no nanoseconds.
        field.with_type(pa.timestamp("us", field.type.tz))
        if pa.types.is_timestamp(field.type) and field.type.unit == "ns"
        else field
        for field in batch.schema
    ]
    batch = batch.cast(pa.schema(fields), safe=False)
    try:
        yield from batch.to_pylist()
        return
    except (ValueError, OverflowError) as error:
        if batch.num_rows == 1:
            yield ItemError("cell unreadable", str(error)[:200])
            return
    for row in range(batch.num_rows):
        yield from _parquet_rows(batch.slice(row, 1))
