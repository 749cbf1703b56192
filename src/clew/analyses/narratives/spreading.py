"""How did a narrative spread? A tree of its posts: recorded where it is, else inferred."""

from __future__ import annotations

import datetime as dt
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import ibis
import pyarrow as pa

from clew.measures.copies import UNSPACED

FIRST, REPEAT, INFERRED, UNKNOWN = "first", "repeat", "inferred", "unknown"
"""Ways in which a post came to say it, besides the acts that are recorded."""

_FLAT_S, _FALL = 300.0, 1.242  # the memory kernel of SEISMIC: flat, then a power of the delay
_ENOUGH = 20  # recorded delays from which the flat part is learned: it is their lower quartile
_MARGIN = 2  # so many times as many must descend from a post without a time
_LIKENESS = 8  # power of the share of words in common: twice as unlike is far less likely
_MOST_WORDS = 20  # that are told of a change
_LONGEST = 10_000  # characters of a text that are compared

_LINK = re.compile(r"(?:https?://|www\.)\S+")
_TOKEN = re.compile(rf"{UNSPACED}|[^\W_]+")

Row = dict[str, Any]


def score(gathered: pa.Table, options: object) -> pa.Table:  # noqa: ARG001 - the contract's
    """Rank the narratives, and say of each post where it has its words from."""
    narratives: dict[str, list[Row]] = {}
    for row in gathered.to_pylist():
        narratives.setdefault(row["narrative"], []).append(row)
    ranked = sorted(
        narratives.values(), key=lambda rows: (-rows[0]["voices"], rows[0]["narrative"])
    )
    trees = [Tree(sorted(rows, key=_in_time)) for rows in ranked]
    flat_s = _flat_s(trees)
    result = [
        row | {"rank": rank} for rank, tree in enumerate(trees, 1) for row in _told(tree, flat_s)
    ]
    return pa.Table.from_pylist(result, schema=GIVES.to_pyarrow())


def _in_time(row: Row) -> tuple[bool, dt.datetime, str]:
    return row["posted_at"] is None, row["posted_at"] or _NEVER, row["post_id"]


