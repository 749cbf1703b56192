"""What does an entry of a list of Facebook's say?"""

from __future__ import annotations

from collections.abc import Iterator

from clew.formats.meta_text import repaired
from clew.model.tables import (
    Account,
    Channel,
    Interaction,
    InteractionKind,
    Link,
    Post,
    PostKind,
    Row,
)
from clew.model.times import Micros
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
    quality,
)
from clew.sources.meta_posts.records import (
    Address,
    Comment,
    Datum,
    Entry,
    Medium,
    Named,
    Place,
    Profile,
)

# ------------------------------------------------------------------------------ posts and comments


def post_rows(entry: Entry, whose: Whose) -> Iterator[Row]:
    """A post of the owner, or what was written in a group."""
    facts = entry.data or []
    comment = next((it.comment for it in facts if it.comment), None)
    if comment:
        yield from comment_rows(comment, whose, moment(entry.timestamp), _attached(entry))
        return
    attached = _attached(entry)
    files = [it.media for it in attached if it.media]
    links = [it.external_context for it in attached if it.external_context]
    place = next((it.place for it in attached if it.place), None) or Place()
    latitude, longitude = _point(place)
    at = moment(entry.timestamp)
    text = repaired("\n".join(it.post for it in facts if it.post))
    title = repaired(entry.title)
    names = [file_name(it) for it in files]
    post = Post(
        post_id=made_id(whose.namespace, at, text, title, *names, *(it.url for it in links)),
        platform=PLATFORM,
        kind=PostKind.POST,
        account_id=whose.owner_id,
        posted_at=at,
        time_quality=quality(at),
        edited_at=moment(next((it.update_timestamp for it in facts if it.update_timestamp), None)),
        title=title,
        text=text,
        latitude=latitude,
        longitude=longitude,
        place=repaired(place.name),
    )
    yield post
    yield from _tagged(entry, post)
    yield from _links(links, post)
    yield from media(files, post)


def _point(place: Place) -> tuple[float | None, float | None]:
    """Latitude and longitude, if they are a point on Earth."""
    point = place.coordinate
    if point is None or point.latitude is None or point.longitude is None:
        return None, None
    is_there = abs(point.latitude) <= 90 and abs(point.longitude) <= 180
    return (point.latitude, point.longitude) if is_there else (None, None)


def _attached(entry: Entry) -> list[Datum]:
    return [datum for attachment in entry.attachments or () for datum in attachment.data or ()]


def _tagged(entry: Entry, post: Post) -> Iterator[Row]:
    for tag in entry.tags or ():
        name = repaired(tag.name if isinstance(tag, Named) else tag)
        if name:
            yield account(name)
            yield act(
                InteractionKind.MENTION,
                post.posted_at,
                account_id=post.account_id,
                target_account_id=account_id(name),
                post_id=post.post_id,
            )


def _links(links: list[Address], post: Post) -> Iterator[Link]:
    for link in links:
        if link.url:
            yield Link(
                post_id=post.post_id,
                platform=PLATFORM,
                url=repaired(link.url) or link.url,
                title=repaired(link.name),
                posted_at=post.posted_at,
            )


def comment_rows(
    comment: Comment,
    whose: Whose,
    at: Micros | None,
    attached: list[Datum] | None = None,
    answered: Post | None = None,
) -> Iterator[Row]:
    """A comment; what it answers is known only under a photo of the owner."""
    author = repaired(comment.author)
    group = repaired(comment.group)
    at = moment(comment.timestamp) or at
    text = repaired(comment.comment)
    by = account_id(author) or whose.owner_id
    files = [it.media for it in attached or () if it.media]
    links = [it.external_context for it in attached or () if it.external_context]
    names = [file_name(it) for it in files]
    post = Post(
        post_id=made_id(by or whose.namespace, at, text, *names, *(it.url for it in links)),
        platform=PLATFORM,
        kind=PostKind.COMMENT,
        account_id=by,
        channel_id=f"{PLATFORM}:group/{group}" if group else None,
        thread_id=answered.post_id if answered else None,
        reply_to_post_id=answered.post_id if answered else None,
        posted_at=at,
        time_quality=quality(at),
        text=text,
    )
    yield post
    if author:
        yield account(author)
    if group:
        yield _group(group)
    if answered:
        yield act(
            InteractionKind.REPLY,
            at,
            account_id=by,
            target_account_id=answered.account_id,
            post_id=post.post_id,
            target_post_id=answered.post_id,
        )
    yield from _links(links, post)
    yield from media(files, post)


