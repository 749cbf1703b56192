"""What does `table` make of cells, by which mapping, and what does it refuse?"""

from __future__ import annotations

import datetime as dt
import io
import json
import tomllib
import zipfile
from decimal import Decimal
from pathlib import Path

import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from clew.contract import Sample
from clew.errors import ItemError, SourceUnusable
from clew.model.tables import (
    Account,
    Channel,
    Interaction,
    InteractionKind,
    Link,
    Media,
    Post,
    PostKind,
)
from clew.model.times import TimeQuality, from_iso
from clew.sources.table import TABLE, dry_run
from clew.sources.table.mapping import parse_mapping
from clew.sources.table.values import NO_CLOCK, TWICE
from tests.captures import MemoryCapture, file_capture, pieces, read

FIXTURES = Path(__file__).parents[1] / "fixtures/sources/table"
LOCAL = dt.datetime.fromisoformat("2026-03-02T10:00")
MINIMAL = 'platform = "p"\n[posts]\npost_id = "id"\n'


def fixture(name: str) -> tuple[list, list[ItemError]]:
    options = tomllib.loads((FIXTURES / f"{name}.options.toml").read_text())
    return read(TABLE, file_capture(FIXTURES / name), **options)


def from_csv(text: str | bytes, mapping: str, name: str = "a.csv"):
    data = text.encode() if isinstance(text, str) else text
    return read(TABLE, MemoryCapture(data, name), mapping=mapping)


def one_post(value: object, cell: str, column: str = "text", extra: str = "") -> Post | ItemError:
    """What one NDJSON value becomes in one column of `posts`."""
    mapping = f'platform = "p"\n{extra}\n[posts]\npost_id = "id"\n{column} = {cell}\n'
    line = json.dumps({"id": 1, "v": value}).encode() + b"\n"
    rows, rejected = read(TABLE, MemoryCapture(line, "a.jsonl"), mapping=mapping)
    return rejected[0] if rejected else rows[0]


def workbook(*rows: list, **sheets: list[list]) -> bytes:
    book = openpyxl.Workbook()
    for name, content in {"Sheet": rows, **sheets}.items():
        sheet = book[name] if name == "Sheet" else book.create_sheet(name)
        for row in content:
            sheet.append(row)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def parquet(**columns: pa.Array | list) -> bytes:
    out = io.BytesIO()
    pq.write_table(pa.table(columns), out)
    return out.getvalue()


# --------------------------------------------------------------------------- the invented files


def test_a_csv_by_hand():
    rows, rejected = fixture("harbour_forum.csv")
    posts = {row.post_id: row for row in rows if isinstance(row, Post)}
    assert list(posts) == [f"harbourforum:{n}" for n in (1, 2, 4, 6)]
    assert posts["harbourforum:1"] == Post(
        post_id="harbourforum:1",
        platform="harbourforum",
        kind=PostKind.POST,
        account_id="harbourforum:oona",
        posted_at=from_iso("2026-03-01T09:15:00+02:00"),
        time_quality=TimeQuality.OFFSET,
        text="Мареограф мовчить від ранку",
        like_count=1204,
        tags='["море","прилади"]',
        latitude=50.4501,
    )
    assert posts["harbourforum:2"].text == 'Перевірте живлення;\r\nі кабель "B".'
    assert posts["harbourforum:4"].posted_at == from_iso("2026-10-25T03:30:00+03:00")
    assert posts["harbourforum:6"].text == '=HYPERLINK("https://evil.example";"x")'
    replies = [row for row in rows if isinstance(row, Interaction)]
    assert [(row.post_id, row.target_post_id) for row in replies] == [
        ("harbourforum:2", "harbourforum:1"),
        ("harbourforum:4", "harbourforum:2"),
    ]
    assert replies[0].account_id == "harbourforum:bosun"
    assert replies[0].happened_at == posts["harbourforum:2"].posted_at
    assert [str(error) for error in rejected] == [
        "time that its zone never had: row 4, column 'Дата': '29.03.2026 03:30'",
        "time unreadable: row 6, column 'Дата': '26.10.2026'",
        "another number of cells than the header: row 8: 9 cells, the header has 8",
        "no post_id: row 9",
    ]


