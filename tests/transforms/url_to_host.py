"""The host of the address, if it has a name."""

_CASE = {}
EXAMPLES = [
    (
        _CASE,
        ("https://www.host.example/a",),
        [("https://www.host.example/a", "domain", "www.host.example", 1, None, None)],
    )
]
