"""Is everything documented? A plugin, command, option, column or error without its words fails."""

from __future__ import annotations

import dataclasses
import importlib.util
import inspect
import re
import warnings
from pathlib import Path

import pyarrow as pa
import pytest
import typer

from clew import errors
from clew.case.recipe import shipped
from clew.contract import Analysis, Annotator, Sample, Source, Transform, plugins
from clew.model import tables
from clew.model.kinds import KINDS
from clew.model.tables import TABLES, Post
from clew.surfaces.cli import app
from tests.captures import MemoryCapture, read

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
PLUGINS = [
    pytest.param(folder, plugin, id=f"{folder}/{name}")
    for folder, kind in (("sources", Source), ("annotators", Annotator), ("analyses", Analysis))
    for name, plugin in plugins(kind).items()
]


def _commands(group, before=""):
    for name, command in group.commands.items():
        yield before + name, command
        yield from _commands(command, f"{before}{name} ") if hasattr(command, "commands") else ()


COMMANDS = dict(_commands(typer.main.get_command(app)))
PARAMETERS = [
    pytest.param(parameter, id=f"{name} {parameter.opts[0]}")
    for name, command in COMMANDS.items()
    for parameter in command.params
]
ADRS = sorted((DOCS / "adr").glob("[0-9]*.md"))


