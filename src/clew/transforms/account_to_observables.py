"""Which technical values do the posts of this account name?"""

from __future__ import annotations

import ibis

from clew.contract import Tables, Transform
from clew.measures.acts import exact
from clew.measures.found import found, kind_of_observable
from clew.model.kinds import KINDS


def find(asked: tuple[str, ...], tables: Tables) -> ibis.Table:
    """Observables by the number of posts that name them."""
    posts = tables.posts.filter(tables.posts.account_id.isin(asked))
    posts = posts.select("post_id", "account_id", at=exact(posts, "posted_at"))
    named = tables.observables
    named = named.select("post_id", "value", kind=kind_of_observable(named.kind))
    named = named.filter(named.kind.notnull()).distinct()
    rows = named.join(posts, "post_id")
    return found(
        rows,
        asked=rows.account_id,
        kind=rows.kind,
        value=rows.value,
        at=rows["at"],
        evidence=rows.post_id,
    )


ACCOUNT_TO_OBSERVABLES = Transform(
    name="account_to_observables",
    question="Which technical values do the posts of this account name?",
    takes=("account", "bot"),
    gives=tuple(kind.name for kind in KINDS.values() if kind.observables),
    link="mentions",
    needs={
        "posts": ("post_id", "account_id", "posted_at", "time_quality"),
        "observables": ("post_id", "kind", "value"),
    },
    find=find,
    limits=("A value that is named is not a value that was used.",),
)
