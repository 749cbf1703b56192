"""Which links, pictures and files does a message carry?"""

from __future__ import annotations

import re
from collections.abc import Iterator

from clew.model.tables import Link, Media
from clew.sources.telegram_export.placing import PLATFORM, Placed
from clew.sources.telegram_export.records import Message, Part
from clew.sources.telegram_export.texts import plain

_NO_FILE = re.compile(r"(?:\A| )\((?:File|Photo) .*\)\Z", re.DOTALL)

_KINDS = {
    None: "file",
    "video_message": "video",
    "video_file": "video",
    "voice_message": "voice",
    "audio_file": "audio",
}


def links(message: Message, place: Placed, pointing: list[Part]) -> Iterator[Link]:
    """Each address in the text once, and that of a game."""
    seen = set()
    for part in pointing:
        url = part.text if part.type == "link" else part.href
        title = None if part.type == "link" else part.text or None
        if url and (url, title) not in seen:
            seen.add((url, title))
            yield Link(
                post_id=place.post_id,
                platform=PLATFORM,
                url=url,
                title=title,
                posted_at=place.posted_at,
            )
    if message.game_link:
        yield Link(
            post_id=place.post_id,
            platform=PLATFORM,
            url=message.game_link,
            title=message.game_title or None,
            description=message.game_description or None,
            posted_at=place.posted_at,
        )


def media(message: Message, place: Placed) -> Iterator[Media]:
    """Photo, file, contact, poll and list of tasks."""
    if message.photo is not None or message.photo_file_size is not None:
        yield Media(
            post_id=place.post_id,
            platform=PLATFORM,
            kind="photo",
            path=_path(message.photo),
            size_bytes=message.photo_file_size or None,  # 0: not known
            width_px=message.width,
            height_px=message.height,
            posted_at=place.posted_at,
        )
    if message.file is not None or message.media_type:
        yield _file(message, place)
    if message.contact_information or message.contact_vcard:
        person = message.contact_information
        yield Media(
            post_id=place.post_id,
            platform=PLATFORM,
            kind="contact",
            path=_path(message.contact_vcard),
            name=(person.name if person else "") or None,
            size_bytes=message.contact_vcard_file_size or None,
            posted_at=place.posted_at,
        )
    for kind, choices in (("poll", message.poll), ("list", message.todo_list)):
        if choices:
            yield Media(
                post_id=place.post_id,
                platform=PLATFORM,
                kind=kind,
                name=plain(choices.question) or plain(choices.title) or None,
                posted_at=place.posted_at,
            )


def _file(message: Message, place: Placed) -> Media:
    song = " - ".join(filter(None, (message.performer, message.title)))
    return Media(
        post_id=place.post_id,
        platform=PLATFORM,
        kind=_KINDS.get(message.media_type, message.media_type) or "file",
        path=_path(message.file),
        mime=message.mime_type or None,
        name=message.file_name or song or None,
        size_bytes=message.file_size or None,
        width_px=message.width,
        height_px=message.height,
        duration_s=message.duration_seconds,
        alt_text=message.sticker_emoji or None,
        posted_at=place.posted_at,
    )


def _path(path: str | None) -> str | None:
    """A path inside the export; null if what stands there says why there is no file."""
    return None if not path or _NO_FILE.search(path) else path
