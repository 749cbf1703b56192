"""Where does a text name a target, and what does it say of it there?"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

from clew.errors import OptionsInvalid

MASK = "this"
"""What stands for the target in a text that is judged: its own name must not decide."""

_LEAST_WORDS = 3  # what is shorter is no clause by itself
_LONG = 400  # code points; of a longer post only the clause is read

_CONTRAST = (
    "but|however|although|whereas|while|aber|jedoch|obwohl|während|mais|cependant|tandis"
    "|ma|però|tuttavia|mentre|mas|porém|enquanto|pero|aunque|mientras|lekin|magar|लेकिन|मगर|لكن|ولكن"
)
_CONTRAST_WORD = re.compile(rf"(?<!\w)(?:{_CONTRAST})(?!\w)", re.IGNORECASE)
_CUT = re.compile(
    rf"[.!?…;:।؟]+(?=\s|$)|\n|\s[-–—|]+\s|(?<!\w)(?:{_CONTRAST})(?!\w)", re.IGNORECASE
)
_WORD = re.compile(r"\w+")


class Place(NamedTuple):
    """A stretch of a text, in code points."""

    start: int
    stop: int


@dataclass(frozen=True)
class Target:
    """An organisation or person that posts may speak of."""

    name: str
    names: tuple[str, ...]  # under which it is found, its own among them

    @cached_property
    def _expression(self) -> re.Pattern[str]:
        longest_first = sorted(self.names, key=len, reverse=True)
        choice = "|".join(re.escape(name) for name in longest_first)
        return re.compile(rf"(?<!\w)(?:{choice})(?!\w)", re.IGNORECASE)

    def mentions(self, text: str) -> Iterator[Place]:
        """Where the text names it, whatever the case of the letters."""
        for found in self._expression.finditer(text):
            yield Place(*found.span())

    def masked(self, text: str) -> str:
        """The text with `MASK` for every one of its names."""
        return self._expression.sub(MASK, text)


def targets_from(texts: Sequence[str]) -> list[Target]:
    """Targets as an analyst names them: `Acme|ACME Corp|@acme`, the first is what it is called.

    Raises OptionsInvalid for a target without a name, or one that is given twice.
    """
    targets = []
    for text in texts:
        names = tuple(dict.fromkeys(name.strip() for name in text.split("|") if name.strip()))
        if not names:
            raise OptionsInvalid(f"{text!r} names no target")
        targets.append(Target(names[0], names))
    if len({target.name for target in targets}) < len(targets):
        raise OptionsInvalid("a target is given twice")
    return targets


def clause_around(text: str, mention: Place) -> Place:
    """The clause that a mention stands in, with those beside it while it is very short."""
    cuts = {0, len(text)}
    for found in _CUT.finditer(text):
        if found.end() <= mention.start or found.start() >= mention.stop:
            is_word = found.group()[0].isalpha()
            cuts.add(found.start() if is_word else found.end())
    ordered = sorted(cuts)
    left = max(number for number, cut in enumerate(ordered) if cut <= mention.start)
    right = min(number for number, cut in enumerate(ordered) if cut >= mention.stop)
    last = len(ordered) - 1
    while right - left < last and _words(text[ordered[left] : ordered[right]]) < _LEAST_WORDS:
        left, right = max(0, left - 1), min(last, right + 1)
    return Place(ordered[left], ordered[right])


def _words(text: str) -> int:
    return len(_WORD.findall(text))


def said_of(text: str, target: Target, mention: Place, *, has_rivals: bool) -> str:
    """What is judged: the clause if the post speaks of several things, else the post; masked.

    Args:
        text: the post.
        target: what the mention is of.
        mention: where it is named.
        has_rivals: whether the post names another target too.
    """
    if has_rivals or len(text) > _LONG or _CONTRAST_WORD.search(text):
        place = clause_around(text, mention)
        text = text[place.start : place.stop]
    return target.masked(text).strip()
