"""Narratives in plain Python: slow, obvious, no engine."""

from __future__ import annotations

import datetime as dt
import hashlib
import re
import unicodedata
from collections import Counter, defaultdict

from hypothesis import strategies as st

from clew.analyses.narratives import Options
from tests.generated import Case

options = st.builds(
    Options, min_voices=st.integers(1, 3), limit=st.integers(1, 4), kept=st.integers(1, 6)
)

_SPREADING = "clew.analyses.narratives.spreading"

MUTATIONS = {
    "services speak": ("_.kind != PostKind.SERVICE", "_.kind.notnull()"),
    "times without a zone count": ('posted_at=exact(posts, "posted_at")', "posted_at=_.posted_at"),
    "posts for voices": ("voices=_.voice.nunique()", "voices=_.post_id.nunique()"),
    "channels have no voice": (
        "voice=ibis.coalesce(posts.account_id, posts.channel_id)",
        "voice=posts.account_id",
    ),
    "exact copies only": ("_.target_id, _.copy_id)", "_.target_id, _.exact_id)"),
    "answers carry on": ("_.act.isin(_CARRYING)", "_.act.isin(_ACTS)"),
    "answers to anything spread it": (
        "(_.target_id == _.narrative).fill_null(carries)",
        "_.target_id.notnull() | carries",
    ),
    "the weakest act": ("strongest=_.strongest.min()", "strongest=_.strongest.max()"),
    "least voices first": ("_.voices.desc()", "_.voices"),
    "untimed first": ("[posts.posted_at.isnull(), ", "[posts.posted_at.notnull(), "),
    "others' repeats": (
        'voice = row["account_id"] or row["channel_id"]',
        'voice = row["channel_id"]',
        _SPREADING,
    ),
    "records are no evidence of time": ("while root in self.parents:", "while False:", _SPREADING),
}
"""Those that a few invented cases catch; the others are in tests/unit/test_narratives.py."""

_ACTS = ("repost", "forward", "quote", "reply")
_SPACE = r"[\x09-\x0D\x20\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]"


def reference(case: Case, options: Options) -> list[tuple]:
    said = members(case)
    groups = defaultdict(list)
    for row in said:
        groups[row["narrative"]].append(row)
    voices = {name: len({voice(row) for row in rows} - {None}) for name, rows in groups.items()}
    best = [name for name in groups if voices[name] >= options.min_voices]
    best.sort(key=lambda name: (-voices[name], name))
    languages = {row["post_id"]: row["language"] for row in case["languages"]}
    result = []
    for rank, name in enumerate(best[: options.limit], 1):
        rows = sorted(groups[name], key=in_time)
        times = [row["at"] for row in rows if row["at"]]
        head = (
            rank,
            name,
            len(rows),
            voices[name],
            len(rows) - len(times),
            len({row["text_id"] for row in rows}),
            min(times, default=None),
            max(times, default=None),
        )
        kept = [row for place, row in enumerate(rows) if is_kept(place, row, rows, options)]
        result += [head + line for line in lines(kept, rows, languages)]
    return result


def voice(row: dict) -> str | None:
    return row["channel_id"] if row["account_id"] is None else row["account_id"]


def in_time(row: dict) -> tuple:
    return (row["at"] is None, row["at"] or dt.datetime.max.replace(tzinfo=dt.UTC), row["post_id"])


def is_kept(place: int, row: dict, rows: list[dict], options: Options) -> bool:
    before = rows[:place]
    alike = [other for other in rows if other["text_id"] == row["text_id"]]
    return (
        place < options.kept
        or row["platform"] not in {other["platform"] for other in before}
        or (alike[0] is row and len(alike) >= len(rows) / 20)
    )


# --------------------------------------------------------------------------------------- members


def members(case: Case) -> list[dict]:
    posts = [post for post in case["posts"] if post["kind"] != "service"]
    copies = copies_of({post["post_id"]: post["text"] for post in posts})
    recorded = {}
    for act in case["interactions"]:
        ends = act["post_id"], act["target_post_id"]
        if act["kind"] in _ACTS and None not in ends and ends[0] != ends[1]:
            order = (_ACTS.index(act["kind"]), act["target_post_id"])
            recorded[ends[0]] = min(order, recorded.get(ends[0], order))
    result = []
    for post in posts:
        place, target = recorded.get(post["post_id"], (9, None))
        carries = place < 2
        text_id, narrative = copies.get(post["post_id"], (None, None))
        target_text, target_id = copies.get(target, (None, None))
        if carries and target_id and (post["kind"] == "repost" or narrative is None):
            text_id, narrative = target_text, target_id
        if narrative is None:
            continue
        within = carries if target_id is None else target_id == narrative
        result.append(
            post
            | {
                "at": post["posted_at"] if post["time_quality"] in ("utc", "offset") else None,
                "narrative": narrative,
                "text_id": text_id,
                "act": _ACTS[place] if within else None,
                "target": target if within else None,
            }
        )
    return result


