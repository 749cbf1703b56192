"""What do the answers of a Discourse forum look like? Records of msgspec."""

from __future__ import annotations

from typing import Annotated, NamedTuple

import msgspec

PLATFORM = "discourse"

_Int = Annotated[int, msgspec.Meta(ge=-(2**63), le=2**63 - 1)]
_Number = Annotated[int, msgspec.Meta(ge=1, le=2**63 - 1)]


class Part(msgspec.Struct, gc=False):
    """Anything in an answer; fields that are not named here are of no use."""


class User(Part):
    """A user: named in passing, or with a profile."""

    id: _Int | None = None
    username: str | None = None
    name: str | None = None
    avatar_template: str | None = None
    bio_cooked: str | None = None
    location: str | None = None
    website: str | None = None
    created_at: str | None = None
    post_count: _Int | None = None
    total_followers: _Int | None = None
    total_following: _Int | None = None
    suspended_at: str | None = None
    suspended_till: str | None = None


class Voter(User):
    """One who voted; in a ranked poll the user lies one level deeper."""

    user: User | None = None


class Choice(Part):
    """One choice of a poll."""

    id: str | None = None
    html: str | None = None


class Poll(Part):
    """A poll; its choices and, if it is open, who took them."""

    name: str | None = None
    options: list[Choice] | None = None
    preloaded_voters: dict[str, list[Voter]] | None = None


class Action(Part):
    """How many did one thing to a post: 2 is a like."""

    id: _Int | None = None
    count: _Int | None = None


class Reaction(Part):
    """How many reacted with one emoji."""

    id: str | None = None
    count: _Int | None = None


class LinkCount(Part):
    """A link of a post, or from another post to it."""

    url: str | None = None
    title: str | None = None
    reflection: bool | None = None  # the link stands in another post and leads here


class Tag(Part):
    """A tag, as later servers write it."""

    name: str | None = None


class Poster(Part):
    """One of those who wrote in a topic."""

    user_id: _Int | None = None
    user: User | None = None


class TopicRecord(Part):
    """A topic, as lists show it or as it stands around its posts."""

    id: _Number | None = None
    title: str | None = None
    slug: str | None = None
    archetype: str | None = None
    category_id: _Int | None = None
    posts_count: _Int | None = None
    views: _Int | None = None
    like_count: _Int | None = None
    created_at: str | None = None
    tags: list[str | Tag] | None = None
    posters: list[Poster] | None = None


class PostRecord(Part):
    """A post, with what its reader may see of it."""

    id: _Int | None = None
    topic_id: _Number | None = None
    post_number: _Number | None = None
    post_type: _Int | None = None
    username: str | None = None
    name: str | None = None
    avatar_template: str | None = None
    created_at: str | None = None
    updated_at: str | None = None
    version: _Int | None = None
    cooked: str | None = None
    raw: str | None = None
    cooked_hidden: bool | None = None
    hidden: bool | None = None
    user_deleted: bool | None = None
    deleted_at: str | None = None
    action_code: str | None = None
    reply_count: _Int | None = None
    posts_count: _Int | None = None  # of its topic
    reply_to_post_number: _Number | None = None
    reply_to_user: User | None = None
    mentioned_users: list[User] | None = None
    actions_summary: list[Action] | None = None
    reactions: list[Reaction] | None = None
    link_counts: list[LinkCount] | None = None
    polls: list[Poll] | None = None
    post_url: str | None = None
    locale: str | None = None
    category_id: _Int | None = None
    topic_title: str | None = None


class Category(Part):
    """A category, with those inside it."""

    id: _Int | None = None
    name: str | None = None
    slug: str | None = None
    description: str | None = None
    subcategory_list: list[Category] | None = None


class Stream(Part):
    """The posts of a topic that an answer holds."""

    posts: list[msgspec.Raw] = []


class Topics(Part):
    """A list of topics."""

    topics: list[msgspec.Raw] = []


class Categories(Part):
    """A list of categories."""

    categories: list[msgspec.Raw] = []


_NOTHING = msgspec.Raw(b"null")


class Answer(Part):
    """Any answer: told apart by what it has."""

    post_stream: Stream | None = None
    latest_posts: list[msgspec.Raw] | None = None
    posts: list[msgspec.Raw] | None = None  # of a search
    topics: list[msgspec.Raw] | None = None
    topic_list: Topics | None = None
    category_list: Categories | None = None
    users: list[msgspec.Raw] | None = None
    user: msgspec.Raw = _NOTHING
    admin_user: msgspec.Raw = _NOTHING
    cooked: msgspec.Raw = _NOTHING  # of one post
    trust_level: msgspec.Raw = _NOTHING  # of one user

    @property
    def is_list(self) -> bool:
        """Whether it has a list of what is read, be it empty."""
        lists = (self.post_stream, self.latest_posts, self.posts, self.topics, self.topic_list)
        return any(it is not None for it in (*lists, self.category_list, self.users))


NO_TOPIC = TopicRecord()


class Around(NamedTuple):
    """What an answer says of all that is in it."""

    host: str
    topic: TopicRecord
    users: dict[int, str]  # number → user name

    @property
    def prefix(self) -> str:
        """What the ids of this forum begin with."""
        return f"{PLATFORM}:{self.host}"


class Item(NamedTuple):
    """A record and what stands around it."""

    record: PostRecord | TopicRecord | User | Category
    around: Around
