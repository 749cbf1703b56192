"""Are JSON texts found in each form they are kept in, and taken apart without going too deep?"""

from __future__ import annotations

import json

import pytest

from clew.contract import NoOptions, Piece
from clew.errors import ItemError, SourceUnusable
from clew.formats.json_texts import DEEPEST, cut_texts, texts, unfold
from tests.captures import MemoryCapture

RECORDS = [{"n": 1, "text": "a\nb"}, {"n": 2, "inside": [{"n": 3}]}, {"n": 4}]


def written(form: str) -> bytes:
    if form == "lines":
        return b"".join(json.dumps(record).encode() + b"\r\n\n" for record in RECORDS)
    return json.dumps(RECORDS, indent=2 if form == "indented list" else None).encode()


def read_by_pieces(data: bytes) -> tuple[list[bytes], list[int]]:
    found, numbers = [], []
    for piece in cut_texts(MemoryCapture(data), NoOptions()):
        numbers.append(piece.first_item)
        found += texts(piece)
    return found, numbers


@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"])
@pytest.mark.parametrize("form", ["lines", "list", "indented list"])
def test_each_form_gives_the_same_texts(form, mark):
    found, _ = read_by_pieces(mark + written(form))
    assert [json.loads(text) for text in found] == RECORDS


@pytest.mark.parametrize("indent", [None, 2])
def test_one_text_alone(indent):
    found, numbers = read_by_pieces(json.dumps(RECORDS[1], indent=indent).encode())
    assert ([json.loads(text) for text in found], numbers) == ([RECORDS[1]], [0])


def test_the_whole_capture_gives_what_its_pieces_give():
    for form in ("lines", "list", "indented list"):
        whole = Piece(capture=MemoryCapture(written(form)), options=NoOptions())
        assert list(texts(whole)) == read_by_pieces(written(form))[0]


def test_items_are_numbered_through_all_pieces():
    lines = [json.dumps({"n": n, "text": "x" * 1000}).encode() for n in range(20_000)]
    data = b"\n".join(lines)
    pieces = list(cut_texts(MemoryCapture(data), NoOptions()))
    assert len(pieces) > 1
    assert [piece.first_item for piece in pieces] == [
        sum(len(list(texts(before))) for before in pieces[:number]) for number in range(len(pieces))
    ]


def test_a_broken_first_line_does_not_hide_the_others():
    found, _ = read_by_pieces(b'{"n": 1,\n{"n": 2}\n{"n": 3}\n')
    assert found == [b'{"n": 1,', b'{"n": 2}', b'{"n": 3}']


def test_a_broken_element_costs_only_itself():
    found, _ = read_by_pieces(b'[{"n": 1}, {"n": tru}, {"n": 3}]')
    assert [text.strip() for text in found] == [b'{"n": 1}', b'{"n": tru}', b'{"n": 3}']


@pytest.mark.parametrize("data", [b'[{"n": 1}, {"n": 2', b'{\n"n": 1,\n"m": 2'])
def test_what_is_cut_short_is_refused(data):
    with pytest.raises(SourceUnusable):
        read_by_pieces(data)


# --------------------------------------------------------------------------------------- unfolding


def look(text: bytes) -> tuple[list[int], list[bytes]]:
    record = json.loads(text)
    return [record["n"]], [json.dumps(each).encode() for each in record.get("inside", ())]


def test_what_is_around_comes_before_what_is_inside():
    tree = {"n": 1, "inside": [{"n": 2, "inside": [{"n": 3}]}, {"n": 4}]}
    assert list(unfold(json.dumps(tree).encode(), look)) == [1, 2, 3, 4]


@pytest.mark.parametrize(("levels", "is_read"), [(DEEPEST, True), (DEEPEST + 1, False)])
def test_it_does_not_go_too_deep(levels, is_read):
    tree: dict = {"n": levels}
    for n in reversed(range(levels)):
        tree = {"n": n, "inside": [tree]}
    *found, last = unfold(json.dumps(tree).encode(), look)
    assert found == list(range(levels))
    if is_read:
        assert last == levels
    else:
        assert isinstance(last, ItemError)
        assert last.reason == "nested too deep"
