"""Who wrote to whom, on which list and in answer to what, in mailboxes and single mails?"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import NamedTuple

from clew.contract import Capture, NoOptions, Piece, Sample, Source
from clew.errors import ItemError
from clew.formats.html_text import Extract, extract
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
from clew.model.times import Micros, TimeQuality
from clew.sources.email.mailbox import is_mailbox, mails, without_envelope
from clew.sources.email.mime import Fields, Part, parts, taken_apart
from clew.sources.email.words import (
    Address,
    Moment,
    addresses,
    decoded,
    message_ids,
    moment,
    text_of,
)

PLATFORM = "email"

NO_ID = "mail without Message-ID: its id is made of its bytes"
TIME_OF_RECEIPT = "date missing or unreadable: the time of receipt taken"
FAR_APART = "date more than a day from the time of receipt"
TOO_MANY_ADDRESSES = "addresses beyond 1,000 of a mail: not read"

_PIECE = 8 << 20
_MOST_ADDRESSES = 1000
_DAY = 86_400_000_000

# ------------------------------------------------------------------------------------ recognising

_HEAD = re.compile(rb"(?:[!-9;-~]{1,100}:[ \t]?[^\r\n]*\r?\n(?:[ \t][^\r\n]*\r?\n)*)+")
_NAMES = re.compile(
    rb"^(from|date|message-id|received|subject|to|return-path|mime-version|delivered-to|sender)"
    rb":[ \t\r]",
    re.MULTILINE | re.IGNORECASE,
)
_OTHERS = re.compile(rb"^from:[ \t]*<saved by |^warc-|^x-snapshot-", re.MULTILINE | re.IGNORECASE)


def recognise(sample: Sample) -> float:
    """By the line in front of a mail, or by the names of its fields."""
    head = sample.head
    mailbox = is_mailbox(head)
    if mailbox:
        head = head[head.find(b"\n") + 1 :]
    fields = _HEAD.match(head)
    if fields is None:
        return 0.0
    names = {name.lower() for name in _NAMES.findall(fields[0])}
    if b"from" not in names or len(names) < 3 or _OTHERS.search(fields[0]):
        return 0.0
    return 0.85 if mailbox else 0.8


# -------------------------------------------------------------------------------- taking it apart


def cut(capture: Capture, options: NoOptions) -> Iterator[Piece]:
    """Pieces of whole mails; the context holds the length of each."""
    waiting: list[bytes] = []
    held = first_item = 0

    def piece() -> Piece:
        return Piece(
            capture=capture,
            options=options,
            data=b"".join(waiting),
            first_item=first_item,
            context=tuple(map(len, waiting)),
        )

    with capture.open() as stream:
        for mail in mails(stream):
            if waiting and held + len(mail) > _PIECE:
                yield piece()
                first_item += len(waiting)
                waiting, held = [], 0
            waiting.append(mail)
            held += len(mail)
    if waiting:
        yield piece()


class _Mail(NamedTuple):
    """A mail, and the bytes its id is made of if it has none."""

    fields: Fields
    body: bytes
    raw: bytes

    def __repr__(self) -> str:
        return repr(self.raw[:1000])


def items(piece: Piece) -> Iterator[_Mail | ItemError]:
    """Each mail of a piece."""
    data, at = piece.data or b"", 0
    for length in piece.context:
        raw = without_envelope(data[at : at + length])
        at += length
        fields, body = taken_apart(raw)
        if "from" not in fields.names and "sender" not in fields.names:
            yield ItemError("mail without sender", repr(raw[:80]))
        else:
            yield _Mail(fields, body, raw)


# ------------------------------------------------------------------------------- what a mail says


def rows(item: _Mail, piece: Piece) -> Iterable[Row]:
    """The mail, its sender and receivers, its list, its links and its files."""
    fields = item.fields
    own_id = next(iter(message_ids(fields.first("message-id") or "")), None)
    if own_id is None:
        piece.note(NO_ID)
        own_id = f"sha256/{hashlib.sha256(item.raw).hexdigest()}"
    post_id = f"{PLATFORM}:{own_id}"
    when = _when(fields, piece)
    senders = addresses(fields.first("from") or "") or addresses(fields.first("sender") or "")
    notes: set[str] = set()
    found = list(parts(fields, item.body, notes))
    for note in sorted(notes):
        piece.note(note)
    text, extracts = _text(found)
    ancestors, parent = _ancestors(fields, own_id)
    channel = _channel(fields)
    post = Post(
        post_id=post_id,
        platform=PLATFORM,
        kind=PostKind.MESSAGE,
        account_id=_account_id(senders[0]) if senders else None,
        author_name=None if senders else decoded(fields.first("from") or "") or None,
        channel_id=channel.channel_id if channel else None,
        thread_id=_thread(ancestors, parent, post_id),
        reply_to_post_id=parent and f"{PLATFORM}:{parent}",
        posted_at=when.posted_at,
        time_quality=when.quality,
        local_time=when.local_time,
        title=decoded(fields.first("subject") or "") or None,
        text=text,
        url=_address(fields.first("archived-at")),
        language_claimed=_language(fields.first("content-language")),
        client=decoded(fields.first("user-agent") or fields.first("x-mailer") or "") or None,
    )
    return _around(post, channel, senders, _receivers(fields, piece), extracts, found)


def _around(
    post: Post,
    channel: Channel | None,
    senders: tuple[Address, ...],
    receivers: list[tuple[str, Address]],
    extracts: list[Extract],
    found: list[Part],
) -> Iterator[Row]:
    yield post
    if channel:
        yield channel
    for mailbox in dict.fromkeys([*senders, *(receiver for _, receiver in receivers)]):
        yield _account(mailbox)
    if post.reply_to_post_id:
        yield post.act(InteractionKind.REPLY, target_post_id=post.reply_to_post_id)
    for field, receiver in receivers:
        target = _account_id(receiver)
        yield post.act(InteractionKind.MENTION, target_account_id=target, value=field)
    links = {link.href: link.text for part in extracts for link in part.links if link.href.strip()}
    for url, title in links.items():
        yield Link(
            post_id=post.post_id,
            platform=PLATFORM,
            url=url,
            title=title,
            posted_at=post.posted_at,
        )
    for part in found:
        if part.is_file:
            yield _medium(part, post)


# ------------------------------------------------------------------------------------------ times


def _when(fields: Fields, piece: Piece) -> Moment:
    """What the sender's clock said; the time of receipt only where it said nothing."""
    try:
        when = moment(fields.first("date"))
    except ItemError:
        when = Moment(None, TimeQuality.MISSING, None)
    received = _received(fields)
    if when.quality is TimeQuality.MISSING and received is not None:
        piece.note(TIME_OF_RECEIPT)
        return received._replace(local_time=None)  # its offset is that of a server
    if _far_apart(when.posted_at, received.posted_at if received else None):
        piece.note(FAR_APART)
    return when


