"""How well and how soon are surges seen, how often is an alarm false, and at what cost?

    python -m bench.trends nab --corpus FOLDER [--repository CLONE-OF-NAB]
    python -m bench.trends planted
    python -m bench.trends cost --rows 1000000 10000000

`nab`: the score of the Numenta Anomaly Benchmark on its tweet volumes. The threshold is the one
that is best on the other groups. `planted`: invented posts with and without surges, on the whole
analysis. `cost`: 10 M posts with 1 M different words, all of them inside the compared windows.
"""

from __future__ import annotations

import argparse
import datetime as dt
import json
import math
import random
import statistics
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from tempfile import gettempdir

import duckdb
import numpy as np
import psutil

from bench import nab
from bench.measuring import measure, print_table
from clew.analyses.trends import TRENDS, Options
from clew.model.chance import wilson
from clew.model.surges import Surges, surprise

# ------------------------------------------------------------------------------------------- NAB

_THRESHOLDS = [step / 4 for step in range(4, 41)]
_QUIET = dt.timedelta(days=1)  # after an alarm


def surprises(series: nab.Series) -> list[float]:
    """How surprising each hour is, said at its last row; 0 at the other rows.

    The season is the day, the half-life a week: as a trend of windows of an hour would have it.
    """
    step = statistics.median(
        (b - a).total_seconds() for a, b in zip(series.times, series.times[1:], strict=False)
    )
    rows = max(1, round(3600 / step))
    state = Surges(series=1, slots=24, half_life=7 * 24)
    result, count = [], 0.0
    for number, (at, value) in enumerate(zip(series.times, series.values, strict=True), 1):
        count += max(0.0, value)
        if number % rows:
            result.append(0.0)
            continue
        slot = at.hour
        mean, size = state.expect(slot, 1.0)
        result.append(surprise(round(count), float(mean[0]), float(size[0])))
        state.learn(np.array([count]), slot, 1.0)
        count = 0.0
    return result


def alarms(series: nab.Series, found: Sequence[float], threshold: float) -> list[bool]:
    """An alarm where the threshold is reached, and then none for a day."""
    last, result = None, []
    for at, value in zip(series.times, found, strict=True):
        alarm = value >= threshold and (last is None or at - last >= _QUIET)
        last = at if alarm else last
        result.append(alarm)
    return result


def on_nab(corpus: Path, repository: Path | None) -> None:
    found = {series.name: (series, surprises(series)) for series in nab.corpus(corpus)}
    tweets = [each for name, each in found.items() if name.startswith("realTweets")]
    others = [each for name, each in found.items() if not name.startswith("realTweets")]

    def total(chosen: Sequence[tuple[nab.Series, list[float]]], threshold: float) -> float:
        raw = sum(nab.score(one, alarms(one, values, threshold)) for one, values in chosen)
        return nab.normalised(raw, sum(len(one.windows) for one, _ in chosen))

    threshold = max(_THRESHOLDS, key=lambda each: total(others, each))
    print(f"threshold {threshold} (score on the other groups {total(others, threshold):.1f})")
    lines = [_judged("Clew", [(one, alarms(one, values, threshold)) for one, values in tweets])]
    if repository:
        for detector in ("twitterADVec", "skyline", "windowedGaussian", "numenta"):
            rung = [(one, nab.published_alarms(repository, detector, one)) for one, _ in tweets]
            lines.append(_judged(detector, rung))
    columns = ["detector", "NAB score", "windows hit", "of", "false alarms", "median delay h"]
    print_table("tweet volumes", columns, lines)
    print(
        "at other thresholds:", [(each, round(total(tweets, each), 1)) for each in (1.5, 2, 3, 4)]
    )


def _judged(name: str, rung: Sequence[tuple[nab.Series, list[bool]]]) -> list[object]:
    windows = sum(len(one.windows) for one, _ in rung)
    delays = [delay for one, each in rung for delay in nab.delays_h(one, each)]
    hit = [delay for delay in delays if delay is not None]
    return [
        name,
        nab.normalised(sum(nab.score(one, each) for one, each in rung), windows),
        len(hit),
        windows,
        sum(nab.false_alarms(one, each) for one, each in rung),
        statistics.median(hit) if hit else math.nan,
    ]


