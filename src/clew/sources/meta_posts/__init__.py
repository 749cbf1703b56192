"""What did a member of Facebook or Instagram post, say, like and follow, by Meta's download?

A download is a folder of JSON files, each a list under a name (`comments_v2`) or a bare one.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import PurePosixPath
from typing import NamedTuple

from clew.contract import Capture, Piece, Sample, Source
from clew.errors import ItemError, SourceUnusable
from clew.formats.json_items import ItemDecoder
from clew.formats.json_stream import Wanted, cut_json, slices
from clew.model.tables import Account, Channel, Interaction, InteractionKind, Link, Media, Post, Row
from clew.sources.meta_posts import facebook, instagram
from clew.sources.meta_posts.acts import PLATFORM, Whose, account, account_id, act, moment
from clew.sources.meta_posts.records import Entry, Profile

PROFILES = (
    "profile_information.json",
    "profile_information/profile_information.json",
    "personal_information/profile_information/profile_information.json",
    "personal_information.json",
    "personal_information/personal_information.json",
    "personal_information/personal_information/personal_information.json",
)

_BOTH, _OUT, _IN = "both", "out", "in"


class Relation(NamedTuple):
    """What a list of names says: which act, by whom, and which word for it."""

    kind: InteractionKind
    direction: str
    value: str | None = None


_RELATIONS = {
    "friends": Relation(InteractionKind.FOLLOW, _BOTH),
    "received_requests": Relation(InteractionKind.INVITE, _IN, "friend request"),
    "sent_requests": Relation(InteractionKind.INVITE, _OUT, "friend request"),
    "rejected_requests": Relation(InteractionKind.INVITE, _IN, "friend request, rejected"),
    "deleted_friends": Relation(InteractionKind.REMOVE, _OUT, "friend"),
    "followers": Relation(InteractionKind.FOLLOW, _IN),
    "following": Relation(InteractionKind.FOLLOW, _OUT),
    "pages_followed": Relation(InteractionKind.FOLLOW, _OUT, "page"),
    "page_likes": Relation(InteractionKind.REACT, _OUT, "page liked"),
    "blocked_users": Relation(InteractionKind.BLOCK, _OUT),
    "relationships_followers": Relation(InteractionKind.FOLLOW, _IN),
    "relationships_following": Relation(InteractionKind.FOLLOW, _OUT),
    "relationships_follow_requests_sent": Relation(InteractionKind.INVITE, _OUT, "follow request"),
    "relationships_blocked_users": Relation(InteractionKind.BLOCK, _OUT),
}
_LIKES = (
    "likes_media_likes",
    "likes_comment_likes",
    "story_activities_story_likes",
    "story_activities_emoji_sliders",
)
_SHOWN = ("ig_stories", "ig_reels_media", "ig_archived_post_media")
_SAID = ("comments_media_comments", "comments_reels_comments")
_GROUPS = ("groups_joined", "groups_admined")
_EVENTS = ("events_joined", "events_declined", "events_interested", "events_invited", "your_events")
_WRITTEN = ("comments", "group_comments", "group_posts", "posts")
_FILES = ("photos", "other_photos", "videos")
_PROFILES = ("profile", "profile_v2")

_LISTS = (*_RELATIONS, *_LIKES, *_SHOWN, *_SAID, *_GROUPS, *_EVENTS, *_WRITTEN, *_FILES)
_LISTS += ("reactions", "profile_user")
_NAMES = frozenset(version for name in _LISTS for version in (name, f"{name}_v2"))
_ANSWERS = tuple(
    f"{around}.{name}" for around in ("event_responses", "event_responses_v2") for name in _EVENTS
)
_OBJECT = (
    *(Wanted(path=name) for name in sorted(_NAMES)),
    *(Wanted(path=path) for path in _ANSWERS),
    *(Wanted(path=name, whole=True) for name in _PROFILES),
)
_ARRAY = (Wanted(path=""),)

_ENTRIES = ItemDecoder(Entry)
_PROFILE = ItemDecoder(Profile)

_Item = tuple[str, Entry | Profile]


@dataclass(frozen=True)
class Options:
    """What the files themselves do not say."""

    owner: str = ""  # whose download it is: the name on Facebook, or @handle on Instagram


# ------------------------------------------------------------------------------------- recognition

_FIRST = re.compile(rb'\s{0,40}\{\s{0,40}"([a-z_0-9]{3,60})"\s{0,4}:\s{0,4}[\[{]')
_ALBUM = re.compile(rb'\s{0,40}\{\s{0,40}"name"\s{0,4}:')
_SECONDS = re.compile(rb'"(?:creation_)?timestamp"\s{0,4}:\s{0,4}\d{1,10}\s{0,4}[,}\s]')
_INSTAGRAM = (b'"string_list_data"', b'"string_map_data"', b'"label_values"')
_FACEBOOK = (b'"attachments"', b'"post"', b'"update_timestamp"', b'"external_context"')


def recognise(sample: Sample) -> float:
    """By the name of its list and the names of the fields in it."""
    head = sample.head.removeprefix(b"\xef\xbb\xbf").lstrip()
    if head.startswith(b"["):
        return _recognised_list(head)
    first = _FIRST.match(head)
    name = first[1].decode() if first else ""
    if name in _PROFILES:
        return 0.9 if b'"full_name"' in head else 0.0
    if name.removesuffix("_v2") in ("event_responses", *_EVENTS):
        return 0.9 if b'"start_timestamp"' in head else 0.0
    is_album = bool(_ALBUM.match(head)) and b'"photos"' in head and b'"uri"' in head
    if not (name in _NAMES or is_album) or not _SECONDS.search(head):
        return 0.0
    if name.endswith("_v2") or any(sign in head for sign in _INSTAGRAM):
        return 0.95
    signs = (b'"title"', b'"name"', b'"uri"', b'"author"')
    return 0.7 if any(sign in head for sign in signs) else 0.0


def _recognised_list(head: bytes) -> float:
    if not _SECONDS.search(head):
        return 0.0
    if any(sign in head for sign in _INSTAGRAM):
        return 0.95
    if b'"media"' in head and b'"creation_timestamp"' in head and b'"uri"' in head:
        return 0.8
    is_facebook = b'"timestamp"' in head and sum(sign in head for sign in _FACEBOOK) >= 2
    return 0.8 if is_facebook else 0.0


def cut(capture: Capture, options: Options) -> Iterator[Piece]:
    """Pieces of whole entries. Raises SourceUnusable if no list of Meta's is there."""
    with capture.open() as stream:
        head = stream.read(1 << 10).removeprefix(b"\xef\xbb\xbf").lstrip()
    return cut_json(capture, options, wanted=_ARRAY if head.startswith(b"[") else _OBJECT)


