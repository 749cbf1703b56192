"""What is the name in front of the @?"""

from __future__ import annotations

import ibis

from clew.contract import Tables, Transform
from clew.measures.found import given
from clew.model.values import clean_handle


def _parts(address: str) -> list[str]:
    name = clean_handle(address.partition("@")[0].partition("+")[0])
    return [name] if name else []


def find(asked: tuple[str, ...], _tables: Tables) -> ibis.Table:
    """The local part without what follows a plus, if a handle can be written so."""
    parts = [(value, part) for value in asked for part in _parts(value)]
    return given(parts, kind="alias")


EMAIL_TO_ALIAS = Transform(
    name="email_to_alias",
    question="What is the name in front of the @?",
    takes=("email",),
    gives=("alias",),
    link="uses_alias",
    needs={},
    find=find,
    limits=("The name of a mailbox is not always the name of an account.",),
)