def _far_apart(written: Micros | None, received: Micros | None) -> bool:
    return written is not None and received is not None and abs(written - received) > _DAY


def _received(fields: Fields) -> Moment | None:
    """When the last server took the mail, the one nearest to whoever kept it."""
    _, semicolon, stamp = (fields.first("received") or "").rpartition(";")
    if not semicolon:
        return None
    try:
        when = moment(stamp.strip())
    except ItemError:
        return None
    return when if when.posted_at is not None else None


# -------------------------------------------------------------------------------- threads and lists


def _ancestors(fields: Fields, own_id: str) -> tuple[list[str], str | None]:
    """The ids in `References`, and the mail that this one answers."""
    ancestors = [id_ for id_ in message_ids(*fields.all("references")) if id_ != own_id]
    answered = [id_ for id_ in message_ids(*fields.all("in-reply-to")) if id_ != own_id]
    return ancestors, next(iter([*answered, *reversed(ancestors)]), None)


def _thread(ancestors: list[str], parent: str | None, post_id: str) -> str | None:
    """The first mail of the thread; null if only the mail before is known."""
    if ancestors:
        return f"{PLATFORM}:{ancestors[0]}"
    return None if parent else post_id


def _channel(fields: Fields) -> Channel | None:
    """The mailing list that `List-Id` names."""
    written = fields.first("list-id")
    if written is None:
        return None
    name, _, rest = written.rpartition("<")
    native = rest.partition(">")[0].strip().lower() if "<" in written else written.strip().lower()
    if not native or any(char.isspace() for char in native):
        return None
    return Channel(
        channel_id=f"{PLATFORM}:list/{native}",
        platform=PLATFORM,
        kind="mailing_list",
        handle=native,
        name=decoded(name).strip("\"' ") or None,
        url=_address(fields.first("list-archive")),
    )


