"""Does each source keep its contract? Run for every declared source: nothing to register.

A source needs a folder `tests/fixtures/sources/<name>/` with invented files (reserved domains,
TEST-NET addresses; the files that explain others beside them) and a page `docs/sources/<name>.md`.
A file that is read with options has them beside it as `<file>.options.toml` (name = text).
"""

from __future__ import annotations

from pathlib import Path

import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from clew.contract import ItemError, Source, plugins
from clew.errors import SourceUnusable
from clew.model.tables import TABLE_OF
from clew.store.staging import Stage
from tests.captures import MemoryCapture, beside, file_capture, fixtures_of, options_of, read

ROOT = Path(__file__).parents[2]
SOURCES = plugins(Source)
FIXTURES = {name: fixtures_of(name) for name in SOURCES}
CASES = [
    pytest.param(name, path, id=f"{name}-{path.name}")
    for name in SOURCES
    for path in FIXTURES[name]
]


@pytest.mark.parametrize("name", SOURCES)
def test_has_fixture_and_page(name):
    assert FIXTURES[name], f"tests/fixtures/sources/{name}/ has no file"
    page = (ROOT / f"docs/sources/{name}.md").read_text()
    assert SOURCES[name].title in page
    assert "Tested on" in page, "the page must say what the source was tested on"


@pytest.mark.parametrize(("name", "path"), CASES)
def test_is_recognised_best(name, path):
    sample = file_capture(path).sample
    scores = {other: source.recognise(sample) for other, source in SOURCES.items()}
    assert all(0 <= score <= 1 for score in scores.values())
    runner_up = max((score for other, score in scores.items() if other != name), default=0)
    assert scores[name] > runner_up, scores


@pytest.mark.parametrize(("name", "path"), CASES)
def test_rows_fit_their_tables(name, path):
    source = SOURCES[name]
    around = beside(source, path)
    rows, _ = read(source, file_capture(path), explained_by=around, **options_of(path))
    assert rows or path.name in source.beside, "a fixture must give rows, or explain another"
    for row in rows:
        assert type(row) in source.fills, f"{type(row).__name__} is not in `fills`"
        for field, value in zip(row.__struct_fields__, vars_of(row), strict=True):
            kind, _comment = TABLE_OF[type(row)].columns[field]
            assert value is not None or not kind.startswith("!"), field
            assert value != "", f"{field}: empty text must be null"
            if field.endswith("_id") and value is not None:
                assert value.startswith(f"{row.platform}:"), (field, value)


@pytest.mark.parametrize(("name", "path"), CASES)
def test_rows_can_be_stored(name, path, tmp_path):
    """Arrow takes what Python would let pass: half characters, numbers beyond 64 bits."""
    source = SOURCES[name]
    rows, _ = read(
        source, file_capture(path), explained_by=beside(source, path), **options_of(path)
    )
    stage = Stage(tmp_path, prefix="0", run_id="r", capture_id="0" * 64)
    for item, row in enumerate(rows):
        stage.add([row], item)
    stage.close()
    stored = sum(pq.read_metadata(file).num_rows for file in tmp_path.rglob("*.parquet"))
    assert stored == len(rows) - sum(stage.repeats.values())


@pytest.mark.parametrize(("name", "path"), CASES)
def test_reads_the_same_twice(name, path):
    source, capture = SOURCES[name], file_capture(path)
    chosen = options_of(path)
    assert read(source, capture, **chosen)[0] == read(source, capture, **chosen)[0]


@pytest.mark.parametrize(("name", "path"), CASES)
def test_survives_mutation(name, path):
    """Whatever byte is hit, only declared errors come out."""
    source, original, chosen = SOURCES[name], path.read_bytes(), options_of(path)

    @given(st.data())
    def check(data):
        start = data.draw(st.integers(0, max(0, len(original) - 1)))
        stop = data.draw(st.integers(start, min(len(original), start + 40)))
        patch = data.draw(st.binary(max_size=20) | st.sampled_from(HOSTILE))
        mutated = original[:start] + patch + original[stop:]
        try:
            _, rejected = read(source, MemoryCapture(mutated, name=path.name), **chosen)
        except SourceUnusable:
            return
        assert all(isinstance(item, ItemError) and item.reason for item in rejected)

    check()


HOSTILE = [
    b"", b"\0", b"[" * 3000, b'{"a":' * 3000, b"null", b"-1", b"1e400", b"NaN", b"9" * 400,
    b'"\\ud800"', b"\xff\xfe", "\u202e".encode(), b"<!DOCTYPE x [<!ENTITY a 'b'>]>",
    b"99999999999999999999", b'"253402300799"', b'"0000-01-01T00:00:00"', b"true", b"{}", b"[]",
    b'""', b"\n", b"\r\n",
]  # fmt: skip


def vars_of(row):
    return [getattr(row, field) for field in row.__struct_fields__]
