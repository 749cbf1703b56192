"""What do a post and an account of X's web pages say, as rows?

Ids and columns are those of `x_api`, so that a post known from both is one. So is the rule for
reposts: a repost has no words of its own; it takes text and tags from the original, which is inside
it, and leaves links, mentions and media to it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache

import msgspec

from clew.contract import Piece
from clew.errors import ItemError
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
from clew.model.times import Micros, TimeQuality, from_ctime
from clew.sources.x_web.records import (
    NO_LEGACY,
    Card,
    CardLegacy,
    Medium,
    Place,
    Size,
    Tweet,
    TweetLegacy,
    TweetResult,
    User,
    UserCore,
    UserLegacy,
    Variant,
    Video,
)


def x_id(native: str | None) -> str | None:
    """The id of an account or a post in Clew's tables."""
    return f"x:{native}" if native else None


def plain(text: str | None) -> str | None:
    """A post's text as its author wrote it: X escapes three characters as in HTML."""
    if text and "&" in text:
        text = text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")
    return text or None


# --------------------------------------------------------------------------------------- accounts


def account_rows(user: User) -> Iterator[Account]:
    """The account, from whichever of the two places the answer has it in."""
    if user.rest_id is None:
        raise ItemError("unexpected structure", "an account without id")
    core, legacy = user.core or UserCore(), user.legacy or UserLegacy()
    bio, counts = user.profile_bio, user.relationship_counts
    entities = (bio.entities if bio else None) or legacy.entities
    links = (entities and entities.url and entities.url.urls) or ()
    short = (user.website.url if user.website else None) or legacy.url
    created_at = core.created_at or legacy.created_at
    marks = [user.is_blue_verified, legacy.verified]
    marks += [user.verification.verified] if user.verification else []
    protected = user.privacy.protected if user.privacy else legacy.protected
    yield Account(
        account_id=f"x:{user.rest_id}",
        platform="x",
        handle=core.screen_name or legacy.screen_name or None,
        name=core.name or legacy.name or None,
        description=(bio.description if bio else legacy.description) or None,
        location_claimed=(user.location.location if user.location else legacy.location) or None,
        url=next((link.expanded_url for link in links if link.expanded_url), short or None),
        avatar_url=(user.avatar.image_url if user.avatar else legacy.profile_image_url_https)
        or None,
        created_at=from_ctime(created_at) if created_at else None,
        followers_count=counts.followers if counts else legacy.followers_count,
        following_count=counts.following if counts else legacy.friends_count,
        posts_count=user.tweet_counts.tweets if user.tweet_counts else legacy.statuses_count,
        is_verified=any(marks) if any(mark is not None for mark in marks) else None,
        is_protected=protected,
    )


# ------------------------------------------------------------------------------------------ posts


def post_rows(tweet: Tweet, piece: Piece) -> Iterator[Row]:
    """A post, and the posts and accounts inside it."""
    waiting = [tweet]
    while waiting:
        tweet = waiting.pop()
        legacy = tweet.legacy or NO_LEGACY
        original = inside(legacy.retweeted_status_result)
        yield from _own_rows(tweet, legacy, original, piece)
        waiting += [post for post in (original, inside(tweet.quoted_status_result)) if post]


def inside(result: TweetResult | None) -> Tweet | None:
    """The post at a place, if there is one."""
    return result.post if result else None