def test_accounts_alone():
    rows, rejected = fixture("members.tsv")
    assert rows[0] == Account(
        account_id="harbourforum:member/9007199254740993",
        platform="harbourforum",
        handle="oona",
        description="Harbour & gauges",
        url="https://oona.example",
        created_at=from_iso("2026-03-01T09:00:00Z"),
        followers_count=151,
        is_bot=False,
    )
    assert rows[1].account_id == "harbourforum:member/9223372036854775808"
    assert rows[1].created_at % 1_000_000 == 500_000
    assert [error.reason for error in rejected] == ["time out of range"]


def test_nested_records():
    rows, rejected = fixture("messages.jsonl")
    by_kind = {
        kind: [row for row in rows if isinstance(row, kind)]
        for kind in (Post, Account, Channel, Interaction, Link, Media)
    }
    assert by_kind[Post][0].post_id == "gauges:gauges/9007199254740995"
    assert by_kind[Post][0].reactions == '{"👍":3}'
    assert [row.name for row in by_kind[Account]] == ["Oona"]
    assert {row.channel_id for row in by_kind[Channel]} == {"gauges:gauges"}
    assert [(row.kind, row.target_name) for row in by_kind[Interaction]] == [
        (InteractionKind.MENTION, "bosun"),
        (InteractionKind.MENTION, "liv"),
    ]
    assert [(row.url, row.title) for row in by_kind[Link]] == [
        ("https://docs.example.org", "Docs"),
        ("https://gauge.example", None),
    ]
    assert [(row.kind, row.name) for row in by_kind[Media]] == [("photo", "a.png")]
    assert [error.reason for error in rejected] == [
        "time unreadable",
        "not a JSON object",
        "not JSON",
    ]


def test_a_spreadsheet():
    rows, rejected = fixture("handmade.xlsx")
    first, second = rows
    assert (first.text, first.title) == ("The gauge is silent", "second column of that name")
    assert (first.posted_at, first.time_quality) == (
        from_iso("2026-03-02T08:15:30Z"),
        TimeQuality.UTC,
    )
    assert (second.posted_at, second.time_quality, second.local_time) == (
        None,
        TimeQuality.ZONE_UNKNOWN,
        "2026-03-02T00:00:00",
    )
    assert [error.reason for error in rejected] == [
        "id kept as a floating-point number: its last digits are lost",
        "number unreadable",
    ]


def test_parquet():
    rows, rejected = fixture("collected.parquet")
    assert [row.post_id for row in rows] == [f"collected:{2**62 + n}" for n in (1, 3)]
    assert rows[0].tags == '["sea","gauge"]'
    assert (rows[0].latitude, rows[0].place) == (1.5, "pier")
    assert rows[0].posted_at == from_iso("2026-03-02T06:20:00Z")
    assert [error.reason for error in rejected] == ["bytes that are no text"]


# ------------------------------------------------------------------------------------------ values


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("as it is ", "as it is "),
        ("=1+1", "=1+1"),
        ("nul \0 kept", "nul \0 kept"),
        ("", None),
        ("  ", None),
        (None, None),
        (12, "12"),
        (1.5, "1.5"),
        (2.0, "2"),
        (True, "true"),
        (2**70, str(2**70)),
        (["a", 1], '["a",1]'),
        ({"a": None}, '{"a":null}'),
    ],
)
def test_texts(value, text):
    assert one_post(value, '"v"').text == text


