"""What do a message and a party (channel, group, user) say, as rows?"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import msgspec

from clew.contract import Piece
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
from clew.model.times import Micros, TimeQuality, from_iso, from_seconds, local_text
from clew.sources.telegram_telethon.carried import links, media_rows
from clew.sources.telegram_telethon.objects import (
    PLATFORM,
    Emoji,
    Full,
    Id,
    Media,
    Message,
    Moment,
    Party,
    Peer,
)
from clew.sources.telegram_telethon.texts import Part, parts_of, said_by, tags_of

EDITED = "posts edited in a way that Telegram does not show (reactions, buttons): no edit"

# ------------------------------------------------------------------------------- ids and times


def account_id(peer: Peer | Id | None) -> str | None:
    """The account that a peer is; a bare number is a user's."""
    if isinstance(peer, int):
        return f"{PLATFORM}:user{peer}"
    if peer is None:
        return None
    if peer.channel_id is not None:
        return f"{PLATFORM}:channel{peer.channel_id}"
    if peer.chat_id is not None:
        return f"{PLATFORM}:chat{peer.chat_id}"
    return None if peer.user_id is None else f"{PLATFORM}:user{peer.user_id}"


def place_id(peer: Peer | None) -> str | None:
    """The chat that a peer is."""
    if peer is None:
        return None
    for number in (peer.channel_id, peer.chat_id, peer.user_id):
        if number is not None:
            return f"{PLATFORM}:{number}"
    return None


class When(NamedTuple):
    """A time as rows hold it."""

    at: Micros | None
    quality: TimeQuality
    local: str | None


_NEVER = When(None, TimeQuality.MISSING, None)


def when(moment: Moment) -> When:
    """A time of Telegram's server: Unix seconds, or text; one without offset may be local."""
    if moment is None or moment == "":
        return _NEVER
    if not isinstance(moment, str) or moment.isdigit():
        return When(from_seconds(moment), TimeQuality.UTC, None)
    clock = moment[10:]
    if clock.endswith(("Z", "+00:00")):
        return When(from_iso(moment), TimeQuality.UTC, None)
    if "+" in clock or "-" in clock:
        return When(from_iso(moment), TimeQuality.OFFSET, None)
    return When(None, TimeQuality.ZONE_UNKNOWN, local_text(moment))


# ------------------------------------------------------------------------------------ of parties


def party_rows(party: Party, full: Full | None) -> Iterator[Row]:
    """The rows of a channel, group or user. Raises ItemError for one without number."""
    if party.id is None:
        raise ItemError("unexpected structure", f"{party.type[:40]!r} without id")
    about = full if full and full.id == party.id else Full()
    if party.kind.startswith("user"):
        name = " ".join(filter(None, (party.first_name, party.last_name)))
        yield Account(
            account_id=f"{PLATFORM}:user{party.id}",
            platform=PLATFORM,
            handle=party.handle,
            name=name or None,
            is_verified=party.verified,
            is_bot=party.bot,
            is_deleted=party.deleted,
        )
        return
    members = about.participants_count
    if members is None:
        members = party.participants_count
    is_group = party.kind.startswith("chat")
    form = "group" if is_group else "channel" if party.broadcast else "supergroup"
    is_said = is_group or party.broadcast or party.megagroup
    visibility = "public" if party.handle else "private"
    yield Channel(
        channel_id=f"{PLATFORM}:{party.id}",
        platform=PLATFORM,
        kind=f"{visibility}_{form}" if is_said else None,
        handle=party.handle,
        name=party.title or None,
        description=about.about or None,
        url=f"https://t.me/{party.handle}" if party.handle else None,
        members_count=members,
    )
    if is_group:
        return
    yield Account(
        account_id=f"{PLATFORM}:channel{party.id}",
        platform=PLATFORM,
        handle=party.handle,
        name=party.title or None,
        description=about.about or None,
        followers_count=members,
        is_verified=party.verified,
    )


# ----------------------------------------------------------------------------------- of messages


