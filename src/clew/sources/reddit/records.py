"""Which fields of Reddit's records does Clew read?

Nearly every field may be missing: which ones there are depends on the year and on who asked.
"""

from __future__ import annotations

from typing import Annotated

import msgspec

Int = Annotated[int, msgspec.Meta(ge=-(2**63), le=2**63 - 1)]
Count = Annotated[int, msgspec.Meta(ge=0, le=2**63 - 1)]
Seconds = float | int | str  # all three, in dumps of different years
Id = Annotated[str, msgspec.Meta(min_length=1, max_length=40)]


class Part(msgspec.Struct, gc=False):
    """Anything in a record; what is not named here is not read."""


class Later(Part):
    """What Arctic Shift found when it fetched a record again after 36 hours."""

    retrieved_2nd_on: Seconds | None = None
    was_deleted_later: bool | None = None


class Size(Part):
    """A picture in its original size: `u`, or `gif` and `mp4` for one that moves."""

    u: str | None = None
    gif: str | None = None
    mp4: str | None = None
    x: Count | None = None
    y: Count | None = None


class Metadata(Part):
    """A medium uploaded to Reddit, by its id."""

    e: str | None = None  # Image, AnimatedImage, RedditVideo
    m: str | None = None
    s: Size | None = None


class Caption(Part):
    """A picture's place in a gallery."""

    media_id: str | None = None
    caption: str | None = None


class Gallery(Part):
    """The order of a gallery."""

    items: list[Caption] | None = None


class Video(Part):
    """A video that Reddit hosts."""

    fallback_url: str | None = None
    width: Count | None = None
    height: Count | None = None
    duration: float | None = None


class Embed(Part):
    """What the site of a link says of itself."""

    title: str | None = None
    description: str | None = None


class Hosted(Part):
    """What a link leads to."""

    reddit_video: Video | None = None
    oembed: Embed | None = None


class Original(Part):
    """The picture that previews are made of."""

    width: Count | None = None
    height: Count | None = None


class Picture(Part):
    """A picture of the preview."""

    source: Original | None = None


class Preview(Part):
    """The preview of a link."""

    images: list[Picture] | None = None


class Choice(Part):
    """A choice of a poll."""

    text: str | None = None


class Poll(Part):
    """A poll."""

    options: list[Choice] | None = None


class Record(Part):
    """A comment or a submission, as dumps and API have it."""

    id: Id | None = None
    name: Id | None = None  # `t1_…` or `t3_…`; old dumps lack it
    author: str | None = None
    author_created_utc: Seconds | None = None
    subreddit: str | None = None
    subreddit_type: str | None = None
    created_utc: Seconds | None = None
    edited: bool | Seconds | None = None
    retrieved_on: Seconds | None = None
    retrieved_utc: Seconds | None = None
    meta: Later | None = msgspec.field(default=None, name="_meta")
    score: Int | None = None
    score_hidden: bool | None = None
    permalink: str | None = None
    media_metadata: dict[str, Metadata] | None = None
    # of a comment
    body: str | None = None
    link_id: str | None = None
    parent_id: str | int | None = None
    replies: msgspec.Raw = msgspec.Raw()
    # of a submission
    title: str | None = None
    selftext: str | None = None
    url: str | None = None
    is_self: bool | None = None
    hide_score: bool | None = None
    num_comments: Int | None = None  # a few are negative
    num_crossposts: Count | None = None
    view_count: Count | None = None
    link_flair_text: str | None = None
    removed_by_category: str | None = None
    crosspost_parent: str | None = None
    crosspost_parent_list: list[Record] | None = None
    is_video: bool | None = None
    is_reddit_media_domain: bool | None = None
    post_hint: str | None = None
    preview: Preview | None = None
    media: Hosted | None = None
    gallery_data: Gallery | None = None
    poll_data: Poll | None = None
    # of a subreddit, by which a line of its dump is told apart
    display_name: str | None = None

    @property
    def is_comment(self) -> bool:
        """Whether it is no submission."""
        return self.body is not None or (self.link_id is not None and self.title is None)

    @property
    def fullname(self) -> str | None:
        """Its id with the prefix of its kind."""
        prefix = "t1_" if self.is_comment else "t3_"
        native = (self.id or self.name or "").removeprefix(prefix)
        return prefix + native if native.isalnum() else None


class Profile(Part):
    """The page of an account."""

    title: str | None = None
    public_description: str | None = None


class User(Part):
    """An account."""

    name: Id
    created_utc: Seconds | None = None
    icon_img: str | None = None
    subreddit: Profile | None = None
    is_suspended: bool | None = None


class Subreddit(Part):
    """A subreddit."""

    display_name: Id
    title: str | None = None
    public_description: str | None = None
    subscribers: Count | None = None
    created_utc: Seconds | None = None
    subreddit_type: str | None = None


class More(Part):
    """Comments that were not sent along: how many. None: the thread goes on on another page."""

    count: Count = 0


class Listing(Part):
    """A page of things."""

    children: list[msgspec.Raw] | None = None


class Things(Part):
    """Answer to a request for more comments, or to a comment made."""

    things: list[msgspec.Raw] | None = None


class Answer(Part):
    """Around it."""

    data: Things | None = None


class Thing(Part):
    """What the API wraps a record in. Neither kind nor json: a record of a dump, or a search."""

    kind: str | None = None
    data: msgspec.Raw = msgspec.Raw()
    json: Answer | None = None
    sorted_links: msgspec.Raw = msgspec.Raw()  # a collection of submissions
