"""Which posts do the objects hold that LinkedIn's web pages were made of (Voyager)?

LinkedIn shows how old a post is ("3d"), never when it was posted. But the number of an activity is
made by its servers from the time: without its last 22 bits it is milliseconds since 1970.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Annotated
from urllib.parse import unquote

import msgspec

from clew.contract import Piece, Sample, Source
from clew.errors import ItemError
from clew.formats.json_items import ItemDecoder
from clew.formats.zeeschuimer import recognised, signs, unwrapped
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
from clew.model.times import Micros, TimeQuality, in_range

_PLATFORM = "linkedin"

_Count = Annotated[int, msgspec.Meta(ge=0, le=2**63 - 1)]
_Pixels = Annotated[int, msgspec.Meta(ge=0, le=2**31)]


class _Part(msgspec.Struct, rename="camel", gc=False):
    """Anything in a post; what is not named here is not read."""


class _Artifact(_Part):
    """One size of a picture: the end of its address."""

    width: _Pixels | None = None
    height: _Pixels | None = None
    path: str | None = msgspec.field(default=None, name="fileIdentifyingUrlPathSegment")


class _Picture(_Part):
    """A picture in its sizes."""

    root_url: str | None = None
    artifacts: list[_Artifact] | None = None

    @property
    def best(self) -> _Artifact:
        """Its largest size, with the whole address."""
        sizes = [size for size in self.artifacts or () if size.path]
        best = max(sizes, key=lambda size: size.width or 0, default=_Artifact())
        url = f"{self.root_url or ''}{best.path}" if best.path else None
        return _Artifact(width=best.width, height=best.height, path=url)


class _Named(_Part):
    """A person or company, where a text names one."""

    public_identifier: str | None = None
    universal_name: str | None = None
    first_name: str | None = None
    last_name: str | None = None
    name: str | None = None
    tracking_urn: str | None = None  # of a hashtag


class _Address(_Part):
    url: str | None = None


class _Avatar(_Part):
    vector_image: _Picture | None = None


class _Detail(_Part):
    """What a stretch of a text is, in the newer form. A text: LinkedIn did not send it along."""

    hashtag: _Named | str | None = msgspec.field(default=None, name="*hashtag")
    profile: _Named | str | None = msgspec.field(default=None, name="*profileMention")
    company: _Named | str | None = msgspec.field(default=None, name="*companyName")
    text_link: _Address | None = None
    vector_image: _Picture | None = None
    avatar: _Avatar | None = msgspec.field(default=None, name="nonEntityProfilePicture")


class _Attribute(_Part):
    """What a stretch of a text is, or one picture, in the older form; `detail_data`: the newer."""

    type: str | None = None
    tracking_urn: str | None = None
    mini_profile: _Named | str | None = msgspec.field(default=None, name="*miniProfile")
    mini_company: _Named | str | None = msgspec.field(default=None, name="*miniCompany")
    vector_image: _Picture | None = None
    detail_data: _Detail | None = None


class _Text(_Part):
    """A text and what its stretches are."""

    text: str | None = None
    attributes: list[_Attribute] | None = None
    attributes_v2: list[_Attribute] | None = msgspec.field(default=None, name="attributesV2")

    @property
    def stretches(self) -> list[_Attribute]:
        """What is marked in it, of either form."""
        return [*(self.attributes or ()), *(self.attributes_v2 or ())]


class _Commentary(_Part):
    text: _Text | None = None


class _Way(_Part):
    action_target: str | None = None


class _Image(_Part):
    attributes: list[_Attribute] | None = None

    @property
    def pictures(self) -> Iterator[_Picture]:
        """The pictures that it is made of."""
        for part in self.attributes or ():
            detail = part.detail_data or _Detail()
            avatar = detail.avatar.vector_image if detail.avatar else None
            if picture := part.vector_image or detail.vector_image or avatar:
                yield picture


class _Actor(_Part):
    """Who posted, and how old LinkedIn says the post is."""

    name: _Text | None = None
    description: _Text | None = None
    sub_description: _Text | None = None
    navigation_context: _Way | None = None
    image: _Image | None = None


class _Article(_Part):
    """A page that a post leads to."""

    large_image: _Image | None = None
    navigation_context: _Way | None = None
    title: _Text | None = None


class _Images(_Part):
    images: list[_Image] | None = None


class _Video(_Part):
    metadata: _VideoData | str | None = msgspec.field(default=None, name="*videoPlayMetadata")


class _VideoData(_Part):
    thumbnail: _Picture | None = None
    duration: Annotated[int, msgspec.Meta(ge=0, le=2**53)] | None = None  # milliseconds


class _Content(_Video):
    """What is attached to a post."""

    images: list[_Image] | None = None
    navigation_context: _Way | None = None
    image_component: _Images | None = None
    article_component: _Article | None = None
    linkedin_video: _Video | None = msgspec.field(default=None, name="linkedInVideoComponent")
    external_video: _Video | None = msgspec.field(default=None, name="externalVideoComponent")


class _Reactions(_Part):
    reaction_type: str | None = None
    count: _Count | None = None


class _Paging(_Part):
    total: _Count | None = None


class _List(_Part):
    paging: _Paging | None = None


class _Counts(_Part):
    num_comments: _Count | None = None
    num_shares: _Count | None = None
    num_likes: _Count | None = None
    reaction_type_counts: list[_Reactions] | None = None


class _Social(_Part):
    counts: _Counts | str | None = msgspec.field(default=None, name="*totalSocialActivityCounts")
    comments: _List | None = None
    likes: _List | None = None
    total_shares: _Count | None = None


class _Metadata(_Part):
    urn: str | None = None


class _Update(_Part):
    """A post."""

    update_metadata: _Metadata | None = None
    pre_dash_entity_urn: str | None = None
    entity_urn: str | None = None
    actor: _Actor | None = None
    commentary: _Commentary | None = None
    content: _Content | None = None
    social: _Social | str | None = msgspec.field(default=None, name="*socialDetail")
    reshared: _Update | str | None = msgspec.field(default=None, name="*resharedUpdate")

    @property
    def number(self) -> str | None:
        """The number of its activity; of several that LinkedIn shows as one, the first."""
        own = self.update_metadata.urn if self.update_metadata else None
        return _activity(own or self.pre_dash_entity_urn or self.entity_urn)


_URN = re.compile(r"urn:li:activity:([0-9]{1,19})(?![0-9])")


def _activity(urn: str | None) -> str | None:
    found = _URN.search(urn or "")
    return found[1] if found else None


_UPDATE = ItemDecoder(_Update)

# -------------------------------------------------------------------------------- taking it apart

_SIGNS = signs(
    "*socialDetail actor commentary updateMetadata", "*socialDetail actor preDashEntityUrn"
)


def recognise(sample: Sample) -> float:
    """By the platform that Zeeschuimer names, or the keys of LinkedIn's objects."""
    return recognised(sample, platforms=("linkedin.com",), keys=_SIGNS)


