"""How do frames of the network's stream and repositories become JSON?

Both hold records as DAG-CBOR in a CAR. What they say is written as the network's own JSON has it:
a frame as the lines of Jetstream, a repository as the answers of `listRecords`.
"""

from __future__ import annotations

import base64
import struct
from collections.abc import Iterator
from typing import Annotated, Any, BinaryIO, TypeVar

import libipld
import msgspec

from clew.errors import ItemError, SourceUnusable
from clew.model.times import from_iso

T = TypeVar("T")

LARGEST = 512 << 20
"""The largest repository, in bytes: its blocks are in any order, so that it must be held whole."""

_LONGEST_FRAME = 64 << 20
LENGTH = struct.Struct("<I")
"""How the length of a frame is written in front of it."""


# A link is tagged in CBOR, but the decoder gives its bytes: version 1, codec, SHA-256, 32 bytes.
_LINKS = (b"\x01\x71\x12\x20", b"\x01\x55\x12\x20")
_LINK_SIZE = 36


def frames(stream: BinaryIO) -> Iterator[bytes]:
    """The frames of a recording: each behind its length (32 bits, little endian), or end to end.

    Frames end to end come out as one text, since only the decoder can tell them apart. If the
    recording was broken off, its last frame is not whole. Raises SourceUnusable where a length is
    none.
    """
    start = stream.read(LENGTH.size)
    if is_frame(start):
        rest = stream.read(_LONGEST_FRAME + 1)
        if len(rest) > _LONGEST_FRAME:
            raise SourceUnusable(
                f"frames without their lengths can be read up to {_LONGEST_FRAME:,} bytes"
            )
        yield start + rest
        return
    offset = 0
    while len(start) == LENGTH.size:
        (size,) = LENGTH.unpack(start)
        if size > _LONGEST_FRAME:
            raise SourceUnusable(f"at byte {offset:,} there is no length of a frame: {size:,}")
        frame = stream.read(size)
        offset += len(start) + len(frame)
        yield frame
        start = stream.read(LENGTH.size)
    if start:
        yield start


def is_frame(head: bytes) -> bool:
    """Whether a frame begins here: with a map of two, of which the first is `t` or `op`."""
    return head.startswith((b"\xa2\x61t", b"\xa2\x62op"))


def frame_lines(data: bytes) -> Iterator[dict[str, Any]]:
    """What one or more frames say, as the lines of Jetstream; `time_us` is the relay's own time.

    Raises ItemError for what is no frame.
    """
    try:
        parts = libipld.decode_dag_cbor_multi(data)
    except (ValueError, RecursionError, OverflowError) as error:
        raise ItemError("not a frame", str(error)[:200]) from error
    if not parts or len(parts) % 2:
        raise ItemError("not a frame", f"{len(parts)} values, where each head has its body")
    for head, body in zip(parts[::2], parts[1::2], strict=True):
        kind = _read(head, _Head).t.removeprefix("#")
        if kind == "commit":
            yield from _commit_lines(_read(body, _Commit))
            continue
        said = _read(body, _Said)
        line = {"did": said.did, "time_us": from_iso(said.time), "kind": kind}
        yield line | {kind: to_json(body)} if kind in ("identity", "account") else line


class _Head(msgspec.Struct, gc=False):
    t: str = ""  # of an error there is none


class _Said(msgspec.Struct, gc=False):
    time: str
    did: str | None = None


class _Op(msgspec.Struct, gc=False):
    action: str
    path: str
    cid: bytes | None = None


class _Commit(msgspec.Struct, gc=False):
    repo: str
    rev: str
    time: str
    ops: list[_Op]
    blocks: bytes = b""


def _commit_lines(body: _Commit) -> Iterator[dict[str, Any]]:
    blocks = _blocks(body.blocks)[1] if body.blocks else {}
    time = from_iso(body.time)
    for op in body.ops:
        collection, _, rkey = op.path.partition("/")
        commit: dict[str, Any] = {
            "rev": body.rev,
            "operation": op.action,
            "collection": collection,
            "rkey": rkey,
        }
        if op.cid is not None:
            if op.cid not in blocks:
                raise ItemError("record not in the frame", f"at://{body.repo}/{op.path}")
            commit |= {"record": to_json(blocks[op.cid]), "cid": _cid(op.cid)}
        yield {"did": body.repo, "time_us": time, "kind": "commit", "commit": commit}