def file_rows(entry: Entry, whose: Whose) -> Iterator[Row]:
    """A photo or video of an album, and what was said under it."""
    at = moment(entry.creation_timestamp)
    file = Medium(uri=entry.uri, description=entry.description)
    post = Post(
        post_id=made_id(whose.namespace, at, file_name(file)),
        platform=PLATFORM,
        kind=PostKind.POST,
        account_id=whose.owner_id,
        posted_at=at,
        time_quality=quality(at),
        title=repaired(entry.title),
        text=repaired(entry.description),
    )
    yield post
    yield from media([Medium(uri=entry.uri)], post)
    for comment in entry.comments or ():
        yield from comment_rows(comment, whose, None, answered=post)


# ---------------------------------------------------------------------------------- acts of persons


def reaction_rows(entry: Entry, whose: Whose) -> Iterator[Row]:
    """A reaction. To whose post, only Meta's sentence says, in the language of the account."""
    at = moment(entry.timestamp)
    for datum in entry.data or ():
        if datum.reaction:
            actor, value = repaired(datum.reaction.actor), repaired(datum.reaction.reaction)
            by = account_id(actor)
            said = notice(whose.of(by) if by else whose, at, repaired(entry.title), value)
            yield said
            yield act(
                InteractionKind.REACT,
                at,
                account_id=said.account_id,
                post_id=said.post_id,
                value=value,
            )
            if actor:
                yield account(actor)


def named(entry: Entry) -> str | None:
    """Whom or what an entry of a list of names is about."""
    facts = (it.name for it in entry.data or () if it.name)
    return repaired(entry.name or next(facts, None))


def group_rows(entry: Entry, whose: Whose) -> Iterator[Row]:
    """A group that was joined or is looked after."""
    at = moment(entry.timestamp)
    name = named(entry)
    if name is None:
        yield notice(whose, at, repaired(entry.title))
        return
    yield _group(name)
    yield act(
        InteractionKind.JOIN,
        at,
        account_id=whose.owner_id,
        target_channel_id=f"{PLATFORM}:group/{name}",
        value="admin" if "admin" in whose.section else None,
    )


def _group(name: str) -> Channel:
    return Channel(
        channel_id=f"{PLATFORM}:group/{name}", platform=PLATFORM, kind="group", name=name
    )


_ANSWERS = {
    "events_joined": "joined",
    "events_declined": "declined",
    "events_interested": "interested",
}


def event_rows(entry: Entry, whose: Whose) -> Iterator[Row]:
    """An event: it has no id, but a name and a start."""
    name = repaired(entry.name)
    started = moment(entry.start_timestamp)
    channel_id = f"{PLATFORM}:event/{name or ''}@{(started or 0) // 1_000_000}"
    yield Channel(
        channel_id=channel_id,
        platform=PLATFORM,
        kind="event",
        name=name,
        description=repaired(entry.description),
        created_at=moment(entry.create_timestamp),
    )
    yield _answer(channel_id, entry, whose)


def _answer(channel_id: str, entry: Entry, whose: Whose) -> Interaction:
    at = moment(entry.response_time)
    if whose.section.startswith("events_invited"):
        return act(
            InteractionKind.INVITE,
            at,
            target_account_id=whose.owner_id,
            target_channel_id=channel_id,
        )
    value = _ANSWERS.get(whose.section, "hosted")
    kind = InteractionKind.JOIN if value in ("joined", "hosted") else InteractionKind.REACT
    return act(kind, at, account_id=whose.owner_id, target_channel_id=channel_id, value=value)


def profile_rows(profile: Profile) -> Iterator[Account]:
    """The owner."""
    name = repaired(profile.name.full_name) if profile.name else None
    if name:
        yield Account(
            account_id=f"{PLATFORM}:{name}",
            platform=PLATFORM,
            handle=profile.username or None,
            name=name,
            description=repaired(profile.about_me),
            location_claimed=repaired(profile.current_city.name) if profile.current_city else None,
            url=profile.profile_uri or None,
            created_at=moment(profile.registration_timestamp),
        )
