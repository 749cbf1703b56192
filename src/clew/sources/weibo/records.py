"""Which fields of Weibo's own objects does Clew read?

m.weibo.cn and weibo.com/ajax give the same objects with small differences: text as HTML or plain,
pictures in `pics` or `pic_infos`, counts as numbers or rounded to words (`7164.8万`).
"""

from __future__ import annotations

from typing import Any

import msgspec

Native = int | str | None
Number = int | float | str | None


class Part(msgspec.Struct, gc=False):
    """Anything in an object; what is not named here is not read."""


class User(Part):
    """An account."""

    id: Native = None
    idstr: str | None = None
    screen_name: str | None = None
    domain: str | None = None
    description: str | None = None
    location: str | None = None
    url: str | None = None
    avatar_hd: str | None = None
    avatar_large: str | None = None
    profile_image_url: str | None = None
    created_at: str | None = None
    followers_count: Number = None
    friends_count: Number = None
    follow_count: Number = None
    statuses_count: Number = None
    verified: bool | None = None


class Size(Part):
    """A picture in one size. m.weibo.cn has its pixels in `geo`, as numbers or text."""

    url: str | None = None
    width: Number = None
    height: Number = None
    geo: Any = None


class Picture(Part):
    """A picture in several sizes."""

    pid: str | None = None
    pic_id: str | None = None
    url: str | None = None
    large: Size | None = None
    largest: Size | None = None
    type: str | None = None


class Video(Part):
    """Where a video is, best quality first, and how long it is (seconds)."""

    mp4_720p_mp4: str | None = None
    mp4_hd_url: str | None = None
    stream_url_hd: str | None = None
    mp4_sd_url: str | None = None
    stream_url: str | None = None
    duration: float | None = None

    @property
    def address(self) -> str | None:
        """Its address in the best quality that is named."""
        return (
            self.mp4_720p_mp4
            or self.mp4_hd_url
            or self.stream_url_hd
            or self.mp4_sd_url
            or self.stream_url
            or None
        )


class Page(Part):
    """What is shown below a post: a video, an article, a place, a topic, …"""

    type: Native = None
    object_type: Native = None
    object_id: str | None = None
    page_url: str | None = None
    page_title: str | None = None
    title: str | None = None
    content1: str | None = None
    media_info: Video | None = None
    urls: Video | None = None

    @property
    def kind(self) -> str | None:
        """What it is: m.weibo.cn says it in `type`, weibo.com in `object_type`; else numbers."""
        for given in (self.type, self.object_type):
            if isinstance(given, str) and given and not given.isdigit():
                return given
        return None


class Mixed(Part):
    """One of the pictures and videos of a post that has both."""

    type: str | None = None
    data: msgspec.Raw = msgspec.Raw()


class Mix(Part):
    """Pictures and videos together."""

    items: list[Mixed] | None = None


class Address(Part):
    """A link in the text: Weibo writes a short address in its place."""

    short_url: str | None = None
    long_url: str | None = None
    url_title: str | None = None


class Topic(Part):
    """A hashtag."""

    topic_title: str | None = None


class LongText(Part):
    """The whole text of a post that lists show cut off."""

    longTextContent: str | None = None  # noqa: N815 - Weibo's name


class Status(Part):
    """A post."""

    id: Native = None
    idstr: str | None = None
    mid: Native = None
    bid: str | None = None
    mblogid: str | None = None
    created_at: str | None = None
    edit_at: str | None = None
    text: str | None = None
    text_raw: str | None = None
    longText: LongText | bool | None = None  # noqa: N815 - Weibo's name
    isLongText: bool | None = None  # noqa: N815 - Weibo's name
    source: str | None = None
    region_name: str | None = None
    user: User | None = None
    retweeted_status: Status | None = None
    deleted: bool | int | str | None = None
    reposts_count: Number = None
    comments_count: Number = None
    attitudes_count: Number = None
    reads_count: Number = None
    geo: Any = None
    pics: list[Picture] | dict[str, Picture] | None = None
    pic_infos: dict[str, Picture] | None = None
    mix_media_info: Mix | None = None
    page_info: Page | None = None
    url_struct: list[Address] | None = None
    topic_struct: list[Topic] | None = None


