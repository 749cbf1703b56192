"""Are near copies found, are they copies, and at what cost?

    python -m bench.copies edits
    python -m bench.copies cost --rows 1000000 10000000

`edits`: invented texts, each edited in several ways, against the true share of rows of words that
each two texts have in common. The baseline joins texts that have one of four least hashes of rows
of five words in common, as `sentiments.wording` does. `cost`: posts of 20 words on average, a third
of them copies; and a hub: all of them edits of one text.
"""

from __future__ import annotations

import argparse
import hashlib
import itertools
import random
import re
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping

import ibis
import psutil
import pyarrow as pa

from bench.measuring import measure, print_table
from clew.measures.copies import LEAST_SHARED, near_copies
from clew.model.chance import wilson
from clew.store.engines import duckdb_engine

HAN = [chr(0x4E00 + number) for number in range(2_000)]
LATIN = [
    "".join(random.Random(number).choices("abcdefghijklmnoprstuvwz", k=2 + number % 8))
    for number in range(20_000)
]
_STOCK = ("as we have learned from well informed circles", "share this with everybody you know")

Words = list[str]


class Texts:
    """A generator of texts in one script and of edits of them."""

    def __init__(self, seed: int, words: list[str], *, gap: str, shortest: int) -> None:
        self.random = random.Random(seed)
        self.words, self.gap, self.shortest = words, gap, shortest
        self.weights = list(itertools.accumulate(1 / (rank + 5) for rank in range(len(words))))

    def words_of(self, number: int) -> Words:
        return self.random.choices(self.words, cum_weights=self.weights, k=number)

    def text(self) -> Words:
        words = self.words_of(round(self.shortest * self.random.choice((1, 1.5, 2, 3, 6))))
        if self.gap and self.random.random() < 0.3:
            words += self.random.choice(_STOCK).split()  # what is said everywhere
        return words

    def edited(self, words: Words, edits: int) -> Words:
        words = words.copy()
        for _ in range(edits):
            place = self.random.randrange(len(words))
            way = self.random.choice(("replace", "insert", "delete", "cut"))
            if way == "replace":
                words[place] = self.words_of(1)[0]
            elif way == "insert":
                words.insert(place, self.words_of(1)[0])
            elif len(words) > self.shortest:
                words = words[:place] + words[place + 1 :] if way == "delete" else words[:-1]
        return words

    def written(self, words: Words) -> str:
        text = self.gap.join(words)
        if self.gap and self.random.random() < 0.3:
            text = text.capitalize().replace(" ", ", ", 1)
        before = self.random.choice(("", "", "", "RT @someone: ", "@one @two "))
        number = self.random.randrange(10**6)
        return before + text + self.random.choice(("", "", f" https://t.example/{number}"))


def families(made: Texts, number: int) -> Iterator[tuple[int, int, Words, str]]:
    """Family, edits since its first text, words, text as written."""
    for family in range(number):
        first = made.text()
        known = [(0, first)]
        for _ in range(made.random.choice((1, 3, 6, 12))):
            edits, parent = known[0] if made.random.random() < 0.7 else made.random.choice(known)
            more = made.random.choice((0, 1, 1, 2, 3, 5))
            known.append((edits + more, made.edited(parent, more)))
        for edits, words in known:
            yield family, edits, words, made.written(words)


def _rows(words: Words, length: int) -> set[tuple[str, ...]]:
    return {tuple(words[place : place + length]) for place in range(len(words) - length + 1)}


def by_sketch(texts: Mapping[str, str]) -> dict[str, str]:
    """The baseline: the least name is handed on along equal parts, twice."""
    parts: dict[str, list[tuple[int, str]]] = {}
    for name, text in texts.items():
        words = re.findall(r"[^\W_]+", re.sub(r"(?:https?://|[@#])\S*", " ", text.lower()))
        digests = [
            hashlib.md5(" ".join(row).encode(), usedforsecurity=False).hexdigest()
            for row in _rows(words, 5)
        ]
        parts[name] = [
            (part, min(digest[8 * part : 8 * part + 8] for digest in digests))
            for part in range(4 if digests else 0)
        ]
    label = {name: name for name in texts}
    for part in (0, 1, 2, 3) * 2:
        least: dict[tuple[int, str], str] = {}
        for name, own in parts.items():
            if own:
                least[own[part]] = min(label[name], least.get(own[part], label[name]))
        label |= {name: least[own[part]] for name, own in parts.items() if own}
    return label


def by_bands(texts: Mapping[str, str]) -> dict[str, str]:
    """Ours."""
    posts = pa.table({"post_id": list(texts), "text": list(texts.values())})
    engine = duckdb_engine()
    found = near_copies(engine.create_table("posts", posts, temp=True)).to_pyarrow()
    return dict(zip(found["post_id"].to_pylist(), found["copy_id"].to_pylist(), strict=True))


Method = Callable[[Mapping[str, str]], dict[str, str]]


