"""The group where bystanders talk, and the archive of the crew's kitchen from 2019."""

from __future__ import annotations

import datetime as dt
import heapq
import json
from collections import deque
from collections.abc import Iterator
from itertools import count
from pathlib import Path
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from clew.case.demo import story
from clew.case.demo.channels import note
from clew.case.demo.grammar import load, write
from clew.case.demo.people import Person, crowd, named
from clew.case.demo.rhythm import moments
from clew.case.demo.telegram import (
    ANALYST,
    GROUP,
    KITCHEN,
    Json,
    Message,
    People,
    Sender,
    account_id,
    entities,
    export,
    local,
    mixed,
    post_id,
)

_MEMBERS = 40
_PER_WEEK = 0.65
_LONGEST_WAIT_S = 3 * 3600  # nobody answers a message that is older
_THUMBS = ("👍", "😂", "❤", "😢", "🔥", "🤔")
_OLD_CHAT = 2 << 32  # until 2021 a chat's kind stood above the 32 bits of its id
_LATEST = ("9999-12-31T23:59:59", "253402300799")


class _Cue(NamedTuple):
    """Somebody is about to post."""

    at: int
    order: int
    person: Person
    forward: Message | None = None
    trap: Json = {}  # noqa: RUF012 - never written to
    joins: bool = False


def write_group(setting: story.Setting, people: People, channel: list[Message]) -> list[Path]:
    """Portside Chat: small talk, and during the plot talk of the plot."""
    file = "telegram/portside-chat/result.json"
    group = _Group(setting, people)
    traps: dict[str, str] = {}
    with export(setting.folder / file, "Portside Chat", "public_supergroup", GROUP) as chat:
        for cue in group.cues(channel):
            message = group.message(cue)
            told = message.told(ANALYST, message.at + 3600)
            if cue.trap:
                traps[cue.trap["name"]] = post_id(GROUP, message.id)
            if cue.trap.get("year_9999"):
                told["date"], told["date_unixtime"] = _LATEST
                setting.truth.reject(file, "year 9999")
            else:
                note(setting, file, GROUP, message)
            chat.add(told)
    setting.truth.planted["group"] = {
        "channel_id": post_id(GROUP),
        "deleted_account": account_id(people.native(group.gone)),
        "traps": traps,
    }
    return [setting.folder / file]


class _Group:
    """Who talks to whom, message by message."""

    def __init__(self, setting: story.Setting, people: People) -> None:
        self._rng = setting.rng("group")
        self._voices = story.Voices(self._rng)
        self._people = people
        members = crowd(_MEMBERS * setting.scale, _PER_WEEK, setting.rng("members"), key="member")
        self._cast = [named(key) for key in ("nils", "night", "traveller", "employee", "trickster")]
        self._members = [*self._cast, *setting.regulars, *members]
        self.gone = members[5]  # has deleted the account since
        # Neighbours on the list are friends and answer each other more than others.
        self._friend = {
            person.key: members[number ^ 1].key
            for number, person in enumerate(members)
            if number ^ 1 < len(members)
        }
        self._recent: deque[tuple[Message, Person, str]] = deque(maxlen=30)
        self._numbers = count(1)

    def cues(self, channel: list[Message]) -> Iterator[_Cue]:
        """Who posts when, in order of time."""
        orders = count()
        talk = (
            _Cue(moment.at, next(orders), moment.person)
            for moment in moments(self._members, self._rng, story.pace)
        )
        nils, others = self._cast[0], self._members[5:]
        plot = [
            _Cue(one.at + self._rng.randrange(300, 2400), next(orders), nils, forward=one)
            for one in channel
            if one.is_scene
        ]
        plot += [
            _Cue(int(trap["at"].timestamp()), next(orders), others[7], trap=trap)
            for trap in load("traps")["group"]
        ]
        start = dt.datetime(2026, 3, 1, 6, tzinfo=dt.UTC)
        plot += [
            _Cue(
                int((start + dt.timedelta(hours=97 * number)).timestamp()),
                next(orders),
                person,
                joins=True,
            )
            for number, person in enumerate(others[20:50])
        ]
        yield from heapq.merge(talk, sorted(plot))

    def message(self, cue: _Cue) -> Message:
        """What is posted on this cue."""
        if cue.joins:
            action = {"action": "join_group_by_link", "inviter": "Group"}
            return self._message(cue, action=action)
        if cue.forward:
            one = cue.forward
            return self._message(
                cue,
                text=one.text,
                language=one.language,
                planted=one.planted,
                forwarded_from="Emberline",
            )
        if cue.trap:
            return self._message(cue, text=cue.trap["text"] * cue.trap.get("repeat", 1))
        return self._answer(cue) or self._remark(cue)

    def _message(self, cue: _Cue, **fields: Any) -> Message:
        name = None if cue.person is self.gone else cue.person.name
        sender = Sender(name, self._people.native(cue.person))
        return Message(id=next(self._numbers), at=cue.at, sender=sender, **fields)

    def _remark(self, cue: _Cue) -> Message:
        now = story.topic(cue.at)
        subject = {"surge": "leak"}.get(now, now)
        if subject != "talk" and self._rng.random() < 0.4:
            subject = "talk"
        if subject == "talk" and self._rng.random() < 0.1:
            subject = "about_org"
        text, language, planted = self._voices.say(cue.person, "group", subject)
        message = self._message(cue, text=text, language=language, planted=planted)
        self._recent.append((message, cue.person, subject))
        message.photo = self._rng.random() < 0.04
        if self._rng.random() < 0.03:
            message.edited_at = cue.at + self._rng.randrange(20, 600)
            message.edited_text = f"{text} (edit: typo)"
        if self._rng.random() < 0.12:
            message.reactions = [self._reaction(cue.at)]
        return message

    def _answer(self, cue: _Cue) -> Message | None:
        """An answer to one of the last messages, to a friend's rather than to another's."""
        open_ = [
            one
            for one in self._recent
            if one[1] is not cue.person and cue.at - one[0].at < _LONGEST_WAIT_S
        ]
        if not open_ or self._rng.random() < 0.55:
            return None
        friend = self._friend.get(cue.person.key)
        weights = [6 if person.key == friend else 1 for _, person, _ in open_]
        answered, _, subject = self._rng.choices(open_, weights)[0]
        language = answered.language if answered.language in cue.person.languages else ""
        text, language, planted = self._voices.say(
            cue.person, "group", f"answer_{subject}", language
        )
        message = self._message(
            cue, text=text, language=language, planted=planted, reply_to=answered
        )
        self._recent.append((message, cue.person, subject))
        return message

    def _reaction(self, at: int) -> Json:
        fans = self._rng.sample(self._members[5:45], self._rng.randrange(1, 4))
        return {
            "type": "emoji",
            "count": len(fans),
            "emoji": self._rng.choice(_THUMBS),
            "recent": [
                {
                    "from": fan.name,
                    "from_id": self._people.native(fan),
                    "date": local(at + self._rng.randrange(5, 3600), ANALYST),
                }
                for fan in fans
            ],
        }


