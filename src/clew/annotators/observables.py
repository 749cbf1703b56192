"""Which technical values does each post name, and how are they written?"""

from __future__ import annotations

from collections.abc import Iterator
from importlib.metadata import version
from itertools import accumulate

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from clew.contract import Annotator
from clew.formats.sightings import scan
from clew.model.tables import TABLE_OF, Observable

_TABLE = TABLE_OF[Observable]
_SCHEMA = pa.schema([_TABLE.arrow.field(name) for name in _TABLE.content])
_FROM_POST = ("post_id", "platform", "posted_at")

_AT_ONCE = 4 << 20  # bytes scanned together: enough to make each scan cheap, little to hold

_DOTTED = pa.array(
    ["bluesky", "facebook", "github", "gitlab", "instagram", "threads", "tiktok", "youtube"]
)
"""Platforms on which the name of an account may hold dots or hyphens."""


def annotate(batch: pa.RecordBatch) -> pa.RecordBatch:
    """The observables of a batch of posts, in order of posts and of places in them.

    A null text gives none. No text whatever raises an error.
    """
    texts = batch.column("text").cast(pa.large_binary()).to_pylist()
    is_dotted = pc.is_in(batch.column("platform").cast(pa.string()), value_set=_DOTTED).to_pylist()
    parts = [
        _observables(texts[first:last], is_dotted[first:last], first)
        for first, last in _portions(texts)
    ]
    found = pa.concat_batches(parts)
    columns = {
        name: batch.column(name).cast(_SCHEMA.field(name).type).take(found["post"])
        for name in _FROM_POST
    }
    columns |= {name: found[name] for name in _SPANS.names if name != "post"}
    return pa.record_batch([columns[name] for name in _SCHEMA.names], schema=_SCHEMA)


_SPANS = pa.schema(
    [("post", pa.int64())]
    + [(name, _SCHEMA.field(name).type) for name in _SCHEMA.names if name not in _FROM_POST]
)


def _portions(texts: list[bytes | None]) -> Iterator[tuple[int, int]]:
    """Cut the posts into runs that are scanned together."""
    first, size = 0, 0
    for number, text in enumerate(texts):
        size += len(text or b"")
        if size > _AT_ONCE:
            yield first, number + 1
            first, size = number + 1, 0
    yield first, len(texts)


def _observables(texts: list[bytes | None], is_dotted: list[bool], first: int) -> pa.RecordBatch:
    """The sightings in these posts, the first of which has this number in its batch."""
    data = b"\0".join([text or b"" for text in texts])
    starts = np.fromiter(accumulate((len(text or b"") + 1 for text in texts), initial=0), np.int64)

    def post_of(offset: int) -> int:
        return int(np.searchsorted(starts, offset, side="right")) - 1

    found = scan(data, lambda offset: is_dotted[post_of(offset)])
    begins = np.fromiter((sighting.start for sighting in found), np.int64, len(found))
    ends = np.fromiter((sighting.stop for sighting in found), np.int64, len(found))
    posts = np.searchsorted(starts, begins, side="right") - 1
    # Offsets become counts of code points: all bytes but those that continue one.
    continuing = np.flatnonzero((np.frombuffer(data, np.uint8) & 0xC0) == 0x80)
    origin = starts[posts] - np.searchsorted(continuing, starts[posts])
    return pa.record_batch(
        {
            "post": posts + first,
            "kind": [sighting.kind for sighting in found],
            "value": [sighting.value for sighting in found],
            "original": [data[sighting.start : sighting.stop].decode() for sighting in found],
            "start": begins - np.searchsorted(continuing, begins) - origin,
            "stop": ends - np.searchsorted(continuing, ends) - origin,
            "is_defanged": [sighting.is_defanged for sighting in found],
        },
        schema=_SPANS,
    )


OBSERVABLES = Annotator(
    name="observables",
    question="Which technical values does each post name?",
    reads=("post_id", "platform", "posted_at", "text"),
    gives=Observable,
    version=f"1, phonenumbers {version('phonenumbers')}, tldextract {version('tldextract')}",
    annotate=annotate,
    method=(
        "Linear-time scanning with RE2 (https://github.com/google/re2), values checked by their "
        "own rules: checksums, Public Suffix List, E.164, RFC 5952",
        "Public Suffix List (https://publicsuffix.org/) as packaged with tldextract",
        "Numbering plans as packaged with phonenumbers (https://github.com/daviddrysdale/python-phonenumbers)",
        "Bech32 and Bech32m: BIP 173, BIP 350; EIP 55; SEP 23; CIP 19; Tor rend-spec v3",
    ),
    limits=(
        "A value that is named is not a value that was used: a post may quote, warn or lie.",
        "A host written plainly is told from a file, code or a sentence without a space by rules "
        "that sometimes err in either direction.",
        "Telephone numbers in national form are found only in two unmistakable notations.",
        "Solana addresses carry no checksum: a random string of the same form is taken for one.",
    ),
)
