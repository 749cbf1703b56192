"""Which source reads this file? Each says how sure it is; the best one wins, and it is told.

The content decides, not the name alone: the head of the file is looked at.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import BinaryIO

from clew.contract import Sample, Source, plugins
from clew.errors import OptionsInvalid

HEAD = 1 << 16
_SURE_ENOUGH = 0.1
_SURE_BY_ITSELF = 0.3


@dataclass(frozen=True, kw_only=True)
class Recognised:
    """The sources that know a file, best first, with how sure they are (0 to 1)."""

    scores: Mapping[str, float]

    @property
    def source(self) -> Source | None:
        """The best source, or None if no source knows the file."""
        return plugins(Source)[next(iter(self.scores))] if self.scores else None

    @property
    def is_sure(self) -> bool:
        """Whether to read a file that the analyst has not named: any CSV could be a table."""
        return next(iter(self.scores.values()), 0) >= _SURE_BY_ITSELF

    @property
    def runner_up(self) -> str | None:
        """The source that came second."""
        return list(self.scores)[1] if len(self.scores) > 1 else None


def take_sample(name: str, size: int, stream: BinaryIO) -> Sample:
    """The head of a stream."""
    return Sample(name=name, head=stream.read(HEAD), size=size)


def recognise(sample: Sample) -> Recognised:
    """Ask every source. Equal scores are ordered by name."""
    scores = {name: source.recognise(sample) for name, source in plugins(Source).items()}
    known = {name: score for name, score in scores.items() if score >= _SURE_ENOUGH}
    return Recognised(scores=dict(sorted(known.items(), key=lambda pair: (-pair[1], pair[0]))))


def named_source(name: str) -> Source:
    """The source of this name; raises OptionsInvalid if there is none."""
    try:
        found: Source = plugins(Source)[name]
    except KeyError:
        choice = ", ".join(plugins(Source))
        raise OptionsInvalid(f"there is no source {name!r}; there are: {choice}") from None
    return found
