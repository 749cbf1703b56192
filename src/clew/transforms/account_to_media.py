"""Which pictures and files does this account show?"""

from __future__ import annotations

import ibis

from clew.contract import Tables, Transform
from clew.measures.found import found
from clew.measures.named import MEDIA, shown_media


def find(asked: tuple[str, ...], tables: Tables) -> ibis.Table:
    """Media by the number of its posts."""
    named = shown_media(tables)
    named = named.filter(named.account_id.isin(asked))
    return found(
        named,
        asked=named.account_id,
        kind=named.kind,
        value=named.value,
        at=named["at"],
        evidence=named.post_id,
    )


ACCOUNT_TO_MEDIA = Transform(
    name="account_to_media",
    question="Which pictures and files does this account show?",
    takes=("account", "bot"),
    gives=("image", "video", "document"),
    link="shares_media",
    needs=MEDIA,
    find=find,
)
