"""Cases that Hypothesis makes up: few values in each case, so that its rows meet in joins."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Collection, Sequence
from typing import Any

from hypothesis import strategies as st

from clew.model.tables import InteractionKind, PostKind
from clew.model.times import TimeQuality, to_datetime
from tests.engines import columns_of

Rows = list[dict[str, Any]]
Case = dict[str, Rows]
Strategy = st.SearchStrategy[Any]

HOSTILE = (
    "x:1", "x:10", "x:2", "x:B", "x:b", "x:ß", "x:İ", "x:é", "x:e\u0301", "x:😀", "x:\uffff",
    "x:' OR 1=1 --", "x:a\0b", "x:a\u202eb", "x: ", "x:1 ", "x:%s", "x:NULL", "x:\\", 'x:"',
)  # fmt: skip
HANDLES = ("ann", "Ann", "İ", "i̇", "@ann", "ann_a1", "anna2")
VALUES = (
    "a.example",
    "A.example",
    "ß",
    "b\0c",
    "é",
    "e\u0301",
    "😀",
    "\uffff",
    "x" * 300,
    "https://github.com/a",
)
# Copies that differ only in links, marks and case; scripts without spaces; letters that engines
# lower in different ways; what must not become a word.
TEXTS = (
    "Gate seven is open, everybody go there now!", "gate SEVEN is open - everybody go there now",
    "Gate seven is open, everybody go there now https://host.example/gate?x=1 #gate",
    "gate", "Gate seven", "se\u200bven gates \u202e 2024 x2", "ΟΔΟΣ İstanbul GATE", "Ворота ворота",
    "東京都ga門が開く", "門 開", "a\0gate", "e\u0301tat étAT", "  ", "", "1234 5678", "😀",
    "x" * 41, "@gate seven@host.example", "gate " * 900 + "seven",
    "PoC for it works", "not yet exploited, nobody knows", "exploited in the wild", "WTS 0day",
    "```curl -k```",
)  # fmt: skip


def mostly(strategy: Strategy, seldom: Strategy) -> Strategy:
    """The one strategy's values, and one time in eight the other's."""
    return st.integers(0, 7).flatmap(lambda number: strategy if number else seldom)


def or_null(strategy: Strategy) -> Strategy:
    """The strategy's values, and one time in eight null."""
    return mostly(strategy, st.none())


_POST_IDS = [f"{start}/{number}" for start in HOSTILE for number in (1, 10)]
_KINDS = [*map(str, InteractionKind)] + ["reply", "mention", "forward"] * 4
platforms = st.sampled_from(["x", "telegram"])
_meeting = st.sampled_from(
    [
        dt.datetime(2024, 2, 29, 23, 59, 59, 999_999, dt.UTC),
        dt.datetime(2024, 3, 1, tzinfo=dt.UTC),
        dt.datetime(2024, 3, 3, 12, 30, 0, 500_000, dt.UTC),  # a Sunday
        dt.datetime(2024, 3, 10, 12, 0, 1, tzinfo=dt.UTC),  # the same hour a week later
    ]
)
moments = mostly(_meeting, st.integers(0, 4_102_444_799_999_999).map(to_datetime))
qualities = st.sampled_from(  # mostly known
    [TimeQuality.UTC] * 10 + [TimeQuality.OFFSET] * 5 + [*TimeQuality]
)


def rows(name: str, /, unique: tuple[str, ...] = (), **given: Strategy) -> Strategy:
    """Few or many rows of a table: of the given strategies, and null in every other column."""
    others = {column: kind for column, kind in columns_of(name).items() if column not in given}
    assert all(kind.nullable for kind in others.values()), f"{name} needs more strategies"
    nulls = dict.fromkeys(others)
    row = st.fixed_dictionaries(given)
    few, many = st.lists(row, max_size=3), st.lists(row, min_size=15, max_size=40)

    def finish(found: Rows) -> Rows:
        keyed = {
            tuple(row[column] for column in unique) or number: row
            for number, row in enumerate(found)
        }
        return [row | nulls for row in keyed.values()]

    return mostly(many, few).map(finish)


def times(column: str) -> dict[str, Strategy]:
    """A time column with its quality; a time may be missing whatever its quality says."""
    return {column: or_null(moments), "time_quality": qualities.map(str)}


class Pool:
    """The few values that the rows of one case are made of."""

    def __init__(self, draw: st.DrawFn, posts: int) -> None:
        def some(values: Sequence[str], most: int) -> Strategy:
            return st.sampled_from(draw(st.permutations(values))[: draw(st.integers(1, most))])

        self.accounts = some(HOSTILE, 3)
        self.handles = some(HANDLES, 4)
        self.channels = some(HOSTILE, 2)
        self.kinds = some(_KINDS, 3)
        self.values = some(VALUES, 6)
        self.texts = some(TEXTS, 8)
        self.posts = st.sampled_from(draw(st.permutations(_POST_IDS))[:posts])


