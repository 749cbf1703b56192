"""What did a message's author do to whom: answer, forward, mention, invite, pin, and so on?"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from msgspec import UNSET

from clew.model.tables import Interaction, InteractionKind
from clew.model.times import TimeQuality
from clew.sources.telegram_export.placing import (
    PLATFORM,
    Placed,
    account_id,
    channel_id,
    is_user,
)
from clew.sources.telegram_export.records import Message, Part, Reaction

_JOINING = frozenset({"join_group_by_link", "join_group_by_request"})


def acts(message: Message, place: Placed, pointing: list[Part]) -> Iterator[Interaction]:
    """Every act that the message is or records."""
    if message.reply_to_message_id is not None:
        yield _act(InteractionKind.REPLY, place, target_post_id=replied_to(message, place))
    if message.forwarded_from is not UNSET or message.forwarded_from_id is not UNSET:
        yield _forward(message, place)
    yield from _mentions(pointing, place)
    if message.action:
        yield from _service(message, message.action, place)
    for reaction in message.reactions:
        yield from _reactions(reaction, place)


def replied_to(message: Message, place: Placed) -> str | None:
    """The post that a message answers; null: none, or its chat is not known."""
    if message.reply_to_message_id is None:
        return None
    peer = message.reply_to_peer_id
    chat = place.channel_id if peer is None else channel_id(peer)
    return f"{chat}/{message.reply_to_message_id}" if chat else None


def _act(kind: InteractionKind, place: Placed, **target: Any) -> Interaction:
    return Interaction(
        kind=kind,
        platform=PLATFORM,
        account_id=place.account_id,
        post_id=place.post_id,
        channel_id=place.channel_id,
        happened_at=place.posted_at,
        time_quality=place.time_quality,
        **target,
    )


def _forward(message: Message, place: Placed) -> Interaction:
    name = message.forwarded_from or None
    peer = message.forwarded_from_id or None
    return _act(
        InteractionKind.FORWARD,
        place,
        target_name=name,
        target_account_id=account_id(peer) if peer else None,
        target_channel_id=channel_id(peer) if peer and not is_user(peer) else None,
    )


def _mentions(pointing: list[Part], place: Placed) -> Iterator[Interaction]:
    seen = set()
    for part in pointing:
        if not part.type.startswith("mention"):
            continue
        account = None if part.user_id is None else account_id(part.user_id)
        target = (account, part.text or None)
        if target not in seen:
            seen.add(target)
            yield _act(
                InteractionKind.MENTION,
                place,
                target_account_id=account,
                target_name=part.text or None,
            )


def _service(message: Message, action: str, place: Placed) -> Iterator[Interaction]:
    chat = place.channel_id
    is_of_itself = message.members == (message.actor,) and message.actor is not None
    if action == "pin_message" and message.message_id is not None and chat:
        yield _act(InteractionKind.PIN, place, target_post_id=f"{chat}/{message.message_id}")
    elif action in _JOINING or (action == "invite_members" and is_of_itself):
        name = message.inviter or None
        yield _act(InteractionKind.JOIN, place, target_channel_id=chat, target_name=name)
    elif action == "remove_members" and is_of_itself:
        yield _act(InteractionKind.LEAVE, place, target_channel_id=chat)
    elif action in ("invite_members", "create_group", "remove_members"):
        is_removal = action == "remove_members"
        kind = InteractionKind.REMOVE if is_removal else InteractionKind.INVITE
        for member in message.members:
            yield _act(kind, place, target_channel_id=chat, target_name=member or None)


def _reactions(reaction: Reaction, place: Placed) -> Iterator[Interaction]:
    for recent in reaction.recent:
        yield Interaction(
            kind=InteractionKind.REACT,
            platform=PLATFORM,
            account_id=None if recent.from_id is None else account_id(recent.from_id),
            target_account_id=place.account_id,
            target_post_id=place.post_id,
            channel_id=place.channel_id,
            # Its `date` is local time of the exporting computer, and no instant stands beside it.
            time_quality=TimeQuality.ZONE_UNKNOWN if recent.date else TimeQuality.MISSING,
            value=reaction_name(reaction),
        )


def reaction_name(reaction: Reaction) -> str:
    """The emoji; else its kind (`paid`), for a custom emoji with its document."""
    if reaction.emoji:
        return reaction.emoji
    return f"{reaction.type}:{reaction.document_id}" if reaction.document_id else reaction.type
