"""Which fields does Clew read of what X's web pages are made of?

Posts and accounts come as results (`{"result": {"__typename": …}}`). What they say lies in `legacy`
as in X's API v1.1; since 2025 what accounts say has moved out of it into objects of its own.
"""

from __future__ import annotations

from typing import Annotated

import msgspec

Id = Annotated[str, msgspec.Meta(min_length=1, max_length=20, pattern=r"^[0-9]+$")]
Count = Annotated[int, msgspec.Meta(ge=0, le=2**63 - 1)]


class Part(msgspec.Struct, gc=False):
    """Anything in an answer."""


class Url(Part):
    """An address in a text, behind X's own short one."""

    url: str | None = None
    expanded_url: str | None = None


class Urls(Part):
    """The addresses of one field of a profile."""

    urls: list[Url] | None = None


class ProfileEntities(Part):
    """What the fields of a profile contain."""

    url: Urls | None = None


class UserCore(Part):
    """Who an account is."""

    created_at: str | None = None
    name: str | None = None
    screen_name: str | None = None


class UserLegacy(UserCore):
    """All that older answers say of an account; empty in newer ones."""

    description: str | None = None
    location: str | None = None
    url: str | None = None
    entities: ProfileEntities | None = None
    profile_image_url_https: str | None = None
    followers_count: Count | None = None
    friends_count: Count | None = None
    statuses_count: Count | None = None
    verified: bool | None = None
    protected: bool | None = None


class Avatar(Part):
    """Its picture."""

    image_url: str | None = None


class Bio(Part):
    """Its description and the addresses in its profile."""

    description: str | None = None
    entities: ProfileEntities | None = None


class Location(Part):
    """Where it says it is."""

    location: str | None = None


class Website(Part):
    """The link of its profile, behind X's own short one."""

    url: str | None = None


class Privacy(Part):
    """Who may see its posts."""

    protected: bool | None = None


class Relations(Part):
    """Whom it follows and who follows it."""

    followers: Count | None = None
    following: Count | None = None


class Tweets(Part):
    """How many posts it has."""

    tweets: Count | None = None


class Verification(Part):
    """The mark of an account verified by X itself."""

    verified: bool | None = None


class User(Part):
    """An account, or the notice that there is none to be seen."""

    rest_id: Id | None = None
    core: UserCore | None = None
    legacy: UserLegacy | None = None
    avatar: Avatar | None = None
    profile_bio: Bio | None = None
    location: Location | None = None
    website: Website | None = None
    privacy: Privacy | None = None
    relationship_counts: Relations | None = None
    tweet_counts: Tweets | None = None
    verification: Verification | None = None
    is_blue_verified: bool | None = None


class UserResult(Part):
    """An account's place."""

    result: User | None = None


class UserResults(Part):
    """The account that wrote a post."""

    user_results: UserResult | None = None


class Mention(Part):
    """An account named in a text."""

    id_str: Id | None = None
    screen_name: str | None = None
    name: str | None = None


class Tag(Part):
    """A hashtag or cashtag."""

    text: str | None = None


class Size(Part):
    """Pixels."""

    width: Count | None = None
    height: Count | None = None


class Variant(Part):
    """One encoding of a video."""

    url: str | None = None
    content_type: str | None = None
    bitrate: int | None = None


class Video(Part):
    """What there is of a video."""

    duration_millis: Count | None = None
    variants: list[Variant] | None = None


class Medium(Part):
    """A picture or video."""

    media_key: str | None = None
    id_str: str | None = None
    type: str | None = None
    media_url_https: str | None = None
    original_info: Size | None = None
    video_info: Video | None = None
    ext_alt_text: str | None = None


class Entities(Part):
    """What X found in a text."""

    urls: list[Url] | None = None
    user_mentions: list[Mention] | None = None
    hashtags: list[Tag] | None = None
    symbols: list[Tag] | None = None
    media: list[Medium] | None = None


class Point(Part):
    """A point, longitude first."""

    coordinates: list[float] | None = None


class Place(Part):
    """A place on X's map."""

    full_name: str | None = None
    name: str | None = None


