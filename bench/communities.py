"""Are the groups the true ones, as well as plain Leiden finds them, and at what cost?

    python -m bench.communities truth --graphs FOLDER
    python -m bench.communities planted
    python -m bench.communities cost --ties 1000000

`truth`: networks in GML whose vertices have their true group in the attribute `gt`. Plain Leiden is
igraph's, for modularity (resolution 1), over many seeds. Intervals are those of seeds (5 to 95 %),
and for the difference that of accounts drawn again. `planted`: invented networks, as made and
rewired. `cost`: processor time of an invented network.
"""

from __future__ import annotations

import argparse
import itertools
import random
import statistics
import time
import warnings
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import igraph
import numpy as np
import pyarrow as pa

from bench.measuring import print_table
from clew.analyses.communities.asked import GATHERED, Options
from clew.analyses.communities.describing import described
from clew.analyses.communities.grouping import FIRM, Network, groups_of
from clew.model.chance import wilson

Groups = Sequence[int]


def nmi(one: Any, other: Any) -> float:
    """Normalised mutual information, by the mean of both entropies."""
    return igraph.compare_communities(list(map(int, one)), list(map(int, other)), method="nmi")


def simple(size: int, ends: Sequence[tuple[int, int]]) -> Network:
    """A network in which each pair weighs the same."""
    pairs = sorted({(min(pair), max(pair)) for pair in ends if pair[0] != pair[1]})
    return Network(size, np.array(pairs, np.int64), np.ones(len(pairs)))


# ----------------------------------------------------------------------------------------- truth

_SEEDS = 21
_DRAWS = 300


def truth(folder: Path) -> None:
    lines = []
    for path in sorted(folder.glob("*.gml")):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # an entity in a name
            graph = igraph.Graph.Read_GML(str(path))
        codes = {group: code for code, group in enumerate(sorted(set(graph.vs["gt"])))}
        true = np.array([codes[group] for group in graph.vs["gt"]])
        network = simple(graph.vcount(), graph.get_edgelist())
        plain = [network.leiden(1.0, seed, iterations=2) for seed in range(_SEEDS)]
        found = [groups_of(network, seed) for seed in range(_SEEDS)]
        ours = [each.of for each in found]
        low, high = _difference(true, ours, plain)
        lines.append(
            [
                path.stem,
                network.size,
                len(network.ends),
                len(codes),
                _interval([nmi(each, true) for each in plain]),
                _interval([nmi(each, true) for each in ours]),
                f"{low:+.3f} to {high:+.3f}",
                _interval([nmi(each, ours[0]) for each in ours[1:]]),
                "/".join(sorted({f"{each.resolution:.2f}" for each in found})),
                "/".join(sorted({str(len(set(each.tolist()))) for each in ours})),
            ]
        )
    columns = ["network", "accounts", "ties", "groups", "plain Leiden NMI", "Clew NMI"]
    columns += ["difference", "NMI between seeds", "resolution", "groups found"]
    print_table("true groups", columns, lines)


def _interval(values: Sequence[float]) -> str:
    low, high = np.quantile(values, [0.05, 0.95])
    return f"{statistics.median(values):.3f} ({low:.3f} to {high:.3f})"


def _difference(
    true: Any, ours: Sequence[Any], plain: Sequence[Any], seed: int = 1
) -> tuple[float, float]:
    """The 95 % interval of median NMI less median NMI, accounts drawn again."""
    drawn = np.random.default_rng(seed)
    differences = []
    for _ in range(_DRAWS):
        some = drawn.integers(0, len(true), len(true))
        medians = [
            statistics.median(nmi(each[some], true[some]) for each in drawn.permutation(runs)[:7])
            for runs in (ours, plain)
        ]
        differences.append(medians[0] - medians[1])
    low, high = np.quantile(differences, [0.025, 0.975])
    return float(low), float(high)


# --------------------------------------------------------------------------------------- planted


