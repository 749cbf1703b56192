"""Accounts by the number of posts."""

from tests.transforms.rows import at, post

_CASE = {
    "posts": [post("x:1", "x:ann", place="Leeds", **at(1)), post("x:2", "x:bob", place="York")],
}
EXAMPLES = [(_CASE, ("Leeds",), [("Leeds", "account", "x:ann", 1, "x:1", "x:1")])]