def _flat_s(trees: Iterable[Tree]) -> float:
    """The delay in seconds up to which all delays are about as likely."""
    delays = sorted(delay for tree in trees for delay in tree.take_recorded())
    return max(1.0, delays[len(delays) // 4]) if len(delays) >= _ENOUGH else _FLAT_S


def _told(tree: Tree, flat_s: float) -> Iterator[Row]:
    tree.take_repeats()
    origin, rivals = tree.origin()
    tree.infer(origin, flat_s)
    for place, row in enumerate(tree.ordered):
        parent = tree.rows.get(tree.parents.get(row["post_id"], ""))
        told = {
            "place": place,
            "origin_post_id": origin,
            "rivals": rivals,
            "way": tree.way(row),
            "parent_post_id": tree.parents.get(row["post_id"]),
            "parent_share": tree.shares.get(row["post_id"]),
            "delay_s": _delay_s(parent, row) if parent else None,
        }
        yield row | told | _changes(parent["text"] if parent else None, row["text"])


_NEVER = dt.datetime.max.replace(tzinfo=dt.UTC)


@dataclass
class Tree:
    """Which post has its words from which? Posts in order of time, those without a time last."""

    ordered: list[Row]
    parents: dict[str, str] = field(default_factory=dict)  # post → post, captured or not
    ways: dict[str, str] = field(default_factory=dict)
    shares: dict[str, float] = field(default_factory=dict)

    @cached_property
    def rows(self) -> Mapping[str, Row]:
        """Post → its row."""
        return {row["post_id"]: row for row in self.ordered}

    def way(self, row: Row) -> str:
        """How the post came to say it."""
        return self.ways.get(row["post_id"]) or (UNKNOWN if row["posted_at"] is None else FIRST)

    def _hang(self, post_id: str, parent: str, way: str, share: float | None) -> bool:
        """Give the post a parent; false, if that descends from the post: then a record is wrong."""
        above: str | None = parent
        while above is not None:
            if above == post_id:
                return False
            above = self.parents.get(above)
        self.parents[post_id], self.ways[post_id] = parent, way
        if share is not None:
            self.shares[post_id] = share
        return True

    def take_recorded(self) -> Iterator[int]:
        """Reposts, forwards, quotes and answers, as the platforms recorded them; their delays."""
        for row in self.ordered:
            parent = row["target_post_id"]
            if parent is None or not self._hang(row["post_id"], parent, row["act"], None):
                continue
            delay_s = _delay_s(self.rows[parent], row) if parent in self.rows else None
            if delay_s is not None:
                yield delay_s

    def take_repeats(self) -> None:
        """Who says it again has it from oneself."""
        last: dict[str, str] = {}
        for row in self.ordered:
            voice = row["account_id"] or row["channel_id"]
            if row["posted_at"] is None or voice is None:
                continue
            if voice in last and row["post_id"] not in self.parents:
                self._hang(row["post_id"], last[voice], REPEAT, None)
            last[voice] = row["post_id"]

    def origin(self) -> tuple[str | None, int]:
        """The post that all others may come from, and how many others may be as early.

        A post is no later than what is recorded to repeat it: so is one dated that has no time or
        was not captured. It may be earlier by any length of time, so it is named too if twice as
        many posts descend from it as from the first with a time. Null: no time is known.
        """
        latest: dict[str, dt.datetime] = {}  # root → when it was there at the latest
        descent: Counter[str] = Counter()
        for row in self.ordered:
            root = row["post_id"]
            while root in self.parents:
                root = self.parents[root]
            descent[root] += root != row["post_id"]
            if row["posted_at"] is not None:
                latest[root] = min(row["posted_at"], latest.get(root, _NEVER))
        if not latest:
            return None, 0
        earliest = min(latest.values())
        timeless = {root for root in latest if not self._is_timed(root)}
        rivals = timeless | {root for root, at in latest.items() if at == earliest}
        first = min(root for root, at in latest.items() if at == earliest)
        most = min(timeless, key=lambda root: (-descent[root], root), default=first)
        if first not in timeless and descent[most] >= _MARGIN * max(1, descent[first]):
            first = most
        return first, len(rivals) - 1

    def _is_timed(self, post_id: str) -> bool:
        return post_id in self.rows and self.rows[post_id]["posted_at"] is not None

    def infer(self, origin: str | None, flat_s: float) -> None:
        """The likeliest parent of each post with a time for which none is recorded.

        The weight of an earlier post is the chance of such a delay times a power of the share of
        words that both have in common; its share is its weight among those of all earlier posts.
        """
        timed = [row for row in self.ordered if row["posted_at"] is not None]
        likeness = _Likeness(self.ordered)
        for row in timed:
            if row["post_id"] in self.parents or row["post_id"] == origin:
                continue
            weights = {
                earlier["post_id"]: _weight(earlier, row, flat_s)
                * likeness(earlier, row) ** _LIKENESS
                for earlier in timed
                if earlier["posted_at"] < row["posted_at"]
            }
            total = sum(weights.values())
            for parent in sorted(weights, key=lambda post_id: (-weights[post_id], post_id)):
                share = weights[parent] / total if total else 1 / len(weights)
                if self._hang(row["post_id"], parent, INFERRED, round(share, 6)):
                    break


def _weight(earlier: Row, row: Row, flat_s: float) -> float:
    """How likely is this delay, up to a constant?"""
    delay_s = (row["posted_at"] - earlier["posted_at"]).total_seconds()
    return float(max(1.0, delay_s / flat_s) ** -_FALL)


class _Likeness:
    """The share of words that two posts have in common, 0 to 1; 1 for the same text."""

    def __init__(self, rows: Iterable[Row]) -> None:
        self.words: dict[str, frozenset[str]] = {}
        for row in rows:
            if row["text"] is not None:
                self.words.setdefault(row["text_id"], frozenset(_tokens(row["text"])))
        self.known: dict[tuple[str, str], float] = {}

    def __call__(self, one: Row, other: Row) -> float:
        if one["text_id"] == other["text_id"]:
            return 1.0
        key = (one["text_id"], other["text_id"])
        if key not in self.known:
            mine, theirs = (self.words.get(name, frozenset()) for name in key)
            either = len(mine | theirs)
            self.known[key] = len(mine & theirs) / either if either else 0.0
        return self.known[key]


def _delay_s(parent: Row, row: Row) -> int | None:
    """Whole seconds from the parent to the post; null: not known, or a clock is wrong."""
    if parent["posted_at"] is None or row["posted_at"] is None:
        return None
    delay: dt.timedelta = row["posted_at"] - parent["posted_at"]
    return delay // dt.timedelta(seconds=1) if delay >= dt.timedelta() else None


def _changes(before: str | None, after: str | None) -> Row:
    """What a post has other than its parent; null: they cannot be compared."""
    if before is None or after is None:
        return {"words_added": None, "words_removed": None, "links_added": None}
    mine, theirs = Counter(_tokens(before)), Counter(_tokens(after))
    return {
        "words_added": [*(theirs - mine)][:_MOST_WORDS],
        "words_removed": [*(mine - theirs)][:_MOST_WORDS],
        "links_added": [*(Counter(_links(after)) - Counter(_links(before)))][:_MOST_WORDS],
    }


def _tokens(text: str) -> list[str]:
    return _TOKEN.findall(_LINK.sub(" ", text[:_LONGEST].lower()))


def _links(text: str) -> list[str]:
    return _LINK.findall(text[:_LONGEST])


_NARRATIVE = {
    "narrative": "string",  # hash of the text that most of its posts have
    "posts": "int64",  # that say it; those beyond the kept ones are only counted
    "voices": "int64",  # accounts; where none is recorded, channels
    "untimed": "int64",  # of the posts, those whose time is not known in UTC
    "texts": "int64",  # different texts among them
    "first_at": "timestamp('UTC', 6)",  # the first known time; null: none
    "last_at": "timestamp('UTC', 6)",
}
_POST = {
    "post_id": "string",
    "account_id": "string",  # null: not recorded
    "channel_id": "string",
    "platform": "string",
    "language": "string",  # as derived; null: unknown
    "posted_at": "timestamp('UTC', 6)",  # null: not known in UTC
    "text": "string",  # null: it only carries another's
    "text_id": "string",  # the same for exact copies
    "text_posts": "int64",  # posts of the narrative with this text
    "platform_posts": "int64",  # posts of the narrative on this platform
}
GATHERED = ibis.schema(_NARRATIVE | _POST | {"act": "string", "target_post_id": "string"})

GIVES = ibis.schema(
    {"rank": "int64"}  # by voices, 1 has most
    | _NARRATIVE
    | {
        "origin_post_id": "string",  # that all may come from; null: no time is known
        "rivals": "int64",  # other posts that may be as early
        "place": "int64",  # in order of time, from 0; those without a time last
    }
    | _POST
    | {
        "way": "string",  # first, repost, forward, quote, reply, repeat, inferred, unknown
        "parent_post_id": "string",  # null: none; if recorded, it may not have been captured
        "parent_share": "float64",  # of the likelihood of all earlier posts; null: not inferred
        "delay_s": "int64",  # from the parent, whole seconds; null: not known
        "words_added": "array<string>",  # to the words of the parent; null: not to be compared
        "words_removed": "array<string>",
        "links_added": "array<string>",
    }
)
