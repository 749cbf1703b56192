"""How does Zeeschuimer keep what a browser saw? Each item of a platform on a line, in a wrapper.

https://doi.org/10.5281/zenodo.6826877. A file holds the items of one platform; what is inside
`data` is the platform's own object.
"""

from __future__ import annotations

import re

import msgspec

_PLATFORM = re.compile(rb'"source_platform"\s{0,8}:\s{0,8}"([a-z0-9.-]{2,40})"')


class Collected(msgspec.Struct, gc=False):
    """A line of Zeeschuimer; `data` is empty in a text that is none."""

    data: msgspec.Raw = msgspec.Raw()
    source_platform: str | None = None
    item_id: str | int | None = None


def platform_of(head: bytes) -> str | None:
    """The platform that the first line names (`tiktok.com`, `tiktok-comments`); None: not its file.

    Args:
        head: the beginning of the file.
    """
    if b'"item_id"' not in head or b'"timestamp_collected"' not in head:
        return None
    named = _PLATFORM.search(head)
    return named[1].decode() if named else None
