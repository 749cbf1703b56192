"""What servers answered, out of WARC files: unpacked, dated, bounded, nothing lost in silence."""

from __future__ import annotations

import gzip
import io
import zlib
from contextlib import suppress

import brotli
import pytest
from hypothesis import given
from hypothesis import strategies as st

from clew.errors import SourceUnusable
from clew.formats.archive import Budget, kind_of, members
from clew.model.times import from_iso
from tests.warcs import AT, record

WORDS = b'{"words": "' + b"what they said " * 5000 + b'"}'
PACKERS = {"gzip": gzip.compress, "br": brotli.compress}
ADDRESS = "https://social.example/api/v1/timelines/public"


def answer(body: bytes, *, packed: bool = True, **headers: str) -> bytes:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return record(ADDRESS, body, headers=named, packed=packed)


def found(data: bytes, budget: Budget | None = None) -> list[tuple[str, str | None, bytes]]:
    kind = kind_of(data[: 64 << 10], "crawl.warc.gz")
    assert kind == "warc"
    return [
        (member.name, member.skipped, b"" if member.skipped else member.open().read())
        for member in members(io.BytesIO(data), kind, name="crawl.warc.gz", budget=budget)
    ]


def deflated(data: bytes) -> bytes:
    packer = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    return packer.compress(data) + packer.flush()


def chunked(data: bytes) -> bytes:
    parts = [data[at : at + 1000] for at in range(0, len(data), 1000)]
    return b"".join(b"%x\r\n%s\r\n" % (len(part), part) for part in parts) + b"0\r\n\r\n"


@pytest.mark.parametrize("packed", [True, False])
@pytest.mark.parametrize(
    ("headers", "body"),
    [
        ({}, WORDS),
        ({"Content_Encoding": "gzip"}, gzip.compress(WORDS)),
        ({"Content_Encoding": "br"}, brotli.compress(WORDS)),
        ({"Content_Encoding": "deflate"}, zlib.compress(WORDS)),
        ({"Transfer_Encoding": "chunked"}, chunked(WORDS)),
        (
            {"Transfer_Encoding": "chunked", "Content_Encoding": "gzip"},
            chunked(gzip.compress(WORDS)),
        ),
        # Some tools unpack the body and leave its header as it was.
        ({"Content_Encoding": "gzip"}, WORDS),
        ({"Content_Encoding": "br"}, WORDS),
        ({"Content_Encoding": "unheard-of"}, WORDS),
    ],
)
def test_an_answer_without_what_carried_it(packed, headers, body):
    [(name, skipped, words)] = found(answer(body, packed=packed, **headers))
    assert (name, skipped) == ("social.example/api/v1/timelines/public", None)
    assert words == WORDS


def test_an_answer_is_as_old_as_its_record():
    (member,) = members(io.BytesIO(answer(WORDS)), "warc")
    assert member.observed_at == from_iso(AT)


def test_other_records_are_named():
    records = [
        record("", b"software: invented", kind="warcinfo", start_line=""),
        record(ADDRESS, b"", kind="request", start_line="GET / HTTP/1.1"),
        record(ADDRESS, b"gone", start_line="HTTP/1.1 404 Not Found"),
        record(ADDRESS, b"", start_line="HTTP/1.1 301 Moved"),
        record(ADDRESS, b"", kind="revisit"),
        record(ADDRESS, WORDS, kind="resource", start_line=""),
    ]
    read = found(b"".join(records))
    assert [why for _, why, _ in read] == [
        "is a record of kind warcinfo in a web archive",
        "is a record of kind request in a web archive",
        "is a web page that was not there (an answer other than 2xx)",
        "is a web page that was not there (an answer other than 2xx)",
        "is a record of kind revisit in a web archive",
        None,
    ]
    assert read[-1][2] == WORDS


@pytest.mark.parametrize("encoding", ["gzip", "br"])
@pytest.mark.parametrize("cut_off", [1, 20])
def test_a_body_cut_short_is_not_half_an_answer(encoding, cut_off):
    body = PACKERS[encoding](WORDS)[:-cut_off]
    with pytest.raises(SourceUnusable, match="cut short"):
        found(answer(body, Content_Encoding=encoding))


@pytest.mark.parametrize("encoding", ["gzip", "br"])
def test_a_bomb_is_stopped(encoding):
    data = answer(PACKERS[encoding](bytes(50 << 20)), Content_Encoding=encoding)
    with pytest.raises(SourceUnusable, match="bomb"):
        found(data, Budget(packed=len(data), free=1 << 20, max_ratio=10))


@pytest.mark.parametrize("head", [b"A: " + b"x" * (4 << 20), b"A: b\r\n" * (1 << 20)])
def test_a_header_must_end(head):
    with pytest.raises(SourceUnusable, match="header"):
        found(gzip.compress(b"WARC/1.0\r\n" + head))


@given(st.data())
def test_damage_is_said(data):
    """A byte that is hit costs the file, or is in words that nobody checks: no other error."""
    damaged = bytearray(answer(gzip.compress(b"x" * 300), packed=False, Content_Encoding="gzip"))
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(0, len(damaged) - 1))
        damaged[at : at + data.draw(st.integers(0, 5))] = data.draw(st.binary(max_size=5))
    if kind_of(bytes(damaged), "crawl.warc") == "warc":
        with suppress(SourceUnusable):
            found(bytes(damaged))


def test_names_from_addresses_are_labels():
    addresses = ["https://a.example/", "https://a.example/../../etc/passwd?x=1", "dns:a.example"]
    data = b"".join(record(address, b"x", kind="resource", start_line="") for address in addresses)
    assert [name for name, _, _ in found(data)] == [
        "a.example/index",
        "a.example/etc/passwd?x=1",
        "dns:a.example",
    ]
