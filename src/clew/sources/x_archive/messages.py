"""What was written in the direct messages of an archive?"""

from __future__ import annotations

from collections.abc import Iterator

from clew.contract import Piece
from clew.model.tables import Interaction, InteractionKind, Media, Post, PostKind, Row
from clew.model.times import TimeQuality, from_iso
from clew.sources.x_archive.posts import PLATFORM, instant, links, x_id
from clew.sources.x_archive.records import Conversation, Message, Url


def conversation_rows(conversation: Conversation, piece: Piece) -> list[Row]:
    """The messages of a conversation, if the analyst has asked for them."""
    events = conversation.messages or []
    if not piece.options.direct_messages:
        piece.note("direct messages: not read (--set direct_messages=true)", max(len(events), 1))
        return []
    channel_id = f"{PLATFORM}:dm/{conversation.conversation_id}"
    found: list[Row] = []
    for event in events:
        if event.message_create:
            found += _message(event.message_create, channel_id)
        else:
            piece.note("event in a conversation that is no message: not read")
    return found


def _message(message: Message, channel_id: str) -> Iterator[Row]:
    post_id = f"{PLATFORM}:dm/{message.id}"
    account_id = x_id(message.sender_id)
    sent_at = from_iso(message.created_at)
    yield Post(
        post_id=post_id,
        platform=PLATFORM,
        kind=PostKind.MESSAGE,
        account_id=account_id,
        channel_id=channel_id,
        posted_at=sent_at,
        time_quality=TimeQuality.UTC,
        text=message.text or None,
    )
    for reaction in message.reactions or ():
        at = instant(reaction.created_at)
        yield Interaction(
            kind=InteractionKind.REACT,
            platform=PLATFORM,
            account_id=x_id(reaction.sender_id),
            target_account_id=account_id,
            target_post_id=post_id,
            channel_id=channel_id,
            happened_at=at,
            time_quality=TimeQuality.MISSING if at is None else TimeQuality.UTC,
            value=reaction.reaction_key or None,
        )
    yield from links(
        [Url(url=url.url, expanded_url=url.expanded) for url in message.urls or ()],
        post_id,
        sent_at,
    )
    for address in message.media_urls or ():
        if address:
            yield Media(
                post_id=post_id, platform=PLATFORM, kind="file", url=address, posted_at=sent_at
            )
