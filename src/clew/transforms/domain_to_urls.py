"""Which addresses on this host do posts name or link to?"""

from __future__ import annotations

import ibis

from clew.contract import Tables, Transform
from clew.measures.found import found
from clew.measures.named import LINKS, OBSERVABLES, linked_urls, named_observables

_HOST = r"^(?:[A-Za-z][A-Za-z0-9+.-]*://)?(?:[^/?#@]*@)?([^/?#:@]+)"
"""Scheme, user and host of an address; linear, each class ends where the next begins."""


def find(asked: tuple[str, ...], tables: Tables) -> ibis.Table:
    """Addresses by the number of posts that have them."""
    urls = named_observables(tables)
    urls = urls.filter(urls.kind == "url").union(linked_urls(tables))
    host = urls.value.re_extract(_HOST, 1).lower()
    urls = urls.mutate(host=host).filter(host.isin(asked))
    urls = urls.group_by("host", "value", "post_id").agg(at=urls["at"].min())
    return found(
        urls,
        asked=urls.host,
        kind="url",
        value=urls.value,
        at=urls["at"],
        evidence=urls.post_id,
    )


DOMAIN_TO_URLS = Transform(
    name="domain_to_urls",
    question="Which addresses on this host do posts name or link to?",
    takes=("domain",),
    gives=("url",),
    link="part_of",
    is_backward=True,
    needs={**OBSERVABLES, **LINKS},
    find=find,
)
