"""What do saved pages of Facebook say: posts of groups and pages, and the comments under one?

The pages for telephones (m.facebook.com, mbasic.facebook.com) carry beside each post what the
platform itself notes of it, as JSON in the attribute `data-ft`: ids and the time of posting. What
is shown is in the language of the reader; only what is noted for machines is taken as number or
time.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple
from urllib.parse import parse_qs, parse_qsl, urlencode, urljoin, urlsplit

import msgspec

from clew.contract import Piece, Sample, Source
from clew.errors import ItemError, SourceUnusable
from clew.formats.html_page import LARGEST, Element, decoded, first, markup, text_in, tree_of, xpath
from clew.formats.html_text import Extract, extract
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
from clew.model.times import Micros, TimeQuality, from_seconds

PLATFORM = "facebook"

_SITE = "https://m.facebook.com/"
_NO_JSON = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)
_GUARD = b"for (;;);"  # what stands in front of the JSON that a page asks for when it is scrolled

# ------------------------------------------------------------------------ what is noted of a post


class _Context(msgspec.Struct, gc=False):
    publish_time: int | None = None


class _Insight(msgspec.Struct, gc=False):
    """What is noted of a post for the group or page that it stands in."""

    page_id_type: str | None = None
    post_context: _Context | None = None


class _Noted(msgspec.Struct, gc=False):
    """The content of `data-ft`; ids are numbers or texts."""

    top_level_post_id: str | int
    content_owner_id_new: str | int | None = None
    page_id: str | int | None = None
    original_content_id: str | int | None = None
    original_content_owner_id: str | int | None = None
    page_insights: dict[str, _Insight] | None = None

    @property
    def group(self) -> str | None:
        """The group that it stands in; `page_id` may name a page that is only mentioned."""
        insights = (self.page_insights or {}).items()
        return next((place for place, it in insights if it.page_id_type == "group"), None)

    @property
    def place(self) -> str | None:
        """The group, page or person that its id begins with."""
        place = self.group or self.page_id or self.content_owner_id_new
        return str(place) if place else None

    @property
    def original(self) -> str | None:
        """The post that it shares, named as `_post_id` does."""
        owner, native = self.original_content_owner_id, self.original_content_id
        return f"{PLATFORM}:{owner}_{native}" if owner and native else None

    @property
    def published(self) -> int | None:
        """When it was posted, in seconds since 1970."""
        insight = (self.page_insights or {}).get(self.place or "")
        return insight.post_context.publish_time if insight and insight.post_context else None


class _Story(NamedTuple):
    """A post on the page."""

    element: Element
    noted: _Noted


class _Comment(NamedTuple):
    """A comment on the page: its id (`post_comment`), its author's id, and the post's own id."""

    element: Element
    token: str
    author: str | None
    post_id: str


_NOTED = msgspec.json.Decoder(_Noted)
_TOKEN = re.compile(r"\d{1,30}_\d{1,30}", re.ASCII)
_RING = re.compile(r"feed_story_ring(\d{1,30})", re.ASCII)
_COMMENT_LIKE = re.compile(r"like_(\d{1,30}_\d{1,30})", re.ASCII)


def recognise(sample: Sample) -> float:
    """By the marks of the pages for telephones, or of what they ask for when scrolled."""
    head = sample.head.lstrip()
    if head.startswith(_GUARD):
        return 0.9 if b'"payload"' in head and b"top_level_post_id" in head else 0.0
    if head[:1] != b"<" or not (b"<html" in head or b"<!DOCTYPE" in head):
        return 0.0
    if b"data-ft=" in head and b"top_level_post_id" in head:
        return 0.9
    is_facebook = b".fbcdn.net/rsrc.php" in head or b"//www.facebook.com/images/" in head
    return 0.8 if is_facebook and (b"data-sigil=" in head or b"objects_container" in head) else 0.0


def items(piece: Piece) -> Iterator[_Story | _Comment | ItemError]:
    """The posts of the page, then the comments. Raises SourceUnusable if there is neither."""
    with piece.open() as stream:
        data = stream.read(LARGEST + 1)
    if len(data) > LARGEST:
        raise SourceUnusable(f"a page of more than {LARGEST >> 20} MB")
    found: list[_Story | _Comment | ItemError] = []
    for page in _pages(data):
        tree = tree_of(_opened(page))
        stories = list(_stories(tree))
        found += stories
        found += _comments(tree, [it for it in stories if isinstance(it, _Story)])
    if not found:
        raise SourceUnusable("no post or comment of Facebook is on the page")
    yield from found


def _pages(data: bytes) -> Iterator[str]:
    """The page; of an answer, the pieces of pages in it."""
    if not data.lstrip().startswith(_GUARD):
        yield decoded(data)
        return
    try:
        answer = msgspec.json.decode(data.lstrip()[len(_GUARD) :])
        parts = [it["html"] for it in answer["payload"]["actions"] if it.get("html")]
        yield from (part for part in parts if part.strip())
    except (*_NO_JSON, KeyError, TypeError, AttributeError) as error:
        raise SourceUnusable("an answer of Facebook without pieces of pages") from error


def _opened(page: str) -> str:
    """The page with what its script would take out of comments; other comments are dropped."""
    before, *parts = page.split("<!--")
    shown = [before]
    for part in parts:
        hidden, _, rest = part.partition("-->")
        shown += [hidden if "data-ft=" in hidden else "", rest]
    return "".join(shown)


def _stories(tree: Element) -> Iterator[_Story | ItemError]:
    """What is noted stands at a post and again at parts of it: the outermost is the post."""
    seen: set[str] = set()
    for element in xpath(".//*[contains(@data-ft, 'top_level_post_id')]")(tree):
        try:
            noted = _NOTED.decode(element.get("data-ft").encode("utf-8", "replace"))
        except _NO_JSON as error:
            yield ItemError("what is noted of a post cannot be read", str(error))
            continue
        native = str(noted.top_level_post_id)
        if native not in seen:
            seen.add(native)
            yield _Story(element, noted)


def _comments(tree: Element, stories: list[_Story]) -> Iterator[_Comment]:
    posts = {str(story.noted.top_level_post_id): _post_id(story.noted) for story in stories}
    seen: set[str] = set()
    for element in xpath(".//*[@data-sigil='comment-body']/ancestor::*[@data-store][1]")(tree):
        token = _stored(element).get("token")
        ring = first(element, ".//*[starts-with(@data-sigil, 'feed_story_ring')]/@data-sigil")
        author = _RING.match(ring or "")
        yield from _comment(element, token, author[1] if author else None, posts, seen)
    for mark in xpath(".//span[starts-with(@id, 'like_')]")(tree):
        token = _COMMENT_LIKE.fullmatch(mark.get("id"))
        native = token[1].partition("_")[2] if token else ""
        around = (it for it in mark.iterancestors("div") if it.get("id") == native)
        element = next(around, None)
        if element is not None and token:
            yield from _comment(element, token[1], None, posts, seen)


def _comment(
    element: Element, token: Any, author: str | None, posts: dict[str, str], seen: set[str]
) -> Iterator[_Comment]:
    if isinstance(token, str) and _TOKEN.fullmatch(token) and token not in seen:
        seen.add(token)
        post = token.partition("_")[0]
        yield _Comment(element, token, author, posts.get(post, f"{PLATFORM}:{post}"))


def _stored(element: Element) -> dict[str, Any]:
    """What `data-store` holds."""
    try:
        stored = msgspec.json.decode((element.get("data-store") or "").encode("utf-8", "replace"))
    except _NO_JSON:
        return {}
    return stored if isinstance(stored, dict) else {}


# ------------------------------------------------------------------------------------------- rows


def rows(item: _Story | _Comment, piece: Piece) -> Iterable[Row]:
    """What a post or comment says. Raises ItemError for a time out of range."""
    return _of_comment(item, piece) if isinstance(item, _Comment) else _of_story(item, piece)


def _post_id(noted: _Noted) -> str:
    """As Facebook's Graph API names it: place, or owner, and post."""
    native = f"{noted.place}_{noted.top_level_post_id}" if noted.place else noted.top_level_post_id
    return f"{PLATFORM}:{native}"


