"""Which hosts under this name do posts name?"""

from __future__ import annotations

import ibis

from clew.contract import Tables, Transform
from clew.measures.found import found
from clew.measures.named import OBSERVABLES, named_observables


def find(asked: tuple[str, ...], tables: Tables) -> ibis.Table:
    """Hosts by the number of posts that name them."""
    hosts = named_observables(tables)
    hosts = hosts.filter(hosts.kind == "domain")
    rows = ibis.union(
        *(
            hosts.filter(hosts.value.endswith(f".{name}")).mutate(asked=ibis.literal(name))
            for name in asked
        )
    )
    return found(
        rows,
        asked=rows.asked,
        kind="domain",
        value=rows.value,
        at=rows["at"],
        evidence=rows.post_id,
    )


DOMAIN_TO_SUBDOMAINS = Transform(
    name="domain_to_subdomains",
    question="Which hosts under this name do posts name?",
    takes=("domain",),
    gives=("domain",),
    link="part_of",
    is_backward=True,
    needs=OBSERVABLES,
    find=find,
    limits=("Only hosts that a post names: no name server is asked.",),
)