# ---------------------------------------------------------------------------- the archive of 2019


def write_archive(setting: story.Setting, people: People) -> list[Path]:
    """The kitchen: a full export in the old form, in which no message says its zone.

    Old exports hold numbers where newer ones hold `user1`, shifted ids of chats, and say of every
    message that was never edited that it was edited at the epoch, in local time: that gives the
    computer's offset away.
    """
    rng = setting.rng("archive")
    file = "telegram/kitchen-2019/result.json"
    crew = load("phrases/crew")["archive"]
    cooks = [named("kestrel"), named("nils")]
    zone = ZoneInfo(cooks[0].zone)
    names = {"kestrel": "Tincho", "nils": "Polilla"}
    never = local(0, zone)
    days = (dt.date(2019, 5, 4), dt.date(2019, 7, 26))
    messages: list[Json] = []
    for number, moment in enumerate(moments(cooks, rng, first=days[0], last=days[1]), 1):
        text, planted = write(rng.choice(crew["talk"]), crew["words"], rng)
        native = people.native(moment.person)
        told = {
            "id": number,
            "type": "message",
            "date": local(moment.at, zone),
            "edited": never,
            "from": names[moment.person.key],
            "from_id": int(native.removeprefix("user")),
            "text": mixed(entities(text)),
        }
        messages.append(told)
        setting.truth.post(
            file,
            post_id(KITCHEN, number),
            account_id=account_id(native),
            language="es",
            planted=planted,
        )
    owner = people.native(cooks[1])
    export_ = {
        "about": "An archive of somebody's account, in the form of 2019.",
        "personal_information": {
            "user_id": int(owner.removeprefix("user")),
            "first_name": "Polilla",
            "last_name": "",
            "phone_number": "+1 202 555 0143",
        },
        "chats": {
            "about": "Chats of this account.",
            "list": [
                {
                    "name": "la cocina",
                    "type": "private_group",
                    "id": _OLD_CHAT | KITCHEN,
                    "messages": messages,
                }
            ],
        },
    }
    path = setting.folder / file
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(export_, indent=1, ensure_ascii=False), "utf-8")
    setting.truth.planted["archive"] = {
        "channel_id": post_id(KITCHEN),
        "zone": zone.key,
        "edited_never": never,
        "names": {account_id(people.native(cook)): names[cook.key] for cook in cooks},
    }
    return [path]
