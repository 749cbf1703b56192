"""Accounts by the number of their reactions."""

from tests.transforms.rows import at, interaction

_CASE = {
    "interactions": [
        interaction("react", "x:ann", target_post_id="x:1", **at(1)),
        interaction("reply", "x:eve", target_post_id="x:1"),
    ],
}
EXAMPLES = [(_CASE, ("x:1",), [("x:1", "account", "x:ann", 1, "x:1", "x:1")])]