def _own_rows(
    tweet: Tweet, legacy: TweetLegacy, original: Tweet | None, piece: Piece
) -> Iterator[Row]:
    post = _post(tweet, legacy, original, piece)
    yield post
    if tweet.author and tweet.author.rest_id:
        yield from account_rows(tweet.author)
    for kind, whom, handle, target in _acts(tweet, legacy, original):
        yield Interaction(
            kind=kind,
            platform="x",
            account_id=post.account_id,
            target_account_id=x_id(whom),
            target_name=None if whom else handle or None,
            post_id=post.post_id,
            target_post_id=x_id(target),
            happened_at=post.posted_at,
            time_quality=post.time_quality,
        )
    community = tweet.community_results and tweet.community_results.result
    if community and post.channel_id:
        yield Channel(
            channel_id=post.channel_id,
            platform="x",
            kind="community",
            name=community.name or None,
            description=community.description or None,
            members_count=community.member_count,
        )
    if original is None:
        for mention in tweet.marks.user_mentions or ():
            if mention.id_str:
                yield Account(
                    account_id=f"x:{mention.id_str}",
                    platform="x",
                    handle=mention.screen_name or None,
                    name=mention.name or None,
                )
        yield from _links(tweet, post.posted_at)
        yield from _media(tweet, legacy, post.posted_at)


def _post(tweet: Tweet, legacy: TweetLegacy, original: Tweet | None, piece: Piece) -> Post:
    said = original or tweet
    posted_at = from_ctime(legacy.created_at) if legacy.created_at else None
    author = legacy.user_id_str or (tweet.author.rest_id if tweet.author else None)
    community = tweet.community_results and tweet.community_results.result
    place = legacy.place or Place()
    longitude, latitude = _point(legacy, piece)
    views = tweet.views.count if tweet.views else None
    withheld = legacy.withheld_in_countries
    article = tweet.article and tweet.article.article_results
    channel = (community.id_str or community.rest_id) if community else None
    return Post(
        post_id=f"x:{tweet.rest_id}",
        platform="x",
        kind=PostKind.REPOST if original else PostKind.POST,
        account_id=x_id(author),
        channel_id=f"x:community/{channel}" if channel else None,
        thread_id=x_id(legacy.conversation_id_str),
        reply_to_post_id=x_id(legacy.in_reply_to_status_id_str),
        repost_of_post_id=x_id(original.rest_id) if original else None,
        quote_of_post_id=None if original else x_id(_quoted(tweet, legacy)),
        posted_at=posted_at,
        time_quality=TimeQuality.MISSING if posted_at is None else TimeQuality.UTC,
        edited_at=posted_at if _is_later_version(tweet) else None,
        title=(article.result.title if article and article.result else None) or None,
        text=plain(said.note.text or (said.legacy or NO_LEGACY).full_text),
        language_claimed=legacy.lang or None,
        client=_client(tweet.source) if tweet.source else None,
        like_count=legacy.favorite_count,
        reply_count=legacy.reply_count,
        repost_count=legacy.retweet_count,
        quote_count=legacy.quote_count,
        view_count=int(views) if views and re.fullmatch(r"\d{1,18}", views, re.ASCII) else None,
        tags=_tags(said),
        latitude=latitude,
        longitude=longitude,
        place=place.full_name or place.name or None,
        withheld_in=msgspec.json.encode(withheld).decode() if withheld else None,
    )


def _quoted(tweet: Tweet, legacy: TweetLegacy) -> str | None:
    quoted = inside(tweet.quoted_status_result)
    return quoted.rest_id if quoted else legacy.quoted_status_id_str


def _is_later_version(tweet: Tweet) -> bool:
    """Whether it is an edited version; each has an id of its own."""
    control = tweet.edit_control
    first = control and (control.edit_control_initial or control)
    ids = (first and first.edit_tweet_ids) or []
    return bool(ids) and ids[0] != tweet.rest_id


def _point(legacy: TweetLegacy, piece: Piece) -> tuple[float | None, float | None]:
    point = legacy.coordinates.coordinates if legacy.coordinates else None
    match point:
        case [longitude, latitude] if abs(longitude) <= 180 and abs(latitude) <= 90:
            return longitude, latitude
        case [_, *_]:
            piece.note("coordinates that are no point on Earth: left out")
    return None, None


@lru_cache(maxsize=4096)
def _client(source: str) -> str | None:
    """The name of a program, of the anchor that leads to its page."""
    return html_to_text(source) or None


