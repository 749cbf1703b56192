"""Does each analysis keep its contract? Run for every declared analysis on every engine.

An analysis needs a page `docs/analyses/<name>.md` and a module `tests/reference/<name>.py` with

* `reference(case, options)`: the same answer in plain Python, as a list of tuples;
* `options`: a strategy of options small enough for small cases;
* `MUTATIONS`: what → (text of the analysis, a wrong text): each must be caught. A third part names
  the module that holds the text, if that is one which the analysis imports.
"""

from __future__ import annotations

import importlib
import importlib.util
import random
import sys
from collections import Counter
from pathlib import Path
from types import ModuleType

import pyarrow as pa
import pytest
from hypothesis import Phase, assume, given, settings
from hypothesis import strategies as st

from clew.contract import Analysis, PlotKind, options_from, plugins
from tests.engines import GivenTables
from tests.generated import cases

ROOT = Path(__file__).parents[2]
ANALYSES = plugins(Analysis)
REFERENCES = {name: importlib.import_module(f"tests.reference.{name}") for name in ANALYSES}
MUTATIONS = [
    pytest.param(name, change, id=f"{name}: {what}")
    for name in ANALYSES
    for what, change in REFERENCES[name].MUTATIONS.items()
]
PLOTS = {
    PlotKind.HEATMAP_WEEK: {"hour_of_week": pa.int32(), "value": pa.int64()},
    PlotKind.SERIES: {"at": pa.timestamp("us", "UTC"), "value": pa.int64()},
    PlotKind.MATRIX: {"row": pa.string(), "column": pa.string(), "value": pa.int64()},
    PlotKind.BARS: {"label": pa.string(), "value": pa.int64()},
}


_FEWER = settings.default.max_examples // 4  # for what one query in four would show as well


class Disagreement(AssertionError):
    """The analysis and its reference give different answers."""


def result_of(analysis, engine, case, options):
    tables = GivenTables(engine, analysis.needs, case)
    gathered = analysis.gather(tables, options)
    if analysis.score is None:
        assert gathered.schema() == analysis.gives
    result = gathered.to_pyarrow()
    return analysis.score(result, options) if analysis.score else result


def compare(analysis, reference, engine, case, options):
    result = result_of(analysis, engine, case, options)
    assert result.schema == analysis.gives.to_pyarrow()
    got = Counter(frozen(row.values()) for row in result.to_pylist())
    expected = Counter(map(frozen, reference(case, options)))
    if got != expected:
        raise Disagreement(f"only in the analysis: {got - expected}; missing: {expected - got}")


def frozen(values):
    """The values of a row, lists among them too, so that rows can be counted."""
    return tuple(tuple(value) if isinstance(value, list) else value for value in values)


@pytest.mark.parametrize("name", ANALYSES)
def test_has_page(name):
    analysis = ANALYSES[name]
    page = " ".join((ROOT / f"docs/analyses/{name}.md").read_text().split())
    assert analysis.question in page
    for part in ("Method", "Limits", "Measured"):
        assert f"## {part}" in page
    for column in analysis.gives:
        assert f"`{column}`" in page, f"the page must say what the column {column} means"
    assert analysis.method
    assert analysis.limits


@pytest.mark.parametrize("name", ANALYSES)
def test_default_options_are_valid(name):
    options = ANALYSES[name].options
    assert options_from(options, {}) == options()


@pytest.mark.parametrize("name", ANALYSES)
def test_agrees_with_reference(name, engine):
    module = REFERENCES[name]
    slow = engine.name != "duckdb"

    @settings(max_examples=12 if slow else settings.default.max_examples)
    @given(cases(ANALYSES[name].needs), module.options)
    def check(case, options):
        assume(not slow or is_rich(case))
        compare(ANALYSES[name], module.reference, engine, case, options)

    check()


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore:Generating overly large repr")  # of the case that caught it
@pytest.mark.parametrize(("name", "change"), MUTATIONS)
def test_catches_a_mutation(name, change, duckdb, monkeypatch):
    """A test that a wrong analysis passes is worth nothing."""
    module = REFERENCES[name]
    mutant = mutated(name, *change, monkeypatch=monkeypatch)

    @settings(max_examples=1000, phases=[Phase.generate], database=None, derandomize=True)
    @given(cases(ANALYSES[name].needs), module.options)
    def check(case, options):
        assume(is_rich(case))
        compare(mutant, module.reference, duckdb, case, options)

    with pytest.raises(Disagreement):
        check()


