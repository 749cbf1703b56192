"""What does a report say? Plain data, gathered from a case, before any of it is worded or drawn.

`clew.case` fills a ReportContent; `clew.case.report.compose` words it. Every text in it may have
been written by an adversary. Everybody is named through `ReportContent.named`: who fills `accounts`
and `channels` with other names (pseudonyms) changes every place where they appear.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from clew.contract import Finding, Plot, PlotKind, Status, TableCount
from clew.model.lawful import Mandate
from clew.model.times import Micros, TimeQuality


@dataclass(frozen=True, kw_only=True)
class Named:
    """How one account or channel is shown."""

    shown_id: str  # `platform:native id`, or what stands for it
    handle: str | None = None
    name: str | None = None

    @property
    def label(self) -> str:
        """The shortest thing to call it by: its handle, else its name, else its id."""
        return f"@{self.handle}" if self.handle else self.name or self.shown_id


@dataclass(frozen=True, kw_only=True)
class QuotedPost:
    """One post as the evidence appendix quotes it, and where its record stands."""

    post_id: str
    platform: str
    time_quality: TimeQuality
    capture_id: str  # SHA-256 of the evidence
    item: int  # number of its record in the capture, from 0
    account_id: str | None = None
    channel_id: str | None = None
    posted_at: Micros | None = None
    local_time: str | None = None
    title: str | None = None
    text: str | None = None
    url: str | None = None


@dataclass(frozen=True, kw_only=True)
class CaptureLine:
    """One imported capture and what became of everything in it."""

    capture_id: str  # SHA-256 of the bytes as they came
    name: str  # as it came, with its folder
    source: str  # what it was taken for: the source's title
    size_bytes: int
    imported_at: Micros
    run_id: str
    observed_at: Micros | None = None  # when it was taken; null: not known
    status: Status = Status.COMPLETED
    reason: str = ""
    items: int = 0  # records read; `rejected` of them were not used
    rejected: Mapping[str, int] = field(default_factory=dict)  # by reason
    tables: Mapping[str, TableCount] = field(default_factory=dict)
    notes: Mapping[str, int] = field(default_factory=dict)  # warnings that cost no row

    @property
    def used(self) -> int:
        """Records that gave rows."""
        return self.items - sum(self.rejected.values())


@dataclass(frozen=True, kw_only=True)
class Section:
    """One run of one analysis."""

    analysis: str
    question: str
    run_id: str
    engine: str  # as it names itself, with its version
    ran_at: Micros
    method: tuple[str, ...] = ()
    limits: tuple[str, ...] = ()
    options: Mapping[str, str] = field(default_factory=dict)
    findings: tuple[Finding, ...] = ()
    plots: tuple[Plot, ...] = ()


@dataclass(frozen=True, kw_only=True)
class ReportContent:
    """All that one report says."""

    mandate: Mandate
    generated_at: Micros
    clew_version: str
    journal_head: str  # hash of the journal's last entry when the report was made
    journal_entries: int
    captures: tuple[CaptureLine, ...] = ()
    sections: tuple[Section, ...] = ()
    posts: Mapping[str, QuotedPost] = field(default_factory=dict)  # by post_id
    accounts: Mapping[str, Named] = field(default_factory=dict)  # by account_id
    channels: Mapping[str, Named] = field(default_factory=dict)  # by channel_id

    def named(self, known_id: str) -> Named:
        """How the account or channel of this id is shown; an unknown one by its id."""
        found = self.accounts.get(known_id) or self.channels.get(known_id)
        return found or Named(shown_id=known_id)


@dataclass(frozen=True, kw_only=True)
class Limits:
    """How much a report shows. Whatever it leaves out it counts: "Showing 20 of 312"."""

    summary_findings: int = 25
    summary_notes: int = 3  # of one analysis: its mere notes must not crowd out the others'
    section_findings: int = 40
    section_plots: int = 12
    citations: int = 8  # pieces of evidence per finding
    quotations: int = 600  # pieces of evidence in the whole report
    captures: int = 60  # lines of the row accounting; the appendix lists every capture
    reasons: int = 6  # rejection reasons or notes per capture
    text_chars: int = 1500  # of one quoted post
    text_lines: int = 30
    sentence_chars: int = 600  # of one finding's summary, or any other single line


def by_priority(findings: Iterable[Finding]) -> list[Finding]:
    """The findings most urgent first; equals keep their order."""
    return sorted(findings, key=lambda finding: -finding.priority)


def shown_evidence(sections: Iterable[Section], limits: Limits) -> dict[str, int]:
    """Evidence id → its number in the report, from 1, in the order in which it is cited.

    The summary cites first, so that the most urgent findings are never cut off by
    `limits.quotations`.
    """
    numbers: dict[str, int] = {}
    for finding in _in_order_of_citing(tuple(sections), limits):
        for evidence_id in tuple(dict.fromkeys(finding.evidence))[: limits.citations]:
            if len(numbers) >= limits.quotations:
                return numbers
            numbers.setdefault(evidence_id, len(numbers) + 1)
    return numbers


def _in_order_of_citing(sections: tuple[Section, ...], limits: Limits) -> Iterator[Finding]:
    yield from by_priority(
        finding
        for section in sections
        for finding in by_priority(section.findings)[: limits.section_findings]
    )


ID = re.compile(r"[a-z][a-z0-9_]{0,30}:[^\s,;()\[\]{}\"'<>]{1,200}")
"""What may be an id (`platform:native id`) in a sentence; trailing punctuation included."""

PUNCTUATION = ".:!?"


def ids_in(sections: Iterable[Section], limits: Limits) -> frozenset[str]:
    """Every id that a report of these sections may have to name or quote.

    The caller looks each of them up among posts, accounts and channels; some are in none of them.
    """
    sections = tuple(sections)
    found = set(shown_evidence(sections, limits))
    for section in sections:
        for finding in section.findings:
            found.update(filter(None, (finding.subject,)))
            texts = (finding.summary, *finding.counter_evidence, *finding.limits)
            found.update(_ids_named(texts, limits))
        for plot in section.plots[: limits.section_plots]:
            found.update(_ids_named((plot.title, plot.caption), limits))
            for column in LABEL_COLUMNS.get(plot.kind, ()):
                found.update(filter(None, plot.data.column(column).to_pylist()))
    return frozenset(found)


def _ids_named(texts: Iterable[str], limits: Limits) -> Iterator[str]:
    for text in texts:
        for match in ID.finditer(text[: limits.sentence_chars]):
            yield match[0]
            yield match[0].rstrip(PUNCTUATION)


LABEL_COLUMNS: Mapping[PlotKind, tuple[str, ...]] = {
    PlotKind.MATRIX: ("row", "column"),
    PlotKind.BARS: ("label",),
}
"""The columns of a plot's data that may hold ids."""
