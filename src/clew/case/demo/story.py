"""What happens when? The days of the plot, and how everybody else's talk follows them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from random import Random
from typing import Any, TypeVar

from clew.case.demo.grammar import Planted, load, write
from clew.case.demo.people import Person, crowd
from clew.case.demo.truth import Truth

Card = TypeVar("Card")

OUTAGES = (
    (dt.datetime(2026, 4, 22, 20, 55, tzinfo=dt.UTC), dt.datetime(2026, 4, 25, tzinfo=dt.UTC)),
    (dt.datetime(2026, 7, 8, 21, 10, tzinfo=dt.UTC), dt.datetime(2026, 7, 11, tzinfo=dt.UTC)),
)
LEAK = (dt.datetime(2026, 5, 14, 0, 2, tzinfo=dt.UTC), dt.datetime(2026, 5, 25, tzinfo=dt.UTC))
SURGE = (dt.date(2026, 5, 14), dt.date(2026, 5, 18))
"""The days on which opinion of the harbour authority turns, last one included."""

# How many of the posts that name the authority are positive, neutral, negative.
_STANCES = {
    "talk": (30, 45, 25),
    "outage": (15, 30, 55),
    "leak": (10, 30, 60),
    "surge": (5, 15, 80),
}
_ABOUT = {"talk": 0.12, "outage": 0.4, "leak": 0.35, "surge": 0.6}


@dataclass(kw_only=True)
class Setting:
    """What every file of the case is written from."""

    folder: Path
    seed: int
    scale: int
    truth: Truth

    def rng(self, purpose: str) -> Random:
        """The dice of one file: independent of what the others drew."""
        return Random(f"clew demo {self.seed} {purpose}")  # noqa: S311 - a story, not a secret

    @cached_property
    def regulars(self) -> list[Person]:
        """Bystanders who are on every platform under the same handle."""
        return crowd(8, 2.2, self.rng("regulars"), key="regular")


def topic(at: int) -> str:
    """What people talk about at that second: talk (the usual), outage, leak, surge."""
    moment = dt.datetime.fromtimestamp(at, dt.UTC)
    if SURGE[0] <= moment.date() <= SURGE[1]:
        return "surge"
    if LEAK[0] <= moment < LEAK[1]:
        return "leak"
    if any(start <= moment < stop for start, stop in OUTAGES):
        return "outage"
    return "talk"


def pace(day: dt.date) -> float:
    """How much busier than usual a day is."""
    noon = int(dt.datetime.combine(day, dt.time(12), dt.UTC).timestamp())
    return {"talk": 1.0, "leak": 1.3, "outage": 2.2, "surge": 2.6}[topic(noon)]


def stance(at: int, rng: Random) -> str:
    """Whether the next post is about the authority, and how it takes it; empty: it is not."""
    now = topic(at)
    if rng.random() >= _ABOUT[now]:
        return ""
    return rng.choices(("positive", "neutral", "negative"), _STANCES[now])[0]


class Voices:
    """What people say. Templates are drawn like cards, so that none comes again too soon."""

    def __init__(self, rng: Random) -> None:
        self.rng = rng
        self._decks: dict[int, list[Any]] = {}

    def draw(self, templates: list[Card]) -> Card:
        """One of the templates; all of them come once before one comes twice."""
        deck = self._decks.setdefault(id(templates), [])
        if not deck:
            deck += self.rng.sample(templates, len(templates))
        card: Card = deck.pop()
        return card

    def say(
        self, person: Person, place: str, subject: str, language: str = ""
    ) -> tuple[str, str, tuple[Planted, ...]]:
        """Text, language and indicators of what the person says on a subject in a place.

        Where a language lacks the subject it is the nearest more general one: answer_leak, answer.
        """
        language = language or person.language(self.rng)
        phrases = load(f"phrases/{language}")
        here: Mapping[str, list[str]] = phrases[place if place in phrases else "x"]
        general = subject.partition("_")[0]
        templates = here.get(subject) or here.get(general) or here["talk"]
        text, planted = write(self.draw(templates), phrases["words"], self.rng, person.habit)
        return text, language, planted


def script(part: str) -> Iterator[dict[str, Any]]:
    """The scenes of one part of the plot, in order."""
    yield from load("plot")[part]
