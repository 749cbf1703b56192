"""Are planted leaders and brokers found, and nobody else? Against plain rankings by degree; cost.

    python -m bench.roles planted --runs 10
    python -m bench.roles null --runs 10
    python -m bench.roles cost --pairs 1000000

`planted`: groups of 25 accounts that act by popularity (a power law), mostly within their group. In
each group one account is acted toward by nearly all (leader); a few accounts share their occasions
between all groups, at a moderate activity (broker). Loud accounts act a lot toward anybody, and one
is acted toward very often by only three. Compared: as many accounts by degree as were planted.
"""

from __future__ import annotations

import argparse
import time
from collections import Counter
from itertools import pairwise
from types import SimpleNamespace

import numpy as np
import psutil
import pyarrow as pa

from bench.measuring import print_table
from clew.analyses.roles import ROLES, Options
from clew.analyses.roles.gathering import GATHERED
from clew.analyses.roles.measuring import Network, agony, betweenness, flow_hierarchy
from clew.model.chance import wilson
from clew.store.engines import duckdb_engine

_GROUP = 25


def community(
    random: np.random.Generator, groups: int, strength: int
) -> tuple[Counter[tuple[int, int]], set[int], set[int]]:
    """Occasions by pair, the leaders, and the brokers."""
    plain = groups * _GROUP
    brokers, loud = max(2, groups // 4), max(2, groups // 4)
    size = plain + brokers + loud
    group = np.arange(plain) // _GROUP
    fame = random.pareto(3.0, plain) + 0.5
    pairs: Counter[tuple[int, int]] = Counter()
    for account in range(plain):
        weight = fame * np.where(group == group[account], 30, 1)
        weight[account] = 0
        number = 5 + int(random.pareto(1.5) * 5) % 60
        for target in random.choice(plain, number, p=weight / weight.sum()):
            pairs[account, int(target)] += 1
        leader = int(group[account]) * _GROUP
        if account != leader and random.random() < 0.9:
            pairs[account, leader] += strength
    for broker in range(plain, plain + brokers):
        for target in random.choice(plain, 4 * groups, replace=False):
            pairs[broker, int(target)] += 1 + int(random.poisson(strength / 2))
            pairs[int(target), broker] += 1 + int(random.poisson(strength / 2))
    for account in range(plain + brokers, size):
        for target in random.choice(plain, 150):
            pairs[account, int(target)] += 1
        for source in random.choice(plain, 3, replace=False):
            pairs[int(source), account] += 80
    return pairs, set(range(0, plain, _GROUP)), set(range(plain, plain + brokers))


def gathered(pairs: Counter[tuple[int, int]]) -> pa.Table:
    """What the engine would have gathered."""
    rows = [
        {
            "part": "pair",
            "account_id": f"x:{one}",
            "target_account_id": f"x:{other}",
            "number": number,
            "post_id": f"x:{one}/{other}",
        }
        for (one, other), number in pairs.items()
    ]
    return pa.Table.from_pylist(rows, schema=GATHERED.to_pyarrow())


def _roles(table: pa.Table, **options: int) -> tuple[dict, dict[str, set[int]]]:
    chosen = Options(**options)
    network, *accounts = ROLES.score(table, chosen).to_pylist()
    return network, {
        role: {int(row["account_id"][2:]) for row in accounts if role in row["roles"]}
        for role in ("leader", "broker")
    }


def _dealt(pairs: Counter[tuple[int, int]], random: np.random.Generator) -> Counter:
    """Every occasion toward an account that is drawn evenly: nobody leads, nobody brokers."""
    size = 1 + max(max(pair) for pair in pairs)
    sources = np.repeat([one for one, _ in pairs], list(pairs.values()))
    targets = random.integers(size, size=len(sources))
    return Counter(
        (one, other)
        for one, other in zip(sources.tolist(), targets.tolist(), strict=True)
        if one != other
    )


def planted(args: argparse.Namespace) -> None:
    table = []
    for strength in args.strengths:
        found = Counter[tuple[str, str]]()
        for run in range(args.runs):
            random = np.random.default_rng([args.seed, run, strength])
            pairs, leaders, brokers = community(random, args.groups, strength)
            _, roles = _roles(gathered(pairs), top=args.groups + 3, alpha_percent=args.alpha)
            roles["leader"] -= brokers  # whom most accounts act toward: no fault to call them so
            received, degree = Counter[int](), Counter[int]()
            for (one, other), number in pairs.items():
                received[other] += number
                degree[one] += 1
                degree[other] += 1
            naive = {
                "leader": {one for one, _ in received.most_common(len(leaders) + len(brokers))}
                - brokers,
                "broker": {one for one, _ in degree.most_common(len(brokers))},
            }
            for role, truth in (("leader", leaders), ("broker", brokers)):
                found[role, "truth"] += len(truth)
                for name, called in (("clew", roles[role]), ("naive", naive[role])):
                    found[role, name] += len(called)
                    found[role, name + " right"] += len(called & truth)
        for role in ("leader", "broker"):
            truth, called = found[role, "truth"], found[role, "clew"]
            right, naive_right = found[role, "clew right"], found[role, "naive right"]
            low, high = wilson(right / truth, truth)
            table.append(
                [strength, role, f"{right / truth:.2f} ({low:.2f}–{high:.2f})",
                 f"{right / called:.2f} of {called}" if called else "–",
                 f"{naive_right / truth:.2f}", f"{naive_right / found[role, 'naive']:.2f}"]
            )  # fmt: skip
    print_table(
        f"Planted roles: {args.groups} groups of {_GROUP}, {args.runs} runs, alpha {args.alpha} %",
        ["strength", "role", "recall (95 %)", "precision", "by degree: recall", "precision"],
        table,
    )


def null(args: argparse.Namespace) -> None:
    called, table = Counter[str](), []
    for run in range(args.runs):
        random = np.random.default_rng([args.seed, run, 99])
        pairs, _, _ = community(random, args.groups, 3)
        network, roles = _roles(gathered(_dealt(pairs, random)), top=args.groups)
        called.update({role: len(some) for role, some in roles.items()})
        called["groups"] += network["modularity"] > network["modularity_null"]
    table.append([args.runs, called["leader"], called["broker"], called["groups"]])
    print_table("Targets dealt anew", ["runs", "leaders", "brokers", "runs with groups"], table)


def cost(args: argparse.Namespace) -> None:
    table = []
    for number in args.pairs:
        engine, accounts = duckdb_engine(), max(100, number // 10)
        engine.raw_sql(
            f"""CREATE TEMP TABLE interactions AS SELECT 'reply' AS kind, 'x' AS platform,
            'x:' || one AS account_id, 'x:' || CASE WHEN random() < 0.7
                THEN (one // 100) * 100 + floor(100 * power(random(), 2))::BIGINT
                ELSE floor({accounts} * power(random(), 2))::BIGINT END AS target_account_id,
            NULL::VARCHAR AS target_name, 'x:p' || i AS post_id, NULL::VARCHAR AS target_post_id,
            NULL::VARCHAR AS channel_id, NULL::VARCHAR AS target_channel_id,
            make_timestamptz((1704067200 + i % 77760000) * 1000000) AS happened_at,
            'utc' AS time_quality FROM (SELECT i, floor({accounts} * power(random(), 1.5))::BIGINT
            AS one FROM range({number * 5 // 4}) AS r(i));
            CREATE TEMP TABLE posts AS SELECT post_id, account_id, happened_at AS posted_at,
            time_quality FROM interactions LIMIT 0;
            CREATE TEMP TABLE accounts AS SELECT DISTINCT account_id, 'x' AS platform,
            account_id AS handle FROM interactions"""
        )
        tables = SimpleNamespace(**{name: engine.table(name) for name in ROLES.needs})
        process = psutil.Process()
        times = [(time.perf_counter(), process.cpu_times().user)]
        rows = ROLES.gather(tables, Options()).to_pyarrow()
        times.append((time.perf_counter(), process.cpu_times().user))
        result = ROLES.score(rows, Options(bootstraps=args.bootstraps))
        times.append((time.perf_counter(), process.cpu_times().user))
        network = result.to_pylist()[0]
        table.append(
            [network["accounts"], network["pairs"], network["backbone_pairs"],
             *(after[at] - before[at] for before, after in pairwise(times)
               for at in (0, 1)),
             process.memory_info().rss / 1e6]
        )  # fmt: skip
    print_table(
        f"Cost, {args.bootstraps} bootstraps",
        ["accounts", "pairs", "backbone", "gather s", "CPU s", "score s", "CPU s", "memory MB"],
        table,
    )


def sampled(args: argparse.Namespace) -> None:
    """How far sampled betweenness is off, in its standard errors; how wide agony's bounds are."""
    random = np.random.default_rng(args.seed)
    pairs, _, _ = community(random, args.groups, 3)
    ends = np.array(sorted(pairs))
    network = Network(int(ends.max()) + 1, ends[:, 0], ends[:, 1], np.ones(len(ends), np.int64))
    exact, _ = betweenness(network, len(ends) + 1, 200, 1)
    best = np.argsort(-exact)[:100]
    table = []
    for number in (50, 100, 200):
        some, error = betweenness(network, 1, number, args.seed)
        off = np.abs(some - exact)
        table.append(
            [len(ends), number, float(np.mean(off[best] / exact[best])),
             f"{np.mean(off[best] <= 2 * error[best]):.2f}"]
        )  # fmt: skip
    print_table(
        "Sampled betweenness, the first 100 accounts",
        ["pairs", "sources", "mean relative error", "within 2 standard errors"],
        table,
    )
    low, high = agony(network)
    print_table(
        "Hierarchy of the same network",
        ["flow", "agony: worst", "agony: best"],
        [[flow_hierarchy(network), 1 - high / len(ends), 1 - low / len(ends)]],
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    commands = parser.add_subparsers(required=True)
    for name, run in (("planted", planted), ("null", null), ("sampled", sampled)):
        command = commands.add_parser(name)
        command.add_argument("--runs", type=int, default=10)
        command.add_argument("--groups", type=int, default=12)
        command.add_argument("--strengths", type=int, nargs="+", default=[1, 3, 6])
        command.add_argument("--alpha", type=int, default=50)
        command.add_argument("--seed", type=int, default=1)
        command.set_defaults(run=run)
    command = commands.add_parser("cost")
    command.add_argument("--pairs", type=int, nargs="+", default=[1_000_000])
    command.add_argument("--bootstraps", type=int, default=100)
    command.set_defaults(run=cost)
    args = parser.parse_args()
    args.run(args)


if __name__ == "__main__":
    main()
