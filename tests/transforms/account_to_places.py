"""Places by the number of posts; as attached by it or its platform, not read from the text."""

from tests.transforms.rows import at, post

_CASE = {
    "posts": [
        post("x:1", "x:ann", place="Leeds", **at(1)),
        post("x:2", "x:ann", place="Leeds", **at(2)),
        post("x:3", "x:ann"),
    ],
}
EXAMPLES = [(_CASE, ("x:ann",), [("x:ann", "place", "Leeds", 2, "x:1", "x:2")])]
