"""Accounts by the number of posts that link to it; the first one stands in the evidence."""

from tests.transforms.rows import at, link, post

_CASE = {
    "posts": [post("x:1", "x:ann", channel_id="x:c", **at(1)), post("x:2", "x:bob", **at(2))],
    "links": [
        link("x:1", "https://t.example/1", expanded_url="https://host.example/a"),
        link("x:2", "https://host.example/a"),
    ],
}
EXAMPLES = [
    (
        _CASE,
        ("https://host.example/a",),
        [
            ("https://host.example/a", "account", "x:ann", 1, "x:1", "x:1"),
            ("https://host.example/a", "account", "x:bob", 1, "x:2", "x:2"),
        ],
    )
]