def items(piece: Piece) -> Iterator[_Update | ItemError]:
    """Each post."""
    return unwrapped(piece, _UPDATE)


# ----------------------------------------------------------------------------- what a record says


def rows(item: _Update, piece: Piece) -> Iterator[Row]:
    """The rows of a post, and of the posts that it shares, however deep."""
    update: _Update | str | None = item
    while isinstance(update, _Update):
        yield from _update_rows(update, piece)
        update = update.reshared


def _update_rows(update: _Update, piece: Piece) -> Iterator[Row]:
    number = update.number
    if number is None or update.actor is None:
        raise ItemError("unexpected structure", "an object that is no post")
    shown_age = update.actor.sub_description and update.actor.sub_description.text
    if shown_age and not any(map(str.isdigit, shown_age)):
        piece.note("post shown without an age, as advertisements are: read as a post")
    post = _post(update, number)
    yield post
    if post.account_id:
        yield _account(update.actor, post.account_id)
    original = _original(update)
    if original:
        whose = update.reshared.actor if isinstance(update.reshared, _Update) else None
        kind = InteractionKind.REPOST if post.kind is PostKind.REPOST else InteractionKind.QUOTE
        yield post.act(kind, target_account_id=_account_id(whose), target_post_id=original)
    yield from _mentions(update, post)
    yield from _links(update, post)
    yield from _media(update.content or _Content(), post)


_FIRST_MS = 1_050_000_000_000
"""April 2003, before LinkedIn began: a smaller number is from before numbers held the time."""


def _posted_at(number: str) -> Micros | None:
    milliseconds = int(number) >> 22
    return in_range(milliseconds * 1000) if milliseconds >= _FIRST_MS else None


def _post(update: _Update, number: str) -> Post:
    posted_at = _posted_at(number)
    words = _words(update)
    original = _original(update)
    counts = _counts(update.social)
    account_id = _account_id(update.actor)
    signed = update.actor.name.text if update.actor and update.actor.name else None
    reactions = {
        entry.reaction_type.lower(): entry.count
        for entry in counts.reaction_type_counts or ()
        if entry.reaction_type and entry.count is not None
    }
    tags = [tag for part in words.stretches if (tag := _hashtag(part))]
    post_id = f"{_PLATFORM}:{number}"
    return Post(
        post_id=post_id,
        platform=_PLATFORM,
        kind=PostKind.REPOST if original and not words.text else PostKind.POST,
        account_id=account_id,
        author_name=None if account_id else signed or None,
        thread_id=post_id,
        repost_of_post_id=original if not words.text else None,
        quote_of_post_id=original if words.text else None,
        posted_at=posted_at,
        time_quality=TimeQuality.MISSING if posted_at is None else TimeQuality.UTC,
        text=words.text or None,
        url=f"https://www.linkedin.com/feed/update/urn:li:activity:{number}",
        like_count=counts.num_likes,
        reply_count=counts.num_comments,
        repost_count=counts.num_shares,
        reactions=msgspec.json.encode(reactions).decode() if reactions else None,
        tags=msgspec.json.encode(tags).decode() if tags else None,
    )


