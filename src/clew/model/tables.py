"""Which columns does every table have, and what does each of them mean?

One class per table: it is the record a source yields, and the Ibis schema is made from it.
Rules that hold everywhere:

* An id is `platform:native id` and is unique in the world of the case (`telegram:77/12`, `x:20`).
* null means *not recorded*. It never means zero, empty or false.
* A column whose name ends in `_at` is an instant in UTC (microseconds); see `clew.model.times`.
* A text column holds what the author wrote, hostile characters included: whoever shows it escapes.
"""

from __future__ import annotations

import datetime as dt
import typing
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from typing import Annotated

import ibis
import msgspec
import pyarrow as pa

from clew.model.times import Micros, TimeQuality

# In the Annotated[...] of a field: the comment of its column.
Doc = str


class Row(msgspec.Struct, frozen=True, gc=False):
    """A row of one table, as a source yields it. Hashable, so that repeats are seen."""


class PostKind(StrEnum):
    """What a post is on its platform. What it answers or repeats stands in its own columns."""

    POST = "post"
    COMMENT = "comment"
    QUESTION = "question"
    ANSWER = "answer"
    MESSAGE = "message"
    REPOST = "repost"  # nothing but another's post, shown again
    SERVICE = "service"  # the platform speaking: joined, pinned, renamed
    ARTICLE = "article"


class InteractionKind(StrEnum):
    """What one account did to another, to a post or to a channel."""

    REPLY = "reply"
    REPOST = "repost"
    QUOTE = "quote"
    FORWARD = "forward"  # a message carried from one channel to another
    MENTION = "mention"
    REACT = "react"  # like, emoji, vote
    FOLLOW = "follow"
    JOIN = "join"
    LEAVE = "leave"
    INVITE = "invite"
    REMOVE = "remove"  # took another out of a channel
    PIN = "pin"
    BLOCK = "block"  # will neither see the other nor be seen


class Post(Row, frozen=True, kw_only=True):
    """One thing said: a post, comment, message, question, repost or service message."""

    post_id: Annotated[str, "platform:native id"]
    platform: Annotated[str, "where it was posted; partition"]
    kind: Annotated[PostKind, "post, comment, question, answer, message, repost, service, article"]
    account_id: Annotated[str | None, "its author; null: deleted, anonymous or not recorded"] = None
    author_name: Annotated[
        str | None, "the name it is signed with, if that is not the name of its account"
    ] = None
    channel_id: Annotated[str | None, "the chat, group, board, site or blog it stands in"] = None
    thread_id: Annotated[str | None, "post_id of the first post of its thread"] = None
    reply_to_post_id: Annotated[str | None, "the post it answers"] = None
    repost_of_post_id: Annotated[str | None, "the post it shows again or forwards"] = None
    quote_of_post_id: Annotated[str | None, "the post it quotes"] = None
    posted_at: Annotated[Micros | None, "when it was posted; null: see time_quality"] = None
    time_quality: Annotated[TimeQuality, "utc, offset, claimed, zone_unknown, missing"]
    local_time: Annotated[
        str | None, "ISO 8601 without offset, in a zone that is not recorded; only if zone_unknown"
    ] = None
    edited_at: Annotated[Micros | None, "when this version was written; null: not known edited"] = (
        None
    )
    deleted_at: Annotated[Micros | None, "when it was seen to be deleted"] = None
    action: Annotated[str | None, "what happened, in the platform's word; only if service"] = None
    title: Annotated[str | None, "headline, where the platform has one"] = None
    text: Annotated[str | None, "what it says, as plain text; null: it has no text"] = None
    url: Annotated[str | None, "its own address on the platform, as recorded"] = None
    language_claimed: Annotated[str | None, "BCP 47 tag that the platform or author gave it"] = None
    client: Annotated[str | None, "the program it was posted with, as the platform names it"] = None
    like_count: Annotated[int | None, "likes, votes or score; may be negative"] = None
    reply_count: Annotated[int | None, "replies or comments"] = None
    repost_count: Annotated[int | None, "reposts, shares or forwards"] = None
    quote_count: Annotated[int | None, "quotes"] = None
    view_count: Annotated[int | None, "views or impressions"] = None
    reactions: Annotated[str | None, "JSON object: reaction → count"] = None
    tags: Annotated[str | None, "JSON array of the platform's own tags"] = None
    latitude: Annotated[float | None, "degrees WGS 84, as attached by the platform or author"] = (
        None
    )
    longitude: Annotated[float | None, "degrees WGS 84"] = None
    place: Annotated[str | None, "place name as attached, not derived from the text"] = None
    withheld_in: Annotated[str | None, "JSON array of countries where it is withheld"] = None

    def act(
        self,
        kind: InteractionKind,
        *,
        target_account_id: str | None = None,
        target_name: str | None = None,
        target_post_id: str | None = None,
        target_channel_id: str | None = None,
        value: str | None = None,
    ) -> Interaction:
        """What its author did in it: then, and where it stands."""
        return Interaction(
            kind=kind,
            platform=self.platform,
            account_id=self.account_id,
            target_account_id=target_account_id,
            target_name=target_name,
            post_id=self.post_id,
            target_post_id=target_post_id,
            channel_id=self.channel_id,
            target_channel_id=target_channel_id,
            happened_at=self.posted_at,
            time_quality=self.time_quality,
            value=value,
        )


