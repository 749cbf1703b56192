"""What does a post, topic, event, user or category of a NodeBB forum say? Its rows."""

from __future__ import annotations

from collections.abc import Iterator
from html import unescape

import msgspec

from clew.contract import Piece
from clew.errors import ItemError
from clew.formats.html_text import extract
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
from clew.model.times import Micros, TimeQuality, from_iso, in_range
from clew.sources.nodebb.content import Content
from clew.sources.nodebb.records import (
    NO_TOPIC,
    PLATFORM,
    Around,
    Category,
    Event,
    Item,
    Number,
    PostRecord,
    Replies,
    TopicRecord,
    User,
    count,
    is_set,
)

_MILLISECOND = 1000
_NO_NUMBER = (None, "", 0, "0")
_IN_PLACE = ("[[topic:post_is_deleted]]", "[[topic:post-is-deleted]]")  # of what a moderator hid
_IN_PLACE_OF_TITLE = ("[[topic:topic_is_deleted]]", "[[topic:topic-is-deleted]]")


def rows(item: Item, piece: Piece) -> Iterator[Row]:
    """The rows of a record. Raises ItemError for one without a number."""
    record, around = item
    match record:
        case User():
            if (account := _account(record, around)) is None:
                raise ItemError("user without number", repr(record.username)[:80])
            yield account
        case Category():
            yield from _category(record, around)
        case TopicRecord():
            yield from _topic(record, around, piece)
        case Event():
            yield _event(record, around)
        case _:
            yield from _post(record, around)


def _account(user: User | None, around: Around) -> Account | None:
    account_id = _account_id(user.uid if user else None, around)
    if user is None or account_id is None:
        return None
    return Account(
        account_id=account_id,
        platform=PLATFORM,
        handle=user.userslug or None,
        name=_name(user.displayname) or _name(user.username),
        description=_text(user.aboutme),
        location_claimed=_plain(user.location),
        url=_plain(user.website),
        avatar_url=user.picture or None,
        created_at=_instant(user.joindate),
        followers_count=count(user.follower_count),
        following_count=count(user.following_count),
        posts_count=count(user.postcount),
        is_deleted=True if is_set(user.banned) else None,
    )


def _category(category: Category | None, around: Around) -> Iterator[Channel]:
    waiting = [category] if category is not None else []
    while waiting:
        category = waiting.pop()
        if category.cid is None:
            raise ItemError("category without number", repr(category.name)[:80])
        yield Channel(
            channel_id=f"{around.prefix}/category/{category.cid}",
            platform=PLATFORM,
            kind="category",
            handle=category.slug or None,
            name=_plain(category.name),
            description=_text(category.description_parsed or category.description),
        )
        waiting += reversed(category.children or [])


def _topic(topic: TopicRecord, around: Around, piece: Piece) -> Iterator[Row]:
    """The first post of a topic, as far as a list tells it: all but its text."""
    if topic.main_pid is None:
        raise ItemError("topic without first post", repr(topic.tid)[:80])
    piece.note("topics of lists: their first post is read without its text")
    post_id = _post_id(topic.main_pid, around)
    account_id = _account_id(topic.uid, around)
    posted_at, quality = _time(topic.timestamp_iso, topic.timestamp)
    yield Post(
        post_id=post_id,
        platform=PLATFORM,
        kind=PostKind.POST,
        account_id=account_id,
        author_name=_guest(None, topic.user) if account_id is None else None,
        channel_id=_channel_id(topic.cid, around),
        thread_id=post_id,
        posted_at=posted_at,
        time_quality=quality,
        title=_title(topic),
        like_count=count(topic.votes),
        reply_count=_answers(topic.postcount),
        view_count=count(topic.viewcount),
        tags=_tags(topic),
    )
    if (account := _account(topic.user, around)) is not None:
        yield account
    yield from _category(topic.category, around)
    if is_set(topic.deleted):
        yield Deletion(post_id=post_id, platform=PLATFORM, account_id=account_id)


def _event(event: Event, around: Around) -> Post:
    if count(event.id) is None:  # a post that waits for a moderator has none
        raise ItemError("event without number", repr(event.type)[:80])
    posted_at, quality = _time(event.timestamp_iso, event.timestamp)
    return Post(
        post_id=f"{around.prefix}/event/{event.id}",
        platform=PLATFORM,
        kind=PostKind.SERVICE,
        account_id=_account_id(event.uid, around),
        channel_id=_channel_id(around.topic.cid, around),
        thread_id=_thread_id(around.topic, around),
        posted_at=posted_at,
        time_quality=quality,
        action=event.type or None,
    )


