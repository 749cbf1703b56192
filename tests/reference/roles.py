"""Roles in plain Python: slow, obvious, no engine.

What is drawn (bootstraps, networks dealt anew), Leiden's groups and the bounds of agony are those
of the analysis; `tests/unit/test_roles.py` holds them against planted networks and all rankings.
"""

from __future__ import annotations

import itertools
import math
from collections import Counter, defaultdict

import numpy as np
from hypothesis import strategies as st

from clew.analyses.roles import Options
from clew.analyses.roles.measuring import Network, agony, dealt_anew, groups
from clew.analyses.roles.scoring import GIVES
from clew.model.tables import InteractionKind
from tests.generated import Case
from tests.reference.interactions import exact, lower, target

options = st.builds(
    Options,
    kinds=st.just(tuple(InteractionKind)) | st.just(Options().kinds),
    alpha_percent=st.sampled_from([20, 50, 100]),
    top=st.integers(1, 2),
    stable_percent=st.sampled_from([1, 50, 90]),
    bootstraps=st.integers(1, 3),
    nulls=st.integers(1, 2),
    seed=st.integers(1, 3),
    limit=st.sampled_from([1, 200]),
)

_ACTS = "clew.measures.acts"
_GATHERING = "clew.analyses.roles.gathering"
_MEASURING = "clew.analyses.roles.measuring"
_SCORING = "clew.analyses.roles.scoring"

MUTATIONS = {
    "acts toward oneself": (
        "known & (acts.account_id != acts.target_account_id)",
        "known",
        _GATHERING,
    ),
    "the last post for the first": (
        "number=_.count(), post_id=_.post_id.min()",
        "number=_.count(), post_id=_.post_id.max()",
        _GATHERING,
    ),
    "namesakes of one platform": (
        "_.platform != _.other_platform",
        "_.handle.notnull()",
        _GATHERING,
    ),
    "handles of two holders": ("_.holders == 1).drop", "_.holders >= 1).drop", _GATHERING),
    "what is left out is lost": ('row["number"] for row in rest', "0 for row in rest", _SCORING),
    "all is backbone": ("<= alpha)", "<= 1 + alpha)", _MEASURING),
    "one end of the filter": (
        "for end in (network.sources, network.targets):",
        "for end in (network.sources,):",
        _MEASURING,
    ),
    "no damping": ("_DAMPING = 0.85", "_DAMPING = 0.95", _MEASURING),
    "nothing is dealt to all": ("lost / network.size", "0 * lost", _MEASURING),
    "received for given": (
        "received, given = network.received(weights)",
        "given, received = network.received(weights)",
        _SCORING,
    ),
    "followers give half": (
        "_FOLLOWS, _FOLLOWS_FROM = 0.8, 5",
        "_FOLLOWS, _FOLLOWS_FROM = 0.5, 1",
        _SCORING,
    ),
    "all ways count": ("ways = both - np.bincount(", "ways = both - 0 * np.bincount(", _MEASURING),
    "occasions for accounts": ("(weights > 0).astype(np.int64))", "weights)", _SCORING),
    "cycles are free": ("1 - inside.mean()", "inside.mean()", _MEASURING),
}


def reference(case: Case, options: Options) -> list[tuple]:
    pairs, left_out = pairs_of(case, options)
    if not pairs:
        return []
    rows = Measured(case, pairs, left_out, options).rows()
    return [tuple(row[name] for name in GIVES) for row in rows]


def pairs_of(case: Case, options: Options) -> tuple[dict, int]:
    """(account, target) → occasions with their posts; acts in no pair."""
    posts = {post["post_id"]: post for post in case["posts"]}
    pairs, left_out = defaultdict(lambda: defaultdict(list)), 0
    for act in case["interactions"]:
        if act["kind"] not in options.kinds:
            continue
        one, other = act["account_id"], target(act, posts, case["accounts"])[0]
        if one is None or other is None or one == other:
            left_out += 1
            continue
        at = exact(act, "happened_at")
        pairs[one, other][act["kind"], at and at.date()].append(act["post_id"])
    return pairs, left_out


