"""Texts whose records begin with a certain form of line: cut, and taken apart again."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clew.contract import NoOptions
from clew.errors import SourceUnusable
from clew.formats.headed_lines import BEFORE, NOT_UTF8, cut_headed, headed
from tests.captures import MemoryCapture

HEAD = re.compile(r"^<(?P<stamp>\d)> ", re.MULTILINE)


def records(text: str, target: int = 1 << 20) -> list[tuple[str, str]]:
    """Stamp and body of each record, and a check that items are numbered through all pieces."""
    found = []
    for piece in cut_headed(MemoryCapture(text.encode()), NoOptions(), HEAD, target=target):
        assert piece.first_item == len(found)
        found += [(record.head["stamp"], record.body) for record in headed(piece, HEAD)]
    return found


def test_bodies_go_on_over_lines():
    text = "<1> one\nand more\n\nand more\n<2> two\r\nend\r\n\r\n"
    assert records(text) == [("1", "one\nand more\n\nand more"), ("2", "two\nend")]


@given(
    st.lists(
        st.tuples(st.sampled_from("123"), st.text("ab <>1ä\n", max_size=30).map(str.strip)),
        max_size=40,
    ),
    st.integers(5, 60),
)
def test_pieces_hold_what_the_whole_holds(written, target):
    text = "".join(f"<{stamp}> {body}\n" for stamp, body in written)
    assert records(text, target=target) == records(text)


def test_runs_of_one_stamp_stay_together():
    text = "<1> a\n" * 50 + "<2> b\n" * 50
    for piece in cut_headed(MemoryCapture(text.encode()), NoOptions(), HEAD, target=40):
        assert len({record.head["stamp"] for record in headed(piece, HEAD)}) == 1


def test_notes_what_is_left_out():
    (piece,) = cut_headed(MemoryCapture(b"preface\n<1> \xff\0\n"), NoOptions(), HEAD)
    assert [record.body for record in headed(piece, HEAD)] == ["\ufffd\ufffd"]
    assert piece.notes == {BEFORE: 1, NOT_UTF8: 1}


def test_text_without_records():
    (piece,) = cut_headed(MemoryCapture(b"nothing\nhere\n"), NoOptions(), HEAD)
    assert list(headed(piece, HEAD)) == []
    assert piece.notes == {BEFORE: 1}
    assert list(cut_headed(MemoryCapture(b""), NoOptions(), HEAD)) == []


def test_endless_record_is_refused():
    capture = MemoryCapture(b"<1> a\n" + b"words\n" * 1000)
    with pytest.raises(SourceUnusable, match="beginning of a message"):
        list(cut_headed(capture, NoOptions(), HEAD, target=100, longest=1000))
