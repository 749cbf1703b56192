"""How much of what was counted can be chance? Plain formulas, each with its paper."""

from __future__ import annotations

import cmath
import math
from collections.abc import Sequence

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
