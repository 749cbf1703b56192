"""Which links, pictures and files does a message carry?"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import PurePosixPath

from clew.model.tables import Link, Media
from clew.model.times import Micros
from clew.sources.discord_export.records import Attachment, Image, Said

_KINDS = {
    "photo": ".jpg .jpeg .png .webp .avif .heic .bmp",
    "animation": ".gif",
    "video": ".mp4 .webm .mov .mkv .avi .m4v",
    "audio": ".mp3 .ogg .wav .flac .m4a .opus",
}
_KIND_OF = {extension: kind for kind, all_of in _KINDS.items() for extension in all_of.split()}
_VOICE = "voice-message.ogg"


def links(said: Said, post_id: str, posted_at: Micros | None) -> Iterator[Link]:
    """The address of each preview or card, once."""
    seen = set()
    for embed in said.embeds:
        if embed.url and embed.url not in seen:
            seen.add(embed.url)
            yield Link(
                post_id=post_id,
                platform="discord",
                url=embed.url,
                title=embed.title or None,
                description=embed.description or None,
                posted_at=posted_at,
            )


def media(said: Said, post_id: str, posted_at: Micros | None) -> Iterator[Media]:
    """Files, stickers and the pictures of cards."""
    for file in said.attachments:
        yield _file(file, post_id, posted_at)
    for sticker in said.stickers:
        yield Media(
            post_id=post_id,
            platform="discord",
            kind="sticker",
            media_key=sticker.id or None,
            url=_url(sticker.source_url),
            path=_path(sticker.source_url),
            name=sticker.name or None,
            posted_at=posted_at,
        )
    for embed in said.embeds:
        for image in embed.images or ((embed.image,) if embed.image else ()):
            yield _image(image, post_id, posted_at)


def _file(file: Attachment, post_id: str, posted_at: Micros | None) -> Media:
    name = file.file_name or ""
    kind = _KIND_OF.get(PurePosixPath(name).suffix.lower(), "file")
    return Media(
        post_id=post_id,
        platform="discord",
        kind="voice" if name == _VOICE else kind,
        media_key=file.id or None,
        url=_url(file.url),
        path=_path(file.url),
        name=name or None,
        size_bytes=file.file_size_bytes,
        posted_at=posted_at,
    )


def _image(image: Image, post_id: str, posted_at: Micros | None) -> Media:
    return Media(
        post_id=post_id,
        platform="discord",
        kind="photo",
        url=image.canonical_url or _url(image.url),
        path=_path(image.url),
        width_px=image.width or None,  # 0: not known
        height_px=image.height or None,
        posted_at=posted_at,
    )


def _url(place: str | None) -> str | None:
    return place if place and "://" in place[:16] else None


def _path(place: str | None) -> str | None:
    """The place of a saved file, as the exporter writes it: relative to the export."""
    return None if not place or _url(place) else place
