"""Where do the elements of a JSON container end? Found without decoding them.

The vectorised form of a scanner that counts brackets outside strings: a handful of passes over each
block, linear in its bytes whatever they hold, so that no hostile text makes it slow.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

_QUOTE, _BACKSLASH, _COMMA = b'"\\,'

# Whether a byte matters, for `bytes.translate`: the fastest look-up there is.
_MATTERS = bytes(byte in b'"[]{},' for byte in range(256))

_STEP = np.zeros(256, np.int8)
_STEP[list(b"[{")] = 1
_STEP[list(b"]}")] = -1


class Nesting:
    """Follows one container, from its opening bracket on, block after block.

    A block may end anywhere, even within an escape. Brackets are counted, not paired: `[}` closes.
    """

    def __init__(self) -> None:
        self._depth = 0
        self._in_string = False
        self._escaped = False  # the block before ended with a backslash that escapes

    def end(self, block: bytes) -> int | None:
        """Where in `block` the bracket stands that closes the container; None: not in it."""
        at, _, depth = self._scan(block)
        closed = np.flatnonzero(depth == 0)
        return int(at[closed[0]]) if closed.size else None

    def stops(self, block: bytes) -> tuple[list[int], bool]:
        """Where in `block` the container's elements end, and whether it closes there.

        An element ends at its comma, the last one at the closing bracket.
        """
        at, kind, depth = self._scan(block)
        closed = np.flatnonzero(depth == 0)
        if closed.size:
            until = closed[0] + 1
            at, kind, depth = at[:until], kind[:until], depth[:until]
        is_stop = (depth == 0) | ((depth == 1) & (kind == _COMMA))
        return at[is_stop].tolist(), bool(closed.size)

    def _scan(
        self, block: bytes
    ) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.uint8], npt.NDArray[np.int64]]:
        """Position, byte, and depth behind it, of each bracket and comma outside strings."""
        at = np.flatnonzero(np.frombuffer(block.translate(_MATTERS), np.bool_))
        kind = np.frombuffer(block, np.uint8)[at]
        is_quote = kind == _QUOTE
        if self._escaped or b"\\" in block:
            is_quote &= ~self._is_escaped(block, at)
        # Behind an odd number of quotes is the inside of a string.
        quotes = np.cumsum(is_quote, dtype=np.int32) + self._in_string
        outside = ((quotes & 1) == 0) & (kind != _QUOTE)
        at, kind = at[outside], kind[outside]
        if quotes.size:
            self._in_string = bool(quotes[-1] & 1)
        depth = np.cumsum(_STEP[kind], dtype=np.int64) + self._depth
        if depth.size:
            self._depth = int(depth[-1])
        return at, kind, depth

    def _is_escaped(self, block: bytes, at: npt.NDArray[np.int64]) -> npt.NDArray[np.bool_]:
        """Whether an odd run of backslashes stands before each of the positions `at`."""
        data = np.frombuffer(block, np.uint8)
        carried, self._escaped = self._escaped, _ends_escaping(block, self._escaped)
        escaped: npt.NDArray[np.bool_] = data[at - 1] == _BACKSLASH
        if at.size and at[0] == 0:  # the byte before it stood in the block before
            escaped[0] = False
        behind = at[escaped]
        if behind.size:
            backslashes = np.flatnonzero(data == _BACKSLASH)
            starts = backslashes[np.diff(backslashes, prepend=-2) != 1]
            start = starts[np.searchsorted(starts, behind) - 1]
            length = behind - start - (carried & (start == 0))
            escaped[escaped] = length % 2 == 1
        if at.size and at[0] == 0:
            escaped[0] = carried
        return escaped


def _ends_escaping(block: bytes, carried: bool) -> bool:
    run = len(block) - len(block.rstrip(b"\\"))
    return (run - (carried and run == len(block))) % 2 == 1
