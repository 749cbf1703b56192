"""The part that somebody has registered, by the Public Suffix List."""

_CASE = {}
EXAMPLES = [
    (
        _CASE,
        ("a.b.host.example",),
        [("a.b.host.example", "domain", "host.example", 1, None, None)],
    )
]
