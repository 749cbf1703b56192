"""Surges in plain Python: slow, obvious, no engine; one value at a time."""

from __future__ import annotations

import datetime as dt
import math
import unicodedata
from collections import Counter, defaultdict

from hypothesis import strategies as st

from clew.analyses.trends import Options
from tests.generated import Case

options = st.builds(
    Options,
    kinds=st.sampled_from([("hashtag", "term"), ("url", "domain"), ("term",)]),
    at=st.sampled_from(["2024-03-10T12:00:01Z", "2024-03-03T15:00:00+02:00", None]),
    window_h=st.sampled_from([1, 24, 168]),
    history=st.sampled_from([8, 10, 200]),
    min_windows=st.integers(1, 2),
    min_voices=st.integers(1, 2),
    growth=st.integers(1, 2),
    false_percent=st.sampled_from([5, 60]),
    limit=st.sampled_from([2, 100]),
)

MUTATIONS = {
    "the last second is lost": ("_second() <= _.now_s", "_second() < _.now_s"),
    "copies count": ('own = recent.anti_join(copies, "post_id")', "own = recent"),
    "windows overlap": ("options.window_h * 3600", "options.window_h * 7200"),
    "posts for accounts": ("accounts=_.account_id.count()", "accounts=_.posts.sum()"),
    "only what surges is tested": ('rows[0]["tested"])', "len(rows))"),
}


def reference(case: Case, options: Options) -> list[tuple]:
    posts = recent(case, options)
    if not posts:
        return []
    now_s = posts[0]["now_s"]
    inside = [post for post in posts if post["age"] <= options.history]
    origins = {}
    for post in sorted(inside, key=lambda post: (post["posted_at"], post["post_id"])):
        origins.setdefault((post["age"], post["said"]), post["voice"])
    crowd = defaultdict(set)
    for (age, _), voice in origins.items():
        crowd[age].add(voice)
    if sum(1 for age in crowd if age) < options.min_windows:
        return []
    mentions = named(case, posts, options)
    voices = defaultdict(lambda: defaultdict(set))
    for key, posts_of in mentions.items():
        for post in posts_of:
            if post["age"] <= options.history:
                voices[key][post["age"]].add(origins[post["age"], post["said"]])
    tested = Counter(kind for kind, _ in voices)
    before_all = sum(len(those) for age, those in crowd.items() if age)
    found = defaultdict(list)
    for key, by_age in voices.items():
        counts = [len(by_age.get(age, ())) for age in range(options.history, -1, -1)]
        before = sum(counts[:-1])
        if counts[-1] < options.min_voices:
            continue
        if counts[-1] * before_all < options.growth * before * len(crowd[0]):
            continue
        sizes = [len(crowd.get(age, ())) for age in range(options.history, -1, -1)]
        mean, size = folded(counts, sizes, options)
        now = [post for post in mentions[key] if post["age"] == 0]
        said = Counter(origins[0, post["said"]] for post in now)
        driver = min(said, key=lambda voice: (-said[voice], voice))
        first = min(mentions[key], key=lambda post: (post["posted_at"], post["post_id"]))
        row = [
            *key,
            tested[key[0]],
            len(now),
            len({post["account_id"] for post in now} - {None}),
            first["posted_at"],
            first["post_id"],
            first["account_id"],
            min(now, key=lambda post: (post["posted_at"], post["post_id"]))["post_id"],
            driver,
            said[driver],
            min(p["post_id"] for p in now if origins[0, p["said"]] == driver),
            dt.datetime.fromtimestamp(now_s, dt.UTC),
        ]
        found[key[0]].append((round(tail(counts[-1], mean, size), 3), round(mean, 3), counts, row))
    result = []
    for kind, rows in found.items():
        rows.sort(key=lambda each: (-each[0], -each[2][-1], each[3][1]))
        for place, (surprise, mean, counts, row) in enumerate(rows[: options.limit]):
            share = min(
                min(1.0, 10.0 ** -other[0] * tested[kind] / (rank + 1))
                for rank, other in enumerate(rows)
                if rank >= place
            )
            result.append(
                (
                    *row,
                    place + 1,
                    counts[-1],
                    mean,
                    surprise,
                    round(share, 6),
                    share <= options.false_percent / 100,
                    counts,
                )
            )
    return result