def _post(post: PostRecord, around: Around) -> Iterator[Row]:
    if post.pid is None:
        raise ItemError("post without number", repr(post.tid)[:80])
    topic = post.topic or around.topic
    if post.tid is not None and topic.tid is not None and str(post.tid) != str(topic.tid):
        topic = NO_TOPIC
    post_id, account_id = _post_id(post.pid, around), _account_id(post.uid, around)
    is_first = str(topic.main_pid) == str(post.pid)
    posted_at, quality = _time(post.timestamp_iso, post.timestamp)
    content = Content("" if post.content in _IN_PLACE else post.content or "")
    edited = count(post.edited)
    said = Post(
        post_id=post_id,
        platform=PLATFORM,
        kind=PostKind.POST if is_first else PostKind.COMMENT,
        account_id=account_id,
        author_name=_guest(post.handle, post.user) if account_id is None else None,
        channel_id=_channel_id(
            topic.cid if topic.cid is not None else post.category.cid if post.category else None,
            around,
        ),
        thread_id=_thread_id(topic, around),
        reply_to_post_id=_answered(post, around),
        quote_of_post_id=_post_id(content.quotes[0], around) if content.quotes else None,
        posted_at=posted_at,
        time_quality=quality,
        edited_at=_instant(edited) if edited else None,
        title=_title(topic) if is_first else None,
        text=content.body.text or None,
        like_count=count(post.votes),
        reply_count=_answers(topic.postcount)
        if is_first
        else count(post.replies.count if isinstance(post.replies, Replies) else post.replies),
        view_count=count(topic.viewcount) if is_first else None,
        reactions=_reactions(post),
        tags=_tags(topic) if is_first else None,
    )
    yield said
    if (account := _account(post.user, around)) is not None:
        yield account
    if is_set(post.deleted):
        yield Deletion(post_id=post_id, platform=PLATFORM, account_id=account_id)
    yield from _acts(said, post.parent, content, around)
    yield from _attached(said, content)
    for event in post.events or ():
        if count(event.id) is not None:
            yield _event(event, around)


def _acts(
    said: Post, parent: User | None, content: Content, around: Around
) -> Iterator[Interaction]:
    acts: list[tuple[InteractionKind, dict[str, str | None]]] = []
    if said.reply_to_post_id is not None:
        whom = _account_id(parent.uid if parent else None, around)
        name = _name(parent.username) if parent and whom is None else None
        target = {"target_account_id": whom, "target_name": name}
        acts.append((InteractionKind.REPLY, {**target, "target_post_id": said.reply_to_post_id}))
    acts += [
        (InteractionKind.QUOTE, {"target_post_id": _post_id(number, around)})
        for number in content.quotes
    ]
    acts += [
        (
            InteractionKind.MENTION,
            {"target_account_id": _account_id(name, around)}
            if kind == "uid"
            else {"target_name": name},
        )
        for name, kind in content.mentions.items()
    ]
    for kind, target in acts:
        yield said.act(kind, **target)


def _attached(said: Post, content: Content) -> Iterator[Row]:
    for href, text in dict(content.links).items():
        yield Link(
            post_id=said.post_id,
            platform=PLATFORM,
            url=href,
            title=text or None,
            posted_at=said.posted_at,
        )
    for src, alt in {image.src: image.alt for image in content.body.images if image.src}.items():
        yield Media(
            post_id=said.post_id,
            platform=PLATFORM,
            kind="photo",
            url=src,
            alt_text=alt or None,
            posted_at=said.posted_at,
        )
    for href, text in dict(content.files).items():
        yield Media(
            post_id=said.post_id,
            platform=PLATFORM,
            kind="file",
            url=href,
            name=text or None,
            posted_at=said.posted_at,
        )


# ----------------------------------------------------------------------------------- small things


def _time(iso: str | None, milliseconds: Number | None) -> tuple[Micros | None, TimeQuality]:
    posted_at = from_iso(iso) if iso else _instant(milliseconds)
    return posted_at, TimeQuality.MISSING if posted_at is None else TimeQuality.UTC


def _instant(milliseconds: Number | None) -> Micros | None:
    number = count(milliseconds)
    return in_range(number * _MILLISECOND) if number else None


def _post_id(number: Number, around: Around) -> str:
    return f"{around.prefix}/post/{number}"


def _answered(post: PostRecord, around: Around) -> str | None:
    return None if post.to_pid in _NO_NUMBER else f"{around.prefix}/post/{post.to_pid}"


def _thread_id(topic: TopicRecord, around: Around) -> str | None:
    return None if topic.main_pid in _NO_NUMBER else f"{around.prefix}/post/{topic.main_pid}"


def _channel_id(number: Number | None, around: Around) -> str | None:
    return None if number is None else f"{around.prefix}/category/{number}"


def _account_id(number: Number | None, around: Around) -> str | None:
    """The id of an account; guests are 0, the forum itself is below that or called `system`."""
    known = count(number)
    if number in (None, "", "system") or (known is not None and known <= 0):
        return None
    return f"{around.prefix}/user/{number}"


def _guest(handle: str | None, user: User | None) -> str | None:
    """The name that somebody without an account gave."""
    return _name(handle) or _name(user.username if user else None)


def _name(text: str | None) -> str | None:
    """A name; not the words that the forum puts in its place, such as `[[global:guest]]`."""
    return None if not text or text.startswith("[[global:") else unescape(text)


def _text(html: str | None) -> str | None:
    return extract(html).text or None if html else None


def _plain(text: str | None) -> str | None:
    return unescape(text) if text else None


def _title(topic: TopicRecord) -> str | None:
    if topic.title in _IN_PLACE_OF_TITLE:
        return None
    return topic.title_raw or _plain(topic.title)


def _answers(posts: Number | None) -> int | None:
    known = count(posts)
    return known - 1 if known and known > 0 else None  # the first post is no answer


def _reactions(post: PostRecord) -> str | None:
    counts = {"upvote": count(post.upvotes), "downvote": count(post.downvotes)}
    given = {name: number for name, number in counts.items() if number}
    return msgspec.json.encode(given).decode() if given else None


def _tags(topic: TopicRecord) -> str | None:
    names = [tag.value for tag in topic.tags or () if tag.value]
    return msgspec.json.encode(names).decode() if names else None
