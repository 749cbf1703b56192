"""What did a member of LinkedIn post, comment and like, and whom do they know, by their archive?

An archive is a zip of CSV files, told by their columns. None but the owner's own acts are in it.
"""

from __future__ import annotations

import csv
import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

from clew.contract import Capture, Piece, Sample, Source
from clew.errors import ItemError, SourceUnusable
from clew.formats.csv_rows import csv_rows
from clew.formats.html_text import html_to_text
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
from clew.model.times import TimeQuality
from clew.sources.linkedin_export.cells import (
    PLATFORM,
    When,
    account,
    account_id,
    by_name,
    exact,
    full_name,
    post_number,
    when,
)

PROFILE, INVITATIONS = "Profile.csv", "Invitations.csv"

_COLUMNS = {
    "connections": {"First Name", "Last Name", "Connected On"},
    "messages": {"CONVERSATION ID", "FROM", "DATE", "CONTENT"},
    "shares": {"Date", "ShareLink", "ShareCommentary"},
    "invitations": {"From", "To", "Sent At", "Direction"},
    "profile": {"First Name", "Last Name", "Headline", "Geo Location"},
    "positions": {"Company Name", "Title", "Started On", "Finished On"},
    "comments": {"Date", "Link", "Message"},
    "reactions": {"Date", "Type", "Link"},
}
_BRIEF = ("comments", "reactions")  # their columns could be anybody's
_HEAD = 1 << 14
_PREAMBLE = 8  # lines


class Record(NamedTuple):
    """A row, and which file it is of."""

    file: str
    cells: dict[str, str]


@dataclass(frozen=True)
class Options:
    """What to read of the archive, and what it does not say."""

    direct_messages: bool = False  # private to two people: read only if the analyst says so
    owner: str = ""  # whose archive it is: the address of the profile, or a name


# ------------------------------------------------------------------------------------- recognition


def recognise(sample: Sample) -> float:
    """By the columns."""
    file = _file_of(sample.head)
    if file is None:
        return 0.0
    return 0.95 if file not in _BRIEF or b"linkedin." in sample.head else 0.0


def _file_of(head: bytes) -> str | None:
    """Which file of an archive begins so; notes may stand in front of the columns."""
    text = head[:_HEAD].removeprefix(b"\xef\xbb\xbf").decode(errors="replace")
    for line in text.split("\n", _PREAMBLE)[:_PREAMBLE]:
        try:
            row = next(csv.reader([line.rstrip("\r")]), [])
        except csv.Error:
            continue
        file = _file_with(row)
        if file:
            return file
    return None


def _file_with(row: list[str]) -> str | None:
    names = {name.strip() for name in row}
    return next((file for file, columns in _COLUMNS.items() if columns <= names), None)


def items(piece: Piece) -> Iterator[Record | ItemError]:
    """Each row. Raises SourceUnusable for a file that is none of an archive's."""
    with piece.open() as stream:
        file = _file_of(stream.read(_HEAD))
    if file is None:
        raise SourceUnusable("none of the files of a LinkedIn archive that are read")
    has_backslashes = file == "comments"
    rows_of_file = csv_rows(
        piece, header=lambda row: _file_with(row) == file, has_backslashes=has_backslashes
    )
    for row in rows_of_file:
        yield row if isinstance(row, ItemError) else Record(file, row)


def rows(item: Record, piece: Piece) -> Iterable[Row]:
    """What a row says. Raises ItemError for a time that is none."""
    return list(_ROWS[item.file](item.cells, piece))


# ---------------------------------------------------------------------------------- whose archive


def _owner_of(piece: Piece) -> str | None:
    """The owner: by the analyst, by an invitation beside it, or by name."""
    stated = piece.options.owner.strip()
    found = (account_id(stated) or by_name(stated)) if stated else None
    for name in (INVITATIONS, PROFILE):
        if found is None and name in piece.beside:
            found = _owner(piece.beside[name])
    if found is None:
        piece.note("whose archive this is, is not known: no profile beside it (--set owner=NAME)")
    return found


@lru_cache(maxsize=8)
def _owner(capture: Capture) -> str | None:
    """Whose archive a file is of; what is wrong with it is said when it is read for itself."""
    piece = Piece(capture=capture, options=Options())
    try:
        records = [record for record in items(piece) if isinstance(record, Record)]
    except SourceUnusable:
        return None
    return next(filter(None, map(_owner_in, records)), None)


def _owner_in(record: Record) -> str | None:
    cells = record.cells
    if record.file == "invitations":
        is_own = cells.get("Direction") == "OUTGOING"
        return account_id(cells.get("inviterProfileUrl" if is_own else "inviteeProfileUrl"))
    if record.file == "profile":
        return account_id(cells.get("Profile URL")) or by_name(full_name(cells))
    return None


# ------------------------------------------------------------------------------ posts and comments