@pytest.mark.parametrize(
    ("value", "cell", "quality", "expected"),
    [
        ("2026-03-02T08:15:30Z", '"v"', "utc", "2026-03-02T08:15:30Z"),
        ("2026-03-02T08:15:30+05:30", '"v"', "offset", "2026-03-02T02:45:30Z"),
        ("2026-03-02 08:15", '{ column = "v", zone = "UTC" }', "utc", "2026-03-02T08:15:00Z"),
        ("2026-07-02 08:15", '{ column = "v", zone = "Europe/Kyiv" }', "offset",
         "2026-07-02T05:15:00Z"),
        (1772439330, '{ column = "v", format = "unix" }', "utc", "2026-03-02T08:15:30Z"),
        ("1772439330.5", '{ column = "v", format = "unix" }', "utc", "2026-03-02T08:15:30.5Z"),
        ("1772439330500", '{ column = "v", format = "unix_ms" }', "utc", "2026-03-02T08:15:30.5Z"),
        (1772439330500000, '{ column = "v", format = "unix_us" }', "utc",
         "2026-03-02T08:15:30.5Z"),
        ("Mon, 02 Mar 2026 09:15:30 +0100", '{ column = "v", format = "%a, %d %b %Y %H:%M:%S %z" }',
         "offset", "2026-03-02T08:15:30Z"),
    ],
)  # fmt: skip
def test_times(value, cell, quality, expected):
    post = one_post(value, cell, "posted_at")
    assert (post.posted_at, post.time_quality, post.local_time) == (
        from_iso(expected),
        quality,
        None,
    )


@pytest.mark.parametrize(
    ("value", "cell", "local"),
    [
        ("2026-03-02 08:15", '"v"', "2026-03-02T08:15:00"),
        ("02/03/26 8:15", '{ column = "v", format = "%d/%m/%y %H:%M" }', "2026-03-02T08:15:00"),
        ("2026-03-02", '{ column = "v", zone = "Europe/Kyiv" }', "2026-03-02T00:00:00"),
        ("02.03.2026", '{ column = "v", format = "%d.%m.%Y", zone = "UTC" }',
         "2026-03-02T00:00:00"),
    ],
)  # fmt: skip
def test_times_that_are_no_instants(value, cell, local):
    post = one_post(value, cell, "posted_at")
    assert (post.posted_at, post.time_quality, post.local_time) == (None, "zone_unknown", local)


def test_times_are_noted():
    mapping = f'{MINIMAL}posted_at = {{ column = "t", zone = "Europe/Kyiv" }}\nedited_at = "e"\n'
    text = (
        "id,t,e\n1,2026-10-25 03:30,2026-01-01 10:00\n2,2026-01-01,\n3,,\n"
        "4,2026-01-01T10:00+02:00,2026-01-02T10:00+02:00\n"
    )
    [piece] = pieces(TABLE, MemoryCapture(text.encode(), "a.csv"), mapping=mapping)
    posts = [post for item in TABLE.items(piece) for post in TABLE.rows(item, piece)]
    assert [post.time_quality for post in posts] == ["offset", "zone_unknown", "missing", "offset"]
    assert [post.edited_at for post in posts[:3]] == [None] * 3
    assert posts[3].edited_at == from_iso("2026-01-02T08:00:00Z")
    assert piece.notes == {TWICE: 1, NO_CLOCK: 1, "edited_at left out: its zone is not known": 1}


@pytest.mark.parametrize(
    ("value", "extra", "count"),
    [
        (5, "", 5),
        ("-5", "", -5),
        ("12.0", "", 12),
        (3.0, "", 3),
        (2**63 - 1, "", 2**63 - 1),
        ("1 204", '[numbers]\ngroup = " "', 1204),
        ("1.204,0", '[numbers]\ndecimal = ","\ngroup = "."', 1204),
    ],
)
def test_numbers(value, extra, count):
    assert one_post(value, '"v"', "like_count", extra).like_count == count