def edits(number: int) -> None:
    for script, words, gap, shortest, length in (
        ("words", LATIN, " ", 10, 3),
        ("Han characters", HAN, "", 20, 4),
    ):
        made = list(families(Texts(1, words, gap=gap, shortest=shortest), number))
        texts = {f"{place:07}": text for place, (*_, text) in enumerate(made)}
        rows = {name: _rows(made[int(name)][2], length) for name in texts}
        methods: dict[str, Method] = {"clew": by_bands, "four least hashes": by_sketch}
        found = {name: method(texts) for name, method in methods.items()}
        print_table(
            f"{len(texts):,} texts of {number:,} families, {script}",
            ["method", "pairs", "precision", "recall", "recall where 0.7 is shared"],
            [[name, *_compared(label, rows, made)] for name, label in found.items()],
        )
        print_table(
            f"Joined with the first text after so many edits, {script}",
            ["method", *map(str, range(7))],
            [[name, *_by_edits(label, made)] for name, label in found.items()],
        )


def _share(some: int, of: int) -> str:
    low, high = wilson(some / of if of else 0.0, of)
    return f"{some / of if of else 0:.3f} ({low:.3f}-{high:.3f})"


def _compared(
    label: Mapping[str, str],
    rows: Mapping[str, set[tuple[str, ...]]],
    made: list[tuple[int, int, Words, str]],
) -> list[str]:
    """Precision: joined pairs that are of one family. Recall: of pairs that share enough rows."""
    sizes = Counter(label.values())
    joined = sum(size * (size - 1) // 2 for size in sizes.values())
    members = defaultdict(list)
    for name in rows:
        members[made[int(name)][0]].append(name)
    right = alike = found = close = close_found = 0
    for names in members.values():
        for one, other in itertools.combinations(names, 2):
            together = label.get(one, one) == label.get(other, other)
            share = len(rows[one] & rows[other]) / len(rows[one] | rows[other])
            right += together
            alike += share >= LEAST_SHARED
            found += together and share >= LEAST_SHARED
            close += share >= 0.7
            close_found += together and share >= 0.7
    return [
        f"{joined:,}",
        _share(right, joined),
        _share(found, alike),
        _share(close_found, close),
    ]


def _by_edits(label: Mapping[str, str], made: list[tuple[int, int, Words, str]]) -> list[str]:
    asked: Counter[int] = Counter()
    joined: Counter[int] = Counter()
    first, family = "", -1
    for place, (own, edited, *_) in enumerate(made):
        name = f"{place:07}"
        if own != family:
            first, family = name, own
            continue
        asked[edited] += 1
        joined[edited] += label.get(name, name) == label.get(first, first)
    return [f"{joined[number] / max(1, asked[number]):.2f}" for number in range(7)]


# ------------------------------------------------------------------------------------------ cost

_WORD = "substr(md5((hash(number * 67 + place * 7919 + {salt}) % 20000)::varchar), 1, 6)"


def generated(rows: int, kind: str) -> str:
    """SQL of posts: a third are copies of others, half of those edited; hub: edits of one text."""
    text = "base" if kind == "hub" else "number"
    return f"""
        with given as (
            select i, case when '{kind}' = 'hub' then 0
                when i % 3 = 0 then hash(i) % greatest({rows} // 30, 1) else i end as number,
                ('{kind}' = 'hub' or i % 6 = 0) as edited
            from range({rows}) t(i)
        )
        select i::varchar as post_id,
            array_to_string([case when edited and place in (hash(i) % 20, hash(i + 1) % 20)
                then substr(md5(i::varchar), 1, 6) else {_WORD.format(salt=f"'{text}'.length()")}
                end for place in range(12 + (number % 17)::bigint)], ' ') as text
        from given"""


def cost(sizes: list[int]) -> None:
    lines = []
    for kind in ("posts", "hub"):
        for rows in sizes:
            done = measure([sys.executable, "-m", "bench.copies", "once", kind, str(rows)])
            lines.append([kind, f"{rows:,}", *done.output.split()[-3:], f"{done.peak_mb:,.0f}"])
    columns = ["input", "posts", "groups of copies", "seconds", "CPU seconds", "peak MB"]
    print_table("Cost (2 cores)", columns, lines)


def once(kind: str, rows: int) -> None:
    engine = duckdb_engine()
    engine.raw_sql(f"create temp table posts as {generated(rows, kind)}")
    process = psutil.Process()
    started, busy = time.perf_counter(), sum(process.cpu_times()[:2])
    found = near_copies(engine.table("posts", database=("temp", "main")))
    groups = found.group_by("copy_id").agg(posts=ibis._.count()).filter(ibis._.posts > 1).count()
    number = groups.to_pyarrow().as_py()
    spent = sum(process.cpu_times()[:2]) - busy
    print(number, f"{time.perf_counter() - started:.1f}", f"{spent:.1f}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("edits").add_argument("--families", type=int, default=3_000)
    commands.add_parser("cost").add_argument("--rows", type=int, nargs="+", default=[1_000_000])
    single = commands.add_parser("once")
    single.add_argument("kind")
    single.add_argument("rows", type=int)
    given = parser.parse_args()
    if given.command == "edits":
        edits(given.families)
    elif given.command == "cost":
        cost(given.rows)
    else:
        once(given.kind, given.rows)


if __name__ == "__main__":
    main()