def _posts(pool: Pool) -> Strategy:
    return rows(
        "posts",
        unique=("post_id",),
        post_id=pool.posts,
        platform=platforms,
        kind=st.sampled_from([PostKind.POST] * 4 + [*PostKind]).map(str),
        account_id=or_null(pool.accounts),
        channel_id=or_null(pool.channels),
        thread_id=or_null(pool.posts),
        text=or_null(pool.texts),
        **times("posted_at"),
    )


def _interactions(pool: Pool) -> Strategy:
    return rows(
        "interactions",
        kind=pool.kinds,
        platform=platforms,
        account_id=or_null(pool.accounts),
        target_account_id=st.none() | pool.accounts,
        target_name=or_null(pool.handles),
        post_id=or_null(pool.posts),
        target_post_id=st.none() | pool.posts,
        channel_id=or_null(pool.channels),
        target_channel_id=st.none() | pool.channels,
        **times("happened_at"),
    )


def _observables(pool: Pool) -> Strategy:
    return rows(
        "observables",
        unique=("post_id", "kind", "start", "stop"),
        post_id=pool.posts,
        platform=platforms,
        kind=st.sampled_from(["url", "domain", "hashtag", "cve"]),
        value=pool.values,
        original=st.just("example[.]com"),
        start=st.integers(0, 3),
        stop=st.integers(4, 5),
        is_defanged=st.booleans(),
    )


def _sentiments(pool: Pool) -> Strategy:
    # Parts of sketches: few, so that posts share some and not others.
    parts = st.sampled_from(["0a0a0a0a", "0b0b0b0b", "ffffffff"])
    return rows(
        "sentiments",
        unique=("post_id", "target"),
        post_id=pool.posts,
        platform=platforms,
        target=mostly(st.sampled_from(["Acme", "Globex"]), st.none()),
        polarity=or_null(st.sampled_from(["negative", "negative", "neutral", "positive"])),
        path=st.sampled_from(["fast", "model"]),
        is_reported=mostly(st.just(False), st.just(True)),
        wording=or_null(st.tuples(parts, parts, parts, parts).map("".join)),
    )


def _accounts(pool: Pool) -> Strategy:
    return rows(
        "accounts",
        unique=("account_id",),
        account_id=pool.accounts,
        platform=platforms,
        handle=or_null(pool.handles),
        created_at=or_null(moments),
        name=or_null(pool.texts),
        description=or_null(pool.texts),
        url=or_null(pool.values),
        avatar_url=or_null(pool.values),
    )


def _links(pool: Pool) -> Strategy:
    return rows(
        "links",
        unique=("post_id", "url"),
        post_id=pool.posts,
        platform=platforms,
        url=pool.values,
        expanded_url=st.none() | pool.values,
    )


def _media(pool: Pool) -> Strategy:
    return rows(
        "media",
        post_id=pool.posts,
        platform=platforms,
        kind=st.just("photo"),
        media_key=or_null(pool.values),
        md5=st.none() | pool.values,
    )


def _languages(pool: Pool) -> Strategy:
    return rows(
        "languages",
        unique=("post_id",),
        post_id=pool.posts,
        platform=platforms,
        language=or_null(st.sampled_from(["en", "ru"])),
    )


def _account_snapshots(pool: Pool) -> Strategy:
    return rows(
        "account_snapshots",
        account_id=pool.accounts,
        platform=platforms,
        handle=or_null(pool.handles),
        name=or_null(pool.texts),
        url=or_null(pool.values),
        observed_at=or_null(moments),
        capture_id=st.sampled_from(["c1", "c2"]),
    )


_TABLES: dict[str, Callable[[Pool], Strategy]] = {
    "posts": _posts,
    "interactions": _interactions,
    "observables": _observables,
    "sentiments": _sentiments,
    "accounts": _accounts,
    "account_snapshots": _account_snapshots,
    "links": _links,
    "media": _media,
    "languages": _languages,
}


@st.composite
def cases(draw: st.DrawFn, needs: Collection[str]) -> Case:
    """Cases of the named tables, with the keys that the store guarantees."""
    # Fewer posts where they are to meet rows of other tables.
    alone = len(needs) == 1 or set(needs) == {"posts", "accounts"}
    pool = Pool(draw, posts=40 if alone else 8)
    return {name: draw(_TABLES[name](pool)) for name in needs}
