"""What follows the @."""

_CASE = {}
EXAMPLES = [
    (_CASE, ("ann@example.org",), [("ann@example.org", "domain", "example.org", 1, None, None)])
]