@pytest.fixture(scope="module")
def generate():
    """The module that makes the reference; it is no part of the package."""
    spec = importlib.util.spec_from_file_location("generate", DOCS / "generate.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def reference(generate):
    return generate.pages()


# --------------------------------------------------------------------------------------- plugins


@pytest.mark.parametrize(("folder", "plugin"), PLUGINS)
def test_every_plugin_has_its_page(folder, plugin):
    page = (DOCS / folder / f"{plugin.name}.md").read_text("utf-8")
    about = plugin.title if folder == "sources" else plugin.question
    assert about in page, f"the page must say {about!r}"
    if folder != "sources":
        assert re.search(r"^#+ .*Limit", page, re.MULTILINE), "the page must have its limits"


@pytest.mark.parametrize(("folder", "plugin"), PLUGINS)
def test_every_plugin_is_in_the_reference(folder, plugin, reference):
    text = reference[f"reference/{folder}.md"]
    assert f"{{ #{plugin.name} }}" in text
    assert f"(../{folder}/{plugin.name}.md)" in text
    for limit in getattr(plugin, "limits", ()):
        assert " ".join(limit.split()).replace("|", "\\|").replace("<", "&lt;") in text


def test_every_transform_recipe_and_kind_is_in_the_reference(reference):
    for page, names in (
        ("transforms", plugins(Transform)),
        ("recipes", shipped()),
        ("entities", KINDS),
    ):
        for name in names:
            assert f"{{ #{name} }}" in reference[f"reference/{page}.md"]


@pytest.mark.parametrize(("folder", "plugin"), PLUGINS)
def test_every_option_says_what_it_means(folder, plugin, generate, reference):
    kind = getattr(plugin, "options", None)
    if kind is None:
        return
    comments = generate.field_comments(kind)
    for field in dataclasses.fields(kind):
        assert comments.get(field.name), f"{plugin.name}: the option {field.name} has no comment"
        assert f"| `{field.name}` |" in reference[f"reference/{folder}.md"]


def test_comments_belong_to_their_fields(generate):
    @dataclasses.dataclass
    class Options:
        """A docstring with # no comment."""

        one: int = 1  # the first
        # about nothing
        two: tuple[str, ...] = (  # the second,
            "x",  # in two parts
        )
        three: str = "# not this"

    assert generate.field_comments(Options) == {
        "one": "the first about nothing",
        "two": "the second, in two parts",
    }


# ------------------------------------------------------------------------------ tables and errors


@pytest.mark.parametrize("table", TABLES.values(), ids=list(TABLES))
def test_every_column_is_in_the_reference(table, reference):
    text = reference["reference/tables.md"]
    section = text.split(f"{{ #{table.name} }}")[1].split("\n## ")[0]
    for name, (kind, comment) in table.columns.items():
        row = next(line for line in section.splitlines() if line.startswith(f"| `{name}` |"))
        assert kind in row
        assert " ".join(comment.split()).replace("|", "\\|").replace("<", "&lt;") in row


def test_every_error_is_drawn_and_in_the_reference(reference):
    for name, error in vars(errors).items():
        if not isinstance(error, type) or not issubclass(error, errors.ClewError):
            continue
        assert re.search(rf"\b{name}\b", errors.__doc__), f"{name} is not in the drawn tree"
        assert f"{{ #{name} }}" in reference["reference/errors.md"]


# -------------------------------------------------------------------------------------- commands


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_is_in_the_reference(name, reference):
    first_line = inspect.cleandoc(COMMANDS[name].help).splitlines()[0]
    anchor = name.replace(" ", "-")
    assert f"## clew {name} {{ #{anchor} }}" in reference["reference/commands.md"]
    assert first_line in reference["reference/commands.md"]


@pytest.mark.parametrize("parameter", PARAMETERS)
def test_every_parameter_says_what_it_does(parameter, reference):
    assert parameter.help
    for name in [*parameter.opts, *parameter.secondary_opts]:
        assert f"`{name}`" in reference["reference/commands.md"]


def test_commands_named_in_the_pages_exist():
    """A page that tells somebody to run a command that is not there is worse than none."""
    pages = [*DOCS.rglob("*.md"), ROOT / "README.md", ROOT / "CONTRIBUTING.md"]
    named = {
        (page.name, name)
        for page in pages
        for name in re.findall(r"(?:^|`)clew ([a-z]+)\b", page.read_text("utf-8"), re.MULTILINE)
    }
    assert len(named) > 10
    assert not {(page, name) for page, name in named if name not in COMMANDS}


# ---------------------------------------------------------------------- how-tos: the examples run


def examples(page: str) -> list[str]:
    text = (DOCS / "howto" / page).read_text("utf-8")
    return re.findall(r"^```python\n(.*?)^```", text, re.MULTILINE | re.DOTALL)


def run(code: str) -> dict[str, object]:
    namespace: dict[str, object] = {"__name__": "example"}
    exec(compile(code, "example", "exec"), namespace)  # noqa: S102 - our own page
    return namespace


def test_example_source_reads():
    (code,) = examples("add-a-source.md")
    source = run(code)["SOURCE"]
    data = b'{"example_chat":1,"id":"7","at":1767225600,"text":"moin"}\n{"id":"8"}\n'
    assert source.recognise(Sample(name="x", head=data, size=len(data))) > 0.5
    rows, rejected = read(source, MemoryCapture(data))
    assert [(row.post_id, row.text) for row in rows] == [("example:7", "moin")]
    assert len(rejected) == 1


def test_example_annotator_annotates(monkeypatch):
    row, code = examples("add-an-annotator.md")
    monkeypatch.setattr(tables, "WordCount", run(row)["WordCount"], raising=False)
    annotator = run(code)["ANNOTATOR"]
    batch = pa.record_batch(
        {
            "post_id": ["a:1", "a:2"],
            "platform": ["a", "a"],
            "text": ["one two three", None],
            "posted_at": pa.array([1, 2], pa.timestamp("us", "UTC")),
        }
    )
    assert annotator.annotate(batch).to_pydict()["words"] == [3, None]


def test_example_analysis_answers():
    import ibis

    (code,) = examples("add-an-analysis.md")
    analysis = run(code)["ANALYSIS"]

    class Tables:
        posts = ibis.memtable(
            {"post_id": ["a:1", "a:2", "a:3"], "account_id": ["a:x", "a:x", None]},
            schema={"post_id": "string", "account_id": "string"},
        )

    result = analysis.gather(Tables(), analysis.options()).to_pyarrow()
    assert result.to_pylist() == [{"account_id": "a:x", "posts": 2}]
    assert [one.summary for one in analysis.find(result, analysis.options())] == [
        "1 account posted."
    ]
    assert set(analysis.needs["posts"]) <= set(Post.__struct_fields__)


# --------------------------------------------------------------------------- decisions, whole site


@pytest.mark.parametrize("path", ADRS, ids=[path.stem for path in ADRS])
def test_every_decision_has_its_parts_and_is_listed(path):
    text = path.read_text("utf-8")
    assert re.match(rf"# {path.stem[:4]} \S", text)
    headings = re.findall(r"^## (\w+)", text, re.MULTILINE)
    assert [one for one in headings if one in ("Status", "Decision", "Why", "Consequences")] == [
        "Status", "Decision", "Why", "Consequences",
    ]  # fmt: skip
    assert f"]({path.name})" in (DOCS / "adr/index.md").read_text("utf-8")


def test_the_site_builds_and_loads_nothing_from_elsewhere(tmp_path):
    config = pytest.importorskip("mkdocs.config", reason="the group `docs` is not installed")
    from mkdocs.commands.build import build

    with warnings.catch_warnings():
        warnings.simplefilter("default")  # those of MkDocs and its theme are not ours to mend
        build(config.load_config(str(ROOT / "mkdocs.yml"), site_dir=str(tmp_path), strict=True))
    pages = list(tmp_path.rglob("*.html"))
    assert len(pages) > 20
    for page in pages:
        html = page.read_text("utf-8")
        loaded = re.findall(r"<(?:script|img|iframe|source)[^>]*\ssrc=\"?([^\" >]+)", html)
        loaded += re.findall(r"<link[^>]*\shref=\"?([^\" >]+)", html)
        assert not [address for address in loaded if re.match(r"(?:https?:)?//", address)], page
