"""How probable is each zone, given when somebody posts?

People of one kind (office, evenings, early, late…) keep similar hours by the clock on their wall.
A *template* is the share of posts in each half hour of the local day, on workdays and on
weekends. Somebody follows one of the templates, in one of the zones:

    P(zone | times) ∝ P(zone) · Σ_k w_k · Π_t template_k(local(t, zone)) ^ temper

`temper` < 1, since posts of one day hang together and nobody follows a template exactly. One of
the templates is flat: who posts at any hour, as programs do, says nothing of a zone.
"""

from __future__ import annotations

import io
from dataclasses import dataclass
from functools import cache, cached_property
from importlib.resources import files
from typing import Any

import numpy as np
import numpy.typing as npt

from clew.analyses.time_zone.zones import Clocks, Floats, Ints, clocks_for, zone_classes

DAY, WEEK = 48, 336  # half hours
_SUBJECTS_AT_ONCE = 500
_MOST_ROUNDS = 100


@dataclass(frozen=True)
class Model:
    """The templates, and how far they are believed."""

    weights: Floats  # of each template, together 1
    templates: Floats  # template × (workday, weekend) × 48: a week of them adds up to 1
    temper_scale: float
    temper_power: float
    outliers: float  # the share of people of whom the hours say nothing

    def temper(self, active: Floats, days: Floats) -> Floats:
        """How much each active half hour counts, by their number and that of the days."""
        return np.minimum(1.0, self.temper_scale * days**self.temper_power / np.maximum(active, 1))

    @property
    def daily(self) -> Floats:
        """The day of somebody met at random: shares of 48 half hours, together 1."""
        week = np.tensordot(self.weights, self.templates, 1)
        day: Floats = 5 * week[0] + 2 * week[1]
        return day

    @cached_property
    def logs(self) -> npt.NDArray[np.float32]:
        """Logarithms by half hour of a workday and template; then what a weekend has more."""
        workday, weekend = np.log(self.templates).transpose(1, 2, 0)
        both: npt.NDArray[np.float32]
        both = np.concatenate([workday, weekend - workday]).astype(np.float32)
        return both


@cache
def shipped() -> Model:
    """The model that comes with Clew; see `templates.md` beside it."""
    data = files("clew.analyses.time_zone").joinpath("templates.npz").read_bytes()
    with np.load(io.BytesIO(data)) as held:
        return Model(
            held["weights"].astype(float),
            held["templates"].astype(float),
            *(float(held[name]) for name in ("temper_scale", "temper_power", "outliers")),
        )


