"""What is named in the same posts as this value?"""

from __future__ import annotations

import ibis

from clew.contract import Tables, Transform
from clew.measures.found import found
from clew.measures.named import OBSERVABLE_KINDS, OBSERVABLES, named_observables


def find(asked: tuple[str, ...], tables: Tables) -> ibis.Table:
    """Other observables by the number of posts that name both."""
    named = named_observables(tables)
    own = named.filter(named.value.isin(asked))
    own = own.select("post_id", "at", asked="value")
    others = named.select("post_id", "kind", "value").view()
    both = own.join(others, "post_id")
    return found(
        both,
        asked=both.asked,
        kind=both.kind,
        value=both.value,
        at=both["at"],
        evidence=both.post_id,
    )


OBSERVABLE_TO_OBSERVABLES = Transform(
    name="observable_to_observables",
    question="What is named in the same posts as this value?",
    takes=OBSERVABLE_KINDS,
    gives=OBSERVABLE_KINDS,
    link="mentions",
    needs=OBSERVABLES,
    find=find,
    limits=("Standing in one post is not belonging together.",),
)
