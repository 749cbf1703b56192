"""How does a text come about? From a template, an author's habits and indicators, noted as planted.

`{a|b}` is one of the two, `{ship}` one of the words of that name, `{ioc:panel}` an indicator in one
of its written forms. Inner braces are filled first.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from random import Random
from typing import Any, NamedTuple

Words = Mapping[str, Sequence[str]]

_SLOT = re.compile(r"\{(?!ioc:)([^{}]*)\}")
_INDICATOR = re.compile(r"\{ioc:(\w+)\}")
_PLAIN_WORD = re.compile(r"(?<![\w@#/.&{:-])[^\W\d_]{5,}(?![\w@/.-])")


class Planted(NamedTuple):
    """One indicator as it stands in one text."""

    kind: str
    value: str
    original: str


@dataclass(frozen=True, kw_only=True)
class Habit:
    """How one author types, always."""

    lowercase: bool = False
    full_stop: bool = True
    typos: float = 0.0  # share of longer words that are mistyped
    tail: tuple[str, ...] = ()  # what may be appended
    tail_rate: float = 0.0


PLAIN = Habit()
"""As the template has it."""


@cache
def load(name: str) -> Mapping[str, Any]:
    """One of the TOML files beside this module, by its path without suffix."""
    return tomllib.loads(files(__package__).joinpath(f"{name}.toml").read_text("utf-8"))


def write(
    template: str, words: Words, rng: Random, habit: Habit = PLAIN
) -> tuple[str, tuple[Planted, ...]]:
    """A text made from the template in the author's way, and the indicators it holds."""
    text = template
    while match := _SLOT.search(text):
        filled = _fill(match[1], words, rng)
        text = text[: match.start()] + filled + text[match.end() :]
    text = _type(text if template[:1] != "{" else text[:1].upper() + text[1:], habit, rng)
    planted: list[Planted] = []

    def plant(match: re.Match[str]) -> str:
        indicator = load("indicators")[match[1]]
        original = rng.choice(indicator["forms"])
        planted.append(Planted(indicator["kind"], indicator["value"], original))
        return str(original)

    return _INDICATOR.sub(plant, text), tuple(planted)


def _fill(slot: str, words: Words, rng: Random) -> str:
    return rng.choice(slot.split("|") if "|" in slot else words[slot])


def _type(text: str, habit: Habit, rng: Random) -> str:
    """The text as this author types it; indicators, links, tags and handles stay as they are."""
    if habit.typos:
        text = _PLAIN_WORD.sub(
            lambda word: _slip(word[0], rng) if rng.random() < habit.typos else word[0], text
        )
    if habit.lowercase:
        text = re.sub(r"(?<![^\s])[^\W\d_]+(?![^\s,.!?])", lambda word: word[0].lower(), text)
    if not habit.full_stop and text.endswith(".") and not text.endswith(".."):
        text = text[:-1]
    if habit.tail and rng.random() < habit.tail_rate:
        text = f"{text} {rng.choice(habit.tail)}"
    return text.strip()


def _slip(word: str, rng: Random) -> str:
    """The word with two neighbouring letters swapped, one doubled or one left out."""
    at = rng.randrange(1, len(word) - 2)
    match rng.randrange(3):
        case 0:
            return word[:at] + word[at + 1] + word[at] + word[at + 2 :]
        case 1:
            return word[:at] + word[at] + word[at:]
        case _:
            return word[:at] + word[at + 1 :]
