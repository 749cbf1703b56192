"""What does each of GitHub's objects say, as rows?

Ids are made of what every form of an object has: the repository's name in lower case, and a number.
Issues and pull requests share their numbers, so `github:o/r/issues/5` may be either.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, NamedTuple

import msgspec

from clew.errors import ItemError
from clew.model.tables import (
    Account,
    Channel,
    InteractionKind,
    Post,
    PostKind,
    Row,
)
from clew.model.times import Micros, TimeQuality, from_iso, from_seconds
from clew.sources.github.records import Person, Record

PLATFORM = "github"

_REPOSITORY = re.compile(
    r"https?://[^/]+/(?:api/v3/)?(?:repos/)?([\w.-]{1,100}/[\w.-]{1,100})(?:/|\Z)"
)
_OF_NUMBER = re.compile(r"/(?:issues|pull|pulls|discussions)/(\d{1,18})(?:[/#?]|\Z)", re.ASCII)
_MENTION = re.compile(r"(?<![\w@./`-])@([A-Za-z0-9](?:[A-Za-z0-9-]{0,38}))(?![\w/-])", re.ASCII)


def instant(time: str | int | None) -> Micros | None:
    """The instant of a time of GitHub's servers, ISO 8601 or seconds."""
    if time is None:
        return None
    return from_seconds(time) if isinstance(time, int) else from_iso(time)


# -------------------------------------------------------------------------- accounts, repositories


def account_id(person: Person | None) -> str | None:
    """The id of an account; null for `ghost`s without one."""
    native = person.id if person else None
    return None if native is None else f"{PLATFORM}:user/{native}"


def account_rows(person: Person | None) -> Iterator[Account]:
    """What is said of an account."""
    known = account_id(person)
    if person is None or known is None:
        return
    login = person.login or ""
    is_bot = True if login.endswith("[bot]") else None
    yield Account(
        account_id=known,
        platform=PLATFORM,
        handle=login or None,
        name=person.name or None,
        description=person.bio or None,
        location_claimed=person.location or None,
        url=person.blog or None,
        avatar_url=person.avatar_url or None,
        created_at=instant(person.created_at),
        followers_count=person.followers,
        following_count=person.following,
        is_bot=person.type == "Bot" if isinstance(person.type, str) else is_bot,
    )


def channel_id(name: str | None) -> str | None:
    """The id of a repository of this full name."""
    return f"{PLATFORM}:{name.lower()}" if name else None


def full_name(repository: Record | None) -> str | None:
    """`owner/name`; an event has it as the plain name."""
    if repository is None:
        return None
    name = repository.full_name or repository.name or ""
    return name if "/" in name else None


def repository_rows(repository: Record | None) -> Iterator[Row]:
    """What is said of a repository, and its owner."""
    if repository is None or not (name := full_name(repository)):
        return
    is_whole = repository.full_name is not None
    yield Channel(
        channel_id=f"{PLATFORM}:{name.lower()}",
        platform=PLATFORM,
        kind="repository",
        handle=name,
        name=(repository.name if is_whole else None) or None,
        description=repository.description or None,
        url=repository.html_url or None,
        created_at=instant(repository.created_at),
        members_count=repository.subscribers_count,
    )
    yield from account_rows(repository.owner)


# ------------------------------------------------------------------------------------------- posts


class Place(NamedTuple):
    """Where an object stands."""

    repository: str
    number: str | None = None

    @property
    def channel(self) -> str:
        """The id of the repository."""
        return f"{PLATFORM}:{self.repository.lower()}"

    def post(self, kind: str, native: object) -> str:
        """The id of something in it."""
        return f"{self.channel}/{kind}/{native}"

    def thread(self, kind: str) -> str | None:
        """The id of the issue or discussion it belongs to."""
        return self.post(kind, self.number) if self.number else None


def place_of(record: Record, repository: str | None) -> Place:
    """Where it stands: by what is around it, else by its addresses."""
    addresses = [
        address
        for address in (
            record.issue_url,
            record.pull_request_url,
            record.html_url,
            record.url,
        )
        if address
    ]
    if repository is None:
        found = filter(None, map(_REPOSITORY.match, addresses))
        repository = next((match[1] for match in found), None)
    if repository is None:
        raise ItemError("repository not recorded", "neither a name nor an address of it")
    numbers = filter(None, map(_OF_NUMBER.search, addresses))
    return Place(repository, next((match[1] for match in numbers), None))


def content_rows(record: Record, repository: str | None = None) -> Iterator[Row]:
    """A post, its author and what it does; nothing for an object that is no post."""
    kind = record.kind or ""
    if kind not in _POSTS:
        return
    place = place_of(record, repository)
    author = record.user or (None if kind == "issue" else record.author)
    post = _POSTS[kind](record, place, author)
    yield post
    yield from account_rows(author)
    if post.reply_to_post_id:
        yield post.act(InteractionKind.REPLY, target_post_id=post.reply_to_post_id)
    if post.text and "@" in post.text:
        for login in dict.fromkeys(_MENTION.findall(post.text)):
            yield post.act(InteractionKind.MENTION, target_name=login)


