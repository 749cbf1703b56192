"""What does a plugin declare? One frozen record in one file; the folder is the registry.

* Source: bytes of one format → rows.
* Annotator: text of posts → derived rows.
* Analysis: tables → one result table → findings.
* Transform: an entity of the graph → what the case holds about it.

A file `sources/x_api.py` declares exactly one `Source` whose name is `x_api`. Others' plugins come
by the entry-point groups `clew.sources`, `clew.annotators`, `clew.analyses`, `clew.transforms`. The
command line, the docs pages and the tests are made from the records: nobody edits a list.
"""

from __future__ import annotations

import dataclasses
import importlib
import pkgutil
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import IntEnum, StrEnum
from functools import cache, partial
from importlib.metadata import entry_points
from typing import Annotated, Any, BinaryIO, Protocol, TypeVar, get_origin, get_type_hints

import ibis
import msgspec
import pyarrow as pa

from clew.errors import ItemError, OptionsInvalid
from clew.model.lawful import Activity
from clew.model.tables import Row
from clew.model.times import Micros


@dataclass(frozen=True)
class NoOptions:
    """The options of a plugin that has none."""


Count = Annotated[int, msgspec.Meta(ge=1)]
"""The type of an option that says how many: one or more."""


# --------------------------------------------------------------------------------------- sources


class Capture(Protocol):
    """Immutable evidence: the bytes of one file or API answer."""

    @property
    def capture_id(self) -> str:
        """SHA-256 of the bytes, in hex."""

    @property
    def name(self) -> str:
        """The name it came with, with its folder: a hint, written by an adversary."""

    @property
    def size(self) -> int:
        """Its length in bytes."""

    @property
    def observed_at(self) -> Micros | None:
        """When it was taken; null: not known."""

    def open(self) -> BinaryIO:
        """Its bytes from the start, as a stream."""

    def __hash__(self) -> int:
        """So that what was read beside it can be remembered by it."""


@dataclass(frozen=True, kw_only=True)
class Sample:
    """What is known of a file before it is read: enough to recognise its format."""

    name: str
    head: bytes  # its first 64 KiB, decompressed
    size: int


@dataclass(kw_only=True)
class Piece:
    """A part of a capture that can be read apart from the others, in another process.

    `data` None means the whole capture. `context` is what the source's `cut` knows of the piece
    (the chat it belongs to…); it is pickled, so keep it small. `beside` holds those of the source's
    `beside` files that were found, by name.
    """

    capture: Capture
    options: Any
    data: bytes | None = None
    first_item: int = 0
    context: Any = None
    beside: Mapping[str, Capture] = field(default_factory=dict)
    notes: Counter[str] = field(default_factory=Counter)  # warnings that cost no row, by phrase

    def open(self) -> BinaryIO:
        """Its bytes, as a stream."""
        import io  # noqa: PLC0415 - only the worker needs it

        return self.capture.open() if self.data is None else io.BytesIO(self.data)

    def note(self, phrase: str, times: int = 1) -> None:
        """Warn the analyst of something that costs no row; counted by phrase."""
        self.notes[phrase] += times


@dataclass(frozen=True, kw_only=True)
class Source:
    """A reader of one format. Pure: the same bytes give the same rows, with no network.

    `items` takes the piece apart into records, `rows` says what one record holds. A record that
    `items` cannot decode it yields as an ItemError, so that the others are still read; `rows`
    raises ItemError. All rows of one record are kept, or none. Either raises SourceUnusable when
    the piece is not what it claims to be: then nothing of the capture is kept.

    Some exports are folders whose files explain each other: who `U024BE7LH` is stands in
    `users.json`. `beside` names such files; each is one that the source itself recognises.
    """

    name: str
    platform: str | None  # whose rows it gives; None: each row names its own
    title: str  # what the analyst calls it: "Telegram Desktop export"
    files: str  # which files it reads, for the docs page and the command line
    fills: tuple[type[Row], ...]
    time: str  # how well its times are known, one sentence
    terms: str  # under which terms an analyst has such files, one sentence
    recognise: Callable[[Sample], float]  # 0 (not mine) to 1 (certainly mine)
    items: Callable[[Piece], Iterator[Any]]
    rows: Callable[[Any, Piece], Iterable[Row]]
    cut: Callable[[Capture, Any], Iterator[Piece]] | None = None  # None: the capture is one piece
    # Files of the same folder, or the one above, that it looks into. A name with folders in front
    # (`personal/profile.json`) is looked for one further up for each.
    beside: tuple[str, ...] = ()
    activity: Activity = Activity.OFFLINE
    options: type = NoOptions


