"""Into which groups does a network fall, how surely, and is that more than chance?

Pairs are held back, groups are found without them, and it is counted how many of the pairs held
back lie inside the groups. That chooses how fine the groups are, and says whether they are more
than chance. Leiden then runs many times, with other seeds and resolutions; pairs count as far as
those runs put both ends together, and Leiden on that consensus gives the groups.
"""

from __future__ import annotations

import math
import random
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import igraph
import numpy as np

Ints = np.ndarray[Any, np.dtype[np.int64]]
Floats = np.ndarray[Any, np.dtype[np.float64]]

FIRM = 0.01
"""Groups that chance alone would confirm this well more seldom than so are firm."""

_RESOLUTIONS = tuple(2 ** (step / 2) for step in range(-6, 7))  # 1 is that of modularity
_FEW_RESOLUTIONS = (1.0, 2.0)
_FOLDS = 10
_ROUNDS = 50  # folds of five divisions
_RUNS = (3, 12)
_SPREAD = math.sqrt(2)  # the runs are made from so much coarser to so much finer
_WORK = 4_000_000  # pairs of all runs together: greater networks get fewer runs
_LEAST_JUDGED = 20


@dataclass(frozen=True)
class Network:
    """Vertices 0 to size - 1 and undirected pairs of them, each pair once and none with itself."""

    size: int
    ends: Ints  # two columns
    weights: Floats  # above 0

    @cached_property
    def _graph(self) -> igraph.Graph:
        return igraph.Graph(self.size, self.ends, edge_attrs={"weight": self.weights})

    def leiden(self, resolution: float, seed: int, iterations: int = 1) -> Ints:
        """The group of each vertex; the same seed gives the same groups."""
        igraph.set_random_number_generator(random.Random(seed))  # noqa: S311
        try:
            # What Graph.community_leiden calls; that one makes an object of it, slowly.
            groups, _quality = igraph.GraphBase.community_leiden(
                self._graph,
                edge_weights="weight",
                resolution=resolution,
                normalize_resolution=True,
                n_iterations=iterations,
            )
        finally:
            igraph.set_random_number_generator(random)
        return np.array(groups, np.int64)

    def partners(self) -> Ints:
        """In how many pairs each vertex is."""
        return np.bincount(self.ends.ravel(), minlength=self.size)

    def only(self, kept: Any) -> Network:
        """The network with some of its pairs, and all its vertices."""
        return Network(self.size, self.ends[kept], self.weights[kept])


@dataclass(frozen=True)
class HeldBack:
    """How many pairs lie inside groups that were found without them.

    A pair can be judged only if both its ends have other pairs.
    """

    resolution: float
    judged: int
    inside: float  # share of those judged; the mean of several divisions
    error: float  # its standard error
    expected: float  # the same of pairs drawn at random, each account with as many partners

    @property
    def gain(self) -> float:
        """What the groups say of a pair that they do not know, in nats (Kullback & Leibler)."""
        inside, expected = self._shares()
        if inside <= expected:
            return 0.0
        return inside * math.log(inside / expected) + (1 - inside) * math.log(
            (1 - inside) / (1 - expected)
        )

    @property
    def gain_error(self) -> float:
        """Its standard error."""
        inside, expected = self._shares()
        return self.error * abs(math.log(inside / (1 - inside) * (1 - expected) / expected))

    @property
    def chance(self) -> float:
        """P(as many inside or more), if groups said nothing of pairs: normal approximation."""
        inside, expected = self._shares()
        error = max(self.error, math.sqrt(expected * (1 - expected) / self.judged))
        return math.erfc((inside - expected) / error / math.sqrt(2)) / 2

    def _shares(self) -> tuple[float, float]:
        """Inside and by chance, never 0 or 1: so few pairs prove nothing for certain."""
        most = self.judged + 1
        return (self.inside * self.judged + 0.5) / most, (self.expected * self.judged + 0.5) / most


@dataclass(frozen=True)
class Groups:
    """The groups of a network. `stability` is each vertex's share of runs with its group."""

    of: Ints  # group of each vertex
    stability: Floats
    runs: int
    resolution: float
    held_back: HeldBack | None  # null: too few pairs can be judged
    chance: float | None  # of groups as well confirmed, at the best of the resolutions tried


def groups_of(network: Network, seed: int) -> Groups:
    """The groups of a network that has pairs; the same seed gives the same groups."""
    chosen, chance = coarsest_as_good(held_back(network, seed))
    firm = chosen is not None and chance is not None and chance < FIRM
    resolution = chosen.resolution if chosen and firm else 1.0
    number = _affordable(network, *_RUNS)
    resolutions = np.geomspace(resolution / _SPREAD, resolution * _SPREAD, number)
    runs = [network.leiden(float(each), seed + run) for run, each in enumerate(resolutions)]
    groups = consensus(network, runs).leiden(resolution, seed)
    return Groups(groups, stability(groups, runs), number, resolution, chosen, chance)


