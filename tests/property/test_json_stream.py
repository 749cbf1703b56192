"""Whatever the document and the size of the pieces: the elements are those of `json.loads`."""

from __future__ import annotations

import json

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from clew.contract import NoOptions
from clew.errors import SourceUnusable
from clew.formats.json_nesting import Nesting
from clew.formats.json_stream import Slice, Wanted, cut_json, slices, split, split_member
from tests.captures import MemoryCapture

NASTY = st.text(st.sampled_from('"\\[]{},: \n\té\U0001f600'), max_size=6)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | NASTY,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(NASTY, inner, max_size=4),
    max_leaves=15,
)
CONTAINERS = st.lists(VALUES, max_size=6) | st.dictionaries(NASTY, VALUES, max_size=6)
CHATS = st.fixed_dictionaries({"id": st.integers(), "noise": VALUES, "messages": CONTAINERS})
LAYOUTS = st.builds(
    lambda indent, ascii_only, sort: {
        "indent": indent,
        "ensure_ascii": ascii_only,
        "sort_keys": sort,
    },
    st.sampled_from([None, 0, 1]),
    st.booleans(),
    st.booleans(),
)
TARGETS = st.sampled_from([1, 2, 3, 7, 20, 100, 10_000])


def parts(text: bytes, *wanted: Wanted, target: int) -> list[Slice]:
    pieces = list(cut_json(MemoryCapture(text), NoOptions(), wanted=wanted, target=target))
    number = 0
    for piece in pieces:
        assert piece.first_item == number
        number += sum(part.items for part in slices(piece))
    return [part for piece in pieces for part in slices(piece)]


def content(found: list[Slice]) -> list[object]:
    """What the slices of one container hold, put together; each slice must be JSON by itself."""
    together: list[object] = []
    for part in found:
        value = json.loads(part.data)
        assert len(value) <= part.items
        together += value if isinstance(value, list) else value.items()
        if part.items:
            texts = split(part.data)
            assert len(texts) == part.items
            if isinstance(value, list):
                assert [json.loads(text) for text in texts] == value
            else:
                assert {name: json.loads(text) for name, text in map(split_member, texts)} == value
    return together


def elements(container: object) -> list[object]:
    return list(container.items()) if isinstance(container, dict) else container


@given(CONTAINERS, LAYOUTS, TARGETS)
@example([], {}, 1)
@example(["\\", '\\"', "\\\\"], {}, 1)
def test_elements_of_the_root(container, layout, target):
    text = json.dumps(container, **layout).encode()
    expected = json.loads(text)
    found = parts(b"\xef\xbb\xbf \n" + text + b"\r\n ", Wanted(path=""), target=target)
    assert content(found) == elements(expected)
    assert [part.is_first for part in found] == [True] + [False] * (len(found) - 1)


@given(st.lists(CHATS, max_size=4), CONTAINERS, VALUES, LAYOUTS, TARGETS)
def test_elements_at_several_places(chats, single, noise, layout, target):
    document = {"about": noise, "chats": {"more": noise, "list": chats}, "other": single}
    text = json.dumps(document, **layout).encode()
    chats, single = json.loads(text)["chats"]["list"], json.loads(text)["other"]
    found = parts(
        text,
        Wanted(path="chats.list.*.messages", header=("id",), key="id"),
        Wanted(path="other"),
        target=target,
    )
    for number, chat in enumerate(chats):
        of_chat = [
            part for part in found if part.path == ("chats", "list", str(number), "messages")
        ]
        assert content(of_chat) == elements(chat["messages"])
        assert {part.wanted for part in of_chat} == {"chats.list.*.messages"}
        assert all(json.loads(part.header) == {"id": chat["id"]} for part in of_chat)
        assert [part.is_first for part in of_chat] == [True] + [False] * (len(of_chat) - 1)
    assert content([part for part in found if part.wanted == "other"]) == elements(single)


@given(CHATS, LAYOUTS, TARGETS, st.integers(0))
def test_a_document_cut_short_is_refused(chat, layout, target, length):
    text = json.dumps(chat, **layout).encode()
    short = text[: length % len(text)]
    with pytest.raises(SourceUnusable, match=r"byte [0-9,]+"):
        parts(short, Wanted(path="messages", header=("id",), key="id"), target=target)


@given(CHATS, TARGETS, st.sampled_from([b"{}", b"]", b"\0", b"x", b"1"]))
def test_a_document_with_more_behind_it_is_refused(chat, target, more):
    with pytest.raises(SourceUnusable, match=r"byte [0-9,]+"):
        parts(json.dumps(chat).encode() + b"\n" + more, Wanted(path="messages"), target=target)


@given(st.text(st.sampled_from('"\\[]{},a'), max_size=60), st.lists(st.integers(0, 60), max_size=5))
def test_nesting_does_not_depend_on_the_blocks(text, cuts):
    """Any text, JSON or not, in any blocks, against a scanner that goes byte by byte."""
    text = "[" + text
    depth, in_string, escaped, expected = 0, False, False, []
    for at, char in enumerate(text):
        if char == '"' and not escaped:
            in_string = not in_string
        elif char in "[]{}," and not in_string:
            depth += {"[": 1, "{": 1, "]": -1, "}": -1}.get(char, 0)
            if depth == 0 or (char == "," and depth == 1):
                expected.append(at)
            if depth == 0:
                break
        escaped = char == "\\" and not escaped
    nesting, found, start = Nesting(), [], 0
    for stop in [*sorted(cut for cut in cuts if cut < len(text)), len(text)]:
        stops, is_closed = nesting.stops(text[start:stop].encode())
        found += [start + at for at in stops]
        start = stop
        if is_closed:
            break
    assert found == expected
