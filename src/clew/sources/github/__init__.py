"""What do GH Archive's events, GitHub's REST answers and payloads of its webhooks hold?"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, TypeAlias

from clew.contract import Capture, Piece, Sample, Source
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
    PostKind,
    Row,
)
from clew.model.times import TimeQuality
from clew.sources.github.records import Person, Record
from clew.sources.github.saying import (
    PLATFORM,
    account_id,
    account_rows,
    channel_id,
    content_rows,
    full_name,
    instant,
    pushed_rows,
    repository_rows,
)

_Item: TypeAlias = Record

_RECORD = ItemDecoder(Record)

_SIGNS = signs(
    (0.95, "type actor repo payload public created_at"),
    (0.95, "action sender login node_id"),
    (0.95, "node_id author_association user login"),
    (0.95, "node_id repository sender login"),
    (0.95, "sha node_id commit committer"),
    (0.95, "login node_id gravatar_id site_admin"),
    (0.9, "sender login zen hook_id"),
    (0.9, "tag_name target_commitish"),
    # before 2018 nothing had a node_id
    (0.9, "number title user login body comments"),
    (0.9, "login html_url type public_repos followers"),
    (0.9, "full_name clone_url owner login"),
    (0.9, "sha commit author committer parents"),
)
_IS_GITHUB = re.compile(rb"://(?:api\.)?github\.com/|://[^/\"]{1,99}/api/v3/")


def recognise(sample: Sample) -> float:
    """By the keys of its objects and an address of the API."""
    return surest(keys_in(sample.head), _SIGNS) if _IS_GITHUB.search(sample.head) else 0.0


_SEARCH = re.compile(rb'\{\s*"total_count"\s*:')


def cut(capture: Capture, options: Any) -> Iterator[Piece]:
    """Pieces of whole objects; results of a search are one piece, for each holds many."""
    with capture.open() as stream:
        is_search = _SEARCH.search(stream.read(1 << 12)) is not None
    return (
        iter((Piece(capture=capture, options=options),))
        if is_search
        else cut_texts(capture, options)
    )


def items(piece: Piece) -> Iterator[_Item | ItemError]:
    """Each object."""
    for text in texts(piece):
        record = _RECORD.decode(text, piece)
        if isinstance(record, Record) and record.items is not None:
            for raw in record.items:
                yield _RECORD.decode(bytes(raw), piece)
        else:
            yield record


def rows(item: _Item, piece: Piece) -> Iterator[Row]:
    """The rows of an object, and of what it is wrapped in."""
    match item.kind:
        case "event":
            yield from _event(item)
        case "old event":
            raise ItemError("event in the form of before 2015", "its actor has no number")
        case "webhook":
            yield from _webhook(item, piece)
        case "star" | "starred":
            yield from _star_listed(item)
        case "repository":
            yield from repository_rows(item)
        case "account":
            yield from account_rows(item)
        case "milestone":
            piece.note("milestone: not read")
        case None | "search":
            raise ItemError("unexpected structure", "none of the objects that are read")
        case _:
            yield from content_rows(item)


_MADE = {None, "opened", "created", "published", "submitted", "started"}
"""Actions by which something comes to be: the thing itself says so, and when."""


def _event(event: Record) -> Iterator[Row]:
    """An event of GH Archive or of the API's timeline of events."""
    payload = event.payload if isinstance(event.payload, Record) else Record()
    kind = event.type if isinstance(event.type, str) else ""
    who = event.actor if isinstance(event.actor, Person) else None
    where = full_name(event.repo)
    yield from account_rows(who)
    yield from repository_rows(event.repo)
    things = [*_things(payload, kind)]
    for thing in things:
        yield from content_rows(thing, where)
    yield from pushed_rows(payload, where)
    yield from repository_rows(payload.forkee)
    acts = [*_acts(payload, kind, who, where, event.created_at)]
    yield from acts
    if not acts and not (things and payload.action in _MADE):
        yield Post(
            post_id=f"{PLATFORM}:event/{event.id}",
            platform=PLATFORM,
            kind=PostKind.SERVICE,
            account_id=account_id(who),
            channel_id=channel_id(where),
            posted_at=instant(event.created_at),
            time_quality=TimeQuality.UTC,
            action=" ".join(filter(None, (kind, payload.action))),
        )


