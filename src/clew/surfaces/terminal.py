"""How is hostile text shown in a terminal? With every control character made visible.

A post, a name or a file name may hold escape codes that move the cursor or set the title, or bidi
controls that turn a sentence round. Nothing of that reaches the terminal.
"""

from __future__ import annotations

import datetime as dt
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager

from rich.console import Console
from rich.progress import (
    BarColumn,
    Progress,
    TaskID,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)
from rich.table import Table
from rich.text import Text

from clew.case.run import RunRecord
from clew.contract import Outcome, Status, TableCount

_STYLES = {
    Status.COMPLETED: "green",
    Status.PARTIAL: "yellow",
    Status.NOTHING: "dim",
    Status.REFUSED: "red",
    Status.FAILED: "red",
    Status.BROKE: "bold red",
}


def visible(text: str, limit: int = 2000) -> str:
    """The text with control, bidi and invisible characters written as ⟨U+202E⟩; cut at `limit`."""
    shown = "".join(
        character
        if character in " \n" or unicodedata.category(character)[0] not in "CZ"
        else f"⟨U+{ord(character):04X}⟩"
        for character in text[:limit]
    )
    return shown if len(text) <= limit else f"{shown}… ({limit:,} of {len(text):,} characters)"


def cell(value: object, limit: int = 200) -> Text:
    """One value of a table: nulls dimmed, instants in UTC, text made safe."""
    if value is None:
        return Text("—", style="dim")
    if isinstance(value, dt.datetime):
        return Text(value.astimezone(dt.UTC).strftime("%Y-%m-%d %H:%M:%S"))
    if isinstance(value, float):
        return Text(f"{value:,.4g}")
    if isinstance(value, int) and not isinstance(value, bool):
        return Text(f"{value:,}")
    return Text(visible(str(value), limit).replace("\n", " ⏎ "))


def table_of(rows: Iterable[Mapping[str, object]], columns: Sequence[str], title: str) -> Table:
    """Rows as a table for the terminal."""
    table = Table(title=title, title_justify="left", header_style="bold", box=None, pad_edge=False)
    for column in columns:
        table.add_column(column, overflow="fold")
    for row in rows:
        table.add_row(*(cell(row.get(column)) for column in columns))
    return table


def records_of(rows: Iterable[Mapping[str, object]], columns: Sequence[str], title: str) -> Table:
    """Rows of many columns, each as a block of `column value` lines; nulls are left out."""
    table = Table(title=title, title_justify="left", box=None, pad_edge=False, show_header=False)
    table.add_column(style="dim", no_wrap=True)
    table.add_column(overflow="fold")
    for row in rows:
        for column in columns:
            if row.get(column) is not None:
                table.add_row(column, cell(row[column], 500))
        table.add_row("", "")
    return table


def show_record(console: Console, record: RunRecord) -> None:
    """One run: how it ended, what became of everything it read."""
    outcome = record.outcome
    line = Text.assemble(
        (outcome.status.value, _STYLES[outcome.status]),
        f"  {record.kind} {visible(record.name)}  ",
        (record.run_id, "dim"),
    )
    console.print(line)
    show_outcome(console, outcome)


def show_outcome(console: Console, outcome: Outcome) -> None:
    """Counts, rejections and warnings of an outcome."""
    if outcome.reason:
        console.print(Text(f"  {visible(outcome.reason)}"))
    if outcome.tables:
        console.print(_counts(outcome.items, outcome.tables))
    for reason, times in sorted(outcome.rejected.items()):
        console.print(Text(f"  rejected {times:,}: {visible(reason)}", style="yellow"))
    for phrase, times in sorted(outcome.notes.items()):
        console.print(Text(f"  note {times:,}: {visible(phrase)}", style="dim"))


def _counts(items: int, tables: Mapping[str, TableCount]) -> Table:
    grid = Table(box=None, pad_edge=False, padding=(0, 2), header_style="dim")
    grid.add_column(f"  {items:,} records")
    for name in ("read", "kept", "updated", "duplicate"):
        grid.add_column(name, justify="right")
    for name, count in sorted(tables.items()):
        grid.add_row(
            f"  {name}",
            *(f"{number:,}" for number in (count.read, count.kept, count.updated, count.duplicate)),
        )
    return grid


class Bar:
    """A progress bar with rate and time left, for `clew.case.run.Progress`."""

    def __init__(self, progress: Progress) -> None:
        self._progress = progress
        self._task: TaskID | None = None

    def start(self, what: str, total: float | None, unit: str) -> None:
        """Begin a step; the bar of the one before is done."""
        if self._task is not None:
            self._progress.remove_task(self._task)
        self._task = self._progress.add_task(what, total=total or None, unit=unit)

    def advance(self, amount: float) -> None:
        """So much more is done."""
        if self._task is not None:
            self._progress.advance(self._task, amount)


class _Rate(TextColumn):
    """How much a second."""

    def render(self, task: object) -> Text:
        """The rate of a task, with its unit."""
        speed = getattr(task, "speed", None)
        unit = getattr(task, "fields", {}).get("unit", "")
        if not speed:
            return Text("")
        if unit == "B":
            return Text(f"{speed / 1e6:,.1f} MB/s", style="dim")
        return Text(f"{speed:,.0f} {unit}/s", style="dim")


@contextmanager
def bar(console: Console) -> Iterator[Bar]:
    """A bar on the terminal while something runs; nothing where the output is no terminal."""
    progress = Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        _Rate(""),
        TimeElapsedColumn(),
        TimeRemainingColumn(),
        console=console,
        transient=True,
        disable=not console.is_terminal,
    )
    with progress:
        yield Bar(progress)
