"""Which fields of the answers of X's API v2 does Clew read?

Every field may be missing: which ones an answer has depends on the question. Flattening leaves an
empty object where something is named that was not delivered.
"""

from __future__ import annotations

import msgspec

from clew.sources.x_api.both import Count, Id, plain


class Part(msgspec.Struct, gc=False):
    """Anything in an answer."""


class Metrics(Part):
    """Counts of a post or of an account."""

    like_count: Count | None = None
    reply_count: Count | None = None
    retweet_count: Count | None = None
    quote_count: Count | None = None
    impression_count: Count | None = None
    followers_count: Count | None = None
    following_count: Count | None = None
    tweet_count: Count | None = None


class Url(Part):
    """An address in a text, behind X's own short one."""

    url: str | None = None
    expanded_url: str | None = None
    unwound_url: str | None = None
    display_url: str | None = None
    title: str | None = None
    description: str | None = None
    media_key: str | None = None


class Urls(Part):
    """The addresses of one field of a profile."""

    urls: list[Url] | None = None


class UserEntities(Part):
    """What the fields of a profile contain."""

    url: Urls | None = None


class User(Part):
    """An account."""

    id: Id | None = None
    username: str | None = None
    name: str | None = None
    description: str | None = None
    location: str | None = None
    url: str | None = None
    entities: UserEntities | None = None
    profile_image_url: str | None = None
    created_at: str | None = None
    public_metrics: Metrics | None = None
    verified: bool | None = None
    protected: bool | None = None
    pinned_tweet: Tweet | None = None


class Mention(User):
    """Flattening merges what is known of the account into the mention."""

    start: int | None = None


class Tag(Part):
    """A hashtag or cashtag."""

    tag: str | None = None


class Entities(Part):
    """What X found in a text."""

    urls: list[Url] | None = None
    mentions: list[Mention] | None = None
    hashtags: list[Tag] | None = None
    cashtags: list[Tag] | None = None


class Variant(Part):
    """One encoding of a video."""

    url: str | None = None
    content_type: str | None = None
    bit_rate: int | None = None


class Medium(Part):
    """A picture or video."""

    media_key: str | None = None
    type: str | None = None
    url: str | None = None
    preview_image_url: str | None = None
    variants: list[Variant] | None = None
    width: Count | None = None
    height: Count | None = None
    duration_ms: Count | None = None
    alt_text: str | None = None


class Option(Part):
    """One choice of a poll."""

    label: str | None = None


class Poll(Part):
    """A question with choices."""

    id: str | None = None
    options: list[Option] | None = None


class Attachments(Part):
    """What a post carries: named by key; flattening puts it beside the keys."""

    media_keys: list[str] | None = None
    media: list[Medium] | None = None
    poll_ids: list[str] | None = None
    poll: Poll | None = None


class Point(Part):
    """A point, longitude first."""

    type: str | None = None
    coordinates: list[float] | None = None


class Place(Part):
    """A place on X's map."""

    id: str | None = None
    full_name: str | None = None
    name: str | None = None


class Geo(Place):
    """Flattening merges the place into it."""

    place_id: str | None = None
    coordinates: Point | None = None


class Withheld(Part):
    """Where X hides a post."""

    country_codes: list[str] | None = None


class Note(Part):
    """The whole of a long post."""

    text: str | None = None
    entities: Entities | None = None


class Tweet(Part):
    """A post. One that only refers to another has its id and `type`, unless flattened."""

    id: Id | None = None
    text: str | None = None
    note_tweet: Note | None = None
    type: str | None = None  # what it is to the post that refers to it
    author_id: Id | None = None
    author: User | None = None
    created_at: str | None = None
    conversation_id: Id | None = None
    in_reply_to_user_id: Id | None = None
    in_reply_to_user: User | None = None
    referenced_tweets: list[Tweet] | None = None
    edit_history_tweet_ids: list[Id] | None = None
    entities: Entities | None = None
    attachments: Attachments | None = None
    geo: Geo | None = None
    public_metrics: Metrics | None = None
    lang: str | None = None
    source: str | None = None
    withheld: Withheld | None = None

    @property
    def by(self) -> str | None:
        """The id of its author."""
        return self.author_id or (self.author.id if self.author else None)

    @property
    def words(self) -> str | None:
        """All of its text."""
        return plain((self.note_tweet.text if self.note_tweet else None) or self.text)

    @property
    def marks(self) -> Entities:
        """The entities of all of its text."""
        return (self.note_tweet.entities if self.note_tweet else None) or self.entities or NO_MARKS


class Record(Tweet):
    """One element of `data`: a post, or something told apart by a field that posts lack."""

    username: str | None = None  # an account
    action: str | None = None  # an order to delete, from a compliance job
    redacted_at: str | None = None
    reason: str | None = None
    event_type: str | None = None  # a direct message
    tweet_count: int | None = None  # a count of posts in a span of time
    owner_id: str | None = None  # a list of accounts
    state: str | None = None  # a space (live audio)


class Includes(Part):
    """What the records of a page name. Each is decoded apart: a fault costs only itself."""

    users: list[msgspec.Raw] | None = None
    tweets: list[msgspec.Raw] | None = None
    media: list[msgspec.Raw] | None = None
    places: list[msgspec.Raw] | None = None
    polls: list[msgspec.Raw] | None = None


class Problem(Part):
    """Something that was not delivered, or why nothing was."""

    title: str | None = None


class Twarc(Part):
    """What twarc2 notes of an answer."""

    url: str | None = None


class Line(Record):
    """A page, or a flattened record."""

    data: msgspec.Raw = msgspec.Raw()
    includes: Includes | None = None
    errors: list[Problem] | None = None
    title: str | None = None  # the whole question failed, and why
    twarc: Twarc | None = msgspec.field(default=None, name="__twarc")

    @property
    def is_failure(self) -> bool:
        """Whether it says only why there is no answer."""
        wrong = self.errors is not None or self.title is not None
        return wrong and self.id is None and not bytes(self.data) and self.includes is None

    @property
    def is_page(self) -> bool:
        """Whether its records are inside it."""
        return bool(bytes(self.data)) or self.includes is not None or self.is_failure


NO_MARKS = Entities()
