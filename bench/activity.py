"""How often are people taken for schedulers, and schedulers for people?

    python -m bench.activity [--commits commits.parquet] [--family tuned|reported]

Invented people post in sessions at their own hours, some with habits (a train at 8:12, a show at
20:15). Invented schedulers are of several kinds. The thresholds of `cadence` were set on the family
`tuned`; `reported` has other seeds, other parameters and kinds that `tuned` lacks. With `--commits`
real people are judged as well: authors of commits, of whom none should keep a schedule.
"""

from __future__ import annotations

import argparse
import time
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np

from bench.measuring import print_table
from clew.analyses.activity.cadence import Cadence, Sign, cadence
from clew.analyses.activity.creation import bursts
from clew.analyses.activity.telling import _SCHEDULE
from clew.model.chance import wilson

_DAY = 86_400
_ACCOUNTS = 300
_LENGTHS = (40, 100, 300)
Random = np.random.Generator
Kind = Callable[[Random, int], np.ndarray]


def person(random: Random, posts: int, *, habit: float = 0.0, spread_h: float = 3.0) -> np.ndarray:
    """Sessions at own hours, gaps with heavy tails; `habit`: the share at a fixed time ± 8 min."""
    hour, made = random.uniform(0, 24), []
    rate = random.lognormal(0.3, 0.7)  # sessions a day
    day = 0
    while len(made) < posts:
        day += 1
        for _ in range(random.poisson(rate)):
            if random.random() < habit:
                at = day * _DAY + hour * 3600 + random.normal(0, 480)
            else:
                at = day * _DAY + (hour + random.normal(0, spread_h)) * 3600
            for _ in range(random.geometric(random.uniform(0.3, 0.9))):
                made.append(at)
                at += random.lognormal(5, 1.3)
    return np.array(made[:posts])


def cron(random: Random, posts: int, *, jitter_s: float, slots: int) -> np.ndarray:
    """The same times each day; some days are missed."""
    times = np.sort(random.choice(np.arange(0, 1440, 15), slots, replace=False)) * 60
    days = np.arange(posts)[random.random(posts) < 0.85]
    made = (days[:, None] * _DAY + times).reshape(-1)[:posts].astype(float)
    return made + random.normal(0, jitter_s, len(made))


def own_minutes(random: Random, posts: int, *, jitter_s: float) -> np.ndarray:
    """Three times a day at odd minutes, as queues for posting propose."""
    times = random.uniform(0, _DAY, 3)
    made = (np.arange(posts)[:, None] * _DAY + times).reshape(-1)[:posts]
    return made + random.uniform(-jitter_s, jitter_s, posts)


def interval(random: Random, posts: int, *, jitter: float) -> np.ndarray:
    """A fixed time after the last one, with a share of jitter, awake or not."""
    gap = random.choice([1200, 2700, 5400, 10_000, 21_600])
    return np.cumsum(gap * random.uniform(1 - jitter, 1 + jitter, posts))


def chance(random: Random, posts: int) -> np.ndarray:
    """At random, day and night."""
    return np.cumsum(random.exponential(random.choice([3600, 10_000, 20_000]), posts))


def office_queue(random: Random, posts: int, *, jitter_s: float) -> np.ndarray:
    """On the half hours of working hours, on workdays, not each of them."""
    grid = np.array([d * _DAY + s for d in range(posts * 2) if d % 7 < 5
                     for s in range(9 * 3600, 18 * 3600, 1800)])  # fmt: skip
    made = np.sort(random.choice(grid[: posts * 6], posts, replace=False)).astype(float)
    return made + random.uniform(0, jitter_s, posts)


