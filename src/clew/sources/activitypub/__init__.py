"""What do ActivityPub objects say: an account's archive, an outbox, single activities and posts?

Almost every property may be a value, an address, an object or a list of these, and servers differ.
So records are decoded without types, and each property is looked at when it is read. Posts are
named by their `id`, accounts as the source `mastodon_api` names them, so that both agree.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

import msgspec

from clew.contract import Capture, NoOptions, Piece, Sample, Source
from clew.errors import ItemError
from clew.formats.html_text import Extract, extract
from clew.formats.json_items import ItemDecoder
from clew.formats.json_records import cut_records, records
from clew.model.tables import (
    Account,
    Deletion,
    Interaction,
    InteractionKind,
    Link,
    Media,
    Post,
    PostKind,
    Row,
)
from clew.sources.activitypub.values import (
    PLATFORM,
    Object,
    account_id_at,
    count,
    every,
    host,
    inside,
    inside_dict,
    moment_of,
    named,
    page,
    point,
    post_id_of,
    ref,
    total,
    word,
)

_LISTS = ("orderedItems", "items", "first.orderedItems", "first.items")

_KINDS = {"Article": PostKind.ARTICLE} | dict.fromkeys(
    ("Note", "Question", "Page", "Video", "Audio", "Image", "Event", "Document"), PostKind.POST
)
_ACTORS = {"Person": False, "Service": True, "Application": True} | dict.fromkeys(
    ("Group", "Organization")
)
"""Types of accounts, and whether they say that nobody is behind them."""


_RECORDS: ItemDecoder[Object | str] = ItemDecoder(Object | str)  # type: ignore[arg-type]

# ------------------------------------------------------------------------------- taking it apart


def cut(capture: Capture, options: NoOptions) -> Iterator[Piece]:
    """Pieces of whole objects."""
    return cut_records(capture, options, lists=_LISTS)


def items(piece: Piece) -> Iterator[Object | str | ItemError]:
    """Each activity, post and account; of some only an address is given."""
    for record in records(piece):
        yield _RECORDS.decode(record.text, piece)


# ----------------------------------------------------------------------------- what a record says


def rows(item: Object | str, piece: Piece) -> Iterator[Row]:
    """The rows of an activity, a post or an account."""
    if isinstance(item, str):
        piece.note("addresses of objects that are not in the file")
        return
    kind = word(item.type)
    if kind in _KINDS:
        yield from _post(item, None, piece)
    elif kind in _ACTORS:
        yield _account(item)
    elif kind == "Tombstone":
        yield _deletion(post_id_of(item), item)
    elif kind in _ACTIVITIES:
        actor = inside(item.actor)
        if actor is not None and ref(actor):
            yield _account(actor)
        yield from _ACTIVITIES[kind](item, piece)
    else:
        piece.note(f"{(kind or 'objects without a type')[:40]}: not read")


def _carried(activity: Object, piece: Piece) -> Iterator[Row]:
    """What was made or changed."""
    inner = inside(activity.object)
    kind = None if inner is None else word(inner.type)
    if inner is not None and kind in _KINDS:
        yield from _post(inner, activity, piece)
    elif inner is not None and kind in _ACTORS:
        yield _account(inner)
    else:
        piece.note("activities whose object is not in the file")


def _announced(activity: Object, piece: Piece) -> Iterator[Row]:
    """A repost; groups announce what others did, too."""
    inner = inside(activity.object)
    kind = None if inner is None else word(inner.type)
    if inner is not None and kind in _ACTIVITIES and kind != "Announce":
        yield from _ACTIVITIES[kind](inner, piece)
        return
    original = ref(activity.object)
    by = None
    words = None
    if inner is not None and kind in _KINDS and original:
        by = _author(inner)
        words = _body(inner).text or None
        yield from _post(inner, None, piece)
    moment = moment_of(activity.published)
    post_id = post_id_of(activity)
    yield Post(
        post_id=post_id,
        platform=PLATFORM,
        kind=PostKind.REPOST,
        account_id=account_id_at(ref(activity.actor)),
        repost_of_post_id=named(original),
        posted_at=moment.at,
        time_quality=moment.quality,
        local_time=moment.local,
        text=words,
    )
    yield _act(activity, InteractionKind.REPOST, whom=by, what=original, post_id=post_id)


def _deleted(activity: Object, _piece: Piece) -> Iterator[Row]:
    gone = ref(activity.object)
    if gone is None:
        raise ItemError("deletion of nothing", repr(activity.id)[:80])
    if gone == ref(activity.actor):
        yield Account(account_id=account_id_at(gone) or "", platform=PLATFORM, is_deleted=True)
        return
    yield _deletion(f"{PLATFORM}:{gone}", inside(activity.object) or activity, activity)


def _undone(activity: Object, piece: Piece) -> Iterator[Row]:
    """A repost that was taken back is gone; other acts have no row that could be."""
    inner = inside(activity.object)
    if inner is not None and word(inner.type) == "Announce" and ref(inner):
        yield _deletion(post_id_of(inner), activity)
    else:
        piece.note("acts taken back that are no posts: not read")


def _liked(activity: Object, _piece: Piece) -> Iterator[Row]:
    value = word(activity.content) or (word(activity.type) or "").lower()
    inner = inside(activity.object)
    by = None if inner is None else _author(inner)
    yield _act(activity, InteractionKind.REACT, whom=by, what=ref(activity.object), value=value)


def _followed(activity: Object, _piece: Piece) -> Iterator[Row]:
    for followed in every(activity.object):
        yield _act(activity, InteractionKind.FOLLOW, whom=account_id_at(ref(followed)))


_ACTIVITIES: dict[str, Callable[[Object, Piece], Iterator[Row]]] = {
    "Create": _carried,
    "Update": _carried,
    "Announce": _announced,
    "Delete": _deleted,
    "Undo": _undone,
    "Like": _liked,
    "Dislike": _liked,
    "EmojiReact": _liked,
    "Follow": _followed,
}


def _act(
    activity: Object,
    kind: InteractionKind,
    *,
    whom: str | None = None,
    what: str | None = None,
    post_id: str | None = None,
    value: str | None = None,
) -> Interaction:
    moment = moment_of(activity.published)
    return Interaction(
        kind=kind,
        platform=PLATFORM,
        account_id=account_id_at(ref(activity.actor)),
        target_account_id=whom,
        post_id=post_id,
        target_post_id=named(what),
        happened_at=moment.at,
        time_quality=moment.quality,
        value=value,
    )


def _deletion(post_id: str, *said: Object) -> Deletion:
    """Who deleted a post and when, as the first that says it has it."""
    times = [moment_of(it.deleted or it.published).at for it in said if word(it.type) not in _KINDS]
    who = [account_id_at(ref(it.actor or it.attributed_to)) for it in said]
    return Deletion(
        post_id=post_id,
        platform=PLATFORM,
        deleted_at=next((at for at in times if at is not None), None),
        account_id=next(filter(None, who), None),
    )


# ------------------------------------------------------------------------------------------ posts


def _post(item: Object, activity: Object | None, piece: Piece) -> Iterator[Row]:
    author = _author(item) or account_id_at(ref(activity.actor) if activity else None)
    for person in map(inside, every(item.attributed_to)):
        if person is not None and ref(person):
            yield _account(person)
    body = _body(item)
    moment = moment_of(item.published or (activity and activity.published))
    mentions, hashtags = _tagged(item)
    place = inside_dict(item.location)
    answered = ref(item.in_reply_to)
    quoted = ref(item.quote or item.quote_url or item.quote_uri or item.misskey_quote)
    latitude, longitude = point(place, piece)
    languages = item.content_map if isinstance(item.content_map, dict) else {}
    post = Post(
        post_id=post_id_of(item),
        platform=PLATFORM,
        kind=_KINDS[word(item.type) or ""],
        account_id=author,
        reply_to_post_id=named(answered),
        quote_of_post_id=named(quoted),
        posted_at=moment.at,
        time_quality=moment.quality,
        local_time=moment.local,
        edited_at=moment_of(item.updated).at,
        title=word(item.name) or word(item.summary),
        text=body.text or None,
        url=page(item.url),
        language_claimed=next(iter(languages)) or None if len(languages) == 1 else None,
        client=word(inside_dict(item.generator).get("name")),
        like_count=total(item.likes),
        reply_count=total(item.replies),
        repost_count=total(item.shares),
        tags=msgspec.json.encode(hashtags).decode() if hashtags else None,
        latitude=latitude,
        longitude=longitude,
        place=word(place.get("name")),
    )
    yield post
    acts: list[tuple[InteractionKind, str | None, str | None]] = [
        (InteractionKind.MENTION, whom, None) for whom in mentions.values()
    ]
    if quoted:
        acts.insert(0, (InteractionKind.QUOTE, None, quoted))
    if answered:
        acts.insert(0, (InteractionKind.REPLY, None, answered))
    for kind, whom, what in acts:
        yield Interaction(
            kind=kind,
            platform=PLATFORM,
            account_id=author,
            target_account_id=whom,
            post_id=post.post_id,
            target_post_id=named(what),
            happened_at=moment.at,
            time_quality=moment.quality,
        )
    yield from _links(item, body, post, {*mentions, *(f"#{tag}".lower() for tag in hashtags)})
    yield from _media(item, post)


def _links(item: Object, body: Extract, post: Post, names: set[str]) -> Iterator[Link]:
    """The links of the text that lead to no tag and no mentioned account, and attached ones."""
    found: dict[str, str | None] = {
        href: text for href, text in body.links if _short_name(text or "") not in names
    }
    for link in every(item.attachment):
        if isinstance(link, dict) and link.get("type") == "Link" and (href := ref(link)):
            found[href] = word(link.get("name"))
    for url, title in found.items():
        yield Link(
            post_id=post.post_id,
            platform=PLATFORM,
            url=url,
            title=title,
            posted_at=post.posted_at,
        )


_MEDIA = {"image": "photo", "video": "video", "audio": "audio"}


def _media(item: Object, post: Post) -> Iterator[Media]:
    attached = [medium for medium in every(item.attachment) if isinstance(medium, dict)]
    if word(item.type) in ("Video", "Audio"):  # the files are among its addresses
        streams = (link for link in every(item.url) if isinstance(link, dict))
        attached += [link for link in streams if _medium_kind(link)][:1]
    for medium in attached:
        kind = _medium_kind(medium)
        if kind is None:
            continue
        address = page(medium.get("url")) or word(medium.get("href"))
        is_inside = bool(address) and (address or "").startswith("/")  # of the archive
        yield Media(
            post_id=post.post_id,
            platform=PLATFORM,
            kind=kind,
            url=None if is_inside else address,
            path=address if is_inside else None,
            mime=word(medium.get("mediaType")),
            width_px=count(medium.get("width")),
            height_px=count(medium.get("height")),
            alt_text=word(medium.get("name")) or word(medium.get("summary")),
            posted_at=post.posted_at,
        )
    choices = [
        word(inside_dict(choice).get("name")) for choice in every(item.one_of or item.any_of)
    ]
    if choices:
        yield Media(
            post_id=post.post_id,
            platform=PLATFORM,
            kind="poll",
            alt_text="\n".join(filter(None, choices)) or None,
            posted_at=post.posted_at,
        )


def _medium_kind(medium: dict[str, Any]) -> str | None:
    """Clew's word for a medium; None: it is none."""
    kind = (word(medium.get("mediaType")) or "").partition("/")[0]
    if kind in _MEDIA:
        return _MEDIA[kind]
    stated = (word(medium.get("type")) or "").lower()
    return _MEDIA.get(stated) or ("file" if stated == "document" else None)


