"""How much does each thing that two accounts share say, and what does all of it come to?

Bits are log2 of likelihood ratios. How often two accounts of one person share a thing is set once,
by kind; how often those of two persons do follows from the case: from how many have it, and for
names how likely their letters are. What one impostor can copy together counts only up to a bound.
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

import ibis
import pyarrow as pa
import pyarrow.compute as pc

# Kind → (share of one person's accounts that have it in common, most bits it may be worth).
_SHARED = {
    "handle": (0.5, 24.0),
    "stem": (0.5, 16.0),
    "name": (0.4, 10.0),
    "description": (0.2, 12.0),
    "picture": (0.3, 10.0),
    "link": (0.3, 14.0),
    "named": (0.3, 7.0),
}
_COPIED = ("handle", "stem", "name", "description", "picture", "link")
"""What anybody can copy from a profile that is public."""

_MOST_COPIED = {True: 4.4, False: 3.5}
"""Bits above even odds that copied things may reach, however many and rare they are; with the very
same handle more, for on each platform only one can have it."""

_SAME_PLATFORM = -3.0  # most people have one account on each platform; and impostors are there
_HOURS = (-3.0, 2.0)  # least and most bits of the hours of the day
_ALIKE, _STEEP = 0.12, 18.0  # the Jensen-Shannon divergence that says nothing, and bits for each
_ALPHABET = 40  # letters, digits, dots and dashes
_UNSEEN = 0.5  # added to every count of letters

Sign = tuple[str, str, float]  # what, the value that is shared, bits


def score(gathered: pa.Table, gives: ibis.Schema, options: Any) -> pa.Table:
    """Each pair with its probability and what it rests on; and one row for the whole case."""
    rows = {
        what: gathered.filter(pc.equal(gathered["what"], what)).to_pylist()
        for what in ("pair", "left", "accounts", "letters", "hours")
    }
    accounts = sum(row["number"] for row in rows["accounts"])
    letters = Letters({row["value"]: row["number"] for row in rows["letters"]})
    hours = _hours(rows["hours"], options.min_posts)
    pairs: dict[tuple[str, str], list[dict[str, Any]]] = defaultdict(list)
    for row in rows["pair"]:
        pairs[row["account_id"], row["other_account_id"]].append(row)
    lines = [
        _weighed(pair, shared, accounts, letters, hours, options)
        for pair, shared in sorted(pairs.items())
    ]
    if accounts:
        left = sorted(rows["left"], key=lambda row: row["kind"])
        lines.append(
            {
                "accounts": accounts,
                "left_kinds": [row["kind"] for row in left],
                "left_values": [row["number"] for row in left],
            }
        )
    return pa.Table.from_pylist(lines, gives.to_pyarrow())


def _weighed(
    pair: tuple[str, str],
    shared: Sequence[Mapping[str, Any]],
    accounts: int,
    letters: Letters,
    hours: Mapping[str, Sequence[int]],
    options: Any,
) -> dict[str, Any]:
    # One of the others is expected to be the same person's: nobody counted how many are.
    prior = -math.log2(max(1, accounts - 1))
    signs = _signs(shared, accounts, letters)
    if shared[0]["is_same_platform"]:
        signs.append(("same platform", "", _SAME_PLATFORM))
    if pair[0] in hours and pair[1] in hours:
        signs.append(("hours", "", hours_bits(hours[pair[0]], hours[pair[1]])))
    signs += _bounded(signs, prior)
    signs.sort(key=lambda sign: (-abs(sign[2]), sign[:2]))
    bits = prior + sum(sign[2] for sign in signs)
    probability = 1 / (1 + 2.0**-bits)
    return {
        "account_id": pair[0],
        "other_account_id": pair[1],
        "outcome": _outcome(probability, options),
        "probability": probability,
        "bits": bits,
        "prior_bits": prior,
        "signs": [sign[0] for sign in signs],
        "values": [sign[1] for sign in signs],
        "weights": [sign[2] for sign in signs],
        "evidence": sorted(
            {row[name] for row in shared for name in ("evidence", "other_evidence")}
        ),
    }


def _outcome(probability: float, options: Any) -> str:
    if probability * 100 >= options.linked_percent:
        return "linked"
    return "possible" if probability * 100 >= options.possible_percent else "insufficient"


def _signs(shared: Sequence[Mapping[str, Any]], accounts: int, letters: Letters) -> list[Sign]:
    """What is shared, with its bits.

    Of handle, stem and name, which repeat each other, the best; of several of one kind the rarest
    in full, and each further one at half of the one before.
    """
    found: dict[str, list[Sign]] = defaultdict(list)
    for row in shared:
        kind, value, holders = row["kind"], row["value"], row["number"]
        found[kind].append((kind, value, _bits(kind, value, holders, accounts, letters)))
    names = [sign for kind in ("handle", "stem", "name") for sign in found.pop(kind, [])]
    signs = [max(names, key=lambda sign: (sign[2], sign[1]))] if names else []
    for several in found.values():
        several.sort(key=lambda sign: (-sign[2], sign[1]))
        signs += [
            (kind, value, bits / 2**place) for place, (kind, value, bits) in enumerate(several)
        ]
    return signs


def _bits(kind: str, value: str, holders: int, accounts: int, letters: Letters) -> float:
    """log2 of how much more often one person's accounts share it than two persons' do."""
    of_one, most = _SHARED[kind]
    # Without these two: how many of the others have it.
    others = holders - 2
    if kind in ("handle", "stem", "name"):
        # Where nobody else has it, its letters say how likely it is to be thought of again.
        rarity = letters.surprisal(value, holders)
        if others:
            rarity = min(rarity, math.log2(accounts / others))
    else:
        rarity = math.log2(max(1.0, accounts / (others + _UNSEEN)))
    return min(most, math.log2(of_one) + rarity)


class Letters:
    """How usual names are, by each two letters that follow one another in handles of the case."""

    def __init__(self, counts: Mapping[str, int]) -> None:
        self._counts = counts
        self._firsts: Counter[str] = Counter()
        for two, times in counts.items():
            self._firsts[two[0]] += times

    def surprisal(self, text: str, holders: int) -> float:
        """Bits of a name in a model that does not know the holders' own."""
        pairs = [text[place : place + 2] for place in range(len(text) - 1)]
        own, own_firsts = Counter(pairs), Counter(two[0] for two in pairs)
        bits = math.log2(_ALPHABET) if text else 0.0
        for two in pairs:
            seen = max(0, self._counts.get(two, 0) - holders * own[two])
            of = max(0, self._firsts[two[0]] - holders * own_firsts[two[0]])
            bits -= math.log2((seen + _UNSEEN) / (of + _UNSEEN * _ALPHABET))
        return bits


