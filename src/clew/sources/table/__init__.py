"""Which posts, accounts and links does a table of any origin hold, by a mapping of its columns?

CSV, TSV, NDJSON, XLSX and Parquet. The mapping is a TOML text (`mapping`): `propose` writes a first
one from a file's column names and values, `dry_run` shows what a mapping makes of a file.
"""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

from clew.contract import Capture, Piece, Sample, Source
from clew.errors import ItemError, SourceUnusable
from clew.formats.lines import cut_lines
from clew.model.tables import Account, Channel, Interaction, Link, Media, Post, Row
from clew.sources.table.mapped import Plan, Record, plan
from clew.sources.table.mapping import Format
from clew.sources.table.proposing import propose
from clew.sources.table.reading import format_of, records

_HEAD = 64 << 10
_NAMES = (".csv", ".tsv", ".tab")
_LINES = (".ndjson", ".jsonl", ".json")

__all__ = ["TABLE", "DryRun", "Options", "dry_run", "propose"]


@dataclass(frozen=True)
class Options:
    """How the columns are read."""

    mapping: str = ""  # the TOML text of the mapping


def recognise(sample: Sample) -> float:
    """A little, so that any other source that knows the file wins."""
    name = sample.name.lower()
    head = sample.head.removeprefix(b"\xef\xbb\xbf").lstrip()
    is_table = (
        head.startswith(b"PAR1")
        or (head.startswith(b"PK\x03\x04") and name.endswith((".xlsx", ".xlsm")))
        or name.endswith(_NAMES)
        or (name.endswith(_LINES) and head.startswith(b"{") and b"}\n" in head)
    )
    return 0.2 if is_table else 0.0


def cut(capture: Capture, options: Options) -> Iterator[Piece]:
    """Pieces of whole lines of NDJSON; another table is one piece.

    (A line end in a quoted cell is no row's end, so CSV cannot be cut without reading it.)
    """
    if not options.mapping.strip():
        raise SourceUnusable(
            "a table needs a mapping of its columns: let `clew mapping FILE` "
            "write one, check it, and give it with --set mapping=@mapping.toml"
        )
    form = _format(capture, plan(options.mapping))
    if form == "ndjson":
        yield from cut_lines(capture, options)
    else:
        yield Piece(capture=capture, options=options)


def items(piece: Piece) -> Iterator[Record | ItemError]:
    """Each record that is not blank."""
    chosen = plan(piece.options.mapping)
    return records(piece, _format(piece.capture, chosen), chosen.mapping.file, chosen.used)


def rows(record: Record, piece: Piece) -> Iterator[Row]:
    """What one record says, by the mapping."""
    return plan(piece.options.mapping).rows(record, piece)


def _format(capture: Capture, chosen: Plan) -> Format:
    if chosen.mapping.file.format is not None:
        return chosen.mapping.file.format
    with capture.open() as stream:
        return format_of(stream.read(_HEAD), capture.name)


@dataclass(kw_only=True)
class DryRun:
    """What a mapping makes of the first records of a file."""

    format: Format
    columns: list[str] = field(default_factory=list)  # of the file
    unused: list[str] = field(default_factory=list)  # those that the mapping leaves out
    missing: list[str] = field(default_factory=list)  # those that the mapping names in vain
    mapped: list[tuple[int, list[Row]]] = field(default_factory=list)  # by row of the file
    rejected: list[ItemError] = field(default_factory=list)
    notes: Counter[str] = field(default_factory=Counter)


def dry_run(capture: Capture, mapping: str, rows: int = 20) -> DryRun:
    """What a mapping would make of the first `rows` records; nothing is kept.

    Raises SourceUnusable for a mapping or a file that cannot be read at all.
    """
    chosen = plan(mapping)
    trial = DryRun(format=_format(capture, chosen))
    columns: dict[str, None] = {}
    for piece in itertools.islice(cut(capture, Options(mapping)), 1):
        found = records(piece, trial.format, chosen.mapping.file)
        for record in itertools.islice(found, rows):
            try:
                if isinstance(record, ItemError):
                    raise record
                columns.update(dict.fromkeys(record.cells))
                trial.mapped.append((record.number, list(chosen.rows(record, piece))))
            except ItemError as error:
                trial.rejected.append(error)
        trial.notes = piece.notes
    used = {name for use in chosen.used for name in (use, use.split(".")[0])}
    trial.columns = list(columns)
    trial.unused = [name for name in columns if name not in used]
    trial.missing = [
        use for use in sorted(chosen.used) if not {use, use.split(".")[0]} & columns.keys()
    ]
    return trial


TABLE = Source(
    name="table",
    platform=None,
    title="Table with a column mapping",
    files="CSV, TSV, NDJSON, XLSX and Parquet files of any origin, with a mapping of their columns",
    fills=(Post, Account, Channel, Interaction, Link, Media),
    time="As the mapping says; a local time whose zone it does not know stays without instant.",
    terms="Those of whoever made the file: check them before you use it.",
    recognise=recognise,
    cut=cut,
    items=items,
    rows=rows,
    options=Options,
)
