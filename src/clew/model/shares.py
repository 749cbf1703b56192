"""Is this share more than the past explains? Beta-binomial shares, with what is not known of them.

Each window has its own share, drawn from a beta distribution; of the `n` voices of the window a
binomial number is negative (Skellam 1948). Mean and spread of that beta distribution are not known:
the windows before say how probable each of a grid of values is, and the chance of a count so high
is averaged over them (the posterior predictive). With little history the chance is never small.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Integers = npt.NDArray[np.int64]

_MEANS = 64
_SPREADS = np.array([0.001, 0.003, 0.01, 0.02, 0.04, 0.08, 0.15, 0.25])
"""Correlations of two voices of one window; before anything was seen as probable as their root.

Wide ones are favoured: a spread that is taken for too small makes alarms of nothing.
"""


class Shares:
    """What windows that have been seen say of the share of the next one."""

    def __init__(self) -> None:
        # Jeffreys' prior of the mean: as many points in each stretch as it has probability there.
        angles = (np.arange(_MEANS) + 0.5) / _MEANS * np.pi / 2
        means, spreads = np.meshgrid(np.sin(angles) ** 2, _SPREADS, indexing="ij")
        self._means = means.ravel()
        self._prior = 0.5 * np.log(spreads.ravel())
        size = 1 / spreads.ravel() - 1
        self._a, self._b = self._means * size, (1 - self._means) * size

    def log_likelihood(self, negative: int, voices: int) -> Floats:
        """How well each grid point explains a window, without what all have in common."""
        return np.asarray(
            _log_rising(self._a, negative)
            + _log_rising(self._b, voices - negative)
            - _log_rising(self._a + self._b, voices)
        )

    def expected(self, log_posterior: Floats) -> float:
        """The mean share."""
        return float(_normalised(log_posterior) @ self._means)

    def chance(self, log_posterior: Floats, negative: int, voices: int) -> float:
        """P(at least so many of so many voices are negative), 0 to 1."""
        if negative <= 0:
            return 1.0
        counts = np.arange(negative, voices + 1)
        # log P(k + 1) - log P(k), from the smallest count on.
        k = counts[:-1, None]
        with np.errstate(divide="ignore"):
            steps = np.log((voices - k) / (k + 1)) + np.log(
                (self._a + k) / (self._b + voices - k - 1)
            )
        start = self.log_likelihood(negative, voices) + _log_choose(voices, negative)
        logs = start + np.concatenate([np.zeros((1, len(start))), np.cumsum(steps, axis=0)])
        tails = np.minimum(np.exp(logs).sum(axis=0), 1.0)
        return float(min(1.0, _normalised(log_posterior) @ tails))

    @property
    def nothing_seen(self) -> Floats:
        """The log-posterior before any window."""
        return np.asarray(self._prior)


def _normalised(logs: Floats) -> Floats:
    weights = np.exp(logs - logs.max())
    return np.asarray(weights / weights.sum())


def _log_rising(start: Floats, length: int) -> Floats:
    """Log of start × (start + 1) × …, `length` factors."""
    return _log_gamma(start + length) - _log_gamma(start)


def _log_choose(size: int, chosen: int) -> float:
    ends = np.array([size + 1.0, chosen + 1.0, size - chosen + 1.0])
    whole, one, other = _log_gamma(ends)
    return float(whole - one - other)


def _log_gamma(x: Floats) -> Floats:
    """Log Γ of positive numbers, to 1e-10: Stirling's series (DLMF 5.11.1) from 8 on."""
    shift = np.zeros_like(x)
    for _ in range(8):
        small = x < 8
        shift = shift + np.where(small, np.log(np.where(small, x, 1.0)), 0.0)
        x = np.where(small, x + 1, x)
    inverse = 1 / x
    square = inverse * inverse
    series = inverse * (1 / 12 - square * (1 / 360 - square * (1 / 1260 - square / 1680)))
    return np.asarray((x - 0.5) * np.log(x) - x + 0.5 * np.log(2 * np.pi) + series - shift)
