"""What does a message say, and what does its text point to?"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import NamedTuple

from clew.sources.telegram_telethon.objects import Entity, Media, Message, Text


class Part(NamedTuple):
    """A stretch of a text that points to something."""

    kind: str  # what the entity is, without what all have in common
    text: str
    entity: Entity


def parts_of(message: Message) -> Iterator[Part]:
    """The stretches of the text that point to something."""
    text = message.message or ""
    wide: bytes | None = None
    for entity in message.entities or ():
        kind = entity.kind.removeprefix("messageentity")
        if kind not in _POINTING or entity.offset < 0 or entity.length <= 0:
            continue
        if text.isascii():
            said = text[entity.offset : entity.offset + entity.length]
        else:
            wide = text.encode("utf-16-le", "surrogatepass") if wide is None else wide
            cut = wide[2 * entity.offset : 2 * (entity.offset + entity.length)]
            said = cut.decode("utf-16-le", "replace")
        if said:
            yield Part(kind, said, entity)


_POINTING = frozenset(("url", "texturl", "mention", "mentionname", "hashtag", "cashtag"))


def tags_of(parts: list[Part]) -> str | None:
    """The tags as in Telegram's export: `#` dropped, `$` kept."""
    tags = {
        part.text.removeprefix("#"): None for part in parts if part.kind in ("hashtag", "cashtag")
    }
    return json.dumps(list(tags), ensure_ascii=False) if tags else None


def plain(text: str | Text) -> str:
    """Words without their formats."""
    return text if isinstance(text, str) else text.text


def said_by(media: Media) -> str:
    """A poll or a contact in lines, as Telegram's export has them."""
    if media.poll is not None:
        lines = [plain(media.poll.question)]
        lines += [plain(answer.text) for answer in media.poll.answers or ()]
        return "\n".join(filter(None, lines))
    name = " ".join(filter(None, (media.first_name, media.last_name)))
    return "\n".join(filter(None, (name, media.phone_number)))