def invented(
    size: int, degree: float, mixed: float, groups: int, seed: int
) -> tuple[Network, Groups]:
    """Groups of unequal size, accounts of unequal activity; a share of ties goes anywhere."""
    drawn = np.random.default_rng(seed)
    sizes = drawn.pareto(1.5, groups) + 1
    of = np.concatenate(
        [np.arange(groups), drawn.choice(groups, size - groups, p=sizes / sizes.sum())]
    )
    of.sort()
    activity = np.minimum(drawn.pareto(1.5, size) + 1, 30)
    until = np.concatenate([[0], np.cumsum(activity)])
    bounds = np.searchsorted(of, np.arange(groups + 1))
    start, stop = until[bounds[:-1]], until[bounds[1:]]
    one = drawn.choice(size, round(size * degree / 2), p=activity / activity.sum())
    place = drawn.random(len(one))
    inside = start[of[one]] + place * (stop - start)[of[one]]
    at = np.where(drawn.random(len(one)) < mixed, place * until[-1], inside)
    other = np.minimum(np.searchsorted(until, at, "right") - 1, size - 1)
    keys = np.minimum(one, other) * size + np.maximum(one, other)
    keys, weights = np.unique(keys[one != other], return_counts=True)
    network = Network(size, np.column_stack([keys // size, keys % size]), np.log2(1 + weights))
    return network, of


def rewired(network: Network, seed: int) -> Network:
    """Each account with as many partners, drawn at random."""
    graph = igraph.Graph(network.size, network.ends)
    igraph.set_random_number_generator(random.Random(seed))
    graph.rewire(n=20 * graph.ecount())
    igraph.set_random_number_generator(random)
    return simple(network.size, graph.get_edgelist())


def planted(number: int) -> None:
    kinds = itertools.product(((100, 4), (300, 8)), (6, 12), (0.1, 0.3, 0.5, 0.7))
    lines = [_planted(*sizes, degree, mixed, number) for sizes, degree, mixed in kinds]
    columns = ["accounts", "groups", "partners", "mixed", "plain NMI", "Clew NMI", "difference"]
    columns += ["said to be firm", "rewired said to be firm"]
    print_table(f"{number} invented networks each", columns, lines)


def _planted(size: int, groups: int, degree: float, mixed: float, number: int) -> list[object]:
    plain, ours, firm, false = [], [], 0, 0
    for seed in range(number):
        network, true = invented(size, degree, mixed, groups, seed)
        found = groups_of(network, seed)
        runs = [nmi(network.leiden(1.0, run, iterations=2), true) for run in range(5)]
        plain.append(statistics.median(runs))
        ours.append(nmi(found.of, true))
        firm += found.chance is not None and found.chance < FIRM
        null = groups_of(rewired(network, seed), seed)
        false += null.chance is not None and null.chance < FIRM
    more = np.subtract(ours, plain)
    spread = 1.96 * float(more.std(ddof=1)) / number**0.5
    return [
        size,
        groups,
        degree,
        mixed,
        statistics.mean(plain),
        statistics.mean(ours),
        f"{more.mean():+.3f} ± {spread:.3f}",
        f"{firm} of {number}",
        f"{false} of {number} (up to {wilson(false / number, number)[1]:.0%})",
    ]


# ------------------------------------------------------------------------------------------ cost


def cost(ties: Sequence[int]) -> None:
    lines = []
    for number in ties:
        size = number // 5
        network, true = invented(size, 2.2 * number / size, 0.3, max(4, size // 400), 1)
        started = time.process_time()
        found = groups_of(network, 1)
        middle = time.process_time()
        again = groups_of(network, 1)
        same = np.array_equal(found.of, again.of) and found.chance == again.chance
        gathered = _gathered(network)
        before = time.process_time()
        result = described(gathered, Options())
        after = time.process_time()
        lines.append(
            [
                len(network.ends),
                size,
                middle - started,
                after - before,
                nmi(found.of, true),
                nmi(network.leiden(1.0, 1, iterations=2), true),
                result.num_rows,
                "yes" if same else "no",
            ]
        )
    columns = ["ties", "accounts", "groups CPU s", "whole score CPU s", "Clew NMI"]
    print_table("cost", [*columns, "plain NMI", "rows", "same answer again"], lines)


def _gathered(network: Network) -> pa.Table:
    """The network as the engine would give it."""
    names = np.array([f"x:{number}" for number in range(network.size)])
    ends = names[network.ends]
    ends.sort(axis=1)
    rows = len(ends)
    columns = {
        "part": ["tie"] * rows,
        "account_id": ends[:, 0],
        "value": ends[:, 1],
        "number": (2**network.weights - 1).round().astype(np.int64),
    }
    schema = GATHERED.to_pyarrow()
    return pa.table(
        {field.name: columns.get(field.name, [None] * rows) for field in schema}, schema=schema
    )


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("what", choices=["truth", "planted", "cost"])
    parser.add_argument("--graphs", type=Path, help="a folder of GML files")
    parser.add_argument("--networks", type=int, default=10, help="invented networks of each kind")
    parser.add_argument("--ties", type=int, nargs="+", default=[1_000_000])
    given = parser.parse_args(arguments)
    if given.what == "truth":
        if given.graphs is None:
            parser.error("truth needs --graphs")
        truth(given.graphs)
    elif given.what == "planted":
        planted(given.networks)
    else:
        cost(given.ties)


if __name__ == "__main__":
    main()
