"""What is an observation of the two language detectors worth? Fits `annotators/language.json`.

    python -m bench.language_calibration [--write]

For each stance of CLD2, a logistic regression of "the observed language is right" on the terms of
the observation, over the tuning half of the sentences (as they are and as posts) and of Django's
strings, which have 57 languages more: one text in twelve. The least confidence that is an
answer is the lowest at which 95 % of the answers are right for every number of words.
"""

from __future__ import annotations

import argparse
from collections import defaultdict
from collections.abc import Mapping, Sequence
from pathlib import Path

import msgspec
import numpy as np
import numpy.typing as npt
import pyarrow as pa

from bench.language_texts import TUNE, WORDS, Labelled, as_posts, interface_strings, sentences
from clew.annotators import language
from clew.annotators.language import Calibration, Observation, Stance

Floats = npt.NDArray[np.float64]

RIGHT = 0.95
"""The share of answers that must be right, for every number of words."""

_SHRINK = 0.1  # ridge; keeps the weights of a rare stance finite


def observed(texts: Sequence[Labelled]) -> list[tuple[Labelled, Observation]]:
    """What the detectors make of each text that they make something of."""
    words = language.words_of(pa.array([text.text for text in texts], pa.string())).to_pylist()
    pairs = ((text, language.observe(each)) for text, each in zip(texts, words, strict=True))
    return [(text, seen) for text, seen in pairs if seen is not None]


def logistic(terms: Floats, right: Floats) -> Floats:
    """The weights of a ridge logistic regression, by Newton's method."""
    weights = np.zeros(terms.shape[1])
    shrink = _SHRINK * np.eye(terms.shape[1])
    for _ in range(50):
        expected = 1 / (1 + np.exp(-terms @ weights))
        slope = terms.T @ (right - expected) - shrink @ weights
        curve = (terms * (expected * (1 - expected))[:, None]).T @ terms + shrink
        step = np.linalg.solve(curve, slope)
        weights += step
        if np.abs(step).max() < 1e-8:
            break
    return weights


def fit(pairs: Sequence[tuple[Labelled, Observation]]) -> dict[Stance, tuple[float, ...]]:
    """The weights for each stance."""
    by_stance = defaultdict(list)
    for text, seen in pairs:
        by_stance[seen.stance].append((seen.terms, text.language == seen.language))
    found = {}
    for stance in Stance:
        terms, right = zip(*by_stance[stance], strict=True)
        weights = logistic(np.array(terms), np.array(right, float))
        found[stance] = tuple(round(float(weight), 4) for weight in weights)
        print(f"{stance:8} {len(right):>7,} texts, {np.mean(right):.3f} right, {found[stance]}")
    return found


def lowest_answer(
    pairs: Sequence[tuple[Labelled, Observation]], weights: Mapping[Stance, tuple[float, ...]]
) -> float:
    """The lowest confidence, in steps of 0.05, from which RIGHT of the answers are right."""
    trial = Calibration(fitted_on="", answer_from=0, weights=weights)
    words = np.array([text.words for text, _ in pairs])
    right = np.array([text.language == seen.language for text, seen in pairs])
    confidence = np.array([trial.confidence(seen) for _, seen in pairs])
    for percent in range(50, 100, 5):
        answered = confidence >= percent / 100
        shares = [right[answered & (words == each)].mean() for each in WORDS]
        print(f"from {percent} %: " + " ".join(f"{share:.4f}" for share in shares))
        if min(shares) >= RIGHT:
            return percent / 100
    raise RuntimeError("no confidence is high enough")


def _languages(texts: Sequence[Labelled]) -> int:
    return len({text.language for text in texts})


def main() -> None:
    """Fit, print, and with --write replace the file that ships."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--shared-data", type=Path, default=Path("../shared/data"))
    parser.add_argument("--write", action="store_true")
    given = parser.parse_args()
    plain = sentences(given.shared_data, TUNE)
    posts = as_posts(plain)
    strings = interface_strings(TUNE)
    weights = fit(observed([*plain, *posts, *strings]))
    fitted = Calibration(
        fitted_on=(
            f"{len(plain):,} cuts of sentences in {_languages(plain)} languages, the same as "
            f"posts, {len(strings):,} interface strings in {_languages(strings)} languages"
        ),
        answer_from=lowest_answer(observed(posts), weights),
        weights=weights,
    )
    print(fitted)
    if given.write:
        path = Path(language.__file__).with_suffix(".json")
        path.write_bytes(msgspec.json.format(msgspec.json.encode(fitted), indent=1) + b"\n")


if __name__ == "__main__":
    main()
