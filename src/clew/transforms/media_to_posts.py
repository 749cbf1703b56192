"""Which posts show this picture or file?"""

from __future__ import annotations

import ibis

from clew.contract import Tables, Transform
from clew.measures.found import found
from clew.measures.named import MEDIA, shown_media


def find(asked: tuple[str, ...], tables: Tables) -> ibis.Table:
    """Posts that show the same bytes or the same id."""
    named = shown_media(tables)
    named = named.filter(named.value.isin(asked))
    return found(
        named,
        asked=named.value,
        kind="post",
        value=named.post_id,
        at=named["at"],
        evidence=named.post_id,
    )


MEDIA_TO_POSTS = Transform(
    name="media_to_posts",
    question="Which posts show this picture or file?",
    takes=("image", "video", "document"),
    gives=("post",),
    link="shares_media",
    is_backward=True,
    needs=MEDIA,
    find=find,
)
