"""What is the same in both generations of X's API?"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated, NamedTuple

import msgspec

from clew.contract import Piece
from clew.errors import ItemError
from clew.model.tables import Deletion, Interaction, InteractionKind
from clew.model.times import Micros, TimeQuality

Id = Annotated[str, msgspec.Meta(min_length=1, max_length=20)]
IdNumber = Annotated[int, msgspec.Meta(ge=-1, le=2**63 - 1)]
Count = Annotated[int, msgspec.Meta(ge=0, le=2**63 - 1)]


def x_id(native: str | None) -> str | None:
    """The id of an account or a post in Clew's tables."""
    return f"x:{native}" if native else None


def plain(text: str | None) -> str | None:
    """A post's text as its author wrote it: the API escapes three characters as in HTML.

    Names, descriptions and addresses are not escaped.
    """
    if text and "&" in text:
        text = text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")
    return text or None


def tag_list(hashtags: list[str | None], cashtags: list[str | None]) -> str | None:
    """Hashtags as they are and cashtags with their `$`, as a JSON array."""
    tags = [*filter(None, hashtags), *(f"${tag}" for tag in cashtags if tag)]
    return json_list(tags) if tags else None


def json_list(values: list[str]) -> str:
    """A JSON array."""
    return msgspec.json.encode(values).decode()


def on_earth(
    coordinates: list[float] | None, piece: Piece
) -> tuple[float, float] | tuple[None, None]:
    """Longitude and latitude (degrees) of a point given in that order, if it lies on Earth."""
    match coordinates:
        case [longitude, latitude] if abs(longitude) <= 180 and abs(latitude) <= 90:
            return longitude, latitude
        case [_, *_]:
            piece.note("coordinates that are no point on Earth: left out")
    return None, None


MEDIA_KINDS = {"animated_gif": "animation"}
"""X's words for kinds of media that are not Clew's."""

FIRST_MILLISECOND = 1_288_834_974_657
"""When ids began to hold their time, in milliseconds since 1970 (2010-11-04)."""


GONE = frozenset(("deleted", "deactivated", "suspended", "bounced"))
"""Reasons of X for which a post or an account is there no more."""


def millisecond(native: str) -> int:
    """The millisecond since 1970 at which an id was given, if it was given since November 2010.

    Raises ItemError for an id that is no number.
    """
    if not (native.isascii() and native.isdigit()):
        raise ItemError("unexpected structure", f"id {native!r} is no number")
    return (int(native) >> 22) + FIRST_MILLISECOND


class Act(NamedTuple):
    """What the author of a post did with it, to whom: native ids, and a handle if it is all."""

    kind: InteractionKind
    whom: str | None = None
    handle: str | None = None
    post: str | None = None


def interactions(
    acts: Iterable[Act], post_id: str, account_id: str | None, happened_at: Micros | None
) -> list[Interaction]:
    """The rows of what an account did with one post."""
    time_quality = TimeQuality.MISSING if happened_at is None else TimeQuality.UTC
    return [
        Interaction(
            kind=act.kind,
            platform="x",
            account_id=account_id,
            target_account_id=x_id(act.whom),
            target_name=None if act.whom else act.handle or None,
            post_id=post_id,
            target_post_id=x_id(act.post),
            happened_at=happened_at,
            time_quality=time_quality,
        )
        for act in acts
    ]


def deleted(native: str, gone_at: Micros) -> Deletion:
    """A notice that a post is gone."""
    return Deletion(post_id=f"x:{native}", platform="x", deleted_at=gone_at)
