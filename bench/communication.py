"""How often are pairs called that only met by chance, and how many of the planted ones are found?

    python -m bench.communication talk [--runs 20]
    python -m bench.communication speed [--runs 20]
    python -m bench.communication shuffled [--shuffles 2000]

Invented accounts, some busy and some popular, each awake 16 hours of the day and at home in some of
the channels, talk for 90 days. `talk` adds pairs that talk more often, `speed` accounts that answer
one other faster. `shuffled` sets the formula of chance against recipients that are really shuffled
within place, 30 days and part of the day. The baselines know no places and no hours.
"""

from __future__ import annotations

import argparse
import datetime as dt
import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pyarrow as pa

from bench.measuring import print_table
from clew.analyses.communication import COMMUNICATION, Options
from clew.analyses.communication.gathering import conversations_begun
from clew.model.chance import wilson
from clew.model.rates import poisson_surprise
from clew.model.surges import false_shares
from clew.model.tables import TABLES

_START = dt.datetime(2024, 1, 1, tzinfo=dt.UTC)
_DAYS = 90
Pair = tuple[str, str]


# -------------------------------------------------------------------------------------- the world


@dataclass
class World:
    """Accounts that talk as their activity, popularity, hours and channels make them."""

    seed: int
    accounts: int = 200
    channels: int = 4
    messages: list[tuple[int, int, int, int, int]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.rng = np.random.default_rng(self.seed)
        number = self.accounts
        self.busy = self.rng.pareto(1.5, number) + 0.1
        self.popular = self.rng.pareto(1.5, number) + 0.1
        self.wakes = self.rng.normal(7, 4, number).astype(int) % 24
        self.slow_s = 900 * np.exp(self.rng.normal(0, 1, number))
        self.homes = self.rng.random((number, self.channels)) < 0.4
        self.homes[np.arange(number), self.rng.integers(0, self.channels, number)] = True

    def awake(self, hour: int) -> Any:
        return (hour - self.wakes) % 24 < 16

    def chat(
        self, conversations: int, faster: Sequence[tuple[int, int]] = (), factor: float = 1
    ) -> None:
        """Conversations as chance makes them; those who are `faster` are so by this factor."""
        senders = self.rng.choice(self.accounts, conversations, p=self.busy / self.busy.sum())
        for sender in senders:
            channel = self.rng.choice(np.flatnonzero(self.homes[sender]))
            hour = (self.wakes[sender] + self.rng.integers(16)) % 24
            weight = self.popular * self.homes[:, channel] * self.awake(hour)
            weight[sender] = 0
            if weight.sum():
                other = self.rng.choice(self.accounts, p=weight / weight.sum())
                self.talk(sender, other, channel, hour, faster, factor)

    def meet(
        self,
        pair: tuple[int, int],
        times: int,
        faster: Sequence[tuple[int, int]] = (),
        factor: float = 1,
    ) -> None:
        """Further conversations of one pair, at hours when both are awake, where both are."""
        channels = np.flatnonzero(self.homes[pair[0]] & self.homes[pair[1]])
        hours = [hour for hour in range(24) if self.awake(hour)[list(pair)].all()]
        for _ in range(times):
            first, second = self.rng.permutation(pair)
            place, hour = self.rng.choice(channels), self.rng.choice(hours)
            self.talk(first, second, place, hour, faster, factor)

    def talk(
        self,
        sender: int,
        other: int,
        channel: int,
        hour: int,
        faster: Iterable[tuple[int, int]],
        factor: float,
    ) -> None:
        """One conversation: turns of one to three messages until somebody does not answer."""
        second = self.rng.integers(_DAYS) * 86_400 + hour * 3600 + self.rng.integers(3600)
        thread = len(self.messages)
        while True:
            for _ in range(1 + self.rng.binomial(2, 0.2)):
                self.messages.append((sender, other, int(second), channel, thread))
                second += self.rng.exponential(20) + 1
            if self.rng.random() > 0.6:
                return
            sender, other = other, sender
            speed = factor if (sender, other) in faster else 1.0
            second += self.slow_s[sender] / speed * np.exp(self.rng.normal(0, 1))

    def possible_pair(self) -> tuple[int, int]:
        """Two accounts that share a channel and eight hours."""
        while True:
            one, other = sorted(self.rng.choice(self.accounts, 2, replace=False).tolist())
            hours = sum(self.awake(hour)[[one, other]].all() for hour in range(24))
            if (self.homes[one] & self.homes[other]).any() and hours >= 8:
                return one, other


class Given:
    """The messages of a world as tables of an engine."""

    def __init__(self, world: World) -> None:
        from clew.store.engines import duckdb_engine

        engine = duckdb_engine()
        columns = list(zip(*world.messages, strict=True))
        senders, others, seconds, channels, threads = columns
        count = len(senders)
        at = pa.array(
            [_START + dt.timedelta(seconds=second) for second in seconds],
            pa.timestamp("us", "UTC"),
        )
        ids = [f"x:{number}" for number in range(count)]
        common = {
            "platform": ["x"] * count,
            "account_id": _names(senders),
            "post_id": ids,
            "channel_id": [f"x:c{channel}" for channel in channels],
            "time_quality": ["utc"] * count,
        }
        rows = {
            "posts": common | {"posted_at": at, "thread_id": [f"x:{first}" for first in threads]},
            "interactions": common
            | {
                "kind": ["reply"] * count,
                "target_account_id": _names(others),
                "happened_at": at,
            },
            "accounts": {},
        }
        for table, needed in COMMUNICATION.needs.items():
            data = rows[table]
            schema = TABLES[table if table != "accounts" else "account_snapshots"].arrow
            columns_of = {name: data.get(name, pa.nulls(count if data else 0)) for name in needed}
            fields = pa.schema([pa.field(name, schema.field(name).type) for name in needed])
            setattr(
                self, table, engine.create_table(table, pa.table(columns_of, fields), temp=True)
            )


def _names(numbers: Iterable[int]) -> list[str]:
    return [f"x:{number:04}" for number in numbers]


def judged(world: World, options: Options) -> list[dict[str, Any]]:
    """The pairs of the result."""
    gathered = COMMUNICATION.gather(Given(world), options).to_pyarrow()
    result = COMMUNICATION.score(gathered, options)
    return [row for row in result.to_pylist() if row["left_out"] is None]


# ------------------------------------------------------------------------------------------- talk


def talk(runs: int) -> None:
    """Pairs that talk more: found, and called wrongly, beside what knows no places and hours."""
    lines = []
    for extra in (0, 3, 5, 8, 12, 20, 40):
        totals: dict[str, Counter[str]] = defaultdict(Counter)
        for seed in range(runs):
            world = World(seed=1000 * extra + seed)
            world.chat(4000)
            planted = {world.possible_pair() for _ in range(10 if extra else 0)}
            for pair in planted:
                world.meet(pair, extra)
            right = {tuple(_names(pair)) for pair in planted}
            for method, called in _called(world, right).items():
                totals[method]["planted"] += len(right)
                totals[method]["hit"] += len(called & right)
                totals[method]["false"] += len(called - right)
                totals[method]["runs with a false one"] += bool(called - right)
        for method, total in totals.items():
            lines.append([extra, method, *_figures(total, runs)])
    columns = ["extra conversations", "method", "found (95 %)", "false", "false share"]
    print_table("pairs that talk more", [*columns, "runs with a false one (95 %)"], lines)


def _called(world: World, right: set[Pair]) -> dict[str, set[Pair]]:
    rows = judged(world, Options())
    named = {(row["account_id"], row["other_id"]): row for row in rows}
    most = sorted(rows, key=lambda row: -(row["messages"] + row["messages_back"]))
    return {
        "Clew": {pair for pair, row in named.items() if row["talks_more"]},
        "messages, degrees alone": _by_degrees(world),
        "most messages": {(row["account_id"], row["other_id"]) for row in most[: len(right)]},
    }


def _by_degrees(world: World) -> set[Pair]:
    """Messages of a pair against sent × received / all, Poisson, with the same share of chance."""
    ways = Counter((sender, other) for sender, other, *_ in world.messages)
    sent, received = Counter(), Counter()
    for (sender, other), number in ways.items():
        sent[sender] += number
        received[other] += number
    pairs = sorted({tuple(sorted(way)) for way in ways})
    surprises = []
    for one, other in pairs:
        mean = (sent[one] * received[other] + sent[other] * received[one]) / len(world.messages)
        surprises.append(poisson_surprise(ways[one, other] + ways[other, one], mean))
    shares = false_shares(np.array(surprises), math.comb(world.accounts, 2))
    return {tuple(_names(pair)) for pair, share in zip(pairs, shares, strict=True) if share <= 0.05}


def _figures(total: Counter[str], runs: int) -> Iterator[object]:
    if total["planted"]:
        yield _interval(total["hit"], total["planted"])
    else:
        yield "–"
    yield total["false"]
    called = total["hit"] + total["false"]
    yield total["false"] / called if called else 0.0
    yield _interval(total["runs with a false one"], runs)


def _interval(number: int, size: int) -> str:
    low, high = wilson(number / size, size)
    return f"{number} of {size} ({low:.2f}–{high:.2f})"


# ------------------------------------------------------------------------------------------ speed


def speed(runs: int) -> None:
    """Accounts that answer one other faster, beside a plain comparison of medians."""
    lines = []
    for factor in (1, 2, 4, 8):
        totals: dict[str, Counter[str]] = defaultdict(Counter)
        for seed in range(runs):
            world = World(seed=7000 * factor + seed, accounts=60)
            faster = [world.possible_pair() for _ in range(10 if factor > 1 else 0)]
            for pair in [world.possible_pair() for _ in range(10)] + faster:
                world.meet(pair, 30, faster, factor)
            world.chat(4000, faster, factor)
            right = {tuple(_names(pair)) for pair in faster}
            for method, called in _fast(world).items():
                totals[method]["planted"] += len(right)
                totals[method]["hit"] += len(called & right)
                totals[method]["false"] += len(called - right)
                totals[method]["runs with a false one"] += bool(called - right)
        for method, total in totals.items():
            lines.append([factor, method, *_figures(total, runs)])
    columns = ["times as fast", "method", "found (95 %)", "false", "false share"]
    print_table("answers that come faster", [*columns, "runs with a false one (95 %)"], lines)


def _fast(world: World) -> dict[str, set[Pair]]:
    """Who answers whom faster, by the analysis, and by medians of what was answered."""
    found: dict[str, set[Pair]] = {"Clew": set(), "median under a half": set()}
    answers: dict[str, list[tuple[str, int]]] = defaultdict(list)
    for row in judged(world, Options()):
        ends = row["account_id"], row["other_id"]
        for way, (one, other) in (("", ends), ("_back", ends[::-1])):
            if row[f"answers_fast{way}"]:
                found["Clew"].add((one, other))
            if row[f"answer_s{way}"] is not None:
                answers[one].append((other, row[f"answer_s{way}"]))
    for one, waits in answers.items():
        usual = float(np.median([wait for _, wait in waits]))
        found["median under a half"] |= {(one, other) for other, wait in waits if wait < usual / 2}
    return found


# --------------------------------------------------------------------------------------- shuffled


def shuffled(shuffles: int) -> None:
    """Is a surprise of s as rare as 10^-s, when only chance is at work?"""
    world = World(seed=5)
    world.chat(4000)
    tables, options = Given(world), Options(min_messages=1)
    begun = conversations_begun(tables, options).to_pyarrow().to_pylist()
    blocks: dict[Any, list[tuple[str, str]]] = defaultdict(list)
    for row in begun:
        blocks[row["place"], row["period"], row["part"]].append((row["sender"], row["recipient"]))
    expected = expected_by_chance(blocks)
    rng = np.random.default_rng(1)
    totals: Counter[Pair] = Counter()
    surprising: Counter[int] = Counter()
    for _ in range(shuffles):
        seen: Counter[Pair] = Counter()
        for ends in blocks.values():
            seen.update(shuffle(ends, rng))
        totals.update(seen)
        for pair, number in seen.items():
            surprise = poisson_surprise(number, expected[pair])
            surprising.update(level for level in range(1, 7) if surprise >= level)
    heavy = sorted(expected, key=lambda pair: -expected[pair])[:500]
    ratios = [totals[pair] / shuffles / expected[pair] for pair in heavy]
    print(
        f"{len(begun):,} conversations, {len(expected):,} pairs, {shuffles:,} shuffles; shuffled"
        f" mean by expected, 500 pairs of most expected: {min(ratios):.3f} to {max(ratios):.3f},"
        f" mean {np.mean(ratios):.3f}"
    )
    cases = shuffles * len(expected)
    lines = [
        [level, 10.0**-level * cases, surprising[level], surprising[level] / (10.0**-level * cases)]
        for level in range(1, 7)
    ]
    print_table("surprises of shuffled pairs", ["surprise", "at most", "seen", "ratio"], lines)


def expected_by_chance(blocks: dict[Any, list[tuple[str, str]]]) -> dict[Pair, float]:
    means: dict[Pair, float] = defaultdict(float)
    for ends in blocks.values():
        begun, received = Counter(one for one, _ in ends), Counter(other for _, other in ends)
        for one, number in begun.items():
            for other, times in received.items():
                if one != other:
                    mean = number * times / (len(ends) - received[one])
                    means[min(one, other), max(one, other)] += mean
    return means


def shuffle(ends: list[tuple[str, str]], rng: np.random.Generator) -> Iterator[Pair]:
    """The pairs after other recipients were drawn; nobody is given to itself."""
    senders = [one for one, _ in ends]
    others = [ends[place][1] for place in rng.permutation(len(ends))]
    # Swap at random what is amiss until nothing is.
    amiss = [place for place in range(len(ends)) if senders[place] == others[place]]
    while amiss:
        place = amiss.pop()
        if senders[place] != others[place]:
            continue
        swap = int(rng.integers(len(ends)))
        others[place], others[swap] = others[swap], others[place]
        amiss += [one for one in (place, swap) if senders[one] == others[one]]
    for one, other in zip(senders, others, strict=True):
        yield min(one, other), max(one, other)


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("part", choices=["talk", "speed", "shuffled"])
    parser.add_argument("--runs", type=int, default=20)
    parser.add_argument("--shuffles", type=int, default=2000)
    given = parser.parse_args(arguments)
    if given.part == "talk":
        talk(given.runs)
    elif given.part == "speed":
        speed(given.runs)
    else:
        shuffled(given.shuffles)


if __name__ == "__main__":
    main()