# ------------------------------------------------------------------------------------ annotators


@dataclass(frozen=True, kw_only=True)
class Annotator:
    """A vectorised reader of posts: an Arrow batch in, an Arrow batch out, no state between.

    `annotate` takes a batch of posts and, if there are any, the options; it gives rows of `gives`
    without month and run_id. `reads_derived` names columns that other annotators have derived, one
    row a post: those annotators run first, and the batch has their columns too.
    """

    name: str
    question: str
    reads: tuple[str, ...]  # columns of `posts`; `post_id` is always among them
    gives: type[Row]  # the derived table that it fills
    version: str  # of rules and model; another version annotates every post again
    annotate: Callable[..., pa.RecordBatch]
    method: tuple[str, ...]  # where the method or model comes from
    limits: tuple[str, ...]
    reads_derived: Mapping[type[Row], tuple[str, ...]] = field(default_factory=dict)
    options: type = NoOptions

    def bound(self, options: Any) -> Callable[[pa.RecordBatch], pa.RecordBatch]:
        """What annotates a batch with these options."""
        if self.options is NoOptions:
            return self.annotate
        return partial(self.annotate, options=options)


# -------------------------------------------------------------------------------------- analyses


class Priority(IntEnum):
    """How soon a finding should be read."""

    NOTE = 0
    LOW = 1
    MEDIUM = 2
    HIGH = 3


class Likelihood(StrEnum):
    """Words of estimative probability with their bands (ICD 203)."""

    ALMOST_NO_CHANCE = "almost no chance"  # 1-5 %
    VERY_UNLIKELY = "very unlikely"  # 5-20 %
    UNLIKELY = "unlikely"  # 20-45 %
    ROUGHLY_EVEN = "roughly even chance"  # 45-55 %
    LIKELY = "likely"  # 55-80 %
    VERY_LIKELY = "very likely"  # 80-95 %
    ALMOST_CERTAIN = "almost certain"  # 95-99 %

    @classmethod
    def of(cls, probability: float) -> Likelihood:
        """The words for a probability from 0 to 1."""
        for bound, words in zip((0.05, 0.20, 0.45, 0.55, 0.80, 0.95), cls, strict=False):
            if probability < bound:
                return words
        return cls.ALMOST_CERTAIN


@dataclass(frozen=True, kw_only=True)
class Finding:
    """One conclusion. It exists even if there is nothing to find: then it says so.

    `evidence` holds ids of posts, accounts and captures that the summary rests on. `confidence` is
    a probability, or None for a plain count that asserts nothing beyond itself.
    """

    summary: str
    priority: Priority = Priority.NOTE
    subject: str | None = None  # the account, channel, observable or post it is about
    evidence: tuple[str, ...] = ()
    confidence: float | None = None
    counter_evidence: tuple[str, ...] = ()
    limits: tuple[str, ...] = ()
    enough_data: bool = True


class Tables(Protocol):
    """The tables of a case as Ibis tables on one engine: `tables.posts`, `tables.accounts`…"""

    def __getattr__(self, name: str) -> ibis.Table: ...


class PlotKind(StrEnum):
    """The pictures that a report can draw of a result."""

    HEATMAP_WEEK = "heatmap_week"  # columns hour_of_week (0 = Monday 00-01 UTC), value
    SERIES = "series"  # columns at, value
    MATRIX = "matrix"  # columns row, column, value
    BARS = "bars"  # columns label, value