def _digest(*content: str | None) -> str:
    text = "\n".join(part or "" for part in content).encode(errors="replace")
    return hashlib.sha256(text).hexdigest()[:20]


def _made(owner_id: str | None, piece: Piece, *content: str | None) -> str:
    """An id for what has none: of whose archive it is and of the row's words."""
    namespace = owner_id or f"{PLATFORM}:capture {piece.capture.capture_id[:32]}"
    return f"{namespace}/{_digest(*content)}"


def _share(cells: dict[str, str], piece: Piece) -> Iterator[Row]:
    owner_id = _owner_of(piece)
    link = cells.get("ShareLink")
    number = post_number(link)
    at = exact(when(cells.get("Date"), piece), number)
    text = cells.get("ShareCommentary")
    made = None if number else _made(owner_id, piece, "share", cells.get("Date"), text)
    post = Post(
        post_id=made or f"{PLATFORM}:{number}",
        platform=PLATFORM,
        kind=PostKind.POST,
        account_id=owner_id,
        text=text,
        url=link,
        **at.fields,  # type: ignore[arg-type]
    )
    yield post
    if shared := cells.get("SharedUrl"):
        yield Link(post_id=post.post_id, platform=PLATFORM, url=shared, posted_at=post.posted_at)
    if medium := cells.get("MediaUrl"):
        yield Media(
            post_id=post.post_id,
            platform=PLATFORM,
            kind="file",
            url=medium,
            posted_at=post.posted_at,
        )


def _comment(cells: dict[str, str], piece: Piece) -> Iterator[Row]:
    owner_id = _owner_of(piece)
    link, text = cells.get("Link"), cells.get("Message")
    number = post_number(link)
    answered = f"{PLATFORM}:{number}" if number else None
    at = when(cells.get("Date"), piece)
    post = Post(
        post_id=_made(owner_id, piece, "comment", cells.get("Date"), link, text),
        platform=PLATFORM,
        kind=PostKind.COMMENT,
        account_id=owner_id,
        thread_id=answered,
        text=text,
        url=link,
        **at.fields,  # type: ignore[arg-type]
    )
    yield post
    yield _act(InteractionKind.REPLY, at, owner_id, post, target_post_id=answered)


# -------------------------------------------------------------------------------------------- acts


def _act(
    kind: InteractionKind,
    at: When,
    actor: str | None,
    within: Post,
    *,
    target_account_id: str | None = None,
    target_name: str | None = None,
    target_post_id: str | None = None,
    value: str | None = None,
) -> Interaction:
    return Interaction(
        kind=kind,
        platform=PLATFORM,
        account_id=actor,
        target_account_id=target_account_id,
        target_name=target_name,
        post_id=within.post_id,
        target_post_id=target_post_id,
        happened_at=at.posted_at,
        time_quality=at.quality,
        value=value,
    )


def _notice(action: str, at: When, actor: str | None, name: str | None, post_id: str) -> Post:
    """What LinkedIn records of an act: acts have no column for a time without zone, posts have."""
    return Post(
        post_id=post_id,
        platform=PLATFORM,
        kind=PostKind.SERVICE,
        account_id=actor,
        author_name=None if actor else name,
        action=action,
        **at.fields,  # type: ignore[arg-type]
    )


def _reaction(cells: dict[str, str], piece: Piece) -> Iterator[Row]:
    owner_id = _owner_of(piece)
    date, kind, link = cells.get("Date"), cells.get("Type"), cells.get("Link")
    at = when(date, piece)
    said = _notice("reaction", at, owner_id, None, _made(owner_id, piece, kind, date, link))
    number = post_number(link)
    yield said
    yield _act(
        InteractionKind.REACT,
        at,
        owner_id,
        said,
        target_post_id=f"{PLATFORM}:{number}" if number else None,
        value=kind,
    )


def _connection(cells: dict[str, str], piece: Piece) -> Iterator[Row]:
    name, url, date = full_name(cells), cells.get("URL"), cells.get("Connected On")
    if name is None and url is None:
        piece.note("a connection that hides its profile: only its day is known")
        return
    owner_id = _owner_of(piece)
    at = when(date, piece)
    other = account_id(url) or by_name(name)
    work = ", ".join(filter(None, (cells.get("Position"), cells.get("Company")))) or None
    if other:
        yield account(other, name, description=work)
    said = _notice("connection", at, owner_id, None, _made(owner_id, piece, "connection", other))
    yield said
    for actor, target in ((owner_id, other), (other, owner_id)):
        yield _act(InteractionKind.FOLLOW, at, actor, said, target_account_id=target)


