"""Activity in plain Python as far as it is counted; cadence and bursts are tested elsewhere."""

from __future__ import annotations

from collections import defaultdict

import pyarrow as pa
from hypothesis import strategies as st

from clew.analyses.activity import GATHERED, Options, score
from tests.generated import Case

options = st.builds(Options, reposts=st.booleans())

MUTATIONS = {
    "minutes for seconds": ('second = at.truncate("s")', 'second = at.truncate("m")'),
    "times without a zone count": ("time_quality.isin(EXACT)", "time_quality.notnull()"),
    "service messages are posts": ("[PostKind.SERVICE] if", "[] if"),
    "what is left out is not counted": ("left_out=_.count() - _.second", "left_out=_.second"),
    "the greatest id for the least": ("post_id.min()", "post_id.max()"),
    "instants are lost": ("seconds=_.second.collect()", "seconds=_.second.collect(distinct=True)"),
}


def reference(case: Case, options: Options) -> list[tuple]:
    ignored = {"service"} if options.reposts else {"service", "repost"}
    cells = defaultdict(list)
    for post in case["posts"]:
        if post["kind"] not in ignored and post["account_id"] is not None:
            cells[post["account_id"], post["posted_at"].minute if exact(post) else None].append(
                post
            )
    rows = [written(*key, posts) for key, posts in cells.items()]
    rows += [
        {
            "account_id": account["account_id"],
            "platform": account["platform"],
            "made": int(account["created_at"].timestamp()),
        }
        for account in case["accounts"]
        if account["created_at"] is not None
    ]
    schema = pa.schema([(name, kind_of(kind)) for name, kind in GATHERED.items()])
    result = score(pa.Table.from_pylist(rows, schema=schema), options)
    return [tuple(row.values()) for row in result.to_pylist()]


def written(account: str, minute: int | None, posts: list) -> dict:
    known = [post for post in posts if exact(post)]
    return {
        "account_id": account,
        "minute": minute,
        "posts": len(known),
        "left_out": len(posts) - len(known),
        "seconds": [int(post["posted_at"].timestamp()) for post in known],
        "example_post_id": min(post["post_id"] for post in posts),
    }


def exact(post: dict) -> bool:
    return post["posted_at"] is not None and post["time_quality"] in ("utc", "offset")


def kind_of(name: str) -> pa.DataType:
    kinds = {"string": pa.string(), "int32": pa.int32(), "int64": pa.int64()}
    return kinds.get(name) or pa.list_(pa.int64())