@dataclass(frozen=True, kw_only=True)
class Plot:
    """One picture of a result: what it shows and the (small) table it is drawn from."""

    kind: PlotKind
    title: str
    caption: str  # what is counted, in which unit and zone, and what is left out
    data: pa.Table


@dataclass(frozen=True, kw_only=True)
class Analysis:
    """A question put to the tables.

    `gather` is written once in Ibis and runs on DuckDB and on Spark. `score`, if there is one,
    works on what was gathered (Arrow in, Arrow out). `find` turns the result into findings, `draw`
    into pictures. Sorting, and with it the choice of what is shown, must not depend on the engine:
    break every tie by id.
    """

    name: str
    question: str  # the analyst's question, one sentence
    needs: Mapping[str, tuple[str, ...]]  # table → the columns it reads
    gives: ibis.Schema  # the exact schema of the result
    gather: Callable[[Tables, Any], ibis.Table]
    find: Callable[[pa.Table, Any], list[Finding]]
    method: tuple[str, ...]  # papers or standards, with DOI or URL
    limits: tuple[str, ...]  # what the number does not say; printed in every report
    score: Callable[[pa.Table, Any], pa.Table] | None = None
    draw: Callable[[pa.Table, Any], list[Plot]] | None = None
    options: type = NoOptions


# ------------------------------------------------------------------------------------ transforms

FOUND = ibis.schema(
    {
        "asked": "string",  # the value of the entity that was asked
        "kind": "string",  # of what was found
        "value": "string",  # of what was found, as the table has it
        "acts": "int64",  # rows that say so: what is ranked by
        "first_at": "timestamp('UTC', 6)",  # of these; null: no time of them is known in UTC
        "last_at": "timestamp('UTC', 6)",
        "evidence": "string",  # the row that said it first; of equals the one whose id is least
        "last_evidence": "string",  # the one that said it last
    }
)
"""What a transform gives: a row for each thing found for each entity asked."""


@dataclass(frozen=True, kw_only=True)
class Transform:
    """A question to an entity of the graph that the tables can answer.

    `find` takes the values of one or more entities of the kinds in `takes` and gives `FOUND`,
    written in Ibis, so that what it would give can be counted before it is fetched. It neither
    sorts nor cuts: the runner ranks by `acts`, keeps as many as the analyst allows, and says how
    many there were. Values that are no values of their kind are counted by the runner, and left.
    """

    name: str
    question: str  # of the analyst to the entity, one sentence: "Whom does it answer?"
    takes: tuple[str, ...]  # kinds of entities that can be asked
    gives: tuple[str, ...]  # kinds of entities that it may find
    link: str  # how what was asked stands to what was found
    needs: Mapping[str, tuple[str, ...]]  # table → the columns it reads
    find: Callable[[tuple[str, ...], Tables], ibis.Table]
    is_backward: bool = False  # the link leads from what was found to what was asked
    limits: tuple[str, ...] = ()  # what the answer does not say
    activity: Activity = Activity.OFFLINE

    def ask(self, values: tuple[str, ...], tables: Tables) -> ibis.Table:
        """What `find` gives, without what was asked itself."""
        rows = self.find(values, tables)
        is_itself = (rows.value == rows.asked) & rows.kind.isin(self.takes)
        return rows.filter(~is_itself)


# -------------------------------------------------------------------------------------- outcomes


class Status(StrEnum):
    """How a run ended. "Nothing there" and "it broke" never look alike."""

    COMPLETED = "completed"
    PARTIAL = "partial"  # stopped by the analyst, or items were rejected: what is kept is whole
    NOTHING = "nothing"  # it ran, and there was nothing to do or to find
    REFUSED = "refused"  # policy forbade it
    FAILED = "failed"  # the input or the options are unusable; the case is unchanged
    BROKE = "broke"  # a defect of Clew; the case is unchanged


ENDED_WELL = (Status.COMPLETED, Status.PARTIAL, Status.NOTHING)
"""What a run gave stands, and is committed."""


