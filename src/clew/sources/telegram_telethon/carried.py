"""Which links, pictures and files does a message carry?"""

from __future__ import annotations

from collections.abc import Iterator

from clew.model import tables
from clew.model.tables import Link, Post
from clew.sources.telegram_telethon.objects import PLATFORM, Document, Media, Message, Photo
from clew.sources.telegram_telethon.texts import Part, plain


def links(message: Message, post: Post, parts: list[Part]) -> Iterator[Link]:
    """Each address in the text once, and the page shown below it."""
    found: dict[str, tuple[str | None, str | None]] = {}
    for part in parts:
        if part.kind == "url":
            found.setdefault(part.text, (None, None))
        elif part.kind == "texturl" and part.entity.url:
            found.setdefault(part.entity.url, (part.text, None))
    page = message.media.webpage if message.media else None
    if page is not None and page.url:
        found[page.url] = (page.title or None, page.description or None)
    for url, (title, description) in found.items():
        yield Link(
            post_id=post.post_id,
            platform=PLATFORM,
            url=url,
            title=title,
            description=description,
            posted_at=post.posted_at,
        )


def media_rows(media: Media, post: Post) -> Iterator[tables.Media]:
    """Photograph, file, poll and contact."""
    if media.photo is not None:
        yield _photo(media.photo, post)
    if media.document is not None:
        yield _document(media.document, post)
    if media.poll is not None:
        question = plain(media.poll.question) or None
        yield tables.Media(
            post_id=post.post_id,
            platform=PLATFORM,
            kind="poll",
            name=question,
            posted_at=post.posted_at,
        )
    if media.kind == "messagemediacontact":
        name = " ".join(filter(None, (media.first_name, media.last_name)))
        yield tables.Media(
            post_id=post.post_id,
            platform=PLATFORM,
            kind="contact",
            name=name or None,
            posted_at=post.posted_at,
        )


def _photo(photo: Photo, post: Post) -> tables.Media:
    """A photograph in its largest size."""
    known = [size for size in photo.sizes or () if size.w and size.h]
    largest = max(known, key=lambda size: (size.w or 0) * (size.h or 0), default=None)
    return tables.Media(
        post_id=post.post_id,
        platform=PLATFORM,
        kind="photo",
        media_key=None if photo.id is None else str(photo.id),
        size_bytes=(largest.size or max(largest.sizes or (), default=None)) if largest else None,
        width_px=largest.w if largest else None,
        height_px=largest.h if largest else None,
        posted_at=post.posted_at,
    )


def _document(document: Document, post: Post) -> tables.Media:
    attributes = {
        each.kind.removeprefix("documentattribute"): each for each in document.attributes or ()
    }
    audio, video = attributes.get("audio"), attributes.get("video")
    shape = video or attributes.get("imagesize")
    sticker, named = attributes.get("sticker"), attributes.get("filename")
    song = " - ".join(filter(None, (audio.performer, audio.title))) if audio else ""
    if sticker:
        kind = "sticker"
    elif "animated" in attributes:
        kind = "animation"
    elif audio:
        kind = "voice" if audio.voice else "audio"
    else:
        kind = "video" if video else "file"
    timed = audio or video
    return tables.Media(
        post_id=post.post_id,
        platform=PLATFORM,
        kind=kind,
        media_key=None if document.id is None else str(document.id),
        mime=document.mime_type or None,
        name=(named.file_name if named else None) or song or None,
        size_bytes=document.size,
        width_px=shape.w if shape else None,
        height_px=shape.h if shape else None,
        duration_s=timed.duration if timed else None,
        alt_text=(sticker.alt or None) if sticker else None,
        posted_at=post.posted_at,
    )
