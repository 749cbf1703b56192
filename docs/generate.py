"""Which pages does the site have? Those written by hand, and the reference, made from the records.

MkDocs calls `on_config` and `on_files`; `pages` needs no MkDocs, and the tests read what it makes.
"""

from __future__ import annotations

import dataclasses
import inspect
import io
import tokenize
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from clew import errors
from clew.case.picture import recipe_svg
from clew.case.recipe import described, shipped
from clew.contract import Analysis, Annotator, Source, Transform, plugins
from clew.model.kinds import KINDS, LINKS
from clew.model.tables import TABLE_OF, TABLES, Table

DOCS = Path(__file__).parent

_NO_STATEMENT = (tokenize.INDENT, tokenize.DEDENT, tokenize.COMMENT, tokenize.NL)


def pages() -> dict[str, str]:
    """Path below docs/ → Markdown of every generated page."""
    return {
        "reference/commands.md": _commands(),
        "reference/sources.md": _sources(),
        "reference/annotators.md": _annotators(),
        "reference/analyses.md": _analyses(),
        "reference/transforms.md": _transforms(),
        "reference/recipes.md": _recipes(),
        "reference/entities.md": _entities(),
        "reference/tables.md": _tables(),
        "reference/errors.md": _errors(),
    }


# --------------------------------------------------------------------------------------- plugins


def _sources() -> str:
    text = "# Sources\n\nWhat Clew reads. `clew add` recognises a file by its content.\n"
    for source in plugins(Source).values():
        text += _heading(source.title, source.name)
        text += f"\n[How it reads them](../sources/{source.name}.md)\n\n"
        fills = ", ".join(
            f"[{TABLE_OF[row].name}](tables.md#{TABLE_OF[row].name})" for row in source.fills
        )
        text += _facts(
            {
                "name": f"`{source.name}`",
                "platform": source.platform or "each row names its own",
                "reads": source.files,
                "fills": fills,
                "time": source.time,
                "terms": source.terms,
                "activity": str(source.activity),
            }
        )
        text += _options(source.options)
    return text


def _annotators() -> str:
    text = "# Annotators\n\nWhat Clew reads out of the text of posts, after each import.\n"
    for annotator in plugins(Annotator).values():
        table = TABLE_OF[annotator.gives].name
        text += _heading(annotator.question, annotator.name)
        text += f"\n[Method and figures](../annotators/{annotator.name}.md)\n\n"
        text += _facts(
            {
                "name": f"`{annotator.name}`",
                "version": annotator.version,
                "reads": _code(annotator.reads)
                + "".join(
                    f"; {TABLE_OF[row].name}: {_code(columns)}"
                    for row, columns in annotator.reads_derived.items()
                ),
                "gives": f"[{table}](tables.md#{table})",
            }
        )
        text += _options(annotator.options)
        text += _list("Method", annotator.method) + _list("Limits", annotator.limits)
    return text


def _analyses() -> str:
    text = "# Analyses\n\nThe questions that `clew analyse` answers.\n"
    for analysis in plugins(Analysis).values():
        text += _heading(analysis.question, analysis.name)
        text += f"\n[Method and figures](../analyses/{analysis.name}.md)\n\n"
        needs = "; ".join(f"{table}: {_code(names)}" for table, names in analysis.needs.items())
        text += _facts({"name": f"`{analysis.name}`", "needs": needs})
        text += "\n**Gives**\n\n| column | type |\n|---|---|\n"
        text += "".join(f"| `{name}` | {kind} |\n" for name, kind in analysis.gives.items())
        text += _options(analysis.options)
        text += _list("Method", analysis.method) + _list("Limits", analysis.limits)
    return text


def _transforms() -> str:
    text = (
        "# Transforms\n\n"
        "Questions to entities of the [graph](../howto/graph.md): `clew transform ENTITY` says"
        " which fit, and how much each would find.\n"
    )
    for transform in plugins(Transform).values():
        text += _heading(transform.question, transform.name)
        link = LINKS[transform.link]
        text += "\n" + _facts(
            {
                "name": f"`{transform.name}`",
                "takes": _code(transform.takes),
                "gives": _code(transform.gives),
                "link": link.inverse if transform.is_backward else link.title,
                "ranked by": " ".join(inspect.getdoc(transform.find).split()),
                "activity": str(transform.activity),
            }
        )
        text += _list("Limits", transform.limits)
    return text


