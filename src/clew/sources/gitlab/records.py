"""Which fields of GitLab's objects does Clew read?

The REST API and webhooks tell of the same objects with partly other names. One `Record` holds
whatever any of them may have; what it is follows from what it has.
"""

from __future__ import annotations

from typing import Annotated

import msgspec

PLATFORM = "gitlab"

Number = Annotated[int, msgspec.Meta(ge=0, le=2**63 - 1)]


class Part(msgspec.Struct, gc=False):
    """Anything in an object."""


class Label(Part):
    """A label: with a `name` in answers, a `title` in webhooks."""

    name: str | None = None
    title: str | None = None


class Push(Part):
    """What an event says of a push."""

    commit_title: str | None = None


class Links(Part):
    """Addresses of a release."""

    self: str | None = None


class Person(Part):
    """An account; or, in a commit, the name and address that its author's own program gave."""

    id: Number | None = None
    username: str | None = None
    name: str | None = None
    email: str | None = None
    state: str | None = None
    web_url: str | None = None
    avatar_url: str | None = None
    created_at: str | None = None
    bio: str | None = None
    location: str | None = None
    website_url: str | None = None
    followers: Number | None = None
    following: Number | None = None
    bot: bool | None = None
    private_profile: bool | None = None


class Record(Person):
    """Any object: see `kind`."""

    id: Number | str | None = None  # type: ignore[assignment]  # text in commits and discussions
    iid: Number | None = None
    project_id: Number | None = None
    target_project_id: Number | None = None
    group_id: Number | None = None
    author_id: Number | None = None
    user_id: Number | None = None
    title: str | None = None
    description: str | None = None
    body: str | None = None
    note: Record | str | None = None
    content: str | None = None
    message: str | None = None
    url: str | None = None
    homepage: str | None = None
    updated_at: str | None = None
    last_edited_at: str | None = None
    released_at: str | None = None
    authored_date: str | None = None
    committed_date: str | None = None
    timestamp: str | None = None
    upvotes: Number | None = None
    downvotes: Number | None = None
    user_notes_count: Number | None = None
    labels: list[Label | str] | None = None
    author: Person | None = None
    author_name: str | None = None
    author_email: str | None = None
    owner: Person | None = None
    system: bool | None = None
    noteable_type: str | None = None
    noteable_id: Number | None = None
    commit_id: str | None = None
    awardable_type: str | None = None
    awardable_id: Number | None = None
    individual_note: bool | None = None
    notes: list[Record] | None = None
    short_id: str | None = None
    source_branch: str | None = None
    file_name: str | None = None
    tag_name: str | None = None
    tag: str | bool | None = None
    path_with_namespace: str | None = None
    full_path: str | None = None
    action_name: str | None = None
    target_id: Number | None = None
    target_type: str | None = None
    target_title: str | None = None
    target_url: str | None = None
    push_data: Push | None = None
    _links: Links | None = None
    # around an object
    object_kind: str | None = None
    event_name: str | None = None
    event_type: str | None = None
    action: str | None = None
    object_attributes: Record | None = None
    user: Person | None = None
    user_name: str | None = None
    user_username: str | None = None
    project: Record | None = None
    issue: Record | None = None
    merge_request: Record | None = None
    snippet: Record | None = None
    commit: Record | None = None
    commits: list[Record] | None = None

    @property
    def kind(self) -> str | None:
        """What it is: of the kinds that are read."""
        for kind, fields in _KINDS:
            if all(getattr(self, field) is not None for field in fields):
                return kind
        return None

    @property
    def address(self) -> str | None:
        """Its address on the server."""
        return self.web_url or self.url or (self._links.self if self._links else None) or None


_KINDS = (
    ("webhook", ("object_kind",)),
    ("webhook", ("event_name",)),
    ("discussion", ("notes",)),
    ("to-do", ("action_name", "target_url")),
    ("event", ("action_name",)),
    ("emoji", ("awardable_type", "awardable_id")),
    ("note", ("noteable_type",)),
    ("commit", ("short_id", "author_name")),
    ("release", ("tag_name", "description")),
    ("project", ("path_with_namespace",)),
    ("group", ("full_path",)),
    ("merge_request", ("iid", "source_branch")),
    ("issue", ("iid", "title", "author", "project_id")),
    ("epic", ("iid", "title", "author", "group_id")),
    ("milestone", ("iid", "title")),
    ("snippet", ("title", "file_name")),
    ("account", ("username",)),
)
