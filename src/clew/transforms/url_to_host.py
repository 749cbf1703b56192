"""On which host is this address?"""

from __future__ import annotations

import ibis

from clew.contract import Tables, Transform
from clew.measures.found import given
from clew.model.values import clean_host, split_url


def _parts(url: str) -> list[str]:
    parts = split_url(url)
    host = clean_host(parts["host"]) if parts else None
    return [host[1]] if host and host[0] in ("domain", "onion") else []


def find(asked: tuple[str, ...], _tables: Tables) -> ibis.Table:
    """The host of the address, if it has a name."""
    parts = [(value, part) for value in asked for part in _parts(value)]
    return given(parts, kind="domain")


URL_TO_HOST = Transform(
    name="url_to_host",
    question="On which host is this address?",
    takes=("url", "article", "paste", "repository"),
    gives=("domain",),
    link="part_of",
    needs={},
    find=find,
)
