"""Who stands where in a network? Plain functions on numbered accounts; NumPy and igraph."""

from __future__ import annotations

import random
from dataclasses import dataclass, replace

import igraph
import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]

_DAMPING = 0.85
_PRECISION, _MOST_STEPS = 1e-13, 200
_MOST_DESCENT = 200_000
"""On more pairs than these, agony is bounded by what needs no walk over them."""


@dataclass(frozen=True)
class Network:
    """Directed pairs of accounts, each once, with the number of occasions."""

    size: int
    sources: Ints
    targets: Ints
    weights: Ints

    def only(self, chosen: Flags) -> Network:
        """The network of these pairs; the accounts stay."""
        return replace(
            self,
            sources=self.sources[chosen],
            targets=self.targets[chosen],
            weights=self.weights[chosen],
        )

    def graph(self) -> igraph.Graph:
        """The pairs as an igraph, without direction; occasions both ways are summed."""
        low, high = np.minimum(self.sources, self.targets), np.maximum(self.sources, self.targets)
        keys, place = np.unique(low * self.size + high, return_inverse=True)
        graph = igraph.Graph(self.size, np.stack([keys // self.size, keys % self.size], 1))
        graph.es["weight"] = np.bincount(place, self.weights).tolist()
        return graph

    def received(self, weights: Floats | Ints) -> Floats:
        """Occasions on which each account was acted toward."""
        return np.bincount(self.targets, weights, self.size).astype(np.float64)

    def given(self, weights: Floats | Ints) -> Floats:
        """Occasions on which each account acted."""
        return np.bincount(self.sources, weights, self.size).astype(np.float64)


def backbone(network: Network, alpha: float) -> Flags:
    """Which pairs hold more of an account's occasions than chance would deal them.

    The disparity filter (Serrano, Boguñá & Vespignani 2009, doi:10.1073/pnas.0808904106) from both
    ends. The only pair of an account says nothing at that end. An alpha of 0.5 drops what is below
    average at both ends; less drops accounts that deal their occasions out evenly, as brokers do.
    """
    kept = np.zeros(len(network.weights), bool)
    for end in (network.sources, network.targets):
        strength = np.bincount(end, network.weights, network.size)[end]
        degree = np.bincount(end, minlength=network.size)[end]
        kept |= (degree > 1) & ((1 - network.weights / strength) ** (degree - 1) <= alpha)
    return kept


def pagerank(
    network: Network, weights: Ints, start: Floats | None = None, steps: int = _MOST_STEPS
) -> Floats:
    """PageRank by power iteration, to 1e-12; what acts toward nobody is dealt to all.

    A pair passes on rank by log2(1 + occasions): many of one account weigh less than one of many.
    """
    passing = np.log2(1.0 + weights)
    given = network.given(passing)
    share = passing / np.where(given > 0, given, 1)[network.sources]
    rank = np.full(network.size, 1 / network.size) if start is None else start
    for _ in range(steps):
        passed = np.bincount(network.targets, rank[network.sources] * share, network.size)
        lost = rank[given == 0].sum()
        new = _DAMPING * (passed + lost / network.size) + (1 - _DAMPING) / network.size
        moved, rank = np.abs(new - rank).sum(), new
        if moved < _PRECISION:
            break
    return np.asarray(np.round(rank, 12))  # so that equals are equal


def groups(network: Network, seed: int) -> tuple[Ints, float]:
    """The group of each account by Leiden (Traag 2019), and the modularity of the groups."""
    if not len(network.sources):
        return np.zeros(network.size, np.int64), 0.0
    graph = network.graph()
    igraph.set_random_number_generator(random.Random(seed))  # noqa: S311
    try:
        found = graph.community_leiden("modularity", weights="weight", n_iterations=5)
    finally:
        igraph.set_random_number_generator(random)
    return np.array(found.membership, np.int64), float(found.modularity)


def dealt_anew(network: Network, drawn: np.random.Generator) -> Network:
    """The same accounts act and are acted toward as often, but without regard to each other."""
    targets = drawn.permutation(network.targets)
    apart = targets != network.sources
    return replace(network, targets=targets).only(apart)


@dataclass(frozen=True)
class Brokerage:
    """Ways over each account: one that acted toward it, and one that it acted toward.

    Gould & Fernandez 1989, doi:10.2307/270949. Accounts count, not occasions: one who answers a
    thousand times opens no way more.
    """

    ways: Floats  # from one group to another
    share: Floats  # of all ways over it
    reach: Floats  # such ways for each account on its wider side: both sides must be wide
    bar: float  # the share halfway from that of all accounts to that of one without a group


class Between:
    """Who stands between the groups `of` (numbered), whichever pairs there are."""

    def __init__(self, network: Network, of: Ints) -> None:
        self._network, self._of, self._groups = network, of, int(of.max(initial=0)) + 1
        into = network.targets * self._groups + of[network.sources]
        onto = network.sources * self._groups + of[network.targets]
        keys, place = np.unique(np.concatenate([into, onto]), return_inverse=True)
        self._into, self._onto = place[: len(into)], place[len(into) :]
        self._account = keys // self._groups

    def brokerage(self, present: Flags) -> Brokerage:
        """Who stands between, if only these of the pairs are there."""
        network, number = self._network, len(self._account)
        sources, targets = network.sources[present], network.targets[present]
        came = np.bincount(targets, minlength=network.size).astype(np.float64)
        went = np.bincount(sources, minlength=network.size).astype(np.float64)
        from_group = np.bincount(self._into[present], minlength=number)
        to_group = np.bincount(self._onto[present], minlength=number)
        both = came * went
        ways = both - np.bincount(self._account, from_group * to_group, network.size)
        ends = np.bincount(self._of, came + went, self._groups)
        mixed = 1 - (ends**2).sum() / max(1.0, ends.sum()) ** 2
        return Brokerage(
            ways=ways,
            share=ways / np.maximum(1, both),
            reach=ways / np.maximum(1, np.maximum(came, went)),
            bar=float((ways.sum() / max(1.0, both.sum()) + mixed) / 2),
        )


def betweenness(
    network: Network, exact_pairs: int, sources: int, seed: int
) -> tuple[Floats, Floats | None]:
    """Shortest paths through each account (Freeman 1977), without direction or weight.

    On more than `exact_pairs` pairs it is estimated from some sources, drawn without repeats
    (Brandes & Pich 2007, doi:10.1142/S0218127407018403); the second is then the standard error.
    Null: it is exact.
    """
    graph = network.graph()
    tied = np.flatnonzero(np.array(graph.degree()) > 0)
    if graph.ecount() <= exact_pairs or len(tied) <= sources:
        return np.array(graph.betweenness(directed=False)), None
    sums, squares = np.zeros((2, network.size))
    for source in np.random.default_rng(seed).permutation(tied)[:sources].tolist():
        paths = np.array(graph.betweenness(directed=False, sources=[source])) * len(tied)
        sums += paths
        squares += paths**2
    mean = sums / sources
    spread = np.maximum(0.0, squares / sources - mean**2) / (sources - 1)
    return mean, np.sqrt(spread)


def flow_hierarchy(network: Network) -> float:
    """The share of pairs that are in no cycle (Luo & Magee 2011, doi:10.1002/cplx.20368)."""
    if not len(network.sources):
        return 1.0
    inside = _within(network)
    return float(1 - inside.mean())


def _within(network: Network) -> Flags:
    """Which pairs lie inside a strongly connected part."""
    graph = igraph.Graph(
        network.size, np.stack([network.sources, network.targets], 1), directed=True
    )
    part = np.array(graph.connected_components(mode="strong").membership)
    return np.asarray(part[network.sources] == part[network.targets])


def agony(network: Network) -> tuple[int, int]:
    """Between which bounds the least agony of any ranking lies (Gupte et al. 2011).

    A pair costs 1 + the number of levels that it goes down, or nothing if it goes up; doi:
    10.1145/1963405.1963484. Cycles without a common pair cost their length at least; above stands
    the cost of a ranking that was found. Only pairs inside strongly connected parts cost.
    """
    inner = network.only(_within(network))
    pairs = len(inner.sources)
    if pairs > _MOST_DESCENT:
        one = inner.sources * inner.size + inner.targets
        other = inner.targets * inner.size + inner.sources
        return int(np.isin(one, other).sum()), pairs
    free = _cycles_removed(inner)
    level = _levels(inner.only(free))
    return int((~free).sum()), min(pairs, _descended(inner, level))


def _cycles_removed(network: Network) -> Flags:
    """Which pairs remain when a walk takes out every cycle that it closes."""
    onward: list[list[int]] = [[] for _ in range(network.size)]
    sources, targets = network.sources.tolist(), network.targets.tolist()
    for pair in range(len(sources) - 1, -1, -1):
        onward[sources[pair]].append(pair)
    free = np.ones(len(sources), bool)
    position = [-1] * network.size  # on the walk
    for first in range(network.size):
        walk, pairs = [first], list[int]()
        position[first] = 0
        while walk:
            here = walk[-1]
            if not onward[here]:  # nothing leads back from here
                position[walk.pop()] = -1
                if pairs:
                    pairs.pop()
                continue
            pair = onward[here].pop()
            there = targets[pair]
            if position[there] < 0:
                position[there] = len(walk)
                walk.append(there)
                pairs.append(pair)
                continue
            start = position[there]
            free[[*pairs[start:], pair]] = False
            for left in walk[start + 1 :]:
                position[left] = -1
            del walk[start + 1 :], pairs[start:]
    return free


def _levels(network: Network) -> list[int]:
    """The longest way to each account in a network without cycles."""
    graph = igraph.Graph(
        network.size, np.stack([network.sources, network.targets], 1), directed=True
    )
    level = [0] * network.size
    successors = graph.get_adjlist("out")
    for here in graph.topological_sorting():
        for there in successors[here]:
            level[there] = max(level[there], level[here] + 1)
    return level


def _descended(network: Network, level: list[int]) -> int:
    """The agony after each account in turn took its best level, until none gains."""
    up: list[list[int]] = [[] for _ in range(network.size)]
    down: list[list[int]] = [[] for _ in range(network.size)]
    for source, target in zip(network.sources.tolist(), network.targets.tolist(), strict=True):
        up[source].append(target)
        down[target].append(source)

    def cost(here: int, at: int) -> int:
        above = sum(max(0, at - level[there] + 1) for there in up[here])
        return above + sum(max(0, level[there] - at + 1) for there in down[here])

    for _ in range(20):
        gained = 0
        for here in range(network.size):
            if not (up[here] and down[here]):
                continue
            # The cost is convex, falling by 1 for each pair from below: least where these end.
            turns = sorted(
                [level[there] - 1 for there in up[here]]
                + [level[there] + 1 for there in down[here]]
            )
            best = turns[len(down[here]) - 1]
            gain = cost(here, level[here]) - cost(here, best)
            if gain > 0:
                gained += gain
                level[here] = best
        if not gained:
            break
    heights = np.array(level)
    return int(np.maximum(0, heights[network.sources] - heights[network.targets] + 1).sum())
