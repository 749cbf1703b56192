"""What does the table hold of a network's groups, members, ties and labels?"""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from clew.analyses.communities.asked import GIVES, Options, Part, Scope
from clew.analyses.communities.grouping import Groups, Ints, Network, groups_of
from clew.model.wording import counted


def described(gathered: pa.Table, options: Options) -> pa.Table:
    """The result: rows of every scope."""
    parts = {part: gathered.filter(pc.field("part") == str(part)) for part in Part}
    rows, left_out = _without_hubs(parts[Part.TIE], options.hub_percent)
    counted = parts[Part.LEFT_OUT].select(["kind", "number"]).to_pylist()
    reasons = {row["kind"]: row["number"] for row in counted} | left_out
    tables = [
        _table(scope=[Scope.LEFT_OUT] * len(reasons), kind=[*reasons], acts=[*reasons.values()])
    ]
    if rows.num_rows:
        ties = Ties.of(rows)
        found = groups_of(Network(ties.size, ties.ends, np.log2(1 + ties.acts)), options.seed)
        communities = _by_size(found.of)
        tables += [
            _network(ties, communities, found),
            _communities(ties, communities, found),
            _accounts(ties, communities, found),
            _between(ties, communities, options.pictured),
            _labels(ties, communities, parts[Part.TRAIT], options),
        ]
    return pa.concat_tables(tables)


def _table(**columns: Any) -> pa.Table:
    """Rows of the result; columns that are not named are null."""
    schema = GIVES.to_pyarrow()
    rows = len(next(iter(columns.values())))
    return pa.table(
        {
            field.name: pa.array(columns[field.name], field.type)
            if field.name in columns
            else pa.nulls(rows, field.type)
            for field in schema
        },
        schema=schema,
    )


# ------------------------------------------------------------------------------------------ ties


@dataclass(frozen=True)
class Ties:
    """Pairs of accounts, sorted; the accounts are numbered in the order of their ids."""

    accounts: pa.Array
    ends: Ints  # two columns
    acts: Ints
    posts: pa.ChunkedArray  # an example of each

    @classmethod
    def of(cls, rows: pa.Table) -> Ties:
        """The ties in rows of account_id, value (the other account), number, example_post_id."""
        rows = rows.sort_by([("account_id", "ascending"), ("value", "ascending")])
        both = pa.chunked_array([*rows["account_id"].chunks, *rows["value"].chunks])
        accounts = both.unique()
        accounts = accounts.take(pc.sort_indices(accounts))
        ends = np.column_stack(
            [pc.index_in(rows[name], accounts).to_numpy() for name in ("account_id", "value")]
        )
        return cls(
            accounts, ends.astype(np.int64), rows["number"].to_numpy(), rows["example_post_id"]
        )

    @property
    def size(self) -> int:
        """How many accounts there are."""
        return len(self.accounts)

    def sums(self, values: Any, kept: Any = slice(None)) -> Ints:
        """The values of the ties of each account, or of those kept, added up."""
        twice = np.repeat(values[kept], 2)
        return np.bincount(self.ends[kept].ravel(), twice, self.size).astype(np.int64)


def _without_hubs(rows: pa.Table, percent: int) -> tuple[pa.Table, dict[str, int]]:
    """The ties without those of hubs, and how many acts these had."""
    if percent >= 100 or not rows.num_rows:
        return rows, {}
    both = pa.chunked_array([*rows["account_id"].chunks, *rows["value"].chunks])
    partners = both.value_counts()
    is_hub = pc.greater(pc.multiply(partners.field("counts"), 100), percent * (len(partners) - 1))
    hubs = partners.field("values").filter(is_hub)
    of_hub = pc.or_(pc.is_in(rows["account_id"], hubs), pc.is_in(rows["value"], hubs))
    acts = pc.sum(rows["number"].filter(of_hub)).as_py()
    left_out = {f"with {counted(len(hubs), 'hub')}": acts} if acts else {}
    return rows.filter(pc.invert(of_hub)), left_out


# ------------------------------------------------------------------------------------ communities


def _by_size(groups: Ints) -> Ints:
    """The number of each account's community: 1 is the largest; of equals whose id is least."""
    _, first, which, sizes = np.unique(
        groups, return_index=True, return_inverse=True, return_counts=True
    )
    order = np.lexsort((first, -sizes))
    numbers = np.empty(len(order), np.int64)
    numbers[order] = np.arange(1, len(order) + 1)
    return numbers[which]


def _network(ties: Ties, communities: Ints, found: Groups) -> pa.Table:
    left, right = communities[ties.ends].T
    all_acts = int(ties.acts.sum())
    strengths = np.bincount(communities, ties.sums(ties.acts))
    held = found.held_back
    columns = {
        "scope": Scope.NETWORK,
        "members": ties.size,
        "ties": len(ties.ends),
        "acts": all_acts,
        "inside": int(ties.acts[left == right].sum()),
        "expected": round(float(((strengths / (2 * all_acts)) ** 2).sum()), 6),
        "stability": round(float(found.stability.mean()), 4),
        "resolution": round(found.resolution, 4),
        "runs": found.runs,
    }
    if held and found.chance is not None:
        columns |= {
            "judged": held.judged,
            "confirmed": round(held.inside, 4),
            "confirmed_error": round(held.error, 4),
            "confirmed_expected": round(held.expected, 4),
            "chance": _digits(found.chance),
        }
    return _table(**{name: [value] for name, value in columns.items()})


