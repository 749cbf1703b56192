"""Which roles hold, whichever occasions had been captured?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import ibis
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from clew.analyses.roles.gathering import Options, Part
from clew.analyses.roles.measuring import (
    Between,
    Flags,
    Floats,
    Ints,
    Network,
    agony,
    backbone,
    betweenness,
    dealt_anew,
    flow_hierarchy,
    groups,
    pagerank,
)

LEADER, BROKER, FOLLOWER, BRIDGE = "leader", "broker", "follower", "bridge"

_FOLLOWS, _FOLLOWS_FROM = 0.8, 5
"""Of its occasions, the share that a follower gives, and how many it has at least."""

_ON_LARGE = 5
"""Networks dealt anew, and bootstraps of the hierarchy, on a large backbone."""

_STEPS = 20
"""Of PageRank in each bootstrap, from the ranks that the network has: what is left is 0.85^20."""

GIVES = ibis.schema(
    {
        "scope": "string",  # network (one row), account
        "account_id": "string",
        "roles": "array<string>",  # leader, broker, follower, bridge
        "accounts": "int64",  # that it acted toward or that acted toward it; network: all
        "pairs": "int64",  # directed: network only
        "backbone_pairs": "int64",  # of which the disparity filter keeps
        "heard_by": "int64",  # accounts that acted toward it
        "received": "int64",  # occasions (days, kinds apart)
        "given": "int64",
        "pagerank": "float64",
        "rank": "int64",  # by PageRank
        "rank_low": "int64",  # 5 % and 95 % of the bootstraps
        "rank_high": "int64",
        "leads": "float64",  # share of the bootstraps in which it is among the first, by both
        "follows": "float64",  # share of the bootstraps in which it gives nearly all
        "brokers": "float64",  # share of them in which it is among the first between groups
        "group": "int64",  # by Leiden on the backbone; 1 is the largest; null: not in the backbone
        "ways": "int64",  # over it from an account of one group to one of another
        "ways_share": "float64",  # of all ways over it
        "betweenness": "float64",  # share of the shortest paths of the backbone; null: not in it
        "betweenness_error": "float64",  # standard error; null: exact
        "core": "int64",  # k of the k-core of the backbone
        "constraint": "float64",  # Burt's, on the backbone: low is much room for brokerage
        "other_ids": "array<string>",  # who has its handle on other platforms
        "posts": "array<string>",  # where it was acted toward, or acted
        # Of the network alone:
        "groups": "int64",
        "modularity": "float64",
        "modularity_null": "float64",  # the greatest of networks dealt anew
        "flow_hierarchy": "float64",  # share of the pairs of the backbone that are in no cycle
        "flow_low": "float64",  # 5 % and 95 % of the bootstraps
        "flow_high": "float64",
        "flow_null": "float64",  # mean of networks dealt anew
        "agony_low": "float64",  # bounds of 1 - agony / pairs
        "agony_high": "float64",
        "leaders": "int64",
        "brokering": "int64",
        "followers": "int64",
        "bridges": "int64",
        "sought": "int64",  # leaders and brokers were looked for among so many
        "left_out": "int64",  # acts that are in no pair
    }
)


@dataclass(frozen=True)
class _Stability:
    """In which share of the bootstraps each account led, brokered, followed; ranks; hierarchy."""

    leads: Floats
    brokers: Floats
    follows: Floats
    low: Ints
    high: Ints
    flow: Floats


def score(gathered: pa.Table, options: Options) -> pa.Table:
    """One row of the network, and of each account that has a role or is among the first."""
    gathered = gathered.sort_by(
        [(name, "ascending") for name in ("part", "account_id", "target_account_id")]
    )
    pairs = gathered.filter(pc.field("part") == Part.PAIR.value)
    if not pairs.num_rows:
        return pa.Table.from_pylist([], schema=GIVES.to_pyarrow())
    ends = [pairs[name].combine_chunks() for name in ("account_id", "target_account_id")]
    names = pc.unique(pa.concat_arrays(ends))
    names = names.take(pc.sort_indices(names))
    source, target = (
        pc.index_in(end, names).to_numpy(zero_copy_only=False).astype(np.int64) for end in ends
    )
    weights = pairs["number"].to_numpy().astype(np.int64)
    network = Network(len(names), source, target, weights)
    rest = gathered.filter(pc.field("part") != Part.PAIR.value).to_pylist()
    return _Roles(network, names.to_pylist(), pairs["post_id"], rest, options).table()


class _Roles:
    """Everything that is measured of one network."""

    def __init__(
        self,
        network: Network,
        names: list[str],
        posts: pa.ChunkedArray,
        rest: list[dict[str, Any]],
        options: Options,
    ) -> None:
        self.network, self.names, self.posts, self.options = network, names, posts, options
        self.left_out = sum(row["number"] for row in rest if row["part"] == Part.LEFT_OUT)
        self.others: dict[str, list[str]] = {}
        for row in rest:
            if row["part"] == Part.HANDLE:
                self.others.setdefault(row["account_id"], []).append(row["target_account_id"])
        self.sought = min(options.top, max(1, network.size // 20))
        self.spine = network.only(backbone(network, options.alpha_percent / 100))
        self.in_spine: Flags = np.zeros(network.size, bool)
        self.in_spine[self.spine.sources] = self.in_spine[self.spine.targets] = True
        of, self.modularity = groups(self.spine, options.seed)
        self.of = _by_size(of, self.in_spine)
        self.within = self.in_spine[network.sources] & self.in_spine[network.targets]
        self.between = Between(network.only(self.within), self.of)
        self.nulls = self._nulls()
        self.rank = pagerank(network, network.weights)
        self.stability = self._bootstrapped()

    def _fewer(self, number: int) -> int:
        """On a large backbone what is slow is done fewer times: there it strays less."""
        large = len(self.spine.sources) > self.options.exact_pairs
        return min(number, _ON_LARGE) if large else number

    def _nulls(self) -> tuple[float, float]:
        """Greatest modularity and mean flow hierarchy of networks dealt anew."""
        drawn = np.random.default_rng([self.options.seed, 1])
        found = [dealt_anew(self.spine, drawn) for _ in range(self._fewer(self.options.nulls))]
        return (
            max(groups(null, self.options.seed)[1] for null in found),
            float(np.mean([flow_hierarchy(null) for null in found])),
        )

    @property
    def has_groups(self) -> bool:
        """The groups stand out from those that chance gives."""
        return self.modularity > self.nulls[0]

    def _bootstrapped(self) -> _Stability:
        """How often each role holds when every occasion is drawn anew (Poisson bootstrap)."""
        network, drawn = self.network, np.random.default_rng([self.options.seed, 2])
        leads, brokers, follows = np.zeros((3, network.size))
        first = _first(self.rank, 1000)
        ranks: list[Ints] = []
        flow: list[float] = []
        spine = backbone(network, self.options.alpha_percent / 100)
        for _ in range(self.options.bootstraps):
            weights = drawn.poisson(network.weights)
            rank = pagerank(network, weights, self.rank, _STEPS)
            received, given = network.received(weights), network.given(weights)
            heard = network.received((weights > 0).astype(np.int64))
            leads += _is_first(rank, self.sought) & _is_first(heard, self.sought)
            total = received + given
            follows += (total >= _FOLLOWS_FROM) & (given >= _FOLLOWS * total)
            if self.has_groups:
                between = self.between.brokerage(weights[self.within] > 0)
                brokers += _is_first(between.reach, self.sought) & (between.share >= between.bar)
            ordered = np.sort(rank)
            ranks.append(network.size + 1 - np.searchsorted(ordered, rank[first], "right"))
            if len(flow) < self._fewer(self.options.bootstraps):
                flow.append(flow_hierarchy(network.only(spine & (weights > 0))))
        low, high = np.full((2, network.size), -1, np.int64)
        low[first], high[first] = np.percentile(ranks, [5, 95], axis=0, method="nearest")
        number = self.options.bootstraps
        return _Stability(
            leads / number, brokers / number, follows / number, low, high, np.array(flow)
        )

    def table(self) -> pa.Table:
        """The result."""
        stable = self.options.stable_percent / 100
        having = {
            LEADER: self.stability.leads >= stable,
            BROKER: self.stability.brokers >= stable,
            FOLLOWER: self.stability.follows >= stable,
            BRIDGE: np.array([name in self.others for name in self.names]),
        }
        rows = [self._network_row(having), *self._account_rows(having)]
        return pa.Table.from_pylist(rows, schema=GIVES.to_pyarrow())

    def _network_row(self, having: dict[str, Flags]) -> dict[str, Any]:
        spine = len(self.spine.sources)
        worst, best = self._agony()
        low, high = np.percentile(self.stability.flow, [5, 95], method="nearest")
        return dict.fromkeys(GIVES) | {
            "scope": "network",
            "accounts": self.network.size,
            "pairs": len(self.network.sources),
            "backbone_pairs": spine,
            "received": int(self.network.weights.sum()),
            "given": int(self.network.weights.sum()),
            "groups": len(set(self.of[self.in_spine].tolist())),
            "modularity": round(self.modularity, 4),
            "modularity_null": round(self.nulls[0], 4),
            "flow_hierarchy": round(flow_hierarchy(self.spine), 4),
            "flow_low": round(float(low), 4),
            "flow_high": round(float(high), 4),
            "flow_null": round(self.nulls[1], 4),
            "agony_low": worst,
            "agony_high": best,
            "leaders": int(having[LEADER].sum()),
            "brokering": int(having[BROKER].sum()),
            "followers": int(having[FOLLOWER].sum()),
            "bridges": int(having[BRIDGE].sum()),
            "sought": self.sought,
            "left_out": self.left_out,
        }

    def _agony(self) -> tuple[float, float]:
        pairs = len(self.spine.sources)
        least, most = agony(self.spine) if pairs else (0, 0)
        return round(1 - most / max(1, pairs), 4), round(1 - least / max(1, pairs), 4)

    def _account_rows(self, having: dict[str, Flags]) -> list[dict[str, Any]]:
        network, spine, limit = self.network, self.spine, self.options.limit
        brokerage = self.between.brokerage(np.ones(int(self.within.sum()), bool))
        between, error = self._betweenness()
        graph = spine.graph()
        core = np.array(graph.coreness(), np.int64)
        received, given = network.received(network.weights), network.given(network.weights)
        heard = network.received(np.ones_like(network.weights))
        partners = np.array(network.graph().degree(), np.int64)
        wanted = having[LEADER] | having[BROKER] | having[BRIDGE]
        for value in (self.rank, brokerage.reach, given):
            wanted[_first(value, limit)] = True
        chosen = np.flatnonzero(wanted)
        constraint = dict(
            zip(chosen.tolist(), graph.constraint(chosen.tolist(), weights="weight"), strict=True)
        )
        place = _places(self.rank)
        posts = self._posts(chosen)
        rows = []
        for each in chosen.tolist():
            inside = bool(self.in_spine[each])
            rows.append(
                dict.fromkeys(GIVES)
                | {
                    "scope": "account",
                    "account_id": self.names[each],
                    "roles": [role for role, flags in having.items() if flags[each]],
                    "accounts": int(partners[each]),
                    "heard_by": int(heard[each]),
                    "received": int(received[each]),
                    "given": int(given[each]),
                    "pagerank": round(float(self.rank[each]), 8),
                    "rank": int(place[each]),
                    "rank_low": _or_null(int(self.stability.low[each])),
                    "rank_high": _or_null(int(self.stability.high[each])),
                    "leads": float(self.stability.leads[each]),
                    "follows": float(self.stability.follows[each]),
                    "brokers": float(self.stability.brokers[each]),
                    "group": int(self.of[each]) if inside else None,
                    "ways": int(brokerage.ways[each]) if inside else None,
                    "ways_share": round(float(brokerage.share[each]), 4) if inside else None,
                    "betweenness": _rounded(between[each]) if inside else None,
                    "betweenness_error": _rounded(error[each])
                    if inside and error is not None
                    else None,
                    "core": int(core[each]) if inside else None,
                    "constraint": _rounded(constraint[each]) if inside else None,
                    "other_ids": sorted(self.others.get(self.names[each], [])),
                    "posts": posts.get(each, []),
                }
            )
        return rows

    def _betweenness(self) -> tuple[Floats, Floats | None]:
        """As a share of all pairs of accounts of the backbone, without direction."""
        options = self.options
        paths, error = betweenness(self.spine, options.exact_pairs, options.sources, options.seed)
        tied = int(self.in_spine.sum())
        whole = max(1, (tied - 1) * (tied - 2) / 2)
        return paths / whole, None if error is None else error / whole

    def _posts(self, chosen: Ints) -> dict[int, list[str]]:
        """Up to four posts of each: where it was acted toward, then where it acted."""
        found: dict[int, list[str]] = {}
        for end in (self.network.targets, self.network.sources):
            for pair in np.flatnonzero(np.isin(end, chosen)).tolist():
                own = found.setdefault(int(end[pair]), [])
                if len(own) < 4 and (post := self.posts[pair].as_py()) and post not in own:
                    own.append(post)
        return found


def _rounded(number: float) -> float:
    """To six decimals; halves always up, for sums may differ in their last bit."""
    return round(float(number) + 1e-9, 6)


def _or_null(rank: int) -> int | None:
    return None if rank < 0 else rank


def _first(values: Floats, number: int) -> Ints:
    """The accounts with the greatest values; of equals those that come first."""
    return np.argsort(-values, kind="stable")[:number]


def _is_first(values: Floats, number: int) -> Flags:
    """Who is among so many with the greatest values, whichever way equals are put in order."""
    if len(values) <= number:
        return values > 0
    bar = np.partition(values, -number - 1)[-number - 1]
    return np.asarray(values > bar)


def _places(values: Floats) -> Ints:
    """The rank of each, 1 the greatest; equals share the best of their ranks."""
    return len(values) + 1 - np.searchsorted(np.sort(values), values, "right")


def _by_size(of: Ints, counted: Flags) -> Ints:
    """The groups numbered from 1 by size; of equals that of the first account. 0: not counted."""
    numbers, first, sizes = np.unique(of[counted], return_index=True, return_counts=True)
    order = np.lexsort((first, -sizes))
    renamed = np.zeros(int(of.max(initial=0)) + 1, np.int64)
    renamed[numbers[order]] = np.arange(1, len(numbers) + 1)
    return np.where(counted, renamed[of], 0)
