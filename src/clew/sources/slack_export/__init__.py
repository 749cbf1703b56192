"""What was said in a workspace of Slack, as its owner exported it?

An export is a zip of folders: `users.json`, `channels.json` (and `groups.json`, `mpims.json`,
`dms.json`), and a folder for each conversation with one file for each day.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from functools import lru_cache
from pathlib import PurePosixPath
from typing import NamedTuple

from clew.contract import Capture, NoOptions, Piece, Sample, Source
from clew.errors import ItemError, SourceUnusable
from clew.formats.json_items import ItemDecoder
from clew.formats.json_stream import Wanted, cut_json, slices
from clew.model.tables import (
    Account,
    Channel,
    Deletion,
    Interaction,
    InteractionKind,
    Link,
    Media,
    Post,
    PostKind,
    Row,
)
from clew.model.times import TimeQuality, from_seconds
from clew.sources.slack_export.records import (
    Attachment,
    Conversation,
    File,
    Message,
    User,
)
from clew.sources.slack_export.text import Said, plain

PLATFORM = "slack"

USERS = ("users.json", "org_users.json")
CONVERSATIONS = {
    "channels.json": "channel",
    "groups.json": "private_channel",
    "mpims.json": "group",
    "dms.json": "direct",
}

_WANTED = (Wanted(path=""),)
_HEAD = 1 << 16
_DAY = re.compile(r"\d{4}-\d\d-\d\d\.json\Z")
_STAMP = re.compile(rb'"ts"\s{0,4}:\s{0,4}"\d{9,10}\.\d{6}"')
_TYPE = re.compile(rb'"type"\s{0,4}:\s{0,4}"message"')
_CONVERSATION = re.compile(rb'\A\[\s{0,40}\{\s{0,40}"id"\s{0,4}:\s{0,4}"[CDG][A-Z0-9]{3,}"')
_USER = re.compile(rb'\A\[\s{0,40}\{\s{0,40}"id"\s{0,4}:\s{0,4}"[UW][A-Z0-9]{3,}"')

_KINDS: tuple[type[User], type[Conversation], type[Message]] = (User, Conversation, Message)
_DECODERS = {kind: ItemDecoder(kind) for kind in _KINDS}

_Item = User | Conversation | Message


class Place(NamedTuple):
    """The conversation whose day a file is."""

    channel_id: str
    kind: str | None


def recognise(sample: Sample) -> float:
    """By the first record; the names that Slack gives its files make it certain."""
    kind = _kind_of(sample.head)
    name = PurePosixPath(sample.name).name
    if kind is Message:
        return 0.95 if _DAY.search(name) else 0.5
    if kind is None:
        return 0.0
    return 0.95 if name in (*USERS, *CONVERSATIONS) else 0.3


def _kind_of(head: bytes) -> type[_Item] | None:
    """Which records a file holds; None: it is none of Slack's."""
    head = head.removeprefix(b"\xef\xbb\xbf").lstrip()
    if not head.startswith(b"["):
        return None
    if _USER.match(head) and b'"profile"' in head:
        return User
    if _CONVERSATION.match(head) and b'"members"' in head and b'"created"' in head:
        return Conversation
    return Message if _STAMP.search(head) and _TYPE.search(head) else None


def cut(capture: Capture, options: NoOptions) -> Iterator[Piece]:
    """Pieces of whole records, all of one kind. Raises SourceUnusable if none is Slack's."""
    with capture.open() as stream:
        kind = _kind_of(stream.read(_HEAD))
    if kind is None:
        raise SourceUnusable("neither members, conversations nor messages of Slack")
    for piece in cut_json(capture, options, wanted=_WANTED):
        piece.context = piece.context._replace(more=kind)
        yield piece


def items(piece: Piece) -> Iterator[_Item | ItemError]:
    """The records of the file."""
    decoder = _DECODERS[piece.context.more]
    for part in slices(piece):
        yield from decoder.elements(part, piece)


