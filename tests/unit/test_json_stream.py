"""Reading one big JSON document: headers, pieces, limits, and what is refused with which words."""

from __future__ import annotations

import json
import re
import time
import tracemalloc
from collections.abc import Iterator

import msgspec
import pytest

from clew.contract import ItemError, NoOptions, Piece
from clew.errors import SourceUnusable
from clew.formats import json_stream
from clew.formats.json_items import CONTROLS, SEPARATORS, ItemDecoder
from clew.formats.json_stream import Slice, Wanted, cut_json, slices
from tests.captures import MemoryCapture

CHATS = Wanted(path="chats.*.messages", header=("id", "name"), key="id")


class Message(msgspec.Struct, gc=False):
    id: int
    text: str = ""


MESSAGES = ItemDecoder(Message)


def cut(text: bytes, *wanted: Wanted, **sizes: int) -> list[Piece]:
    return list(cut_json(MemoryCapture(text), NoOptions(), wanted=wanted, **sizes))


def parts(text: bytes, *wanted: Wanted, **sizes: int) -> list[Slice]:
    return [part for piece in cut(text, *wanted, **sizes) for part in slices(piece)]


def read(text: bytes, **sizes: int) -> Iterator[Message | ItemError]:
    for piece in cut(text, Wanted(path="messages"), **sizes):
        for part in slices(piece):
            yield from MESSAGES.elements(part, piece)


# ------------------------------------------------------------------------------ what comes out


def test_small_arrays_share_a_piece_and_a_large_one_fills_several():
    chats = [
        {"id": number, "messages": [{"id": n} for n in range(size)]}
        for number, size in enumerate([2, 0, 1, 5000])
    ]
    pieces = cut(json.dumps({"chats": chats}).encode(), CHATS, target=10_000)
    assert [[part.path[1] for part in slices(piece)] for piece in pieces[:1]] == [list("0123")]
    assert all({part.path[1] for part in slices(piece)} == {"3"} for piece in pieces[1:])
    assert len(pieces) > 3
    assert all(len(piece.data) < 21_000 for piece in pieces)


def test_millions_of_empty_arrays_do_not_share_one_piece():
    text = b'{"chats":[' + b",".join([b'{"id":1,"messages":[]}'] * 1000) + b"]}"
    pieces = cut(text, CHATS, target=10_000)
    assert len(pieces) > 40
    assert sum(1 for piece in pieces for _ in slices(piece)) == 1000


def test_numbers_run_through_the_document():
    text = b'{"owner":{"id":7},"a":[1,2,3],"b":{"x":1,"y":2},"c":[]}'
    wanted = [
        Wanted(path="owner", whole=True),
        Wanted(path="a", counts_header=True),
        Wanted(path="b"),
        Wanted(path="c", counts_header=True),
    ]
    for target in (1, 2, 5, 5000):
        pieces = cut(text, *wanted, target=target)
        numbered = [
            (piece.first_item, [(part.wanted, part.items, part.is_first) for part in slices(piece)])
            for piece in pieces
        ]
        if target == 5000:
            shares = [("owner", 1, True), ("a", 3, True), ("b", 2, True), ("c", 0, True)]
            assert numbered == [(0, shares)]
        number = 0
        for first, shares in numbered:
            assert first == number
            number += sum(
                items + (is_first and wanted in "ac") for wanted, items, is_first in shares
            )
        assert number == 1 + 1 + 3 + 2 + 1


def test_header_before_the_array_needs_one_pass():
    class Counting(MemoryCapture):
        opened = 0

        def open(self):
            type(self).opened += 1
            return super().open()

    text = b'{"chats":[{"id":1,"messages":[1],"name":"late"}]}'
    (piece,) = cut_json(Counting(text), NoOptions(), wanted=[CHATS])
    assert [json.loads(part.header) for part in slices(piece)] == [{"id": 1}]
    assert Counting.opened == 1


