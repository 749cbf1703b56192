"""Programs, as the platform names them, by the number of posts."""

from tests.transforms.rows import at, post

_CASE = {
    "posts": [
        post("x:1", "x:ann", client="Web App", **at(1)),
        post("x:2", "x:ann", client="Web App", **at(2)),
        post("x:3", "x:bob", client="Phone"),
    ],
}
EXAMPLES = [(_CASE, ("x:ann",), [("x:ann", "phrase", "Web App", 2, "x:1", "x:2")])]
