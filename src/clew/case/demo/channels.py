"""The hacktivist channel, exported twice, and the mirror that forwards it within minutes."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from itertools import count
from pathlib import Path
from typing import Any

from clew.case.demo import story
from clew.case.demo.grammar import PLAIN, load, write
from clew.case.demo.people import Person, named
from clew.case.demo.rhythm import moments, utc
from clew.case.demo.telegram import (
    ANALYST,
    CHANNEL,
    MIRROR,
    Json,
    Message,
    People,
    Sender,
    account_id,
    export,
    post_id,
)

TAKEN = {
    "emberline-2026-06-15": dt.datetime(2026, 6, 15, 12, tzinfo=dt.UTC),
    "emberline-2026-07-31": dt.datetime(2026, 7, 31, 18, tzinfo=dt.UTC),
}
"""The two exports of the channel, by folder, and when they were taken."""

_SECOND_SINCE = dt.datetime(2026, 5, 1, tzinfo=dt.UTC)
_NAME, _MIRROR_NAME = "Emberline", "Emberline Reserve"
_CHANNEL, _MIRROR = Sender(_NAME, f"channel{CHANNEL}"), Sender(_MIRROR_NAME, f"channel{MIRROR}")
_HEARTS = ("🔥", "👍", "❤", "😁", "👀")

# A post of an admin: when, whose, and its scene (empty on an ordinary day).
_Post = tuple[int, Person, dict[str, Any]]


def channel_messages(setting: story.Setting) -> list[Message]:
    """All that the channel ever posted, scripted and everyday posts together."""
    rng = setting.rng("channel")
    voices = story.Voices(rng)
    posts = sorted(_posts(setting), key=lambda post: post[0])
    opening: Json = {"action": "create_channel", "title": _NAME}
    messages = [Message(id=1, at=posts[0][0] - 97, action=opening, sender=_CHANNEL)]
    numbers = count(2)
    for at, admin, scene in posts:
        if rng.random() < 0.03:
            next(numbers)  # a message that was deleted before anybody exported
        message = _message(next(numbers), at, admin, scene, voices)
        messages.append(message)
        if scene.get("pin"):
            pin = {"action": "pin_message", "message_id": message.id}
            messages.append(Message(id=next(numbers), at=at + 31, action=pin, sender=_CHANNEL))
    return messages


def _posts(setting: story.Setting) -> Iterator[_Post]:
    admins = [named("kestrel"), named("moth")]
    by_key = {admin.key: admin for admin in admins}
    scenes = list(story.script("channel"))
    for scene in scenes:
        admin = by_key[scene["by"]]
        yield utc(scene["at"], admin), admin, scene
    opened = utc(scenes[0]["at"], by_key[scenes[0]["by"]])
    for moment in moments(admins, setting.rng("channel days")):
        if moment.at > opened:
            yield moment.at, moment.person, {}


def _message(
    number: int, at: int, admin: Person, scene: dict[str, Any], voices: story.Voices
) -> Message:
    crew, rng = load("phrases/crew"), voices.rng
    language = "en" if scene else admin.language(rng)
    template = scene.get("text") or voices.draw(crew[language]["talk"])
    text, planted = write(template, crew["words"], rng, PLAIN if scene else admin.habit)
    message = Message(
        id=number,
        at=at,
        sender=_CHANNEL,
        text=text,
        language=language,
        planted=planted,
        signature=admin.name,
        is_scene=bool(scene),
        is_call="wave" in scene,
        photo=not scene and rng.random() < 0.08,
        reactions=[
            {"type": "emoji", "count": rng.randrange(3, 160), "emoji": emoji}
            for emoji in rng.sample(_HEARTS, rng.randrange(4))
        ],
    )
    if "edited" in scene:
        message.edited_at = utc(scene["edited"], admin)
        message.edited_text, _ = write(scene["edit_text"], crew["words"], rng)
    if "deleted" in scene:
        message.deleted_at = utc(scene["deleted"], admin)
    return message


def write_channel(setting: story.Setting, people: People, messages: list[Message]) -> list[Path]:
    """The channel, exported in June and in July: six weeks are in both, some of it changed."""
    people.note(named("kestrel"), _CHANNEL.native, _NAME)
    seen: dict[int, Json] = {}
    overlap = {"duplicate": 0, "updated": 0}
    files = []
    for folder, taken in TAKEN.items():
        file = f"telegram/{folder}/result.json"
        as_of = int(taken.timestamp())
        since = int(_SECOND_SINCE.timestamp()) if seen else 0
        with export(setting.folder / file, _NAME, "public_channel", CHANNEL) as chat:
            for message in messages:
                gone = message.deleted_at is not None and message.deleted_at <= as_of
                if gone or not since <= message.at <= as_of:
                    continue
                told = message.told(ANALYST, as_of)
                chat.add(told)
                again = message.id in seen
                if again:
                    overlap["duplicate" if seen[message.id] == told else "updated"] += 1
                seen[message.id] = told
                note(setting, file, CHANNEL, message, again=again)
        files.append(setting.folder / file)
    setting.truth.planted["channel"] = {
        "channel_id": post_id(CHANNEL),
        "overlap": overlap,
        "edited": [post_id(CHANNEL, one.id) for one in messages if one.edited_at],
        "deleted": [post_id(CHANNEL, one.id) for one in messages if one.deleted_at],
    }
    return files


def note(
    setting: story.Setting, file: str, chat: int, message: Message, *, again: bool = False
) -> None:
    """Note for the truth that a reader of `file` must find this message."""
    answered = message.reply_to.sender.native if message.reply_to else None
    setting.truth.post(
        file,
        post_id(chat, message.id),
        account_id=account_id(message.sender.native),
        language=message.language,
        planted=message.planted,
        answers=account_id(answered) if answered else None,
        again=again,
        edited=message.edited_text,
    )


def write_mirror(setting: story.Setting, people: People, messages: list[Message]) -> list[Path]:
    """The reserve channel: forwards the channel minutes later, and keeps what it took back."""
    file = "telegram/emberline-reserve/result.json"
    people.note(named("moth"), _MIRROR.native, _MIRROR_NAME)
    forwards = []
    with export(setting.folder / file, _MIRROR_NAME, "public_channel", MIRROR) as chat:
        feed = sorted(_feed(setting, messages), key=lambda pair: pair[0].at)
        for number, (message, original) in enumerate(feed, 2):
            message.id = number
            chat.add(message.told(ANALYST, message.at))
            note(setting, file, MIRROR, message)
            if original:
                forwards.append(
                    {
                        "post_id": post_id(MIRROR, number),
                        "of": post_id(CHANNEL, original.id),
                        "delay_s": message.at - original.at,
                    }
                )
    setting.truth.planted["mirror"] = {
        "channel_id": post_id(MIRROR),
        "mirrors": post_id(CHANNEL),
        "forwards": forwards,
    }
    return [setting.folder / file]


def _feed(
    setting: story.Setting, messages: list[Message]
) -> Iterator[tuple[Message, Message | None]]:
    """What the mirror posts, each with the message that it forwards, if it does."""
    rng = setting.rng("mirror")
    for original in messages:
        if original.action or rng.random() < 0.12:
            continue
        yield (
            Message(
                id=0,
                at=original.at + rng.randrange(60, 361),
                text=original.text,
                language=original.language,
                planted=original.planted,
                photo=original.photo,
                forwarded_from=_NAME,
                sender=_MIRROR,
            ),
            original,
        )
    crew, keeper = load("phrases/crew"), named("moth")
    for month in range(3, 8):
        evening = dt.datetime(2026, month, 2, 21, 40)  # noqa: DTZ001 - on the keeper's wall
        text, _ = write(rng.choice(crew["mirror"]["talk"]), crew["words"], rng, keeper.habit)
        at = utc(evening, keeper)
        yield Message(id=0, at=at, text=text, language="en", sender=_MIRROR), None