def _of_story(story: _Story, piece: Piece) -> Iterator[Row]:
    element, noted = story
    author = first(element, ".//header//h3//strong//a", ".//h3//strong//a", ".//header//h3//a")
    account = _account(author, noted.content_owner_id_new)
    permalink = first(element, ".//a[abbr]/@href", ".//a[contains(@href, 'story_fbid')]/@href")
    at = _posted(story, piece)
    body = _said(first(element, ".//header[following-sibling::div]/following-sibling::div[1]"))
    post = Post(
        post_id=_post_id(noted),
        platform=PLATFORM,
        kind=PostKind.REPOST if noted.original and not body.text else PostKind.POST,
        account_id=account.account_id if account else None,
        author_name=None if account else text_in(author),
        channel_id=f"{PLATFORM}:{noted.group}" if noted.group else None,
        repost_of_post_id=None if body.text else noted.original,
        quote_of_post_id=noted.original if body.text else None,
        posted_at=at,
        time_quality=TimeQuality.MISSING if at is None else TimeQuality.UTC,
        text=body.text or None,
        url=_permalink(permalink),
        like_count=_number(text_in(first(element, ".//*{like_def}"))),
        reply_count=_number(text_in(first(element, ".//*{cmt_def}"))),
        tags=_tags(body),
    )
    yield post
    if account:
        yield account
    if post.channel_id:
        parts = urlsplit(post.url or "").path.strip("/").split("/")
        handle = parts[1] if parts[0] == "groups" and len(parts) > 1 else None
        yield Channel(
            channel_id=post.channel_id,
            platform=PLATFORM,
            kind="group",
            handle=None if handle and handle.isdigit() else handle,
        )
    if noted.original:
        yield Interaction(
            kind=InteractionKind.QUOTE if body.text else InteractionKind.REPOST,
            platform=PLATFORM,
            account_id=post.account_id,
            target_account_id=f"{PLATFORM}:{noted.original_content_owner_id}",
            post_id=post.post_id,
            target_post_id=noted.original,
            channel_id=post.channel_id,
            happened_at=at,
            time_quality=post.time_quality,
        )
    yield from _carried(element, post)