def copies_of(texts: dict[str, str | None]) -> dict[str, tuple[str, str]]:
    """Post → (exact_id, copy_id), as `clew.measures.copies` says it in Ibis."""
    plains = {name: plain(text) for name, text in texts.items() if text is not None}
    plains = {name: text for name, text in plains.items() if text}
    worded = {name: words_of(text) for name, text in plains.items()}
    posts = Counter(worded.values())
    rows = {text: rows_of(text) for text in posts}
    names = {text: f"{10**12 - posts[text]:012}{md5(text)}" for text in posts if rows[text]}
    bands = defaultdict(list)
    for text in names:
        for band in bands_of(rows[text]):
            bands[band].append(text)
    stars: dict[str, set[str]] = defaultdict(set)
    for alike in bands.values():
        first = min(alike, key=names.__getitem__)
        for text in alike:
            both, either = rows[text] & rows[first], rows[text] | rows[first]
            if text != first and 2 * len(both) >= len(either):
                stars[first] |= {first, text}
    label = dict(names)
    for _ in range(3):
        along = {c: min(label[t] for t in star) for c, star in stars.items()}
        for text, own in label.items():
            label[text] = min([own, *(along[c] for c, star in stars.items() if text in star)])
    return {
        name: (md5(text), label[worded[name]][12:] if worded[name] in label else md5(text))
        for name, text in plains.items()
    }


def plain(text: str) -> str:
    text = text.replace("İ", "i").lower().replace("ς", "σ")
    text = "".join(sign for sign in text if unicodedata.category(sign) != "Cf")
    text = re.sub(rf"^{_SPACE}*rt @(?:(?!{_SPACE}).)*|@(?:(?!{_SPACE}).)*", "", text, flags=re.S)
    return re.sub(f"{_SPACE}+", " ", text).strip(" ")


def words_of(text: str) -> str:
    text = re.sub(rf"(?:https?://|www\.)(?:(?!{_SPACE}).)*", " ", text[:10_000], flags=re.S)
    signs = "".join(sign if unicodedata.category(sign)[0] in "LMN" else " " for sign in text)
    return re.sub(" +", " ", signs).strip(" ")


def rows_of(text: str) -> set[str]:
    signs = "".join(text.split(" "))
    split = [word for word in text.split(" ") if word]
    unspaced = sum(is_unspaced(sign) for sign in signs)
    if 2 * (len(signs) - unspaced) > len(signs):
        row, least, units, gap = 3, 8, split, " "
    else:
        row, least, units, gap = 4, 16, [*signs], ""
    if len(units) < least:
        return set()
    places = range(min(len(units) - row + 1, 1_000))
    return {md5(gap.join(units[place : place + row])) for place in places}


def is_unspaced(sign: str) -> bool:
    return any(
        first <= ord(sign) <= last
        for first, last in (
            (0xE00, 0xEFF), (0x1000, 0x109F), (0x1780, 0x17FF), (0x3040, 0x30FF),
            (0x31F0, 0x31FF), (0x3400, 0x4DBF), (0x4E00, 0x9FFF), (0xF900, 0xFAFF),
            (0x20000, 0x3134F),
        )
    )  # fmt: skip


def bands_of(rows: set[str]) -> list[tuple]:
    least = [min((row + row)[2 * part : 2 * part + 6] for row in rows) for part in range(16)]
    return [(band, least[band], least[band + 8]) for band in range(8)]


def md5(text: str) -> str:
    return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()


# ------------------------------------------------------------------------------------------ tree