def _things(around: Record, kind: str = "") -> Iterator[Record]:
    """The posts inside an event or a payload."""
    for thing in (
        around.issue,
        around.pull_request if kind != "IssueCommentEvent" else None,
        around.comment,
        around.review,
        around.release,
        around.discussion,
        around.answer,
    ):
        if thing is not None and thing.kind is not None:
            yield thing
    if around.thread and isinstance(around.thread.comments, list):
        yield from around.thread.comments


def _acts(
    payload: Record, kind: str, who: Person | None, where: str | None, at: str | int | None
) -> Iterator[Interaction]:
    """What an event does toward a repository or an account."""
    act: tuple[InteractionKind, str | None, Person | None]
    match kind.removesuffix("Event").lower(), payload.action:
        case ("watch", _) | ("star", "created"):
            act = (InteractionKind.REACT, "star", None)
        case ("fork", _):
            act = (InteractionKind.REPOST, "fork", None)
        case ("member", "added"):
            act = (InteractionKind.INVITE, None, payload.member)
        case _:
            return
    act_kind, value, whom = act
    happened_at = instant(at)
    yield Interaction(
        kind=act_kind,
        platform=PLATFORM,
        account_id=account_id(who),
        target_account_id=account_id(whom),
        target_name=whom.login if whom and whom.id is None else None,
        target_channel_id=channel_id(where),
        happened_at=happened_at,
        time_quality=TimeQuality.MISSING if happened_at is None else TimeQuality.UTC,
        value=value,
    )


def _webhook(hook: Record, piece: Piece) -> Iterator[Row]:
    """A payload of a webhook. It does not say which event it is of, nor when it was sent."""
    repository = hook.repository if isinstance(hook.repository, Record) else None
    where = full_name(repository)
    yield from account_rows(hook.sender)
    yield from repository_rows(repository)
    yield from account_rows(hook.member)
    things = [*_things(hook)]
    for thing in things:
        yield from content_rows(thing, where)
    yield from pushed_rows(hook, where)
    yield from repository_rows(hook.forkee)
    acts = [*_acts(hook, _hook_kind(hook), hook.sender, where, hook.starred_at)]
    yield from acts
    if hook.action == "deleted" and things:
        gone = things[-1] if hook.comment is None else hook.comment
        yield from _deletions(gone, where)
    if not things and not acts and not isinstance(hook.commits, list):
        piece.note("webhook without a post: only its account and repository are read")


def _hook_kind(hook: Record) -> str:
    """Which event a payload is of, where that matters and can be seen."""
    if hook.forkee is not None:
        return "fork"
    if hook.starred_at is not None:
        return "star"
    return "member" if hook.member is not None and hook.repository is not None else ""


def _deletions(gone: Record, where: str | None) -> Iterator[Deletion]:
    for row in content_rows(gone, where):
        if isinstance(row, Post):
            yield Deletion(post_id=row.post_id, platform=PLATFORM, account_id=row.account_id)


def _star_listed(item: Record) -> Iterator[Row]:
    """A line of the list of a repository's stars, or of the stars that an account gave.

    The list does not say whose it is: only the account or the repository is known.
    """
    yield from account_rows(item.user)
    yield from repository_rows(item.repo)


GITHUB = Source(
    name="github",
    platform=PLATFORM,
    title="GitHub (GH Archive, REST, webhooks)",
    files="*.json.gz of GH Archive; *.json or lines of REST answers and of webhooks' payloads",
    fills=(Post, Account, Channel, Interaction, Deletion),
    time="UTC: set by GitHub's servers, to the second; commits have the time their author claims.",
    terms="GitHub's acceptable use policies; GH Archive is a public record of public events.",
    recognise=recognise,
    cut=cut,
    items=items,
    rows=rows,
)