def repo_records(data: bytes) -> Iterator[dict[str, Any] | ItemError]:
    """The records of a repository, in the order of their paths, as `listRecords` gives them.

    Raises SourceUnusable for what is no repository.
    """
    try:
        head, blocks = _blocks(data)
    except ItemError as error:
        raise SourceUnusable(f"this is no CAR file: {error}") from error
    try:
        root = _read(blocks.get(next(iter(head.get("roots", ())), b"")), _Root)
    except ItemError as error:
        raise SourceUnusable("this CAR file is no repository: its root is no commit") from error
    for path, cid in _paths(root.data, blocks):
        uri = f"at://{root.did}/{path}"
        if cid not in blocks:
            yield ItemError("record not in the file", uri)
            continue
        try:
            yield {"uri": uri, "cid": _cid(cid), "value": to_json(blocks[cid])}
        except ItemError as error:
            yield error


class _Root(msgspec.Struct, gc=False):
    did: str
    data: bytes


class _Entry(msgspec.Struct, gc=False):
    k: bytes
    v: bytes
    p: Annotated[int, msgspec.Meta(ge=0)] = 0
    t: bytes | None = None


class _Node(msgspec.Struct, gc=False):
    e: list[_Entry]
    l: bytes | None = None  # noqa: E741 - the format's own name


def _blocks(data: bytes) -> tuple[dict[str, list[bytes]], dict[bytes, Any]]:
    try:
        head, blocks = libipld.decode_car(data)
    except (ValueError, RecursionError, OverflowError) as error:
        raise ItemError("not a CAR", str(error)[:200]) from error
    return head, blocks


def _paths(root: Any, blocks: dict[bytes, Any]) -> Iterator[tuple[str, bytes]]:
    """Path and link of each record, by walking the tree of nodes (a Merkle search tree).

    A node has a left subtree, and entries with a key (of which only what differs from the one
    before is written), a record and a subtree right of it.
    """
    # A path and its record, or a subtree without path.
    waiting: list[tuple[str, bytes | None]] = [("", root)]
    seen: set[bytes] = set()
    while waiting:
        path, link = waiting.pop()
        if link is None or (not path and (link in seen or link not in blocks)):
            continue  # no subtree, not in the file, or a tree that bites its tail
        if path:
            yield path, link
            continue
        seen.add(link)
        try:
            node = _read(blocks[link], _Node)
        except ItemError as error:
            raise SourceUnusable(f"the repository's tree is unreadable: {error}") from error
        found: list[tuple[str, bytes | None]] = [("", node.l)]
        key = b""
        for entry in node.e:
            key = key[: entry.p] + entry.k
            found += [(key.decode("utf-8", "replace"), entry.v), ("", entry.t)]
        waiting += reversed(found)


def _read(value: Any, kind: type[T]) -> T:
    try:
        return msgspec.convert(value, kind)
    except msgspec.ValidationError as error:
        raise ItemError("unexpected structure", str(error)) from error


def to_json(value: Any) -> Any:
    """A CBOR value as the network's JSON has it: links as `$link`, bytes as `$bytes`."""
    try:
        return _json_value(value)
    except RecursionError as error:
        raise ItemError("nested too deep", "maps within maps") from error


def _json_value(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _json_value(part) for name, part in value.items()}
    if isinstance(value, list):
        return [_json_value(part) for part in value]
    if isinstance(value, bytes):
        if len(value) == _LINK_SIZE and value.startswith(_LINKS):
            return {"$link": _cid(value)}
        return {"$bytes": base64.b64encode(value).decode().rstrip("=")}
    return value


def _cid(link: bytes) -> str:
    try:
        return str(libipld.encode_cid(link))
    except ValueError as error:
        raise ItemError("link unreadable", repr(link)[:80]) from error
