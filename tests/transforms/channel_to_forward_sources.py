"""Forwards in: where its messages come from."""

from tests.transforms.rows import at, interaction

_CASE = {
    "interactions": [
        interaction(
            "forward", "x:ann", post_id="x:1", channel_id="x:c", target_channel_id="x:d", **at(1)
        ),
        interaction(
            "forward", "x:ann", post_id="x:2", channel_id="x:c", target_account_id="x:bob", **at(2)
        ),
        interaction("forward", "x:ann", post_id="x:3", channel_id="x:c", target_name="hidden"),
    ],
}
EXAMPLES = [
    (
        _CASE,
        ("x:c",),
        [("x:c", "channel", "x:d", 1, "x:1", "x:1"), ("x:c", "account", "x:bob", 1, "x:2", "x:2")],
    )
]