@pytest.mark.parametrize(
    ("value", "column", "reason"),
    [
        ("1,204", "like_count", "number unreadable"),
        ("12K", "like_count", "number unreadable"),
        ("1_000", "like_count", "number unreadable"),
        ("١٢", "like_count", "number unreadable"),
        (1.5, "like_count", "number unreadable"),
        (True, "like_count", "number unreadable"),
        ([1], "like_count", "number unreadable"),
        (2**63, "like_count", "number out of range"),
        ("9" * 30, "like_count", "number out of range"),
        ("nan", "latitude", "number unreadable"),
        ("1e400", "latitude", "number"),
        (10**400, "latitude", "number out of range"),
        ("tomorrow", "posted_at", "time unreadable"),
        (True, "posted_at", "time unreadable"),
        ("0001-01-01T00:00:00Z", "posted_at", "time out of range"),
        ("9999-12-31T23:59:59", "posted_at", "time out of range"),
        ("tweet", "kind", "unknown word"),
        (1.5, "account_id", "id unreadable"),
        (1e18, "account_id", "id kept as a floating-point number"),
        ("none", "reactions", "not a JSON object"),
    ],
)
def test_cells_that_cannot_be_used(value, column, reason):
    error = one_post(value, '"v"', column)
    assert isinstance(error, ItemError)
    assert error.reason.startswith(reason)
    assert error.detail.startswith("row 1, column 'v': ")


@pytest.mark.parametrize(
    ("value", "tags"),
    [
        (["a", "b"], ["a", "b"]),
        ("a", ["a"]),
        ('["a", "b"]', ["a", "b"]),
        ("[a, b]", ["[a, b]"]),
        ([1, None], ["1", "None"]),
        ([], []),
    ],
)
def test_tags(value, tags):
    assert json.loads(one_post(value, '"v"', "tags").tags) == tags


def test_words_say_what_is_meant():
    cell = '{ column = "v", words = { "frage" = "question", "antwort" = "answer" } }'
    assert one_post("frage ", cell, "kind").kind is PostKind.QUESTION
    assert isinstance(one_post("rede", cell, "kind"), ItemError)


def test_ids_are_made_once():
    assert one_post("p:x", '"v"', "account_id").account_id == "p:x"
    assert one_post(" x ", '"v"', "account_id").account_id == "p:x"
    assert one_post("x", '{ template = "{v}/{id}" }', "account_id").account_id == "p:x/1"
    assert one_post(None, '{ template = "{v}/{id}" }', "account_id").account_id is None


def test_an_id_made_of_content():
    mapping = 'platform = "p"\n[posts]\npost_id = { hash_of = ["who", "what"] }\n'
    rows, rejected = from_csv("who,what,n\na,b,1\na,b,2\na,c,3\n,,4\n", mapping)
    first, again, other = (row.post_id for row in rows)
    assert first == again != other
    assert [error.reason for error in rejected] == ["no post_id"]


def test_lists_side_by_side_go_together():
    mapping = f'{MINIMAL}[[links]]\nurl = "u"\ntitle = "t"\n'
    line = b'{"id":1,"u":["a","b"],"t":["A",null]}\n{"id":2,"u":["a"],"t":["A","B"]}\n'
    rows, rejected = read(TABLE, MemoryCapture(line, "a.jsonl"), mapping=mapping)
    assert [(row.url, row.title) for row in rows if isinstance(row, Link)] == [
        ("a", "A"),
        ("b", None),
    ]
    assert [error.reason for error in rejected] == ["lists of different lengths"]


def test_two_accounts_of_one_row():
    mapping = (
        'platform = "p"\n[[accounts]]\naccount_id = "a"\n[[accounts]]\naccount_id = "b"\n'
        '[[interactions]]\nkind = { value = "follow" }\naccount_id = "a"\ntarget_account_id = "b"\n'
    )
    rows, _ = from_csv("a,b\n1,2\n3,\n", mapping)
    assert [row.account_id for row in rows if isinstance(row, Account)] == ["p:1", "p:2", "p:3"]
    follow, nobody = (row for row in rows if isinstance(row, Interaction))
    assert (follow.account_id, follow.target_account_id) == ("p:1", "p:2")
    assert (nobody.target_account_id, nobody.time_quality) == (None, TimeQuality.MISSING)


# --------------------------------------------------------------------------------------- mappings


