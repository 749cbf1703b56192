"""From half hours of activity to the answer for every account, channel and crowd."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from clew.analyses.time_zone.answer import (
    OFFSETS,
    best_window,
    by_offset,
    credible_set,
    modal_offsets,
    windows,
)
from clew.analyses.time_zone.posterior import (
    Activity,
    Model,
    crowd,
    posterior,
    shipped,
    zone_likelihoods,
)
from clew.analyses.time_zone.zones import (
    Floats,
    Ints,
    by_population,
    evenly,
    named,
    zone_classes,
)
from clew.model.chance import wilson

_CHUNK = 4_000  # subjects at once
_SURE_ENOUGH = 0.5  # below it there is no answer
_RIVAL_MIN = 150  # a rival reading lies at least so far from the answer
_MOVED = 0.5  # log Bayes factor of two zones over one; see the page for how often it errs
_HALF_ENOUGH = 30  # active half hours that each half needs before a move is looked for
_ROUND_THE_CLOCK = 0.10  # of the active half hours at least lie in the quietest six hours
_ON_THE_CLOCK = 0.5  # of the posts at least fall in minutes :00 and :30
_CROWD, _FEWEST = 500, 3  # members that a crowd is judged by, and active half hours of each
_RESAMPLES = 20
_CROWD_WEIGHT = 2.0  # members that mankind counts as, where a crowd itself is asked about


class Scope(StrEnum):
    """Whom a row is about."""

    ACCOUNT = "account"
    UNSIGNED = "unsigned"  # posts of a channel that name no author
    MEMBERS = "members"  # the accounts that post in a channel, each as one
    EVERYBODY = "everybody"  # the accounts of the case, each as one


class Outcome(StrEnum):
    """Is there an answer, and if not, why?"""

    ANSWERED = "answered"
    FEW = "few"  # too few active half hours
    UNDECIDED = "undecided"  # the hours fit too many zones
    ROUND_THE_CLOCK = "round the clock"  # no hours of sleep: a program, or several people
    SCHEDULED = "scheduled"  # posted by the clock
    MOVED = "moved"  # the earlier half of its posts fits another zone than the later


class Prior(StrEnum):
    """Where somebody is expected to live before the times are looked at."""

    CROWD = "crowd"  # as the other accounts of the case, learned from all their times
    POPULATION = "population"  # as mankind
    UNIFORM = "uniform"  # anywhere alike


@dataclass(frozen=True)
class Gathered:
    """The subjects and what was counted of each, in order of their ids."""

    subjects: list[tuple[str, str]]  # scope, id
    activity: Activity
    counts: Ints  # subject × (posts, left out, declared, on the clock)
    by_hour: Ints  # subject × UTC hour: active half hours
    examples: list[dict[int, str]]  # UTC hour → a post
    channels: dict[str, list[int]]  # channel → the numbers of the accounts that post in it

    @classmethod
    def of(cls, rows: pa.Table) -> Gathered:
        """From the rows of `gather`, in any order."""
        columns = {
            name: rows[name].to_pylist() for name in rows.schema.names if name != "half_hours"
        }
        keys = [
            (Scope.ACCOUNT, account) if account is not None else (Scope.UNSIGNED, channel or "")
            for account, channel in zip(columns["account_id"], columns["channel_id"], strict=True)
        ]
        subjects = sorted(set(keys))
        number = {key: place for place, key in enumerate(subjects)}
        owner = np.array([number[key] for key in keys], np.int64)
        counts = np.zeros((len(subjects), 4), np.int64)
        numbers = [columns[name] for name in ("posts", "left_out", "declared", "on_the_clock")]
        np.add.at(counts, owner, np.array(numbers, np.int64).T)
        examples: list[dict[int, str]] = [{} for _ in subjects]
        channels: dict[str, set[int]] = {}
        for place, hour, example, key, channel in zip(
            owner.tolist(), columns["hour"], columns["example_post_id"], keys,
            columns["channel_id"], strict=True,
        ):  # fmt: skip
            if hour is None:
                continue
            examples[place][hour] = min(example, examples[place].get(hour, example))
            if key[0] is Scope.ACCOUNT and channel is not None:
                channels.setdefault(channel, set()).add(place)
        lists = rows["half_hours"].combine_chunks()
        lengths = np.array(lists.value_lengths().fill_null(0), np.int64)
        slots = np.array(lists.flatten(), np.int64)
        activity = Activity.of(np.repeat(owner, lengths), slots, len(subjects))
        places = activity.owner * 24 + activity.slots % 48 // 2
        by_hour = np.bincount(places, minlength=len(subjects) * 24).reshape(-1, 24)
        return cls(
            [(str(scope), name) for scope, name in subjects], activity, counts, by_hour, examples,
            {name: sorted(found) for name, found in sorted(channels.items())},
        )  # fmt: skip


def score(
    rows: pa.Table, schema: pa.Schema, *, prior: Prior, zones: Sequence[str], min_active: int,
    crowds: int,
) -> pa.Table:  # fmt: skip
    """The rows of the result from those of `gather`."""
    if not rows.num_rows:
        return schema.empty_table()
    gathered, model = Gathered.of(rows), shipped()
    likelihoods = zone_likelihoods(gathered.activity, model)
    accounts = np.array([scope == Scope.ACCOUNT for scope, _ in gathered.subjects])
    members = np.flatnonzero(accounts & (gathered.activity.active >= _FEWEST))
    expected = _expected(prior, zones, likelihoods[_some(members)])
    found = _subjects(gathered, likelihoods, expected, model, min_active)
    if len(members) > 1:
        found.append(_crowd(Scope.EVERYBODY, "", members, gathered, likelihoods))
    inside = set(members.tolist())
    groups = {name: [m for m in some if m in inside] for name, some in gathered.channels.items()}
    for name in sorted(groups, key=lambda name: (-len(groups[name]), name))[:crowds]:
        if len(groups[name]) > 1:
            found.append(_crowd(Scope.MEMBERS, name, np.array(groups[name]), gathered, likelihoods))
    return pa.Table.from_pylist(found, schema=schema)


def _some(members: Ints) -> Ints:
    """At most _CROWD of them, evenly spread."""
    if len(members) <= _CROWD:
        return members
    spread: Ints = members[np.linspace(0, len(members) - 1, _CROWD).astype(int)]
    return spread


def own_prior(zones: Sequence[str]) -> Floats:
    """The prior of texts such as `Europe/Berlin=3`; raises ValueError for what is none."""
    weights = {}
    for text in zones:
        name, _, weight = text.partition("=")
        weights[name] = float(weight or 1)
        if not 0 < weights[name] < 1e9:
            raise ValueError(f"the weight in {text!r} must be above 0")
    try:
        return named(weights)
    except KeyError as error:
        raise ValueError(f"there is no zone {error.args[0]!r} in the IANA database") from error


def _expected(prior: Prior, zones: Sequence[str], members: Floats) -> Floats:
    if zones:
        return own_prior(zones)
    if prior is Prior.UNIFORM:
        return evenly()
    return (
        crowd(members, by_population())
        if prior is Prior.CROWD and len(members)
        else by_population()
    )


def _subjects(
    gathered: Gathered, likelihoods: Floats, prior: Floats, model: Model, min_active: int
) -> list[dict[str, Any]]:
    activity, rows = gathered.activity, []
    moves = log_odds_of_move(activity, prior, model)
    days = activity.days
    modal = modal_offsets(activity) if activity.slots.size else None
    for start in range(0, len(gathered.subjects), _CHUNK):
        part = slice(start, start + _CHUNK)
        shares = posterior(likelihoods[part], prior)
        if modal is None:
            offsets = np.zeros((len(shares), len(OFFSETS)))
        else:
            offsets = by_offset(shares, modal[part])
        best, stated = best_window(offsets)
        sets, near = credible_set(offsets, 0.9), windows(offsets)
        zones = shares.argmax(axis=1)
        for place in range(len(shares)):
            number = start + place
            posts, left_out, declared, on_the_clock = gathered.counts[number].tolist()
            active = int(activity.active[number])
            row: dict[str, Any] = {
                "scope": gathered.subjects[number][0],
                "subject_id": gathered.subjects[number][1] or None,
                "members": None,
                "posts": posts,
                "left_out": left_out,
                "declared": declared,
                "active": active,
                "days": int(days[number]),
                "by_hour": gathered.by_hour[number].tolist(),
            }
            outcome = Outcome.FEW
            if active >= min_active:
                outcome = _outcome(
                    gathered.by_hour[number], row["days"], on_the_clock / posts,
                    float(moves[number]), float(stated[place]),
                )  # fmt: skip
                row |= _answer(offsets[place], near[place], sets[place], int(best[place]))
                row["zone"] = zone_classes()[zones[place]].names[0]
                hours = deciding_hours(
                    gathered.by_hour[number], row["offset_min"], row["rival_offset_min"], model
                )
                examples = gathered.examples[number]
                row["example_post_ids"] = [examples[hour] for hour in hours if hour in examples]
            rows.append(row | {"outcome": str(outcome)})
    return rows


def _outcome(by_hour: Ints, days: int, on_the_clock: float, move: float, stated: float) -> Outcome:
    twice = np.concatenate([by_hour, by_hour])
    quietest = min(twice[hour : hour + 6].sum() for hour in range(24)) / by_hour.sum()
    if on_the_clock >= _ON_THE_CLOCK:
        return Outcome.SCHEDULED
    if wilson(float(quietest), days)[0] > _ROUND_THE_CLOCK:
        return Outcome.ROUND_THE_CLOCK
    if move >= _MOVED:
        return Outcome.MOVED
    return Outcome.ANSWERED if stated >= _SURE_ENOUGH else Outcome.UNDECIDED


def _answer(offsets: Floats, near: Floats, chosen: npt.NDArray[Any], best: int) -> dict[str, Any]:
    away = np.abs((OFFSETS - OFFSETS[best] + 720) % 1440 - 720) >= _RIVAL_MIN
    rival = int(np.where(away, near + 1e-6 * offsets, -1).argmax())
    shown = np.flatnonzero(offsets >= 0.0005)
    return {
        "offset_min": int(OFFSETS[best]),
        "probability": min(1.0, round(float(near[best]), 4)),
        "set_min": OFFSETS[chosen].tolist(),
        "offsets_min": OFFSETS[shown].tolist(),
        "shares": [round(float(share), 4) for share in offsets[shown]],
        "rival_offset_min": int(OFFSETS[rival]),
        "rival_probability": min(1.0, round(float(near[rival]), 4)),
    }


def deciding_hours(by_hour: Ints, offset_min: int, rival_min: int, model: Model) -> list[int]:
    """The UTC hours, at most three, whose posts speak most for one offset against another."""
    daily = np.log(model.daily.reshape(24, 2).sum(axis=1))
    hours = np.arange(24)
    local = [(hours + round(minutes / 60)) % 24 for minutes in (offset_min, rival_min)]
    speaks = by_hour * (daily[local[0]] - daily[local[1]])
    ranked = sorted(range(24), key=lambda hour: (-round(float(speaks[hour]), 6), hour))
    return [hour for hour in ranked[:3] if speaks[hour] > 0]


def log_odds_of_move(activity: Activity, prior: Floats, model: Model) -> Floats:
    """Log Bayes factor: the two halves of what somebody did lie in two zones, not in one.

    −inf for whom a half has too few active half hours to look.
    """
    starts = np.cumsum(activity.active) - activity.active
    rank = np.arange(len(activity.owner)) - starts[activity.owner]
    later = rank * 2 >= activity.active[activity.owner]
    ready = activity.active >= 2 * _HALF_ENOUGH
    odds = np.full(activity.subjects, -np.inf)
    if not ready.any():
        return odds
    number = np.cumsum(ready) - 1
    chosen = ready[activity.owner]
    owner = number[activity.owner[chosen]] * 2 + later[chosen]
    halves = Activity(2 * int(ready.sum()), owner, activity.slots[chosen])
    likelihoods = zone_likelihoods(halves, model)
    likelihoods -= likelihoods.max(axis=1, keepdims=True)
    first, second = np.exp(likelihoods[::2]), np.exp(likelihoods[1::2])
    odds[ready] = np.log(first @ prior) + np.log(second @ prior) - np.log((first * second) @ prior)
    return odds


def _crowd(
    scope: Scope, name: str, members: Ints, gathered: Gathered, likelihoods: Floats
) -> dict[str, Any]:
    """Which shares of a crowd live where, with what resampling its members makes of it."""
    chosen = _some(members)
    found = likelihoods[chosen]
    shares = crowd(found, by_population(), _CROWD_WEIGHT)
    merged = np.isin(gathered.activity.owner, chosen)
    together = Activity.of(
        np.zeros(int(merged.sum()), np.int64), gathered.activity.slots[merged], 1
    )
    modal = modal_offsets(together)
    random = np.random.default_rng(len(chosen))
    resampled = [
        crowd(found[random.integers(0, len(chosen), len(chosen))], by_population(), _CROWD_WEIGHT)
        for _ in range(_RESAMPLES)
    ]
    offsets = by_offset(shares[None], modal)[0]
    spread = by_offset(np.array(resampled), np.repeat(modal, _RESAMPLES, axis=0))
    shown = np.flatnonzero(offsets >= 0.005)
    low, high = np.quantile(spread[:, shown], (0.05, 0.95), axis=0)
    return {
        "scope": str(scope),
        "subject_id": name or None,
        "members": len(members),
        "posts": int(gathered.counts[members, 0].sum()),
        "left_out": int(gathered.counts[members, 1].sum()),
        "declared": int(gathered.counts[members, 2].sum()),
        "active": int(gathered.activity.active[members].sum()),
        "days": int(together.days[0]),
        "by_hour": gathered.by_hour[members].sum(axis=0).tolist(),
        "outcome": str(Outcome.ANSWERED),
        "zone": zone_classes()[int(shares.argmax())].names[0],
        "offsets_min": OFFSETS[shown].tolist(),
        "shares": [round(float(share), 3) for share in offsets[shown]],
        "shares_low": [round(float(share), 3) for share in low],
        "shares_high": [round(float(share), 3) for share in high],
    }