class Deletion(Row, frozen=True, kw_only=True):
    """A notice that a post is gone. Its words, if a capture has them, stay where they are."""

    post_id: Annotated[str, "the post"]
    platform: Annotated[str, "partition"]
    deleted_at: Annotated[Micros | None, "when it was deleted; null: not recorded"] = None
    account_id: Annotated[str | None, "its author, as the notice says"] = None


class Account(Row, frozen=True, kw_only=True):
    """What a capture says of one account: one row for each different thing said (a snapshot)."""

    account_id: Annotated[str, "platform:native id"]
    platform: Annotated[str, "partition"]
    handle: Annotated[str | None, "the name in its address, without @"] = None
    name: Annotated[str | None, "display name"] = None
    description: Annotated[str | None, "bio, as plain text"] = None
    location_claimed: Annotated[str | None, "what the account says of where it is"] = None
    url: Annotated[str | None, "the link in its profile"] = None
    avatar_url: Annotated[str | None, "its picture"] = None
    created_at: Annotated[Micros | None, "when the account was made"] = None
    followers_count: Annotated[int | None, "followers"] = None
    following_count: Annotated[int | None, "accounts it follows"] = None
    posts_count: Annotated[int | None, "posts by the platform's count"] = None
    is_verified: Annotated[bool | None, "the platform's mark"] = None
    is_protected: Annotated[bool | None, "its posts are not public"] = None
    is_bot: Annotated[bool | None, "declared a bot by itself or the platform"] = None
    is_deleted: Annotated[bool | None, "the platform says it is gone or suspended"] = None


class Channel(Row, frozen=True, kw_only=True):
    """What a capture says of one chat, group, board, site or blog (a snapshot)."""

    channel_id: Annotated[str, "platform:native id"]
    platform: Annotated[str, "partition"]
    kind: Annotated[str | None, "the platform's word: public_supergroup, board, site…"] = None
    handle: Annotated[str | None, "the name in its address"] = None
    name: Annotated[str | None, "title"] = None
    description: Annotated[str | None, "about text"] = None
    url: Annotated[str | None, "its address"] = None
    created_at: Annotated[Micros | None, "when it was made"] = None
    members_count: Annotated[int | None, "members or subscribers"] = None


class Interaction(Row, frozen=True, kw_only=True):
    """One act of one account toward an account, a post or a channel."""

    kind: Annotated[InteractionKind, "reply, repost, quote, forward, mention, react, follow, …"]
    platform: Annotated[str, "partition"]
    account_id: Annotated[str | None, "who acted"] = None
    target_account_id: Annotated[str | None, "toward whom; null: see target_post_id"] = None
    target_name: Annotated[str | None, "toward whom, if only a name is recorded"] = None
    post_id: Annotated[str | None, "the post in which it happened"] = None
    target_post_id: Annotated[str | None, "the post it happened to"] = None
    channel_id: Annotated[str | None, "where it happened"] = None
    target_channel_id: Annotated[str | None, "toward which channel (forwards, joins)"] = None
    happened_at: Annotated[Micros | None, "when; null: not recorded"] = None
    time_quality: Annotated[TimeQuality, "as in posts"]
    value: Annotated[str | None, "which reaction, vote or invite link"] = None


class Link(Row, frozen=True, kw_only=True):
    """One address that a post carries as a link, as the platform recorded it."""

    post_id: Annotated[str, "the post"]
    platform: Annotated[str, "partition"]
    url: Annotated[str, "as written in the post"]
    expanded_url: Annotated[str | None, "where it leads, if the platform recorded it"] = None
    title: Annotated[str | None, "title or anchor text"] = None
    description: Annotated[str | None, "preview text"] = None
    posted_at: Annotated[Micros | None, "as of the post; partition month"] = None


