"""Which rows does a table in XML have, however it is cut and whatever is wrong with it?"""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from lxml import etree

from clew.contract import NoOptions, Piece
from clew.errors import ItemError, SourceUnusable
from clew.formats.xml_rows import MENDED, cut_rows, rows
from tests.captures import MemoryCapture

HEAD = b'\xef\xbb\xbf<?xml version="1.0" encoding="utf-8"?>\r\n<posts>\r\n'
END = b"</posts>\r\n"


def cut(data: bytes, **sizes: int) -> list[Piece]:
    return list(cut_rows(MemoryCapture(data), NoOptions(), **sizes))


def read(data: bytes, **sizes: int) -> list[dict[str, str] | ItemError]:
    found = []
    for piece in cut(data, **sizes):
        assert piece.first_item == len(found)
        found += rows(piece)
    return found


def numbered(count: int) -> bytes:
    return b"".join(b'  <row Id="%d" Body="&lt;p&gt;&#xA;" />\r\n' % n for n in range(count))


def test_rows_and_root():
    [piece] = cut(HEAD + numbered(3) + END)
    assert piece.context == "posts"
    assert [*rows(piece)] == [{"Id": str(n), "Body": "<p>\n"} for n in range(3)]


@pytest.mark.parametrize("target", [3, 30, 41, 100, 1000])
def test_pieces_are_whole_rows(target):
    data = HEAD + numbered(50) + END
    assert read(data, target=target) == read(data)
    assert all(piece.data.startswith(b"<row") for piece in cut(data, target=target))
    if target < 1000:
        assert len(cut(data, target=target)) > 10


def test_rows_need_not_stand_on_lines():
    data = b'<t><row a="1"/><row\ta="2"\n/><row a="3"></row></t>'
    expected = [{"a": "1"}, {"a": "2"}, {"a": "3"}]
    assert read(data) == read(data, target=9) == expected


@pytest.mark.parametrize("data", [HEAD + END, b"<posts/>", b"<posts></posts>", b"<a><b/></a>"])
def test_a_table_without_rows(data):
    assert cut(data) == []


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "not XML"),
        (b"x", "not XML"),
        (HEAD, "cut off"),
        (HEAD + numbered(3), "does not end with </posts>"),
        (HEAD + numbered(3) + b"</comments>", "does not end with </posts>"),
        (HEAD + numbered(3) + END + b"more", "does not end with </posts>"),
        (HEAD + b'<row Id="1', "does not end with </posts>"),
        (b'<row Id="1"/>', "one root element"),
        (b"<p></p><row/>", "one root element|begin as XML"),
        (b'{"row": "<row/>"}', "begin as XML"),
        ("\ufeff<posts><row/></posts>".encode("utf-16-le"), "UTF-16"),
        (b'<?xml version="1.0" encoding="windows-1251"?><p><row/></p>', "encoding 'windows-1251'"),
        (b'<!DOCTYPE p [<!ENTITY a "b">]><p><row a="&a;"/></p>', "document type"),
        (b'<!doctype p SYSTEM "file:///etc/passwd"><p/>', "document type"),
    ],
)
def test_what_is_no_table(data, reason):
    with pytest.raises(SourceUnusable, match=reason):
        read(data)


def test_a_row_without_end():
    with pytest.raises(SourceUnusable, match="no <row> in 100 bytes"):
        read(b'<p><row a="' + b"x" * 10_000, target=30, longest=100)


def test_a_broken_row_costs_only_itself():
    broken = [b'<row a="&undeclared;"/>', b'<row a="\xff"/>', b"<row a=1/>", b"<rowdy/>", b"<row>"]
    data = b"<p>" + b'<row a="whole"/>'.join([b"", *broken, b""]) + b"</p>"
    found = read(data)
    assert [*map(str, found)] == [*map(str, read(data, target=5))]
    assert [item for item in found if isinstance(item, dict)] == [{"a": "whole"}] * 6
    refused = [item for item in found if isinstance(item, ItemError)]
    assert [item.reason for item in refused] == ["row is not XML"] * 5
    assert all("it begins b'<row" in item.detail for item in refused)


def test_references_that_xml_forbids_are_replaced():
    data = b'<p><row a="&#x1B;[31m&#8;&#xFFFE;&#xD800;&#99999999999999;&#x1F30A;&#10;"/><row/></p>'
    [piece] = cut(data)
    assert [*rows(piece)] == [{"a": "\ufffd[31m\ufffd\ufffd\ufffd\ufffd🌊\n"}, {}]
    assert piece.notes == {MENDED: 1}


def test_entities_inside_a_piece_cannot_be_declared():
    data = b'<p><row/><!DOCTYPE p [<!ENTITY a "b">]><row a="&a;"/></p>'
    assert [type(item) for item in read(data)] == [ItemError, ItemError]


def test_an_attribute_of_eleven_megabytes_is_refused():
    data = b'<p><row a="%s"/><row a="1"/></p>' % (b"x" * (11 << 20))
    first, second = read(data)
    assert isinstance(first, ItemError)
    assert second == {"a": "1"}


TEXTS = st.text(st.characters(exclude_categories=["Cs", "Cc"]) | st.sampled_from("<>&\"'\n\t \r"))
NAMES = st.from_regex(r"[A-Za-z_][A-Za-z0-9_]{0,8}", fullmatch=True)
TABLES = st.lists(st.dictionaries(NAMES, TEXTS, max_size=4), max_size=12)


def written(table: list[dict[str, str]], between: str) -> bytes:
    root = etree.Element("rows")
    root.text = between
    for attributes in table:
        etree.SubElement(root, "row", attributes).tail = between
    return etree.tostring(root, xml_declaration=True, encoding="utf-8")


@given(TABLES, st.sampled_from(["", "\n", "\r\n  "]), st.integers(3, 60))
def test_any_table_comes_back(table, between, target):
    assert read(written(table, between), target=target) == table


@given(TABLES, st.data())
@example([{"a": "x"}], None)
def test_what_is_cut_off_is_never_taken_for_whole(table, data):
    whole = written(table, "\n")
    stops = range(len(whole)) if data is None else [data.draw(st.integers(0, len(whole) - 1))]
    for stop in stops:
        with pytest.raises(SourceUnusable):
            read(whole[:stop])
