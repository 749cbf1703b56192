"""The authority's contact form: a CSV of its own making, and a mapping of its columns."""

from __future__ import annotations

import csv
import datetime as dt
import heapq
from collections.abc import Iterator
from itertools import count
from pathlib import Path
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from clew.case.demo import story
from clew.case.demo.grammar import Planted, load, write
from clew.case.demo.people import Person, crowd, named
from clew.case.demo.rhythm import moments, utc

TABLE, MAPPING = "enquiries/contact-form.csv", "enquiries/contact-form.toml"
"""The file, and the text for the option `mapping` of the source `table`."""

_PLATFORM = "contactform"
_ZONE = "Europe/London"
_FORMAT = "%d/%m/%Y %H:%M"
_COLUMNS = ("Ticket", "Received", "Name", "E-mail", "Subject", "Message")
_MAPPED = f"""\
platform = "{_PLATFORM}"

[file]
delimiter = ";"

[time]
format = "{_FORMAT}"
zone = "{_ZONE}"

[posts]
post_id = "Ticket"
account_id = "E-mail"
posted_at = "Received"
title = "Subject"
text = "Message"

[accounts]
name = "Name"
"""


class _Cue(NamedTuple):
    at: int
    order: int
    person: Person
    told: Any = None


def account_id(person: Person) -> str:
    """The id that readers give whoever wrote."""
    return f"{_PLATFORM}:{_address(person)}"


def _address(person: Person) -> str:
    return f"{person.handle}@example.org"


def write_enquiries(setting: story.Setting) -> list[Path]:
    """The CSV, as a spreadsheet saves it: with a byte-order mark, semicolons, local times."""
    path = setting.folder / TABLE
    path.parent.mkdir(parents=True, exist_ok=True)
    (setting.folder / MAPPING).write_text(_MAPPED, "utf-8")
    form = _Form(setting)
    with path.open("w", encoding="utf-8-sig", newline="") as stream:
        rows = csv.writer(stream, delimiter=";")
        rows.writerow(_COLUMNS)
        for number, cue in enumerate(form.cues(), 1001):
            rows.writerow(form.row(number, cue))
    return [path]


class _Form:
    """Who writes what into the form."""

    def __init__(self, setting: story.Setting) -> None:
        self._truth = setting.truth
        self._rng = setting.rng("enquiries")
        self._voices = story.Voices(self._rng)
        self._phrases = load("phrases/form")
        self._people = crowd(
            30 * setting.scale, 0.3, setting.rng("enquirers"), key="public", only="en"
        )

    def cues(self) -> Iterator[_Cue]:
        """Who writes when, in order of time."""
        orders = count()
        talk = (
            _Cue(moment.at, next(orders), moment.person)
            for moment in moments(self._people, self._rng, story.pace)
        )
        crew = named("kestrel")
        evening = dt.datetime(2026, 5, 12, 23, 50)  # noqa: DTZ001 - on the crew's wall
        plot = [_Cue(utc(evening, crew), -1, crew)]
        plot += [
            _Cue(int(trap["at"].timestamp()), -2, self._people[number], trap)
            for number, trap in enumerate(load("traps")["form"])
        ]
        yield from heapq.merge(talk, sorted(plot))

    def row(self, number: int, cue: _Cue) -> list[str]:
        """One row of the file."""
        told = cue.told or {}
        text, stance, planted = self._message(cue)
        received = dt.datetime.fromtimestamp(cue.at, ZoneInfo(_ZONE)).strftime(_FORMAT)
        if "received" in told:
            self._truth.reject(TABLE, told["name"])
        else:
            account = self._truth.account(account_id(cue.person), cue.person)
            self._truth.post(
                TABLE,
                f"{_PLATFORM}:{number}",
                account_id=account,
                language="en",
                planted=planted,
                stance=stance,
            )
        return [
            str(number),
            told.get("received", received),
            cue.person.name,
            _address(cue.person),
            self._rng.choice(self._phrases["form"]["subject"]),
            text,
        ]

    def _message(self, cue: _Cue) -> tuple[str, str, tuple[Planted, ...]]:
        told, form, words = cue.told or {}, self._phrases["form"], self._phrases["words"]
        if "text" in told:
            return told["text"], "", ()
        if cue.person.role == "crew":
            text, planted = write(form["threat"], words, self._rng)
            return text, "", planted
        stance = story.stance(cue.at, self._rng)
        if stance:
            said, _, planted = self._voices.say(cue.person, "x", stance)
        else:
            now = story.topic(cue.at)
            subject = {"surge": "leak"}.get(now, now)
            said, planted = write(self._voices.draw(form[subject]), words, self._rng)
        text, _ = write(self._rng.choice(form["frame"]), {**words, "said": [said]}, self._rng)
        return text, stance, planted
