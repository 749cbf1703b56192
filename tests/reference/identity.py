"""Pairs of accounts in plain Python: what they share, by looking at all of them.

Weighing is the analysis's own: its arithmetic is checked by hand in tests/unit/test_identity.py.
"""

from __future__ import annotations

import re
import string
from collections import Counter, defaultdict

import pyarrow as pa
from hypothesis import strategies as st

from clew.analyses.identity import _GATHERED, GIVES, Options
from clew.analyses.identity.weighing import score
from tests.generated import Case

_MADE = ("url", "domain", "cve")
options = st.builds(
    Options,
    kinds=st.just(_MADE) | st.just(("url",)),
    most_holders=st.sampled_from([2, 3, 20]),
    min_posts=st.sampled_from([1, 3]),
)

MUTATIONS = {
    "each with itself": ("_.account_id < _.other_account_id", "_.account_id <= _.other_account_id"),
    "both ways round": ("_.account_id < _.other_account_id", "_.account_id != _.other_account_id"),
    "popular things too": (
        "shared.filter(_.holders <= options",
        "shared.filter(_.holders != options",
    ),
    "every kind of value": ("_.kind.isin(options.kinds)", "_.kind.notnull()"),
    "stems with digits": ('re_replace(r"[0-9._-]+", "")', 're_replace(r"[._-]+", "")'),
    "handles by case": ("handle = folded(accounts.handle)", "handle = accounts.handle"),
    "times without a zone": ('at=exact(tables.posts, "posted_at")', "at=tables.posts.posted_at"),
    "the other platform": (
        "pairs.platform == pairs.other_platform",
        "pairs.platform == pairs.platform",
    ),
    "short names": ("name.length() >= _SHORTEST", "name.length() >= 1"),
    "another post as evidence": ("evidence=_.evidence.min()", "evidence=_.evidence.max()"),
}


def reference(case: Case, options: Options) -> list[tuple]:
    accounts = {row["account_id"]: row for row in case["accounts"]}
    facts = facts_of(case, options)
    holders = defaultdict(list)
    for (account, kind, value), evidence in facts.items():
        holders[kind, value].append((account, evidence))
    rows, left, paired = [], Counter(), set()
    for (kind, value), having in holders.items():
        if len(having) > options.most_holders:
            left[kind] += len(having) > 1
            continue
        for one, evidence in having:
            for other, other_evidence in having:
                if one >= other or one not in accounts or other not in accounts:
                    continue
                paired |= {one, other}
                same = accounts[one]["platform"] == accounts[other]["platform"]
                rows.append(
                    ("pair", one, other, kind, value, evidence, other_evidence, len(having), same)
                )
    rows += [("left", None, None, kind, None, None, None, n, None) for kind, n in left.items()]
    rows.append(("accounts", None, None, None, None, None, None, len(accounts), None))
    letters = Counter(
        handle[place : place + 2]
        for row in accounts.values()
        if (handle := lower(row["handle"]))
        for place in range(len(handle) - 1)
    )
    rows += [("letters", None, None, None, two, None, None, n, None) for two, n in letters.items()]
    hours = Counter(
        (post["account_id"], str(post["posted_at"].hour))
        for post in case["posts"]
        if post["account_id"] in paired
        and post["posted_at"] is not None
        and post["time_quality"] in ("utc", "offset")
    )
    rows += [("hours", a, None, None, hour, None, None, n, None) for (a, hour), n in hours.items()]
    names = _GATHERED.names
    gathered = pa.Table.from_pylist(
        [dict(zip(names, row, strict=True)) for row in rows], _GATHERED.to_pyarrow()
    )
    return [tuple(row.values()) for row in score(gathered, GIVES, options).to_pylist()]


def facts_of(case: Case, options: Options) -> dict[tuple[str, str, str], str]:
    """(account, kind, value) → what shows it."""
    facts: dict[tuple[str, str, str], str] = {}
    for row in case["accounts"]:
        handle, name = lower(row["handle"]), lower(row["name"])
        stem = None if handle is None else re.sub(r"[0-9._-]+", "", handle)
        for kind, value, shortest in (
            ("handle", handle, 1),
            ("stem", stem, 4),
            ("name", name, 4),
            ("description", row["description"], 20),
            ("picture", row["avatar_url"], 1),
            ("link", row["url"], 1),
        ):
            if value is not None and len(value) >= shortest:
                facts[row["account_id"], kind, value] = row["account_id"]
    authors = {post["post_id"]: post["account_id"] for post in case["posts"]}
    for row in sorted(case["observables"], key=lambda row: row["post_id"], reverse=True):
        author = authors.get(row["post_id"])
        if author is not None and row["kind"] in options.kinds:
            facts[author, "named", row["value"]] = row["post_id"]
    return facts


def lower(text: str | None) -> str | None:
    if text is None:
        return None
    return "".join(c.lower() if c in string.ascii_uppercase else c for c in text)
