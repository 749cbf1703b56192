"""Forwards out: where its messages go."""

from tests.transforms.rows import at, interaction

_CASE = {
    "interactions": [
        interaction(
            "forward", "x:ann", post_id="x:1", channel_id="x:c", target_channel_id="x:d", **at(1)
        ),
        interaction(
            "forward", "x:ann", post_id="x:2", channel_id="x:d", target_channel_id="x:d", **at(2)
        ),
    ],
}
EXAMPLES = [(_CASE, ("x:d",), [("x:d", "channel", "x:c", 1, "x:1", "x:1")])]