def _communities(ties: Ties, communities: Ints, found: Groups) -> pa.Table:
    left, right = communities[ties.ends].T
    within = left == right
    members = np.bincount(communities)[1:]
    inside = np.bincount(left[within], ties.acts[within], len(members) + 1)[1:]
    strengths = np.bincount(communities, ties.sums(ties.acts))[1:]
    return _table(
        scope=[Scope.COMMUNITY] * len(members),
        community=np.arange(1, len(members) + 1),
        members=members,
        ties=np.bincount(left[within], minlength=len(members) + 1)[1:],
        acts=(strengths - inside).astype(np.int64),
        inside=inside.astype(np.int64),
        # Of strength K among 2 m, K² / 4 m acts lie inside and K - K² / 4 m touch the community.
        expected=(strengths / (4 * ties.acts.sum() - strengths)).round(6),
        stability=(np.bincount(communities, found.stability)[1:] / members).round(4),
    )


def _accounts(ties: Ties, communities: Ints, found: Groups) -> pa.Table:
    left, right = communities[ties.ends].T
    within = left == right
    acts = ties.sums(ties.acts)
    strengths = np.bincount(communities, acts)
    return _table(
        scope=[Scope.ACCOUNT] * ties.size,
        community=communities,
        account_id=ties.accounts,
        ties=ties.sums(np.ones(len(ties.ends))),
        acts=acts,
        inside=ties.sums(ties.acts, within),
        expected=((strengths[communities] - acts) / (2 * ties.acts.sum() - acts)).round(6),
        stability=found.stability.round(4),
        example_post_id=_examples(ties, np.flatnonzero(within)),
    )


def _examples(ties: Ties, kept: Ints) -> pa.Array:
    """A post of each account's strongest tie of those kept; of equals the first."""
    ends, which = ties.ends[kept].ravel(), np.repeat(kept, 2)
    order = np.lexsort((which, -ties.acts[which], ends))
    accounts, first = np.unique(ends[order], return_index=True)
    strongest = np.full(ties.size, -1)
    strongest[accounts] = which[order[first]]
    return ties.posts.take(pa.array(strongest, mask=strongest < 0)).combine_chunks()


def _between(ties: Ties, communities: Ints, largest: int) -> pa.Table:
    """The acts between each two of the largest communities, if there are any."""
    ends = np.sort(communities[ties.ends], axis=1)
    kept = (ends[:, 0] != ends[:, 1]) & (ends[:, 1] <= largest)
    cells, which = np.unique(ends[kept] @ [largest + 1, 1], return_inverse=True)
    return _table(
        scope=[Scope.BETWEEN] * len(cells),
        community=cells // (largest + 1),
        other=cells % (largest + 1),
        ties=np.bincount(which, minlength=len(cells)),
        acts=np.bincount(which, ties.acts[kept], len(cells)).astype(np.int64),
    )


# ---------------------------------------------------------------------------------------- labels


def _labels(ties: Ties, communities: Ints, traits: pa.Table, options: Options) -> pa.Table:
    """What most sets the members of each community apart from the other accounts."""
    traits = traits.sort_by([(name, "ascending") for name in ("account_id", "kind", "value")])
    places = pc.index_in(traits["account_id"], ties.accounts)
    traits = traits.filter(places.is_valid())
    community = communities[places.drop_null().to_numpy()]
    named = traits.select(["kind", "value"])
    codes = [named[name].combine_chunks().dictionary_encode().indices for name in ("kind", "value")]
    kinds, values = (code.to_numpy().astype(np.int64) for code in codes)
    _, label = np.unique(kinds * (len(values) + 1) + values, return_inverse=True)
    holders = np.bincount(label)
    cells, first, members = np.unique(
        np.column_stack([community, label]), axis=0, return_index=True, return_counts=True
    )
    sizes = np.bincount(communities)
    size, others = sizes[cells[:, 0]], holders[cells[:, 1]] - members
    rest = ties.size - size
    kept = (members >= options.min_holders) & (size >= options.min_members)
    more = kept & (members * rest >= others * size)
    chances = _chances(members[more], size[more], others[more], rest[more], int(kept.sum()))
    lifts = ((members + 0.5) / (size + 1) / ((others + 0.5) / (rest + 1)))[more].round(4)
    found = named.take(first[more]).to_pylist()
    ranked = sorted(
        range(len(found)),
        key=lambda place: (chances[place], -lifts[place], found[place]["value"]),
    )
    taken: Counter[tuple[int, str]] = Counter()
    best = []
    for place in ranked:
        key = int(cells[more][place, 0]), found[place]["kind"]
        taken[key] += 1
        if taken[key] <= options.kept:
            best.append(place)
    rows = first[more][best]
    return _table(
        scope=[Scope.LABEL] * len(best),
        community=cells[more][best, 0],
        kind=named["kind"].take(rows).combine_chunks(),
        value=named["value"].take(rows).combine_chunks(),
        members=members[more][best],
        lift=lifts[best],
        chance=[chances[place] for place in best],
        example_post_id=traits["example_post_id"].take(rows).combine_chunks(),
    )


def _chances(members: Ints, size: Ints, others: Ints, rest: Ints, tested: int) -> list[float]:
    """P(such a label by chance, in any of those tested), by Dunning's log-likelihood ratio."""
    share = (members + others) / (size + rest)
    ratio = np.zeros(len(members))
    for seen, expected in (
        (members, size * share),
        (others, rest * share),
        (size - members, size * (1 - share)),
        (rest - others, rest * (1 - share)),
    ):
        ratio += seen * np.log(np.where(seen > 0, seen / np.where(seen > 0, expected, 1), 1))
    # Half the square of a normal deviate: one-sided, for only what is more frequent is a label.
    return [_digits(min(1.0, tested * math.erfc(math.sqrt(max(0.0, each))) / 2)) for each in ratio]


def _digits(number: float) -> float:
    """Three digits: engines and machines agree on no more of a small probability."""
    return float(f"{number:.3g}")
