"""Does each transform keep its contract? Run for every declared transform.

A transform needs a module `tests/transforms/<name>.py` with `EXAMPLES`: a list of
`(case, asked, expected)`, where a case is a dict of tables of rows (columns that are not given are
null), `asked` the values asked, and expected the answer as tuples
`(asked, kind, value, acts, evidence, last_evidence)`.
"""

from __future__ import annotations

import importlib

import pytest
from hypothesis import given, settings

from clew.contract import FOUND, Transform, plugins
from clew.model.kinds import KINDS, LINKS
from tests.engines import GivenTables
from tests.generated import cases

TRANSFORMS = plugins(Transform)
EXAMPLES = {name: importlib.import_module(f"tests.transforms.{name}") for name in TRANSFORMS}


def answer(transform, engine, case, asked):
    tables = GivenTables(engine, transform.needs, case)
    found = transform.ask(asked, tables)
    assert found.schema() == FOUND
    return found.to_pyarrow().to_pylist()


def filled(case, needs):
    """The rows with null in every column that was not given."""
    return {
        name: [dict.fromkeys(columns) | row for row in case.get(name, [])]
        for name, columns in needs.items()
    }


@pytest.mark.parametrize("name", TRANSFORMS)
def test_declares_what_there_is(name):
    transform = TRANSFORMS[name]
    assert transform.question.endswith("?")
    assert set(transform.takes) <= KINDS.keys()
    assert set(transform.gives) <= KINDS.keys()
    assert transform.takes
    assert transform.gives
    assert transform.link in LINKS
    assert len(EXAMPLES[name].EXAMPLES) >= 1


@pytest.mark.parametrize("name", TRANSFORMS)
def test_answers_its_examples(name, engine):
    transform = TRANSFORMS[name]
    for case, asked, expected in EXAMPLES[name].EXAMPLES:
        rows = answer(transform, engine, filled(case, transform.needs), asked)
        got = [
            tuple(
                row[part]
                for part in ("asked", "kind", "value", "acts", "evidence", "last_evidence")
            )
            for row in rows
        ]
        assert sorted(got, key=str) == sorted(expected, key=str)
        assert expected or len(EXAMPLES[name].EXAMPLES) > 1, "an example must find something"


@pytest.mark.parametrize("name", TRANSFORMS)
def test_answers_are_well_formed(name, duckdb):
    transform = TRANSFORMS[name]

    @settings(max_examples=8)
    @given(cases(transform.needs))
    def check(case):
        known = {value for rows in case.values() for row in rows for value in row.values()}
        asked = tuple(sorted({value for value in known if isinstance(value, str)}))
        if not asked:
            return
        for row in answer(transform, duckdb, case, asked):
            assert row["asked"] in asked
            assert row["kind"] in transform.gives
            assert row["value"] is not None
            assert row["value"] != row["asked"] or row["kind"] not in transform.takes
            assert row["acts"] >= 1
            assert {row["evidence"], row["last_evidence"]} <= known | {None}
            assert (row["first_at"] is None) == (row["last_at"] is None)
            assert row["first_at"] is None or row["first_at"] <= row["last_at"]

    check()


@pytest.mark.parametrize("name", TRANSFORMS)
def test_nobody_asked_is_nothing_found(name, duckdb):
    transform = TRANSFORMS[name]
    case = EXAMPLES[name].EXAMPLES[0][0]
    assert answer(transform, duckdb, filled(case, transform.needs), ("x:nobody",)) == []