def _address(field: str | None) -> str | None:
    """The web address in angle brackets."""
    inner = (field or "").partition("<")[2].partition(">")[0].strip()
    return inner if inner.startswith(("http://", "https://")) else None


def _language(field: str | None) -> str | None:
    """A single language tag."""
    tag = (field or "").strip()
    return tag if tag.replace("-", "").isalnum() and len(tag) <= 35 else None


# ----------------------------------------------------------------------------------------- people


def _receivers(fields: Fields, piece: Piece) -> list[tuple[str, Address]]:
    """Field and mailbox of everyone addressed, each once."""
    found = {
        receiver.address: (field, receiver)
        for field in ("bcc", "cc", "to")  # of several, the most open one stays
        for value in fields.all(field)
        for receiver in addresses(value)
    }
    if len(found) > _MOST_ADDRESSES:
        piece.note(TOO_MANY_ADDRESSES, len(found) - _MOST_ADDRESSES)
    return list(found.values())[:_MOST_ADDRESSES]


def _account_id(mailbox: Address) -> str:
    return f"{PLATFORM}:{mailbox.address}"


@lru_cache(maxsize=1 << 14)
def _account(mailbox: Address) -> Account:
    return Account(
        account_id=_account_id(mailbox),
        platform=PLATFORM,
        handle=mailbox.address,
        name=mailbox.name,
    )


# ---------------------------------------------------------------------------------------- content


def _text(found: list[Part]) -> tuple[str | None, list[Extract]]:
    """What is shown, and what its HTML holds; of several forms the plain one is the text."""
    shown = [(part, text_of(part.content, part.kind.charset)) for part in found if not part.is_file]
    plainly = {
        part.choice for part, text in shown if part.kind.mime == "text/plain" and text.strip()
    } - {None}
    texts: list[str] = []
    extracts: list[Extract] = []
    for part, text in shown:
        if part.kind.mime == "text/html":
            extracts.append(extract(text))
            if part.choice not in plainly:
                texts.append(extracts[-1].text)
        else:
            texts.append(text.strip("\n"))
    return "\n\n".join(filter(str.strip, texts)).rstrip() or None, extracts


def _medium(part: Part, post: Post) -> Media:
    """A file; its content is told apart by its SHA-256."""
    family = part.kind.mime.partition("/")[0]
    return Media(
        post_id=post.post_id,
        platform=PLATFORM,
        kind={"image": "photo", "video": "video", "audio": "audio"}.get(family, "file"),
        media_key=f"sha256:{hashlib.sha256(part.content).hexdigest()}",
        mime=part.kind.mime,
        name=part.name or None,
        size_bytes=len(part.content),
        posted_at=post.posted_at,
    )


EMAIL = Source(
    name="email",
    platform=PLATFORM,
    title="E-mail (mbox, .eml, Maildir)",
    files="*.mbox in its four variants, mbox.gz of public-inbox, *.eml, files of a Maildir",
    fills=(Post, Account, Channel, Interaction, Link, Media),
    time="The sender's clock with its offset (`Date`): exact in form, but the sender can set it.",
    terms="Mail is private correspondence, unless the archive of a list is public.",
    recognise=recognise,
    items=items,
    rows=rows,
    cut=cut,
)
