"""Which pictures and files does this post show?"""

from __future__ import annotations

import ibis

from clew.contract import Tables, Transform
from clew.measures.found import found
from clew.measures.named import MEDIA, shown_media


def find(asked: tuple[str, ...], tables: Tables) -> ibis.Table:
    """Its media."""
    named = shown_media(tables)
    named = named.filter(named.post_id.isin(asked))
    return found(
        named,
        asked=named.post_id,
        kind=named.kind,
        value=named.value,
        at=named["at"],
        evidence=named.post_id,
    )


POST_TO_MEDIA = Transform(
    name="post_to_media",
    question="Which pictures and files does this post show?",
    takes=("post", "message"),
    gives=("image", "video", "document"),
    link="shares_media",
    needs=MEDIA,
    find=find,
)
