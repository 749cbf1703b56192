"""Interactions in plain Python: slow, obvious, no engine."""

from __future__ import annotations

import string
from collections import defaultdict
from statistics import median

from hypothesis import strategies as st

from clew.analyses.interactions import Options
from clew.model.tables import InteractionKind
from tests.generated import Case

options = st.just(Options()) | st.builds(
    Options, kinds=st.lists(st.sampled_from(InteractionKind), min_size=1, unique=True).map(tuple)
)

_ACTS = "clew.measures.acts"

MUTATIONS = {
    "handles of two holders": ("_.holders == 1", "_.holders >= 1", _ACTS),
    "handles of other platforms": ('["platform", "handle"]', '["handle"]', _ACTS),
    "case matters": ("_UPPER.lower()", "_UPPER", _ACTS),
    "display names are handles": (
        "_.kind.isin(_NAMES_A_HANDLE)",
        "_.kind.notnull()",
        _ACTS,
    ),
    "the author of the target is forgotten": (
        "acts.author_id, acts.named_id",
        "acts.named_id",
        _ACTS,
    ),
    "what one does to oneself is returned": (
        "_.account_id != _.target_account_id, _.returned",
        "_.target_account_id.notnull(), _.returned",
    ),
    "negative response times": ("response_s >= 0", "response_s <= 0", _ACTS),
    "times without a zone count": (
        "time_quality.isin(EXACT)",
        "time_quality.notnull()",
        _ACTS,
    ),
    "mean for median": (".mean(where=middle)", ".mean()"),
    "the upper median": ("(acts.known - 1) // 2, ", "acts.known // 2, "),
    "the return of another kind": (
        'pairs.left_join(back, ["account_id", "target_account_id", "kind"])',
        'pairs.left_join(back, ["account_id", "target_account_id"])',
    ),
}


def reference(case: Case, options: Options) -> list[tuple]:
    posts = {post["post_id"]: post for post in case["posts"]}
    groups = defaultdict(list)
    for act in case["interactions"]:
        if act["kind"] not in options.kinds:
            continue
        groups[act["account_id"], *target(act, posts, case["accounts"]), act["kind"]].append(act)
    return [row(key, acts, groups, posts) for key, acts in groups.items()]


def target(act: dict, posts: dict, accounts: list[dict]) -> tuple:
    account = act["target_account_id"]
    if account is None and act["target_post_id"] in posts:
        account = posts[act["target_post_id"]]["account_id"]
    if account is None and act["kind"] in ("mention", "reply", "repost", "quote"):
        holders = [
            other["account_id"]
            for other in accounts
            if other["platform"] == act["platform"]
            and other["handle"] is not None
            and act["target_name"] is not None
            and lower(other["handle"]) == lower(act["target_name"])
        ]
        if len(holders) == 1:
            account = holders[0]
    if account is not None:
        return account, None, None
    if act["target_channel_id"] is not None:
        return None, act["target_channel_id"], None
    return None, None, act["target_name"]


def row(key: tuple, acts: list[dict], groups: dict, posts: dict) -> tuple:
    account, aim, _channel, _name, kind = key
    returned = None
    if None not in (account, aim) and account != aim:
        returned = len(groups.get((aim, account, None, None, kind), ()))
    times = [exact(act, "happened_at") for act in acts]
    times = [time for time in times if time is not None]
    waits = [wait(act, posts.get(act["target_post_id"])) for act in acts]
    waits = [seconds for seconds in waits if seconds is not None]
    ids = [act["post_id"] for act in acts if act["post_id"] is not None]
    return (
        *key,
        len(acts),
        returned,
        min(times, default=None),
        max(times, default=None),
        len(waits),
        float(median(waits)) if waits else None,
        min(ids, default=None),
    )


def wait(act: dict, post: dict | None) -> int | None:
    """Whole seconds from the post to the act."""
    start = post and exact(post, "posted_at")
    stop = exact(act, "happened_at")
    if start is None or stop is None:
        return None
    seconds = int((stop.replace(microsecond=0) - start.replace(microsecond=0)).total_seconds())
    return seconds if seconds >= 0 else None


def exact(row: dict, column: str):
    return row[column] if row["time_quality"] in ("utc", "offset") else None


def lower(handle: str) -> str:
    return "".join(c.lower() if c in string.ascii_uppercase else c for c in handle)
