"""What its profile said of where it is, older texts too."""

from tests.transforms.rows import at, snapshot

_CASE = {
    "account_snapshots": [
        snapshot("x:20", location_claimed="Leeds", observed_at=at(1)["posted_at"], capture_id="c1"),
    ],
}
EXAMPLES = [(_CASE, ("x:20",), [("x:20", "place", "Leeds", 1, "c1", "c1")])]