def message_rows(message: Message, piece: Piece) -> Iterator[Row]:
    """The rows of a message. Raises ItemError for a missing number or a time that is none."""
    place = place_id(message.peer_id or message.to_id)
    if place is None or message.id is None:
        raise ItemError("message without chat or number", repr(message.id)[:80])
    parts = list(parts_of(message))
    post = _post(message, place, parts, piece)
    yield post
    yield from _acts(message, post, parts)
    yield from links(message, post, parts)
    if message.media is not None:
        yield from media_rows(message.media, post)


def _post(message: Message, place: str, parts: list[Part], piece: Piece) -> Post:
    media, action = message.media or Media(), message.action
    posted, edited = when(message.date), when(message.edit_date)
    if edited.at is not None and message.edit_hide:
        piece.note(EDITED)
    geo, forward = media.geo, message.fwd_from
    reply, topic = _answered(message, place)
    origin = _origin(message)
    return Post(
        post_id=f"{place}/{message.id}",
        platform=PLATFORM,
        kind=PostKind.MESSAGE if action is None else PostKind.SERVICE,
        account_id=_author_id(message),
        author_name=message.post_author or None,
        channel_id=place,
        thread_id=topic,
        reply_to_post_id=reply if action is None else None,
        repost_of_post_id=origin if forward else None,
        posted_at=posted.at,
        time_quality=posted.quality,
        local_time=posted.local,
        edited_at=None if message.edit_hide else edited.at,
        action=None if action is None else ACTIONS.get(action.kind, action.type[:100]) or None,
        title=(action.title or None) if action else None,
        text=message.message or said_by(media) or None,
        client=account_id(message.via_bot_id),
        reply_count=message.replies.replies if message.replies else None,
        repost_count=message.forwards,
        view_count=message.views,
        reactions=_counts(message),
        tags=tags_of(parts),
        latitude=geo.lat if geo else None,
        longitude=geo.long if geo else None,
        place=", ".join(filter(None, (media.title, media.address))) or None if geo else None,
    )


ACTIONS = {
    f"messageaction{name}": word
    for name, word in {
        "channelcreate": "create_channel",
        "channelmigratefrom": "migrate_from_group",
        "chatadduser": "invite_members",
        "chatcreate": "create_group",
        "chatdeletephoto": "delete_group_photo",
        "chatdeleteuser": "remove_members",
        "chateditphoto": "edit_group_photo",
        "chatedittitle": "edit_group_title",
        "chatjoinedbylink": "join_group_by_link",
        "chatjoinedbyrequest": "join_group_by_request",
        "chatmigrateto": "migrate_to_supergroup",
        "contactsignup": "joined_telegram",
        "groupcall": "group_call",
        "groupcallscheduled": "group_call_scheduled",
        "historyclear": "clear_history",
        "invitetogroupcall": "invite_to_group_call",
        "phonecall": "phone_call",
        "pinmessage": "pin_message",
        "setchattheme": "edit_chat_theme",
        "setmessagesttl": "set_messages_ttl",
        "topiccreate": "topic_created",
        "topicedit": "topic_edit",
    }.items()
}
"""What Telegram's export calls an action; for others stands the API's own name."""


def _author_id(message: Message) -> str | None:
    """The author; what is sent without one is by the channel, or by the other of two."""
    if message.from_id is not None:
        return account_id(message.from_id)
    peer = message.peer_id or message.to_id
    if peer is None or (peer.user_id is not None and message.out):
        return None  # the account that collected, which the message does not name
    return account_id(peer)


def _answered(message: Message, place: str) -> tuple[str | None, str | None]:
    """The post that a message answers, and the first one of its thread or topic."""
    reply = message.reply_to
    if reply is None:
        number = message.reply_to_msg_id
        return (None if number is None else f"{place}/{number}"), None
    chat = place_id(reply.reply_to_peer_id) or place
    number, top = reply.reply_to_msg_id, reply.reply_to_top_id
    if reply.forum_topic and top is None and message.action is None:
        return None, None if number is None else f"{chat}/{number}"  # stands in the topic, no more
    thread = None if top is None else f"{chat}/{top}"
    return (None if number is None else f"{chat}/{number}"), thread


