"""Which words and signs does each post consist of? For many posts at once, in linear time.

Posts are joined to one array of code points. The hash of any stretch of it is a difference of two
running sums (Karp & Rabin 1987), so that no post and no word costs a step of the interpreter.
"""

from __future__ import annotations

import unicodedata
from functools import cache
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

Numbers = npt.NDArray[np.int64]
Hashes = npt.NDArray[np.uint64]
Flags = npt.NDArray[np.bool_]

LONGEST = 2_000  # code points of a post that are read

_SEPARATOR = "\0"
_BASE = 0x9E3779B97F4A7C15  # odd: its powers have inverses modulo 2 ** 64
_INVERSE = pow(_BASE, -1, 1 << 64)
_SPREAD = np.uint64(0xD6E8FEB86659FD93)
_PLANE = 0x10000  # code points with a class of their own; those above are signs

_SPACE, _LETTER, _SIGN = 0, 1, 2
_GRAMS = (3, 4, 5)

_REPLACED = (
    (r"&(?:amp|#38);", "&"),
    (r"&(?:lt|gt|quot|#39|#34|nbsp);", " "),
    (r"(?i)\bhttps?(?:://\S*)?|\bwww\.\S+", " "),  # links, and what data sets leave of them
    (r"@\w+", "@"),
    # skin tones, joiners and marks that are not seen
    (r"[\x{200b}\x{200d}-\x{200f}\x{ad}\x{fe00}-\x{fe0f}\x{feff}\x{1f3fb}-\x{1f3ff}]", ""),
)


def cleaned(texts: pa.Array) -> pa.Array:
    """The texts without links, names of accounts and unseen marks, at most `LONGEST` long.

    Linear: every expression runs in RE2, inside Arrow. Null stays null.
    """
    texts = pc.utf8_slice_codeunits(texts.cast(pa.large_string()), 0, LONGEST)
    texts = pc.utf8_normalize(texts, "NFKC")  # letters in fancy shapes
    for expression, replacement in _REPLACED:
        texts = pc.replace_substring_regex(texts, expression, replacement)
    return pc.replace_substring(texts, _SEPARATOR, " ")


class Tokens(NamedTuple):
    """The words and signs of posts, in order of posts and of places in them."""

    posts: int  # how many posts
    post: Numbers  # of each token: the number of its post
    hashes: Hashes
    is_word: Flags
    is_shouted: Flags  # more than one letter, all of them capitals
    grams: Hashes  # of the letter sequences
    gram_post: Numbers  # of each letter sequence: the number of its post

    @property
    def continues(self) -> Flags:
        """Of each token: whether the one before it is of the same post."""
        return np.concatenate([[False], self.post[1:] == self.post[:-1]])[: len(self.post)]


def tokens_of(texts: list[str]) -> Tokens:
    """The tokens of cleaned texts: words in small letters, and every other sign by itself."""
    joined = "".join(text + _SEPARATOR for text in texts)
    points = np.frombuffer(joined.encode("utf-32-le"), np.uint32)
    small, kinds = _small(points), _kinds(points)
    stays = _not_drawn_out(small) | (points == 0)
    points, small, kinds = points[stays], small[stays], kinds[stays]
    post = np.cumsum(points == 0) - (points == 0)
    begins = np.ones(len(small), bool)
    begins[1:] = (kinds[1:] != kinds[:-1]) | (kinds[1:] == _SIGN)
    starts = np.flatnonzero(begins)
    stops = np.append(starts[1:], len(small))[: len(starts)]
    solid = kinds[starts] != _SPACE
    starts, stops = starts[solid], stops[solid]
    stretch = _Stretches(small)
    capitals = _running(points != small)
    grams = [_gram_starts(small, kinds, length) for length in _GRAMS]
    return Tokens(
        posts=len(texts),
        post=post[starts],
        hashes=stretch.hashes(starts, stops),
        is_word=kinds[starts] == _LETTER,
        is_shouted=(stops - starts > 1) & (capitals[stops] - capitals[starts] == stops - starts),
        grams=np.concatenate(
            [
                stretch.hashes(first, first + length)
                for first, length in zip(grams, _GRAMS, strict=True)
            ]
        ),
        gram_post=np.concatenate([post[first] for first in grams]),
    )