def _recipes() -> str:
    text = (
        "# Recipes\n\n"
        "Chains of [transforms](transforms.md), analyses and questions: `clew recipe run NAME"
        " ENTITY`. Each is a TOML file; the pictures are drawn from it.\n"
    )
    for name, recipe in shipped().items():
        text += _heading(recipe.title, name)
        text += f"\n`{name}`: {_cell(recipe.about)} {_cell(described(recipe))}.\n"
        text += "\n" + recipe_svg(recipe).replace("\n", "") + "\n"
    return text


def _entities() -> str:
    text = (
        "# Entities and links\n\n"
        "What can be put on the [graph](../howto/graph.md). An entity's id is its kind and its"
        " value: `email:ann@example.org`.\n"
    )
    for kind in KINDS.values():
        text += _heading(kind.title, kind.name)
        names = ("maltego", "stix", "misp", "followthemoney")
        text += "\n" + _facts(
            {"name": f"`{kind.name}`"} | {name: getattr(kind, name) for name in names}
        )
        if kind.properties:
            told = kind.properties.items()
            text += "\n| property | |\n|---|---|\n"
            text += "".join(f"| `{name}` | {_cell(said)} |\n" for name, said in told)
    text += "\n## Links { #links }\n\n| link | reads | the other way |\n|---|---|---|\n"
    text += "".join(f"| `{one.name}` | {one.title} | {one.inverse} |\n" for one in LINKS.values())
    return text


def _options(kind: type) -> str:
    fields = dataclasses.fields(kind)
    if not fields:
        return ""
    comments = field_comments(kind)
    text = "\n**Options**\n\n| option | type | default | |\n|---|---|---|---|\n"
    for field in fields:
        default = "required" if field.default is dataclasses.MISSING else _shown(field.default)
        told = _cell(comments.get(field.name, ""))
        text += f"| `{field.name}` | {_cell(str(field.type))} | {default} | {told} |\n"
    return text


def field_comments(kind: type) -> dict[str, str]:
    """The comment behind each field of a dataclass: it says what the option means."""
    comments: dict[str, str] = {}
    names = [field.name for field in dataclasses.fields(kind)]
    name = ""
    at_start = True
    for token in tokenize.generate_tokens(io.StringIO(inspect.getsource(kind)).readline):
        if token.type == tokenize.COMMENT and name:
            told = token.string.lstrip("# ")
            comments[name] = f"{comments[name]} {told}" if name in comments else told
        elif token.type == tokenize.NAME and at_start:
            name = token.string if token.string in names else ""
        if token.type == tokenize.NEWLINE:
            at_start = True
        elif token.type not in _NO_STATEMENT:
            at_start = False
    return comments


# ------------------------------------------------------------------------------ tables and errors


def _tables() -> str:
    text = (
        "# Tables\n\n"
        "Every id is `platform:native id`. Null means *not recorded*: never zero, empty or false.\n"
        "A name that ends in `_at` is an instant in UTC, to the microsecond. `!` before a type: "
        "never null.\n"
    )
    for table in TABLES.values():
        text += _heading(table.name, table.name) + "\n" + _how_kept(table)
        text += "\n| column | type | |\n|---|---|---|\n"
        for name, (kind, comment) in table.columns.items():
            text += f"| `{name}` | {_cell(kind)} | {_cell(comment)} |\n"
    return text


def _how_kept(table: Table) -> str:
    whole_row = set(table.key) >= set(table.content)
    key = "the whole row" if whole_row else _code(table.key)
    about = _cell(inspect.cleandoc(table.row.__doc__ or ""))
    return f"{about}\n\nKey: {key}. Partitioned by {_code(table.partition_by)}.\n"


def _errors() -> str:
    text = f"# Errors\n\n{_fenced(errors.__doc__ or '')}\n"
    for name, error in vars(errors).items():
        if isinstance(error, type) and issubclass(error, errors.ClewError):
            text += _heading(name, name) + f"\n{_cell(inspect.cleandoc(error.__doc__ or ''))}\n"
    return text


