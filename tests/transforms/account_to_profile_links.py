"""The links of its profile, older ones too."""

from tests.transforms.rows import at, snapshot

_CASE = {
    "account_snapshots": [
        snapshot(
            "x:20", url="https://ann.example/", observed_at=at(1)["posted_at"], capture_id="c1"
        ),
        snapshot("x:21", url="https://bob.example/"),
    ],
}
EXAMPLES = [
    (
        _CASE,
        ("x:20",),
        [("x:20", "url", "https://ann.example/", 1, "c1", "c1")],
    )
]
