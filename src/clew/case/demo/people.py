"""Who takes part? The named cast of the story and any number of bystanders around it."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from itertools import cycle, islice
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

from clew.case.demo.grammar import PLAIN, Habit, load

_TAILS = (("🙂",), ("...",), ("!!",), ("👍", "🙏"), ("😅",), ())


@dataclass(frozen=True, kw_only=True, eq=False)
class Person:
    """Somebody with a clock on the wall, languages and habits; on which platforms is said there."""

    key: str
    name: str
    handle: str
    role: str
    zone: str  # IANA name
    rhythm: str
    rate: float  # posts a week
    languages: dict[str, float]
    habit: Habit = PLAIN
    claims: str = ""  # where the profile says it is
    about: str = ""
    same_as: str = ""  # the key of the person behind this persona
    moves: tuple[tuple[dt.date, str], ...] = ()  # from when, whereto
    second_zone: str = ""  # the account has a second user, who lives there
    born: dt.datetime = dt.datetime(2019, 1, 1, tzinfo=dt.UTC)  # when the accounts were made

    def home(self, day: dt.date) -> ZoneInfo:
        """The zone this person lives in on that day."""
        zone = self.zone
        for moved, whereto in self.moves:
            zone = whereto if day >= moved else zone
        return ZoneInfo(zone)

    def clock(self, day: dt.date, rng: Random) -> ZoneInfo:
        """The zone the next post of that day comes from."""
        other = self.second_zone and rng.random() < 0.5
        return ZoneInfo(self.second_zone) if other else self.home(day)

    def language(self, rng: Random) -> str:
        """The language of the next text."""
        return rng.choices(list(self.languages), list(self.languages.values()))[0]


def named(key: str) -> Person:
    """One of the cast."""
    told: dict[str, Any] = dict(load("people")["named"][key])
    told["habit"] = Habit(**told.get("habit", {}))
    told["moves"] = tuple((move["from"], move["zone"]) for move in told.get("moves", ()))
    return Person(key=key, **told)


def socks() -> list[Person]:
    """The sock puppets, made in one evening, one after the other."""
    told: dict[str, Any] = dict(load("people")["socks"])
    names, words, claims = told.pop("names"), cycle(told.pop("words")), cycle(told.pop("claims"))
    first = dt.datetime(2026, 2, 11, 23, 2, 41, tzinfo=dt.UTC)
    return [
        Person(
            key=f"sock{number}",
            name=name,
            handle=f"{next(words)}_{4812 + 37 * number}",
            claims=next(claims),
            born=first + dt.timedelta(seconds=197 * number),
            **told,
        )
        for number, name in enumerate(names)
    ]


def crowd(count: int, per_week: float, rng: Random, *, key: str, only: str = "") -> list[Person]:
    """`count` bystanders who together make about `count * per_week` posts a week.

    Few post much and many little (Zipf). `only`: all speak this language.
    """
    weights = [1 / (3 + rank) for rank in range(count)]
    scale = count * per_week / sum(weights)
    people = []
    languages = [only] * count if only else _nations(count, rng)
    for number, (weight, language) in enumerate(zip(weights, languages, strict=True)):
        told = load("people")["crowd"][language]
        first, last = rng.choice(told["first"]), rng.choice(told["last"])
        zone = rng.choices(list(told["zones"]), list(told["zones"].values()))[0]
        people.append(
            Person(
                key=f"{key}{number}",
                name=_name(first, last, language, rng),
                handle=_handle(first, last, number, key, rng),
                role="bystander",
                zone=zone,
                rhythm=rng.choice(("evenings", "evenings", "office", "early", "late")),
                rate=weight * scale,
                languages={language: 1.0} if language == "en" else {language: 0.75, "en": 0.25},
                habit=_habit(rng),
                claims=zone.split("/")[1].replace("_", " ") if rng.random() < 0.5 else "",
                born=_born(rng),
            )
        )
    return people


def _nations(count: int, rng: Random) -> list[str]:
    """The language of each of them: every language has its share, in any order."""
    nations: dict[str, Any] = load("people")["crowd"]
    languages = [
        language for language, told in nations.items() for _ in range(round(told["share"] * count))
    ]
    languages += ["en"] * (count - len(languages))
    return rng.sample(languages[:count], count)


def _name(first: str, last: str, language: str, rng: Random) -> str:
    if language in ("zh", "ar"):
        return f"{first}{last}" if language == "zh" else f"{first} {last}"
    return rng.choice((first, f"{first} {last}", f"{first} {last[0]}."))


def _handle(first: str, last: str, number: int, key: str, rng: Random) -> str:
    stem = "".join(letter for letter in f"{first}{last[0]}".lower() if letter.isascii())
    return f"{stem[:9] or rng.choice(('dock', 'gull', 'fog', 'tug'))}_{key[0]}{number}"


def _habit(rng: Random) -> Habit:
    return Habit(
        lowercase=rng.random() < 0.35,
        full_stop=rng.random() < 0.5,
        typos=rng.choice((0, 0, 0.01, 0.03)),
        tail=rng.choice(_TAILS),
        tail_rate=0.2,
    )


def _born(rng: Random) -> dt.datetime:
    """Some evening from 2012 to 2025."""
    return dt.datetime(2012, 1, 1, 18, tzinfo=dt.UTC) + dt.timedelta(
        seconds=rng.randrange(14 * 365 * 86_400)
    )


def short_of(people: list[Person], count: int) -> list[Person]:
    """The first `count` of them, again from the start if there are fewer."""
    return list(islice(cycle(people), count))