class TweetLegacy(Part):
    """What a post says."""

    full_text: str | None = None
    created_at: str | None = None
    user_id_str: Id | None = None
    conversation_id_str: Id | None = None
    in_reply_to_status_id_str: Id | None = None
    in_reply_to_user_id_str: Id | None = None
    in_reply_to_screen_name: str | None = None
    quoted_status_id_str: Id | None = None
    retweeted_status_result: TweetResult | None = None
    entities: Entities | None = None
    extended_entities: Entities | None = None
    coordinates: Point | None = None
    place: Place | None = None
    favorite_count: Count | None = None
    reply_count: Count | None = None
    retweet_count: Count | None = None
    quote_count: Count | None = None
    lang: str | None = None
    withheld_in_countries: list[str] | None = None


class Views(Part):
    """How often it was seen; a number as text."""

    count: str | None = None


class Edits(Part):
    """The versions of a post, each with an id of its own."""

    edit_tweet_ids: list[Id] | None = None


class EditControl(Edits):
    """In a version that is not the first, that of the first is inside."""

    edit_control_initial: Edits | None = None


class Note(Part):
    """The whole of a long post."""

    text: str | None = None
    entity_set: Entities | None = None


class NoteResult(Part):
    """Its place."""

    result: Note | None = None


class NoteTweet(Part):
    """A long post."""

    note_tweet_results: NoteResult | None = None


class BindingValue(Part):
    """The value of a card's field."""

    string_value: str | None = None


class Binding(Part):
    """A field of a card."""

    key: str | None = None
    value: BindingValue | None = None


class CardLegacy(Part):
    """The preview of a link, or a poll."""

    name: str | None = None
    binding_values: list[Binding] | None = None


class Card(Part):
    """A card below a post."""

    rest_id: str | None = None
    legacy: CardLegacy | None = None


class Article(Part):
    """A long text with a headline; only its beginning is sent along."""

    title: str | None = None


class ArticleResult(Part):
    """Its place."""

    result: Article | None = None


class Articles(Part):
    """An article."""

    article_results: ArticleResult | None = None


class Community(Part):
    """A community in which it was posted."""

    id_str: Id | None = None
    rest_id: Id | None = None
    name: str | None = None
    description: str | None = None
    member_count: Count | None = None


class CommunityResult(Part):
    """Its place."""

    result: Community | None = None


class Tweet(Part):
    """A post, or what stands in its place; `tweet` is the post itself if X hides it by rules."""

    typename: str | None = msgspec.field(default=None, name="__typename")
    rest_id: Id | None = None
    tweet: Tweet | None = None
    core: UserResults | None = None
    legacy: TweetLegacy | None = None
    note_tweet: NoteTweet | None = None
    quoted_status_result: TweetResult | None = None
    edit_control: EditControl | None = None
    views: Views | None = None
    source: str | None = None
    card: Card | None = None
    article: Articles | None = None
    community_results: CommunityResult | None = None

    @property
    def note(self) -> Note:
        """The whole of a long post; empty for another."""
        results = self.note_tweet and self.note_tweet.note_tweet_results
        return (results and results.result) or NO_NOTE

    @property
    def marks(self) -> Entities:
        """What X found in all of its text."""
        legacy = self.legacy or NO_LEGACY
        return self.note.entity_set or legacy.entities or NO_MARKS

    @property
    def author(self) -> User | None:
        """Its author, if there is one to be seen."""
        results = self.core and self.core.user_results
        return results.result if results else None


class TweetResult(Part):
    """A post's place; empty if it is gone."""

    result: Tweet | None = None

    @property
    def post(self) -> Tweet | None:
        """The post itself, if it is one."""
        post = self.result and (self.result.tweet or self.result)
        return post if post and post.rest_id and post.legacy else None


class Request(Part):
    """What a browser asked for."""

    url: str = ""


class Content(Part):
    """What it got."""

    text: str | None = None
    encoding: str | None = None


class Response(Part):
    """An answer."""

    content: Content | None = None


class Exchange(Part):
    """A request of a browser's recording (HAR) with its answer."""

    request: Request | None = None
    response: Response | None = None


NO_NOTE, NO_MARKS, NO_LEGACY = Note(), Entities(), TweetLegacy()
