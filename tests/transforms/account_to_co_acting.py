"""Accounts by the number of posts that both have shared."""

from tests.transforms.rows import at, interaction

_CASE = {
    "interactions": [
        interaction("repost", "x:ann", target_post_id="x:1", **at(1)),
        interaction("repost", "x:bob", target_post_id="x:1", **at(2)),
        interaction("repost", "x:bob", target_post_id="x:1", **at(3)),
        interaction("forward", "x:bob", target_post_id="x:2", **at(3)),
        interaction("forward", "x:ann", target_post_id="x:2", **at(4)),
        interaction("reply", "x:eve", target_post_id="x:1"),
        interaction("repost", "x:eve"),
    ],
}
EXAMPLES = [(_CASE, ("x:ann",), [("x:ann", "account", "x:bob", 2, "x:1", "x:2")])]
