"""Which posts name this value?"""

from __future__ import annotations

import ibis

from clew.contract import Tables, Transform
from clew.measures.found import found
from clew.measures.named import OBSERVABLE_KINDS, OBSERVABLES, named_observables


def find(asked: tuple[str, ...], tables: Tables) -> ibis.Table:
    """Posts that name it."""
    named = named_observables(tables)
    named = named.filter(named.value.isin(asked))
    return found(
        named,
        asked=named.value,
        kind="post",
        value=named.post_id,
        at=named["at"],
        evidence=named.post_id,
    )


OBSERVABLE_TO_POSTS = Transform(
    name="observable_to_posts",
    question="Which posts name this value?",
    takes=OBSERVABLE_KINDS,
    gives=("post",),
    link="mentions",
    is_backward=True,
    needs=OBSERVABLES,
    find=find,
)
