"""Accounts as they are known last."""

_CASE = {
    "accounts": [
        {"account_id": "x:20", "platform": "x", "name": "Ann", "description": "Sells old Radios"},
        {"account_id": "x:21", "platform": "x", "name": "Bob"},
    ],
}
EXAMPLES = [
    (
        _CASE,
        ("old radios",),
        [("old radios", "account", "x:20", 1, "x:20", "x:20")],
    )
]
