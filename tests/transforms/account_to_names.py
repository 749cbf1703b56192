"""Display names, older ones too, by the number of records that show them."""

from tests.transforms.rows import at, snapshot

_CASE = {
    "account_snapshots": [
        snapshot("x:20", name="Ann", observed_at=at(1)["posted_at"], capture_id="c1"),
        snapshot("x:20", name="Ann", observed_at=at(3)["posted_at"], capture_id="c2"),
    ],
}
EXAMPLES = [(_CASE, ("x:20",), [("x:20", "phrase", "Ann", 2, "c1", "c2")])]
