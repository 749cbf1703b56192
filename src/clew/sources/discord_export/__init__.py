"""What was said in a channel of Discord, as DiscordChatExporter saved it in JSON?"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from functools import lru_cache

from clew.contract import Capture, NoOptions, Piece, Sample, Source
from clew.errors import ItemError, SourceUnusable
from clew.formats.json_items import ItemDecoder
from clew.formats.json_stream import Wanted, cut_json, slices
from clew.model.tables import (
    Account,
    Channel,
    Interaction,
    InteractionKind,
    Link,
    Media,
    Post,
    PostKind,
    Row,
)
from clew.model.times import TimeQuality, from_iso
from clew.sources.discord_export.carried import links, media
from clew.sources.discord_export.records import Emoji, Head, Message, Said, User

PLATFORM = "discord"

_WANTED = (Wanted(path="messages", header=("guild", "channel"), key="channel", counts_header=True),)
_HEADS = ItemDecoder(Head)
_MESSAGES = ItemDecoder(Message)

_MARKS = tuple(f'"{name}"'.encode() for name in ("guild", "channel", "messages", "exportedAt"))

# An item: what stands before the messages, or a message with it.
_Item = Head | tuple[Message, Head]


def recognise(sample: Sample) -> float:
    """By the head of the export and a name that only this exporter gives."""
    head = sample.head.removeprefix(b"\xef\xbb\xbf").lstrip()
    if not head.startswith(b"{") or not all(mark in head for mark in _MARKS[:3]):
        return 0.0
    return 0.95 if b'"timestampEdited"' in head or _MARKS[3] in head else 0.0


def cut(capture: Capture, options: NoOptions) -> Iterator[Piece]:
    """Pieces of whole messages, each with the server and the channel."""
    return cut_json(capture, options, wanted=_WANTED)


def items(piece: Piece) -> Iterator[_Item | ItemError]:
    """The head of the export, then its messages."""
    for part in slices(piece):
        head = _HEADS.decode(part.header, piece)
        if isinstance(head, ItemError):
            raise SourceUnusable(f"the channel cannot be read: {head}") from head
        if part.is_first:
            yield head
        for message in _MESSAGES.elements(part, piece):
            yield message if isinstance(message, ItemError) else (message, head)


def rows(item: _Item, piece: Piece) -> Iterable[Row]:  # noqa: ARG001 - the contract's signature
    """What the head or a message holds. Raises ItemError for a time that is none."""
    return _places(item) if isinstance(item, Head) else _message(*item)


def _id(native: str) -> str:
    return f"{PLATFORM}:{native}"


def _places(head: Head) -> Iterator[Row]:
    for place, kind in ((head.channel, head.channel.type), (head.guild, "guild")):
        if place is not None and place.id != "0":  # the "server" of private messages
            yield Channel(
                channel_id=_id(place.id),
                platform=PLATFORM,
                kind=kind or None,
                name=place.name or None,
                description=place.topic or None,
            )


_MESSAGE_KINDS = frozenset(("Default", "Reply", "0", "19", "20", "23"))
"""Kinds that people and bots write; the numbers are those that the exporter has no word for."""


def _message(message: Message, head: Head) -> list[Row]:
    post = _post(message, head)
    found: list[Row] = [post, *_accounts(message.author)]
    found += _acts(message, head, post)
    for said in filter(None, (message, message.forwarded_message)):
        found += links(said, post.post_id, post.posted_at)
        found += media(said, post.post_id, post.posted_at)
    return found


def _post(message: Message, head: Head) -> Post:
    is_service = message.type not in _MESSAGE_KINDS
    author = message.author
    account_id = _account_id(author) if author else None
    target = message.reference.message_id if message.reference else None
    act = _reference_act(message)
    return Post(
        post_id=_id(message.id),
        platform=PLATFORM,
        kind=PostKind.SERVICE if is_service else PostKind.MESSAGE,
        account_id=account_id,
        author_name=author.name or None if author and not account_id else None,
        channel_id=_id(head.channel.id),
        reply_to_post_id=_id(target) if target and act is InteractionKind.REPLY else None,
        repost_of_post_id=_id(target) if target and act is InteractionKind.FORWARD else None,
        posted_at=from_iso(message.timestamp),
        time_quality=_quality(message.timestamp),
        edited_at=from_iso(message.timestamp_edited) if message.timestamp_edited else None,
        action=message.type if is_service else None,
        text=_text(message) or None,
        reactions=_counts(message),
    )


def _quality(timestamp: str) -> TimeQuality:
    """Discord states UTC; the exporter may have written it in another zone, with the offset."""
    is_utc = timestamp.endswith(("+00:00", "Z"))
    return TimeQuality.UTC if is_utc else TimeQuality.OFFSET


def _text(message: Message) -> str:
    """What it says; else what it forwards; else the words of its cards."""
    forwarded = message.forwarded_message
    if message.content or (forwarded and forwarded.content):
        return message.content or (forwarded.content if forwarded else "") or ""
    return "\n".join(filter(None, _card_lines(message)))


def _card_lines(said: Said) -> Iterator[str | None]:
    for embed in said.embeds:
        yield embed.title
        yield embed.description
        for field in embed.fields:
            yield ": ".join(filter(None, (field.name, field.value)))


_DELETED_USER = "456226577798135808"
"""Under this id Discord shows messages of all accounts that were deleted."""

_GONE = re.compile(r"deleted_user_[0-9a-f]{6,}", re.IGNORECASE)


def _account_id(user: User) -> str | None:
    return None if user.id == _DELETED_USER else _id(user.id)


@lru_cache(maxsize=1 << 14)
def _snapshot(
    native: str, handle: str | None, name: str | None, avatar: str | None, is_bot: bool | None
) -> Account:
    return Account(
        account_id=_id(native),
        platform=PLATFORM,
        handle=handle,
        name=name,
        avatar_url=avatar,
        is_bot=is_bot,
        is_deleted=True if _GONE.fullmatch(handle or "") else None,
    )


def _accounts(*users: User | None) -> Iterator[Account]:
    for user in users:
        if user is not None and user.id != _DELETED_USER:
            yield _account(user)


def _account(user: User) -> Account:
    number = user.discriminator
    is_old = number and number.strip("0")
    handle = f"{user.name}#{number}" if user.name and is_old else user.name
    return _snapshot(
        user.id, handle or None, user.nickname or None, user.avatar_url or None, user.is_bot
    )


# ------------------------------------------------------------------------------------------- acts


def _acts(message: Message, head: Head, post: Post) -> Iterator[Row]:
    act = _reference_act(message)
    reference = message.reference
    if act is not None and reference and (reference.message_id or reference.channel_id):
        channel = reference.channel_id
        elsewhere = channel is not None and channel != head.channel.id
        yield post.act(
            act,
            target_post_id=_id(reference.message_id) if reference.message_id else None,
            target_channel_id=_id(channel) if channel and elsewhere else None,
        )
    if post.kind is PostKind.SERVICE:
        yield from _notice(message, head, post)
    else:
        for user in message.mentions:
            yield from _accounts(user)
            yield post.act(InteractionKind.MENTION, **_whom(user))
    for reaction in message.reactions:
        for user in reaction.users:
            yield from _accounts(user)
            yield Interaction(
                kind=InteractionKind.REACT,
                platform=PLATFORM,
                account_id=_account_id(user),
                target_account_id=post.account_id,
                target_post_id=post.post_id,
                channel_id=post.channel_id,
                time_quality=TimeQuality.MISSING,
                value=_emoji(reaction.emoji),
            )


def _reference_act(message: Message) -> InteractionKind | None:
    """What the message does with the one that it refers to."""
    if message.reference is None:
        return None
    if message.type in ("Reply", "19"):
        return InteractionKind.REPLY
    if message.type == "ChannelPinnedMessage":
        return InteractionKind.PIN
    # Without that word it is a post of a channel that this one follows.
    return InteractionKind.FORWARD if message.type == "Default" else None


def _notice(message: Message, head: Head, post: Post) -> Iterator[Row]:
    if message.type == "GuildMemberJoin" and head.guild:
        yield post.act(InteractionKind.JOIN, target_channel_id=_id(head.guild.id))
    if message.type not in ("RecipientAdd", "RecipientRemove"):
        return
    is_adding = message.type == "RecipientAdd"
    for user in message.mentions:
        yield from _accounts(user)
        if message.author and user.id == message.author.id:
            kind = InteractionKind.JOIN if is_adding else InteractionKind.LEAVE
            yield post.act(kind, target_channel_id=post.channel_id)
        else:
            kind = InteractionKind.INVITE if is_adding else InteractionKind.REMOVE
            yield post.act(kind, target_channel_id=post.channel_id, **_whom(user))


def _whom(user: User) -> dict[str, str | None]:
    account_id = _account_id(user)
    return {
        "target_account_id": account_id,
        "target_name": None if account_id else user.name or None,
    }


def _emoji(emoji: Emoji) -> str | None:
    """The emoji, a server's own with its id."""
    return f"{emoji.name}:{emoji.id}" if emoji.id else emoji.name or None


def _counts(message: Message) -> str | None:
    counts = {_emoji(reaction.emoji) or "": reaction.count for reaction in message.reactions}
    return json.dumps(counts, ensure_ascii=False) if counts else None


DISCORD_EXPORT = Source(
    name="discord_export",
    platform=PLATFORM,
    title="DiscordChatExporter (JSON)",
    files="*.json, as DiscordChatExporter writes a channel, a thread or private messages",
    fills=(Post, Account, Channel, Interaction, Link, Media),
    time="The server's, to the millisecond: in UTC, or in the exporter's zone with its offset.",
    terms="Made with the account of a member; Discord's terms forbid automating a user account.",
    recognise=recognise,
    items=items,
    rows=rows,
    cut=cut,
)