@pytest.mark.parametrize("target", [1, 10, 1000])
def test_header_behind_the_array_is_found_by_a_second_pass(target):
    text = b'{"chats":{"p":{"messages":[1,[2],{}],"name":"x","id":1},"q":{"messages":[4],"id":2}}}'
    found = parts(text, CHATS, target=target)
    assert {part.path[1]: json.loads(part.header) for part in found} == {
        "p": {"id": 1, "name": "x"},
        "q": {"id": 2},
    }
    assert sum(part.items for part in found) == 4


def test_header_without_its_key_stays_without():
    (part,) = parts(b'{"chats":[{"name":"x","messages":[1]}]}', CHATS)
    assert json.loads(part.header) == {"name": "x"}


def test_members_of_the_same_name_are_all_read():
    pieces = cut(b'{"m":{"1":{"id":1},"1":{"id":2},"2":{"id":[]},"3" {"id":3}}}', Wanted(path="m"))
    (piece,) = pieces
    (part,) = slices(piece)
    good, again, bad, broken = MESSAGES.members(part, piece)
    assert (good, again) == (("1", Message(1)), ("1", Message(2)))
    assert (bad.reason, broken.reason) == ("unexpected structure", "not JSON")
    assert part.items == 4


@pytest.mark.parametrize("target", [1, 20, 1000])
@pytest.mark.parametrize(
    ("bad", "reason"),
    [
        (b'{"id":"x"}', "unexpected structure"),
        (b'{"id" 1}', "not JSON"),
        (b'{"id":1]', "not JSON"),
        (b'{"id":1,"text":"\xff"}', "not UTF-8"),
        (b'{"id":1,"more":' + b"[" * 5000 + b"]" * 5000 + b"}", "nested too deep"),
        (b"", "not JSON"),
        (b"tru", "not JSON"),
    ],
)
def test_a_bad_element_costs_only_itself(bad, reason, target):
    text = b'{"messages":[{"id":1},' + bad + b',{"id":2,"text":"]\\"["}]}'
    first, error, second = read(text, target=target)
    assert (first, second) == (Message(1), Message(2, ']"['))
    assert isinstance(error, ItemError)
    assert error.reason == reason


def test_a_comma_at_the_end_is_an_item_that_is_missing():
    for target in (1, 1000):
        good, error = read(b'{"messages":[{"id":1}, ]}', target=target)
        assert good == Message(1)
        assert error.reason == "not JSON"


def test_what_telegram_desktop_writes_wrongly_is_mended():
    """Its string writer escapes control characters as \\xNN and keeps two bytes of U+2028."""
    text = rb'{"messages":[{"id":1,"text":"a\x1Fb\\x1F"},{"id":2,"text":"c\u2028' + b'\x80\xa8d"}]}'
    (piece,) = cut(text, Wanted(path="messages"))
    (part,) = slices(piece)
    assert list(MESSAGES.elements(part, piece)) == [
        Message(1, "a\x1fb\\x1F"),
        Message(2, "c\u2028d"),
    ]
    assert piece.notes == {CONTROLS: 1, SEPARATORS: 1}


def test_what_is_not_wanted_is_not_held():
    noise = b'"' + b"x" * 1000 + b'",'
    capture = MemoryCapture(b'{"noise":[' + noise * 20_000 + b'0],"messages":[1]}')
    tracemalloc.start()
    (piece,) = cut_json(capture, NoOptions(), wanted=[Wanted(path="messages")], target=1 << 16)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert piece.data == b"[1]"
    assert peak < 3 << 20


def test_no_more_than_a_piece_is_held():
    message = b'{"id":1,"text":"' + b"x" * 200 + b'"},'
    capture = MemoryCapture(b'{"messages":[' + message * 50_000 + b"null]}")
    tracemalloc.start()
    pieces = 0
    for _ in cut_json(capture, NoOptions(), wanted=[Wanted(path="messages")], target=1 << 16):
        pieces += 1
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert pieces > 50
    assert peak < 2 << 20


