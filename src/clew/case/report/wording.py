"""How are people, times, sizes and evidence called in a report? The same way everywhere."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from clew.case.report.blocks import Cite, Inline, Inlines, Jump, Name, Text
from clew.case.report.content import (
    ID,
    PUNCTUATION,
    Limits,
    ReportContent,
    by_priority,
    shown_evidence,
)
from clew.case.report.quoting import exact, inert, said
from clew.contract import Finding, Likelihood
from clew.model.times import Micros, TimeQuality, to_datetime

TIME_QUALITY = {
    TimeQuality.UTC: "stated by the platform’s server",
    TimeQuality.OFFSET: "from a local time with its offset",
    TimeQuality.CLAIMED: "set by the author’s own client: it can be false",
    TimeQuality.ZONE_UNKNOWN: "local time; its zone is not recorded",
    TimeQuality.MISSING: "not recorded",
}


@dataclass(frozen=True)
class Numbered:
    """A finding with its place in the report."""

    number: int  # F1, F2… through all sections
    section: int
    finding: Finding

    @property
    def anchor(self) -> str:
        """Where it stands in full."""
        return f"f{self.number}"


@dataclass(frozen=True)
class Wording:
    """One report's names and numbers."""

    content: ReportContent
    limits: Limits

    @cached_property
    def evidence(self) -> dict[str, int]:
        """Evidence id → number."""
        return shown_evidence(self.content.sections, self.limits)

    @cached_property
    def captures(self) -> dict[str, int]:
        """Capture id → number."""
        numbers: dict[str, int] = {}
        for number, line in enumerate(self.content.captures, start=1):
            numbers.setdefault(line.capture_id, number)  # imported twice: the first time
        return numbers

    @cached_property
    def findings(self) -> list[Numbered]:
        """Every finding in the order of the sections, the most urgent of each section first."""
        in_order = [
            (place, finding)
            for place, section in enumerate(self.content.sections)
            for finding in by_priority(section.findings)
        ]
        return [Numbered(number, *placed) for number, placed in enumerate(in_order, start=1)]

    @cached_property
    def shown(self) -> dict[int, list[Numbered]]:
        """Section → its findings that are shown in full."""
        shown: dict[int, list[Numbered]] = {
            place: [] for place in range(len(self.content.sections))
        }
        for numbered in self.findings:
            if len(shown[numbered.section]) < self.limits.section_findings:
                shown[numbered.section].append(numbered)
        return shown

    def words(self, text: str) -> Inlines:
        """A sentence of an analysis: who it names by id is named as everywhere in the report."""
        return tuple(self._words(text))

    def plain(self, text: str) -> str:
        """The same as plain text, everybody called by their label."""
        return "".join(
            inert(self.label(part) if is_id else part, chars=self.limits.sentence_chars)
            for part, is_id in self._cut_at_ids(text)
        )

    def _words(self, text: str) -> Iterator[Inline]:
        for part, is_id in self._cut_at_ids(text):
            if is_id:
                yield from self.who(part)
            else:
                yield said(part, chars=self.limits.sentence_chars)

    def _cut_at_ids(self, text: str) -> Iterator[tuple[str, bool]]:
        """The text in pieces, and of each whether it is the id of an account or channel."""
        shown_to = 0
        for match in ID.finditer(text[: self.limits.sentence_chars]):
            known_id = self._known(match[0])
            if known_id is None:
                continue
            if match.start() > shown_to:
                yield text[shown_to : match.start()], False
            yield known_id, True
            shown_to = match.start() + len(known_id)
        if shown_to < len(text):
            yield text[shown_to:], False

    def _known(self, candidate: str) -> str | None:
        for known_id in (candidate, candidate.rstrip(PUNCTUATION)):
            if known_id in self.content.accounts or known_id in self.content.channels:
                return known_id
        return None

    def who(self, known_id: str) -> Inlines:
        """An account or channel: its label, and its id where the label is not the id."""
        named = self.content.named(known_id)
        code = exact(named.shown_id)
        if named.label == named.shown_id:
            return (code,)
        return (Name(inert(named.label, chars=60)), Text(" ("), code, Text(")"))

    def full_name(self, known_id: str) -> Inlines:
        """The same with its display name."""
        named = self.content.named(known_id)
        if not named.name or not named.handle:
            return self.who(known_id)
        return (*self.who(known_id), Text(" “"), said(named.name, chars=80), Text("”"))

    def label(self, known_id: str) -> str:
        """The short label of an id, for plots; what is no id is its own label."""
        return self.content.named(known_id).label

    def cites(self, finding: Finding) -> Inlines:
        """The numbers of the finding's evidence, and how many of them are not shown."""
        cited = dict.fromkeys(finding.evidence)
        numbers = [
            self.evidence[evidence_id]
            for evidence_id in list(cited)[: self.limits.citations]
            if evidence_id in self.evidence
        ]
        cites: list[Inline] = [Cite(number, f"e{number}") for number in sorted(numbers)]
        if len(numbers) < len(cited):
            cites.append(Text(f" (showing {len(numbers):,} of {len(cited):,} pieces of evidence)"))
        return tuple(cites)

    def capture(self, capture_id: str) -> Inlines:
        """A reference to a capture by its number and the beginning of its hash."""
        number = self.captures.get(capture_id)
        if number is None:
            return (exact(capture_id),)
        return (Jump(f"C{number}", f"c{number}"), Text(" "), exact(f"{capture_id[:12]}…"))


def clock(micros: Micros) -> str:
    """When Clew did something: `2026-03-14 09:26:53 UTC`, to the second."""
    return instant(Micros(micros - micros % 1_000_000))


def instant(micros: Micros | None) -> str:
    """When something happened: the same with its fraction of a second, if it has one."""
    if micros is None:
        return "not recorded"
    moment = to_datetime(micros).replace(tzinfo=None)
    precise = "milliseconds" if micros % 1_000 == 0 else "microseconds"
    timespec = "seconds" if micros % 1_000_000 == 0 else precise
    return f"{moment.isoformat(' ', timespec)} UTC"


def confidence(finding: Finding) -> str:
    """How sure the finding is: estimative words with their number."""
    if not finding.enough_data:
        return "not enough data"
    if finding.confidence is None:
        return "a count"
    probability = min(max(finding.confidence, 0.0), 1.0)
    if probability < 0.01:
        number = "under 1 %"
    elif probability > 0.99:
        number = "over 99 %"
    else:
        number = f"{probability:.0%}".replace("%", " %")
    return f"{Likelihood.of(probability)} ({number})"
