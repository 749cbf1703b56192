"""Accounts by the number of records that show them with it."""

from tests.transforms.rows import at, snapshot

_CASE = {
    "account_snapshots": [
        snapshot("x:20", handle="Ann", observed_at=at(1)["posted_at"], capture_id="c1"),
        snapshot("x:21", handle="bob"),
    ],
}
EXAMPLES = [(_CASE, ("ann",), [("ann", "account", "x:20", 1, "c1", "c1")])]
