"""Which posts, comments and accounts do the nodes hold that Facepager exports as CSV?

Facepager asks an API for something about each node, and what comes is made nodes below it: comments
below a post, followers below an account. `query_type` says what was asked (`Facebook:/<page-id>/
posts`), `object_id` is the platform's id. Which fields are columns the user has chosen.
"""

from __future__ import annotations

from collections.abc import Iterator

from clew.contract import Piece, Sample, Source
from clew.errors import ItemError
from clew.model.tables import Account, Interaction, Link, Post, Row
from clew.sources.facepager.nodes import Node, delimiter_of, nodes
from clew.sources.facepager.saying import READERS


def recognise(sample: Sample) -> float:
    """By the columns that every export has."""
    return 0.95 if delimiter_of(sample.head) else 0.0


def rows(node: Node, piece: Piece) -> Iterator[Row]:
    """The rows of a node; of one that holds none it is noted."""
    cells = node.cells
    if node.what is None:
        kind = cells.get("object_type", "data")
        if cells.get("query_status", "").startswith("error"):
            piece.note("node whose query failed")
        elif kind in ("data", "unpacked"):
            piece.note("node of a query that is not known: not read")
        else:
            piece.note("node that was put in or is left over: not read")
        return
    if cells.get("object_id") is None:
        raise ItemError("unexpected structure", "a node without object_id")
    yield from READERS[node.what](node)


FACEPAGER = Source(
    name="facepager",
    platform=None,
    title="Facepager",
    files="CSV exports of all nodes of Facepager, for Facebook, X and YouTube",
    fills=(Post, Account, Interaction, Link),
    time="UTC: as the API of each platform stated it.",
    terms="Those of the platform whose API was asked.",
    recognise=recognise,
    items=nodes,
    rows=rows,
)
