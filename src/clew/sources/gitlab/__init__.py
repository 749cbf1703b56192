"""What do answers of GitLab's REST API and payloads of its webhooks hold?"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TypeAlias

from clew.contract import Piece, Sample, Source
from clew.errors import ItemError
from clew.formats.json_items import ItemDecoder
from clew.formats.json_keys import keys_in, signs, surest
from clew.formats.json_texts import cut_texts, texts
from clew.model.tables import (
    Account,
    Channel,
    Deletion,
    Interaction,
    InteractionKind,
    Post,
    Row,
)
from clew.sources.gitlab.records import PLATFORM, Person, Record
from clew.sources.gitlab.saying import Server, host_of, when


@dataclass(frozen=True)
class Options:
    """What a few objects do not say of themselves."""

    site: str = ""  # the server's host, such as gitlab.example.org


_Item: TypeAlias = Record

_RECORD = ItemDecoder(Record)

_SIGNS = signs(
    (0.95, "object_kind object_attributes project path_with_namespace"),
    (0.95, "event_name before after checkout_sha project_id"),
    (0.95, "object_kind before after project_id commits"),
    (0.9, "event_name user_username user_id group_path"),
    (0.9, "event_name user_id access_level project_path_with_namespace"),
    (0.9, "object_kind tag project released_at"),
    (0.95, "individual_note notes noteable_type"),
    (0.95, "noteable_type body author system"),
    (0.95, "action_name author_username project_id"),
    (0.95, "awardable_type awardable_id name user"),
    (0.95, "iid project_id title author web_url"),
    (0.95, "iid project_id title author target_branch"),
    (0.95, "iid group_id title author web_url"),
    (0.95, "short_id author_name author_email parent_ids"),
    (0.95, "tag_name released_at author commit"),
    (0.95, "path_with_namespace http_url_to_repo"),
    (0.9, "full_path full_name web_url visibility"),
    (0.9, "file_name title author visibility web_url"),
    (0.85, "id username name state avatar_url web_url"),
)


def recognise(sample: Sample) -> float:
    """By the keys at its beginning."""
    return surest(keys_in(sample.head), _SIGNS)


def items(piece: Piece) -> Iterator[_Item | ItemError]:
    """Each object."""
    for text in texts(piece):
        yield _RECORD.decode(text, piece)


def rows(item: _Item, piece: Piece) -> Iterator[Row]:
    """The rows of an object. Raises ItemError if nothing tells the server it is from."""
    kind = item.kind
    if kind in ("milestone", "to-do"):
        piece.note(f"{kind}: not read")
        return
    if kind is None:
        raise ItemError("unexpected structure", "none of the objects that are read")
    host = piece.options.site.lower() or host_of(item)
    if not host:
        raise ItemError("server not recorded", "give its host with the option site")
    server = Server(host)
    if kind == "webhook":
        yield from _webhook(item, server, piece)
    elif kind in ("project", "group"):
        yield from server.channel_rows(item, kind)
    elif kind in _READERS:
        yield from _READERS[kind](server, item)
    else:
        yield from server.written_rows(kind, item)


_READERS: dict[str, Callable[[Server, Record], Iterator[Row]]] = {
    "discussion": Server.discussion_rows,
    "event": Server.event_rows,
    "emoji": Server.emoji_rows,
    "note": Server.note_rows,
    "commit": Server.commit_rows,
    "release": Server.release_rows,
    "account": Server.account_rows,
}


# ---------------------------------------------------------------------------------------- webhooks


def _webhook(hook: Record, server: Server, piece: Piece) -> Iterator[Row]:
    """A payload of a webhook. It does not say when it was sent."""
    thing = hook.object_attributes
    what = hook.object_kind or hook.event_name or ""
    by_name = Person(id=hook.user_id, username=hook.user_username, name=hook.user_name)
    yield from server.account_rows(hook.user or by_name)
    yield from server.channel_rows(hook.project, "project")
    match what:
        case "issue" | "work_item" | "incident" if thing is not None:
            yield from server.written_rows("issue", thing, hook)
        case "merge_request" if thing is not None:
            yield from server.written_rows("merge_request", thing, hook)
        case "note" if thing is not None:
            yield from _around(hook, server)
            yield from server.note_rows(thing, hook, is_edited=thing.action == "update")
        case "emoji" if thing is not None:
            yield from _around(hook, server)
            if isinstance(hook.note, Record):
                yield from server.note_rows(hook.note, hook)
            if hook.event_type == "revoke" or thing.action == "revoke":
                piece.note("emoji taken back: not read")
            else:
                yield from server.emoji_rows(thing, hook)
        case "push" | "tag_push":
            for commit in hook.commits or ():
                yield from server.commit_rows(commit, hook)
        case "release":
            yield from _release(hook, server)
        case _ if hook.event_name in _MEMBERS:
            yield _member(hook, server)
        case _:
            piece.note("webhook without a post: only its account and project are read")


def _around(hook: Record, server: Server) -> Iterator[Row]:
    """What a comment is about, as the webhook shows it."""
    for kind in ("issue", "merge_request", "snippet"):
        about: Record | None = getattr(hook, kind)
        if about is not None:
            yield from server.written_rows(kind, about, hook)
    if hook.commit is not None:
        yield from server.commit_rows(hook.commit, hook)


def _release(hook: Record, server: Server) -> Iterator[Row]:
    for row in server.release_rows(hook, hook):
        yield row
        if hook.action == "delete" and isinstance(row, Post):
            yield Deletion(post_id=row.post_id, platform=PLATFORM, account_id=row.account_id)


_MEMBERS = {
    "user_add_to_group": InteractionKind.JOIN,
    "user_add_to_team": InteractionKind.JOIN,
    "user_remove_from_group": InteractionKind.LEAVE,
    "user_remove_from_team": InteractionKind.LEAVE,
}


def _member(hook: Record, server: Server) -> Interaction:
    """Somebody became a member of a group or project, or is none any more."""
    kind = _MEMBERS[hook.event_name or ""]
    joined = kind is InteractionKind.JOIN
    happened_at, quality = when(hook.created_at if joined else hook.updated_at)
    of_group = None if hook.group_id is None else f"{server.prefix}/group/{hook.group_id}"
    return Interaction(
        kind=kind,
        platform=PLATFORM,
        account_id=server.account_id(hook.user_id),
        target_channel_id=server.project_id(hook, None) or of_group,
        happened_at=happened_at,
        time_quality=quality,
    )


GITLAB = Source(
    name="gitlab",
    platform=PLATFORM,
    title="GitLab (REST, webhooks)",
    files="*.json or lines of REST answers and of webhooks' payloads",
    fills=(Post, Account, Channel, Interaction, Deletion),
    time="UTC or with its offset: set by the server; commits have the time their author claims.",
    terms="The terms of the server: gitlab.com's, or those of whoever runs it.",
    recognise=recognise,
    cut=cut_texts,
    items=items,
    rows=rows,
    options=Options,
)
