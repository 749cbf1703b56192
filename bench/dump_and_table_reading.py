"""How many records a second does one core read from a Stack Exchange dump and from tables?

    python -m bench.dump_and_table_reading [RECORDS]

Invented records: posts of 1.3 kB of HTML, comments, accounts; a table of eight columns, of which a
mapping makes posts, accounts and replies. CPU seconds of one process, without writing tables.
"""

from __future__ import annotations

import argparse
import csv
import io
import json
import time
from html import escape

import openpyxl
import pyarrow as pa
import pyarrow.csv as pa_csv
import pyarrow.parquet as pq

from clew.case.reading import whole
from clew.contract import Piece, Source
from clew.errors import ItemError
from clew.sources.stackexchange_dump import STACKEXCHANGE_DUMP
from clew.sources.stackexchange_dump import Options as DumpOptions
from clew.sources.table import TABLE
from clew.sources.table import Options as TableOptions
from tests.captures import MemoryCapture

BODY = (
    "<p>Our tide gauge answers with <code>&lt;level&gt;</code> since the update, and nobody in the "
    "harbour office knows why.  It did not before.</p>\n\n<pre><code>GET /level HTTP/1.1\n"
    "  Host: gauge.example\n</code></pre>\n\n<p>The manual is <a href='https://docs.example.org/g"
    "?v=2&amp;lang=en'>here</a>; what am I <em>missing</em>?</p>\n\n<ul>\n<li>one</li>\n"
    "<li>two &amp; three</li>\n</ul>\n" + "<p>" + "More words of no consequence. " * 27 + "</p>\n"
)

MAPPING = """
platform = "f"
[time]
zone = "Europe/Kyiv"
[posts]
post_id = "id"
account_id = "author_id"
posted_at = "date"
text = "body"
like_count = "likes"
reply_to_post_id = "reply_to"
url = "url"
[accounts]
name = "author"
[[interactions]]
kind = { value = "reply" }
target_post_id = "reply_to"
"""


def dump(table: str, rows: list[str]) -> bytes:
    head = f'<?xml version="1.0" encoding="utf-8"?>\n<{table}>\n'
    return (head + "".join(f"  <row {row} />\n" for row in rows) + f"</{table}>\n").encode()


def dumps(count: int) -> dict[str, bytes]:
    body = escape(BODY).replace("\n", "&#xA;")
    at = 'CreationDate="2026-03-02T08:15:30.123"'
    return {
        "posts": dump("posts", [
            f'Id="{n}" PostTypeId="{2 if n % 3 else 1}" {at} Score="3" ViewCount="9" Body="{body}" '
            f'OwnerUserId="{n % 997}" LastActivityDate="2026-03-02T08:15:30.123" CommentCount="2" '
            f'ContentLicense="CC BY-SA 4.0" ' + (f'ParentId="{n // 3}"' if n % 3 else
            'Title="A question" Tags="&lt;tide-gauge&gt;&lt;xml&gt;" AnswerCount="2"')
            for n in range(count)]),
        "comments": dump("comments", [
            f'Id="{n}" PostId="{n // 2}" Score="0" Text="@bosun which firmware is it? See the page '
            f'of the harbour office, and try again with the header &lt;set&gt;." {at} '
            f'UserId="{n % 997}" ContentLicense="CC BY-SA 4.0"' for n in range(count)]),
        "users": dump("users", [
            f'Id="{n}" Reputation="{n}" {at} DisplayName="Invented {n}" LastAccessDate="2026-03-02'
            f'T08:15:30.123" Location="Nowhere" AboutMe="&lt;p&gt;Nobody.&lt;/p&gt;" Views="1"'
            for n in range(count)]),
    }  # fmt: skip


def records(count: int) -> list[dict]:
    return [
        {
            "id": 10**18 + n,
            "author": f"user{n % 100}",
            "author_id": n % 100,
            "date": f"2026-03-{1 + n % 28:02} 10:{n % 60:02}:{n % 59:02}",
            "body": f'text number {n} with some words, here and "there"',
            "likes": n % 7,
            "reply_to": str(n - 1) if n % 3 == 0 else "",
            "url": f"https://forum.example/{n}",
        }
        for n in range(count)
    ]


def tables(count: int) -> dict[str, bytes]:
    rows = records(count)
    text = io.StringIO()
    writer = csv.DictWriter(text, [*rows[0]])
    writer.writeheader()
    writer.writerows(rows)
    book = openpyxl.Workbook(write_only=True)
    sheet = book.create_sheet()
    sheet.append([*rows[0]])
    for row in rows[: count // 4]:
        sheet.append([*(row | {"id": str(row["id"])}).values()])
    xlsx, parquet = io.BytesIO(), io.BytesIO()
    book.save(xlsx)
    pq.write_table(pa.Table.from_pylist(rows), parquet)
    return {
        "csv": text.getvalue().encode(),
        "jsonl": "".join(json.dumps(row) + "\n" for row in rows).encode(),
        "parquet": parquet.getvalue(),
        "xlsx": xlsx.getvalue(),
    }


def measure(source: Source, options: object, capture: MemoryCapture) -> str:
    def pieces() -> list[Piece]:
        assert source.cut is not None
        return list(source.cut(capture, options))

    start = time.process_time()
    items = sum(1 for piece in pieces() for _ in source.items(piece))
    reading = time.process_time() - start
    start = time.process_time()
    rows = 0
    for piece in pieces():
        for found in whole(source, piece):
            assert not isinstance(found, ItemError), found
            rows += len(found)
    mapping = time.process_time() - start
    return (
        f"{items:9,} records {capture.size / 1e6:7.1f} MB | taken apart {items / reading:9,.0f}/s"
        f" | rows made {items / mapping:9,.0f} records/s, {rows / mapping:9,.0f} rows/s"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("records", nargs="?", type=int, default=50_000)
    count = parser.parse_args().records
    for table, data in dumps(count).items():
        capture = MemoryCapture(data, "bench.example/dump.xml")
        print(f"{table:9}", measure(STACKEXCHANGE_DUMP, DumpOptions(), capture))
    made = tables(count)
    for form, data in made.items():
        capture = MemoryCapture(data, f"bench.{form}")
        print(f"{form:9}", measure(TABLE, TableOptions(MAPPING), capture))
    start = time.process_time()
    reader = pa_csv.open_csv(
        io.BytesIO(made["csv"]),
        parse_options=pa_csv.ParseOptions(newlines_in_values=True),
        convert_options=pa_csv.ConvertOptions(
            column_types={name: pa.string() for name in records(1)[0]}
        ),
    )
    items = sum(len(batch.to_pylist()) for batch in reader)
    print(f"{'(pyarrow)':9} {items:9,} records of the csv taken apart "
          f"{items / (time.process_time() - start):9,.0f}/s")  # fmt: skip


if __name__ == "__main__":
    main()