def _post(record: Record, place: Place, author: Person | None, **more: Any) -> Post:
    """What is the same for all kinds; `more` comes last and wins."""
    made = instant(record.created_at)
    known: dict[str, Any] = {
        "platform": PLATFORM,
        "kind": PostKind.COMMENT,
        "account_id": account_id(author),
        "channel_id": place.channel,
        "posted_at": made,
        "text": record.body or None,
        "url": record.html_url or None,
        **_reactions(record.reactions),
        **more,
    }
    known.setdefault(
        "time_quality", TimeQuality.MISSING if known["posted_at"] is None else TimeQuality.UTC
    )
    return Post(**known)


def _reactions(counts: dict[str, int | str] | None) -> dict[str, Any]:
    """Reactions by kind; GitHub counts `+1` as a like."""
    if counts is None:
        return {}
    given = {
        kind: count
        for kind, count in counts.items()
        if isinstance(count, int) and count and kind != "total_count"
    }
    likes = counts.get("+1")
    return {
        "reactions": msgspec.json.encode(given).decode() if given else None,
        "like_count": likes if isinstance(likes, int) else None,
    }


def _edited(record: Record) -> Micros | None:
    """When a comment was changed. (Of an issue, `updated_at` is when anything happened to it.)"""
    is_changed = record.updated_at is not None and record.updated_at != record.created_at
    return instant(record.updated_at) if is_changed else None


def _issue(record: Record, place: Place, author: Person | None) -> Post:
    is_discussion = "/discussions/" in (record.html_url or "")
    own_id = place.post("discussions" if is_discussion else "issues", record.number)
    labels = [label if isinstance(label, str) else label.name for label in record.labels or ()]
    tags = [label for label in labels if label]
    return _post(
        record,
        place,
        author,
        post_id=own_id,
        kind=PostKind.POST,
        thread_id=own_id,
        title=record.title or None,
        reply_count=record.comments if isinstance(record.comments, int) else None,
        tags=msgspec.json.encode(tags).decode() if tags else None,
    )


def _comment(kind: str, thread_kind: str = "issues") -> Any:
    def read(record: Record, place: Place, author: Person | None) -> Post:
        thread = place.thread(thread_kind)
        answered = record.in_reply_to_id or record.parent_id
        return _post(
            record,
            place,
            author,
            post_id=place.post(kind, record.id),
            thread_id=thread,
            reply_to_post_id=place.post(kind, answered) if answered else thread,
            edited_at=_edited(record),
        )

    return read


def _review(record: Record, place: Place, author: Person | None) -> Post:
    thread = place.thread("issues")
    return _post(
        record,
        place,
        author,
        post_id=place.post("review", record.id),
        thread_id=thread,
        reply_to_post_id=thread,
        posted_at=instant(record.submitted_at),
        title=record.state or None,
    )


def _commit_comment(record: Record, place: Place, author: Person | None) -> Post:
    commit = place.post("commit", record.commit_id)
    return _post(
        record,
        place,
        author,
        post_id=place.post("commit-comment", record.id),
        thread_id=commit,
        reply_to_post_id=commit,
        edited_at=_edited(record),
    )


def _release(record: Record, place: Place, author: Person | None) -> Post:
    return _post(
        record,
        place,
        author,
        post_id=place.post("release", record.id),
        kind=PostKind.ARTICLE,
        posted_at=instant(record.published_at or record.created_at),
        title=record.name or record.tag_name or None,
    )


def _commit(record: Record, place: Place, author: Person | None) -> Post:
    """A commit. Name, address and time are what the author's own program says."""
    said = record.commit
    signed = said.author if said else record.author
    made = (signed.date if signed else None) or record.timestamp
    posted_at = instant(made)
    return _post(
        record,
        place,
        author,
        post_id=place.post("commit", record.sha or record.id),
        kind=PostKind.POST,
        author_name=_signature(signed),
        posted_at=posted_at,
        time_quality=TimeQuality.MISSING if posted_at is None else TimeQuality.CLAIMED,
        text=(said.message if said else record.message) or None,
        reply_count=said.comment_count if said else None,
    )


def _signature(signed: Person | None) -> str | None:
    """`Name <address>`, as git writes it."""
    if signed is None or not (signed.name or signed.email):
        return None
    return f"{signed.name or ''} <{signed.email}>".lstrip() if signed.email else signed.name


_POSTS: dict[str, Any] = {
    "issue": _issue,
    "issue comment": _comment("issue-comment"),
    "review comment": _comment("review-comment"),
    "discussion comment": _comment("discussion-comment", "discussions"),
    "commit comment": _commit_comment,
    "review": _review,
    "release": _release,
    "commit": _commit,
}


def pushed_rows(push: Record, repository: str | None) -> Iterator[Row]:
    """The commits of a push."""
    if repository is None or not isinstance(push.commits, list):
        return
    place = Place(repository)
    for commit in push.commits:
        if commit.sha or commit.id:
            yield _commit(commit, place, None)
