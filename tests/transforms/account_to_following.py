"""Accounts that it followed, as far as that was captured."""

from tests.transforms.rows import interaction

_CASE = {
    "interactions": [
        interaction("follow", "x:ann", target_account_id="x:bob"),
        interaction("follow", "x:eve", target_account_id="x:bob"),
    ],
}
EXAMPLES = [(_CASE, ("x:ann",), [("x:ann", "account", "x:bob", 1, None, None)])]
