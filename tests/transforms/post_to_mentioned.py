"""Accounts that it mentions, by id or by a handle that one account has."""

from tests.transforms.rows import at, interaction

_CASE = {
    "interactions": [
        interaction("mention", "x:ann", post_id="x:1", target_account_id="x:bob", **at(1)),
        interaction("reply", "x:ann", post_id="x:1", target_account_id="x:eve"),
    ],
}
EXAMPLES = [(_CASE, ("x:1",), [("x:1", "account", "x:bob", 1, "x:1", "x:1")])]
