"""Under which registered name is this host?"""

from __future__ import annotations

import ibis

from clew.contract import Tables, Transform
from clew.measures.found import given
from clew.model.values import registered_domain


def _parts(host: str) -> list[str]:
    name = registered_domain(host)
    return [name] if name else []


def find(asked: tuple[str, ...], _tables: Tables) -> ibis.Table:
    """The part that somebody has registered, by the Public Suffix List."""
    parts = [(value, part) for value in asked for part in _parts(value)]
    return given(parts, kind="domain")


DOMAIN_TO_PARENT = Transform(
    name="domain_to_parent",
    question="Under which registered name is this host?",
    takes=("domain",),
    gives=("domain",),
    link="part_of",
    needs={},
    find=find,
)