def _words(update: _Update) -> _Text:
    return (update.commentary.text if update.commentary else None) or _Text()


def _original(update: _Update) -> str | None:
    """The id of the post that a post shares, by its object or its name only."""
    shared = update.reshared
    number = shared.number if isinstance(shared, _Update) else _activity(shared)
    return f"{_PLATFORM}:{number}" if number else None


def _counts(social: _Social | str | None) -> _Counts:
    if not isinstance(social, _Social):
        return _Counts()
    if isinstance(social.counts, _Counts):
        return social.counts
    comments, likes = (
        entries.paging.total if entries and entries.paging else None
        for entries in (social.comments, social.likes)
    )
    return _Counts(num_comments=comments, num_likes=likes, num_shares=social.total_shares)


def _account_id(actor: _Actor | None) -> str | None:
    """`in/name` or `company/name` of the profile's address, which is all that texts name too."""
    way = actor.navigation_context.action_target if actor and actor.navigation_context else None
    _, found, path = (way or "").partition("linkedin.com/")
    kind, _, rest = path.partition("?")[0].partition("/")
    name = unquote(rest.partition("/")[0]).replace("\0", "\ufffd")
    return f"{_PLATFORM}:{kind}/{name.lower()}" if found and kind and name else None


def _account(actor: _Actor, account_id: str) -> Account:
    pictures = actor.image.pictures if actor.image else iter(())
    return Account(
        account_id=account_id,
        platform=_PLATFORM,
        handle=account_id.partition("/")[2],
        name=(actor.name.text if actor.name else None) or None,
        description=(actor.description.text if actor.description else None) or None,
        avatar_url=next(pictures, _Picture()).best.path,
    )


def _hashtag(part: _Attribute) -> str | None:
    newer = part.detail_data.hashtag if part.detail_data else None
    if isinstance(newer, str):  # urn:li:fsd_hashtag:(name,urn:li:activity:1)
        return newer.partition(":(")[2].partition(",")[0] or None
    urn = newer.tracking_urn if newer else part.tracking_urn if part.type == "HASHTAG" else None
    return (urn or "").rpartition(":")[2] or None


def _mentions(update: _Update, post: Post) -> Iterator[Interaction]:
    for part in _words(update).stretches:
        detail = part.detail_data or _Detail()
        for who in (part.mini_profile, part.mini_company, detail.profile, detail.company):
            if not isinstance(who, _Named):
                continue
            name = who.public_identifier or who.universal_name
            kind = "in" if who.public_identifier else "company"
            spelt = who.name or " ".join(filter(None, (who.first_name, who.last_name)))
            yield post.act(
                InteractionKind.MENTION,
                target_account_id=f"{_PLATFORM}:{kind}/{name.lower()}" if name else None,
                target_name=None if name else spelt or None,
            )


def _links(update: _Update, post: Post) -> Iterator[Link]:
    """The links of the text, and the page attached."""
    found: dict[str, str | None] = {}
    for part in _words(update).stretches:
        link = part.detail_data.text_link if part.detail_data else None
        if link and link.url:
            found[link.url] = None
    content = update.content or _Content()
    article = content.article_component or _Article()
    for way in (content.navigation_context, article.navigation_context):
        if way and way.action_target:
            found[way.action_target] = article.title.text if article.title else None
    for url, title in found.items():
        yield Link(
            post_id=post.post_id,
            platform=_PLATFORM,
            url=url,
            title=title or None,
            posted_at=post.posted_at,
        )


def _media(content: _Content, post: Post) -> Iterator[Media]:
    """Pictures, and videos, of which the address is that of their first picture."""
    images = content.images or (content.image_component and content.image_component.images) or []
    pictures = [picture for image in images for picture in image.pictures]
    for picture in pictures:
        yield _medium("photo", picture, post)
    for video in (content, content.linkedin_video, content.external_video):
        if video and isinstance(video.metadata, _VideoData):
            thumbnail = video.metadata.thumbnail or _Picture()
            yield _medium("video", thumbnail, post, video.metadata.duration)


def _medium(kind: str, picture: _Picture, post: Post, duration_ms: int | None = None) -> Media:
    best = picture.best
    return Media(
        post_id=post.post_id,
        platform=_PLATFORM,
        kind=kind,
        url=best.path,
        width_px=best.width,
        height_px=best.height,
        duration_s=None if duration_ms is None else duration_ms / 1000,
        posted_at=post.posted_at,
    )


LINKEDIN_WEB = Source(
    name="linkedin_web",
    platform=_PLATFORM,
    title="LinkedIn web pages",
    files="Zeeschuimer's *.ndjson of LinkedIn; the same objects of posts alone",
    fills=(Post, Account, Interaction, Link, Media),
    time="UTC: worked out from the number that LinkedIn's servers gave the activity, to the "
    "millisecond; the page itself shows an age only. LinkedIn does not document this.",
    terms="LinkedIn's terms forbid collecting by machine without consent; ask before use.",
    recognise=recognise,
    items=items,
    rows=rows,
)
