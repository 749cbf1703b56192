"""How much of what was counted can be chance? Plain formulas, each with its paper."""

from __future__ import annotations

import cmath
import math
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]

_STEEPEST, _HALVINGS = 64.0, 48
"""Where the least Chernoff bound is looked for, and how finely."""

_95_PERCENT = 1.959963984540054


def wilson(share: float, size: float) -> tuple[float, float]:
    """The 95 % interval of a share seen in a sample of `size` independent cases.

    Wilson (1927), doi:10.1080/01621459.1927.10502953. A sample of nothing gives 0 to 1.
    """
    if size <= 0:
        return 0.0, 1.0
    z2 = _95_PERCENT**2 / size
    centre = (share + z2 / 2) / (1 + z2)
    spread = math.sqrt(z2 * share * (1 - share) + z2**2 / 4) / (1 + z2)
    return max(0.0, centre - spread), min(1.0, centre + spread)


def rayleigh(counts: Sequence[float], size: float) -> float:
    """The chance of counts at least this one-sided round a circle, if all of it is alike.

    `counts` are equal parts of the circle (the 24 hours); `size` is the number of independent
    cases among them. Rayleigh's test with the approximation of Greenwood & Durand (1955) as given
    by Zar, Biostatistical Analysis, eq. 27.4; good from ten cases on.
    """
    total = sum(counts)
    if not total or size <= 0:
        return 1.0
    step = 2j * math.pi / len(counts)
    mean = sum(count * cmath.exp(step * place) for place, count in enumerate(counts)) / total
    resultant = min(1.0, abs(mean)) * size
    exponent = math.sqrt(1 + 4 * size + 4 * (size**2 - resultant**2)) - (1 + 2 * size)
    return min(1.0, math.exp(exponent))


def posterior_bound(p_value: float) -> float:
    """How probable, at most, an effect is whose test gave this p-value, at even odds before.

    Sellke, Bayarri & Berger (2001), doi:10.1198/000313001300339950: a p-value of 0.05 supports an
    effect with at most 0.71. From 1/e on it supports nothing: 0.5. Never more than 0.99.
    """
    if p_value >= 1 / math.e:
        return 0.5
    bayes_factor = -math.e * p_value * math.log(max(p_value, 1e-300))
    return min(0.99, 1 / (1 + bayes_factor))


def tail_bound(seen: Floats, trials: Floats, chances: Floats, weights: Floats) -> Floats:
    """How probable, at most, are so many successes as were `seen`, if all is chance?

    Each row is a case of its own, each column a class of independent trials: `trials` of them with
    the chance `chances` of success (its mean, if they differ), a success being worth `weights`. The
    bound is Chernoff's on the sum of worths, min over s of E[exp(s × sum)] / exp(s × sum seen)
    (Hoeffding 1963, doi:10.1080/01621459.1963.10500830); taking the mean chance of a class only
    makes it larger. Gives the natural logarithm of the bound, never above 0.
    """
    total = (seen * weights).sum(axis=1)

    def slope(s: Floats) -> Floats:
        grown = chances * np.exp(s[:, None] * weights)
        return np.asarray((trials * weights * grown / (1 - chances + grown)).sum(axis=1) - total)

    low, high = np.zeros(len(total)), np.full(len(total), _STEEPEST)
    for _ in range(_HALVINGS):  # any s gives a bound: this finds the least one
        middle = (low + high) / 2
        above = slope(middle) > 0
        low, high = np.where(above, low, middle), np.where(above, middle, high)
    growth = np.log1p(chances * np.expm1(low[:, None] * weights))
    return np.asarray(np.minimum(0.0, (trials * growth).sum(axis=1) - low * total))
