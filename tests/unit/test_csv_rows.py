"""Does `csv_rows` give each row by its column names, and cost a bad row only itself?"""

from __future__ import annotations

import pytest

from clew.contract import NoOptions, Piece
from clew.errors import ItemError, SourceUnusable
from clew.formats.csv_rows import LONGEST, column_names, csv_rows
from tests.captures import MemoryCapture


def rows(data: bytes) -> list:
    found = csv_rows(Piece(capture=MemoryCapture(data), options=NoOptions()))
    return [row.reason if isinstance(row, ItemError) else row for row in found]


def test_rows_by_name_without_empty_cells():
    data = '\ufeffid, text\r\n1,"two\nlines, and ""quotes"""\r\n2, \r\n\r\n3\r\n'.encode()
    assert rows(data) == [
        {"id": "1", "text": 'two\nlines, and "quotes"'},
        {"id": "2"},
        {"id": "3"},
    ]


@pytest.mark.parametrize("data", [b"", b"\n", b"id,text\n", b"\xef\xbb\xbf"])
def test_nothing_to_read(data):
    assert rows(data) == []


def test_a_bad_row_costs_only_itself():
    assert rows(b'id,text\n1,a,b\n2,\xff\n3,"a"b\n4,c\n') == [
        "row with too many cells",
        "not UTF-8",
        "not well-formed CSV",
        {"id": "4", "text": "c"},
    ]


def test_a_quote_that_is_never_closed_is_one_bad_row():
    assert rows(b'id,text\n1,a\n2,"b\n3,c\n') == [{"id": "1", "text": "a"}, "not well-formed CSV"]


def test_an_endless_line_is_refused():
    with pytest.raises(SourceUnusable):
        rows(b"id\n" + b"x" * (LONGEST + 1))


def test_columns_of_one_name_are_numbered():
    assert rows(b"id,text,id,id\n1,a,2,3\n") == [{"id": "1", "text": "a", "id_2": "2", "id_3": "3"}]


def test_another_delimiter():
    piece = Piece(capture=MemoryCapture(b'"id";"text"\n"1";"a;b"\n'), options=NoOptions())
    assert list(csv_rows(piece, delimiter=";")) == [{"id": "1", "text": "a;b"}]


@pytest.mark.parametrize(
    ("head", "names"),
    [
        (b'\xef\xbb\xbfid, "text"\r\n1,2\n', {"id", '"text"'}),
        (b'"id","a,b"\n', {"id", "a,b"}),
        (b"id,text", {"id", "text"}),
        (b'id,"text', set()),
        (b"", set()),
        (b"x" * (20 << 10), set()),
    ],
)
def test_column_names(head, names):
    assert column_names(head) == names


def test_notes_in_front_of_the_names_are_left_out():
    data = b'Notes:\n"Some are ""missing"", see"\n\nid,text\n1,a\n'
    piece = Piece(capture=MemoryCapture(data), options=NoOptions())
    assert list(csv_rows(piece, header=lambda row: "id" in row)) == [{"id": "1", "text": "a"}]


def test_quotation_marks_with_backslashes():
    data = b'id,text\n1,"he said \\"so.\\""\n2,"and ""so"""\n'
    piece = Piece(capture=MemoryCapture(data), options=NoOptions())
    assert [row["text"] for row in csv_rows(piece, has_backslashes=True)] == [
        'he said "so."',
        'and "so"',
    ]
