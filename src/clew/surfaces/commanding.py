"""What do all commands share: the case they work on, where they print, how they end?"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from clew.case.open import Case, open_case
from clew.case.run import RunRecord
from clew.contract import Status
from clew.errors import OptionsInvalid
from clew.surfaces.terminal import show_record

out = Console()
err = Console(stderr=True)

CaseOption = Annotated[
    Path, typer.Option("--case", "-C", envvar="CLEW_CASE", help="The case folder.")
]
HERE = Path()


@contextmanager
def opening(folder: Path) -> Iterator[Case]:
    """The case in a folder, closed again at the end."""
    case = open_case(folder)
    try:
        yield case
    finally:
        case.close()


def settings(pairs: Sequence[str]) -> dict[str, str]:
    """Name → value of `NAME=VALUE` and `NAME=@FILE`; raises OptionsInvalid for anything else."""
    settings = {}
    for pair in pairs:
        name, separator, value = pair.partition("=")
        if not separator:
            raise OptionsInvalid(f"--set takes NAME=VALUE, not {pair!r}")
        settings[name] = text_of(Path(value[1:])) if value.startswith("@") else value
    return settings


def text_of(path: Path) -> str:
    """The text of a file; OptionsInvalid if it cannot be read as UTF-8."""
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise OptionsInvalid(f"cannot read {path}: {error}") from error


def show_and_exit(records: Sequence[RunRecord]) -> None:
    """Print how runs ended, and end with the exit status that says so."""
    for record in records:
        show_record(out, record)
    exit_by(records)


def exit_by(records: Sequence[RunRecord]) -> None:
    """End with exit status 1 if a run failed, 3 if one was done in part."""
    statuses = {record.outcome.status for record in records}
    if statuses & {Status.FAILED, Status.REFUSED, Status.BROKE}:
        raise typer.Exit(1)
    if Status.PARTIAL in statuses:
        raise typer.Exit(3)