def _invitation(cells: dict[str, str], piece: Piece) -> Iterator[Row]:
    date = cells.get("Sent At")
    at = when(date, piece)
    sender, recipient = cells.get("From"), cells.get("To")
    by = account_id(cells.get("inviterProfileUrl")) or by_name(sender)
    toward = account_id(cells.get("inviteeProfileUrl")) or by_name(recipient)
    if by and sender:
        yield account(by, sender)
    if toward and recipient:
        yield account(toward, recipient)
    made = _made(by, piece, "invitation", date, sender, recipient)
    said = _notice("invitation", at, by, sender, made)
    yield said
    yield _act(
        InteractionKind.INVITE,
        at,
        by,
        said,
        target_account_id=toward,
        target_name=None if toward else recipient,
    )
    if "Message" in cells:
        piece.note("words of an invitation, private to two people: not read")


# ------------------------------------------------------------------------------------------- owner


def _profile(cells: dict[str, str], piece: Piece) -> Iterator[Row]:
    owner_id = _owner_of(piece) or _owner_in(Record("profile", cells))
    if owner_id:
        yield account(
            owner_id,
            full_name(cells),
            description=cells.get("Headline"),
            location_claimed=cells.get("Geo Location"),
            url=_website(cells.get("Websites")),
        )


def _website(text: str | None) -> str | None:
    """The first of `[PORTFOLIO:https://…,https://…]`."""
    start = (text or "").find("http")
    return (text or "")[start:].split(",")[0].rstrip("] ") if start >= 0 else None


def _position(cells: dict[str, str], piece: Piece) -> Iterator[Row]:
    owner_id, company = _owner_of(piece), cells.get("Company Name")
    if company is None:
        raise ItemError("unexpected structure", "a position without a company")
    channel_id = f"{PLATFORM}:company-name/{company}"
    span = " – ".join(cells.get(name, "") for name in ("Started On", "Finished On")).strip()
    yield Channel(channel_id=channel_id, platform=PLATFORM, kind="company", name=company)
    yield Interaction(
        kind=InteractionKind.JOIN,
        platform=PLATFORM,
        account_id=owner_id,
        target_channel_id=channel_id,
        time_quality=TimeQuality.MISSING,
        value=", ".join(filter(None, (cells.get("Title"), span.strip("– ") and span))) or None,
    )


# ---------------------------------------------------------------------------------------- messages


def _message(cells: dict[str, str], piece: Piece) -> Iterator[Row]:
    if not piece.options.direct_messages:
        piece.note("messages: not read (--set direct_messages=true)")
        return
    if cells.get("IS MESSAGE DRAFT", "No").lower() in ("yes", "true"):
        piece.note("a draft, which was not sent: not read")
        return
    conversation, date = cells.get("CONVERSATION ID"), cells.get("DATE")
    if conversation is None:
        raise ItemError("unexpected structure", "a message without conversation")
    at = when(date, piece)
    channel_id = f"{PLATFORM}:dm/{conversation}"
    name, content = cells.get("FROM"), cells.get("CONTENT")
    by = account_id(cells.get("SENDER PROFILE URL"))
    post = Post(
        post_id=f"{channel_id}/{_digest(name, date, content)}",
        platform=PLATFORM,
        kind=PostKind.MESSAGE,
        account_id=by,
        author_name=None if by else name,
        channel_id=channel_id,
        title=cells.get("SUBJECT"),
        text=_plain(content),
        **at.fields,  # type: ignore[arg-type]
    )
    title, folder = cells.get("CONVERSATION TITLE"), cells.get("FOLDER")
    yield Channel(channel_id=channel_id, platform=PLATFORM, kind=folder, name=title)
    yield post
    if by and name:
        yield account(by, name)
    for url in cells.get("RECIPIENT PROFILE URLS", "").split(","):
        if whom := account_id(url):
            yield account(whom, None)
    for address in cells.get("ATTACHMENTS", "").split(","):
        if address.strip():
            yield Media(
                post_id=post.post_id,
                platform=PLATFORM,
                kind="file",
                url=address.strip(),
                posted_at=post.posted_at,
            )


def _plain(content: str | None) -> str | None:
    """Advertisements, and messages of some years, are HTML."""
    is_html = content is not None and content.lstrip().startswith(("<p", "<div", "<span", "<br"))
    return (html_to_text(content or "") if is_html else content) or None


_ROWS = {
    "connections": _connection,
    "messages": _message,
    "shares": _share,
    "invitations": _invitation,
    "profile": _profile,
    "positions": _position,
    "comments": _comment,
    "reactions": _reaction,
}

LINKEDIN_EXPORT = Source(
    name="linkedin_export",
    platform=PLATFORM,
    title="LinkedIn data archive",
    files="the zip or folder of an archive: Shares.csv, Comments.csv, Connections.csv…",
    fills=(Post, Account, Channel, Interaction, Link, Media),
    time=(
        "Messages: UTC. Shares: UTC, from the post's number. All else: local time of a zone that "
        "is not recorded; of connections the day only."
    ),
    terms="Given out by LinkedIn to the holder of the account, who has to have handed it over.",
    recognise=recognise,
    items=items,
    rows=rows,
    beside=(INVITATIONS, PROFILE),
    options=Options,
)