def is_rich(case):
    """Small cases catch little."""
    return sum(map(len, case.values())) > 20


def mutated(
    name: str, right: str, wrong: str, held_by: str | None = None, *, monkeypatch
) -> Analysis:
    """The analysis with one wrong text in its source, or in that of a module it imports."""
    analysis = f"clew.analyses.{name}"
    if held_by:
        monkeypatch.setitem(sys.modules, held_by, changed(held_by, right, wrong, monkeypatch))
        for part in [part for part in sys.modules if part.startswith(f"{analysis}.")]:
            if part != held_by:  # it may import the mutant too
                monkeypatch.delitem(sys.modules, part)
        right = wrong = ""
    mutant = changed(analysis, right, wrong, monkeypatch)
    return next(value for value in vars(mutant).values() if isinstance(value, Analysis))


def changed(name: str, right: str, wrong: str, monkeypatch) -> ModuleType:
    """The module made anew from its source, in which the wrong text stands for the right one."""
    origin = importlib.util.find_spec(name).origin
    source = Path(origin).read_text()
    assert right in source, f"{name} no longer contains {right!r}: mend the mutation"
    module = ModuleType("mutant")
    monkeypatch.setitem(sys.modules, "mutant", module)
    code = compile(source.replace(right, wrong) if right else source, origin, "exec")
    exec(code, vars(module))  # noqa: S102
    return module


@pytest.mark.parametrize("name", ANALYSES)
def test_says_so_when_there_is_nothing(name, engine):
    analysis, options = ANALYSES[name], ANALYSES[name].options()
    result = result_of(analysis, engine, {table: [] for table in analysis.needs}, options)
    assert result.num_rows == 0
    findings = analysis.find(result, options)
    assert findings
    assert all(finding.summary and not finding.enough_data for finding in findings)
    assert not analysis.draw or analysis.draw(result, options) == []


@pytest.mark.parametrize("name", ANALYSES)
def test_findings_do_not_depend_on_row_order(name, duckdb):
    analysis = ANALYSES[name]

    @settings(max_examples=_FEWER)
    @given(cases(analysis.needs), REFERENCES[name].options, st.integers())
    def check(case, options, seed):
        result = result_of(analysis, duckdb, case, options)
        order = list(range(result.num_rows))
        random.Random(seed).shuffle(order)
        shuffled = result.take(pa.array(order, pa.int64()))
        assert analysis.find(result, options) == analysis.find(shuffled, options)
        if analysis.draw:
            assert as_sets(analysis.draw(result, options)) == as_sets(
                analysis.draw(shuffled, options)
            )

    check()


@pytest.mark.parametrize("name", ANALYSES)
def test_findings_and_plots_are_well_formed(name, duckdb):
    """Evidence leads to rows of the case; plots have the columns that the report draws."""
    analysis = ANALYSES[name]

    @settings(max_examples=_FEWER)
    @given(cases(analysis.needs), REFERENCES[name].options)
    def check(case, options):
        known = {value for rows in case.values() for row in rows for value in row.values()}
        result = result_of(analysis, duckdb, case, options)
        findings = analysis.find(result, options)
        assert findings
        for finding in findings:
            assert finding.summary
            assert len(finding.summary) <= 600, "a report cuts it"
            assert finding.subject is None or finding.subject in known
            assert set(finding.evidence) <= known
            assert len(finding.evidence) <= 8, "a report shows eight"
            assert finding.confidence is None or 0 <= finding.confidence <= 1
        for plot in analysis.draw(result, options) if analysis.draw else []:
            assert plot.title
            assert plot.caption
            assert (
                dict(zip(plot.data.schema.names, plot.data.schema.types, strict=True))
                == (PLOTS[plot.kind])
            )
            assert plot.data.num_rows

    check()


def as_sets(plots):
    return [
        (plot.kind, plot.title, plot.caption, sorted(map(str, plot.data.to_pylist())))
        for plot in plots
    ]