def rows(item: _Item, piece: Piece) -> Iterable[Row]:
    """What a record holds. Raises ItemError for a time out of range."""
    if isinstance(item, User):
        return [_member(item)]
    if isinstance(item, Conversation):
        return _conversation(item, PurePosixPath(piece.capture.name).name)
    return _Saying(item, _place(piece), _names(piece)).rows()


def _id(native: str) -> str:
    return f"{PLATFORM}:{native}"


# ------------------------------------------------------------------ what stands beside a day's file


def _names(piece: Piece) -> dict[str, str]:
    """The name of each member by id; empty, with a note, if there is no list of members."""
    for name in USERS:
        if name in piece.beside:
            return _member_names(piece.beside[name])
    piece.note("users.json is not beside it: members are known by their ids only")
    return {}


@lru_cache(maxsize=2)
def _member_names(capture: Capture) -> dict[str, str]:
    members = [it for it in _records(capture) if isinstance(it, User)]
    return {member.id: _shown(member) or member.id for member in members}


def _place(piece: Piece) -> Place:
    """The conversation that the file's folder is named after: by its name, or its id."""
    folder = PurePosixPath(piece.capture.name).parent.name
    for name, kind in CONVERSATIONS.items():
        if name in piece.beside:
            conversation = _conversation_ids(piece.beside[name]).get(folder)
            if conversation:
                return Place(_id(conversation), kind)
    piece.note("the conversation is known by the name of its folder only: no list names it")
    return Place(_id(f"#{folder}"), None)


@lru_cache(maxsize=8)
def _conversation_ids(capture: Capture) -> dict[str, str]:
    """Name or id → id."""
    conversations = [it for it in _records(capture) if isinstance(it, Conversation)]
    ids = {it.name: it.id for it in conversations if it.name}
    return ids | {it.id: it.id for it in conversations}


def _records(capture: Capture) -> Iterator[_Item | ItemError]:
    """The records of a list; what is wrong with it is said when it is read for itself."""
    try:
        for piece in cut(capture, NoOptions()):
            yield from items(piece)
    except SourceUnusable:
        return


# --------------------------------------------------------------------------- members and channels


def _shown(member: User) -> str | None:
    profile = member.profile
    return profile.display_name or profile.real_name or member.real_name or member.name or None


def _member(member: User) -> Account:
    profile = member.profile
    return Account(
        account_id=_id(member.id),
        platform=PLATFORM,
        handle=member.name or None,
        name=_shown(member),
        description="\n".join(filter(None, (profile.title, profile.status_text))) or None,
        avatar_url=profile.image_512 or profile.image_192 or profile.image_72 or None,
        is_bot=member.is_bot,
        is_deleted=member.deleted,
    )


def _conversation(place: Conversation, file_name: str) -> Iterator[Row]:
    created_at = from_seconds(place.created) if place.created else None
    yield Channel(
        channel_id=_id(place.id),
        platform=PLATFORM,
        kind=CONVERSATIONS.get(file_name),
        name=place.name or None,
        description="\n".join(
            said.value for said in (place.topic, place.purpose) if said and said.value
        )
        or None,
        created_at=created_at,
        members_count=len(place.members) or None,
    )
    for member in place.members:
        yield Interaction(
            kind=InteractionKind.JOIN,
            platform=PLATFORM,
            account_id=_id(member),
            target_channel_id=_id(place.id),
            time_quality=TimeQuality.MISSING,
        )


# ---------------------------------------------------------------------------------------- messages

_NOTICES = frozenset(
    (
        *("channel_join", "channel_leave", "group_join", "group_leave", "channel_topic"),
        *("group_topic", "channel_purpose", "group_purpose", "channel_name", "group_name"),
        *("channel_archive", "group_archive", "channel_unarchive", "group_unarchive"),
        *("channel_convert_to_private", "channel_posting_permissions", "pinned_item"),
        *("unpinned_item", "bot_add", "bot_remove", "bot_enable", "bot_disable", "tombstone"),
        *("reminder_add", "sh_room_created", "huddle_thread", "channel_canvas_updated"),
        *("assistant_app_thread", "app_conversation_join", "joiner_notification"),
    )
)
_ACTS = {
    "channel_join": InteractionKind.JOIN,
    "group_join": InteractionKind.JOIN,
    "channel_leave": InteractionKind.LEAVE,
    "group_leave": InteractionKind.LEAVE,
    "pinned_item": InteractionKind.PIN,
}
_MEDIA = {"image": "photo", "video": "video", "audio": "audio"}


