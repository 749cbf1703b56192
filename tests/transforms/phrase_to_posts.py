"""Posts whose text contains the phrase, without regard to case."""

from tests.transforms.rows import at, post

_CASE = {
    "posts": [post("x:1", text="Gate SEVEN is open", **at(1)), post("x:2", text="gate six")],
}
EXAMPLES = [(_CASE, ("gate seven",), [("gate seven", "post", "x:1", 1, "x:1", "x:1")])]