@pytest.mark.parametrize(
    ("mapping", "reason"),
    [
        ("platform = ", "cannot be used"),
        ("[posts]\npost_id = 'id'", "required field `platform`"),
        ('platform = "Big Name"\n[posts]\npost_id = "id"', "matching regex"),
        ('platform = "p"\n', "fills no table"),
        ('platform = "p"\n[tweets]\nid = "id"', "unknown field `tweets`"),
        ('platform = "p"\n[posts]\ntweet_id = "id"', "posts.tweet_id is no column"),
        ('platform = "p"\n[posts]\ntext = "t"', "posts need a column for post_id"),
        ('platform = "p"\n[[interactions]]\ntarget_name = "t"', "need a column for kind"),
        (MINIMAL + "text = { html = true }", "needs one of column, value"),
        (MINIMAL + 'text = { column = "a", value = "b" }', "needs one of column, value"),
        (MINIMAL + 'text = { column = "a", colour = "b" }', "unknown field `colour`"),
        (MINIMAL + 'text = { column = "a", split = "," }', "only one value"),
        (MINIMAL + 'tags = { column = "a", split = "" }', "must not be empty"),
        (MINIMAL + 'text = { template = "no columns" }', "names columns as"),
        (MINIMAL + 'posted_at = { column = "a", zone = "Kyiv time" }', "no time zone 'Kyiv time'"),
        (MINIMAL + 'posted_at = { column = "a", zone = "../etc/passwd" }', "zone"),
        (MINIMAL + 'posted_at = { column = "a", format = "dd.mm.yyyy" }', "format must be iso"),
        (MINIMAL + 'posted_at = { column = "a", format = "%Q" }', "bad directive"),
        (MINIMAL + '[file]\nencoding = "martian"', "encoding is unknown"),
        (MINIMAL + '[file]\ndelimiter = ";;"', "length <= 1"),
        (MINIMAL + '[file]\nformat = "xls"', "Invalid enum value"),
    ],
)
def test_mappings_that_cannot_be_used(mapping, reason):
    with pytest.raises(SourceUnusable, match=reason):
        parse_mapping(mapping)


def test_without_a_mapping_it_says_how_to_make_one():
    with pytest.raises(SourceUnusable, match=r"clew mapping FILE.*--set mapping=@mapping\.toml"):
        from_csv("id\n1\n", "")


@pytest.mark.parametrize("make", ["csv", "xlsx", "parquet"])
def test_a_column_that_is_not_there(make):
    data = {"csv": b"a,b\n1,2\n", "xlsx": workbook(["a", "b"], [1, 2]), "parquet": parquet(a=[1])}
    with pytest.raises(SourceUnusable, match="the file has no column 'id', which the mapping"):
        read(TABLE, MemoryCapture(data[make], f"a.{make}"), mapping=MINIMAL)


# ------------------------------------------------------------------------------------------- files


@pytest.mark.parametrize(
    ("name", "head", "score"),
    [
        ("a.csv", b"a,b\n", 0.2),
        ("A.TSV", b"a\tb\n", 0.2),
        ("a.jsonl", b'{"a":1}\n{"a":2}\n', 0.2),
        ("a.jsonl", b"[1]", 0.0),
        ("a.xlsx", b"PK\x03\x04", 0.2),
        ("a.docx", b"PK\x03\x04", 0.0),
        ("a.bin", b"PAR1", 0.2),
        ("a.txt", b"a,b\n", 0.0),
        ("a.json", b"{", 0.0),
    ],
)
def test_recognised_a_little(name, head, score):
    assert TABLE.recognise(Sample(name=name, head=head, size=1)) == score


@pytest.mark.parametrize(
    ("encoding", "declared"),
    [("utf-8", "utf-8"), ("utf-8-sig", "utf-8"), ("cp1251", "cp1251"), ("utf-16", "utf-16")],
)
def test_encodings(encoding, declared):
    data = "id,текст\r\n1,привіт\r\n".encode(encoding)
    mapping = f'{MINIMAL}text = "текст"\n[file]\nencoding = "{declared}"\n'
    rows, rejected = from_csv(data, mapping)
    assert ([row.text for row in rows], rejected) == (["привіт"], [])


