"""Is the planted origin found, is the tree right, and at what cost?

    python -m bench.narratives planted
    python -m bench.narratives translations
    python -m bench.narratives cost --rows 1000000 10000000

`planted`: invented texts that spread from voice to voice on three platforms, changed on the way,
between posts of others; half of the spreading is recorded. Origins are without a time, with a false
one set by a client, or not captured at all; of the other posts one in ten has no time. The baseline
takes the earliest post that has a time, and as the parent the post just before. `translations`:
would the embedding of the extra `sentiment` join translations? Texts of Django in English and
others. `cost`: posts of which a third are copies, and a hub.
"""

from __future__ import annotations

import argparse
import datetime as dt
import gettext
import random
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import ibis
import numpy as np
import psutil
import pyarrow as pa

from bench.copies import LATIN, Texts, generated
from bench.measuring import measure, print_table
from clew.analyses.narratives import NARRATIVES, Options
from clew.analyses.narratives.spreading import INFERRED
from clew.annotators.sentiment.deep import embedded
from clew.model.chance import wilson
from clew.model.tables import TABLES
from clew.store.engines import duckdb_engine

_START = dt.datetime(2024, 1, 1, tzinfo=dt.UTC)
_PLATFORMS = ("x", "telegram", "vk")

Row = dict[str, Any]