class Media(Row, frozen=True, kw_only=True):
    """One picture, video, audio or file that a post carries."""

    post_id: Annotated[str, "the post"]
    platform: Annotated[str, "partition"]
    kind: Annotated[str, "photo, video, animation, audio, voice, sticker, file, poll, …"]
    media_key: Annotated[str | None, "the platform's id of the medium"] = None
    url: Annotated[str | None, "its address"] = None
    path: Annotated[str | None, "its path inside the export; null: not included"] = None
    mime: Annotated[str | None, "media type as stated"] = None
    name: Annotated[str | None, "file name as stated"] = None
    size_bytes: Annotated[int | None, "bytes as stated"] = None
    width_px: Annotated[int | None, "pixels"] = None
    height_px: Annotated[int | None, "pixels"] = None
    duration_s: Annotated[float | None, "seconds"] = None
    md5: Annotated[str | None, "hex, as stated by the platform"] = None
    alt_text: Annotated[str | None, "description by the author"] = None
    posted_at: Annotated[Micros | None, "as of the post; partition month"] = None


class Language(Row, frozen=True, kw_only=True):
    """In which language a post is written (by an annotator)."""

    post_id: Annotated[str, "the post"]
    platform: Annotated[str, "partition"]
    language: Annotated[str | None, "ISO 639-1, or 639-3 if there is none; null: unknown"] = None
    confidence: Annotated[float | None, "0 to 1, calibrated on texts of the same length"] = None
    posted_at: Annotated[Micros | None, "as of the post; partition month"] = None


class Observable(Row, frozen=True, kw_only=True):
    """One technical value that a post's text names (by an annotator)."""

    post_id: Annotated[str, "the post"]
    platform: Annotated[str, "partition"]
    kind: Annotated[str, "url, domain, ipv4, ipv6, email, sha256, cve, handle, hashtag, …"]
    value: Annotated[str, "canonical form, refanged"]
    original: Annotated[str, "as written"]
    start: Annotated[int, "first character in the post's text (code points, from 0)"]
    stop: Annotated[int, "one past its last character"]
    is_defanged: Annotated[bool, "it was written so that it cannot be clicked"]
    posted_at: Annotated[Micros | None, "as of the post; partition month"] = None


class Sentiment(Row, frozen=True, kw_only=True):
    """Which polarity a post has as a whole, or toward a target that it names (by an annotator)."""

    post_id: Annotated[str, "the post"]
    platform: Annotated[str, "partition"]
    target: Annotated[str | None, "whom, as the analyst called it; null: the post as a whole"] = (
        None
    )
    polarity: Annotated[
        str | None, "negative, neutral, positive; null: unknown (language not covered, no words)"
    ] = None
    confidence: Annotated[float | None, "0 to 1, the probability of that polarity"] = None
    path: Annotated[str, "fast or model: which of the two judged"]
    is_reported: Annotated[bool, "the words are another's: quoted, repeated, said by somebody"]
    start: Annotated[
        int | None, "where the target is first named (code points, from 0); null: no target"
    ] = None
    stop: Annotated[int | None, "one past the last character of that name"] = None
    wording: Annotated[
        str | None,
        "four parts of 8 hex digits: copies with small changes share a part; null: under 5 words",
    ] = None
    posted_at: Annotated[Micros | None, "as of the post; partition month"] = None


class RejectedItem(Row, frozen=True, kw_only=True):
    """One record of a capture that could not be used, and why. The raw stays in the evidence."""

    platform: Annotated[str, "partition"]
    reason: Annotated[str, "the phrase it is counted by"]
    detail: Annotated[str | None, "what was seen in it"] = None
    excerpt: Annotated[str | None, "its first 500 characters"] = None


class Merge(StrEnum):
    """What becomes of a row whose key is already in its table."""

    NEWEST = "newest"  # the newer version is current; the older moves to the table's `versions`
    ONCE = "once"  # the whole row is its key: it says the same again
    DERIVED = "derived"  # made by an annotator: all rows of its post are replaced together


PROVENANCE: Mapping[str, tuple[str, str]] = {
    "capture_id": ("string", "SHA-256 of the evidence this row was read from"),
    "item": ("int64", "number of its record in the capture, from 0"),
    "run_id": ("string", "the run that wrote it"),
    "observed_at": ("timestamp('UTC', 6)", "when the capture was taken"),
}
"""Columns that every row carries besides its own: where it was read from. Written by the store.

Rows that an annotator derived carry only `run_id`: they lead to the evidence through their post.
"""

UNKNOWN_MONTH = "unknown"
"""The partition month of a row without a time."""

