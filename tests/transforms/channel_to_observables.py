"""Observables by the number of posts that name them."""

from tests.transforms.rows import at, observable, post

_CASE = {
    "posts": [
        post("x:1", "x:ann", channel_id="x:c", **at(1)),
        post("x:2", "x:ann", channel_id="x:c", **at(2)),
        post("x:3", "x:bob"),
    ],
    "observables": [
        observable("x:1", "cve", "CVE-2024-1"),
        observable("x:1", "cve", "CVE-2024-1", start=20),
        observable("x:2", "cve", "CVE-2024-1"),
        observable("x:2", "ipv4", "192.0.2.1"),
        observable("x:2", "mac", "02:00:00:00:00:01"),
        observable("x:3", "hashtag", "gate"),
    ],
}
EXAMPLES = [
    (
        _CASE,
        ("x:c",),
        [
            ("x:c", "vulnerability", "CVE-2024-1", 2, "x:1", "x:2"),
            ("x:c", "ip", "192.0.2.1", 1, "x:2", "x:2"),
        ],
    )
]