# -------------------------------------------------------------------------------------- commands


def _commands() -> str:
    import typer  # noqa: PLC0415 - the rest needs no command line

    from clew.surfaces.cli import app  # noqa: PLC0415

    group: Any = typer.main.get_command(app)
    text = f"# Commands\n\n{inspect.cleandoc(group.help or '')}\n"
    for name, command in _all_commands(group):
        anchor = name.replace(" ", "-")
        text += _heading(f"clew {name}", anchor) + f"\n{inspect.cleandoc(command.help or '')}\n"
        for kind, title in (("argument", "Arguments"), ("option", "Options")):
            told = [one for one in command.params if one.param_type_name == kind]
            if told:
                text += f"\n**{title}**\n\n| | | default |\n|---|---|---|\n"
                text += "".join(_parameter(one) for one in told)
    return text


def _all_commands(group: Any, before: str = "") -> Iterator[tuple[str, Any]]:
    """Every command by what is typed for it, and behind a group its own."""
    for name, command in group.commands.items():
        yield before + name, command
        if hasattr(command, "commands"):
            yield from _all_commands(command, f"{before}{name} ")


def _parameter(parameter: Any) -> str:
    names = ", ".join(f"`{name}`" for name in [*parameter.opts, *parameter.secondary_opts])
    told = _cell(parameter.help or "")
    if parameter.envvar:
        told += f" Environment: `{parameter.envvar}`."
    default = "required" if parameter.required else _shown(parameter.default)
    return f"| {names} | {told} | {default} |\n"


# --------------------------------------------------------------------------------------- Markdown


def _heading(title: str, anchor: str) -> str:
    return f"\n## {_cell(title)} {{ #{anchor} }}\n"


def _facts(facts: Mapping[str, str]) -> str:
    first, *others = [f"| {name} | {_cell(value)} |\n" for name, value in facts.items()]
    return f"{first}|---|---|\n{''.join(others)}"


def _list(title: str, lines: tuple[str, ...]) -> str:
    return f"\n**{title}**\n\n" + "".join(f"* {_cell(line)}\n" for line in lines) if lines else ""


def _code(names: tuple[str, ...]) -> str:
    return ", ".join(f"`{name}`" for name in names)


def _shown(value: object) -> str:
    if value in (None, (), ""):
        return ""
    if isinstance(value, tuple):
        return _cell(", ".join(str(one) for one in value))
    return f"`{_cell(str(value))}`"


def _fenced(text: str) -> str:
    return f"```text\n{text.strip()}\n```\n"


def _cell(text: str) -> str:
    """Text that cannot break out of a table's cell or be taken for HTML."""
    return " ".join(text.split()).replace("|", "\\|").replace("<", "&lt;")


# ----------------------------------------------------------------------------------------- MkDocs


def on_config(config: Any) -> Any:
    """Build the navigation from what is there: a new plugin's page needs no list."""
    config.nav = [
        {"Home": "index.md"},
        {"How to": list(_written("howto"))},
        {
            "Plugins": [
                {
                    "Sources": [
                        {one.title: f"sources/{name}.md"} for name, one in plugins(Source).items()
                    ]
                },
                {"Annotators": [{name: f"annotators/{name}.md"} for name in plugins(Annotator)]},
                {"Analyses": [{name: f"analyses/{name}.md"} for name in plugins(Analysis)]},
            ]
        },
        {"Reference": sorted(pages())},
        {"Measurements": "measurements.md"},
        {"Decisions": list(_written("adr"))},
    ]
    return config


def _written(folder: str) -> Iterator[str]:
    names = [path.name for path in (DOCS / folder).glob("*.md")]
    yield from (f"{folder}/{name}" for name in sorted(names, key=_place))


def _place(name: str) -> tuple[bool, str]:
    return name not in ("index.md", "first-case.md"), name


def on_files(files: Any, config: Any) -> Any:
    """Add the generated pages."""
    from mkdocs.structure.files import File  # noqa: PLC0415 - only here is MkDocs needed

    for path, text in pages().items():
        files.append(File.generated(config, path, content=text))
    return files
