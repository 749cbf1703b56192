"""Which polarity does a post have? The fast path: a linear model, for every post.

Taught by the model path (see bench/sentiment_training.py and the data card in
docs/annotators/sentiment.md).
"""

from __future__ import annotations

import io
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

import numpy as np
import numpy.typing as npt

from clew.annotators.sentiment.features import Floats, Lexicon, counts, measures
from clew.annotators.sentiment.words import Tokens

POLARITIES = ("negative", "neutral", "positive")

FILE = files(__package__).joinpath("fast.npz").read_bytes()


@dataclass(frozen=True)
class Fast:
    """A multinomial logistic model; the log-odds of neutral are 0."""

    lexicon: Lexicon
    weights: Floats  # of the hashed features: negative, positive
    centre: Floats  # of the measures
    spread: Floats
    measure_weights: Floats  # of the measures: negative, positive
    bias: Floats

    @property
    def bits(self) -> int:
        """There are 2 ** bits hashed features."""
        return len(self.weights).bit_length() - 1

    def log_odds(self, tokens: Tokens) -> Floats:
        """One row a post: negative, neutral, positive."""
        found = counts(tokens, self.bits)
        rows = (measures(tokens, self.lexicon) - self.centre) / self.spread
        sides = rows @ self.measure_weights + self.bias
        for side in (0, 1):
            sides[:, side] += np.bincount(
                found.post, self.weights[found.feature, side] * found.value, tokens.posts
            )
        return np.insert(sides, 1, 0.0, axis=1)


def probabilities(log_odds: Floats) -> Floats:
    """One row a post: of negative, neutral and positive; they sum to 1."""
    powers = np.exp(log_odds - log_odds.max(axis=1, keepdims=True))
    return np.asarray(powers / powers.sum(axis=1, keepdims=True))


def scaled(numbers: npt.NDArray[np.int8], scale: float) -> Floats:
    """The numbers that were stored in a byte each."""
    return numbers.astype(float) * float(scale)


def load(data: bytes) -> Fast:
    """The model of a file that the training has written."""
    with np.load(io.BytesIO(data), allow_pickle=False) as stored:
        lexicon = Lexicon(
            stored["keys"],
            *(
                scaled(stored[name], stored[f"{name}_scale"])
                for name in ("valence", "polarity", "neutrality")
            ),
        )
        return Fast(
            lexicon=lexicon,
            weights=scaled(stored["weights"], stored["weights_scale"]),
            centre=stored["centre"],
            spread=stored["spread"],
            measure_weights=stored["measure_weights"],
            bias=stored["bias"],
        )


@cache
def shipped() -> Fast:
    """The model that ships with Clew."""
    return load(FILE)
