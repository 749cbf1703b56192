"""The command line: `clew --help` reads like a manual page.

Exit status: 0 done; 1 something failed or was refused, the case is unchanged by it; 2 the command
was not understood; 3 done in part (records were rejected, or it was stopped), all kept is whole.
"""

from __future__ import annotations

import datetime as dt
import os
import sys
from pathlib import Path
from typing import Annotated

import typer
from rich.text import Text

from clew.case.open import new_case
from clew.contract import Status
from clew.errors import ClewError, OptionsInvalid
from clew.model.lawful import Marking
from clew.surfaces import cooking, graphing, showing
from clew.surfaces.commanding import (
    HERE,
    CaseOption,
    err,
    exit_by,
    opening,
    out,
    settings,
    show_and_exit,
    text_of,
)
from clew.surfaces.terminal import bar, show_record, table_of, visible

app = typer.Typer(
    name="clew",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode="markdown",
    help="""Follow the thread from what accounts posted to a report that leads back to evidence.

    A *case* is a folder. `clew new` makes one, `clew add` brings in files, `clew analyse` answers
    questions, `clew report` writes it up; `clew verify` shows that nothing was changed.

    Commands work on the case in the current folder, or name it: `--case FOLDER`, or the
    environment variable `CLEW_CASE`. Nothing is ever sent anywhere.

    Exit status: 0 done · 1 failed or refused · 2 not understood · 3 done in part.
    """,
)


_OK = (Status.COMPLETED, Status.NOTHING)


@app.command()
def new(
    folder: Annotated[Path, typer.Argument(help="A new or empty folder.")],
    purpose: Annotated[str, typer.Option(help="What is to be found out, and why.")],
    legal_basis: Annotated[str, typer.Option(help="The law or consent that allows it.")],
    retention_until: Annotated[
        dt.datetime,
        typer.Option(formats=["%Y-%m-%d"], help="The day after which nothing may be kept."),
    ],
    name: Annotated[str, typer.Option(help="Name of the case; default: the folder's.")] = "",
    authority: Annotated[str, typer.Option(help="Who ordered or approved it.")] = "",
    marking: Annotated[Marking, typer.Option(help="Traffic Light Protocol.")] = Marking.AMBER,
    platform: Annotated[
        list[str] | None, typer.Option(help="Allow only this platform; may be repeated.")
    ] = None,
) -> None:
    """Make a case. Purpose, legal basis and retention date are required: they are asked ever after.

    Example: `clew new harbour --purpose "who attacks the harbour's web site"
    --legal-basis "GDPR 6(1)(f), assessment of 2026-03-01" --retention-until 2027-03-01`
    """
    case = new_case(
        folder,
        name=name or folder.resolve().name,
        purpose=purpose,
        legal_basis=legal_basis,
        retention_until=retention_until.date(),
        authority=authority,
        marking=marking,
        platforms=tuple(platform or ()),
    )
    out.print(Text(f"made the case {visible(case.mandate.name)} in {folder}"))


@app.command()
def add(
    files: Annotated[list[Path], typer.Argument(help="Files, archives or folders.")],
    case: CaseOption = HERE,
    source: Annotated[
        str | None, typer.Option(help="Read them with this source instead of recognising it.")
    ] = None,
    set_: Annotated[
        list[str] | None,
        typer.Option(
            "--set", help="An option of the source, NAME=VALUE; @FILE takes the value from a file."
        ),
    ] = None,
    observed_at: Annotated[
        dt.datetime | None,
        typer.Option(
            formats=["%Y-%m-%d", "%Y-%m-%dT%H:%M:%S"],
            help="When the files were taken, UTC; default: their modification time.",
        ),
    ] = None,
    workers: Annotated[
        int | None, typer.Option(min=1, help="Reading processes; default: one for each core.")
    ] = None,
) -> None:
    """Bring files into the case. What each was taken for is said, and what became of every row.

    The bytes are kept as evidence first. Files are committed together up to 1 GiB; a file that
    cannot be read leaves the case unchanged. Ctrl-C stops and keeps what was read.
    """
    from clew.case.importing import Request, add_files  # noqa: PLC0415 - `clew --help` is quick
    from clew.model.times import from_datetime  # noqa: PLC0415

    request = Request(
        source=source,
        options=settings(set_ or ()),
        observed_at=from_datetime(observed_at.replace(tzinfo=dt.UTC)) if observed_at else None,
    )
    with opening(case) as opened:
        with bar(err) as progress:
            records = add_files(opened, files, request, progress=progress, workers=workers)
        for record in records:
            showing.show_captures(out, opened, record)
    exit_by(records)


