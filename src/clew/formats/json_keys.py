"""What do the keys of JSON objects tell? Whose objects they are; and one key may be spelt two ways.

Where an API says `user_id`, the page made from it says `userId`. Respelt, one type reads both.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache
from typing import Any

_KEY = re.compile(rb'(?<!\\)"([*@]?[A-Za-z_0-9@]{1,40})"\s{0,8}:')

Sign = tuple[float, frozenset[bytes]]
"""Keys that are together in a format's objects only, and how sure that is (0 to 1)."""


def signs(*scored: tuple[float, str]) -> tuple[Sign, ...]:
    """Signs from texts: the keys of each are words."""
    return tuple((score, frozenset(keys.encode().split())) for score, keys in scored)


def keys_in(head: bytes) -> frozenset[bytes]:
    """All keys at the beginning of a JSON file; none of any other file."""
    head = head.removeprefix(b"\xef\xbb\xbf").lstrip()
    return frozenset(_KEY.findall(head)) if head.startswith((b"{", b"[")) else frozenset()


def surest(keys: frozenset[bytes], of: Sequence[Sign]) -> float:
    """The score of the best sign that is there; 0 if none is."""
    return max((score for score, sign in of if sign <= keys), default=0.0)


def snake_keys(value: Any, depth: int) -> Any:
    """Decoded JSON whose keys are spelt in lower case with underscores.

    Args:
        value: the decoded JSON.
        depth: how many levels are respelt; what lies deeper stays as it is.
    """
    if depth and isinstance(value, dict):
        return {_snake(key): snake_keys(inner, depth - 1) for key, inner in value.items()}
    if depth and isinstance(value, list):
        return [snake_keys(inner, depth - 1) for inner in value]
    return value


@lru_cache(4096)
def _snake(key: str) -> str:
    return re.sub("(?<!^)([A-Z])", r"_\1", key).lower()
