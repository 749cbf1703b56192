"""Its addresses."""

from tests.transforms.rows import at, link, post

_CASE = {
    "posts": [post("x:1", "x:ann", channel_id="x:c", **at(1)), post("x:2", "x:bob", **at(2))],
    "links": [
        link("x:1", "https://t.example/1", expanded_url="https://host.example/a"),
        link("x:2", "https://host.example/a"),
    ],
}
EXAMPLES = [(_CASE, ("x:2",), [("x:2", "url", "https://host.example/a", 1, "x:2", "x:2")])]
