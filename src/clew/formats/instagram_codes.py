"""Which number has the post whose address on Instagram holds a short code?"""

from __future__ import annotations

_DIGITS = {
    digit: value
    for value, digit in enumerate(
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    )
}
_OF_PUBLIC_POSTS = 11  # longer codes are of private posts: a key follows the number


def number_of(code: str) -> str | None:
    """The number that a short code is written for; None: it is no short code.

    The code is the number in base 64, with digits A-Z, a-z, 0-9, - and _: `BA` is 64.
    """
    if not code:
        return None
    number = 0
    for letter in code[:_OF_PUBLIC_POSTS]:
        value = _DIGITS.get(letter)
        if value is None:
            return None
        number = number * 64 + value
    return str(number)
