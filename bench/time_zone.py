"""How often is the zone right, and how often does the stated set hold the truth?

    python -m bench.time_zone --commits commits.parquet [--runs 3]

Tests the model that Clew ships on authors of commits in repositories that taught it nothing, none
of whom wrote in one that did: runs of n commits in a row, each author once (or `--runs` times). The
crowd's prior is learned from the same runs, and from all commits of authors with fewer. Baselines:
the quietest six hours; the best fit of one daily profile. Controls: shuffled times; people with the
hours of no programmer, in zones drawn by population; planted moves. Then the speed.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from bench.measuring import print_table
from bench.time_zone_training import (
    LENGTHS,
    Author,
    Held,
    at_most,
    authors,
    mode,
    scored,
)
from clew.analyses.time_zone.answer import OFFSETS, best_window, by_offset, modal_offsets
from clew.analyses.time_zone.posterior import (
    Activity,
    Model,
    crowd,
    posterior,
    shipped,
    zone_likelihoods,
)
from clew.analyses.time_zone.scoring import _MOVED, log_odds_of_move
from clew.analyses.time_zone.zones import ZoneInfo, by_population, evenly, zone_classes
from clew.case.demo.rhythm import RHYTHMS
from clew.model.chance import wilson

_TARGETS = {10: 0.62, 30: 0.74, 100: 0.83, 300: 0.88}
_HOUR = 3600


def interval(hits: np.ndarray, size: int) -> str:
    low, high = wilson(float(np.mean(hits)), size)
    return f"{np.mean(hits):.3f} ({low:.2f}-{high:.2f})"


def accuracy(title: str, tested: Sequence[Author], model: Model, runs: int) -> None:
    lines, baselines, flat = [], [], []
    random = np.random.default_rng(11)
    for length in LENGTHS:
        held = Held.of(model, [r for _ in range(runs) for r in at_most(tested, length, random)])
        likelihoods = held.likelihoods(model.temper_scale, model.temper_power, model.outliers)
        long = np.array([len(run.seconds) >= length for run in held.runs])
        chosen = [run for run, is_long in zip(held.runs, long, strict=True) if is_long]
        authors_tested = len(chosen) // runs
        for name, prior in (
            ("crowd", crowd(likelihoods, by_population())),
            ("population", by_population()),
            ("uniform", evenly()),
        ):
            found = scored(posterior(likelihoods[long], prior), held.modal[long], chosen)
            sure = found.stated >= 0.9
            answered = found.stated >= 0.5
            lines.append(
                [
                    length, authors_tested, name, interval(found.near, authors_tested),
                    _TARGETS[length], f"{found.stated.mean():.2f}",
                    interval(found.covered, authors_tested), round(float(found.size.mean()), 1),
                    f"{answered.mean():.2f} @ {found.near[answered].mean():.2f}",
                    f"{sure.mean():.2f} @ {found.near[sure].mean():.2f}" if sure.any() else "-",
                ]
            )  # fmt: skip
        truth = np.array([mode(run.offset_min) for run in chosen])
        baselines.append([length, *(
            f"{np.mean(np.abs(guess - truth) <= 60):.3f}" for guess in simple(chosen, model)
        )])  # fmt: skip
        flat.append([length, *shuffled(chosen, model, random)])
    columns = ["n", "authors", "prior", "± 1 h", "goal", "stated", "90 % set covers", "its size"]
    print_table(title, [*columns, "answered @ right", "P ≥ .9 @ right"], lines)
    print_table("Baselines, ± 1 h", ["n", "quietest 6 h", "one profile"], baselines)
    print_table(
        "Shuffled times (any time of the day), uniform prior",
        ["n", "P(± 1 h) stated, mean", "as of the prior", "answered %"],
        flat,
    )


def simple(runs: Sequence[Author], model: Model) -> tuple[np.ndarray, np.ndarray]:
    """Offsets by the quietest six hours (taken for 1 to 7), and by one daily profile."""
    candidates = np.arange(-11, 14)
    log_day = np.log(model.daily.reshape(24, 2).sum(1))
    quiet, fitted = [], []
    for run in runs:
        hours = np.bincount(run.seconds // _HOUR % 24, minlength=24)
        twice = np.concatenate([hours, hours])
        start = min(range(24), key=lambda h: twice[h : h + 6].sum())
        quiet.append(((1 - start + 11) % 24 - 11) * 60)
        fits = [hours @ np.roll(log_day, -shift) for shift in candidates]
        fitted.append(candidates[int(np.argmax(fits))] * 60)
    return np.array(quiet), np.array(fitted)


def shuffled(runs: Sequence[Author], model: Model, random: np.random.Generator) -> list[object]:
    """The same days at any time of the day: nothing must be found."""
    moved = [
        Author(run.seconds // 86_400 * 86_400 + random.integers(0, 86_400, len(run.seconds)),
               run.offset_min)
        for run in runs
    ]  # fmt: skip
    held = Held.of(model, moved)
    likelihoods = held.likelihoods(model.temper_scale, model.temper_power, model.outliers)
    stated, before = (
        best_window(by_offset(shares, held.modal))[1]
        for shares in (
            posterior(likelihoods, evenly()),
            posterior(np.zeros_like(likelihoods), evenly()),
        )
    )
    return [
        f"{stated.mean():.2f}",
        f"{before.mean():.2f}",
        round(100 * float((stated >= 0.5).mean()), 1),
    ]


def invented(kind: str, number: int, random: np.random.Generator) -> list[Author]:
    """People with the hours of one of the demo's rhythms, in zones drawn by population."""
    weights = np.array(RHYTHMS[kind], float)
    made = []
    for place in random.choice(len(zone_classes()), number, p=by_population()):
        zone = ZoneInfo(zone_classes()[place].names[0])
        own = np.array([np.roll(day, random.integers(-1, 2)) for day in weights])
        days = np.arange(19_400, 19_400 + 300)
        weekend = (days + 3) % 7 >= 5
        local = np.concatenate(
            [
                day * 86_400
                + random.choice(24, 1, p=own[int(rest)] / own[int(rest)].sum()) * _HOUR
                + random.integers(0, _HOUR, 1)
                for day, rest in zip(days, weekend, strict=True)
            ]
        )
        offsets = np.array([_offset(zone, int(second)) for second in local])
        made.append(Author(np.sort(local - offsets * 60), offsets))
    return made


