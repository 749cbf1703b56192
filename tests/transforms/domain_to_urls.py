"""Addresses by the number of posts that have them."""

from tests.transforms.rows import at, link, observable, post

_CASE = {
    "posts": [post("x:1", **at(1)), post("x:2", **at(2))],
    "observables": [observable("x:1", "url", "https://host.example/a")],
    "links": [link("x:1", "https://host.example/a"), link("x:2", "https://HOST.example:8080/b")],
}
EXAMPLES = [
    (
        _CASE,
        ("host.example",),
        [
            ("host.example", "url", "https://host.example/a", 1, "x:1", "x:1"),
            ("host.example", "url", "https://HOST.example:8080/b", 1, "x:2", "x:2"),
        ],
    )
]
