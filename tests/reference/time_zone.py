"""The time zones in plain Python, as far as they are counted; the model is tested by itself.

What is counted is counted anew here and handed to the model, so that an error of the engine shows.
"""

from __future__ import annotations

from collections import defaultdict

import pyarrow as pa
from hypothesis import strategies as st

from clew.analyses.time_zone import GATHERED, GIVES, Options, scoring
from clew.analyses.time_zone.scoring import Prior
from tests.generated import Case

options = st.builds(
    Options,
    prior=st.sampled_from(Prior),
    zones=st.sampled_from([(), ("Europe/Berlin=3", "Asia/Tokyo")]),
    min_active=st.integers(1, 4),
    reposts=st.booleans(),
)

MUTATIONS = {
    "hours for half hours": ("// 1800", "// 3600"),
    "times without a zone count": ("time_quality.isin(EXACT)", "time_quality.notnull()"),
    "service messages are posts": ("[PostKind.SERVICE] if", "[] if"),
    "minutes for hours": ("hour=at.hour()", "hour=at.minute()"),
    "only full hours are scheduled": ("isin([0, 30])", "isin([0])"),
    "UTC times are declared offsets": ("== TimeQuality.OFFSET", "!= TimeQuality.OFFSET"),
    "what is left out is not counted": ("left_out=_.count() - _.half", "left_out=_.half"),
    "the greatest id for the least": ("post_id.min()", "post_id.max()"),
}


def reference(case: Case, options: Options) -> list[tuple]:
    ignored = {"service"} if options.reposts else {"service", "repost"}
    cells = defaultdict(list)
    for post in case["posts"]:
        if post["kind"] not in ignored:
            hour = post["posted_at"].hour if exact(post) else None
            cells[post["account_id"], post["channel_id"], hour].append(post)
    rows = [counted(*key, posts) for key, posts in cells.items()]
    schema = pa.schema([(name, kind_of(name)) for name in GATHERED])
    result = scoring.score(
        pa.Table.from_pylist(rows, schema=schema),
        GIVES.to_pyarrow(),
        prior=options.prior,
        zones=options.zones,
        min_active=options.min_active,
        crowds=options.crowds,
    )
    return [tuple(row.values()) for row in result.to_pylist()]


def counted(account: str | None, channel: str | None, hour: int | None, posts: list) -> dict:
    known = [post for post in posts if exact(post)]
    return {
        "account_id": account,
        "channel_id": channel,
        "hour": hour,
        "posts": len(known),
        "left_out": len(posts) - len(known),
        "declared": sum(post["time_quality"] == "offset" for post in known),
        "on_the_clock": sum(post["posted_at"].minute in (0, 30) for post in known),
        "half_hours": [int(post["posted_at"].timestamp() // 1800) for post in known],
        "example_post_id": min(post["post_id"] for post in posts),
    }


def exact(post: dict) -> bool:
    return post["posted_at"] is not None and post["time_quality"] in ("utc", "offset")


def kind_of(name: str) -> pa.DataType:
    return {
        "half_hours": pa.list_(pa.int32()),
        "hour": pa.int32(),
        "account_id": pa.string(),
        "channel_id": pa.string(),
        "example_post_id": pa.string(),
    }.get(name, pa.int64())
