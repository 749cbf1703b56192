"""Accounts that followed it, as far as that was captured."""

from tests.transforms.rows import interaction

_CASE = {
    "interactions": [
        interaction("follow", "x:ann", target_account_id="x:bob"),
        interaction("follow", "x:bob", target_account_id="x:ann"),
    ],
}
EXAMPLES = [(_CASE, ("x:bob",), [("x:bob", "account", "x:ann", 1, None, None)])]