@app.command()
def sources(
    case: CaseOption = HERE,
    run: Annotated[str | None, typer.Option(help="Only what this run brought.")] = None,
    known: Annotated[bool, typer.Option("--known", help="List the formats Clew reads.")] = False,
) -> None:
    """What is in the case: every capture, what it was taken for, what became of its rows."""
    if known:
        showing.list_sources(out)
        return
    with opening(case) as opened:
        showing.show_all_captures(out, opened, run)


@app.command()
def mapping(
    file: Annotated[Path, typer.Argument(help="A table: CSV, TSV, XLSX, NDJSON or Parquet.")],
    platform: Annotated[
        str, typer.Option(help="Where its rows come from: a word for ids.")
    ] = "unnamed",
    attempt: Annotated[
        Path | None, typer.Option("--try", help="Show what this mapping would make of the file.")
    ] = None,
    rows: Annotated[int, typer.Option(min=1, help="Rows to show.")] = 5,
) -> None:
    """Propose a mapping for a table, or try one: nothing is added to any case.

    Example: `clew mapping posts.csv --platform forum > posts.toml`, check it, then
    `clew mapping posts.csv --try posts.toml`, then
    `clew add posts.csv --source table --set mapping=@posts.toml`
    """
    from clew.sources.table import dry_run, propose  # noqa: PLC0415
    from clew.store.evidence import LooseFile  # noqa: PLC0415

    if not file.is_file():
        raise OptionsInvalid(f"there is no file {file}")
    if attempt is None:
        sys.stdout.write(propose(LooseFile(file), platform))
    else:
        showing.show_dry_run(out, dry_run(LooseFile(file), text_of(attempt), rows))


@app.command()
def annotate(
    names: Annotated[list[str] | None, typer.Argument(help="Annotators; default: all.")] = None,
    case: CaseOption = HERE,
    set_: Annotated[
        list[str] | None,
        typer.Option("--set", help="An option of one annotator, NAME=VALUE; the case keeps it."),
    ] = None,
    workers: Annotated[int | None, typer.Option(min=1, help="Processes.")] = None,
) -> None:
    """Read languages, indicators and the like out of the posts. `analyse` does it by itself."""
    from clew.case.annotating import annotate as run_annotators  # noqa: PLC0415

    with opening(case) as opened, bar(err) as progress:
        records = run_annotators(
            opened, names or (), options=settings(set_ or ()), progress=progress, workers=workers
        )
    show_and_exit(records)


@app.command()
def analyse(
    names: Annotated[list[str] | None, typer.Argument(help="Analyses; default: all.")] = None,
    case: CaseOption = HERE,
    set_: Annotated[
        list[str] | None, typer.Option("--set", help="An option of one analysis, NAME=VALUE.")
    ] = None,
    engine: Annotated[
        str, typer.Option(help="duckdb, local[*], spark://HOST:PORT or sc://HOST.")
    ] = "duckdb",
    known: Annotated[bool, typer.Option("--known", help="List the analyses.")] = False,
) -> None:
    """Answer questions, and print the findings. Posts are annotated first if they are not yet."""
    if known:
        showing.list_analyses(out)
        return
    from clew.case.analysing import analyse as run_analyses  # noqa: PLC0415
    from clew.case.analysing import findings_of  # noqa: PLC0415
    from clew.case.annotating import annotate as run_annotators  # noqa: PLC0415

    with opening(case) as opened:
        with bar(err) as progress:
            records = run_annotators(opened, progress=progress)
            records += run_analyses(
                opened, names or (), options=settings(set_ or ()), engine=engine, progress=progress
            )
        for record in records:
            show_record(out, record)
            for finding in findings_of(opened, record.run_id):
                out.print(Text(f"  {finding.priority.name:<6} {visible(finding.summary)}"))
    exit_by(records)


@app.command()
def report(
    file: Annotated[Path, typer.Argument(help="Where to write it: .html or .pdf.")] = Path(
        "report.html"
    ),
    case: CaseOption = HERE,
    fonts: Annotated[
        list[Path] | None,
        typer.Option(help="A folder of fonts for a PDF, for scripts that it says it cannot draw."),
    ] = None,
) -> None:
    """Write the report: findings with evidence, row accounting, pictures, methods and limits.

    An HTML report is one file that needs no script and asks nothing from outside.
    """
    from clew.case.report.write import write_html, write_pdf  # noqa: PLC0415
    from clew.case.reporting import report_content  # noqa: PLC0415

    if file.suffix not in (".html", ".pdf"):
        raise OptionsInvalid(f"{file}: a report is .html or .pdf")
    with opening(case) as opened:
        content = report_content(opened)
    if file.suffix == ".html":
        write_html(content, file)
    else:
        write_pdf(content, file, fonts=fonts or ())
    out.print(Text(f"wrote {file}"))


