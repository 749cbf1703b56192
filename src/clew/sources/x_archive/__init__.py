"""What did the holder of an X account post, delete and like, by the archive that X gave out?

An archive is a zip of JavaScript files, `window.YTD.tweets.part0 = […]`. Only `account.js` says
whose it is; long posts stand in full in `note-tweet.js` alone.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache

from clew.contract import Capture, Piece, Sample, Source
from clew.errors import ItemError, SourceUnusable
from clew.formats.javascript_json import assigned_name, cut_assigned
from clew.formats.json_items import ItemDecoder
from clew.formats.json_stream import Wanted, slices
from clew.model.tables import (
    Account,
    Deletion,
    Interaction,
    InteractionKind,
    Link,
    Media,
    Post,
    Row,
)
from clew.model.times import TimeQuality, from_iso
from clew.sources.x_archive.messages import conversation_rows
from clew.sources.x_archive.posts import PLATFORM, Notes, beginning, tweet_rows, x_id
from clew.sources.x_archive.records import (
    Note,
    Other,
    Person,
    Profile,
    Record,
    RenamingOf,
    Tweet,
)

ACCOUNT = "account.js"
NOTES = ("note-tweet.js", "note-tweets.js")

_NAME = re.compile(r"window\.YTD\.([a-z_]{1,60})\.part\d{1,5}\Z")
_BARE = re.compile(rb'\[\s{0,40}\{\s{0,40}"(?!tweet")')
_WANTED = (Wanted(path=""),)
_RECORDS = ItemDecoder(Record)
_TWEETS = ItemDecoder(Tweet)


@dataclass(frozen=True)
class Options:
    """What to read of the archive."""

    direct_messages: bool = False  # private to two people: read only if the analyst says so


def recognise(sample: Sample) -> float:
    """By the variable that every file of an archive begins with."""
    name = assigned_name(sample.head)
    return 0.98 if name and _NAME.match(name) else 0.0


def cut(capture: Capture, options: Options) -> Iterator[Piece]:
    """Pieces of whole records."""
    return cut_assigned(capture, options, wanted=_WANTED)


def items(piece: Piece) -> Iterator[Record | ItemError]:
    """Each element of a file; a post in an archive of before 2019 stands there bare."""
    for part in slices(piece):
        if b'"full_text"' in part.data and _BARE.match(part.data):
            for tweet in _TWEETS.elements(part, piece):
                yield tweet if isinstance(tweet, ItemError) else Record(tweet=tweet)
        elif part.items:
            yield from _RECORDS.elements(part, piece)


def rows(item: Record, piece: Piece) -> Iterable[Row]:
    """What an element says. Raises ItemError for a time out of range."""
    holder_id = _holder_of(piece)
    if item.tweet:
        return list(tweet_rows(item.tweet, holder_id, _notes_of(piece), piece))
    if item.dm_conversation:
        return conversation_rows(item.dm_conversation, piece)
    found = list(_about_accounts(item, holder_id))
    if not found and item.note_tweet is None:
        piece.note("a record that no table has a place for: not read")
    return found


def _about_accounts(item: Record, holder_id: str | None) -> Iterator[Row]:
    if item.account:
        yield _person(item.account)
    if item.profile and holder_id:
        yield _profile(item.profile, holder_id)
    if item.like:
        yield _liked(item.like.tweet_id, holder_id)
    if item.screen_name_change:
        yield from _former(item.screen_name_change)
    if item.follower:
        yield _relation(InteractionKind.FOLLOW, _id_of(item.follower), holder_id)
    if item.following:
        yield _relation(InteractionKind.FOLLOW, holder_id, _id_of(item.following))
    if item.blocking:
        yield _relation(InteractionKind.BLOCK, holder_id, _id_of(item.blocking))


# ----------------------------------------------------------------------- what other files explain


def _holder_of(piece: Piece) -> str | None:
    """Whose archive it is; null, with a note, if `account.js` is not there."""
    if piece.capture.name.endswith(f"/{ACCOUNT}"):
        return None  # it says so itself
    holder_id = _holder(piece.beside[ACCOUNT]) if ACCOUNT in piece.beside else None
    if holder_id is None:
        piece.note("account.js is not beside it: whose archive this is, is not known")
    return holder_id


@lru_cache(maxsize=4)
def _holder(capture: Capture) -> str | None:
    people = (record.account for record in _records(capture) if record.account)
    person = next(people, None)
    return x_id(person.account_id) if person else None


_NO_NOTES: Notes = {}


def _notes_of(piece: Piece) -> Notes:
    """The words of its long posts."""
    return next((_notes(piece.beside[name]) for name in NOTES if name in piece.beside), _NO_NOTES)


@lru_cache(maxsize=4)
def _notes(capture: Capture) -> Notes:
    found: dict[str, list[Note]] = {}
    for record in _records(capture):
        if record.note_tweet:
            found.setdefault(beginning(record.note_tweet.core.text), []).append(record.note_tweet)
    return found


def _records(capture: Capture) -> Iterator[Record]:
    """The records of a file; what is wrong with it is said when it is read for itself."""
    try:
        for piece in cut(capture, Options()):
            yield from (record for record in items(piece) if isinstance(record, Record))
    except SourceUnusable:
        return


# -------------------------------------------------------------------------------------- accounts


def _person(person: Person) -> Account:
    return Account(
        account_id=x_id(person.account_id),
        platform=PLATFORM,
        handle=person.username or None,
        name=person.account_display_name or None,
        created_at=from_iso(person.created_at) if person.created_at else None,
    )


def _profile(profile: Profile, account_id: str) -> Account:
    said = profile.description
    return Account(
        account_id=account_id,
        platform=PLATFORM,
        description=(said and said.bio) or None,
        location_claimed=(said and said.location) or None,
        url=(said and said.website) or None,
        avatar_url=profile.avatar_media_url or None,
    )


def _former(renaming: RenamingOf) -> Iterator[Account]:
    """What it was called before."""
    handle = renaming.screen_name_change.changed_from
    if handle:
        yield Account(account_id=x_id(renaming.account_id), platform=PLATFORM, handle=handle)


def _liked(native: str, holder_id: str | None) -> Interaction:
    return Interaction(
        kind=InteractionKind.REACT,
        platform=PLATFORM,
        account_id=holder_id,
        target_post_id=x_id(native),
        time_quality=TimeQuality.MISSING,
        value="like",
    )


def _id_of(other: Other) -> str:
    return x_id(other.account_id)


def _relation(kind: InteractionKind, actor: str | None, target: str | None) -> Interaction:
    return Interaction(
        kind=kind,
        platform=PLATFORM,
        account_id=actor,
        target_account_id=target,
        time_quality=TimeQuality.MISSING,
    )


X_ARCHIVE = Source(
    name="x_archive",
    platform=PLATFORM,
    title="X account archive",
    files="the zip or folder of an archive: account.js, tweets.js, deleted-tweets.js, like.js…",
    fills=(Post, Deletion, Account, Interaction, Link, Media),
    time="The server's, in UTC, to the second (messages: to the millisecond).",
    terms="Given out by X to the holder of the account, who has to have handed it over.",
    recognise=recognise,
    items=items,
    rows=rows,
    cut=cut,
    beside=(ACCOUNT, *NOTES),
    options=Options,
)
