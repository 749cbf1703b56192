"""Which posts name which things, by whom, where, when? One row for each post and thing."""

from __future__ import annotations

from collections.abc import Mapping

import ibis
from ibis import _

from clew.contract import Tables
from clew.measures.acts import exact
from clew.model.kinds import KINDS, OF_OBSERVABLE

_POSTS = ("post_id", "account_id", "channel_id", "posted_at", "time_quality")

OBSERVABLE_KINDS = tuple(kind.name for kind in KINDS.values() if kind.observables)
"""The kinds of entities that posts name as observables."""

OBSERVABLES: Mapping[str, tuple[str, ...]] = {
    "posts": _POSTS,
    "observables": ("post_id", "kind", "value"),
}
LINKS: Mapping[str, tuple[str, ...]] = {
    "posts": _POSTS,
    "links": ("post_id", "url", "expanded_url"),
}
MEDIA: Mapping[str, tuple[str, ...]] = {
    "posts": _POSTS,
    "media": ("post_id", "kind", "media_key", "md5"),
}
"""Table → columns, for those that call `named_observables`, `linked_urls`, `shown_media`."""

_PICTURES = ("photo", "image", "sticker", "animation")


def named_observables(tables: Tables) -> ibis.Table:
    """The observables of posts that are entities.

    Columns: kind (of the entity), value, post_id, account_id, channel_id, at (null: not known in
    UTC).
    """
    named = tables.observables
    named = named.select("post_id", "value", kind=named.kind.cases(*OF_OBSERVABLE.items()))
    return _in_posts(tables, named.filter(_.kind.notnull()))


def linked_urls(tables: Tables) -> ibis.Table:
    """The addresses of posts' links, where they lead as far as that is recorded; columns as above.

    The kind is `url`.
    """
    links = tables.links
    links = links.select(
        "post_id", value=ibis.coalesce(links.expanded_url, links.url), kind=ibis.literal("url")
    )
    return _in_posts(tables, links)


def shown_media(tables: Tables) -> ibis.Table:
    """The pictures and files of posts by MD5, or the platform's id of them; columns as above.

    The kind is `image`, `video` or `document`.
    """
    media = tables.media
    kind = ibis.cases(
        (media.kind.isin(_PICTURES), "image"), (media.kind == "video", "video"), else_="document"
    )
    return _in_posts(
        tables,
        media.select("post_id", value=ibis.coalesce(media.md5, media.media_key), kind=kind),
    )


def _in_posts(tables: Tables, named: ibis.Table) -> ibis.Table:
    """Each thing once for each post that names it."""
    named = named.filter(_.value.notnull()).distinct()
    posts = tables.posts.select(
        "post_id", "account_id", "channel_id", at=exact(tables.posts, "posted_at")
    )
    joined = named.join(posts, "post_id")
    return joined.select("kind", "value", "post_id", "account_id", "channel_id", "at")
