"""Threads by the number of posts."""

from tests.transforms.rows import at, post

_CASE = {
    "posts": [
        post("x:1", "x:ann", channel_id="x:c", thread_id="x:1", **at(1)),
        post("x:2", "x:ann", channel_id="x:c", thread_id="x:1", **at(2)),
        post("x:3", "x:bob", channel_id="x:d", thread_id="x:3"),
    ],
}
EXAMPLES = [(_CASE, ("x:c",), [("x:c", "thread", "x:1", 2, "x:1", "x:2")])]