def test_bytes_of_another_encoding_cost_their_row():
    data = b"id,t\n1,ok\n" + "2,привіт\n".encode("cp1251") + b"3,ok\n"
    rows, rejected = from_csv(data, MINIMAL)
    assert [row.post_id for row in rows] == ["p:1", "p:3"]
    assert [str(error) for error in rejected] == ["text is not utf-8: row 3"]
    with pytest.raises(SourceUnusable, match="not utf-16"):
        from_csv(b"\xff\xfea\0\0\xdc", MINIMAL + '[file]\nencoding = "utf-16"\n')


@pytest.mark.parametrize(
    ("text", "ids", "reasons"),
    [
        ("id,t\n1,a\n\n2,b\n,\n", ["1", "2"], []),
        ("id,t\n1\n2,b,c\n3,b,\n4,b\n", ["3", "4"], ["another number of cells"] * 2),
        ('id,t\n1,"a""b"\n2,"a"b"\n3,c\n', ["1", "3"], ["not well-formed CSV"]),
        ('id,t\n1,a\n2,"never closed\n3,c\n', ["1"], ["not well-formed CSV"]),
        ("id,t\r1,a\r2,b\r", ["1", "2"], []),
        ("id,t\n1,a\0b\n", ["1"], []),
    ],
)
def test_rows_of_csv(text, ids, reasons):
    rows, rejected = from_csv(text, MINIMAL)
    assert [row.post_id.removeprefix("p:") for row in rows] == ids
    assert [
        error.reason[: len(reason)] for error, reason in zip(rejected, reasons, strict=True)
    ] == reasons


def test_names_of_columns():
    mapping = 'platform = "p"\n[posts]\npost_id = "column_2"\ntext = "a_2"\ntitle = "a"\n'
    rows, _ = from_csv("title row\n a ,,a\n1,2,3\n", mapping + "[file]\nheader = 2\n")
    assert [(row.title, row.post_id, row.text) for row in rows] == [("1", "p:2", "3")]
    rows, _ = from_csv("1,2\n3,4\n", MINIMAL.replace('"id"', '"column_1"') + "[file]\nheader = 0\n")
    assert [row.post_id for row in rows] == ["p:1", "p:3"]
    with pytest.raises(SourceUnusable, match="no row 5 for the column names"):
        from_csv("id\n1\n", MINIMAL + "[file]\nheader = 5\n")


def test_a_line_that_never_ends(monkeypatch):
    monkeypatch.setattr("clew.sources.table.reading.LONGEST", 1000)
    with pytest.raises(SourceUnusable, match="longer than 1,000 characters"):
        from_csv("id,t\n1," + "x" * 5000, MINIMAL)
    _, rejected = from_csv('id,t\n1,"' + "x\n" * 600 + '"\n2,ok\n', MINIMAL)
    assert rejected[0].reason == "not well-formed CSV"


def test_ndjson_is_cut_into_pieces(monkeypatch):
    monkeypatch.setattr("clew.formats.lines.TARGET", 50)
    lines = b"".join(b'{"id": %d}\n' % number for number in range(100))
    rows, _ = read(TABLE, MemoryCapture(lines, "a.jsonl"), mapping=MINIMAL)
    assert [row.post_id for row in rows] == [f"p:{number}" for number in range(100)]


# ------------------------------------------------------------------------------------ spreadsheets


def test_cells_of_a_spreadsheet():
    data = workbook(
        ["id", "text", "likes", "posted_at"],
        [7, True, 2.0, LOCAL],
        [],
        [8, "short row"],
        [9, "long row", 1, None, None, "outside"],
        Other=[["id"], [99]],
    )
    mapping = MINIMAL + 'text = "text"\nlike_count = "likes"\nposted_at = "posted_at"\n'
    rows, rejected = read(TABLE, MemoryCapture(data, "a.xlsx"), mapping=mapping)
    assert [(row.post_id, row.text, row.like_count, row.local_time) for row in rows] == [
        ("p:7", "true", 2, "2026-03-02T10:00:00"),
        ("p:8", "short row", None, None),
    ]
    assert [error.detail for error in rejected] == ["row 5: 6 cells, the header has 4"]
    rows, _ = read(
        TABLE, MemoryCapture(data, "a.xlsx"), mapping=MINIMAL + '[file]\nsheet = "Other"\n'
    )
    assert [row.post_id for row in rows] == ["p:99"]
    with pytest.raises(SourceUnusable, match="no sheet 'None'; there are: Sheet, Other"):
        read(TABLE, MemoryCapture(data, "a.xlsx"), mapping=MINIMAL + '[file]\nsheet = "None"\n')