class Comment(Part):
    """A comment."""

    id: Native = None
    idstr: str | None = None
    rootid: Native = None
    rootidstr: str | None = None
    created_at: str | None = None
    text: str | None = None
    text_raw: str | None = None
    source: str | None = None
    user: User | None = None
    like_count: Number = None
    like_counts: Number = None
    total_number: Number = None
    reply_comment: Comment | None = None
    status: Status | None = None
    pic: Picture | None = None
    url_struct: list[Address] | None = None
    comments: msgspec.Raw = msgspec.Raw()  # the answers to it, or false


class Shape(Part):
    """What tells the objects apart, and what is inside those that only hold others."""

    # of posts, comments and accounts
    created_at: msgspec.Raw = msgspec.Raw()
    text: msgspec.Raw = msgspec.Raw()
    text_raw: msgspec.Raw = msgspec.Raw()
    rootid: msgspec.Raw = msgspec.Raw()
    rootidstr: msgspec.Raw = msgspec.Raw()
    floor_number: msgspec.Raw = msgspec.Raw()
    reply_comment: msgspec.Raw = msgspec.Raw()
    like_counts: msgspec.Raw = msgspec.Raw()
    reposts_count: msgspec.Raw = msgspec.Raw()
    screen_name: msgspec.Raw = msgspec.Raw()
    longTextContent: msgspec.Raw = msgspec.Raw()  # noqa: N815 - Weibo's name
    # of crawlers' records
    crawled: msgspec.Raw = msgspec.field(default_factory=msgspec.Raw, name="_id")
    user_id: msgspec.Raw = msgspec.Raw()
    note_id: msgspec.Raw = msgspec.Raw()
    comment_id: msgspec.Raw = msgspec.Raw()
    # of answers
    ok: msgspec.Raw = msgspec.Raw()
    data: msgspec.Raw = msgspec.Raw()
    cards: msgspec.Raw = msgspec.Raw()
    card_group: msgspec.Raw = msgspec.Raw()
    mblog: msgspec.Raw = msgspec.Raw()
    statuses: msgspec.Raw = msgspec.Raw()
    status: msgspec.Raw = msgspec.Raw()
    list: msgspec.Raw = msgspec.Raw()
    items: msgspec.Raw = msgspec.Raw()
    comments: msgspec.Raw = msgspec.Raw()
    hot_data: msgspec.Raw = msgspec.Raw()
    root_comment: msgspec.Raw = msgspec.field(default_factory=msgspec.Raw, name="rootComment")
    user_info: msgspec.Raw = msgspec.field(default_factory=msgspec.Raw, name="userInfo")
    user: msgspec.Raw = msgspec.Raw()
    users: msgspec.Raw = msgspec.Raw()
    weibo: msgspec.Raw = msgspec.Raw()

    @property
    def is_crawled(self) -> bool:
        """Whether a crawler has rewritten it."""
        if any(bytes(raw) for raw in (self.crawled, self.note_id, self.comment_id)):
            return True
        return bool(bytes(self.user_id) and bytes(self.text) and not bytes(self.user))

    @property
    def kind(self) -> str | None:
        """Which of Weibo's objects it is; None: it only holds others."""
        says = bytes(self.text) or bytes(self.text_raw)
        if says and bytes(self.created_at):
            marks = (self.rootid, self.rootidstr, self.floor_number, self.reply_comment)
            likes_only = bytes(self.like_counts) and not bytes(self.reposts_count)  # until 2019
            is_comment = likes_only or any(bytes(raw) for raw in marks)
            return "comment" if is_comment else "post"
        return "account" if bytes(self.screen_name) else None

    @property
    def inside(self) -> tuple[msgspec.Raw, ...]:
        """What it holds, in the order in which it is told."""
        return (
            self.user_info,
            self.user,
            self.users,
            self.status,
            self.mblog,
            self.statuses,
            self.list,
            self.items,
            self.cards,
            self.card_group,
            self.root_comment,
            self.hot_data,
            self.comments,
            self.weibo,
            self.data,
        )
