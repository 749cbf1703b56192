"""Are close ties found before hubs? Planted ties, a null, forwards of real channels, and cost.

    python -m bench.affiliations planted --runs 5
    python -m bench.affiliations telegram --file tgdataset_preview.json
    python -m bench.affiliations cost --rows 1000000

`planted`: accounts of topics act in channels and toward accounts by popularity (a power law) and
topic; each account asked for is tied to some others by a few channels, targets or acts more. Ranked
besides by degree (how many follow or address the other) and by the number of things in common. The
null has the same acts with all targets and channels shuffled: no tie is left.
"""

from __future__ import annotations

import argparse
import datetime as dt
import json
import time
from collections import Counter, defaultdict
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import psutil
import pyarrow as pa

from bench.measuring import print_table
from clew.analyses.affiliations import AFFILIATIONS, Options
from clew.model.chance import wilson
from clew.model.tables import TABLES, Account, Table
from clew.store.engines import duckdb_engine

_START = dt.datetime(2024, 1, 1, tzinfo=dt.UTC)
_ASKED, _TIES = 20, 6
_VIEW = Table(name="accounts", row=Account, key=("account_id",), merge="once")


def tables_of(rows: dict[str, dict[str, list]]) -> SimpleNamespace:
    """Tables of a case made of columns; the columns that are not given are null."""
    engine = duckdb_engine()
    made = {}
    for name, needed in AFFILIATIONS.needs.items():
        schema = (TABLES.get(name) or _VIEW).schema
        given = rows.get(name, {})
        length = len(next(iter(given.values()), []))
        data = pa.table(
            {
                column: pa.array(given.get(column, [None] * length), schema[column].to_pyarrow())
                for column in needed
            }
        )
        made[name] = engine.create_table(name, data, temp=True)
    return SimpleNamespace(**made)


def result_of(rows: dict[str, dict[str, list]], **options: object) -> pa.Table:
    chosen = Options(**options)
    return AFFILIATIONS.score(AFFILIATIONS.gather(tables_of(rows), chosen).to_pyarrow(), chosen)


# --------------------------------------------------------------------------------------- planted


def community(
    random: np.random.Generator, accounts: int, strength: int
) -> tuple[list[tuple[str, int, int]], dict[int, set[int]]]:
    """Acts (kind, account, target) and the true ties of the accounts 0, 1, … asked for."""
    topics, channels = accounts // 100, accounts // 4
    topic = random.integers(topics, size=accounts)
    fame = random.pareto(1.2, accounts) + 0.1
    size = random.pareto(1.2, channels) + 0.1
    home = random.integers(topics, size=channels)
    acts = []
    activity = np.minimum(200, (random.pareto(1.5, accounts) * 10 + 5)).astype(int)
    for account in range(accounts):
        for kind, weight, where in (("reply", fame, topic), ("post", size, home)):
            own = weight * np.where(where == topic[account], 10, 1)
            number = activity[account] if kind == "reply" else 3 + activity[account] // 8
            chosen = random.choice(len(own), number, p=own / own.sum())
            acts += [
                (kind, account, int(target))
                for target in chosen
                if kind != "reply" or target != account
            ]
    truth = defaultdict(set)
    for asked in range(_ASKED):
        for way in range(_TIES):
            other = int(random.integers(_ASKED, accounts))
            truth[asked].add(other)
            for _ in range(strength):
                if way % 3 == 0:  # they meet in channels that are small
                    channel = int(random.choice(channels, p=(1 / size) / (1 / size).sum()))
                    acts += [("post", asked, channel), ("post", other, channel)]
                elif way % 3 == 1:  # they address the same little-known accounts
                    target = int(random.choice(accounts, p=(1 / fame) / (1 / fame).sum()))
                    acts += [("reply", one, target) for one in (asked, other) if one != target]
                else:  # they answer each other
                    acts += [("reply", asked, other), ("reply", other, asked)]
    return acts, truth