# --------------------------------------------------------------------------------------- planted

_WINDOWS = 36
_SURGING = (20, 40, 60)  # words by rank, of about 9, 5 and 4 voices a day


def _posts(rng: random.Random, factor: float, dispersion: float) -> Iterator[tuple[object, ...]]:
    """Post, day, account, text: 300 words whose daily voices stray, and what is planted today.

    Three words are said `factor` times as often on the last day (if that is more than 1).
    """
    weight = [1 / (rank + 3) for rank in range(300)]
    number = 0
    for day in range(_WINDOWS):
        today = [each * rng.gammavariate(1 / dispersion, dispersion) for each in weight]
        if day == _WINDOWS - 1:
            for rank in _SURGING:
                today[rank] = weight[rank] * factor
        crowd = round(220 * (1.3 if day % 7 < 5 else 0.7))
        for _ in range(crowd):
            words = rng.choices(range(300), today, k=5)
            text = " ".join(f"w{chr(97 + w % 26)}{chr(97 + w // 26)}" for w in words)
            yield f"x:{number}", day, f"x:{rng.randrange(2000)}", f"{text} {number:x}"
            number += 1
    if factor > 1:
        for copy in range(60):
            yield f"x:c{copy}", _WINDOWS - 1, f"x:copier{copy}", "buy the copied coin right now all"
            yield f"x:l{copy}", _WINDOWS - 1, "x:loud", f"loudmouth speaks again {copy:x}"


def planted(runs: int) -> None:
    """Share of planted surges that are found, and of what is called a surge that is none."""
    lines = []
    for factor, dispersion in ((1, 0.1), (1, 0.5), (2, 0.1), (4, 0.1), (8, 0.1), (8, 0.5)):
        true = false = decoys = with_false = 0
        for seed in range(runs):
            named = _surging(list(_posts(random.Random(seed), factor, dispersion)))
            right = {f"w{chr(97 + w % 26)}{chr(97 + w // 26)}" for w in _SURGING}
            decoy = named & {"loudmouth", "copied", "coin", "buy", "speaks", "again", "right"}
            hit = named & right if factor > 1 else set()
            true, decoys = true + len(hit), decoys + len(decoy)
            false += len(named) - len(hit) - len(decoy)
            with_false += len(named) > len(hit) + len(decoy)
        planted_words = len(_SURGING) * runs if factor > 1 else 0
        low, high = wilson(with_false / runs, runs)
        recall = true / planted_words if planted_words else math.nan
        share = false / max(1, true + false)
        interval = f"{with_false}/{runs} ({low:.2f}-{high:.2f})"
        lines.append([factor, dispersion, recall, false, share, interval, decoys])
    columns = ["factor", "dispersion", "recall", "false", "false share", "runs with a false one"]
    print_table("planted surges", [*columns, "decoys called"], lines)


def _surging(posts: Sequence[tuple[object, ...]]) -> set[str]:
    import ibis

    from clew.store.engines import duckdb_engine

    engine = duckdb_engine()
    start = dt.datetime(2024, 1, 1, 12, tzinfo=dt.UTC)
    rows = [
        {
            "post_id": post,
            "kind": "post",
            "account_id": account,
            "posted_at": start + dt.timedelta(days=day),
            "time_quality": "utc",
            "text": text,
        }
        for post, day, account, text in posts
    ]
    empty = ibis.schema({"post_id": "string", "kind": "string", "value": "string"})
    import pyarrow as pa

    class Given:
        posts = engine.create_table("posts", pa.Table.from_pylist(rows), temp=True)
        observables = engine.create_table("observables", schema=empty, temp=True)

    options = Options(kinds=("term",), history=_WINDOWS - 1)
    result = TRENDS.score(TRENDS.gather(Given(), options).to_pyarrow(), options)
    return {row["value"] for row in result.to_pylist() if row["surges"]}


# ------------------------------------------------------------------------------------------ cost


