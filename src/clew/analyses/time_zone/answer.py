"""What is said of a subject: its offset from Greenwich, and how sure that is."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from clew.analyses.time_zone.posterior import DAY, Activity
from clew.analyses.time_zone.zones import Floats, Ints, clocks_for

OFFSETS = np.arange(-12 * 60, 14 * 60 + 1, 15)
"""Minutes east of Greenwich that a clock may show."""

_WINDOW_MIN = 60


def modal_offsets(activity: Activity) -> Ints:
    """What the clocks of each class showed most often when the subject was active.

    Subject × class, as a number of OFFSETS.
    """
    clock = clocks_for(activity.slots)
    seasons = len(clock.offsets)
    season = clock.season[activity.slots // DAY - clock.first]
    counts = np.bincount(activity.owner * seasons + season, minlength=activity.subjects * seasons)
    counts = counts.reshape(activity.subjects, seasons).astype(np.float32)
    column = np.clip((clock.offsets - OFFSETS[0]) // 15, 0, len(OFFSETS) - 1)
    most = np.full((activity.subjects, column.shape[1]), -1, np.float32)
    modal = np.zeros(most.shape, np.int64)
    for offset in np.unique(column):
        shown = counts @ (column == offset).astype(np.float32)
        more = shown > most
        most[more], modal[more] = shown[more], offset
    return modal


def by_offset(shares: Floats, modal: Ints) -> Floats:
    """The posterior of offsets (subject × OFFSETS) from that of classes."""
    subjects = len(shares)
    places = (np.arange(subjects)[:, None] * len(OFFSETS) + modal).reshape(-1)
    sums = np.bincount(places, shares.reshape(-1), subjects * len(OFFSETS)).astype(float)
    return sums.reshape(subjects, len(OFFSETS))


def windows(offsets: Floats) -> Floats:
    """The probability of within ± 1 h of each of OFFSETS; the circle of 24 h is closed."""
    minutes = np.abs((OFFSETS[:, None] - OFFSETS + 720) % 1440 - 720)
    near: Floats = offsets @ (minutes <= _WINDOW_MIN).astype(float)
    return near


def best_window(offsets: Floats) -> tuple[Ints, Floats]:
    """The offset (its number) with most probability within ± 1 h, and that probability.

    Of several such offsets the one that is itself most probable.
    """
    near = windows(offsets)
    best = (near + 1e-6 * offsets).argmax(axis=1)
    return best, near[np.arange(len(near)), best]


def credible_set(offsets: Floats, level: float) -> npt.NDArray[np.bool_]:
    """The fewest offsets that hold so much of the posterior."""
    order = np.argsort(-offsets, axis=1, kind="stable")
    ranked = np.take_along_axis(offsets, order, axis=1)
    before = np.cumsum(ranked, axis=1) - ranked
    chosen = np.zeros(offsets.shape, bool)
    np.put_along_axis(chosen, order, before < level, axis=1)
    return chosen
