"""Volume in plain Python: slow, obvious, no engine."""

from __future__ import annotations

from collections import defaultdict

from hypothesis import strategies as st

from clew.analyses.volume import Options
from tests.generated import Case

options = st.builds(Options)

MUTATIONS = {
    "months for days": ("at.date()", 'at.truncate("M").date()'),
    "times without a zone count": ("time_quality.isin(EXACT)", "time_quality.notnull()"),
    "service messages are posts": ("kind != PostKind.SERVICE", "kind != ''"),
    "the greatest id for the least": ("post_id.min()", "post_id.max()"),
    "posts in no channel are lost": (
        ".agg(posts=_.count()",
        ".having(_.channel_id.count() > 0).agg(posts=_.count()",
    ),
}


def reference(case: Case, options: Options) -> list[tuple]:
    cells = defaultdict(list)
    for post in case["posts"]:
        if post["kind"] == "service":
            continue
        known = post["posted_at"] and post["time_quality"] in ("utc", "offset")
        day = post["posted_at"].date() if known else None
        cells[post["platform"], post["channel_id"], day].append(post["post_id"])
    return [(*cell, len(ids), min(ids)) for cell, ids in cells.items()]