def recent(case, options):
    posts = []
    for post in case["posts"]:
        if post["kind"] == "service" or post["time_quality"] not in ("utc", "offset"):
            continue
        if post["posted_at"] is not None:
            second = math.floor(post["posted_at"].timestamp())
            posts.append(post | {"second": second, "voice": post["account_id"] or post["post_id"]})
    if not posts:
        return []
    now_s = max(post["second"] for post in posts)
    if options.at is not None:
        now_s = int(dt.datetime.fromisoformat(options.at).timestamp())
    posts = [post for post in posts if post["second"] <= now_s]
    for post in posts:
        words, runs = words_of(post["text"] or "")
        together = " ".join(words) + " " + " ".join(runs)
        post["age"] = (now_s - post["second"]) // (options.window_h * 3600)
        post["now_s"] = now_s
        post["said"] = together if len(together) > 20 else post["post_id"]
        post["terms"] = {word for word in words if 3 <= len(word) <= 40}
        post["terms"] |= {run[i : i + 2] for run in runs for i in range(len(run) - 1)}
    return posts


def words_of(text):
    """Its words and its runs of Chinese and Japanese signs."""
    text = "".join(sign for sign in text[:4096] if unicodedata.category(sign) != "Cf")
    text = text.replace("İ", "i").lower().replace("ς", "σ")
    kept = []
    for piece in text.split():
        for start in ("http://", "https://", "@", "#"):
            piece = piece[: piece.index(start)] if start in piece else piece  # noqa: PLW2901
        kept.append(piece)
    signs = " ".join(kept)
    words = "".join(
        s if unicodedata.category(s)[0] in "LMN" and not paired(s) else " " for s in signs
    )
    runs = "".join(s if paired(s) else " " for s in signs)
    return words.split(), runs.split()


def paired(sign):
    return "\u3040" <= sign <= "\u30ff" or "\u4e00" <= sign <= "\u9fff"


def named(case, posts, options):
    by_id = {post["post_id"]: post for post in posts}
    mentions = defaultdict(list)
    pairs = {(row["post_id"], row["kind"], row["value"]) for row in case["observables"]}
    for post_id, kind, value in pairs:
        if kind in options.kinds and post_id in by_id:
            mentions[kind, value].append(by_id[post_id])
    if "term" in options.kinds:
        for post in posts:
            for term in post["terms"]:
                if any(unicodedata.category(sign)[0] == "L" for sign in term):
                    mentions["term", term].append(post)
    return mentions


def folded(counts, sizes, options):
    """Mean and size of the last count, from those before it."""
    slots = 168 // options.window_h
    half = max(1.0, options.history / 2)
    fade, slot_fade = 0.5 ** (1 / half), 0.5 ** (slots / half)
    seen = exposure = strayed = squares = 0.0
    slot_seen, slot_expected = [0.0] * slots, [0.0] * slots

    def expect(slot, crowd):
        season = (slot_seen[slot] + 10) / (slot_expected[slot] + 10)
        dispersion = max(0.0, (strayed + 2.0) / (squares + 4.0))
        return (seen + 0.5) / exposure * crowd * season, 1 / (1 / (seen + 0.5) + dispersion), season

    for number, (count, crowd) in enumerate(zip(counts[:-1], sizes[:-1], strict=True)):
        if not crowd:
            continue
        slot = number % slots
        if not exposure:
            seen, exposure = float(count), float(crowd)
            slot_seen[slot] = slot_expected[slot] = float(count)
            continue
        mean, size, season = expect(slot, crowd)
        learned = min(count, mean + 4 * math.sqrt(mean + mean**2 / size))
        strayed = strayed * fade + (learned - mean) ** 2 - mean
        squares = squares * fade + mean**2
        seen = seen * fade + learned / season
        exposure = exposure * fade + crowd
        slot_seen[slot] = slot_seen[slot] * slot_fade + learned
        slot_expected[slot] = slot_expected[slot] * slot_fade + mean / season
    return expect((len(counts) - 1) % slots, sizes[-1])[:2]


def tail(count, mean, size):
    """-log10 of the chance of so many or more: one less all that is below."""
    if count <= mean:
        return 0.0
    chance = (size / (size + mean)) ** size
    below = 0.0
    for number in range(count):
        below += chance
        chance *= (number + size) / (number + 1) * mean / (size + mean)
    total, number = 0.0, count
    while chance > 1e-18 * max(total, 1e-300):
        total += chance
        chance *= (number + size) / (number + 1) * mean / (size + mean)
        number += 1
    return -math.log10(total)
