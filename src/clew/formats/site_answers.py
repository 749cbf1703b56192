"""How is a file of a forum's answers read, if each holds many records and none names the forum?

The analyst names the forum's host, or a folder is called like it, as download tools make them.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any, NamedTuple

from clew.contract import Capture, Piece
from clew.errors import SourceUnusable
from clew.formats.json_texts import cut_texts, texts


class Site(NamedTuple):
    """The context of a piece: the site, and what its texts' cutter knows."""

    host: str
    of_texts: Any


_HOST = re.compile(r"(?:[a-z0-9-]{1,63}\.)+[a-z][a-z0-9-]{1,62}(?::\d{1,5})?")
_FILE_LIKE = (".zip", ".7z", ".tar", ".tgz", ".gz", ".bz2", ".xz", ".zst", ".json", ".jsonl")


def host_of(name: str) -> str | None:
    """The innermost folder of a file's name that is called like a host."""
    folders = name.lower().replace("\\", "/").split("/")[:-1]
    hosts = [
        folder for folder in folders if _HOST.fullmatch(folder) and not folder.endswith(_FILE_LIKE)
    ]
    return hosts[-1] if hosts else None


def cut_answers(
    capture: Capture,
    options: Any,
    host: str | None,
    how_many: Callable[[bytes, Piece], int],
) -> Iterator[Piece]:
    """Pieces of whole answers, each told the host.

    Args:
        capture: the file.
        options: the source's options.
        host: the host in small letters; empty or None: not known.
        how_many: tells how many records an answer holds, so that each has its number in the
            capture.

    Raises SourceUnusable if the host is not known.
    """
    if not host:
        raise SourceUnusable(
            "neither the file nor its name tells the forum: give its host with the option site, "
            "such as site=forum.example.org"
        )
    more = 0  # records than texts so far
    last: Piece | None = None
    for piece in cut_texts(capture, options):
        if last is not None:
            more += sum(how_many(text, last) - 1 for text in answers(last))
        piece.first_item += more
        piece.context = Site(host, piece.context)
        last = replace(piece, notes=Counter())  # what counting notes is noted by reading
        yield piece


def answers(piece: Piece) -> Iterator[bytes]:
    """The answers of a piece that `cut_answers` made."""
    return texts(replace(piece, context=piece.context.of_texts))