# ------------------------------------------------------------------------------ what is refused


def test_nothing_wanted_is_found():
    for text in (b"{}", b"[1]", b'"x"', b'{"messages":null}', b'{"chats":{"messages":[1]}}'):
        with pytest.raises(SourceUnusable, match=r"nothing at messages or chats\.\*\.messages"):
            cut(text, Wanted(path="messages"), CHATS)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (b"", "cut short: the file ends at byte 0"),
        (b" \n", "cut short: the file ends at byte 2"),
        (b'{"messages":[1,2', "cut short: the file ends at byte 16"),
        (b'{"noise":"abc', "cut short: the file ends at byte 13"),
        (b'{"messages":[1]} {', "more follows at byte 17"),
        (b'{"messages":[1}]', "at byte 14 ']' is missing: there is b'}"),
        (b'{"messages" [1]}', "at byte 12 ':' is missing"),
        (b"{messages:[1]}", "at byte 1 the name of a member is missing"),
        (b'{"noise":nul,"messages":[1]}', "at byte 9 a value is missing: there is b'nul"),
        (b'{"noise":01,"messages":[1]}', "at byte 9 a value is missing"),
        (b'{"noise":1.,"messages":[1]}', "at byte 9 a value is missing"),
        (b'{"noise":' + b"9" * 10_000 + b',"messages":[1]}', "is missing"),
        ("\ufeff{}".encode("utf-16"), "UTF-16"),
    ],
)
def test_refusals_name_the_place(text, words):
    for target in (1, 3, 1000):
        with pytest.raises(SourceUnusable, match=re.escape(words)):
            cut(text, Wanted(path="messages"), target=target)


@pytest.mark.parametrize("target", [1, 5, 1000])
@pytest.mark.parametrize("end", [b"]}", b",1]}", b""])
def test_longest_element_is_exact(target, end):
    text = b'{"messages":[0,"' + b"x" * 8 + b'"' + end
    if end:
        assert sum(part.items for part in parts(text, Wanted(path="messages"), longest=10))
    with pytest.raises(SourceUnusable, match="at byte 15 is longer than 9 bytes"):
        cut(text, Wanted(path="messages"), target=target, longest=9)


def test_values_that_cannot_be_held_are_refused(monkeypatch):
    monkeypatch.setattr(json_stream, "LONGEST_HEADER", 100)
    place = Wanted(path="messages", header=("id",))
    assert parts(
        b'{"id":[' + b"1," * 40 + b'1],"noise":[' + b"1," * 90 + b'1],"messages":[]}', place
    )
    for value in (b"[" + b"1," * 60 + b"1]", b'"' + b"x" * 200 + b'"'):
        with pytest.raises(SourceUnusable, match="longer than 100"):
            parts(b'{"id":' + value + b',"messages":[]}', place, target=10)


def test_deep_nesting_is_skipped_and_costs_little():
    deep = b"[" * 500_000 + b"]" * 500_000
    found = parts(b'{"noise":' + deep + b',"messages":[' + deep + b",1]}", Wanted(path="messages"))
    assert sum(part.items for part in found) == 2


@pytest.mark.parametrize(
    "hostile",
    [
        b'"' + b"\\\\" * 500_000 + b'"',
        b'"' + b"\\" * 1_000_001 + b'""',
        b'"' + b'\\"' * 500_000 + b'"',
        b'"' + b"[" * 1_000_000 + b'"',
        b"[" + b"{}," * 300_000 + b"{}]",
        b'["' + b'","' * 300_000 + b'"]',
    ],
    ids=["backslashes", "odd backslashes", "escaped quotes", "brackets", "objects", "strings"],
)
def test_hostile_elements_take_linear_time(hostile):
    text = b'{"messages":[' + hostile + b"," + hostile + b"]}"
    start = time.process_time()
    found = parts(text, Wanted(path="messages"), target=1 << 16)
    assert time.process_time() - start < 2
    assert found
