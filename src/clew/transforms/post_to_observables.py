"""Which technical values does this post name?"""

from __future__ import annotations

import ibis

from clew.contract import Tables, Transform
from clew.measures.found import found
from clew.measures.named import OBSERVABLE_KINDS, OBSERVABLES, named_observables


def find(asked: tuple[str, ...], tables: Tables) -> ibis.Table:
    """Its observables."""
    named = named_observables(tables)
    named = named.filter(named.post_id.isin(asked))
    return found(
        named,
        asked=named.post_id,
        kind=named.kind,
        value=named.value,
        at=named["at"],
        evidence=named.post_id,
    )


POST_TO_OBSERVABLES = Transform(
    name="post_to_observables",
    question="Which technical values does this post name?",
    takes=("post", "message"),
    gives=OBSERVABLE_KINDS,
    link="mentions",
    needs=OBSERVABLES,
    find=find,
    limits=("A value that is named is not a value that was used.",),
)
