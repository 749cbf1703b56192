"""Channels that it joined, as far as that was captured."""

from tests.transforms.rows import at, interaction

_CASE = {
    "interactions": [
        interaction("join", "x:ann", post_id="x:1", target_channel_id="x:c", **at(1)),
        interaction("leave", "x:ann", post_id="x:2", target_channel_id="x:d", **at(2)),
    ],
}
EXAMPLES = [(_CASE, ("x:ann",), [("x:ann", "channel", "x:c", 1, "x:1", "x:1")])]