def _body(item: Object) -> Extract:
    """Text and links; only some servers' videos and articles are not HTML but Markdown."""
    content = word(item.content)
    if content is None and isinstance(item.content_map, dict):
        content = next(filter(None, map(word, item.content_map.values())), None)
    if (word(item.media_type) or "").startswith("text/") and item.media_type != "text/html":
        return Extract(content or "", [], [])
    return extract(content or "")


def _tagged(item: Object) -> tuple[dict[str, str | None], list[str]]:
    """Mentioned accounts by the short name that the text has of them, and hashtags without #."""
    mentions: dict[str, str | None] = {}
    hashtags: list[str] = []
    for tag in every(item.tag):
        match tag:
            case {"type": "Mention", "href": str(href)}:
                mentions[_short_name(word(tag.get("name")) or href)] = account_id_at(href)
            case {"type": "Hashtag" | "Tag", "name": str(name)} if name.strip("#"):
                hashtags.append(name.removeprefix("#"))
    return mentions, hashtags


def _short_name(text: str) -> str:
    """`@name` of `@name@host`, in small letters."""
    return text[:1].lower() + text[1:].partition("@")[0].lower()


# --------------------------------------------------------------------------------------- accounts


def _account(item: Object) -> Account:
    address = ref(item) or ""
    account_id = account_id_at(address)
    if account_id is None:
        raise ItemError("account without id", repr(item.name)[:80])
    username = word(item.preferred_username)
    fields = [inside_dict(field) for field in every(item.attachment)]
    links = (
        link.href for field in fields for link in extract(word(field.get("value")) or "").links
    )
    return Account(
        account_id=account_id,
        platform=PLATFORM,
        handle=f"{username}@{host(address)}".lower() if username else None,
        name=word(item.name),
        description=extract(word(item.summary) or "").text or None,
        url=next(links, None),
        avatar_url=page(item.icon),
        created_at=moment_of(item.published).at,
        is_bot=_ACTORS.get(word(item.type) or ""),
        is_deleted=True if item.suspended is True else None,
    )


