"""Which posts are copies of one another, small changes aside? Sketches that can be joined."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from clew.annotators.sentiment.words import Hashes, Tokens, mixed, paired

PARTS = 4
DIGITS = 8

_LEAST_WORDS = 5  # shorter posts are alike by chance
_ROW = 5  # words in a row that are compared

_SEEDS = np.array(
    [0x9E3779B97F4A7C15, 0xC2B2AE3D27D4EB4F, 0x165667B19E3779F9, 0x27D4EB2F165667C5], np.uint64
)


def sketches(tokens: Tokens) -> list[str | None]:
    """Four min-hashes of five words in a row for each post, as 32 hexadecimal digits.

    Two posts have any one part in common with a probability that is the share of their rows of
    words that they have in common (Broder 1997). Null:
    the post has fewer than five words.
    """
    words, post = tokens.hashes[tokens.is_word], tokens.post[tokens.is_word]
    rows = _rows(words)
    whole = post[: len(rows)] == post[_ROW - 1 :] if len(rows) else np.zeros(0, bool)
    rows, owner = rows[whole], post[: len(rows)][whole]
    least = np.full((tokens.posts, PARTS), np.iinfo(np.uint64).max, np.uint64)
    for part, seed in enumerate(_SEEDS):
        np.minimum.at(least[:, part], owner, mixed(rows ^ seed))
    enough = np.bincount(post, minlength=tokens.posts) >= _LEAST_WORDS
    return _written(least, enough)


def _rows(words: Hashes) -> Hashes:
    if len(words) < _ROW:
        return words[:0]
    joined = words[: len(words) - _ROW + 1]
    for step in range(1, _ROW):
        joined = paired(joined, words[step : len(words) - _ROW + 1 + step])
    return joined


def _written(least: Hashes, enough: npt.NDArray[np.bool_]) -> list[str | None]:
    shown = (least >> np.uint64(32)).astype(np.uint32)
    return [
        "".join(f"{part:08x}" for part in parts) if is_enough else None
        for parts, is_enough in zip(shown.tolist(), enough.tolist(), strict=True)
    ]
