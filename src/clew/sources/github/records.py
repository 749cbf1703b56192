"""Which fields of GitHub's objects does Clew read?

REST answers, payloads of webhooks and events of GH Archive are made of the same objects, which name
each other in ever other combinations. One `Record` therefore holds whatever any of them may have;
what it is follows from what it has.
"""

from __future__ import annotations

from typing import Annotated

import msgspec

Number = Annotated[int, msgspec.Meta(ge=0, le=2**63 - 1)]
Time = str | int  # seconds in the `repository` of a push


class Part(msgspec.Struct, gc=False):
    """Anything in an object."""


class Label(Part):
    """A label of an issue, or its type."""

    name: str | None = None


class Person(Part):
    """An account; or, in a commit, the name and address that its author's own program gave."""

    id: Number | None = None
    login: str | None = None
    type: str | Label | None = None  # User, Organization, Bot; of an issue: an object
    name: str | None = None
    email: str | None = None
    date: str | None = None  # of a commit
    avatar_url: str | None = None
    blog: str | None = None
    location: str | None = None
    bio: str | None = None
    followers: Number | None = None
    following: Number | None = None
    created_at: str | None = None


class Commit(Part):
    """What git itself records of a commit."""

    author: Person | None = None
    message: str | None = None
    comment_count: Number | None = None


class Record(Person):
    """Any object: see `kind`."""

    id: Number | str | None = None  # type: ignore[assignment]  # text in events and pushes
    created_at: Time | None = None  # type: ignore[assignment]
    updated_at: Time | None = None
    submitted_at: str | None = None
    published_at: str | None = None
    starred_at: str | None = None
    timestamp: str | None = None
    number: Number | None = None
    title: str | None = None
    body: str | None = None
    description: str | None = None
    message: str | None = None
    sha: str | None = None
    state: str | None = None
    tag_name: str | None = None
    full_name: str | None = None
    subscribers_count: Number | None = None
    html_url: str | None = None
    url: str | None = None
    issue_url: str | None = None
    pull_request_url: str | None = None
    commit_id: str | None = None
    diff_hunk: str | None = None
    discussion_id: Number | None = None
    parent_id: Number | None = None
    in_reply_to_id: Number | None = None
    comments: Number | list[Record] | None = None
    commits: Number | list[Record] | None = None
    reactions: dict[str, Number | str] | None = None
    labels: list[Label | str] | None = None
    user: Person | None = None
    author: Person | None = None
    owner: Person | None = None
    creator: Person | None = None
    commit: Commit | None = None
    # around an object
    action: str | None = None
    actor: Person | str | None = None
    payload: Record | str | None = None
    repo: Record | None = None
    repository: Record | str | None = None
    sender: Person | None = None
    issue: Record | None = None
    pull_request: Record | None = None
    comment: Record | None = None
    review: Record | None = None
    thread: Record | None = None
    release: Record | None = None
    discussion: Record | None = None
    answer: Record | None = None
    forkee: Record | None = None
    member: Person | None = None
    ref: str | None = None
    hook_id: Number | None = None
    items: list[msgspec.Raw] | None = None  # of a search

    @property
    def kind(self) -> str | None:
        """What it is: of the kinds that are read."""
        for kind, fields in _KINDS:
            if all(getattr(self, field) is not None for field in fields):
                return kind
        return None


_KINDS = (
    ("old event", ("actor", "repository", "payload", "created_at")),
    ("event", ("actor", "payload", "created_at", "type")),
    ("webhook", ("sender",)),
    ("search", ("items",)),
    ("star", ("starred_at", "user")),
    ("starred", ("starred_at", "repo")),
    ("milestone", ("number", "title", "creator")),
    ("issue", ("number", "title")),  # pull requests and discussions, too
    ("commit", ("sha", "commit")),
    ("release", ("tag_name",)),
    ("review", ("submitted_at", "state")),
    ("review comment", ("diff_hunk",)),
    ("commit comment", ("commit_id", "body")),
    ("discussion comment", ("discussion_id",)),
    ("issue comment", ("issue_url", "body")),
    ("repository", ("full_name",)),
    ("account", ("login",)),
)
