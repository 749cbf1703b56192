"""The channel that it stands in."""

from tests.transforms.rows import at, post

_CASE = {
    "posts": [
        post("x:1", "x:ann", channel_id="x:c", thread_id="x:1", **at(1)),
        post("x:2", "x:ann", channel_id="x:c", thread_id="x:1", **at(2)),
        post("x:3", "x:bob", channel_id="x:d", thread_id="x:3"),
    ],
}
EXAMPLES = [(_CASE, ("x:3",), [("x:3", "channel", "x:d", 1, "x:3", "x:3")])]