def changed(data: bytes, part: str, change) -> bytes:
    """A spreadsheet with one part of its zip rewritten, or added."""
    with zipfile.ZipFile(io.BytesIO(data)) as old:
        parts = {name: old.read(name) for name in old.namelist()}
    parts[part] = change(parts.get(part, b""))
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for name, content in parts.items():
            new.writestr(name, content)
    return out.getvalue()


SHEET = "xl/worksheets/sheet1.xml"


def test_all_digits_of_a_number_are_read():
    """Excel keeps 15 digits, but other programs write all of them."""
    data = changed(
        workbook(["id"], [77]), SHEET, lambda xml: xml.replace(b">77<", b">9007199254740993<")
    )
    rows, _ = read(TABLE, MemoryCapture(data, "a.xlsx"), mapping=MINIMAL)
    assert [row.post_id for row in rows] == ["p:9007199254740993"]


def test_bombs_in_a_spreadsheet():
    small = workbook(["id"], [1])
    doctype = changed(small, SHEET, lambda xml: b'<!DOCTYPE a [<!ENTITY b "c">]>' + xml)
    with pytest.raises(SourceUnusable, match="document type"):
        read(TABLE, MemoryCapture(doctype, "a.xlsx"), mapping=MINIMAL)
    in_utf16 = changed(small, SHEET, lambda xml: xml.decode().encode("utf-16"))
    with pytest.raises(SourceUnusable, match="not UTF-8"):
        read(TABLE, MemoryCapture(in_utf16, "a.xlsx"), mapping=MINIMAL)
    late = changed(small, SHEET, lambda xml: b"<!--" + b"x" * (1 << 20) + b"--><!DOCTYPE a>" + xml)
    with pytest.raises(SourceUnusable, match="document type"):
        read(TABLE, MemoryCapture(late, "a.xlsx"), mapping=MINIMAL)


def test_a_zip_bomb_in_a_spreadsheet():
    data = changed(workbook(["id"], [1]), SHEET, lambda xml: xml + b" " * (300 << 20))
    assert len(data) < 1 << 20
    with pytest.raises(SourceUnusable, match="more than 200-fold"):
        read(TABLE, MemoryCapture(data, "a.xlsx"), mapping=MINIMAL)


def far_away(reference: str) -> bytes:
    row = reference.lstrip("ABCDEFGHIJKLMNOPQRSTUVWXYZ")
    cell = f'<row r="{row}"><c r="{reference}"><v>2</v></c></row></sheetData>'.encode()
    return changed(workbook(["id"], [1]), SHEET, lambda xml: xml.replace(b"</sheetData>", cell))


def test_cells_far_apart_take_no_memory():
    """A reader that lays them out as a rectangle asks for 500 GB here."""
    rows, rejected = read(TABLE, MemoryCapture(far_away("XFD900000"), "a.xlsx"), mapping=MINIMAL)
    assert [row.post_id for row in rows] == ["p:1"]
    assert [error.reason for error in rejected] == ["another number of cells than the header"]
    with pytest.raises(SourceUnusable, match="more rows or cells than one can have"):
        read(TABLE, MemoryCapture(far_away("A99999999"), "a.xlsx"), mapping=MINIMAL)