@dataclass(frozen=True)
class Activity:
    """When the subjects were active: half hours since 1970, each once, in order of subject."""

    subjects: int
    owner: Ints
    slots: Ints

    @classmethod
    def of(cls, owner: Ints, slots: Ints, subjects: int) -> Activity:
        """Of half hours in any order, with repetitions."""
        keys = np.unique(owner.astype(np.int64) << 32 | slots.astype(np.int64))
        return cls(subjects, keys >> 32, keys & 0xFFFF_FFFF)

    @cached_property
    def active(self) -> Ints:
        """Active half hours of each subject."""
        return np.bincount(self.owner, minlength=self.subjects)

    @cached_property
    def days(self) -> Ints:
        """Days (UTC) with one, of each subject."""
        seen = np.unique(self.owner << 32 | self.slots // DAY)
        return np.bincount(seen >> 32, minlength=self.subjects)


def zone_likelihoods(activity: Activity, model: Model, per_template: bool = False) -> Floats:
    """Log P(times | zone class) of each subject, as `mixed` gives it.

    `per_template` leaves the templates apart (subject × class × template).
    """
    classes, kinds = len(zone_classes()), len(model.weights)
    result = np.zeros((activity.subjects, classes) + ((kinds,) if per_template else ()))
    if not activity.slots.size:
        return result
    histories, class_history = _histories(clocks_for(activity.slots), activity)
    firsts = np.searchsorted(activity.owner, np.arange(activity.subjects + 1))
    for start in range(0, activity.subjects, _SUBJECTS_AT_ONCE):
        stop = min(start + _SUBJECTS_AT_ONCE, activity.subjects)
        part = slice(firsts[start], firsts[stop])
        some = Activity(stop - start, activity.owner[part] - start, activity.slots[part])
        sums = _sums(some, histories, model)
        if per_template:
            result[start:stop] = sums[:, class_history]
        else:
            logs = mixed(sums, activity, model, np.arange(start, stop))
            result[start:stop] = logs[:, class_history]
    return result if per_template else with_outliers(result, model.outliers)


def mixed(sums: npt.NDArray[Any], activity: Activity, model: Model, subjects: Ints) -> Floats:
    """Log P(times | zone) from Σ log template (subject × zone × template): tempered, over all.

    `subjects`: whose sums these are.
    """
    active, days = activity.active[subjects], activity.days[subjects]
    temper = model.temper(active.astype(float), days.astype(float)).astype(sums.dtype)
    logs = sums * temper[:, None, None] + np.log(model.weights).astype(sums.dtype)
    top = logs.max(axis=2, keepdims=True)
    likelihoods = (top + np.log(np.exp(logs - top).sum(axis=2, keepdims=True)))[:, :, 0]
    return np.asarray(likelihoods, float)


def with_outliers(likelihoods: Floats, share: float) -> Floats:
    """With a share of people of whom the hours say nothing: they are as likely in every class."""
    top = likelihoods.max(axis=1, keepdims=True)
    relative = np.exp(likelihoods - top)
    mixed: Floats = np.log((1 - share) * relative + share * relative.mean(axis=1, keepdims=True))
    return mixed


@dataclass(frozen=True)
class _Histories:
    """What clocks showed in the seasons in question, taken apart into parts that zones share.

    A part is an offset and the seasons in which it holds: "UTC+1 in European winters". Of zones
    with the same offset the year round there is one part with all seasons.
    """

    clock: Clocks
    seasons: npt.NDArray[np.bool_]  # set of seasons × season
    parts: list[tuple[int, Ints]]  # set of seasons, the half hours east that hold in it
    part_of: npt.NDArray[np.float32]  # history × (part and offset): does it belong?


def _histories(clock: Clocks, activity: Activity) -> tuple[_Histories, Ints]:
    """The different histories, and which one each class has."""
    seen = np.unique(clock.season[np.unique(activity.slots // DAY) - clock.first])
    shown = clock.half_hours
    columns, class_history = np.unique(shown[seen], axis=1, return_inverse=True)
    sets: dict[bytes, dict[int, list[int]]] = {}
    for history, column in enumerate(columns.T):
        for offset in np.unique(column).tolist():
            sets.setdefault((column == offset).tobytes(), {}).setdefault(offset, []).append(history)
    seasons = np.zeros((len(sets), len(clock.offsets)), bool)
    seasons[:, seen] = [np.frombuffer(key, bool) for key in sets]
    parts = [(number, np.array(list(held))) for number, held in enumerate(sets.values())]
    members = [histories for held in sets.values() for histories in held.values()]
    part_of = np.zeros((columns.shape[1], len(members)), np.float32)
    for number, histories in enumerate(members):
        part_of[histories, number] = 1
    return _Histories(clock, seasons, parts, part_of), class_history.reshape(-1)


def _sums(activity: Activity, histories: _Histories, model: Model) -> npt.NDArray[np.float32]:
    """Σ log template by subject, history and template."""
    clock = histories.clock
    season = clock.season[activity.slots // DAY - clock.first]
    cells = activity.owner * WEEK + (activity.slots + 3 * DAY) % WEEK  # 1970-01-01: a Thursday
    folded = np.empty((histories.part_of.shape[1], activity.subjects, 2 * DAY), np.float32)
    place = 0
    for number, offsets in histories.parts:
        inside = histories.seasons[number][season]
        counts = np.bincount(cells[inside], minlength=activity.subjects * WEEK)
        weeks = counts.reshape(-1, WEEK).astype(np.float32)
        days = np.tile(weeks.reshape(-1, 7, DAY).sum(axis=1), 2)
        wrapped = np.concatenate([weeks, weeks[:, :DAY]], axis=1)
        for offset in offsets.tolist():
            saturday = 5 * DAY - offset  # where it begins, in UTC
            folded[place, :, :DAY] = days[:, -offset % DAY : -offset % DAY + DAY]
            folded[place, :, DAY:] = wrapped[:, saturday : saturday + DAY]
            folded[place, :, DAY:] += wrapped[:, saturday + DAY : saturday + 2 * DAY]
            place += 1
    # Two large products: many small ones would spend their time on handing out work.
    by_part = (folded.reshape(-1, 2 * DAY) @ model.logs).reshape(place, -1)
    sums = (histories.part_of @ by_part).reshape(-1, activity.subjects, len(model.weights))
    return sums.transpose(1, 0, 2)


def posterior(likelihoods: Floats, prior: Floats) -> Floats:
    """P(class) of each subject from log likelihoods and a prior, one for all or one for each."""
    with np.errstate(divide="ignore"):
        logs = likelihoods + np.log(prior)
    shares = np.exp(logs - logs.max(axis=1, keepdims=True))
    normal: Floats = shares / shares.sum(axis=1, keepdims=True)
    return normal


def crowd(likelihoods: Floats, start: Floats, weight: float | None = None) -> Floats:
    """Which shares of a crowd live in each class, from the likelihoods of its members.

    Expectation maximisation of a mixture with a Dirichlet prior around `start` that weighs as much
    as `weight` members. By default, meant for a prior, that is 30 and a fifth of those there are:
    templates fit nobody exactly, and a large crowd would make it sharper than they allow.
    """
    weight = 30 + 0.2 * len(likelihoods) if weight is None else weight
    relative = np.exp(likelihoods - likelihoods.max(axis=1, keepdims=True))
    shares = start
    for _ in range(_MOST_ROUNDS):
        members = relative * shares
        members /= members.sum(axis=1, keepdims=True)
        new = members.sum(axis=0) + weight * start
        new /= new.sum()
        if np.abs(new - shares).max() < 1e-5:
            break
        shares = new
    return shares
