"""Which ties are closer than activity and popularity explain?"""

from __future__ import annotations

from collections import defaultdict
from typing import Any

import ibis
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from clew.analyses.affiliations.gathering import SHARED, Options, Part
from clew.model.chance import Floats, posterior_bound, tail_bound
from clew.model.surges import false_shares

TESTS = 4
"""Acts toward, acts from, channels in common, targets in common."""

GIVES = ibis.schema(
    {
        "account_id": "string",  # the account asked for
        "tied_id": "string",  # the account tied to it
        "rank": "int64",  # among the ties of the account, 1 the closest
        "kinds": "array<string>",  # what ties them: "reply out", "follow both", "same channel"…
        "out_days": "int64",  # days with acts of the account toward the other, kinds apart
        "in_days": "int64",  # days with acts of the other toward the account, kinds apart
        "shared_channels": "int64",  # channels that both were active in, hubs left out
        "shared_targets": "int64",  # accounts and channels that both acted toward, hubs left out
        "admin_channels": "int64",  # channels of the account where the other acts as an admin
        "between": "int64",  # accounts over which one forwards what comes from the other
        "example_id": "string",  # what they share that fewest others share
        "expected": "float64",  # by chance, of those kinds of contact that there are
        "surprise": "float64",  # -log10 of the bound on the chance of so much
        "false_share": "float64",  # of ties at least this surprising, at most so many are chance
        "probability": "float64",  # at most, at even odds: more than chance
        "close": "bool",  # the false share is no more than asked for
        "ties": "int64",  # accounts tied to the account in any way
        "close_ties": "int64",  # of which closer than chance explains
        "tested": "int64",  # other accounts of the case
        "hubs": "int64",  # channels and targets of the account that are too widely shared
        "posts": "array<string>",  # where it can be seen
    }
)


class _Account:
    """What was gathered of one account asked for."""

    def __init__(self, account_id: str, gathered: pa.Table) -> None:
        own = gathered.filter(pc.field("account_id") == account_id)
        self.account_id = account_id
        self.totals = {
            (row["part"], row["level"]): row
            for row in own.filter(pc.field("tied_id").is_null()).to_pylist()
        }
        self.between = own.filter(pc.field("tied_id").is_valid())
        names = pc.unique(self.between["tied_id"])
        self.names = names.take(pc.sort_indices(names))

    def rows_of(self, names: list[str]) -> dict[str, list[dict[str, Any]]]:
        """The rows between the account and each of these."""
        found: dict[str, list[dict[str, Any]]] = {name: [] for name in names}
        chosen = pc.is_in(self.between["tied_id"], pa.array(names, pa.string()))
        for row in self.between.filter(chosen).to_pylist():
            found[row["tied_id"]].append(row)
        return found


def score(gathered: pa.Table, options: Options) -> pa.Table:
    """The ties of each account, those that chance explains least first."""
    whole = gathered.filter(pc.field("account_id").is_null())
    case = dict(zip(whole["part"].to_pylist(), whole["number"].to_pylist(), strict=True))
    asked = sorted(pc.unique(gathered["account_id"]).drop_null().to_pylist())
    ranked = [row for one in asked for row in _ranked(_Account(one, gathered), case, options)]
    return pa.Table.from_pylist(ranked, schema=GIVES.to_pyarrow())


def _ranked(account: _Account, case: dict[str, int], options: Options) -> list[dict[str, Any]]:
    """The rows of one account in the order of their ranks."""
    number = len(account.names)
    logs, expected = [], np.zeros(number)
    for part in (Part.OUT, Part.IN, *SHARED):
        bound, mean = _tested(part, account, case)
        logs.append(bound)
        expected += mean
    surprise = np.round(-np.minimum(0.0, np.min(logs, axis=0) + np.log(TESTS)) / np.log(10), 3)
    tested = case[Part.ACCOUNTS] - 1
    shares = np.round(false_shares(surprise, tested), 6)
    close = shares <= options.false_percent / 100
    # The names are in order, so that equals are in the order of their ids.
    order = np.argsort(-surprise, kind="stable")[: options.limit].tolist()
    names = [account.names[place].as_py() for place in order]
    rows = account.rows_of(names)
    hubs = account.totals.get((Part.HUBS, None), {"number": 0})["number"]
    return [
        {
            "account_id": account.account_id,
            "tied_id": name,
            "rank": rank,
            **_tie(rows[name]),
            "expected": round(float(expected[place]), 3),
            "surprise": abs(float(surprise[place])),
            "false_share": float(shares[place]),
            "probability": round(posterior_bound(float(shares[place])), 3),
            "close": bool(close[place]),
            "ties": number,
            "close_ties": int(close.sum()),
            "tested": tested,
            "hubs": hubs,
        }
        for rank, (place, name) in enumerate(zip(order, names, strict=True), 1)
    ]