def rows_of(
    random: np.random.Generator, acts: list[tuple[str, int, int]]
) -> dict[str, dict[str, list]]:
    interactions, posts = defaultdict(list), defaultdict(list)
    for number, (kind, account, target) in enumerate(acts):
        at = _START + dt.timedelta(seconds=int(random.integers(90 * 86_400)))
        posts["post_id"].append(f"x:p{number}")
        posts["account_id"].append(f"x:{account}")
        posts["channel_id"].append(f"x:c{target}" if kind == "post" else None)
        posts["posted_at"].append(at)
        posts["time_quality"].append("utc")
        if kind == "reply":
            interactions["kind"].append(kind)
            interactions["platform"].append("x")
            interactions["account_id"].append(f"x:{account}")
            interactions["target_account_id"].append(f"x:{target}")
            interactions["post_id"].append(f"x:p{number}")
            interactions["happened_at"].append(at)
            interactions["time_quality"].append("utc")
    return {"interactions": interactions, "posts": posts}


def shuffled(random: np.random.Generator, acts: list[tuple[str, int, int]]) -> list:
    """The same accounts and the same targets, dealt anew."""
    result = []
    for kind in ("reply", "post"):
        own = [act for act in acts if act[0] == kind]
        targets = random.permutation([target for _, _, target in own])
        result += [
            (kind, account, int(target))
            for (_, account, _), target in zip(own, targets, strict=True)
            if kind == "post" or account != target
        ]
    return result


def _orders(ties: list[dict], degree: Counter[str]) -> dict[str, list[str]]:
    """The tied accounts in the order of each ranking."""
    common = ("shared_channels", "shared_targets", "out_days", "in_days")
    keys = {
        "surprise": {row["tied_id"]: row["rank"] for row in ties},
        "degree": {row["tied_id"]: -degree[row["tied_id"]] for row in ties},
        "common": {row["tied_id"]: -sum(row[name] for name in common) for row in ties},
    }
    return {name: sorted(key, key=lambda tied: (key[tied], tied)) for name, key in keys.items()}


def planted(args: argparse.Namespace) -> None:
    table = []
    asked = tuple(f"x:{number}" for number in range(_ASKED))
    for strength in args.strengths:
        hits, called, right = Counter(), 0, 0
        null_called = null_runs = 0
        for run in range(args.runs):
            random = np.random.default_rng([args.seed, run, strength])
            acts, truth = community(random, args.accounts, strength)
            degree = Counter(f"x:{target}" for kind, _, target in acts if kind == "reply")
            result = result_of(rows_of(random, acts), account=asked, limit=1_000_000)
            for number, account in enumerate(asked):
                own = {f"x:{other}" for other in truth[number]}
                ties = [row for row in result.to_pylist() if row["account_id"] == account]
                close = [row["tied_id"] for row in ties if row["close"]]
                called += len(close)
                right += len(own & set(close))
                for name, best in _orders(ties, degree).items():
                    hits[name] += len(own & set(best[: len(own)]))
            null = result_of(
                rows_of(random, shuffled(random, acts)), account=asked, limit=1_000_000
            )
            null_called += sum(
                {row["account_id"]: row["close_ties"] for row in null.to_pylist()}.values()
            )
            null_runs += 1
        whole = _ASKED * _TIES * args.runs
        low, high = wilson(right / whole, whole)
        table.append(
            [
                strength,
                *(f"{hits[name] / whole:.2f}" for name in ("surprise", "degree", "common")),
                f"{right / whole:.2f} ({low:.2f}–{high:.2f})",
                f"{right / called:.2f} of {called}" if called else "–",
                f"{null_called} of {_ASKED * null_runs} accounts",
            ]
        )
    print_table(
        f"Planted ties: {args.accounts} accounts, {args.runs} runs, {_ASKED} × {_TIES} ties each",
        ["strength", "first by surprise", "by degree", "by things in common",
         "called close: recall (95 %)", "precision", "null: called"],
        table,
    )  # fmt: skip


# -------------------------------------------------------------------------------------- telegram