@dataclass
class World:
    """Posts and interactions, and what is true of them."""

    seed: int
    recorded: float = 0.5  # share of the spreading that the platform records
    posts: list[Row] = field(default_factory=list)
    interactions: list[Row] = field(default_factory=list)
    parents: dict[str, str] = field(default_factory=dict)
    family: dict[str, int] = field(default_factory=dict)
    origins: dict[int, str] = field(default_factory=dict)
    noise: dict[int, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.random = random.Random(self.seed)
        self.texts = Texts(self.seed, LATIN, gap=" ", shortest=10)

    def post(self, text: str | None, at: dt.datetime, account: str, **other: object) -> str:
        name = f"x:{self.random.getrandbits(48):012x}"  # no order of time in it
        self.posts.append(
            {
                "post_id": name,
                "platform": self.random.choice(_PLATFORMS),
                "kind": "post",
                "account_id": account,
                "text": text,
                "posted_at": at,
                "time_quality": "utc",
            }
            | other
        )
        return name

    def spread(self, family: int, size: int, noise: str) -> None:
        """One narrative: each voice has it from one before, sooner more likely than later."""
        at = _START + dt.timedelta(seconds=self.random.randrange(20 * 86_400))
        words = self.texts.words_of(self.random.randrange(14, 50))
        first = self.post(" ".join(words), at, f"x:a{family}/0")
        known = [(first, at, words)]
        for number in range(1, size):
            early = len(known) * self.random.random() ** 2  # the first have more who read them
            parent, before, said = known[int(early)]
            after = before + dt.timedelta(seconds=round(self.random.lognormvariate(8, 1.8)))
            kind = self.random.choice(("repost", "forward", "quote", "reply"))
            is_recorded = self.random.random() < self.recorded
            said = said if is_recorded else self.changed(said)
            name = self.post(" ".join(said), after, f"x:a{family}/{number}")
            if is_recorded:
                self.interactions.append({"kind": kind, "post_id": name, "target_post_id": parent})
            self.parents[name], self.family[name] = parent, family
            known.append((name, after, said))
        self.family[first], self.origins[family], self.noise[family] = family, first, noise
        self.disturb(noise, {name for name, *_ in known}, first)

    def changed(self, words: list[str]) -> list[str]:
        return self.texts.edited(words, self.random.choice((0, 0, 1, 2)))

    def disturb(self, noise: str, names: set[str], first: str) -> None:
        mine = [post for post in self.posts[-len(names) :] if post["post_id"] != first]
        for post in mine:
            if self.random.random() < 0.1:
                post |= {"posted_at": None, "time_quality": "missing"}
        (origin,) = [post for post in self.posts[-len(names) :] if post["post_id"] == first]
        if noise == "no time":
            origin |= {"posted_at": None, "time_quality": "missing"}
        if noise == "not captured":
            self.posts.remove(origin)
        if noise == "false time":  # of one that spreads it, earlier than the truth
            liar = self.random.choice([post for post in mine if post["posted_at"] is not None])
            earlier = dt.timedelta(days=self.random.uniform(1, 9))
            liar |= {"posted_at": liar["posted_at"] - earlier, "time_quality": "claimed"}

    def result(self) -> list[Row]:
        engine = duckdb_engine()
        needs = NARRATIVES.needs
        given = {"posts": self.posts, "interactions": self.interactions, "languages": []}
        tables = _Given(engine, {name: given[name] for name in needs}, needs)
        options = Options(min_voices=3, limit=10_000)
        gathered = NARRATIVES.gather(tables, options).to_pyarrow()
        assert NARRATIVES.score
        return NARRATIVES.score(gathered, options).to_pylist()


class _Given:
    """Rows as tables."""

    def __init__(
        self,
        engine: Any,
        rows: Mapping[str, Sequence[Row]],
        needs: Mapping[str, Sequence[str]],
    ) -> None:
        for name, columns in needs.items():
            schema = ibis.schema({column: TABLES[name].schema[column] for column in columns})
            data = pa.Table.from_pylist(
                [{column: row.get(column) for column in columns} for row in rows[name]],
                schema=schema.to_pyarrow(),
            )
            setattr(self, name, engine.create_table(name, data, temp=True).cast(schema))


def world(seed: int, narratives: int) -> World:
    """Narratives of every noise, among twice as many posts that are nobody's copies."""
    made = World(seed)
    for family in range(narratives):
        noise = ("none", "no time", "not captured", "false time")[family % 4]
        made.spread(family, made.random.choice((5, 10, 20, 60)), noise)
    for number in range(2 * len(made.posts)):
        at = _START + dt.timedelta(seconds=made.random.randrange(30 * 86_400))
        made.post(" ".join(made.texts.text()), at, f"x:b{number % 997}")
    made.random.shuffle(made.posts)
    return made


def planted(narratives: int) -> None:
    made = world(1, narratives)
    rows = made.result()
    posts = {post["post_id"]: post for post in made.posts}
    groups: dict[str, list[Row]] = defaultdict(list)
    for row in rows:
        groups[row["narrative"]].append(row)
    _print_clusters(made, groups)
    right: Counter[tuple[str, str]] = Counter()
    for family, members in _families(made, groups).items():
        found = {row["post_id"] for row in members}
        timed = [posts[name] for name in found if posts[name]["posted_at"] is not None]
        earliest = min(timed, key=lambda post: (post["posted_at"], post["post_id"]))["post_id"]
        origin, noise = made.origins[family], made.noise[family]
        right["clew", noise] += members[0]["origin_post_id"] == origin
        right["earliest post", noise] += earliest == origin
        right["", noise] += 1
    kinds = ("none", "no time", "not captured", "false time")
    print_table(
        "Narratives whose planted origin is named, by what is wrong with them",
        ["method", *kinds],
        [
            [name, *[_share(right[name, kind], right["", kind]) for kind in kinds]]
            for name in ("clew", "earliest post")
        ],
    )
    _print_parents(made, groups)


def _families(made: World, groups: Mapping[str, list[Row]]) -> dict[int, list[Row]]:
    """Of each planted narrative the group that holds most of it."""
    best: dict[int, list[Row]] = {}
    for members in groups.values():
        counts = Counter(made.family.get(row["post_id"], -1) for row in members)
        family = counts.most_common(1)[0][0]
        if family >= 0 and len(members) > len(best.get(family, ())):
            best[family] = members
    return best


def _print_clusters(made: World, groups: Mapping[str, list[Row]]) -> None:
    captured = {post["post_id"] for post in made.posts} & set(made.family)
    truth = Counter(made.family[name] for name in captured)
    joined = right = 0
    for members in groups.values():
        counts = Counter(made.family.get(row["post_id"]) for row in members)
        joined += len(members) * (len(members) - 1) // 2
        right += sum(n * (n - 1) // 2 for family, n in counts.items() if family is not None)
    pairs = sum(n * (n - 1) // 2 for n in truth.values())
    print_table(
        f"{len(made.posts):,} posts, {len(truth):,} planted narratives, pairs of posts",
        ["pairs planted", "precision", "recall"],
        [[f"{pairs:,}", _share(right, joined), _share(right, pairs)]],
    )


def _print_parents(made: World, groups: Mapping[str, list[Row]]) -> None:
    """Of those parents that are not recorded, where the true one was captured with its time."""
    stated: list[tuple[float, bool]] = []
    before_right = asked = 0
    for members in groups.values():
        timed = [row for row in members if row["posted_at"] is not None]
        names = {row["post_id"] for row in timed}
        for place, row in enumerate(timed):
            truth = made.parents.get(row["post_id"])
            if row["way"] == INFERRED and truth in names:
                stated.append((row["parent_share"], row["parent_post_id"] == truth))
                before_right += timed[place - 1]["post_id"] == truth
                asked += 1
    right = sum(is_right for _, is_right in stated)
    print_table(
        "Parents that are not recorded",
        ["method", "posts", "right"],
        [
            ["clew", f"{asked:,}", _share(right, asked)],
            ["the post just before", f"{asked:,}", _share(before_right, asked)],
        ],
    )
    print_table(
        "How often is a parent right whose share is…",
        ["share stated", "posts", "mean share", "right"],
        [*_calibrated(stated)],
    )


def _calibrated(stated: list[tuple[float, bool]]) -> Iterator[list[str]]:
    for low in (0.0, 0.2, 0.4, 0.6, 0.8):
        bin_ = [(share, right) for share, right in stated if low < share <= low + 0.2]
        if bin_:
            mean = sum(share for share, _ in bin_) / len(bin_)
            right = sum(right for _, right in bin_)
            span = f"{low:.1f}-{low + 0.2:.1f}"
            yield [span, f"{len(bin_):,}", f"{mean:.2f}", _share(right, len(bin_))]


def _share(some: int, of: int) -> str:
    low, high = wilson(some / of if of else 0.0, of)
    return f"{some / of if of else 0:.3f} ({low:.3f}-{high:.3f})"


# ---------------------------------------------------------------------------------- translations


def translations(most: int) -> None:
    import django

    lines = []
    for language in ("ru", "de", "ar", "zh_Hans"):
        pairs: dict[str, str] = {}
        for path in Path(django.__file__).parent.rglob(f"locale/{language}/LC_MESSAGES/django.mo"):
            with path.open("rb") as file:
                catalog = gettext.GNUTranslations(file)._catalog  # type: ignore[attr-defined]
            pairs |= {
                text: said
                for text, said in catalog.items()
                if isinstance(text, str) and "%" not in text and len(text.split()) >= 8
            }
        texts = sorted(pairs)[:most]
        likeness = embedded(texts) @ embedded([pairs[text] for text in texts]).T
        own = np.diag(likeness)
        others = likeness[~np.eye(len(texts), dtype=bool)]
        nearest = np.where(np.eye(len(texts), dtype=bool), -1, likeness).max(1)
        found = sum(own > np.quantile(others, 1 - 1e-4))
        shares = [_share(some, len(texts)) for some in (sum(own > nearest), found)]
        lines.append([language, str(len(texts)), *shares])
    columns = [
        "English and",
        "texts",
        "translation is nearest",
        "found at one false pair in 10,000",
    ]
    print_table("Translations, by the embedding", columns, lines)


# ------------------------------------------------------------------------------------------ cost


def cost(sizes: list[int]) -> None:
    lines = []
    for kind in ("posts", "hub"):
        for rows in sizes:
            done = measure([sys.executable, "-m", "bench.narratives", "once", kind, str(rows)])
            lines.append([kind, f"{rows:,}", *done.output.split()[-5:], f"{done.peak_mb:,.0f}"])
    columns = ["input", "posts", "narratives", "rows", "gather s", "score s", "CPU s", "peak MB"]
    print_table("Cost (2 cores)", columns, lines)


def once(kind: str, rows: int) -> None:
    engine = duckdb_engine()
    engine.raw_sql(f"create temp table said as {generated(rows, kind)}")
    engine.raw_sql(
        """create temp table posts as select post_id, 'x' as platform, 'post' as kind,
        'x:' || (hash(post_id) % 1000000)::varchar as account_id, null::varchar as channel_id,
        'utc' as time_quality, text,
        '2024-01-01 00:00:00Z'::timestamptz
            + to_seconds((hash(post_id) % 8640000)::bigint) as posted_at
        from said"""
    )
    engine.raw_sql("create temp table languages(post_id varchar, language varchar)")
    engine.raw_sql(
        """create temp table interactions as select 'reply' as kind, post_id,
        (post_id::bigint // 30)::varchar as target_post_id from said"""
    )

    class Tables:
        def __getattr__(self, name: str) -> ibis.Table:
            return engine.table(name, database=("temp", "main"))

    process = psutil.Process()
    started, busy = time.perf_counter(), sum(process.cpu_times()[:2])
    gathered = NARRATIVES.gather(Tables(), Options()).to_pyarrow()
    between = time.perf_counter()
    assert NARRATIVES.score
    result = NARRATIVES.score(gathered, Options())
    number = len(set(result["narrative"].to_pylist()))
    spent = sum(process.cpu_times()[:2]) - busy
    print(number, result.num_rows, f"{between - started:.1f}", end=" ")
    print(f"{time.perf_counter() - between:.1f}", f"{spent:.1f}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("planted").add_argument("--narratives", type=int, default=400)
    commands.add_parser("translations").add_argument("--texts", type=int, default=120)
    commands.add_parser("cost").add_argument("--rows", type=int, nargs="+", default=[1_000_000])
    single = commands.add_parser("once")
    single.add_argument("kind")
    single.add_argument("rows", type=int)
    given = parser.parse_args()
    if given.command == "planted":
        planted(given.narratives)
    elif given.command == "translations":
        translations(given.texts)
    elif given.command == "cost":
        cost(given.rows)
    else:
        once(given.kind, given.rows)


if __name__ == "__main__":
    main()
