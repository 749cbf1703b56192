"""Are the same records found whatever shape they are kept in?"""

from __future__ import annotations

import json

import pytest

from clew.errors import SourceUnusable
from clew.formats.json_records import cut_records, records
from tests.captures import MemoryCapture

POSTS = [{"id": number, "text": 'a, {b} [c] " é'} for number in range(5)]
PAGE = {"cursor": "x", "posts": POSTS, "more": {"posts": [1]}}


def found(text: str, **shape) -> list[tuple[object, str, object]]:
    numbers = 0
    all_found = []
    for piece in cut_records(MemoryCapture(text.encode()), None, **shape):
        assert piece.first_item == numbers
        of_piece = [
            (json.loads(record.text), record.place, json.loads(record.header))
            for record in records(piece)
        ]
        numbers += len(of_piece)
        all_found += of_piece
    return all_found


SHAPES = {
    "lines": "\n".join(map(json.dumps, POSTS)),
    "lines, blank ones between": "\n\n" + "\r\n \r\n".join(map(json.dumps, POSTS)) + "\n\n",
    "byte-order mark": "\ufeff" + "\n".join(map(json.dumps, POSTS)),
    "list": json.dumps(POSTS),
    "list, indented": json.dumps(POSTS, indent=1),
    "list, a record a line": "[\n" + ",\n".join(map(json.dumps, POSTS)) + "\n]\n",
    "answer": json.dumps(PAGE),
    "answer, indented": json.dumps(PAGE, indent=1),
    "answer, a record a line": '{"posts": [\n' + ",\n".join(map(json.dumps, POSTS)) + "\n]}\n",
    "answers in lines": "\n".join(
        json.dumps(PAGE | {"posts": POSTS[part]}) for part in (slice(0, 2), slice(2, 5))
    ),
    "answers in a list": json.dumps([PAGE | {"posts": POSTS[:1]}, PAGE | {"posts": POSTS[1:]}]),
    "long lines": "\n".join(json.dumps({**post, "pad": " " * 70_000}) for post in POSTS),
}


@pytest.mark.parametrize("text", SHAPES.values(), ids=list(SHAPES))
def test_same_records_in_every_shape(text):
    of_shape = found(text, lists=("posts",))
    assert [record["text"] for record, *_ in of_shape] == [post["text"] for post in POSTS]
    assert [record["id"] for record, *_ in of_shape] == list(range(5))


@pytest.mark.parametrize("shape", ["answer", "answer, indented", "answers in lines"])
def test_place_and_header(shape):
    for _, place, header in found(SHAPES[shape], lists=("likes", "posts"), header=("cursor",)):
        assert (place, header) == ("posts", {"cursor": "x"})


def test_alone():
    assert found('{"id": 1}', lists=("posts",)) == [({"id": 1}, "", {})]
    assert found('{\n "id": 1\n}\n') == [({"id": 1}, "", {})]
    assert found('{"id": {"posts": [3]}}', lists=("posts",)) == [({"id": {"posts": [3]}}, "", {})]


def test_answer_with_one_record_on_a_line_of_its_own():
    text = '{"posts": [\n{"id": 1}\n]}'
    assert [record for record, *_ in found(text, lists=("posts",))] == [{"id": 1}]


def test_lists_in_lines():
    assert [record for record, *_ in found('["EVENT", {}]\n["EOSE"]\n')] == [
        ["EVENT", {}],
        ["EOSE"],
    ]


def test_list_deeper_in_one_answer():
    text = json.dumps({"first": {"items": POSTS}})
    assert [record for record, *_ in found(text, lists=("first.items",))] == POSTS


def test_empty():
    assert found("", lists=("posts",)) == []
    assert found("[]", lists=("posts",)) == []
    assert found('{"posts": []}\n{"posts": []}', lists=("posts",)) == []
    assert found('{"posts": []}', lists=("posts",)) == []


def test_broken_line_costs_itself():
    texts = [
        record.text
        for piece in cut_records(MemoryCapture(b'{"id": 1}\n{"id": \n{"id": 3}'), None)
        for record in records(piece)
    ]
    assert texts == [b'{"id": 1}', b'{"id": ', b'{"id": 3}']


def test_numbers_go_on_over_pieces():
    line = json.dumps({"posts": [{"pad": " " * 3_000_000}, {"n": 1}]})
    capture = MemoryCapture("\n".join([line] * 8).encode())
    cuts = list(cut_records(capture, None, lists=("posts",)))
    assert len(cuts) > 1
    assert cuts[1].first_item == sum(1 for _ in records(cuts[0]))


@pytest.mark.parametrize("text", ['{"posts": [', "[1, 2"])
def test_cut_short(text):
    with pytest.raises(SourceUnusable):
        found(text, lists=("posts",))
