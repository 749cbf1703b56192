"""Near copies of its text, all in one group."""

from tests.transforms.rows import at, post

_CASE = {
    "posts": [
        post("x:1", text="Gate seven is open, everybody go there now!", **at(1)),
        post("x:2", text="gate SEVEN is open, everybody go there now", **at(2)),
        post("x:3", text="Nothing of the kind was ever said by anybody here"),
    ],
}
EXAMPLES = [(_CASE, ("x:1",), [("x:1", "post", "x:2", 1, "x:2", "x:2")])]
