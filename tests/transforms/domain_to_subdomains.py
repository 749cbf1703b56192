"""Hosts by the number of posts that name them."""

from tests.transforms.rows import at, observable, post

_CASE = {
    "posts": [post("x:1", **at(1))],
    "observables": [
        observable("x:1", "domain", "www.host.example"),
        observable("x:1", "domain", "otherhost.example", start=30),
    ],
}
EXAMPLES = [
    (
        _CASE,
        ("host.example",),
        [("host.example", "domain", "www.host.example", 1, "x:1", "x:1")],
    )
]