def hash_of(phrase: str) -> tuple[int, int]:
    """The hash of a lone word, sign or phrase, and how many tokens it has."""
    hashes = tokens_of([phrase]).hashes
    if not len(hashes):
        return 0, 0
    joint = hashes[:1]
    for following in hashes[1:]:
        joint = paired(joint, np.array([following]))
    return int(joint[0]), len(hashes)


def paired(first: Hashes, second: Hashes) -> Hashes:
    """The hashes of pairs; the order matters."""
    return mixed(first * np.uint64(3) + second)


def mixed(hashes: Hashes) -> Hashes:
    """Hashes whose high bits depend on all bits of the given ones."""
    return (hashes ^ (hashes >> np.uint64(32))) * _SPREAD


class _Stretches:
    """Hashes of stretches of one array of code points."""

    def __init__(self, points: npt.NDArray[np.uint32]) -> None:
        powers, self._inverses = _powers(1 << (len(points) + 1).bit_length())
        self._sums = np.zeros(len(points) + 1, np.uint64)
        np.cumsum((points.astype(np.uint64) + np.uint64(1)) * powers[: len(points)],
                  out=self._sums[1:])  # fmt: skip

    def hashes(self, starts: Numbers, stops: Numbers) -> Hashes:
        """Equal stretches have equal hashes, wherever they stand."""
        return mixed((self._sums[stops] - self._sums[starts]) * self._inverses[starts])


@cache
def _powers(size: int) -> tuple[Hashes, Hashes]:
    powers, inverses = (np.full(size, base, np.uint64) for base in (_BASE, _INVERSE))
    powers[0] = inverses[0] = 1
    return np.cumprod(powers, dtype=np.uint64), np.cumprod(inverses, dtype=np.uint64)


def _running(flags: Flags) -> Numbers:
    """How many flags are set before each place."""
    return np.concatenate([[0], np.cumsum(flags)])


def _gram_starts(
    points: npt.NDArray[np.uint32], kinds: npt.NDArray[np.uint8], length: int
) -> Numbers:
    """Where letter sequences start: within a post, and with one space at most in them."""
    starts = np.arange(max(0, len(points) - length + 1))
    spaces, ends = _running(kinds == _SPACE), _running(points == 0)
    stops = starts + length
    is_whole = (spaces[stops] - spaces[starts] <= 1) & (ends[stops] == ends[starts])
    return np.flatnonzero(is_whole)


def _not_drawn_out(points: npt.NDArray[np.uint32]) -> Flags:
    """Of a run of the same sign two stay: "sooooo" and "sooo" are one word."""
    stays = np.ones(len(points), bool)
    stays[2:] = (points[2:] != points[1:-1]) | (points[2:] != points[:-2])
    return stays


def _small(points: npt.NDArray[np.uint32]) -> npt.NDArray[np.uint32]:
    small = points.copy()
    low = points < _PLANE
    small[low] = _small_letters()[points[low]]
    return small


def _kinds(points: npt.NDArray[np.uint32]) -> npt.NDArray[np.uint8]:
    kinds = np.full(len(points), _SIGN, np.uint8)
    low = points < _PLANE
    kinds[low] = _classes()[points[low]]
    return kinds


@cache
def _classes() -> npt.NDArray[np.uint8]:
    initials = np.array([unicodedata.category(chr(point))[0] for point in range(_PLANE)])
    kinds = np.full(_PLANE, _SIGN, np.uint8)
    kinds[np.isin(initials, list("LNM"))] = _LETTER
    kinds[np.isin(initials, list("ZC"))] = _SPACE
    kinds[[ord("'"), ord("’")]] = _LETTER
    return kinds


@cache
def _small_letters() -> npt.NDArray[np.uint32]:
    table = np.arange(_PLANE, dtype=np.uint32)
    for point in range(_PLANE):
        small = chr(point).lower()
        if len(small) == 1:
            table[point] = ord(small)
    table[ord("’")] = ord("'")
    return table
