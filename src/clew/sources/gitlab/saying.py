"""What does each of GitLab's objects say, as rows?

Every server numbers its objects, each kind for itself, and the numbers stand in every form of an
object: `gitlab:HOST/issue/41`. (What people see, `group/project#7`, changes when a project moves,
and a comment does not tell it.)
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

import msgspec

from clew.errors import ItemError
from clew.model.tables import (
    Account,
    Channel,
    Interaction,
    InteractionKind,
    Post,
    PostKind,
    Row,
)
from clew.model.times import Micros, TimeQuality, from_iso
from clew.sources.gitlab.records import PLATFORM, Person, Record

_MENTION = re.compile(r"(?<![\w@./`-])@([A-Za-z0-9_](?:[A-Za-z0-9_.-]{0,254}))", re.ASCII)
_HOST = re.compile(
    r"https?://((?:[a-z0-9.-]{1,253}|\[[0-9a-f:.]{2,45}\])(?::\d{1,5})?)(?:/|\Z)", re.ASCII
)
_GONE = ("blocked", "banned", "ldap_blocked", "blocked_pending_approval")


def when(text: str | None) -> tuple[Micros | None, TimeQuality]:
    """An instant: `2026-03-01T10:00:00Z`, with an offset, or `2026-03-01 10:00:00 UTC`."""
    if not text:
        return None, TimeQuality.MISSING
    written = text[:64]
    for zone in (" UTC", " +", " -"):  # older webhooks put a space before the zone
        written = written.replace(zone, "Z" if zone == " UTC" else zone[1])
    return from_iso(written), TimeQuality.UTC if written.endswith("Z") else TimeQuality.OFFSET


def instant(text: str | None) -> Micros | None:
    """The instant alone."""
    return when(text)[0]


def host_of(record: Record) -> str | None:
    """The server that an object is from, by its own addresses and those of what is in it."""
    inside = (
        record.object_attributes,
        record.project,
        record.author,
        record.user,
        record.note if isinstance(record.note, Record) else None,
        *(record.notes or ())[:1],
        *(record.commits or ())[:1],
    )
    addresses = [record.address, record.homepage]
    for part in inside:
        if isinstance(part, Record):
            addresses += [part.address, part.author.web_url if part.author else None]
        elif part is not None:
            addresses.append(part.web_url)
    return next(filter(None, map(_host, addresses)), None)


def _host(address: str | None) -> str | None:
    match = _HOST.match((address or "").lower())
    return match[1] if match else None


class Server:
    """What the ids of one server begin with, and the rows of its objects."""

    def __init__(self, host: str) -> None:
        self.prefix = f"{PLATFORM}:{host}"

    # ------------------------------------------------------------------- accounts and channels

    def account_id(self, number: object) -> str | None:
        """The id of an account."""
        return None if number is None else f"{self.prefix}/user/{number}"

    def project_id(self, record: Record, around: Record | None) -> str | None:
        """The id of the project that something stands in."""
        number: object = record.project_id or record.target_project_id
        if number is None and around is not None:
            number = around.project_id or (around.project.id if around.project else None)
        return None if number is None else f"{self.prefix}/project/{number}"

    def account_rows(self, person: Person | None) -> Iterator[Account]:
        """What is said of an account; nothing without its number."""
        if person is None or not isinstance(person.id, int) or not person.username:
            return
        yield Account(
            account_id=f"{self.prefix}/user/{person.id}",
            platform=PLATFORM,
            handle=person.username,
            name=person.name or None,
            description=person.bio or None,
            location_claimed=person.location or None,
            url=person.website_url or None,
            avatar_url=person.avatar_url or None,
            created_at=instant(person.created_at),
            followers_count=person.followers,
            following_count=person.following,
            is_protected=person.private_profile,
            is_bot=person.bot,
            is_deleted=True if person.state in _GONE else None,
        )

    def channel_rows(self, record: Record | None, kind: str) -> Iterator[Row]:
        """What is said of a project or group; nothing without its number."""
        if record is None or not isinstance(record.id, int):
            return
        yield Channel(
            channel_id=f"{self.prefix}/{kind}/{record.id}",
            platform=PLATFORM,
            kind=kind,
            handle=record.path_with_namespace or record.full_path or None,
            name=record.name or None,
            description=record.description or None,
            url=record.web_url or None,
            created_at=instant(record.created_at),
        )
        yield from self.account_rows(record.owner)

    # --------------------------------------------------------------------------------- posts

    def post_id(self, kind: str, number: object) -> str:
        """The id of something that was written. Raises ItemError without its number."""
        if not isinstance(number, int):
            raise ItemError(f"{kind} without number", repr(number)[:80])
        return f"{self.prefix}/{kind}/{number}"

    def about(self, kind: str | None, number: int | None, commit: str | None = None) -> str | None:
        """The id of what a comment, event or emoji is about."""
        if kind == "Commit" and commit:
            return f"{self.prefix}/commit/{commit}"
        known = _ABOUT.get((kind or "").replace("_", "").replace(" ", "").lower())
        return f"{self.prefix}/{known}/{number}" if known and number is not None else None

    def written_rows(
        self, kind: str, record: Record, around: Record | None = None
    ) -> Iterator[Row]:
        """An issue, merge request, epic or snippet, its author, and whom it names."""
        post_id = self.post_id(kind, record.id)
        posted_at, quality = when(record.created_at)
        group = None if record.group_id is None else f"{self.prefix}/group/{record.group_id}"
        text = record.description if kind != "snippet" else record.description or record.content
        yield from self._said(
            Post(
                post_id=post_id,
                platform=PLATFORM,
                kind=PostKind.POST,
                account_id=self._author_id(record),
                channel_id=self.project_id(record, around) or group,
                thread_id=post_id,
                posted_at=posted_at,
                time_quality=quality,
                edited_at=instant(record.last_edited_at),
                title=record.title or None,
                text=text or None,
                url=record.address,
                like_count=record.upvotes,
                reply_count=record.user_notes_count,
                reactions=_reactions(record),
                tags=_tags(record),
            )
        )
        yield from self.account_rows(record.author)

    def note_rows(
        self,
        note: Record,
        around: Record | None = None,
        *,
        answers: str | None = None,
        is_edited: bool = False,
    ) -> Iterator[Row]:
        """A comment, its author, what it answers and whom it names."""
        posted_at, quality = when(note.created_at)
        about = self.about(note.noteable_type, note.noteable_id, note.commit_id)
        text = note.body if isinstance(note.body, str) else note.note
        yield from self._said(
            Post(
                post_id=self.post_id("note", note.id),
                platform=PLATFORM,
                kind=PostKind.SERVICE if note.system else PostKind.COMMENT,
                account_id=self._author_id(note),
                channel_id=self.project_id(note, around),
                thread_id=about,
                reply_to_post_id=None if note.system else answers or about,
                posted_at=posted_at,
                time_quality=quality,
                edited_at=instant(note.updated_at if is_edited else note.last_edited_at),
                text=(text if isinstance(text, str) else None) or None,
                url=note.address,
            )
        )
        yield from self.account_rows(note.author)

    def discussion_rows(self, discussion: Record) -> Iterator[Row]:
        """The comments of a discussion: all but the first answer the first."""
        first: str | None = None
        for note in discussion.notes or ():
            yield from self.note_rows(note, answers=first)
            first = first or self.post_id("note", note.id)

    def commit_rows(self, commit: Record, around: Record | None = None) -> Iterator[Row]:
        """A commit. Name, address and time are what the author's own program says."""
        if not isinstance(commit.id, str) or not commit.id:
            raise ItemError("commit without hash", repr(commit.id)[:80])
        signed = commit.author or Person(name=commit.author_name, email=commit.author_email)
        posted_at, _ = when(commit.authored_date or commit.timestamp)
        yield Post(
            post_id=f"{self.prefix}/commit/{commit.id}",
            platform=PLATFORM,
            kind=PostKind.POST,
            author_name=_signature(signed),
            channel_id=self.project_id(commit, around),
            posted_at=posted_at,
            time_quality=TimeQuality.MISSING if posted_at is None else TimeQuality.CLAIMED,
            text=commit.message or commit.title or None,
            url=commit.address,
        )

    def release_rows(self, release: Record, around: Record | None = None) -> Iterator[Row]:
        """A release. It has no number: its address is its id."""
        address = urlsplit(release.address or "")
        if "/releases/" not in address.path:
            raise ItemError("release without address", repr(release.tag_name or release.tag)[:80])
        posted_at, quality = when(release.released_at or release.created_at)
        tag = release.tag if isinstance(release.tag, str) else release.tag_name
        yield from self._said(
            Post(
                post_id=f"{self.prefix}{address.path.removesuffix('/edit')}",
                platform=PLATFORM,
                kind=PostKind.ARTICLE,
                account_id=self._author_id(release),
                channel_id=self.project_id(release, around),
                posted_at=posted_at,
                time_quality=quality,
                title=release.name or tag or None,
                text=release.description or None,
                url=release.address,
            )
        )
        yield from self.account_rows(release.author)

    def event_rows(self, event: Record) -> Iterator[Row]:
        """What somebody did: the comment itself, or a message of the service that it happened."""
        yield from self.account_rows(event.author)
        if isinstance(event.note, Record):
            yield from self.note_rows(event.note, event)
            return
        happened_at, quality = when(event.created_at)
        channel, actor = self.project_id(event, None), self._author_id(event)
        if event.action_name in ("joined", "left"):
            yield Interaction(
                kind=InteractionKind.JOIN
                if event.action_name == "joined"
                else InteractionKind.LEAVE,
                platform=PLATFORM,
                account_id=actor,
                target_channel_id=channel,
                happened_at=happened_at,
                time_quality=quality,
            )
            return
        pushed = event.push_data.commit_title if event.push_data else None
        yield Post(
            post_id=self.post_id("event", event.id),
            platform=PLATFORM,
            kind=PostKind.SERVICE,
            account_id=actor,
            channel_id=channel,
            thread_id=self.about(event.target_type, event.target_id),
            posted_at=happened_at,
            time_quality=quality,
            action=" ".join(filter(None, (event.action_name, event.target_type))) or None,
            title=event.target_title or pushed or None,
        )

    def emoji_rows(self, emoji: Record, around: Record | None = None) -> Iterator[Row]:
        """An emoji that somebody gave to something written."""
        yield from self.account_rows(emoji.user)
        happened_at, quality = when(emoji.created_at)
        user = emoji.user.id if emoji.user else emoji.user_id
        yield Interaction(
            kind=InteractionKind.REACT,
            platform=PLATFORM,
            account_id=self.account_id(user),
            target_post_id=self.about(emoji.awardable_type, emoji.awardable_id),
            channel_id=self.project_id(emoji, around),
            happened_at=happened_at,
            time_quality=quality,
            value=emoji.name or None,
        )

    def _author_id(self, record: Record) -> str | None:
        author = record.author.id if record.author else None
        return self.account_id(record.author_id if author is None else author)

    def _said(self, post: Post) -> Iterator[Row]:
        """A post, what it answers and whom it names."""
        yield post
        acts: list[dict[str, str]] = []
        if post.reply_to_post_id:
            acts.append({"kind": "reply", "target_post_id": post.reply_to_post_id})
        if post.text and "@" in post.text and post.kind is not PostKind.SERVICE:
            named = (name.rstrip(".-") for name in _MENTION.findall(post.text))
            acts += [{"kind": "mention", "target_name": name} for name in dict.fromkeys(named)]
        for act in acts:
            kind = InteractionKind(act.pop("kind"))
            yield post.act(kind, **act)


_ABOUT = {
    "issue": "issue",
    "workitem": "issue",  # work items are numbered with issues
    "mergerequest": "merge_request",
    "snippet": "snippet",
    "projectsnippet": "snippet",
    "personalsnippet": "snippet",
    "epic": "epic",
    "note": "note",
    "diffnote": "note",
    "discussionnote": "note",
}


def _signature(signed: Person) -> str | None:
    """`Name <address>`, as git writes it."""
    if not signed.email:
        return signed.name or None
    return f"{signed.name or ''} <{signed.email}>".lstrip()


def _reactions(record: Record) -> str | None:
    counts = {"thumbsup": record.upvotes, "thumbsdown": record.downvotes}
    given: dict[str, Any] = {name: count for name, count in counts.items() if count}
    return msgspec.json.encode(given).decode() if given else None


def _tags(record: Record) -> str | None:
    named = [
        label if isinstance(label, str) else label.name or label.title
        for label in record.labels or ()
    ]
    names = [name for name in named if name]
    return msgspec.json.encode(names).decode() if names else None