def _origin(message: Message) -> str | None:
    """The post of a channel that was forwarded."""
    forward = message.fwd_from
    if forward is None or forward.channel_post is None:
        return None
    number = forward.channel_id
    if isinstance(forward.from_id, Peer):
        number = forward.from_id.channel_id
    return None if number is None else f"{PLATFORM}:{number}/{forward.channel_post}"


# ------------------------------------------------------------------------------------- its acts


def _reaction(reaction: Emoji | str | None) -> str:
    """The emoji; `custom_emoji:` with its document, or `paid`, as Telegram's export has them."""
    if isinstance(reaction, str):
        return reaction or "unknown"
    if reaction is None:
        return "unknown"
    if reaction.document_id is not None:
        return f"custom_emoji:{reaction.document_id}"
    return reaction.emoticon or reaction.kind.removeprefix("reaction") or "unknown"


def _counts(message: Message) -> str | None:
    """Reaction → count; null: not recorded, `{}`: there were none."""
    if message.reactions is None or message.reactions.results is None:
        return None
    counts: dict[str, int] = {}
    for result in message.reactions.results:
        name = _reaction(result.reaction)
        counts[name] = counts.get(name, 0) + result.count
    return msgspec.json.encode(counts).decode()


def _acts(message: Message, post: Post, parts: list[Part]) -> Iterator[Interaction]:
    if post.reply_to_post_id:
        yield post.act(InteractionKind.REPLY, target_post_id=post.reply_to_post_id)
    if message.fwd_from is not None:
        yield _forward(message, post)
    whom: dict[tuple[str | None, str], None] = {}
    for part in parts:
        if "mention" in part.kind:
            whom[account_id(part.entity.user_id), part.text] = None
    for account, name in whom:
        yield post.act(InteractionKind.MENTION, target_account_id=account, target_name=name)
    if message.action is not None:
        yield from _service(message, post)
    for recent in (message.reactions.recent_reactions if message.reactions else None) or ():
        given = when(recent.date)
        yield Interaction(
            kind=InteractionKind.REACT,
            platform=PLATFORM,
            account_id=account_id(recent.peer_id or recent.user_id),
            target_account_id=post.account_id,
            target_post_id=post.post_id,
            channel_id=post.channel_id,
            happened_at=given.at,
            time_quality=given.quality,
            value=_reaction(recent.reaction),
        )


def _forward(message: Message, post: Post) -> Interaction:
    forward = message.fwd_from
    assert forward is not None  # noqa: S101 - the caller has looked
    origin: Peer | Id | None = forward.from_id
    if forward.channel_id is not None:
        origin = Peer(channel_id=forward.channel_id)
    is_person = isinstance(origin, int) or origin is None or origin.user_id is not None
    return post.act(
        InteractionKind.FORWARD,
        target_name=forward.from_name or None,
        target_account_id=account_id(origin),
        target_channel_id=None if is_person or isinstance(origin, int) else place_id(origin),
        target_post_id=post.repost_of_post_id,
    )


def _service(message: Message, post: Post) -> Iterator[Interaction]:
    action, place = message.action, post.channel_id
    assert action is not None  # noqa: S101 - the caller has looked
    members = [*(action.users or ()), *(() if action.user_id is None else (action.user_id,))]
    ids = [account_id(member) for member in members]
    if post.action == "pin_message" and place:
        pinned, _ = _answered(message, place)
        yield post.act(InteractionKind.PIN, target_post_id=pinned)
    elif post.action in ("join_group_by_link", "join_group_by_request") or (
        post.action == "invite_members" and ids == [post.account_id]
    ):
        inviter = account_id(action.inviter_id)
        yield post.act(InteractionKind.JOIN, target_channel_id=place, target_account_id=inviter)
    elif post.action == "remove_members" and ids == [post.account_id]:
        yield post.act(InteractionKind.LEAVE, target_channel_id=place)
    elif post.action in ("invite_members", "create_group", "remove_members"):
        is_removal = post.action == "remove_members"
        kind = InteractionKind.REMOVE if is_removal else InteractionKind.INVITE
        for member in ids:
            yield post.act(kind, target_channel_id=place, target_account_id=member)
