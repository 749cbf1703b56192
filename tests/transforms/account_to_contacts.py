"""Acts toward accounts, by id, by the post they were done to, and by handle."""

from tests.transforms.rows import at, interaction, post

_CASE = {
    "posts": [post("x:p2", "x:bob")],
    "accounts": [{"account_id": "x:eve", "platform": "x", "handle": "Eve"}],
    "interactions": [
        interaction("mention", "x:ann", post_id="x:1", target_account_id="x:bob", **at(2)),
        interaction("reply", "x:ann", post_id="x:2", target_post_id="x:p2", **at(1)),
        interaction("mention", "x:ann", post_id="x:3", target_name="eve", **at(3)),
        interaction("follow", "x:ann", target_account_id="x:zoe"),
        interaction("mention", "x:bob", post_id="x:4", target_account_id="x:ann"),
        interaction("reply", "x:ann", post_id="x:5", target_account_id="x:ann"),
    ],
}
EXAMPLES = [
    (
        _CASE,
        ("x:ann",),
        [
            ("x:ann", "account", "x:bob", 2, "x:2", "x:1"),
            ("x:ann", "account", "x:eve", 1, "x:3", "x:3"),
        ],
    )
]