def items(piece: Piece) -> Iterator[_Item | ItemError]:
    """Each entry, with the name of its list; that of a bare list is made from the file's."""
    for part in slices(piece):
        section = part.path[-1].removesuffix("_v2") if part.path else ""
        if section in _PROFILES:
            profile = _PROFILE.decode(part.data, piece)
            yield profile if isinstance(profile, ItemError) else (section, profile)
        elif part.items:
            for entry in _ENTRIES.elements(part, piece):
                if isinstance(entry, ItemError):
                    yield entry
                else:
                    yield section or _of_file(entry, piece.capture.name), entry


def _of_file(entry: Entry, name: str) -> str:
    """Which list a bare one is; empty: not known."""
    name = PurePosixPath(name).name.lower()
    if entry.label_values is not None:
        return "labelled" if "like" in name or "reaction" in name else ""
    if entry.string_list_data is not None:
        found = (it for it in ("followers", "following") if name.startswith(it))
        return next((f"relationships_{it}" for it in found), "")
    if entry.string_map_data is not None:
        return "comments_media_comments" if "comment" in name else ""
    if entry.uri is not None:
        return "photos"
    return "ig_stories" if entry.media is not None else "posts"


# ---------------------------------------------------------------------------------------- dispatch


def rows(item: _Item, piece: Piece) -> Iterable[Row]:
    """What an entry says. Raises ItemError for a time out of range."""
    section, entry = item
    if isinstance(entry, Profile):
        return list(facebook.profile_rows(entry))
    if section == "profile_user":
        found = list(instagram.profile_rows(entry))
        if not found:
            piece.note("profile with labels in a language that is not known: not read")
        return found
    if not section:
        piece.note("a list that neither it nor its file's name tells: not read")
        return []
    return list(_rows(entry, _whose(section, piece), piece))