@dataclass(kw_only=True)
class TableCount:
    """What became of the rows of one table. `read == kept + updated + duplicate`."""

    read: int = 0
    kept: int = 0  # new
    updated: int = 0  # another version of a row that was there: both stay
    duplicate: int = 0  # said the same as a row that was there

    def add(self, more: TableCount) -> None:
        """Count what other rows came to as well."""
        self.read += more.read
        self.kept += more.kept
        self.updated += more.updated
        self.duplicate += more.duplicate


@dataclass(kw_only=True)
class Outcome:
    """How a run ended and what became of everything it read."""

    status: Status
    reason: str = ""
    items: int = 0  # records read; `rejected` of them were not used
    rejected: dict[str, int] = field(default_factory=dict)  # by reason
    tables: dict[str, TableCount] = field(default_factory=dict)
    notes: dict[str, int] = field(default_factory=dict)  # warnings that cost no row

    def add(self, more: Outcome) -> None:
        """Count what another reading came to as well; status and reason stay."""
        self.items += more.items
        self.rejected = dict(Counter(self.rejected) + Counter(more.rejected))
        self.notes = dict(Counter(self.notes) + Counter(more.notes))
        for name, count in more.tables.items():
            self.tables.setdefault(name, TableCount()).add(count)


# -------------------------------------------------------------------------------------- registry

Plugin = TypeVar("Plugin", Source, Annotator, Analysis, Transform)

_FOLDERS: dict[type, str] = {
    Source: "sources",
    Annotator: "annotators",
    Analysis: "analyses",
    Transform: "transforms",
}


@cache
def plugins(kind: type[Plugin]) -> Mapping[str, Plugin]:
    """Every declared plugin of this kind by name, in order of names.

    Raises TypeError for a file that does not declare exactly one record named like itself.
    """
    folder = _FOLDERS[kind]
    package = importlib.import_module(f"clew.{folder}")
    found: dict[str, Plugin] = {}
    for info in pkgutil.iter_modules(package.__path__):
        module = importlib.import_module(f"{package.__name__}.{info.name}")
        declared = [value for value in vars(module).values() if isinstance(value, kind)]
        if len(declared) != 1 or declared[0].name != info.name:
            raise TypeError(f"{module.__name__} must declare one {kind.__name__} of its own name")
        found[info.name] = declared[0]
    for entry in entry_points(group=f"clew.{folder}"):
        plugin = entry.load()
        if not isinstance(plugin, kind) or plugin.name in found:
            raise TypeError(f"entry point {entry.name} must give a new {kind.__name__}")
        found[plugin.name] = plugin
    return dict(sorted(found.items()))


def options_from(kind: type, given: Mapping[str, Any]) -> Any:
    """The options dataclass `kind` filled from texts such as a command line gives.

    The text of a field that holds several values has commas between them; a value that is no text
    (from a stored run) is taken as it is. Raises OptionsInvalid for an unknown name or what is not
    of the field's type.
    """
    known = [option.name for option in dataclasses.fields(kind)]
    for name in given:
        if name not in known:
            choice = ", ".join(known) or "none"
            raise OptionsInvalid(f"there is no option {name!r}; there are: {choice}")
    hints = get_type_hints(kind)
    values = {
        name: [part for part in value.split(",") if part]
        if isinstance(value, str) and get_origin(hints[name]) is tuple
        else value
        for name, value in given.items()
    }
    try:
        return msgspec.convert(values, kind, strict=False)
    except msgspec.ValidationError as error:
        raise OptionsInvalid(str(error)) from error


__all__ = [
    "ENDED_WELL",
    "FOUND",
    "Activity",
    "Analysis",
    "Annotator",
    "Capture",
    "Count",
    "Finding",
    "ItemError",
    "Likelihood",
    "NoOptions",
    "Outcome",
    "Piece",
    "Plot",
    "PlotKind",
    "Priority",
    "Sample",
    "Source",
    "Status",
    "TableCount",
    "Tables",
    "Transform",
    "options_from",
    "plugins",
]
