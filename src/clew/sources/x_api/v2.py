"""What do answers of X's API v2 say? As twarc2 writes them, flattened or not, and as they came.

Three shapes hold the same posts:

* a page: `data` and `includes` (the accounts, posts, media, places and polls that `data` names by
  id), one a line as `twarc2` writes it, or alone in its file as the API sent it;
* a flattened line: one post with everything it names put inside it (`twarc2 flatten`);
* a stream line: a page whose `data` is one post.

A repost has no words of its own: text, tags, links and media are the original's. It takes text and
tags from the original where that is at hand, and leaves links and media to it; else it keeps what
its own record has, cut off as that is.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TypeAlias, TypeVar

import msgspec

from clew.contract import Piece
from clew.errors import ItemError
from clew.formats.json_items import ItemDecoder
from clew.model.tables import (
    Account,
    Interaction,
    InteractionKind,
    Link,
    Media,
    Post,
    PostKind,
    Row,
)
from clew.model.times import Micros, TimeQuality, from_iso
from clew.sources.x_api.both import (
    GONE,
    MEDIA_KINDS,
    Act,
    deleted,
    interactions,
    json_list,
    millisecond,
    on_earth,
    tag_list,
    x_id,
)
from clew.sources.x_api.v2_records import (
    Entities,
    Includes,
    Line,
    Medium,
    Mention,
    Metrics,
    Part,
    Place,
    Poll,
    Problem,
    Record,
    Tweet,
    User,
    Variant,
)

_LINE = ItemDecoder(Line)
_RECORD = ItemDecoder(Record)
_USER = ItemDecoder(User)
_MEDIUM = ItemDecoder(Medium)
_PLACE = ItemDecoder(Place)
_POLL = ItemDecoder(Poll)
_RAWS = ItemDecoder(list[msgspec.Raw])


@dataclass(repr=False)  # a rejected record is kept with its repr: not with its whole page
class Page:
    """What a page says of the things that its records name."""

    accounts: dict[str, str] = field(default_factory=dict)  # handle in lower case → id
    tweets: dict[str, Tweet] = field(default_factory=dict)
    media: dict[str, Medium] = field(default_factory=dict)
    places: dict[str, Place] = field(default_factory=dict)
    polls: dict[str, Poll] = field(default_factory=dict)


_NO_PAGE = Page()

Asked: TypeAlias = tuple[str, str, str]  # what the answer lists: ("users", "12", "followers")
Item: TypeAlias = tuple[Record | User, Page, Asked | None]
_Part = TypeVar("_Part", bound=Part)
_Refs: TypeAlias = Mapping[str | None, Tweet]  # retweeted, quoted, replied_to → the post

# -------------------------------------------------------------------------------- taking it apart


PAGES = (b'"data"',)  # what the text of a page has somewhere


def count(texts: Iterable[bytes], piece: Piece) -> int:
    """How many items `items` would give."""
    return sum(_size(_LINE.decode(text, piece), piece) for text in texts)


def _size(line: Line | ItemError, piece: Piece) -> int:
    if isinstance(line, ItemError) or not line.is_page:
        return 1
    included = line.includes or Includes()
    return len(included.users or ()) + len(_elements(line, piece)) + len(included.tweets or ())


def items(texts: Iterable[bytes], piece: Piece) -> Iterator[Item | ItemError]:
    """Each post, account or other record, with what its page says of the things it names."""
    for text in texts:
        line = _LINE.decode(text, piece)
        if isinstance(line, ItemError):
            yield line
            continue
        asked = _asked(line.twarc.url) if line.twarc and line.twarc.url else None
        if line.is_page:
            yield from _page_items(line, asked, piece)
        elif line.username is None:
            yield line, _NO_PAGE, asked
        else:
            yield _item(_USER.decode(text, piece), _NO_PAGE, asked)


def _page_items(line: Line, asked: Asked | None, piece: Piece) -> Iterator[Item | ItemError]:
    for problem in line.errors or ([Problem(line.title)] if line.is_failure else ()):
        piece.note(_UNDELIVERED.get(problem.title or "", "X did not deliver something"))
    included = line.includes or Includes()
    users = [_USER.decode(bytes(raw), piece) for raw in included.users or ()]
    tweets = [_RECORD.decode(bytes(raw), piece) for raw in included.tweets or ()]
    page = Page(
        media=_indexed(_MEDIUM, "media_key", included.media, piece),
        places=_indexed(_PLACE, "id", included.places, piece),
        polls=_indexed(_POLL, "id", included.polls, piece),
    )
    for user in users:
        if isinstance(user, User) and user.username and user.id:
            page.accounts[user.username.lower()] = user.id
    for tweet in tweets:
        if isinstance(tweet, Tweet) and tweet.id:
            page.tweets[tweet.id] = tweet
    for user in users:
        yield _item(user, page, None)
    for raw in _elements(line, piece):
        yield _item(_element(raw, piece), page, asked)
    for tweet in tweets:
        yield _item(tweet, page, None)


def _item(record: Record | User | ItemError, page: Page, asked: Asked | None) -> Item | ItemError:
    return record if isinstance(record, ItemError) else (record, page, asked)


def _elements(line: Line, piece: Piece) -> list[msgspec.Raw | ItemError]:
    """What is in `data`: the elements of a list, or the only one."""
    data = bytes(line.data)
    if data in (b"", b"null"):
        return []
    if not data.startswith(b"["):
        return [line.data]
    elements = _RAWS.decode(data, piece)
    return [elements] if isinstance(elements, ItemError) else [*elements]


def _element(raw: msgspec.Raw | ItemError, piece: Piece) -> Record | User | ItemError:
    if isinstance(raw, ItemError):
        return raw
    record = _RECORD.decode(bytes(raw), piece)
    if isinstance(record, Record) and record.username is not None:
        return _USER.decode(bytes(raw), piece)
    return record


def _indexed(
    decoder: ItemDecoder[_Part], key: str, raws: list[msgspec.Raw] | None, piece: Piece
) -> dict[str, _Part]:
    found: dict[str, _Part] = {}
    for raw in raws or ():
        part = decoder.decode(bytes(raw), piece)
        if isinstance(part, ItemError):
            piece.note("picture, place or poll of a page: unreadable")
        elif name := getattr(part, key):
            found[name] = part
    return found


_ASKED = re.compile(r"https://api\.(?:twitter|x)\.com/2/([a-z]+)/([0-9]{1,20})/([a-z_]+)(?:\?|$)")


@lru_cache(maxsize=64)
def _asked(url: str) -> Asked | None:
    match = _ASKED.match(url)
    return (match[1], match[2], match[3]) if match else None


_UNDELIVERED = {
    title: f"X did not deliver something: {what}"
    for title, what in (
        ("Not Found Error", "not found"),
        ("Authorization Error", "not public"),
        ("Forbidden", "forbidden or suspended"),
    )
}

# ----------------------------------------------------------------------------- what a record says


def rows(item: Item, piece: Piece) -> Iterator[Row]:
    """The rows of a post or an account, or of the order to delete one."""
    record, page, asked = item
    if isinstance(record, Record) and (other := _other(record)):
        piece.note(f"{other}: not read")
    elif record.id is None:
        raise ItemError("unexpected structure", "a record without id")
    elif isinstance(record, User):
        yield _account(record)
        if record.pinned_tweet:
            yield from _tweet_rows(record.pinned_tweet, page, piece)
        yield from _listing(record, asked)
    elif record.action is not None:
        yield from _removal(record, piece)
    elif record.text is None:
        raise ItemError("unexpected structure", "neither a post nor an account")
    else:
        yield from _tweet_rows(record, page, piece)
        yield from _listing(record, asked)


def _other(record: Record) -> str | None:
    """What it is, if it is nothing that Clew has a table for."""
    if record.event_type is not None:
        return "direct message"
    if record.tweet_count is not None:
        return "count of posts"
    if record.owner_id is not None:
        return "list of accounts"
    return None if record.state is None else "space"


def _tweet_rows(tweet: Tweet, page: Page, piece: Piece) -> list[Row]:
    """Rows of a post, and of every post and account that flattening put inside it."""
    found: list[Row] = []
    waiting = [tweet]
    while waiting:
        tweet = waiting.pop()
        marks = tweet.marks
        if tweet.id and tweet.text is not None:
            found += _post_rows(tweet, marks, page, piece)
        for user in (tweet.author, tweet.in_reply_to_user, *(marks.mentions or ())):
            if user and user.id and user.username and user.username.lower() not in page.accounts:
                found.append(_account(user))
            if user and user.pinned_tweet:
                waiting.append(user.pinned_tweet)
        if tweet.referenced_tweets:
            waiting += tweet.referenced_tweets
    return found


_NO_METRICS = Metrics()


def _account(user: User) -> Account:
    metrics = user.public_metrics or _NO_METRICS
    links = (user.entities and user.entities.url and user.entities.url.urls) or ()
    return Account(
        account_id=f"x:{user.id}",
        platform="x",
        handle=user.username or None,
        name=user.name or None,
        description=user.description or None,
        location_claimed=user.location or None,
        url=next((link.expanded_url for link in links if link.expanded_url), user.url or None),
        avatar_url=user.profile_image_url or None,
        created_at=from_iso(user.created_at) if user.created_at else None,
        followers_count=metrics.followers_count,
        following_count=metrics.following_count,
        posts_count=metrics.tweet_count,
        is_verified=user.verified,
        is_protected=user.protected,
    )


def _post_rows(tweet: Tweet, marks: Entities, page: Page, piece: Piece) -> list[Row]:
    posted_at = from_iso(tweet.created_at) if tweet.created_at else None
    refs = {ref.type: page.tweets.get(ref.id or "", ref) for ref in tweet.referenced_tweets or ()}
    original = refs.get("retweeted")
    said = tweet if original is None or original.text is None else original
    post = _post(tweet, said, refs, posted_at, page, piece)
    acts = _acts(tweet, marks, refs, page)
    found: list[Row] = [post, *interactions(acts, post.post_id, post.account_id, posted_at)]
    if said is tweet:
        found += _links(tweet, marks, posted_at)
        found += _media(tweet, posted_at, page)
    return found


def _post(
    tweet: Tweet, said: Tweet, refs: _Refs, posted_at: Micros | None, page: Page, piece: Piece
) -> Post:
    """The row of a post with the words of `said`: itself, or the post that it repeats."""
    metrics = tweet.public_metrics or _NO_METRICS
    marks = said.marks
    answered, original, quoted = (refs.get(to) for to in ("replied_to", "retweeted", "quoted"))
    history = tweet.edit_history_tweet_ids
    geo = tweet.geo
    place = geo and page.places.get(geo.place_id or "", geo)
    longitude, latitude = _point(tweet, piece)
    withheld = tweet.withheld and tweet.withheld.country_codes
    return Post(
        post_id=f"x:{tweet.id}",
        platform="x",
        kind=PostKind.REPOST if original else PostKind.POST,
        account_id=x_id(tweet.by),
        thread_id=x_id(tweet.conversation_id),
        reply_to_post_id=x_id(answered.id) if answered else None,
        repost_of_post_id=x_id(original.id) if original else None,
        quote_of_post_id=x_id(quoted.id) if quoted else None,
        posted_at=posted_at,
        time_quality=TimeQuality.MISSING if posted_at is None else TimeQuality.UTC,
        edited_at=posted_at if history and history[0] != tweet.id else None,
        text=said.words,
        language_claimed=tweet.lang or None,
        client=tweet.source or None,
        like_count=metrics.like_count,
        reply_count=metrics.reply_count,
        repost_count=metrics.retweet_count,
        quote_count=metrics.quote_count,
        view_count=metrics.impression_count,
        tags=tag_list(
            [tag.tag for tag in marks.hashtags or ()], [tag.tag for tag in marks.cashtags or ()]
        ),
        latitude=latitude,
        longitude=longitude,
        place=(place and (place.full_name or place.name)) or None,
        withheld_in=json_list(withheld) if withheld else None,
    )


def _point(tweet: Tweet, piece: Piece) -> tuple[float | None, float | None]:
    """Longitude and latitude of an exact point; a place without one is only a box on the map."""
    if tweet.geo is None or tweet.geo.coordinates is None:
        return None, None
    return on_earth(tweet.geo.coordinates.coordinates, piece)


def _acts(tweet: Tweet, marks: Entities, refs: _Refs, page: Page) -> Iterator[Act]:
    """What its author did with it, to whom."""
    mentions = marks.mentions or ()
    if original := refs.get("retweeted"):
        # Its text, mentions included, is the original's, but for the "RT @author: " before it.
        credit = next((mention for mention in mentions if mention.start == 3), _NOBODY)
        whom = original.by or _mentioned(credit, page)
        yield Act(InteractionKind.REPOST, whom, credit.username, original.id)
        return
    answered, quoted = refs.get("replied_to", _NOTHING), refs.get("quoted")
    whom = tweet.in_reply_to_user_id or answered.by
    if whom or answered.id:
        yield Act(InteractionKind.REPLY, whom, post=answered.id)
    if quoted:
        yield Act(InteractionKind.QUOTE, quoted.by, post=quoted.id)
    for mention in mentions:
        if mention.id or mention.username:
            yield Act(InteractionKind.MENTION, _mentioned(mention, page), mention.username)


_NOBODY = Mention()
_NOTHING = Tweet()


def _mentioned(mention: Mention, page: Page) -> str | None:
    """The account id; an account that is gone is mentioned by its handle only."""
    return mention.id or page.accounts.get((mention.username or "").lower())


_OWN_MEDIA = ("pic.twitter.com/", "pic.x.com/")


def _links(tweet: Tweet, marks: Entities, posted_at: Micros | None) -> Iterator[Link]:
    for link in marks.urls or ():
        if not link.url or link.media_key or (link.display_url or "").startswith(_OWN_MEDIA):
            continue
        target = link.unwound_url or link.expanded_url or None
        if target and target.endswith(f"/i/web/status/{tweet.id}"):
            continue  # "read on": X put it there, where it cut the text off
        yield Link(
            post_id=f"x:{tweet.id}",
            platform="x",
            url=link.url,
            expanded_url=target,
            title=link.title or None,
            description=link.description or None,
            posted_at=posted_at,
        )


_KINDS_BY_KEY = {"3": "photo", "7": "video", "13": "video", "16": "animation"}


def _media(tweet: Tweet, posted_at: Micros | None, page: Page) -> Iterator[Media]:
    attached = tweet.attachments
    if attached is None:
        return
    inside = {medium.media_key: medium for medium in attached.media or ()}
    for key in attached.media_keys or ():
        medium = page.media.get(key) or inside.get(key) or Medium()
        kind = medium.type or _KINDS_BY_KEY.get(key.split("_", 1)[0], "unknown")
        best = max(medium.variants or (), key=_bit_rate, default=Variant())
        yield Media(
            post_id=f"x:{tweet.id}",
            platform="x",
            kind=MEDIA_KINDS.get(kind, kind),
            media_key=key or None,
            url=medium.url or best.url or medium.preview_image_url or None,
            mime=best.content_type or None,
            width_px=medium.width,
            height_px=medium.height,
            duration_s=None if medium.duration_ms is None else medium.duration_ms / 1000,
            alt_text=medium.alt_text or None,
            posted_at=posted_at,
        )
    for key in attached.poll_ids or ():
        poll = page.polls.get(key) or attached.poll or Poll()
        choices = [option.label for option in poll.options or () if option.label]
        yield Media(
            post_id=f"x:{tweet.id}",
            platform="x",
            kind="poll",
            media_key=key or None,
            alt_text="\n".join(choices) or None,
            posted_at=posted_at,
        )


def _bit_rate(variant: Variant) -> int:
    """What a file of a video is chosen by: a playlist has none, an animation has 0."""
    return -1 if variant.bit_rate is None else variant.bit_rate


def _listing(record: Tweet | User, asked: Asked | None) -> Iterator[Interaction]:
    """What it means that an account or a post stands in the answer to this question."""
    act: tuple[InteractionKind, str | None, str | None, str | None]
    match asked, record:
        case ("users", subject, "followers"), User():
            act = (InteractionKind.FOLLOW, record.id, subject, None)
        case ("users", subject, "following"), User():
            act = (InteractionKind.FOLLOW, subject, record.id, None)
        case ("tweets", subject, "liking_users"), User():
            act = (InteractionKind.REACT, record.id, None, subject)
        case ("tweets", subject, "retweeted_by"), User():
            act = (InteractionKind.REPOST, record.id, None, subject)
        case ("users", subject, "liked_tweets"), Tweet():
            act = (InteractionKind.REACT, subject, record.by, record.id)
        case _:
            return
    kind, who, whom, post = act
    yield Interaction(
        kind=kind,
        platform="x",
        account_id=x_id(who),
        target_account_id=x_id(whom),
        target_post_id=x_id(post),
        time_quality=TimeQuality.MISSING,
        value="like" if kind is InteractionKind.REACT else None,
    )


def _removal(order: Record, piece: Piece) -> Iterator[Row]:
    """A line of a compliance job: a post or an account is gone or no longer public.

    The line does not say which of the two it is about. The id of a post made since November 2010
    holds the millisecond that the line gives; accounts have whole seconds.
    """
    made_at = from_iso(order.created_at or "")
    is_gone = order.reason in GONE
    if millisecond(order.id or "") == made_at // 1000:
        gone_at = from_iso(order.redacted_at) if order.redacted_at else piece.capture.observed_at
        if is_gone and gone_at is not None:
            yield deleted(order.id or "", gone_at)
        else:
            piece.note("post no longer public, but not deleted or not known when: not read")
    elif made_at % 1_000_000 == 0:
        yield Account(
            account_id=f"x:{order.id}",
            platform="x",
            created_at=made_at,
            is_protected=True if order.reason == "protected" else None,
            is_deleted=True if is_gone else None,
        )
    else:
        raise ItemError("order to delete: post or account is not said", f"id {order.id}")
