"""Texts whose language is known: sentences cut short, made to look like posts, and real posts.

* `sentences`: 30 languages of lingua's test data, cut to 1, 2, 3, 5 and 8 words, and whole.
* `interface_strings`: what Django says in 80 languages; the only texts in the languages that the
  sentences lack. Interface language is no post, but it is short and written by people.
* `tweets`: posts of the XLM-T sentiment data, labelled by the language they were collected in.
"""

from __future__ import annotations

import gettext
import html
import random
import re
import string
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

WORDS = (1, 2, 3, 5, 8, 0)
"""Words in a cut; 0 is the whole sentence."""

TUNE, TEST = 0, 1

_LETTERS_A_WORD = {"zh": 2, "ja": 2, "th": 4}  # written without spaces
_FOLD = {
    "iw": "he",
    "jw": "jv",
    "nb": "no",
    "nn": "no",
    "hr": "hbs",
    "bs": "hbs",
    "sh": "hbs",
    "sr-ME": "hbs",
    "sr_Latn": "hbs",
    "ckb": "ku",
    "pt_BR": "pt",
    "yue": "zh",
    "wuu": "zh",
    "zh_Hans": "zh",
    "zh_Hant": "zh",
    "zh-Hant": "zh",
}
UNKNOWABLE = frozenset({"ast", "dsb", "hsb", "ia", "io", "kab", "lb", "fy", "os", "udm"})
"""Languages of `interface_strings` that Clew does not name: every answer to them is wrong."""


class Labelled(NamedTuple):
    """A text and the language it is in."""

    language: str
    words: int  # as in WORDS
    text: str


def fold(code: str) -> str:
    """One code for what the detectors and the data sets call differently."""
    return _FOLD.get(code, code)


def sentences(shared_data: Path, half: int) -> list[Labelled]:
    """Every second sentence of each language, once for each number of words it can be cut to."""
    found = []
    for path in sorted((shared_data / "truth/language/sentences").glob("*.txt")):
        rng = random.Random(path.stem)
        lines = dict.fromkeys(line for line in path.read_text("utf-8").splitlines() if line.strip())
        for number, line in enumerate(lines):
            for words in WORDS:
                text = _cut(line, words, path.stem, rng)
                if text and number % 2 == half and any(map(str.isalpha, text)):
                    found.append(Labelled(path.stem, words, text))
    return found


def _cut(line: str, words: int, language: str, rng: random.Random) -> str | None:
    """Some words in a row from anywhere in the line; None if it has no more than that."""
    letters = _LETTERS_A_WORD.get(language)
    parts = list(line) if letters else line.split()
    wanted = words * (letters or 1)
    if words == 0:
        return line
    if len(parts) <= wanted:
        return None
    start = rng.randrange(len(parts) - wanted)
    return ("" if letters else " ").join(parts[start : start + wanted])


_NAMES = ("nora", "falke", "tide", "mirror", "quartz", "lumen", "otter", "brine", "kestrel")
_EMOJI = "😀😂🔥🙏🎉😭🤔🚀😡✅"
_TAGS = ("#news", "#love", "#breaking", "#fyp", "#photo", "#win")
_CODE = ("`pip install quartz`", "`x = foo(bar)`", "```rm -rf build/```", "build_all(x);")


def as_posts(texts: Iterable[Labelled], seed: int = 7) -> list[Labelled]:
    """The same texts among links, handles, tags, emoji, numbers and code, some in capitals."""
    rng = random.Random(seed)
    return [text._replace(text=_as_post(text.text, rng)) for text in texts]


def _as_post(text: str, rng: random.Random) -> str:
    token = "".join(rng.choices(string.ascii_letters + string.digits, k=9))
    additions = (
        (0.45, f"@{rng.choice(_NAMES)}{rng.choice(('', '_'))}{rng.choice(_NAMES)}"),
        (0.45, f"https://{rng.choice(_NAMES)}.example/{token}"),
        (0.50, "".join(rng.choices(_EMOJI, k=rng.randrange(1, 4)))),
        (0.40, rng.choice(_TAGS)),
        (0.20, str(rng.randrange(10 ** rng.randrange(1, 7)))),
        (0.12, rng.choice(_CODE)),
    )
    before, after = [], []
    for chance, addition in additions:
        if rng.random() < chance:
            (before if rng.random() < 0.5 else after).append(addition)
    letters = rng.random()
    shown = text.upper() if letters < 0.08 else text.lower() if letters < 0.4 else text
    return " ".join([*before, shown, *after])


_XLMT = {
    "arabic": "ar",
    "english": "en",
    "french": "fr",
    "german": "de",
    "hindi": "hi",
    "italian": "it",
    "portuguese": "pt",
    "spanish": "es",
}


def tweets(shared_data: Path) -> tuple[list[Labelled], list[Labelled]]:
    """Real posts, and apart from them those of the Hindi set without one Devanagari letter."""
    posts, latin_hindi = [], []
    for folder, language in _XLMT.items():
        for part in ("train_text.txt", "val_text.txt"):
            path = shared_data / "truth/sentiment/xlmt" / folder / part
            for line in path.read_text("utf-8").split("\n"):
                if not any(map(str.isalpha, line)):
                    continue
                is_latin = language == "hi" and not re.search("[\u0900-\u097f]", line)
                (latin_hindi if is_latin else posts).append(Labelled(language, 0, line))
    return posts, latin_hindi


_PLACEHOLDER = re.compile(r"%\(\w+\)[sd]|%[sd]|\{\w+\}|<[^>]+>|https?://\S+")


def interface_strings(half: int) -> list[Labelled]:
    """Every second of Django's translated strings that only one language has."""
    import django

    owners: dict[str, set[str]] = {}
    for path in sorted(Path(django.__file__).parent.rglob("LC_MESSAGES/django.mo")):
        locale = path.parts[-3]
        if locale.startswith("en") or ("_" in locale and locale not in _FOLD):
            continue  # national variants repeat their language
        for text in _translations(path):
            owners.setdefault(text, set()).add(fold(locale))
    only = Counter(text for text, languages in owners.items() if len(languages) == 1)
    return [
        Labelled(next(iter(owners[text])), 0, text)
        for number, text in enumerate(sorted(only))
        if number % 2 == half
    ]


def _translations(path: Path) -> Iterator[str]:
    with path.open("rb") as file:
        catalog = gettext.GNUTranslations(file)._catalog  # type: ignore[attr-defined]
    for original, translated in catalog.items():
        source = original if isinstance(original, str) else original[0]
        if source and isinstance(translated, str) and translated != source:
            text = " ".join(html.unescape(_PLACEHOLDER.sub(" ", translated)).split())
            if sum(map(str.isalpha, text)) >= 2:
                yield text