def _rows(entry: Entry, whose: Whose, piece: Piece) -> Iterator[Row]:
    section = whose.section
    if section in _RELATIONS:
        yield from _relation(entry, whose)
    elif section in _WRITTEN:
        yield from facebook.post_rows(entry, whose)
    elif section in _FILES:
        yield from facebook.file_rows(entry, whose)
    elif section == "reactions":
        yield from facebook.reaction_rows(entry, whose)
    elif section in _GROUPS:
        yield from facebook.group_rows(entry, whose)
    elif section in _EVENTS:
        yield from facebook.event_rows(entry, whose)
    elif section in _SHOWN:
        yield from instagram.post_rows(entry, whose)
    elif section in _SAID:
        yield from instagram.comment_rows(entry, whose, piece)
    elif section in _LIKES:
        yield from instagram.like_rows(entry, whose)
    else:
        yield from instagram.labelled_rows(entry, whose, piece)


def _relation(entry: Entry, whose: Whose) -> Iterator[Row]:
    relation = _RELATIONS[whose.section]
    name, seconds = facebook.named(entry), entry.timestamp
    if entry.string_list_data is not None:
        name, seconds = instagram.named(entry)
    if name is None:
        raise ItemError("unexpected structure", "an entry without a name")
    yield account(name)
    for direction in (_OUT, _IN) if relation.direction == _BOTH else (relation.direction,):
        by, toward = whose.owner_id, account_id(name)
        if direction == _IN:
            by, toward = toward, by
        yield act(
            relation.kind,
            moment(seconds),
            account_id=by,
            target_account_id=toward,
            value=relation.value,
        )


# -------------------------------------------------------------------------------- whose download


def _whose(section: str, piece: Piece) -> Whose:
    """The owner, as the analyst or the profile beside it says."""
    owner_id = account_id(piece.options.owner.strip()) or _owner_beside(piece)
    if owner_id is None:
        piece.note("whose download this is, is not known: no profile beside it (--set owner=NAME)")
        return Whose(None, f"{PLATFORM}:capture {piece.capture.capture_id[:32]}", section)
    return Whose(owner_id, owner_id, section)


def _owner_beside(piece: Piece) -> str | None:
    for name in ("profile_information.json", "personal_information.json"):
        if name in piece.beside and (owner_id := _owner(piece.beside[name])):
            return owner_id
    return None


@lru_cache(maxsize=4)
def _owner(capture: Capture) -> str | None:
    """Whom a profile is of; what is wrong with it is said when it is read for itself."""
    try:
        for piece in cut(capture, Options()):
            for item in items(piece):
                found = [] if isinstance(item, ItemError) else _profile(item)
                if found:
                    return found[0].account_id
    except (SourceUnusable, ItemError):
        return None
    return None


def _profile(item: _Item) -> list[Account]:
    section, entry = item
    if isinstance(entry, Profile):
        return list(facebook.profile_rows(entry))
    return list(instagram.profile_rows(entry)) if section == "profile_user" else []


META_POSTS = Source(
    name="meta_posts",
    platform=PLATFORM,
    title="Facebook and Instagram posts, comments, reactions (download your information)",
    files="the zip or folder of a download in JSON: posts, comments, likes, friends, followers…",
    fills=(Post, Account, Channel, Interaction, Link, Media),
    time="UTC: Meta's, to the second; a post's author may have put it in the past.",
    terms="Given out by Meta to the holder of the account, who has to have handed it over.",
    recognise=recognise,
    items=items,
    rows=rows,
    cut=cut,
    beside=PROFILES,
    options=Options,
)