class _Saying:
    """One message on its way into rows."""

    def __init__(self, message: Message, place: Place, names: dict[str, str]) -> None:
        self._message = message
        self._place = place
        self._names = names
        self._at = from_seconds(message.ts)
        self._post_id = self._id_of(message.ts)
        self._account_id = _account_id(message)

    def rows(self) -> Iterator[Row]:
        message = self._message
        if message.subtype == "message_deleted" and message.deleted_ts:
            yield Deletion(
                post_id=self._id_of(message.deleted_ts), platform=PLATFORM, deleted_at=self._at
            )
            return
        if message.subtype == "message_changed" and message.message:
            yield from _Saying(message.message, self._place, self._names).rows()
            return
        said = plain(message.text or "", self._names)
        yield self._post(said)
        yield from self._author()
        yield from self._acts(said)
        yield from self._links(said)
        for file in (*message.files, message.file):
            if file is not None:
                yield self._file(file)
        for attachment in message.attachments:
            if attachment.image_url:
                yield self._media("photo", url=attachment.image_url)

    def _id_of(self, stamp: str) -> str:
        return f"{self._place.channel_id}/{stamp}"

    def _post(self, said: Said) -> Post:
        message = self._message
        is_notice = message.subtype in _NOTICES
        is_answer = message.thread_ts is not None and message.thread_ts != message.ts
        edited = message.edited
        return Post(
            post_id=self._post_id,
            platform=PLATFORM,
            kind=PostKind.SERVICE if is_notice else PostKind.MESSAGE,
            account_id=self._account_id,
            author_name=message.username or None,
            channel_id=self._place.channel_id,
            thread_id=self._id_of(message.thread_ts) if message.thread_ts else None,
            reply_to_post_id=self._id_of(message.thread_ts)
            if is_answer and message.thread_ts
            else None,
            quote_of_post_id=next(self._quoted(), None),
            posted_at=self._at,
            time_quality=TimeQuality.UTC,
            edited_at=from_seconds(edited.ts) if edited and edited.ts else None,
            action=message.subtype if is_notice else None,
            text=said.text or "\n".join(self._card_lines()) or None,
            reply_count=message.reply_count,
            reactions=self._reactions(),
        )

    def _card_lines(self) -> Iterator[str]:
        """The words of cards: what apps say without a text of their own."""
        for card in self._message.attachments:
            lines = [card.pretext, card.title, card.text]
            for line in lines if any(lines) else [card.fallback]:
                if line:
                    yield plain(line, self._names).text

    def _reactions(self) -> str | None:
        counts = {
            reaction.name: len(reaction.users) if reaction.count is None else reaction.count
            for reaction in self._message.reactions
        }
        return json.dumps(counts, ensure_ascii=False) if counts else None

    def _author(self) -> Iterator[Account]:
        """How the author showed itself then; a bot has no entry among the members."""
        profile = self._message.user_profile
        if self._account_id and profile:
            yield Account(
                account_id=self._account_id,
                platform=PLATFORM,
                handle=profile.name or None,
                name=profile.display_name or profile.real_name or None,
                avatar_url=profile.image_72 or None,
            )
        elif self._account_id and not self._message.user:
            yield Account(account_id=self._account_id, platform=PLATFORM, is_bot=True)

    # ---------------------------------------------------------------------------------------- acts

    def _acts(self, said: Said) -> Iterator[Interaction]:
        message = self._message
        if message.thread_ts and message.thread_ts != message.ts:
            parent = message.parent_user_id
            yield self._act(
                InteractionKind.REPLY,
                target_post_id=self._id_of(message.thread_ts),
                target_account_id=_id(parent) if parent else None,
            )
        for quoted in self._quoted():
            yield self._act(InteractionKind.QUOTE, target_post_id=quoted)
        kind = _ACTS.get(message.subtype or "")
        if kind:
            yield self._act(kind, target_channel_id=self._place.channel_id)
        elif message.subtype not in _NOTICES:
            for member in said.members:
                yield self._act(InteractionKind.MENTION, target_account_id=_id(member))
        if message.inviter and self._account_id:
            yield Interaction(
                kind=InteractionKind.INVITE,
                platform=PLATFORM,
                account_id=_id(message.inviter),
                target_account_id=self._account_id,
                target_channel_id=self._place.channel_id,
                post_id=self._post_id,
                happened_at=self._at,
                time_quality=TimeQuality.UTC,
            )
        for reaction in message.reactions:
            for member in reaction.users:
                yield Interaction(
                    kind=InteractionKind.REACT,
                    platform=PLATFORM,
                    account_id=_id(member),
                    target_account_id=self._account_id,
                    target_post_id=self._post_id,
                    channel_id=self._place.channel_id,
                    time_quality=TimeQuality.MISSING,
                    value=reaction.name or None,
                )

    def _quoted(self) -> Iterator[str]:
        """The messages that cards show."""
        for card in self._message.attachments:
            if card.is_msg_unfurl and card.channel_id and isinstance(card.ts, str):
                yield f"{_id(card.channel_id)}/{card.ts}"

    def _act(
        self,
        kind: InteractionKind,
        *,
        target_account_id: str | None = None,
        target_post_id: str | None = None,
        target_channel_id: str | None = None,
    ) -> Interaction:
        return Interaction(
            kind=kind,
            platform=PLATFORM,
            account_id=self._account_id,
            target_account_id=target_account_id,
            target_post_id=target_post_id,
            target_channel_id=target_channel_id,
            post_id=self._post_id,
            channel_id=self._place.channel_id,
            happened_at=self._at,
            time_quality=TimeQuality.UTC,
        )

    # ----------------------------------------------------------------------------- links and files

    def _links(self, said: Said) -> Iterator[Link]:
        cards = {
            address: card
            for card in reversed(self._message.attachments)
            for address in (card.title_link, card.from_url, card.original_url)
            if address and not card.is_msg_unfurl
        }
        for address in (*said.links, *(address for address in cards if address not in said.links)):
            card = cards.get(address, Attachment())
            yield Link(
                post_id=self._post_id,
                platform=PLATFORM,
                url=address,
                title=said.links.get(address) or card.title or None,
                description=card.text or None,
                posted_at=self._at,
            )

    def _file(self, file: File) -> Media:
        kind = _MEDIA.get((file.mimetype or "").partition("/")[0], "file")
        return self._media(
            kind,
            media_key=file.id or None,
            url=file.url_private or file.permalink or None,
            mime=file.mimetype or None,
            name=file.name or file.title or None,
            size_bytes=file.size,
            width_px=file.original_w,
            height_px=file.original_h,
            duration_s=None if file.duration_ms is None else file.duration_ms / 1000,
            alt_text=file.alt_txt or None,
        )

    def _media(self, kind: str, **more: str | int | float | None) -> Media:
        return Media(
            post_id=self._post_id,
            platform=PLATFORM,
            kind=kind,
            posted_at=self._at,
            **more,  # type: ignore[arg-type]
        )


def _account_id(message: Message) -> str | None:
    """Who wrote it: a member, else the bot; before 2018 the one who remarks on a file."""
    author = message.user or (message.comment.user if message.comment else None) or message.bot_id
    return _id(author) if author else None


SLACK_EXPORT = Source(
    name="slack_export",
    platform=PLATFORM,
    title="Slack export",
    files="the zip or folder of an export: users.json, channels.json, a file for each day",
    fills=(Post, Deletion, Account, Channel, Interaction, Link, Media),
    time="The server's, in UTC, to the second; the order within a second is kept.",
    terms="Made by an owner of the workspace; private chats need Slack's or the members' consent.",
    recognise=recognise,
    items=items,
    rows=rows,
    cut=cut,
    beside=(*USERS, *CONVERSATIONS),
)
