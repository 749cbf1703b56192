"""Which spelling do the keys of an object have? Pages and APIs of one platform often differ.

Where an API says `user_id`, the page made from it says `userId`. Respelt, one type reads both.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any


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
