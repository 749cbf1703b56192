"""The commands of recipes: which there are, what one does, carrying one out."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.text import Text

from clew.case.picture import recipe_svg, write
from clew.case.recipe import described, dry_run, load, run_recipe, shipped
from clew.surfaces.commanding import HERE, CaseOption, err, exit_by, opening, out
from clew.surfaces.terminal import bar, show_record, table_of, visible

app = typer.Typer(
    no_args_is_help=True,
    rich_markup_mode="markdown",
    help="""Have the asking done: recipes are chains of transforms, analyses and questions.

    Each is a TOML file that can be read, copied and changed; `clew recipe run FILE.toml SEED` takes
    one of your own.
    """,
)

NameArgument = Annotated[str, typer.Argument(help="A recipe by its name, or a TOML file.")]


@app.command("list")
def list_() -> None:
    """The recipes that come with Clew."""
    rows = [
        {"recipe": name, "title": recipe.title, "steps": described(recipe)}
        for name, recipe in shipped().items()
    ]
    out.print(table_of(rows, ("recipe", "title", "steps"), f"{len(rows)} recipes"))


@app.command()
def show(
    name: NameArgument,
    picture: Annotated[
        Path | None, typer.Option(help="Draw it there instead: .svg or .png.")
    ] = None,
) -> None:
    """What a recipe does, step by step."""
    recipe = load(name)
    if picture:
        write(recipe_svg(recipe), picture)
        out.print(Text(visible(f"written: {picture}")))
        return
    out.print(Text(visible(recipe.title), style="bold"))
    out.print(Text(visible(" ".join(recipe.about.split()))))
    rows = [
        {
            "step": number,
            "does": step.ask or step.analyse or f"asks you: {step.question}",
            "of": ", ".join(step.of) if step.ask else "",
            "called": step.called if step.ask else "",
            "cap": step.cap if step.ask else None,
            "least acts": step.least if step.ask else None,
            "rounds": step.rounds if step.ask else None,
        }
        for number, step in enumerate(recipe.step, 1)
    ]
    columns = ("step", "does", "of", "called", "cap", "least acts", "rounds")
    out.print(table_of(rows, columns, described(recipe)))


@app.command()
def run(
    name: NameArgument,
    seed: Annotated[str, typer.Argument(help="The entity it begins with, kind:value.")],
    dry: Annotated[
        bool, typer.Option("--dry-run", help="Only say what each step would find.")
    ] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Answer every question with yes.")] = False,
    resume: Annotated[
        str | None, typer.Option(help="Go on with a recipe run that was stopped.")
    ] = None,
    engine: Annotated[str, typer.Option(help="duckdb, local[*], spark://…, sc://…")] = "duckdb",
    case: CaseOption = HERE,
) -> None:
    """Carry a recipe out. What it finds is on the graph; each step is a run that can be undone."""
    recipe = load(name)
    with opening(case) as opened:
        if dry:
            for line in dry_run(opened, recipe, seed, engine=engine):
                out.print(Text(visible(line)))
            return
        with bar(err) as progress:
            ended = run_recipe(
                opened,
                name,
                recipe,
                seed,
                confirm=lambda question: yes or typer.confirm(question),
                resume=resume,
                engine=engine,
                progress=progress,
            )
    for record in ended.records:
        show_record(out, record)
    for note in ended.notes:
        out.print(Text(visible(note), style="yellow"))
    entities = {each for found in ended.found.values() for each in found}
    out.print(f"{len(entities):,} entities; recipe run {ended.recipe_run}")
    if not ended.is_whole:
        out.print(f"it stopped before its end; go on with --resume {ended.recipe_run}")
    exit_by(ended.records)