class Measured:
    def __init__(self, case, pairs, left_out, options):
        self.options, self.left_out = options, left_out
        self.names = sorted({name for pair in pairs for name in pair})
        self.pairs = sorted(pairs)
        self.weights = [len(pairs[pair]) for pair in self.pairs]
        self.posts = [
            min((p for ps in pairs[pair].values() for p in ps if p is not None), default=None)
            for pair in self.pairs
        ]
        self.size = len(self.names)
        self.sought = min(options.top, max(1, self.size // 20))
        self.others = namesakes(case["accounts"])
        alpha = options.alpha_percent / 100
        self.kept = [self.stands_out(pair, alpha) for pair in self.pairs]
        self.spine = [pair for pair, kept in zip(self.pairs, self.kept, strict=True) if kept]
        self.inside = {name for pair in self.spine for name in pair}
        network = self.network(
            self.spine, [w for w, k in zip(self.weights, self.kept, strict=True) if k]
        )
        of, self.modularity = groups(network, options.seed)
        self.of = self.by_size(of)
        drawn = np.random.default_rng([options.seed, 1])
        nulls = [dealt_anew(network, drawn) for _ in range(options.nulls)]
        self.null = max(groups(null, options.seed)[1] for null in nulls)
        flows = [
            flow(list(zip(n.sources.tolist(), n.targets.tolist(), strict=True))) for n in nulls
        ]
        self.null_flow = sum(flows) / len(flows)
        self.agony = agony(network) if self.spine else (0, 0)
        self.rank = self.pagerank(self.weights, None, 200)
        self.bootstrap()

    def network(self, pairs, weights) -> Network:
        ends = [
            np.array([self.names.index(pair[end]) for pair in pairs], np.int64) for end in (0, 1)
        ]
        return Network(self.size, *ends, np.array(weights, np.int64))

    def stands_out(self, pair, alpha) -> bool:
        weight = self.weights[self.pairs.index(pair)]
        for end in (0, 1):
            own = [w for p, w in zip(self.pairs, self.weights, strict=True) if p[end] == pair[end]]
            if len(own) > 1 and (1 - weight / sum(own)) ** (len(own) - 1) <= alpha:
                return True
        return False

    def by_size(self, of) -> dict:
        members = defaultdict(list)
        for name, group in zip(self.names, of.tolist(), strict=True):
            if name in self.inside:
                members[group].append(name)
        ordered = sorted(members.values(), key=lambda some: (-len(some), some[0]))
        return {name: place for place, some in enumerate(ordered, 1) for name in some}

    def pagerank(self, weights, start, steps) -> dict:
        weights = [math.log2(1 + weight) for weight in weights]
        given = self.given(weights)
        rank = start or dict.fromkeys(self.names, 1 / self.size)
        for _ in range(steps):
            lost = sum(rank[name] for name in self.names if not given[name])
            new = dict.fromkeys(self.names, 0.85 * lost / self.size + 0.15 / self.size)
            for (one, other), weight in zip(self.pairs, weights, strict=True):
                if weight:
                    new[other] += 0.85 * rank[one] * weight / given[one]
            moved = sum(abs(new[name] - rank[name]) for name in self.names)
            rank = new
            if moved < 1e-13:
                break
        return {name: round(value, 12) for name, value in rank.items()}

    def given(self, weights) -> Counter:
        return self.sums(weights, 0)

    def sums(self, weights, end) -> Counter:
        found = Counter()
        for pair, weight in zip(self.pairs, weights, strict=True):
            found[pair[end]] += weight
        return found

    def brokered(self, weights) -> tuple[dict, float]:
        """Ways from group to group over each account, all of them, reach; the bar of the share."""
        present = [
            pair
            for pair, weight in zip(self.pairs, weights, strict=True)
            if weight and {*pair} <= self.inside
        ]
        found = {}
        for name in self.names:
            came = [one for one, here in present if here == name]
            went = [other for here, other in present if here == name]
            ways = sum(self.of[one] != self.of[other] for one in came for other in went)
            wider = max(1, len(came), len(went))
            found[name] = ways, len(came) * len(went), ways / wider
        ends = Counter(self.of[name] for pair in present for name in pair)
        mixed = 1 - sum(value**2 for value in ends.values()) / max(1, len(present) * 2) ** 2
        average = sum(w for w, _, _ in found.values()) / max(
            1, sum(a for _, a, _ in found.values())
        )
        return found, (average + mixed) / 2

    def bootstrap(self) -> None:
        drawn = np.random.default_rng([self.options.seed, 2])
        self.leads, self.brokers, self.follows = Counter(), Counter(), Counter()
        self.ranks, self.flows = defaultdict(list), []
        for _ in range(self.options.bootstraps):
            weights = drawn.poisson(np.array(self.weights)).tolist()
            rank = self.pagerank(weights, self.rank, 20)
            received, given = self.sums(weights, 1), self.given(weights)
            heard = self.sums([weight > 0 for weight in weights], 1)
            first = self.first(rank) & self.first({name: heard[name] for name in self.names})
            self.leads.update(first)
            for name in self.names:
                total = received[name] + given[name]
                self.follows[name] += total >= 5 and given[name] >= 0.8 * total
                self.ranks[name].append(1 + sum(other > rank[name] for other in rank.values()))
            if self.modularity > self.null:
                over, bar = self.brokered(weights)
                first = self.first({name: reach for name, (_, _, reach) in over.items()})
                self.brokers.update(n for n in first if over[n][0] / max(1, over[n][1]) >= bar)
            self.flows.append(
                flow([p for p, w, k in zip(self.pairs, weights, self.kept, strict=True) if w and k])
            )

    def first(self, values: dict) -> set:
        """Who is among so many of the greatest, in whichever order equals are put."""
        if self.size <= self.sought:
            return {name for name, value in values.items() if value > 0}
        return {
            name
            for name, value in values.items()
            if sum(other >= value for other in values.values()) <= self.sought
        }

    def rows(self) -> list[dict]:
        number, stable = self.options.bootstraps, self.options.stable_percent / 100
        received, given = self.sums(self.weights, 1), self.given(self.weights)
        over, _ = self.brokered(self.weights)
        heard = self.sums([1] * len(self.pairs), 1)
        roles = {
            name: [
                role
                for role, holds in (
                    ("leader", self.leads[name] / number >= stable),
                    ("broker", self.brokers[name] / number >= stable),
                    ("follower", self.follows[name] / number >= stable),
                    ("bridge", name in self.others),
                )
                if holds
            ]
            for name in self.names
        }
        kept = {name for name in self.names if set(roles[name]) - {"follower"}}
        for values in (self.rank, {n: reach for n, (_, _, reach) in over.items()}, given):
            kept |= set(
                sorted(self.names, key=lambda name, v=values: -v[name])[: self.options.limit]
            )
        rows = [self.network_row(roles)]
        between, core = self.betweenness(), self.core()
        for name in sorted(kept):
            inside = name in self.inside
            low, high = np.percentile(self.ranks[name], [5, 95], method="nearest")
            rows.append(
                dict.fromkeys(GIVES)
                | {
                    "scope": "account",
                    "account_id": name,
                    "roles": roles[name],
                    "accounts": len({x for pair in self.pairs if name in pair for x in pair}) - 1,
                    "heard_by": heard[name],
                    "received": received[name],
                    "given": given[name],
                    "pagerank": round(self.rank[name], 8),
                    "rank": 1 + sum(other > self.rank[name] for other in self.rank.values()),
                    "rank_low": int(low),
                    "rank_high": int(high),
                    "leads": self.leads[name] / number,
                    "follows": self.follows[name] / number,
                    "brokers": self.brokers[name] / number,
                    "group": self.of.get(name),
                    "ways": over[name][0] if inside else None,
                    "ways_share": round(over[name][0] / max(1, over[name][1]), 4)
                    if inside
                    else None,
                    "betweenness": between[name] if inside else None,
                    "core": core[name] if inside else None,
                    "constraint": self.constraint(name) if inside else None,
                    "other_ids": sorted(self.others.get(name, ())),
                    "posts": self.seen(name),
                }
            )
        return rows

    def network_row(self, roles) -> dict:
        spine = len(self.spine)
        low, high = np.percentile(self.flows, [5, 95], method="nearest")
        having = Counter(role for some in roles.values() for role in some)
        return dict.fromkeys(GIVES) | {
            "scope": "network",
            "accounts": self.size,
            "pairs": len(self.pairs),
            "backbone_pairs": spine,
            "received": sum(self.weights),
            "given": sum(self.weights),
            "groups": len(set(self.of.values())),
            "modularity": round(self.modularity, 4),
            "modularity_null": round(self.null, 4),
            "flow_hierarchy": round(flow(self.spine), 4),
            "flow_low": round(float(low), 4),
            "flow_high": round(float(high), 4),
            "flow_null": round(self.null_flow, 4),
            "agony_low": round(1 - self.agony[1] / max(1, spine), 4),
            "agony_high": round(1 - self.agony[0] / max(1, spine), 4),
            "leaders": having["leader"],
            "brokering": having["broker"],
            "followers": having["follower"],
            "bridges": having["bridge"],
            "sought": self.sought,
            "left_out": self.left_out,
        }

    def tied(self) -> dict:
        """(account, account) → occasions on the backbone, both ways together."""
        found = Counter()
        for pair, weight, kept in zip(self.pairs, self.weights, self.kept, strict=True):
            if kept:
                found[tuple(sorted(pair))] += weight
        return found

    def constraint(self, name) -> float:
        ties = self.tied()

        def share(one, other) -> float:
            whole = sum(weight for pair, weight in ties.items() if one in pair)
            return ties.get(tuple(sorted((one, other))), 0) / whole if whole else 0.0

        total = sum(
            (
                share(name, other)
                + sum(
                    share(name, middle) * share(middle, other)
                    for middle in self.inside - {name, other}
                )
            )
            ** 2
            for other in self.inside - {name}
            if share(name, other)
        )
        return rounded(total)

    def core(self) -> dict:
        found, ties = {}, set(self.tied())
        for k in range(1, self.size + 1):
            while True:
                degree = Counter(name for pair in ties for name in pair)
                weak = {name for name, number in degree.items() if number < k}
                if not weak:
                    break
                ties = {pair for pair in ties if not weak & {*pair}}
            found |= dict.fromkeys((name for pair in ties for name in pair), k)
        return found

    def betweenness(self) -> dict:
        """The share of all pairs' shortest ways that lead over each: every way is written down."""
        near = defaultdict(set)
        for one, other in self.tied():
            near[one].add(other)
            near[other].add(one)
        found = Counter()
        for one, other in itertools.combinations(sorted(self.inside), 2):
            ways, steps = [[one]], 0
            while ways and not any(way[-1] == other for way in ways) and steps < self.size:
                ways = [[*way, x] for way in ways for x in near[way[-1]] if x not in way]
                steps += 1
            ways = [way for way in ways if way[-1] == other]
            for way in ways:
                for name in way[1:-1]:
                    found[name] += 1 / len(ways)
        tied = len(self.inside)
        whole = max(1, (tied - 1) * (tied - 2) / 2)
        return {name: rounded(found[name] / whole) for name in self.names}

    def seen(self, name) -> list:
        posts = [
            post
            for end in (1, 0)
            for pair, post in zip(self.pairs, self.posts, strict=True)
            if pair[end] == name and post is not None
        ]
        return list(dict.fromkeys(posts))[:4]


def flow(pairs: list) -> float:
    """The share of pairs whose target does not lead back to their source."""
    if not pairs:
        return 1.0
    reach = {pair[0]: {pair[0]} for pair in pairs} | {pair[1]: {pair[1]} for pair in pairs}
    for _ in reach:
        for one, other in pairs:
            reach[one] |= reach[other]
    for _ in reach:
        for one, other in pairs:
            reach[one] |= reach[other]
    return 1 - sum(one in reach[other] for one, other in pairs) / len(pairs)


def namesakes(accounts: list[dict]) -> dict:
    holders = defaultdict(list)
    for account in accounts:
        if account["handle"] is not None:
            holders[account["platform"], lower(account["handle"])].append(account["account_id"])
    alone = {key: ids[0] for key, ids in holders.items() if len(ids) == 1}
    found = defaultdict(set)
    for (platform, handle), account in alone.items():
        for (other_platform, other_handle), other in alone.items():
            if handle == other_handle and platform != other_platform:
                found[account].add(other)
    return found


def rounded(number: float) -> float:
    return round(number + 1e-9, 6)