def _affordable(network: Network, least: int, most: int, each: int = 1) -> int:
    return min(most, max(least, _WORK // (each * len(network.ends))))


# ------------------------------------------------------------------------------------- held back


def held_back(network: Network, seed: int) -> list[HeldBack]:
    """How well groups of each resolution are confirmed by pairs that they were found without."""
    pairs = len(network.ends)
    resolutions = _RESOLUTIONS if pairs * len(_RESOLUTIONS) <= _WORK else _FEW_RESOLUTIONS
    rounds = _affordable(network, 1, _ROUNDS, each=len(resolutions))
    drawn = np.random.default_rng(seed)
    partners = network.partners()
    times = np.zeros(pairs)  # that each pair was judged
    inside = np.zeros((len(resolutions), pairs))
    expected = np.zeros(len(resolutions))
    for number in range(rounds):
        if number % _FOLDS == 0:
            fold_of = drawn.permutation(pairs) % _FOLDS
        others = network.only(fold_of != number % _FOLDS)
        known = others.partners() > 0
        held = np.flatnonzero((fold_of == number % _FOLDS) & known[network.ends].all(axis=1))
        times[held] += 1
        # Whose only pair is held back cannot be judged, and is not what chance would draw either.
        weights = np.where(known & (partners > 1), partners, 0)
        left, right = network.ends[held].T
        for place, resolution in enumerate(resolutions):
            groups = others.leiden(resolution, seed + number)
            inside[place, held] += groups[left] == groups[right]
            shares = np.bincount(groups, weights=weights) / max(1, weights.sum())
            expected[place] += len(held) * float(shares @ shares)
    judged = times > 0
    return [
        HeldBack(
            resolution,
            int(judged.sum()),
            *_share(network.only(judged), within[judged] / times[judged]),
            expected=float(chance / max(1.0, times.sum())),
        )
        for resolution, within, chance in zip(resolutions, inside, expected, strict=True)
    ]


def _share(network: Network, inside: Floats) -> tuple[float, float]:
    """The share of pairs inside and its standard error, if accounts are drawn and not pairs.

    Pairs that share an account are alike: Fafchamps & Gubert (2007).
    """
    if not len(inside):
        return 0.0, 0.0
    share = float(inside.mean())
    stray = inside - share
    sums = np.bincount(network.ends.ravel(), weights=np.repeat(stray, 2))
    variance = max(float(sums @ sums - stray @ stray), float(stray @ stray))
    return share, math.sqrt(variance) / len(inside)


def coarsest_as_good(tried: Sequence[HeldBack]) -> tuple[HeldBack | None, float | None]:
    """The resolution to take, and how probable such confirmation is by chance.

    The one-standard-error rule of Breiman et al. (1984): the simplest of what is as good as the
    best, and simplest are the coarsest groups. The chance is that of the best, times how many were
    tried (Bonferroni).
    """
    best = max(tried, key=lambda each: (each.gain, -each.resolution))
    if best.judged < _LEAST_JUDGED:
        return None, None
    enough = best.gain - best.gain_error
    good = [each for each in tried if each.gain > 0 and each.gain >= enough]
    chosen = min(good, key=lambda each: each.resolution, default=best)
    return chosen, min(1.0, best.chance * len(tried))


# ------------------------------------------------------------------------------------- consensus


def consensus(network: Network, runs: Sequence[Ints]) -> Network:
    """The network in which pairs weigh as much less as fewer runs put both ends together."""
    left, right = network.ends.T
    together = np.mean([run[left] == run[right] for run in runs], axis=0)
    agreed = Network(network.size, network.ends, network.weights * together)
    return agreed.only(together > 0)


def stability(groups: Ints, runs: Sequence[Ints]) -> Floats:
    """The share of runs in which each vertex is where most of its group is."""
    stays = np.zeros(len(groups))
    for run in runs:
        width = int(run.max()) + 1
        cells, which, sizes = np.unique(
            groups * width + run, return_inverse=True, return_counts=True
        )
        # The greatest cell of each group; of equal ones the first.
        order = np.lexsort((cells, -sizes, cells // width))
        first = np.unique(cells[order] // width, return_index=True)[1]
        main = np.zeros(len(cells), bool)
        main[order[first]] = True
        stays += main[which]
    return stays / len(runs)
