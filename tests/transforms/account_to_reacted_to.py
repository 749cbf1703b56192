"""Authors by the number of reactions to their posts."""

from tests.transforms.rows import at, interaction, post

_CASE = {
    "posts": [post("x:p1", "x:bob"), post("x:p2", "x:bob")],
    "interactions": [
        interaction("react", "x:ann", target_post_id="x:p2", **at(2)),
        interaction("react", "x:ann", target_post_id="x:p1", **at(1)),
        interaction("reply", "x:ann", target_post_id="x:p1"),
    ],
}
EXAMPLES = [(_CASE, ("x:ann",), [("x:ann", "account", "x:bob", 2, "x:p1", "x:p2")])]