def _bounded(signs: Sequence[Sign], prior: float) -> list[Sign]:
    """What is taken off again because one impostor can copy all of it at once."""
    copied = [bits for kind, _, bits in signs if kind in _COPIED]
    is_same_handle = any(kind == "handle" for kind, *_ in signs)
    over = sum(copied) - (_MOST_COPIED[is_same_handle] - prior)
    return [("may be copied", "", -over)] if over > 0 else []


# ----------------------------------------------------------------------------------------- hours


def _hours(rows: Sequence[Mapping[str, Any]], least: int) -> dict[str, list[int]]:
    """Account → posts in each hour of the day, of those that have enough."""
    found: dict[str, list[int]] = defaultdict(lambda: [0] * 24)
    for row in rows:
        found[row["account_id"]][int(row["value"])] += row["number"]
    return {account: posts for account, posts in found.items() if sum(posts) >= least}


def hours_bits(one: Sequence[int], other: Sequence[int]) -> float:
    """What two daily rhythms say: bits by their Jensen-Shannon divergence (log2, 0 to 1)."""
    shares = [[posts / sum(each) for posts in _smoothed(each)] for each in (one, other)]
    middle = [(a + b) / 2 for a, b in zip(*shares, strict=True)]
    divergence = sum(
        share * math.log2(share / mean) / 2
        for each in shares
        for share, mean in zip(each, middle, strict=True)
        if share > 0
    )
    least, most = _HOURS
    return min(most, max(least, (_ALIKE - divergence) * _STEEP))


def _smoothed(posts: Sequence[int]) -> list[float]:
    """Each hour with half of its neighbours: nobody posts by the hour hand."""
    return [
        posts[hour] / 2 + posts[hour - 1] / 4 + posts[(hour + 1) % 24] / 4 for hour in range(24)
    ]