def _of_comment(comment: _Comment, piece: Piece) -> Iterator[Row]:
    author = first(comment.element, ".//h3//a", ".//*{_2b05}//a", ".//*{_2b05}")
    account = _account(author, comment.author)
    body = _said(
        first(
            comment.element,
            ".//*[@data-sigil='comment-body']",
            ".//h3/following-sibling::div[1]",
        )
    )
    piece.note("times of comments are relative: not read")
    post = Post(
        post_id=f"{PLATFORM}:{comment.token}",
        platform=PLATFORM,
        kind=PostKind.COMMENT,
        account_id=account.account_id if account else None,
        author_name=None if account else text_in(author),
        thread_id=comment.post_id,
        reply_to_post_id=comment.post_id,
        time_quality=TimeQuality.MISSING,
        text=body.text or None,
        tags=_tags(body),
    )
    yield post
    if account:
        yield account
    yield Interaction(
        kind=InteractionKind.REPLY,
        platform=PLATFORM,
        account_id=post.account_id,
        post_id=post.post_id,
        target_post_id=comment.post_id,
        time_quality=TimeQuality.MISSING,
    )
    yield from _links(comment.element, post)


def _posted(story: _Story, piece: Piece) -> Micros | None:
    if story.noted.published is not None:
        return from_seconds(story.noted.published)
    stated = first(story.element, ".//abbr/@data-utime")
    if stated is None:
        piece.note("posts whose time is only shown, relative or in words: not read")
        return None
    return from_seconds(stated)


_HANDLE = re.compile(r"(?!\d+\Z)[A-Za-z0-9.-]{1,80}", re.ASCII)


def _account(author: Element | None, native: str | int | None) -> Account | None:
    """Its author; the id is noted for machines, handle and name are those of the link."""
    if not native:
        return None
    href = author.get("href") if author is not None and author.tag == "a" else None
    handle = urlsplit(urljoin(_SITE, href or "")).path.strip("/") if _is_address(href) else ""
    return Account(
        account_id=f"{PLATFORM}:{native}",
        platform=PLATFORM,
        handle=handle if _HANDLE.fullmatch(handle) and not handle.endswith(".php") else None,
        name=text_in(author),
    )


def _said(element: Element | None) -> Extract:
    """The text of a post: what a click opens is there, the mark for the click is not text."""
    if element is None or not _is_text(element):
        return Extract("", [], [])
    for hidden in xpath(".//*{text_exposed_hide}")(element):
        _without(hidden)
    return extract(markup(element))


def _is_text(element: Element) -> bool:
    """Facebook marks text with `*s`, what is attached otherwise; some pages mark nothing."""
    try:
        mark = msgspec.json.decode((element.get("data-ft") or "").encode("utf-8", "replace"))
    except _NO_JSON:
        return True
    return not isinstance(mark, dict) or mark.get("tn", "*s") == "*s"


