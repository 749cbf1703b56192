"""Lines and line-by-line JSON: cutting, numbering, and what hostile lines cost."""

from __future__ import annotations

import io
import json
from collections import Counter
from dataclasses import dataclass
from typing import BinaryIO

import msgspec
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from clew.contract import ItemError, NoOptions, Piece
from clew.errors import SourceUnusable
from clew.formats.json_items import SURROGATES, ItemDecoder
from clew.formats.lines import cut_lines, lines
from tests.captures import MemoryCapture

TARGETS = st.sampled_from([1, 2, 3, 4, 7, 30, 1000])


class Record(msgspec.Struct, gc=False):
    id: int
    text: str | None = None


RECORDS = ItemDecoder(Record)


def cut(data: bytes, **sizes: int) -> list[Piece]:
    return list(cut_lines(MemoryCapture(data), NoOptions(), **sizes))


def decoded(*texts: bytes) -> tuple[list[Record | ItemError], Counter[str]]:
    found, notes = [], Counter()
    for piece in cut(b"\n".join(texts)):
        found += RECORDS.lines(piece)
        notes += piece.notes
    return found, notes


@given(
    st.lists(st.sampled_from([b"", b" ", b"\t\r", b"a", b"bb ", b"\xd0\x94", b"\0"])),
    st.booleans(),
    st.sampled_from([b"\n", b"\r\n"]),
    TARGETS,
)
@example([], True, b"\n", 1)
def test_pieces_hold_the_lines_of_the_whole(texts, ended, end, target):
    data = end.join(texts) + (end if ended else b"")
    expected = [line.removesuffix(b"\r") for line in data.split(b"\n") if line.strip()]
    pieces = cut(b"\xef\xbb\xbf" + data, target=target)
    assert [line for piece in pieces for line in lines(piece)] == expected
    number = 0
    for piece in pieces:
        assert piece.first_item == number
        number += sum(1 for _ in lines(piece))


def test_a_piece_without_data_is_the_whole_capture():
    piece = Piece(capture=MemoryCapture(b"\xef\xbb\xbfone\n\ntwo\r\n"), options=NoOptions())
    assert list(lines(piece)) == [b"one", b"two"]


@dataclass(frozen=True)
class EndlessLine:
    """A capture of one line of `size` bytes, none of which is held; counts what was read of it."""

    size: int
    read: Counter[str]
    before: bytes = b""
    name: str = "endless.jsonl"
    capture_id: str = "0" * 64
    observed_at: None = None

    def open(self) -> BinaryIO:
        capture = self

        class Zeros(io.RawIOBase):
            head = io.BytesIO(capture.before)

            def read(self, size: int = -1) -> bytes:
                size = min(size, capture.size - capture.read["bytes"])
                capture.read["bytes"] += size
                return self.head.read(size) or b"0" * size

        return Zeros()


def test_an_endless_line_is_refused_before_it_is_read():
    capture = EndlessLine(size=2 << 30, read=Counter(), before=b'{"id":1}\n')
    pieces = cut_lines(capture, NoOptions(), target=1 << 16, longest=1 << 20)
    assert next(pieces).data == b'{"id":1}\n'
    with pytest.raises(SourceUnusable, match="starts at byte 9 is longer than 1,048,576 bytes"):
        next(pieces)
    assert capture.read["bytes"] <= (1 << 20) + (2 << 16)


@pytest.mark.parametrize("length", [9, 10])
@pytest.mark.parametrize("target", [1, 3, 8, 100])
@pytest.mark.parametrize("end", [b"", b"\n", b"\nmore"])
def test_longest_is_exact_whatever_the_blocks(length, target, end):
    data = b"\xef\xbb\xbfok\n" + b"x" * length + end
    if length == 9:
        assert cut(data, target=target, longest=9)
    else:
        with pytest.raises(SourceUnusable, match="at byte 6 is longer than 9 bytes"):
            cut(data, target=target, longest=9)


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
def test_utf_16_is_named(encoding):
    with pytest.raises(SourceUnusable, match="UTF-16"):
        cut("\ufeff{}\n".encode(encoding))


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (b'{"id":', "not JSON"),
        (b"{'id':1}", "not JSON"),
        (b'{"id":1} {"id":2}', "not JSON"),
        (b'{"id":1,"text":"\0"}', "not JSON"),
        (b'{"id":1,"text":"\xff"}', "not UTF-8"),
        (b'{"id":1,"text":"\xed\xa0\x80"}', "not UTF-8"),
        (b"[]", "unexpected structure"),
        (b"null", "unexpected structure"),
        (b'{"id":"1"}', "unexpected structure"),
        (b'{"text":"no id"}', "unexpected structure"),
        (b'{"id":' + b"9" * 5000 + b"}", "unexpected structure"),
        (b'{"id":1e400}', "unexpected structure"),
        (b'{"id":1,"more":' + b"[" * 100_000 + b"]" * 100_000 + b"}", "nested too deep"),
        (b'{"more":' * 100_000, "nested too deep"),
        (b'{"id":"\\ud800"}', "unexpected structure"),
        (b'{"id":1,"text":"\\ud800"', "not JSON"),
    ],
)
def test_a_bad_line_costs_only_itself(text, reason):
    (before, bad, after), _ = decoded(b'{"id":1}', text, b'{"id":2}')
    assert (before, after) == (Record(1), Record(2))
    assert isinstance(bad, ItemError)
    assert bad.reason == reason
    assert bad.detail
    assert len(bad.detail) < 1000


HALVES = st.text(st.sampled_from('\\a"\ud83d\ude00\udfff\ud800é\n'))


@given(HALVES)
@example("\\\ud800")
@example("\ud83d\ude00\ude00")
def test_lone_surrogates_become_u_fffd(text):
    (record,), notes = decoded(json.dumps({"id": 1, "text": text}).encode())
    assert record == Record(1, text.encode("utf-16", "surrogatepass").decode("utf-16", "replace"))
    assert notes[SURROGATES] == ("\ufffd" in record.text)


def test_whole_pairs_and_escaped_backslashes_are_left_alone():
    (record,), notes = decoded(rb'{"id":1,"text":"\\ud800 \ud83d\ude00"}')
    assert record.text == "\\ud800 \N{GRINNING FACE}"
    assert not notes
