"""Posts that answer it."""

from tests.transforms.rows import at, post

_CASE = {
    "posts": [
        post("x:1", "x:ann", **at(1)),
        post("x:2", "x:bob", reply_to_post_id="x:1", **at(2)),
        post("x:3", "x:eve", repost_of_post_id="x:1", **at(3)),
        post("x:4", "x:eve", quote_of_post_id="x:1", **at(4)),
    ],
}
EXAMPLES = [(_CASE, ("x:1",), [("x:1", "post", "x:2", 1, "x:2", "x:2")])]
