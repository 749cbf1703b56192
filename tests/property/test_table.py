"""Whatever the cells hold and however the file is written: they come back as they went in."""

from __future__ import annotations

import csv
import io
import json

import pyarrow as pa
import pyarrow.parquet as pq
from hypothesis import given
from hypothesis import strategies as st

from clew.model.tables import Post
from clew.sources.table import TABLE
from tests.captures import MemoryCapture, read

MAPPING = 'platform = "p"\n[posts]\npost_id = "id"\ntext = "text"\nlike_count = "likes"\n'

# A text that is nothing but white space means "not recorded".
TEXTS = st.text(st.characters(exclude_categories=["Cs"])).filter(lambda text: bool(text.strip()))
ROWS = st.lists(st.tuples(TEXTS | st.none(), st.integers(-(2**63), 2**63 - 1) | st.none()))


def posts(data: bytes, name: str, extra: str = "") -> list[tuple]:
    rows, rejected = read(TABLE, MemoryCapture(data, name), mapping=MAPPING + extra)
    assert not rejected
    assert all(isinstance(row, Post) for row in rows)
    return [(row.post_id, row.text, row.like_count) for row in rows]


def expected(rows: list[tuple]) -> list[tuple]:
    return [(f"p:{number}", text, likes) for number, (text, likes) in enumerate(rows)]


@given(
    ROWS,
    st.sampled_from([",", ";", "\t", "|"]),
    # With "\n" alone Python's writer leaves a lone carriage return unquoted, which ends a row.
    st.sampled_from([("\r\n", csv.QUOTE_MINIMAL), ("\r\n", csv.QUOTE_ALL), ("\n", csv.QUOTE_ALL)]),
    st.sampled_from(["utf-8", "utf-8-sig", "utf-16"]),
)
def test_csv(rows, delimiter, form, encoding):
    line_end, quoting = form
    out = io.StringIO()
    writer = csv.writer(out, delimiter=delimiter, lineterminator=line_end, quoting=quoting)
    writer.writerow(["id", "text", "likes"])
    writer.writerows([number, *row] for number, row in enumerate(rows))
    declared = "utf-8" if encoding == "utf-8-sig" else encoding
    extra = f"[file]\ndelimiter = {json.dumps(delimiter)}\nencoding = '{declared}'\n"
    assert posts(out.getvalue().encode(encoding), "a.csv", extra) == expected(rows)


@given(ROWS)
def test_ndjson(rows):
    lines = (
        json.dumps({"id": number, "text": text, "likes": likes}, ensure_ascii=number % 2 == 0)
        for number, (text, likes) in enumerate(rows)
    )
    assert posts("".join(f"{line}\n" for line in lines).encode(), "a.jsonl",
                 '[file]\nformat = "ndjson"\n') == expected(rows)  # fmt: skip


@given(ROWS)
def test_parquet(rows):
    table = pa.table(
        {
            "id": pa.array(range(len(rows)), pa.uint32()),
            "text": pa.array([text for text, _ in rows], pa.string()),
            "likes": pa.array([likes for _, likes in rows], pa.int64()),
        }
    )
    out = io.BytesIO()
    pq.write_table(table, out, row_group_size=3)
    assert posts(out.getvalue(), "a.parquet") == expected(rows)