def mixed(random: Random, posts: int) -> np.ndarray:
    """Half a person, half a queue."""
    scheduled = own_minutes(random, posts // 2, jitter_s=60)
    written = person(random, posts - len(scheduled))
    return np.concatenate([scheduled, written])


FAMILIES: dict[str, tuple[int, dict[str, Kind], dict[str, Kind]]] = {
    "tuned": (
        1,
        {
            "person": person,
            "person with a habit": lambda r, n: person(r, n, habit=0.4),
            "person, narrow hours": lambda r, n: person(r, n, spread_h=1.0),
        },
        {
            "cron, 4 slots, ± 5 s": lambda r, n: cron(r, n, jitter_s=5, slots=4),
            "cron, 3 slots, ± 2 min": lambda r, n: cron(r, n, jitter_s=120, slots=3),
            "queue ± 3 min": lambda r, n: own_minutes(r, n, jitter_s=180),
            "interval ± 2 %": lambda r, n: interval(r, n, jitter=0.02),
            "interval ± 20 %": lambda r, n: interval(r, n, jitter=0.2),
        },
    ),
    "reported": (
        20_261,
        {
            "person": lambda r, n: person(r, n, spread_h=4.0),
            "person with a habit": lambda r, n: person(r, n, habit=0.5, spread_h=2.5),
            "person, narrow hours": lambda r, n: person(r, n, spread_h=0.8),
        },
        {
            "cron, 6 slots, ± 20 s": lambda r, n: cron(r, n, jitter_s=20, slots=6),
            "cron, 2 slots, ± 4 min": lambda r, n: cron(r, n, jitter_s=240, slots=2),
            "queue ± 2 min": lambda r, n: own_minutes(r, n, jitter_s=120),
            "queue ± 6 min": lambda r, n: own_minutes(r, n, jitter_s=360),
            "queue ± 30 min": lambda r, n: own_minutes(r, n, jitter_s=1800),
            "interval ± 5 %": lambda r, n: interval(r, n, jitter=0.05),
            "interval ± 40 %": lambda r, n: interval(r, n, jitter=0.4),
            "office half hours, 10 s late": lambda r, n: office_queue(r, n, jitter_s=10),
            "office half hours, to 5 min late": lambda r, n: office_queue(r, n, jitter_s=300),
            "at random, day and night": chance,
            "half person, half queue": mixed,
        },
    ),
}


def judged(kind: Kind, posts: int, seed: int) -> list[Cadence]:
    random = np.random.default_rng([seed, posts])
    start = 1_700_000_000
    return [
        cadence(np.sort((start + kind(random, posts)).astype(np.int64))) for _ in range(_ACCOUNTS)
    ]


def planned(found: Cadence) -> bool:
    return any(sign in _SCHEDULE for sign in found.signs)


def row(name: str, posts: object, found: Sequence[Cadence]) -> list[object]:
    share = sum(map(planned, found)) / len(found)
    low, high = wilson(share, len(found))
    signs = Counter(sign for each in found for sign in each.signs)
    return [name, posts, 100 * share, f"{100 * low:.1f}-{100 * high:.1f}",
            *(round(100 * signs[sign] / len(found), 1) for sign in Sign)]  # fmt: skip


def real_people(commits: Path) -> list[list[object]]:
    import duckdb

    rows = duckdb.connect().execute(
        "SELECT author, list(epoch(ts)::BIGINT ORDER BY ts) FROM read_parquet(?) WHERE NOT bot"
        " GROUP BY 1 HAVING count(*) >= 30 ORDER BY 1",
        [str(commits)],
    ).fetchall()  # fmt: skip
    found = [cadence(np.array(times[-300:], np.int64)) for _author, times in rows]
    return [row("authors of commits", "30-300", [each for each in found if each.events >= 30])]


def creation(seed: int, series: int = 300) -> list[list[object]]:
    """False alarms on steady and on seasonal creation, and planted bursts found."""
    random, lines = np.random.default_rng(seed), []
    span = 5 * 365 * _DAY
    for name, planted, hours in (
        ("steady", 0, 0), ("growing", 0, 0), ("+8 within 1 h", 8, 1),
        ("+8 within 1 d", 8, 24), ("+15 within 5 d", 15, 120),
    ):  # fmt: skip
        alarms = 0
        for _ in range(series):
            made = random.random(400) * span
            if name == "growing":
                made = np.sqrt(random.random(400)) * span
            if planted:
                at = random.random() * span
                made = np.concatenate([made, at + random.random(planted) * hours * 3600])
            found = bursts(np.sort(made.astype(np.int64)))
            alarms += bool(found)
        low, high = wilson(alarms / series, series)
        lines.append([name, 100 * alarms / series, f"{100 * low:.1f}-{100 * high:.1f}"])
    return lines


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--family", choices=list(FAMILIES), default="reported")
    parser.add_argument("--commits", type=Path)
    given = parser.parse_args(arguments)
    seed, people, schedulers = FAMILIES[given.family]
    columns = ["kind", "posts", "a schedule %", "95 %", *map(str, Sign)]
    started, count = time.perf_counter(), 0
    for title, kinds in (("People", people), ("Schedulers", schedulers)):
        lines = []
        for name, kind in kinds.items():
            for posts in _LENGTHS:
                found = judged(kind, posts, seed)
                count += len(found)
                lines.append(row(name, posts, found))
        print_table(f"{title}, {_ACCOUNTS} accounts each, family {given.family}", columns, lines)
    print(f"{count / (time.perf_counter() - started):,.0f} accounts/s, made and judged")
    if given.commits:
        print_table("Real people", columns, real_people(given.commits))
    print_table("Bursts of creation", ["series", "alarm %", "95 %"], creation(seed))


if __name__ == "__main__":
    main()
