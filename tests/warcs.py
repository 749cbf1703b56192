"""WARC files, written byte by byte after ISO 28500: no library that reads them has made them."""

from __future__ import annotations

import gzip
from collections.abc import Mapping

AT = "2024-07-08T10:00:00Z"


def record(
    address: str,
    body: bytes,
    *,
    kind: str = "response",
    start_line: str = "HTTP/1.1 200 OK",
    headers: Mapping[str, str] | None = None,
    packed: bool = True,
) -> bytes:
    """One record; `start_line` and `headers` are those of the answer, none if it is empty."""
    lines = [start_line, *(f"{name}: {value}" for name, value in (headers or {}).items()), "", ""]
    block = ("\r\n".join(lines).encode() if start_line else b"") + body
    media = f"application/http; msgtype={kind}" if start_line else "text/plain"
    head = (
        f"WARC/1.1\r\nWARC-Type: {kind}\r\nWARC-Target-URI: {address}\r\nWARC-Date: {AT}\r\n"
        f"WARC-Record-ID: <urn:uuid:00000000-0000-4000-8000-000000000001>\r\n"
        f"Content-Type: {media}\r\nContent-Length: {len(block)}\r\n\r\n"
    )
    data = head.encode() + block + b"\r\n\r\n"
    return gzip.compress(data) if packed else data
