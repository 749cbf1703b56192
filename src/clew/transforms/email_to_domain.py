"""Which host receives the mail of this address?"""

from __future__ import annotations

import ibis

from clew.contract import Tables, Transform
from clew.measures.found import given


def _parts(address: str) -> list[str]:
    _, at, domain = address.rpartition("@")
    return [domain] if at else []


def find(asked: tuple[str, ...], _tables: Tables) -> ibis.Table:
    """What follows the @."""
    parts = [(value, part) for value in asked for part in _parts(value)]
    return given(parts, kind="domain")


EMAIL_TO_DOMAIN = Transform(
    name="email_to_domain",
    question="Which host receives the mail of this address?",
    takes=("email",),
    gives=("domain",),
    link="part_of",
    needs={},
    find=find,
)