def lines(kept: list[dict], every: list[dict], languages: dict) -> list[tuple]:
    by_id = {row["post_id"]: row for row in kept}
    parents = hang(kept)
    origin, rivals = origin_of(kept, parents)
    texts: dict[str, str] = {}
    for row in kept:
        if row["text"] is not None:
            texts.setdefault(row["text_id"], row["text"])
    for row in kept:
        if row["at"] is not None and row["post_id"] not in parents and row["post_id"] != origin:
            infer(row, kept, parents, texts)
    result = []
    for place, row in enumerate(kept):
        way, parent, share = parents.get(
            row["post_id"], ("first" if row["at"] else "unknown", None, None)
        )
        above = by_id.get(parent)
        delay = None
        if above and above["at"] and row["at"] and above["at"] <= row["at"]:
            delay = int((row["at"] - above["at"]).total_seconds() // 1)
        result.append(
            (
                origin,
                rivals,
                place,
                row["post_id"],
                row["account_id"],
                row["channel_id"],
                row["platform"],
                languages.get(row["post_id"]),
                row["at"],
                row["text"],
                row["text_id"],
                sum(other["text_id"] == row["text_id"] for other in every),
                sum(other["platform"] == row["platform"] for other in every),
                way,
                parent,
                share,
                delay,
                *changes(above and above["text"], row["text"]),
            )
        )
    return result


def above(post: str, parents: dict) -> list[str]:
    found = [post]
    while found[-1] in parents:
        found.append(parents[found[-1]][1])
    return found


def hang(kept: list[dict]) -> dict[str, tuple]:
    parents: dict[str, tuple] = {}
    for row in kept:
        if row["target"] is not None and row["post_id"] not in above(row["target"], parents):
            parents[row["post_id"]] = (row["act"], row["target"], None)
    for place, row in enumerate(kept):
        own = [
            other["post_id"]
            for other in kept[:place]
            if voice(row) is not None and voice(other) == voice(row)
        ]
        if row["at"] is None or row["post_id"] in parents or not own:
            continue
        if row["post_id"] not in above(own[-1], parents):
            parents[row["post_id"]] = ("repeat", own[-1], None)
    return parents


def origin_of(kept: list[dict], parents: dict) -> tuple[str | None, int]:
    at = {row["post_id"]: row["at"] for row in kept}
    below = defaultdict(list)  # root → the posts that descend from it, itself among them
    for row in kept:
        below[above(row["post_id"], parents)[-1]].append(row["post_id"])
    latest = {
        root: min(filter(None, map(at.get, posts)), default=None) for root, posts in below.items()
    }
    latest = {root: moment for root, moment in latest.items() if moment}
    if not latest:
        return None, 0
    first = min(latest, key=lambda root: (latest[root], root))
    timeless = [root for root in latest if not at.get(root)]
    rivals = {root for root in latest if latest[root] == latest[first]} | set(timeless)
    size = {root: len(set(posts) - {root}) for root, posts in below.items()}
    if first not in timeless:
        for root in sorted(timeless, key=lambda root: (-size[root], root))[:1]:
            if size[root] >= 2 * max(1, size[first]):
                first = root
    return first, len(rivals) - 1


def infer(row: dict, kept: list[dict], parents: dict, texts: dict) -> None:
    weights = {}
    for other in kept:
        if other["at"] is None or other["at"] >= row["at"]:
            continue
        delay = (row["at"] - other["at"]).total_seconds()
        one, two = (set(tokens(texts.get(each["text_id"], ""))) for each in (other, row))
        shared = len(one & two) / len(one | two) if one | two else 0.0
        if other["text_id"] == row["text_id"]:
            shared = 1.0
        weights[other["post_id"]] = max(1.0, delay / 300) ** -1.242 * shared**8
    for post in sorted(weights, key=lambda post: (-weights[post], post)):
        if row["post_id"] not in above(post, parents):
            total = sum(weights.values())
            share = weights[post] / total if total else 1 / len(weights)
            parents[row["post_id"]] = ("inferred", post, round(share, 6))
            return


def tokens(text: str) -> list[str]:
    found: list[str] = []
    word = ""
    for sign in re.sub(r"(?:https?://|www\.)\S+", " ", text[:10_000].lower()) + " ":
        if is_unspaced(sign) or not re.fullmatch(r"[^\W_]", sign):
            found += [word] if word else []
            found += [sign] if is_unspaced(sign) else []
            word = ""
        else:
            word += sign
    return found


def changes(before: str | None, after: str | None) -> tuple:
    if before is None or after is None:
        return None, None, None
    return (
        more(tokens(before), tokens(after)),
        more(tokens(after), tokens(before)),
        more(*(re.findall(r"(?:https?://|www\.)\S+", text[:10_000]) for text in (before, after))),
    )


def more(before: list[str], after: list[str]) -> list[str]:
    return [word for word in dict.fromkeys(after) if after.count(word) > before.count(word)][:20]