@app.command()
def show(
    what: Annotated[
        str, typer.Argument(help="A table, or: findings, runs, journal, tables.")
    ] = "tables",
    case: CaseOption = HERE,
    limit: Annotated[int, typer.Option(min=1, help="Rows.")] = 20,
    columns: Annotated[
        str | None, typer.Option(help="Columns, separated by commas; default: those with values.")
    ] = None,
) -> None:
    """Print a table, the findings, the runs or the journal."""
    with opening(case) as opened:
        match what:
            case "findings":
                showing.show_findings(out, opened, limit)
            case "runs":
                showing.show_runs(out, opened, limit)
            case "journal":
                showing.show_journal(out, opened, limit)
            case "tables":
                showing.show_tables(out, opened)
            case table:
                showing.show_table(out, opened, table, limit, columns)


@app.command()
def query(
    sql: Annotated[str, typer.Argument(help="One SELECT in DuckDB's SQL.")],
    case: CaseOption = HERE,
    csv: Annotated[bool, typer.Option("--csv", help="Print CSV instead of a table.")] = False,
    limit: Annotated[int, typer.Option(min=1, help="Rows of the table; CSV has all.")] = 100,
) -> None:
    """Ask the tables in SQL. It can only read, and only the case.

    Example: `clew query "select kind, count(*) from posts group by kind"`
    """
    from clew.case.querying import read_only, to_csv  # noqa: PLC0415

    with opening(case) as opened:
        result = read_only(opened, sql)
    if csv:
        to_csv(result, sys.stdout)
        return
    shown = result.slice(0, limit).to_pylist()
    out.print(table_of(shown, result.column_names, showing.of(len(shown), result.num_rows, "rows")))


app.add_typer(graphing.app, name="graph")
app.add_typer(cooking.app, name="recipe")
app.command()(graphing.transform)
app.command()(graphing.merge)
app.command()(graphing.unmerge)
app.command()(graphing.review)


@app.command()
def verify(case: CaseOption = HERE) -> None:
    """Check every byte: the journal's hash chain, the evidence, the tables, the results."""
    from clew.case.verifying import verify as find_problems  # noqa: PLC0415

    with opening(case) as opened, bar(err) as progress:
        problems = find_problems(opened, progress=progress)
    for problem in problems:
        out.print(Text(f"damaged: {visible(problem)}", style="red"))
    if problems:
        raise typer.Exit(1)
    out.print("everything is as it was written")


@app.command()
def rerun(
    run: Annotated[str, typer.Argument(help="The run's id (see `clew show runs`).")],
    case: CaseOption = HERE,
) -> None:
    """Do a run again on the same input, and say whether it gives the same."""
    from clew.case.rerunning import rerun as run_again  # noqa: PLC0415

    with opening(case) as opened, bar(err) as progress:
        record = run_again(opened, run, progress=progress)
    show_and_exit([record])


@app.command()
def reread(
    names: Annotated[
        list[str] | None, typer.Argument(help="Sources (see `clew sources`); default: all.")
    ] = None,
    case: CaseOption = HERE,
) -> None:
    """Read the evidence again with the readers of this Clew; what they give now replaces the rows.

    For a reader that was mended since. All captures of the same platforms are read again; if one
    cannot be read, nothing changes. Run `clew annotate` afterwards.
    """
    from clew.case.rereading import reread as read_again  # noqa: PLC0415

    with opening(case) as opened, bar(err) as progress:
        record = read_again(opened, names or (), progress=progress)
    show_and_exit([record])


@app.command()
def note(
    text: Annotated[str, typer.Argument(help="What was done or decided, and why.")],
    case: CaseOption = HERE,
) -> None:
    """Write a note into the journal, under the same chain of hashes as everything else."""
    with opening(case) as opened, opened.journal.writing() as connection:
        opened.journal.record(connection, "note", opened.mandate.name, {"text": text})
    out.print("noted")


@app.command()
def demo(
    folder: Annotated[Path, typer.Argument(help="A new folder for the demo case.")] = Path(
        "demo-case"
    ),
    open_report: Annotated[
        bool, typer.Option("--open/--no-open", help="Open the report in the browser.")
    ] = True,
) -> None:
    """See it work on an invented case: write its files, import, analyse, report.

    A hacktivist channel, its mirror, sock puppets and a forum of bystanders, none of them real.
    What was planted stands in `truth.json`.
    """
    from clew.surfaces.demonstration import demonstrate  # noqa: PLC0415

    with bar(err) as progress:
        page = demonstrate(folder, out, progress)
    if open_report:
        typer.launch(str(page))


# ------------------------------------------------------------------------------ how it is called


def main() -> None:
    """Run the command line; an error raised on purpose is one sentence, not a traceback."""
    try:
        app()
    except ClewError as error:
        err.print(Text(f"clew: {visible(str(error))}", style="red"))
        sys.exit(1)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(0)
