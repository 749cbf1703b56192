"""What does a post, topic, user or category of a Discourse forum say? Its rows."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

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
from clew.model.times import Micros, TimeQuality, from_iso
from clew.sources.discourse.cooked import Cooked
from clew.sources.discourse.records import (
    NO_TOPIC,
    PLATFORM,
    Around,
    Category,
    Choice,
    Item,
    Poll,
    Poster,
    PostRecord,
    TopicRecord,
    User,
)

_LIKE = 2  # the number of this action in `actions_summary`
_SMALL_ACTION, _WHISPER = 3, 4  # of `post_type`


def rows(item: Item, piece: Piece) -> Iterator[Row]:
    """The rows of a post, topic, user or category. Raises ItemError for one without a number."""
    record, around = item
    match record:
        case User():
            yield _account(record, around)
        case Category():
            yield from _category(record, around)
        case TopicRecord():
            yield from _topic(record, around, piece)
        case _:
            yield from _post(record, around, piece)


def _account(user: User, around: Around) -> Account:
    account_id = _account_id(user.username, around)
    if account_id is None:
        raise ItemError("user without name", repr(user.id)[:80])
    return Account(
        account_id=account_id,
        platform=PLATFORM,
        handle=user.username,
        name=user.name or None,
        description=extract(user.bio_cooked or "").text or None,
        location_claimed=user.location or None,
        url=user.website or None,
        avatar_url=user.avatar_template or None,
        created_at=None if user.created_at is None else from_iso(user.created_at),
        followers_count=user.total_followers,
        following_count=user.total_following,
        posts_count=user.post_count,
        is_deleted=True if user.suspended_at or user.suspended_till else None,
    )


def _category(category: Category, around: Around) -> Iterator[Channel]:
    waiting = [category]
    while waiting:
        category = waiting.pop()
        if category.id is None:
            raise ItemError("category without number", repr(category.name)[:80])
        yield Channel(
            channel_id=f"{around.prefix}/c/{category.id}",
            platform=PLATFORM,
            kind="category",
            handle=category.slug or None,
            name=category.name or None,
            description=extract(category.description or "").text or None,
        )
        waiting += reversed(category.subcategory_list or [])


def _topic(topic: TopicRecord, around: Around, piece: Piece) -> Iterator[Row]:
    """The first post of a topic, as far as a list tells it: all but its text."""
    if topic.id is None or topic.title is None:
        raise ItemError("topic without number or title", repr(topic.id)[:80])
    piece.note("topics of lists: their first post is read without its text")
    first = topic.posters[0] if topic.posters else Poster()  # the server puts the author first
    if first.user is not None and first.user.username:
        yield _account(first.user, around)
    name = first.user.username if first.user else around.users.get(first.user_id or 0)
    posted_at, quality = _time(topic.created_at)
    post_id = f"{around.prefix}/{topic.id}/1"
    yield Post(
        post_id=post_id,
        platform=PLATFORM,
        kind=_kind(1, topic),
        account_id=_account_id(name, around),
        channel_id=_channel_id(topic.category_id, around),
        thread_id=post_id,
        posted_at=posted_at,
        time_quality=quality,
        title=topic.title or None,
        reply_count=_answers(topic.posts_count),
        view_count=topic.views,
        tags=_tags(topic),
    )


def _post(post: PostRecord, around: Around, piece: Piece) -> Iterator[Row]:
    if post.cooked is None and post.raw is None:
        piece.note("posts of a search, which shows only their beginning: not read")
        return
    topic_id = post.topic_id or around.topic.id
    if topic_id is None or post.post_number is None:
        raise ItemError("post without topic or number", repr(post.id)[:80])
    topic_prefix = f"{around.prefix}/{topic_id}"
    post_id, is_first = f"{topic_prefix}/{post.post_number}", post.post_number == 1
    topic = around.topic if around.topic.id == topic_id else NO_TOPIC
    account_id = _account_id(post.username, around)
    posted_at, quality = _time(post.created_at)
    cooked = Cooked("" if post.user_deleted or post.cooked_hidden else post.cooked or "")
    deleted_at = None if post.deleted_at is None else from_iso(post.deleted_at)
    category_id = topic.category_id if post.category_id is None else post.category_id
    if account_id is not None:
        about = User(username=post.username, name=post.name, avatar_template=post.avatar_template)
        yield _account(about, around)
    is_raw = post.cooked is None and not (post.user_deleted or post.cooked_hidden)
    is_edited = (post.version or 1) > 1 and post.updated_at is not None
    yield Post(
        post_id=post_id,
        platform=PLATFORM,
        kind=PostKind.SERVICE
        if post.post_type == _SMALL_ACTION
        else _kind(post.post_number, topic),
        account_id=account_id,
        channel_id=_channel_id(category_id, around),
        thread_id=f"{topic_prefix}/1",
        reply_to_post_id=_in_topic(topic_prefix, post.reply_to_post_number),
        quote_of_post_id=next((quote.post_id(topic_prefix) for quote in cooked.quotes), None),
        posted_at=posted_at,
        time_quality=quality,
        edited_at=from_iso(post.updated_at) if is_edited and post.updated_at else None,
        deleted_at=deleted_at,
        action=(post.action_code or None) if post.post_type == _SMALL_ACTION else None,
        title=(topic.title or post.topic_title or None) if is_first else None,
        text=(post.raw if is_raw else cooked.body.text) or None,
        url=post.post_url or None,
        language_claimed=post.locale or None,
        like_count=_likes(post),
        reply_count=_answers(topic.posts_count or post.posts_count)
        if is_first
        else post.reply_count,
        view_count=topic.views if is_first else None,
        reactions=_reactions(post),
        tags=_tags(topic) if is_first else None,
    )
    if post.deleted_at is not None or post.user_deleted:
        yield Deletion(
            post_id=post_id, platform=PLATFORM, deleted_at=deleted_at, account_id=account_id
        )
    if post.hidden:
        piece.note("posts that the forum hid")
    if post.post_type == _WHISPER:
        piece.note("whispers, which only the staff can see")
    yield from _acts(post, cooked, around, _Said(post_id, account_id, posted_at, quality))
    yield from _links(post, cooked, post_id, posted_at)
    yield from _media(post, cooked, post_id, posted_at)


class _Said(NamedTuple):
    """Whose post it is and of when."""

    post_id: str
    account_id: str | None
    posted_at: Micros | None
    quality: TimeQuality


def _acts(post: PostRecord, cooked: Cooked, around: Around, said: _Said) -> Iterator[Interaction]:
    topic_prefix = said.post_id.rpartition("/")[0]
    acts: list[tuple[InteractionKind, str | None, str | None]] = []
    if post.reply_to_post_number is not None:
        whom = post.reply_to_user.username if post.reply_to_user else None
        target = _in_topic(topic_prefix, post.reply_to_post_number)
        acts.append((InteractionKind.REPLY, whom, target))
    acts += [
        (InteractionKind.QUOTE, quote.username, quote.post_id(topic_prefix))
        for quote in cooked.quotes
    ]
    mentioned = [user.username for user in post.mentioned_users or () if user.username]
    known = {name.lower() for name in mentioned}
    mentioned += [name for name in cooked.mentions if name.lower() not in known]
    acts += [(InteractionKind.MENTION, name, None) for name in mentioned]
    for kind, name, target in acts:
        yield Interaction(
            kind=kind,
            platform=PLATFORM,
            account_id=said.account_id,
            target_account_id=_account_id(name, around),
            post_id=said.post_id,
            target_post_id=target,
            happened_at=said.posted_at,
            time_quality=said.quality,
        )
    for poll in post.polls or ():
        yield from _votes(poll, said.post_id, around)


def _votes(poll: Poll, post_id: str, around: Around) -> Iterator[Interaction]:
    """The votes of an open poll. When they were cast is not recorded."""
    choices = {choice.id: _choice(choice) for choice in poll.options or ()}
    for choice, voters in (poll.preloaded_voters or {}).items():
        for voter in voters:
            yield Interaction(
                kind=InteractionKind.REACT,
                platform=PLATFORM,
                account_id=_account_id((voter.user or voter).username, around),
                target_post_id=post_id,
                time_quality=TimeQuality.MISSING,
                value=choices.get(choice) or choice or None,
            )


def _links(
    post: PostRecord, cooked: Cooked, post_id: str, posted_at: Micros | None
) -> Iterator[Link]:
    titles = {link.url: link.title for link in post.link_counts or () if not link.reflection}
    found = {href: text for href, text in cooked.body.links if not cooked.is_own(href)}
    for url, text in found.items():
        yield Link(
            post_id=post_id,
            platform=PLATFORM,
            url=url,
            title=titles.get(url) or text or None,
            posted_at=posted_at,
        )


def _media(
    post: PostRecord, cooked: Cooked, post_id: str, posted_at: Micros | None
) -> Iterator[Media]:
    pictures = [*cooked.pictures, *(image for image in cooked.body.images if image.src)]
    for url, alt in dict(pictures).items():
        yield Media(
            post_id=post_id,
            platform=PLATFORM,
            kind="photo",
            url=url,
            alt_text=alt or None,
            posted_at=posted_at,
        )
    for href, text in cooked.body.links:
        if href in cooked.files:
            yield Media(
                post_id=post_id,
                platform=PLATFORM,
                kind="file",
                url=href,
                name=text,
                posted_at=posted_at,
            )
    for poll in post.polls or ():
        yield Media(
            post_id=post_id,
            platform=PLATFORM,
            kind="poll",
            media_key=poll.name or None,
            alt_text="\n".join(_choice(choice) for choice in poll.options or ()) or None,
            posted_at=posted_at,
        )


def _kind(number: int, topic: TopicRecord) -> PostKind:
    if topic.archetype == "private_message":
        return PostKind.MESSAGE
    return PostKind.POST if number == 1 else PostKind.COMMENT


def _time(text: str | None) -> tuple[Micros | None, TimeQuality]:
    """Servers of 2013 wrote their own offset, later ones UTC; either is an exact instant."""
    if text is None:
        return None, TimeQuality.MISSING
    return from_iso(text), TimeQuality.UTC if text.endswith("Z") else TimeQuality.OFFSET


def _account_id(name: str | None, around: Around) -> str | None:
    return f"{around.prefix}/u/{name.lower()}" if name else None


def _channel_id(number: int | None, around: Around) -> str | None:
    return None if number is None else f"{around.prefix}/c/{number}"


def _in_topic(topic_prefix: str, number: int | None) -> str | None:
    return None if number is None else f"{topic_prefix}/{number}"


def _answers(posts: int | None) -> int | None:
    return posts - 1 if posts and posts > 0 else None  # the first post is no answer


def _likes(post: PostRecord) -> int | None:
    """Likes; the server leaves an action that nobody took out of the summary."""
    if post.actions_summary is None:
        return None
    return next((it.count or 0 for it in post.actions_summary if it.id == _LIKE), 0)


def _reactions(post: PostRecord) -> str | None:
    counts = {it.id: it.count for it in post.reactions or () if it.id and it.count is not None}
    return msgspec.json.encode(counts).decode() if counts else None


def _tags(topic: TopicRecord) -> str | None:
    named = [tag if isinstance(tag, str) else tag.name for tag in topic.tags or ()]
    names = [name for name in named if name]
    return msgspec.json.encode(names).decode() if names else None


def _choice(choice: Choice) -> str:
    return extract(choice.html or "").text