def _tested(part: Part, account: _Account, case: dict[str, int]) -> tuple[Floats, Floats]:
    """The bound on the chance (its logarithm) of what is between, and what chance would give."""
    size = len(account.names)
    levels = sorted((level for name, level in account.totals if name == part), key=lambda n: n or 0)
    if not levels:
        return np.zeros(size), np.zeros(size)
    rows = account.between.filter(pc.field("part") == part.value)
    place = pc.index_in(rows["tied_id"], account.names).to_numpy()
    column = np.searchsorted(
        [level or 0 for level in levels], pc.fill_null(rows["level"], 0).to_numpy()
    )
    seen, theirs = np.zeros((size, len(levels))), np.zeros(size)
    np.add.at(seen, (place, column), rows["number"].to_numpy())
    theirs[place] = rows["theirs"].to_numpy()
    totals = [account.totals[part, level] for level in levels]
    number = np.array([row["number"] for row in totals], float)
    everything = case[Part.OUT if part is Part.IN else part]
    weights = np.ones(len(levels))
    if part is Part.OUT:  # of its days, a share like the other's of all days received
        trials = np.tile(number, (size, 1))
        chances = theirs[:, None] / everything
    elif part is Part.IN:  # of the other's days, a share like its own of all days received
        trials, chances = theirs[:, None], np.tile(number / everything, (size, 1))
    else:  # of its things, each by its popularity and how many the other has
        trials = np.tile(number, (size, 1))
        holders = np.array([row["holders"] for row in totals]) / number
        chances = np.minimum(1.0, theirs[:, None] * holders / everything)
        weights = np.log(everything / holders + 1) / np.log(everything + 1)
    bound = tail_bound(seen, trials, chances, weights)
    found = seen.sum(axis=1) > 0
    return np.where(found, bound, 0.0), (trials * chances).sum(axis=1)


_SHOWN_OF = {
    Part.CHANNELS: "same channel",
    Part.TARGETS: "same target",
    Part.ADMIN: "admin",
    Part.CARRIED_FROM: "forwards from it over another",
    Part.CARRIED_BY: "forwarded by it over another",
}


def _tie(rows: list[dict[str, Any]]) -> dict[str, Any]:
    """What is between two accounts, without its probability."""
    sums: dict[str, int] = defaultdict(int)
    for row in rows:
        sums[row["part"]] += row["number"]
    return {
        "kinds": _kinds(rows),
        "out_days": sums[Part.OUT],
        "in_days": sums[Part.IN],
        "shared_channels": sums[Part.CHANNELS],
        "shared_targets": sums[Part.TARGETS],
        "admin_channels": sums[Part.ADMIN],
        "between": sums[Part.CARRIED_FROM] + sums[Part.CARRIED_BY],
        "example_id": _rarest(rows),
        "posts": _posts(rows),
    }


def _kinds(rows: list[dict[str, Any]]) -> list[str]:
    ways: dict[str, set[str]] = defaultdict(set)
    for row in rows:
        if row["kind"] is not None:
            ways[row["kind"]].add(row["part"])
    acts = [
        f"{kind} {'both' if len(parts) > 1 else next(iter(parts))}"
        for kind, parts in sorted(ways.items())
    ]
    present = {row["part"] for row in rows}
    return acts + [words for part, words in _SHOWN_OF.items() if part in present]


def _rarest(rows: list[dict[str, Any]]) -> str | None:
    """What is shared by fewest; of several that whose id is least."""
    things = [(row["level"], row["example_id"]) for row in rows if row["part"] in SHARED]
    return min(things)[1] if things else None


_MOST_POSTS = 6


def _posts(rows: list[dict[str, Any]]) -> list[str]:
    """Up to six posts: of acts between the two first, then of what is rarest."""
    ordered = sorted(
        rows,
        key=lambda row: (row["kind"] is None, row["level"] or 0, row["part"], row["kind"] or ""),
    )
    posts = [row[name] for row in ordered for name in ("post_id", "other_post_id")]
    return list(dict.fromkeys(post for post in posts if post is not None))[:_MOST_POSTS]
