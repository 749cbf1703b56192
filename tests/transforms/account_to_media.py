"""Media by the number of its posts."""

from tests.transforms.rows import at, medium, post

_CASE = {
    "posts": [post("x:1", "x:ann", **at(1)), post("x:2", "x:bob", **at(2))],
    "media": [
        medium("x:1", "photo", md5="0123456789abcdef0123456789abcdef"),
        medium("x:2", "photo", md5="0123456789abcdef0123456789abcdef"),
        medium("x:2", "video", media_key="v1"),
        medium("x:2", "file"),
    ],
}
EXAMPLES = [
    (
        _CASE,
        ("x:bob",),
        [
            ("x:bob", "image", "0123456789abcdef0123456789abcdef", 1, "x:2", "x:2"),
            ("x:bob", "video", "v1", 1, "x:2", "x:2"),
        ],
    )
]