def _generate(path: Path, rows: int) -> None:
    """Posts of 12 words each over 57 days; a tenth as many different words as posts (Zipf)."""
    if path.exists():
        return
    vocabulary = rows // 10
    word = (
        "'w' || translate((floor(power({v}, hash(i * 16 + {n}, 7) / 18446744073709551616.0)))"
        "::BIGINT::VARCHAR, '0123456789', 'abcdefghij')"
    )
    # Half of the words uniformly, so that the rare ones are there too.
    rare = (
        "'w' || translate((hash(i * 16 + {n}, 7) % {v})::BIGINT::VARCHAR, '0123456789',"
        " 'abcdefghij')"
    )
    words = [word.format(v=vocabulary, n=n) for n in range(10)]
    words += [rare.format(v=vocabulary, n=n) for n in (10, 11)]
    duckdb.sql("SET threads = 2; SET TimeZone = 'UTC'")
    duckdb.sql(
        f"""COPY (SELECT 'x:' || i AS post_id, 'post' AS kind,
            'x:' || (hash(i, 3) % {rows // 20}) AS account_id,
            make_timestamptz((1704067200 + i * 4924800 // {rows}) * 1000000) AS posted_at,
            'utc' AS time_quality, concat_ws(' ', {", ".join(words)}) AS text
            FROM range({rows}) AS r(i)) TO '{path}' (FORMAT parquet, COMPRESSION zstd)"""
    )


def _cost_of(path: Path) -> None:
    """Gather and score, in this process; prints figures as JSON."""
    import ibis

    from clew.store.engines import duckdb_engine

    engine = duckdb_engine()
    empty = ibis.schema({"post_id": "string", "kind": "string", "value": "string"})

    class Given:
        posts = engine.read_parquet(str(path))
        observables = engine.create_table("observables", schema=empty, temp=True)

    options = Options(kinds=("term",))
    started = time.perf_counter()
    gathered = TRENDS.gather(Given(), options).to_pyarrow()
    middle = time.perf_counter()
    result = TRENDS.score(gathered, options)
    times = psutil.Process().cpu_times()
    figures = {
        "gather_s": middle - started,
        "score_s": time.perf_counter() - middle,
        "cpu_s": times.user + times.system,
        "rising": gathered.num_rows,
        "tested": result["tested"][0].as_py() if result.num_rows else 0,
        "surges": sum(result["surges"].to_pylist()),
    }
    print(json.dumps(figures))


def cost(sizes: Sequence[int]) -> None:
    lines, seconds = [], {}
    for rows in sizes:
        path = Path(gettempdir()) / f"clew-bench-trends-{rows}.parquet"
        _generate(path, rows)
        measured = measure([sys.executable, "-m", "bench.trends", "cost", "--run", str(path)])
        figures = json.loads(measured.output.splitlines()[-1])
        seconds[rows] = figures["cpu_s"]
        lines.append([rows, *figures.values(), measured.peak_mb])
    columns = ["posts", "gather s", "score s", "CPU s", "rising", "words tested", "surges"]
    print_table("DuckDB", [*columns, "peak MB"], lines)
    if len(seconds) > 1:
        least, most = min(seconds), max(seconds)
        power = math.log(seconds[most] / seconds[least]) / math.log(most / least)
        print(f"processor time grows with the power {power:.2f} of the posts")


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("what", choices=["nab", "planted", "cost"])
    parser.add_argument("--corpus", type=Path, help="a folder with windows.json and data/")
    parser.add_argument("--repository", type=Path, help="a clone of numenta/NAB, for its results")
    parser.add_argument("--runs", type=int, default=20)
    parser.add_argument("--rows", type=int, nargs="+", default=[1_000_000])
    parser.add_argument("--run", type=Path, help=argparse.SUPPRESS)
    given = parser.parse_args(arguments)
    if given.what == "nab":
        on_nab(given.corpus, given.repository)
    elif given.what == "planted":
        planted(given.runs)
    elif given.run:
        _cost_of(given.run)
    else:
        cost(given.rows)


if __name__ == "__main__":
    main()
