"""How is text repaired whose bytes were written as characters, as Meta's downloads do?

The downloads of Facebook and Instagram write each byte of UTF-8 as a character of its own: `ä`
becomes `Ã¤`.
"""

from __future__ import annotations


def repaired(text: str | None) -> str | None:
    """A text whose bytes of UTF-8 were written as characters; any other text as it is.

    A text that is already right holds a character beyond U+00FF, or is no UTF-8 if read as bytes.
    """
    if not text or text.isascii():
        return text or None
    try:
        return text.encode("latin-1").decode()
    except UnicodeError:
        return text