def test_a_repeated_text_takes_the_memory_of_one():
    """A reader that copies a shared text into each cell takes 500 MB here."""
    cells = b"".join(
        b'<row r="%d"><c r="A%d"><v>%d</v></c><c r="B%d" t="s"><v>0</v></c></row>' % (n, n, n, n)
        for n in range(2, 5002)
    )
    space = b"http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    shared = b'<sst xmlns="%s"><si><t>%s</t></si></sst>' % (space, b"x" * 100_000)
    kind = (
        b'<Override PartName="/xl/sharedStrings.xml" ContentType="application/'
        b'vnd.openxmlformats-officedocument.spreadsheetml.sharedStrings+xml"/></Types>'
    )
    data = workbook(["id", "text"])
    data = changed(data, SHEET, lambda xml: xml.replace(b"</sheetData>", cells + b"</sheetData>"))
    data = changed(data, "xl/sharedStrings.xml", lambda _xml: shared)
    data = changed(data, "[Content_Types].xml", lambda xml: xml.replace(b"</Types>", kind))
    rows, _ = read(TABLE, MemoryCapture(data, "a.xlsx"), mapping=MINIMAL + 'text = "text"\n')
    assert [len(row.text) for row in rows] == [100_000] * 5000
    assert len({id(row.text) for row in rows}) == 1


def test_an_old_or_encrypted_spreadsheet():
    with pytest.raises(SourceUnusable, match="save it as"):
        read(
            TABLE, MemoryCapture(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600)), mapping=MINIMAL
        )


# ------------------------------------------------------------------------------------------ parquet


def test_types_of_parquet():
    data = parquet(
        id=pa.array([2**63 + 5], pa.uint64()),
        text=pa.array([{"a": [1]}]),
        likes=pa.array([Decimal("7.00")], pa.decimal128(10, 2)),
        posted_at=pa.array([LOCAL], pa.timestamp("ns")),
        tags=pa.array(["a"]).dictionary_encode(),
    )
    mapping = (
        MINIMAL + 'text = "text"\nlike_count = "likes"\nposted_at = "posted_at"\ntags = "tags"\n'
    )
    rows, rejected = read(TABLE, MemoryCapture(data, "a.parquet"), mapping=mapping)
    assert not rejected
    assert rows == [
        Post(
            post_id=f"p:{2**63 + 5}",
            platform="p",
            kind=PostKind.POST,
            text='{"a":[1]}',
            like_count=7,
            time_quality=TimeQuality.ZONE_UNKNOWN,
            local_time="2026-03-02T10:00:00",
            tags='["a"]',
        )
    ]


def test_a_parquet_text_that_is_none_costs_its_row():
    offsets = pa.array(["ab", "cd", "ef"]).buffers()[1]
    text = pa.StringArray.from_buffers(3, offsets, pa.py_buffer(b"ab\xff\xfeef"))
    data = parquet(id=[1, 2, 3], text=text)
    rows, rejected = read(
        TABLE, MemoryCapture(data, "a.parquet"), mapping=MINIMAL + 'text = "text"\n'
    )
    assert [row.text for row in rows] == ["ab", "ef"]
    assert [error.reason for error in rejected] == ["cell unreadable"]


def test_a_parquet_file_that_is_cut_off():
    data = parquet(id=list(range(1000)))
    for stop in (4, 100, len(data) - 1):
        with pytest.raises(SourceUnusable, match="damaged"):
            read(TABLE, MemoryCapture(data[:stop], "a.parquet"), mapping=MINIMAL)


# ------------------------------------------------------------------------------------------ dry run


def test_a_dry_run_shows_what_it_would_do():
    text = "id,t,extra\n1,a,x\nwrong\n,b,y\n2,c,z\n3,d,z\n"
    trial = dry_run(
        MemoryCapture(text.encode(), "a.csv"), MINIMAL + 'text = "t"\ntitle = "headline"\n', 4
    )
    assert trial.format == "csv"
    assert trial.columns == ["id", "t", "extra"]
    assert trial.unused == ["extra"]
    assert trial.missing == ["headline"]
    assert [(number, rows[0].text) for number, rows in trial.mapped] == [(2, "a"), (5, "c")]
    assert [error.reason for error in trial.rejected] == [
        "another number of cells than the header",
        "no post_id",
    ]