def _offset(zone: ZoneInfo, second: int) -> int:
    import datetime as dt

    naive = dt.datetime(1970, 1, 1) + dt.timedelta(seconds=second)  # noqa: DTZ001
    offset = naive.replace(tzinfo=zone).utcoffset()
    assert offset is not None
    return int(offset.total_seconds() // 60)


def moves(tested: Sequence[Author], model: Model) -> None:
    """False alarms on authors that stayed, and planted moves found."""
    long = [author for author in tested if len(author.seconds) >= 120]
    lines = []
    for hours in (0, 3, 6, 9):
        runs = []
        for author in long:
            seconds = author.seconds[:300].copy()
            seconds[len(seconds) // 2 :] += hours * _HOUR
            runs.append(seconds)
        owner = np.repeat(np.arange(len(runs)), [len(run) for run in runs])
        activity = Activity.of(owner, np.concatenate(runs) // 1800, len(runs))
        odds = log_odds_of_move(activity, by_population(), model)
        looked = np.isfinite(odds)
        lines.append(
            [hours, int(looked.sum()), interval(odds[looked] >= _MOVED, int(looked.sum()))]
        )
    print_table("Said to have moved", ["hours moved", "authors", "share"], lines)


def speed(model: Model, accounts: int = 20_000, posts: int = 100) -> None:
    random = np.random.default_rng(1)
    owner = np.repeat(np.arange(accounts), posts)
    home = np.repeat(random.integers(0, 24, accounts), posts)
    days = random.integers(19_000, 20_000, accounts * posts)
    slots = days * 48 + (random.integers(16, 46, accounts * posts) + home * 2) % 48
    started, used = time.perf_counter(), time.process_time()
    activity = Activity.of(owner, slots, accounts)
    likelihoods = zone_likelihoods(activity, model)
    offsets = by_offset(posterior(likelihoods, by_population()), modal_offsets(activity))
    best_window(offsets)
    each = accounts / (time.perf_counter() - started)
    by_cpu = accounts / (time.process_time() - used)
    print(
        f"{each:,.0f} accounts/s, {by_cpu:,.0f} a CPU second"
        f" ({posts} posts each over three years, {len(OFFSETS)} offsets)"
    )


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--commits", type=Path, required=True)
    parser.add_argument("--runs", type=int, default=1, help="runs of each author")
    given = parser.parse_args(arguments)
    model = shipped()
    tested = authors(given.commits, teaching=False)
    accuracy(
        f"Authors of repositories that taught nothing ({len(tested)})", tested, model, given.runs
    )
    moves(tested, model)
    random = np.random.default_rng(7)
    for kind in ("evenings", "late", "early", "night_shift"):
        accuracy(f"Invented people: {kind}", invented(kind, 150, random), model, 1)
    speed(model)


if __name__ == "__main__":
    main()