def telegram(args: argparse.Namespace) -> None:
    """Forward chains of TGDataset's sample: is the channel most forwarded from found first?"""
    channels = json.loads(Path(args.file).read_text())
    interactions = defaultdict(list)
    days = defaultdict(set)
    for channel, body in channels.items():
        for part in ("text_messages", "generic_media"):
            for number, message in body[part].items():
                origin = message["forwarded_from_id"]
                if not message["is_forwarded"] or origin is None:
                    continue
                at = dt.datetime.fromtimestamp(int(message["date"]), dt.UTC)
                days[channel, str(origin)].add(at.date())
                for column, value in (
                    ("kind", "forward"), ("platform", "telegram"), ("account_id", channel),
                    ("target_account_id", str(origin)), ("post_id", f"{channel}/{number}"),
                    ("happened_at", at), ("time_quality", "utc"),
                ):  # fmt: skip
                    interactions[column].append(value)
    result = result_of({"interactions": interactions}, account=tuple(channels), limit=1_000_000)
    rows = result.to_pylist()
    pairs = {key for key in days if key[0] != key[1]}
    direct = {
        (row["account_id"], row["tied_id"]): row["out_days"] for row in rows if row["out_days"]
    }
    plain = {key: len(days[key]) for key in pairs}
    print_table(
        "TGDataset sample",
        ["channels", "forwards", "pairs by a plain walk", "pairs equal, days too", "called close"],
        [[len(channels), len(interactions["kind"]), len(plain), str(plain == direct),
          sum(row["close"] for row in rows)]],
    )  # fmt: skip


# ------------------------------------------------------------------------------------------ cost


def cost(args: argparse.Namespace) -> None:
    table = []
    for rows in args.rows:
        engine = duckdb_engine()
        accounts = max(100, rows // 20)
        engine.raw_sql(
            f"""CREATE TEMP TABLE interactions AS SELECT 'reply' AS kind, 'x' AS platform,
            'x:' || floor({accounts} * power(random(), 2))::BIGINT AS account_id,
            'x:' || floor({accounts} * power(random(), 4))::BIGINT AS target_account_id,
            NULL::VARCHAR AS target_name, 'x:p' || i AS post_id, NULL::VARCHAR AS target_post_id,
            NULL::VARCHAR AS channel_id, NULL::VARCHAR AS target_channel_id,
            make_timestamptz((1704067200 + i % 7776000) * 1000000) AS happened_at,
            'utc' AS time_quality FROM range({rows}) AS r(i);
            CREATE TEMP TABLE posts AS SELECT post_id, account_id, happened_at AS posted_at,
            time_quality, 'x:c' || floor({accounts} * power(random(), 4) / 10)::BIGINT AS channel_id
            FROM interactions;
            CREATE TEMP TABLE accounts AS SELECT DISTINCT account_id, 'x' AS platform,
            account_id AS handle FROM interactions"""
        )
        tables = SimpleNamespace(**{name: engine.table(name) for name in AFFILIATIONS.needs})
        process = psutil.Process()
        before, started = process.cpu_times().user, time.perf_counter()
        gathered = AFFILIATIONS.gather(tables, Options()).to_pyarrow()
        middle, between = process.cpu_times().user, time.perf_counter()
        result = AFFILIATIONS.score(gathered, Options())
        table.append(
            [rows, gathered.num_rows, result.num_rows, between - started, middle - before,
             time.perf_counter() - between, process.memory_info().rss / 1e6]
        )  # fmt: skip
    print_table(
        "Cost (as many posts as acts; the three most active accounts)",
        ["acts", "gathered rows", "rows", "gather s", "gather CPU s", "score s", "memory MB"],
        table,
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    commands = parser.add_subparsers(required=True)
    command = commands.add_parser("planted")
    command.add_argument("--runs", type=int, default=5)
    command.add_argument("--accounts", type=int, default=2000)
    command.add_argument("--strengths", type=int, nargs="+", default=[1, 2, 3, 5])
    command.add_argument("--seed", type=int, default=1)
    command.set_defaults(run=planted)
    command = commands.add_parser("telegram")
    command.add_argument("--file", required=True)
    command.set_defaults(run=telegram)
    command = commands.add_parser("cost")
    command.add_argument("--rows", type=int, nargs="+", default=[1_000_000])
    command.set_defaults(run=cost)
    args = parser.parse_args()
    args.run(args)


if __name__ == "__main__":
    main()
