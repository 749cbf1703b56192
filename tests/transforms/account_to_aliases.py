"""Handles, older ones too, by the number of captures' records that show them."""

from tests.transforms.rows import at, snapshot

_CASE = {
    "account_snapshots": [
        snapshot("x:20", handle="Ann", observed_at=at(1)["posted_at"], capture_id="c1"),
        snapshot("x:20", handle="ann", observed_at=at(3)["posted_at"], capture_id="c2"),
        snapshot("x:20", handle="anne", observed_at=at(2)["posted_at"], capture_id="c3"),
        snapshot("x:21", handle="bob"),
    ],
}
EXAMPLES = [
    (
        _CASE,
        ("x:20",),
        [("x:20", "alias", "ann", 2, "c1", "c2"), ("x:20", "alias", "anne", 1, "c3", "c3")],
    )
]