def _without(element: Element) -> None:
    """Take an element off its page, but not the text behind it."""
    tail, parent, before = element.tail or "", element.getparent(), element.getprevious()
    if before is not None:
        before.tail = (before.tail or "") + tail
    else:
        parent.text = (parent.text or "") + tail
    parent.remove(element)


_NUMBER = re.compile(r"(\d{1,3}(?:[.,]\d{3})*+|\d{1,15}+)(?![\w.,])")


def _number(text: str | None) -> int | None:
    """`1,234 Likes`; null for what is rounded (`1.2K`)."""
    match = _NUMBER.match(text or "")
    return int(re.sub(r"[.,]", "", match[1])) if match else None


def _tags(body: Extract) -> str | None:
    tags = dict.fromkeys(
        (link.text or "").lstrip("#") for link in body.links if "/hashtag/" in link.href
    )
    return json.dumps([tag for tag in tags if tag], ensure_ascii=False) if any(tags) else None


# ------------------------------------------------------------------------------ what a post carries

_KEPT = ("story_fbid", "id", "fbid", "v")


def _is_address(href: str | None) -> bool:
    try:
        return bool(href) and urlsplit(href) is not None
    except ValueError:
        return False


def _permalink(href: str | None) -> str | None:
    """The address of a post without what tracks its reader."""
    if href is None or not _is_address(href):
        return None
    parts = urlsplit(urljoin(_SITE, href))
    kept = urlencode([(name, value) for name, value in parse_qsl(parts.query) if name in _KEPT])
    return parts._replace(query=kept, fragment="").geturl()


def _carried(element: Element, post: Post) -> Iterator[Row]:
    yield from _links(element, post)
    for kind, url in dict.fromkeys(_files(element)):
        if url.startswith("https://") and _is_address(url):
            yield Media(
                post_id=post.post_id,
                platform=PLATFORM,
                kind=kind,
                # The rest of the address is signed anew for each reader.
                media_key=urlsplit(url).path.rpartition("/")[2] or None,
                url=url,
                posted_at=post.posted_at,
            )


def _files(element: Element) -> Iterator[tuple[str, str]]:
    """Kind and address; not the description of a picture, for a machine of Facebook writes it."""
    for stored in map(_stored, xpath(".//*[@data-store]")(element)):
        for kind, name in (("photo", "imgsrc"), ("video", "src")):
            if isinstance(stored.get(name), str):
                yield kind, stored[name]
    for href in xpath(".//a[starts-with(@href, '/video_redirect/')]/@href")(element):
        yield "video", _asked(href, "src") or ""
    # Not the faces of people, the signs of the platform, or previews of others' pages.
    for image in xpath(".//a[not(ancestor::header)]//img[contains(@src, '//scontent')]")(element):
        if not xpath("ancestor::a[starts-with(@href, '/video_redirect/')]")(image):
            yield "photo", image.get("src")


def _links(element: Element, post: Post) -> Iterator[Link]:
    """Addresses outside Facebook, which it wraps to count clicks."""
    found: dict[str, str | None] = {}
    for anchor in xpath(".//a[contains(@href, '/l.php?')]")(element):
        target = _asked(anchor.get("href"), "u")
        if target:
            title = text_in(first(anchor, ".//h3")) or text_in(anchor)
            found[target] = found.get(target) or title
    for target, title in found.items():
        yield Link(
            post_id=post.post_id,
            platform=PLATFORM,
            url=target,
            title=title,
            posted_at=post.posted_at,
        )


def _asked(href: str, name: str) -> str | None:
    """A parameter of an address."""
    try:
        return next(iter(parse_qs(urlsplit(href).query).get(name, ())), None)
    except ValueError:
        return None


FACEBOOK_HTML = Source(
    name="facebook_html",
    platform=PLATFORM,
    title="Saved pages of Facebook (m., mbasic.)",
    files="*.html of groups, pages and posts from m.facebook.com or mbasic.facebook.com",
    fills=(Post, Account, Channel, Interaction, Link, Media),
    time="The server's in UTC where the page notes it for machines; else missing.",
    terms="Saved by the analyst from what they may see; Facebook's terms forbid automated saving.",
    recognise=recognise,
    items=items,
    rows=rows,
)
