"""How often does `sentiment_surge` alarm for nothing, how soon for something, and at what cost?

    python -m bench.sentiment_surge [--series 400] [--rows 1000000]

Series are drawn at random: voices a window log-normal, their share of negative ones beta-binomial.
Beside it the rule that it is to replace: negative posts more than three standard deviations above
the mean of the windows before. The cost is that of `gather` and `score` on DuckDB, on posts that
the engine itself makes up, a tenth of which name one of twenty targets.
"""

from __future__ import annotations

import argparse
import datetime as dt
import time
from collections.abc import Callable

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from bench.measuring import print_table
from clew.analyses.sentiment_surge import SENTIMENT_SURGE, Options, score
from clew.model.chance import wilson
from clew.store.engines import duckdb_engine

WINDOWS, CHANGE = 60, 50
START = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)

Draw = Callable[[np.random.Generator, int], tuple[np.ndarray, np.ndarray]]


def series(voices: float, spread: float, rise: float = 0.0, volume: float = 1.0) -> Draw:
    """Voices and negative ones of the windows; from `CHANGE` on the share rises, or the volume."""

    def draw(random: np.random.Generator, windows: int) -> tuple[np.ndarray, np.ndarray]:
        mean = np.full(windows, random.beta(3, 7))
        size = random.lognormal(np.log(voices), 0.5, windows)
        mean[CHANGE:] = np.minimum(mean[CHANGE:] + rise, 0.98)
        size[CHANGE:] *= volume
        counts = size.astype(int) + 1
        shares = random.beta(mean * (1 / spread - 1), (1 - mean) * (1 / spread - 1))
        return counts, random.binomial(counts, shares)

    return draw


def as_gathered(drawn: list[tuple[np.ndarray, np.ndarray]]) -> pa.Table:
    """What `gather` gives for such series."""
    rows = [
        {"target": f"{number:04}", "starts_at": START + dt.timedelta(days=day),
         "voices": int(voices), "negative": int(negative)}
        for number, (all_voices, all_negative) in enumerate(drawn)
        for day, (voices, negative) in enumerate(zip(all_voices, all_negative, strict=True))
    ]  # fmt: skip
    table = pa.Table.from_pylist(rows)
    for field in SENTIMENT_SURGE.gives.to_pyarrow():
        if field.name not in (*table.column_names, "expected", "chance", "is_surge"):
            filler = None if pa.types.is_string(field.type) else 0
            table = table.append_column(field.name, pa.array([filler] * len(rows), field.type))
    return table


def naive(drawn: list[tuple[np.ndarray, np.ndarray]], options: Options) -> np.ndarray:
    """Negative posts (here: voices) more than three deviations above the windows before."""
    alarms = np.zeros((len(drawn), WINDOWS), bool)
    for number, (_, negative) in enumerate(drawn):
        for window in range(options.min_windows, WINDOWS):
            before = negative[:window]
            alarms[number, window] = negative[window] > before.mean() + 3 * max(before.std(), 1)
    return alarms


def detected(drawn: list[tuple[np.ndarray, np.ndarray]], options: Options) -> np.ndarray:
    """Which windows are called a surge."""
    result = score(as_gathered(drawn), options)
    return result["is_surge"].to_numpy().reshape(len(drawn), WINDOWS)


def accuracy(number: int) -> None:
    options = Options()
    rows = []
    for what, draw in (
        ("nothing changes, 20 voices, spread .01", series(20, 0.01)),
        ("nothing changes, 20 voices, spread .05", series(20, 0.05)),
        ("nothing changes, 200 voices, spread .01", series(200, 0.01)),
        ("nothing changes, 200 voices, spread .05", series(200, 0.05)),
        ("ten times the volume, 20 voices", series(20, 0.01, volume=10)),
        ("+20 points negative, 20 voices", series(20, 0.01, rise=0.2)),
        ("+40 points negative, 20 voices", series(20, 0.01, rise=0.4)),
        ("+20 points negative, 200 voices", series(200, 0.01, rise=0.2)),
        ("+40 points negative, 200 voices", series(200, 0.01, rise=0.4)),
    ):
        random = np.random.default_rng(7)
        drawn = [draw(random, WINDOWS) for _ in range(number)]
        ours, theirs = detected(drawn, options), naive(drawn, options)
        rows.append((what, *_summary(ours, options), *_summary(theirs, options)))
    print_table(
        f"{number} series each; alarms of windows before the change, and after it within a window",
        ("series", "false alarms", "in the 1st window", "in the first two", "3 deviations: false",
         "in the 1st", "in the first two"),
        rows,
    )  # fmt: skip


def _summary(alarms: np.ndarray, options: Options) -> tuple[str, str, str]:
    before = alarms[:, options.min_windows : CHANGE]
    low, high = wilson(before.mean(), before.size)
    return (
        f"{before.mean():.4f} ({low:.4f}-{high:.4f})",
        f"{alarms[:, CHANGE].mean():.2f}",
        f"{alarms[:, CHANGE : CHANGE + 2].any(axis=1).mean():.2f}",
    )


class MadeUp:
    """Posts and sentiments that the engine makes up."""

    def __init__(self, rows: int) -> None:
        engine = duckdb_engine()
        engine.raw_sql(
            f"""CREATE TABLE posts AS SELECT 'x:' || i AS post_id, 'post' AS kind,
            'x:' || (hash(i) % {rows // 20}) AS account_id, 'utc' AS time_quality,
            TIMESTAMPTZ '2026-01-01 00:00:00+00' + INTERVAL (hash(i, 1) % 7776000) SECOND
            AS posted_at FROM range({rows}) t(i)"""
        )
        engine.raw_sql(
            f"""CREATE TABLE sentiments AS SELECT 'x:' || i AS post_id,
            'target ' || (hash(i, 2) % 20) AS target,
            CASE WHEN hash(i, 3) % 10 < 3 THEN 'negative' ELSE 'neutral' END AS polarity,
            false AS is_reported, md5((i // (1 + hash(i, 4) % 3))::VARCHAR) AS wording
            FROM range(0, {rows}, 10) t(i)"""
        )
        self.posts, self.sentiments = engine.table("posts"), engine.table("sentiments")


def cost(rows: int) -> None:
    tables, options = MadeUp(rows), Options()
    start, cpu = time.perf_counter(), time.process_time()
    gathered = SENTIMENT_SURGE.gather(tables, options).to_pyarrow()
    middle = time.perf_counter()
    result = score(gathered, options)
    print_table(
        "Cost on DuckDB",
        ("posts", "naming a target", "gather s", "score s", "CPU s", "rows", "surges"),
        [(f"{rows:,}", f"{rows // 10:,}", f"{middle - start:.1f}",
          f"{time.perf_counter() - middle:.1f}", f"{time.process_time() - cpu:.1f}",
          f"{result.num_rows:,}", pc.sum(result["is_surge"]).as_py())],
    )  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--series", type=int, default=400)
    parser.add_argument("--rows", type=int, default=1_000_000)
    given = parser.parse_args()
    accuracy(given.series)
    cost(given.rows)


if __name__ == "__main__":
    main()