def _tags(said: Tweet) -> str | None:
    tags = [tag.text for tag in said.marks.hashtags or () if tag.text]
    tags += [f"${tag.text}" for tag in said.marks.symbols or () if tag.text]
    return msgspec.json.encode(tags).decode() if tags else None


_Act = tuple[InteractionKind, str | None, str | None, str | None]


def _acts(tweet: Tweet, legacy: TweetLegacy, original: Tweet | None) -> Iterator[_Act]:
    """What its author did with it: to whom by id, by handle if it is all, and to which post."""
    if original:
        whom = (original.legacy or NO_LEGACY).user_id_str
        yield InteractionKind.REPOST, whom, None, original.rest_id
        return
    answered, whom = legacy.in_reply_to_status_id_str, legacy.in_reply_to_user_id_str
    if answered or whom:
        yield InteractionKind.REPLY, whom, legacy.in_reply_to_screen_name, answered
    if quoted := _quoted(tweet, legacy):
        post = inside(tweet.quoted_status_result)
        author = (post.legacy or NO_LEGACY).user_id_str if post else None
        yield InteractionKind.QUOTE, author, None, quoted
    for mention in tweet.marks.user_mentions or ():
        if mention.id_str or mention.screen_name:
            yield InteractionKind.MENTION, mention.id_str, mention.screen_name, None


# -------------------------------------------------------------------------------- links and media


def _links(tweet: Tweet, posted_at: Micros | None) -> Iterator[Link]:
    fields = _fields(tweet.card)
    for link in tweet.marks.urls or ():
        target = link.expanded_url or None
        if not link.url or (target and target.endswith(f"/i/web/status/{tweet.rest_id}")):
            continue  # "read on": X put it there, where it cut the text off
        is_shown = link.url == fields.get("card_url")
        yield Link(
            post_id=f"x:{tweet.rest_id}",
            platform="x",
            url=link.url,
            expanded_url=target,
            title=(is_shown and fields.get("title")) or None,
            description=(is_shown and fields.get("description")) or None,
            posted_at=posted_at,
        )


def _fields(card: Card | None) -> dict[str, str]:
    """The texts of a card."""
    legacy = (card and card.legacy) or CardLegacy()
    return {
        field.key: field.value.string_value
        for field in legacy.binding_values or ()
        if field.key and field.value and field.value.string_value
    }


_KINDS = {"animated_gif": "animation"}
_CHOICE = re.compile(r"choice\d_label")


def _media(tweet: Tweet, legacy: TweetLegacy, posted_at: Micros | None) -> Iterator[Media]:
    for medium in (legacy.extended_entities or tweet.marks).media or ():
        yield _medium(tweet, medium, posted_at)
    card = tweet.card
    if card and card.legacy and (card.legacy.name or "").startswith("poll"):
        choices = sorted(item for item in _fields(card).items() if _CHOICE.fullmatch(item[0]))
        yield Media(
            post_id=f"x:{tweet.rest_id}",
            platform="x",
            kind="poll",
            media_key=(card.rest_id or "").removeprefix("card://") or None,
            alt_text="\n".join(label for _, label in choices) or None,
            posted_at=posted_at,
        )


def _medium(tweet: Tweet, medium: Medium, posted_at: Micros | None) -> Media:
    kind, size = medium.type or "unknown", medium.original_info or Size()
    video = medium.video_info or Video()
    best = max(video.variants or (), key=_bitrate, default=Variant())
    return Media(
        post_id=f"x:{tweet.rest_id}",
        platform="x",
        kind=_KINDS.get(kind, kind),
        media_key=medium.media_key or medium.id_str or None,
        url=best.url or medium.media_url_https or None,
        mime=best.content_type or None,
        width_px=size.width,
        height_px=size.height,
        duration_s=None if video.duration_millis is None else video.duration_millis / 1000,
        alt_text=medium.ext_alt_text or None,
        posted_at=posted_at,
    )


def _bitrate(variant: Variant) -> int:
    """Of an animation it is 0, of a list of pieces it is not recorded."""
    return -1 if variant.bitrate is None else variant.bitrate
