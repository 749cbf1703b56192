"""Merging: the same rows whatever the order of captures, and every row accounted for."""

from __future__ import annotations

import itertools
import tempfile
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from clew.case.capture_reading import settle
from clew.contract import TableCount
from clew.model.tables import TABLES, Account, Merge, Post, PostKind, Row
from clew.model.times import Micros, TimeQuality
from clew.store.staging import Stage
from clew.store.tables import TableStore

MAY_2024 = 1_714_600_000_000_000
_HOUR = 3_600_000_000


class Tables:
    """A table store with the versions that are visible, as the journal would keep them."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.store = TableStore(folder / "tables")
        self.versions: dict[str, int | None] = {}
        self._stages = itertools.count()

    def add(self, rows: list[Row], *, observed_at: int | None = None) -> dict[str, TableCount]:
        """Merge the rows of one capture; gives its counts."""
        number = next(self._stages)
        folder = self.folder / f"stage-{number}"
        capture_id = f"{number:064}"
        stage = Stage(
            folder,
            prefix="0-",
            run_id=f"r{number}",
            capture_id=capture_id,
            observed_at=None if observed_at is None else Micros(observed_at),
        )
        for item, row in enumerate(rows):
            stage.add([row], item)
        stage.close()
        merged = {}
        for name, table in TABLES.items():
            if table.merge is not Merge.DERIVED:
                self.versions[name], merged[name] = self.store.merge(
                    name, folder, self.versions.get(name)
                )
        return settle(merged).get(capture_id, {})

    def rows(self, name: str) -> list[dict[str, object]]:
        """All visible rows of a table."""
        files = self.store.files(name, self.versions.get(name))
        return [row for file in files for row in pq.ParquetFile(file.path).read().to_pylist()]


@pytest.fixture
def tables(tmp_path):
    return Tables(tmp_path)


def post(number, text="hello", at=MAY_2024, **more):
    return Post(
        post_id=f"x:{number}",
        platform="x",
        kind=PostKind.POST,
        posted_at=None if at is None else Micros(at),
        time_quality=TimeQuality.MISSING if at is None else TimeQuality.UTC,
        text=text,
        **more,
    )


def test_new_rows_are_kept_and_counted(tables):
    counts = tables.add([post(1), post(2)])
    assert counts["posts"] == TableCount(read=2, kept=2)
    assert {row["post_id"] for row in tables.rows("posts")} == {"x:1", "x:2"}


def test_the_same_again_is_a_duplicate(tables):
    tables.add([post(1)], observed_at=1)
    counts = tables.add([post(1), post(1)], observed_at=2)
    assert counts["posts"] == TableCount(read=2, duplicate=2)
    assert len(tables.rows("posts")) == 1


def test_an_edit_becomes_current_and_the_older_text_stays(tables):
    tables.add([post(1, "before")])
    counts = tables.add([post(1, "after", edited_at=Micros(MAY_2024 + _HOUR))])
    assert counts["posts"] == TableCount(read=1, updated=1)
    assert [row["text"] for row in tables.rows("posts")] == ["after"]
    assert [row["text"] for row in tables.rows("posts_versions")] == ["before"]


def test_an_older_version_that_comes_late_does_not_become_current(tables):
    tables.add([post(1, "after")], observed_at=20)
    counts = tables.add([post(1, "before")], observed_at=10)
    assert counts["posts"] == TableCount(read=1, updated=1)
    assert [row["text"] for row in tables.rows("posts")] == ["after"]
    again = tables.add([post(1, "before")], observed_at=10)
    assert again["posts"] == TableCount(read=1, duplicate=1)


@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
def test_a_list_that_leaves_texts_out_does_not_take_them_away(tables, order):
    captures = [([post(1, "all of it")], 10), ([post(1, None)], 20)]
    for rows, observed_at in (captures[number] for number in order):
        tables.add(rows, observed_at=observed_at)
    assert [row["text"] for row in tables.rows("posts")] == ["all of it"]
    assert [row["text"] for row in tables.rows("posts_versions")] == [None]


def test_a_row_whose_time_becomes_known_moves_to_its_month(tables):
    tables.add([post(1, at=None), post(2, at=None)])
    counts = tables.add([post(1)])
    assert counts["posts"] == TableCount(read=1, updated=1)
    known = {row["post_id"]: row["posted_at"] is not None for row in tables.rows("posts")}
    assert known == {"x:1": True, "x:2": False}


def test_snapshots_are_kept_side_by_side(tables):
    tables.add([Account(account_id="x:u1", platform="x", name="A")], observed_at=1)
    counts = tables.add(
        [
            Account(account_id="x:u1", platform="x", name="B"),
            Account(account_id="x:u1", platform="x", name="A"),
        ],
        observed_at=2,
    )
    assert counts["account_snapshots"] == TableCount(read=2, kept=1, duplicate=1)


def test_equal_rejections_are_not_taken_for_one(tables):
    from clew.model.tables import RejectedItem

    same = RejectedItem(platform="x", reason="broken")
    assert tables.add([same, same])["rejected"] == TableCount(read=2, kept=2)


def test_hostile_text_survives_exactly(tables):
    hostile = ["'; DROP TABLE posts; --", "\0", "\u202e", "a\nb", '{"x": 1}', "🦑" * 1000, "=1+1"]
    tables.add([post(number, text) for number, text in enumerate(hostile)])
    assert {row["text"] for row in tables.rows("posts")} == set(hostile)


def test_what_a_dead_process_left_is_not_seen(tables):
    tables.add([post(1)])
    visible = dict(tables.versions)
    tables.add([post(2)])
    tables.versions = visible  # the process died before its snapshots were committed
    tables.add([post(3)])
    assert {row["post_id"] for row in tables.rows("posts")} == {"x:1", "x:3"}


def test_many_small_imports_are_joined(tables):
    for number in range(103):
        tables.add([post(number)])
    assert len(tables.rows("posts")) == 103
    assert len(tables.store.files("posts", tables.versions["posts"])) < 10


VERSIONS = st.builds(
    post,
    st.integers(1, 4),
    st.sampled_from(["a", "b", None]),
    at=st.sampled_from([None, MAY_2024, MAY_2024]),
    edited_at=st.sampled_from([None, Micros(MAY_2024 + 1), Micros(MAY_2024 + 2)]),
)
CAPTURES = st.lists(st.tuples(st.lists(VERSIONS, max_size=6), st.integers(0, 3)), max_size=4)


def reference(captures):
    """Post id → its current text, by the rule in words, in plain Python."""
    versions: dict[str, dict[Post, int]] = {}
    for rows, observed_at in captures:
        for row in rows:
            seen = versions.setdefault(row.post_id, {})
            seen[row] = max(observed_at, seen.get(row, 0))
    return {
        post_id: max(
            (row.posted_at is not None, row.edited_at or -1, row.text is not None, observed_at)
            for row, observed_at in seen.items()
        )
        for post_id, seen in versions.items()
    }


def ranks(rows, captures):
    latest: dict[tuple[object, ...], int] = {}
    for capture, observed_at in captures:
        for row in capture:
            key = (row.post_id, row.text, row.posted_at, row.edited_at)
            latest[key] = max(observed_at, latest.get(key, 0))
    found = {}
    for row in rows:
        at = None if row["posted_at"] is None else round(row["posted_at"].timestamp() * 1e6)
        edited = None if row["edited_at"] is None else round(row["edited_at"].timestamp() * 1e6)
        observed = latest[(row["post_id"], row["text"], at, edited)]
        found[row["post_id"]] = (at is not None, edited or -1, row["text"] is not None, observed)
    return found


@given(CAPTURES)
@settings(max_examples=25)
def test_agrees_with_the_reference_and_accounts_for_every_row(captures):
    assume(not says_again_later(captures))
    with tempfile.TemporaryDirectory() as folder:
        tables = Tables(Path(folder))
        for rows, observed_at in captures:
            count = tables.add(list(rows), observed_at=observed_at).get("posts", TableCount())
            assert count.read == len(rows) == count.kept + count.updated + count.duplicate
        assert ranks(tables.rows("posts"), captures) == reference(captures)
        stored = tables.rows("posts") + tables.rows("posts_versions")
        assert {row["text"] for row in stored} == {row.text for rows, _ in captures for row in rows}


def says_again_later(captures):
    """Whether a version is in two captures of different times: see `clew.store.merging`."""
    times: dict[Post, set[int]] = {}
    for rows, observed_at in captures:
        for row in rows:
            times.setdefault(row, set()).add(observed_at)
    return any(len(observed) > 1 for observed in times.values())


@given(CAPTURES, st.randoms())
@settings(max_examples=15)
def test_the_order_of_captures_does_not_matter(captures, random):
    assume(not says_again_later(captures))
    shuffled = list(captures)
    random.shuffle(shuffled)
    current = []
    for order in (captures, shuffled):
        with tempfile.TemporaryDirectory() as folder:
            tables = Tables(Path(folder))
            for rows, observed_at in order:
                tables.add(list(rows), observed_at=observed_at)
            current.append(
                sorted(
                    (row["post_id"], row["text"], str(row["posted_at"]), str(row["edited_at"]))
                    for row in tables.rows("posts")
                )
            )
    assert current[0] == current[1]


def test_a_notice_of_deletion_joins_the_post_and_not_its_words(tables):
    from clew.model.tables import Deletion
    from clew.store.engines import CaseTables, duckdb_engine

    tables.add([post(1), post(2)])
    tables.add([Deletion(post_id="x:1", platform="x", deleted_at=Micros(MAY_2024 + _HOUR))])
    opened = CaseTables(
        duckdb_engine(), lambda name: tables.store.files(name, tables.versions.get(name))
    )
    rows = {row["post_id"]: row for row in opened.posts.to_pyarrow().to_pylist()}
    assert rows["x:1"]["deleted_at"] is not None
    assert rows["x:1"]["text"] == "hello"
    assert rows["x:2"]["deleted_at"] is None
