"""Accounts by the number of acts toward the one that was asked."""

from tests.transforms.rows import at, interaction, post

_CASE = {
    "posts": [post("x:p2", "x:bob")],
    "interactions": [
        interaction("mention", "x:ann", post_id="x:1", target_account_id="x:bob", **at(2)),
        interaction("reply", "x:ann", post_id="x:2", target_post_id="x:p2", **at(1)),
        interaction("follow", "x:eve", target_account_id="x:bob"),
        interaction("mention", None, post_id="x:3", target_account_id="x:bob"),
    ],
}
EXAMPLES = [(_CASE, ("x:bob",), [("x:bob", "account", "x:ann", 2, "x:2", "x:1")])]
