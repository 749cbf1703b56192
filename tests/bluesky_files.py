"""Frames and repositories for tests, written as the network writes them."""

from __future__ import annotations

import hashlib
import struct
from typing import Any

import libipld

Blocks = dict[bytes, bytes]


def block(value: Any, blocks: Blocks) -> bytes:
    """The link to a value, which is put among the blocks."""
    data = libipld.encode_dag_cbor(value)
    link = b"\x01\x71\x12\x20" + hashlib.sha256(data).digest()
    blocks[link] = data
    return link


def car(root: bytes, blocks: Blocks) -> bytes:
    """A CAR file of version 1."""
    parts = [libipld.encode_dag_cbor({"roots": [root], "version": 1})]
    parts += [link + data for link, data in blocks.items()]
    return b"".join(_varint(len(part)) + part for part in parts)


def frame(kind: str, body: dict[str, Any]) -> bytes:
    """One frame of the network's stream."""
    return libipld.encode_dag_cbor({"op": 1, "t": f"#{kind}"}) + libipld.encode_dag_cbor(body)


def commit_frame(did: str, time: str, *ops: tuple[str, str, Any]) -> bytes:
    """A frame in which records were written: action, path and record (None: deleted)."""
    blocks: Blocks = {}
    named = [
        {"action": action, "path": path, "cid": None if record is None else block(record, blocks)}
        for action, path, record in ops
    ]
    commit = block({"did": did, "version": 3, "rev": "3kaaaaaaaaa2a"}, blocks)
    body = {
        "repo": did,
        "rev": "3kaaaaaaaaa2a",
        "seq": 7,
        "time": time,
        "ops": named,
        "commit": commit,
        "blocks": car(commit, blocks),
    }
    return frame("commit", body)


def recording(*frames: bytes) -> bytes:
    """Frames, each behind its length."""
    return b"".join(struct.pack("<I", len(data)) + data for data in frames)


def repository(did: str, records: dict[str, Any]) -> bytes:
    """A repository whose tree has a node for each half of its records."""
    blocks: Blocks = {}
    paths = sorted(records)
    middle = len(paths) // 2
    left = _node([(path, block(records[path], blocks)) for path in paths[:middle]], None, blocks)
    rest = [(path, block(records[path], blocks)) for path in paths[middle:]]
    root = _node(rest, left, blocks)
    commit = {"did": did, "version": 3, "rev": "3kaaaaaaaaa2a", "data": root, "prev": None}
    return car(block(commit, blocks), blocks)


def _node(entries: list[tuple[str, bytes]], left: bytes | None, blocks: Blocks) -> bytes:
    written = []
    before = b""
    for path, link in entries:
        key = path.encode()
        shared = next(
            (n for n, (a, b) in enumerate(zip(before, key, strict=False)) if a != b),
            min(len(before), len(key)),
        )
        written.append({"p": shared, "k": key[shared:], "v": link, "t": None})
        before = key
    return block({"l": left, "e": written}, blocks)


def _varint(number: int) -> bytes:
    out = bytearray()
    while number > 127:
        out.append(number & 127 | 128)
        number >>= 7
    return bytes([*out, number])
