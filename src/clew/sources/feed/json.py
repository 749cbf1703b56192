"""How is JSON Feed (1.0, 1.1) read?"""

from __future__ import annotations

from typing import Annotated

import msgspec

from clew.sources.feed.entries import Attached, Author, Entry, Head

_Count = Annotated[int, msgspec.Meta(ge=0, le=2**63 - 1)]


class Person(msgspec.Struct, gc=False):
    """An author."""

    name: str | None = None
    url: str | None = None
    avatar: str | None = None

    @property
    def author(self) -> Author:
        """As an author of any feed."""
        return Author(self.name, self.url, None, self.avatar)


class File(msgspec.Struct, gc=False):
    """An attached file."""

    url: str
    mime_type: str | None = None
    title: str | None = None
    size_in_bytes: _Count | None = None
    duration_in_seconds: float | None = None


class JsonHead(msgspec.Struct, gc=False):
    """The feed around the items."""

    title: str | None = None
    home_page_url: str | None = None
    feed_url: str | None = None
    description: str | None = None
    language: str | None = None
    authors: list[Person] | None = None
    author: Person | None = None  # of version 1.0

    @property
    def head(self) -> Head:
        """As the head of any feed."""
        people = self.authors or ([self.author] if self.author else [])
        return Head(
            id=self.feed_url,
            link=self.home_page_url,
            title=self.title,
            description=self.description,
            language=self.language,
            author=people[0].author if people else None,
        )


class JsonItem(msgspec.Struct, gc=False):
    """One item."""

    id: str | int | float | None = None  # a string; numbers are to be taken for one
    url: str | None = None
    external_url: str | None = None
    title: str | None = None
    content_html: str | None = None
    content_text: str | None = None
    summary: str | None = None
    image: str | None = None
    date_published: str | None = None
    date_modified: str | None = None
    language: str | None = None
    authors: list[Person] | None = None
    author: Person | None = None
    tags: list[str] | None = None
    attachments: list[File] | None = None

    def entry(self, head: Head) -> Entry:
        """As an entry of any feed."""
        people = self.authors or ([self.author] if self.author else [])
        files = [
            Attached(
                file.url,
                file.mime_type,
                name=file.title,
                size=file.size_in_bytes,
                duration_s=file.duration_in_seconds,
            )
            for file in self.attachments or ()
        ]
        if self.image:
            files.append(Attached(self.image, kind="photo"))
        return Entry(
            id=None if self.id is None else str(self.id),
            link=self.url,
            title=self.title,
            html=self.content_html,
            text=None if self.content_html else self.content_text or self.summary,
            base=self.url or head.link,
            published=self.date_published,
            updated=self.date_modified,
            language=self.language,
            authors=[person.author for person in people],
            tags=[tag for tag in self.tags or () if tag],
            files=files,
            links=[self.external_url] if self.external_url else [],
        )