_MONTH = ("string", "partition: UTC month of the row's time, YYYY-MM, or 'unknown'")


@dataclass(frozen=True, kw_only=True)
class Table:
    """How one table is kept."""

    name: str
    row: type[Row]
    key: tuple[str, ...]  # what makes a row the same row
    merge: Merge
    time: str | None = None  # the column whose UTC month it is partitioned by
    versions: str | None = None  # the table that its older rows move to; None: they go

    @cached_property
    def columns(self) -> dict[str, tuple[str, str]]:
        """Name → (Ibis type, comment) of every column, in order."""
        own = {
            name: (_ibis_type(hint), _comment(hint))
            for name, hint in typing.get_type_hints(self.row, include_extras=True).items()
        }
        provenance = {
            name: column
            for name, column in PROVENANCE.items()
            if self.merge is not Merge.DERIVED or name == "run_id"
        }
        month = {"month": _MONTH} if self.time else {}
        return own | provenance | month

    @cached_property
    def schema(self) -> ibis.Schema:
        """The Ibis schema."""
        return ibis.schema({name: kind for name, (kind, _) in self.columns.items()})

    @property
    def partition_by(self) -> tuple[str, ...]:
        """The partition columns."""
        return ("platform", "month") if self.time else ("platform",)

    @cached_property
    def content(self) -> tuple[str, ...]:
        """The columns that say something: all but provenance and partition month."""
        return self.row.__struct_fields__

    @cached_property
    def arrow(self) -> pa.Schema:
        """The Arrow schema of its rows: plain strings; instants in UTC microseconds."""
        return self.schema.to_pyarrow()


_TYPES = {
    str: "string",
    int: "int64",
    float: "float64",
    bool: "boolean",
    Micros: "timestamp('UTC', 6)",
    dt.date: "date",
}


def _ibis_type(hint: object) -> str:
    base, *_ = typing.get_args(hint)
    options = [option for option in typing.get_args(base) if option is not type(None)] or [base]
    option = options[0]
    if isinstance(option, type) and issubclass(option, StrEnum):
        option = str
    nullable = type(None) in typing.get_args(base)
    return _TYPES[option] if nullable else f"!{_TYPES[option]}"


def _comment(hint: object) -> str:
    return str(typing.get_args(hint)[1])


TABLES: Mapping[str, Table] = {
    table.name: table
    for table in (
        Table(
            name="posts",
            row=Post,
            key=("post_id",),
            merge=Merge.NEWEST,
            time="posted_at",
            versions="posts_versions",
        ),
        Table(
            name="posts_versions",
            row=Post,
            key=Post.__struct_fields__,
            merge=Merge.ONCE,
            time="posted_at",
        ),
        Table(name="deletions", row=Deletion, key=Deletion.__struct_fields__, merge=Merge.ONCE),
        Table(
            name="account_snapshots", row=Account, key=Account.__struct_fields__, merge=Merge.ONCE
        ),
        Table(
            name="channel_snapshots", row=Channel, key=Channel.__struct_fields__, merge=Merge.ONCE
        ),
        # The time is no part of these keys: the same act read from an export without time zones
        # and again from one with them is one act.
        Table(
            name="interactions",
            row=Interaction,
            key=tuple(
                name
                for name in Interaction.__struct_fields__
                if name not in ("happened_at", "time_quality")
            ),
            merge=Merge.NEWEST,
            time="happened_at",
        ),
        Table(name="links", row=Link, key=("post_id", "url"), merge=Merge.NEWEST, time="posted_at"),
        Table(
            name="media",
            row=Media,
            key=("post_id", "kind", "media_key", "url", "path", "name"),
            merge=Merge.NEWEST,
            time="posted_at",
        ),
        Table(
            name="languages", row=Language, key=("post_id",), merge=Merge.DERIVED, time="posted_at"
        ),
        Table(
            name="observables",
            row=Observable,
            key=("post_id", "kind", "start", "stop"),
            merge=Merge.DERIVED,
            time="posted_at",
        ),
        Table(
            name="sentiments",
            row=Sentiment,
            key=("post_id", "target"),
            merge=Merge.DERIVED,
            time="posted_at",
        ),
        Table(name="rejected", row=RejectedItem, key=("capture_id", "item"), merge=Merge.NEWEST),
    )
}
"""Every stored table by name. `accounts` and `channels` are views over their snapshots."""

TABLE_OF: Mapping[type[Row], Table] = {
    table.row: table for table in TABLES.values() if table.name != "posts_versions"
}
"""The table that a source's row belongs to."""
