"""What does an entry of a list of Instagram's say, or of a list with labels?

Labels are in the language of the account. Where one is not known, the form or the order of the
values tells, or it is left out and noted.
"""

from __future__ import annotations

from collections.abc import Iterator

from clew.contract import Piece
from clew.formats.meta_text import repaired
from clew.model.tables import Account, Channel, InteractionKind, Post, PostKind, Row
from clew.sources.meta_posts.acts import (
    PLATFORM,
    Whose,
    account,
    account_id,
    act,
    file_name,
    made_id,
    media,
    moment,
    notice,
    post_at,
    quality,
)
from clew.sources.meta_posts.records import Entry, Labelled, Medium, Told

# English, Dutch, German, French, Spanish, Vietnamese.
_USERNAME = frozenset(
    ("Username", "Gebruikersnaam", "Benutzername", "Nom d’utilisateur", "Nombre de usuario")
)
_NAME = frozenset(("Name", "Naam", "Nom", "Nombre", "Tên"))
_BIO = frozenset(("Bio", "Steckbrief"))
_COMMENT = frozenset(("Comment", "Opmerking", "Kommentar", "Commentaire", "Comentario"))
_MEDIA_OWNER = frozenset(("Media Owner", "Media-eigenaar"))
_OWNER = frozenset(("Owner", "Author", "Eigenaar", "Auteur", "Autor", "Tác giả"))
_GROUP = frozenset(("Group", "Groep", "Gruppe", "Groupe", "Grupo", "Nhóm"))

UNKNOWN = "a label in a language that is not known: whom it names is not read"
BY_ORDER = "labels in a language that is not known: words told from the name by their order"


def handle(text: str | None) -> str | None:
    """A handle as accounts of Instagram are named here."""
    return f"@{text.strip().removeprefix('@')}" if text and text.strip(" @") else None


def post_rows(entry: Entry, whose: Whose) -> Iterator[Row]:
    """A post, story or reel. One with a single picture has its words there."""
    files = entry.media or ([Medium(uri=entry.uri)] if entry.uri else [])
    first = files[0] if files else Medium()
    at = moment(entry.creation_timestamp or first.creation_timestamp)
    text = repaired(entry.title or first.title)
    post = Post(
        post_id=made_id(whose.namespace, at, text, *(file_name(it) for it in files)),
        platform=PLATFORM,
        kind=PostKind.POST,
        account_id=whose.owner_id,
        posted_at=at,
        time_quality=quality(at),
        text=text,
    )
    yield post
    yield from media(files, post)


def comment_rows(entry: Entry, whose: Whose, piece: Piece) -> Iterator[Row]:
    """A comment of the owner, and under whose post."""
    values = {repaired(label): told for label, told in (entry.string_map_data or {}).items()}
    if values:
        said, owner = _said(values, piece)
        at = moment(max((told.timestamp or 0 for told in values.values()), default=0))
    else:
        told = (entry.string_list_data or [Told()])[0]
        said, owner, at = repaired(told.value), repaired(entry.title), moment(told.timestamp)
    native = handle(owner)
    post = Post(
        post_id=made_id(whose.namespace, at, said, native),
        platform=PLATFORM,
        kind=PostKind.COMMENT,
        account_id=whose.owner_id,
        posted_at=at,
        time_quality=quality(at),
        text=said,
    )
    yield post
    if native:
        yield account(native)
        yield act(
            InteractionKind.REPLY,
            at,
            account_id=whose.owner_id,
            target_account_id=account_id(native),
            post_id=post.post_id,
        )


def _said(values: dict[str | None, Told], piece: Piece) -> tuple[str | None, str | None]:
    """The words of a comment, and whose post it is under."""
    texts = {label: repaired(told.value) for label, told in values.items() if told.value}
    said = next((text for label, text in texts.items() if label in _COMMENT), None)
    owner = next((text for label, text in texts.items() if label in _MEDIA_OWNER), None)
    others = [text for label, text in texts.items() if label not in _COMMENT | _MEDIA_OWNER]
    if others:
        piece.note(BY_ORDER)
        if said is None:
            said = others.pop(0)
        if owner is None and others:
            owner = others.pop(0)
    return said, owner


def like_rows(entry: Entry, whose: Whose) -> Iterator[Row]:
    """A like of a post, a comment or a story: whose, by handle, and where."""
    native = handle(repaired(entry.title))
    for told in entry.string_list_data or ():
        at = moment(told.timestamp)
        target = post_at(told.href)
        said = None if target else notice(whose, at, None, native)
        if said:
            yield said
        yield act(
            InteractionKind.REACT,
            at,
            account_id=whose.owner_id,
            target_account_id=account_id(native),
            post_id=said.post_id if said else None,
            target_post_id=target,
            value=repaired(told.value) or "like",
        )
    if native:
        yield account(native)


def named(entry: Entry) -> tuple[str | None, int | None]:
    """The handle that an entry of a list of accounts is about, and since when."""
    told = (entry.string_list_data or [Told()])[0]
    return handle(repaired(told.value or entry.title)), told.timestamp


# ------------------------------------------------------------------------------ values with labels


def labelled_rows(entry: Entry, whose: Whose, piece: Piece) -> Iterator[Row]:
    """A reaction in the form of since about 2024, of either platform."""
    at = moment(entry.timestamp)
    labels = entry.label_values or []
    url = next((it.href for it in labels if it.href), None)
    plain = (it.value for it in labels if it.value and not it.href and "://" not in it.value[:16])
    value = repaired(next(plain, None))
    native, group = _meant(labels, piece)
    target = post_at(url)
    said = None if target else notice(whose, at, None, native, value)
    if said:
        yield said
    channel_id = f"{PLATFORM}:group/{group}" if group else None
    yield act(
        InteractionKind.REACT,
        at,
        account_id=whose.owner_id,
        target_account_id=account_id(native),
        post_id=said.post_id if said else None,
        target_post_id=target,
        channel_id=channel_id,
        value=value or "like",
    )
    if native:
        yield account(native)
    if channel_id:
        yield Channel(channel_id=channel_id, platform=PLATFORM, kind="group", name=group)


def _meant(labels: list[Labelled], piece: Piece) -> tuple[str | None, str | None]:
    """Whose post it was, by name or `@handle`, and in which group."""
    native = group = None
    for part in labels:
        if not part.inside:
            continue
        title = repaired(part.title)
        values = list(_values(part.inside))
        name = next((it for label, it in values if label in _NAME), None)
        username = next((it for label, it in values if label in _USERNAME), None)
        if title in _GROUP:
            group = group or name
        elif title in _OWNER and (name or username):
            native = native or handle(username) or name
        else:
            piece.note(UNKNOWN)
    return native, group


def _values(parts: list[Labelled]) -> Iterator[tuple[str | None, str]]:
    """Label and value of all that is inside, in order."""
    waiting = list(reversed(parts))
    while waiting:
        part = waiting.pop()
        value = repaired(part.value)
        if value:
            yield repaired(part.label), value
        waiting += reversed(part.inside or ())


def profile_rows(entry: Entry) -> Iterator[Account]:
    """The owner; none, if the labels are in a language that is not known."""
    values = {
        repaired(label): repaired(told.value)
        for label, told in (entry.string_map_data or {}).items()
    }

    def of(labels: frozenset[str]) -> str | None:
        return next((value for label, value in values.items() if label in labels and value), None)

    native = handle(of(_USERNAME))
    if native:
        yield Account(
            account_id=f"{PLATFORM}:{native}",
            platform=PLATFORM,
            handle=native[1:],
            name=of(_NAME),
            description=of(_BIO),
        )