def _author(item: Object) -> str | None:
    return account_id_at(ref(item.attributed_to or item.actor))


# ------------------------------------------------------------------------------------ recognising

_CONTEXT = re.compile(rb'"https?://www\.w3\.org/ns/activitystreams(?:#\w{0,20})?"')


def recognise(sample: Sample) -> float:
    """By the context that names ActivityStreams, or by the names of properties."""
    head = sample.head.removeprefix(b"\xef\xbb\xbf").lstrip()
    if not head.startswith((b"{", b"[")):
        return 0.0
    if b'"@context"' in head and _CONTEXT.search(head):
        return 0.95
    is_alike = all(key in head for key in (b'"attributedTo"', b'"published"', b'"content"'))
    return 0.6 if is_alike else 0.0


ACTIVITYPUB = Source(
    name="activitypub",
    platform=PLATFORM,
    title="ActivityPub objects and Mastodon account archives",
    files="outbox.json and actor.json of an account's archive; *.json, *.jsonl of activities",
    fills=(Post, Account, Interaction, Link, Media, Deletion),
    time="UTC or with its offset, as the author's own server states it: who runs it can set it.",
    terms="The archive is the account owner's own; public objects under the terms of each server.",
    recognise=recognise,
    cut=cut,
    items=items,
    rows=rows,
)
