"""What only those who run a channel can do; inviting, in some, anybody."""

from tests.transforms.rows import at, interaction

_CASE = {
    "interactions": [
        interaction("pin", "x:ann", post_id="x:1", channel_id="x:c", **at(1)),
        interaction("remove", "x:ann", post_id="x:2", channel_id="x:c", **at(2)),
        interaction("join", "x:bob", post_id="x:3", channel_id="x:c", **at(3)),
    ],
}
EXAMPLES = [(_CASE, ("x:c",), [("x:c", "account", "x:ann", 2, "x:1", "x:2")])]
