"""In which order does a report say what it says? Content in, blocks out; no markup."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import replace

from clew.case.report.accounting import accounting, capture_list, left_out
from clew.case.report.blocks import (
    Block,
    Bullets,
    Conclusion,
    Document,
    Facts,
    Heading,
    Inlines,
    Paragraph,
    Picture,
    PriorityName,
    Strong,
    Text,
    Tone,
)
from clew.case.report.content import Limits, ReportContent, Section
from clew.case.report.evidence import evidence
from clew.case.report.guide import MARKINGS, reading_guide, verification
from clew.case.report.plots import draw
from clew.case.report.quoting import exact, inert, said
from clew.case.report.wording import Numbered, Wording, clock, confidence
from clew.contract import Plot, Priority
from clew.model.lawful import Mandate
from clew.model.wording import counted, listed


def compose(content: ReportContent, limits: Limits | None = None) -> Document:
    """The whole report as blocks."""
    wording = Wording(content, limits or Limits())
    blocks = [
        *_summary(wording),
        *accounting(wording),
        *(block for place in range(len(content.sections)) for block in _section(place, wording)),
        *evidence(wording),
        *capture_list(wording),
        *reading_guide(wording),
        *verification(wording),
    ]
    return Document(
        marking=str(content.mandate.marking),
        title=inert(content.mandate.name, chars=200),
        subtitle=f"Report made {clock(content.generated_at)} by Clew {content.clew_version}",
        lead=_lead(content.mandate),
        blocks=tuple(blocks),
        generated_at=content.generated_at,
    )


def _lead(mandate: Mandate) -> Facts:
    platforms = ", ".join(mandate.scope.platforms) or "any platform"
    activities = ", ".join(activity.replace("_", " ") for activity in mandate.scope.activities)
    authority: Inlines = (
        (said(mandate.authority, chars=400),)
        if mandate.authority.strip()
        else (Text("not stated"),)
    )
    return Facts(
        (
            ("Purpose", (said(mandate.purpose, chars=1000),)),
            ("Legal basis", (said(mandate.legal_basis, chars=1000),)),
            ("Authority", authority),
            ("Scope", (Text(f"{inert(platforms)}; {activities or 'no activity'}"),)),
            ("Retain until", (Text(mandate.retention_until.isoformat()),)),
            (
                "Marking",
                (Strong(str(mandate.marking)), Text(f": {MARKINGS[mandate.marking]}")),
            ),
        )
    )


# --------------------------------------------------------------------------------------- summary


def _summary(wording: Wording) -> list[Block]:
    ordered = sorted(wording.findings, key=lambda numbered: -numbered.finding.priority)
    notes: Counter[int] = Counter()
    shown: list[Numbered] = []
    for numbered in ordered:
        if numbered.finding.priority is Priority.NOTE:
            notes[numbered.section] += 1
        if notes[numbered.section] <= wording.limits.summary_notes:
            shown.append(numbered)
    shown = shown[: wording.limits.summary_findings]
    return [
        Heading(level=1, text="Summary", anchor="summary"),
        Paragraph((Text(_overview(wording)),)),
        *(_brief(numbered, wording) for numbered in shown),
        *left_out(
            len(shown), len(ordered), "findings, the most urgent first; the sections hold the rest"
        ),
    ]


def _overview(wording: Wording) -> str:
    sections = wording.content.sections
    if not sections:
        return "No analysis has been run on this case yet."
    findings = [numbered.finding for numbered in wording.findings]
    per_priority = Counter(finding.priority for finding in findings)
    of_each = [
        f"{per_priority[priority]:,} {_PRIORITIES[priority]}"
        for priority in sorted(Priority, reverse=True)
        if per_priority[priority]
    ]
    analyses = counted(len(sections), "analysis", "analyses")
    if not findings:
        return f"{analyses} gave no finding."
    text = f"{analyses} gave {counted(len(findings), 'finding')}; by priority: {listed(of_each)}."
    lacking = sum(not finding.enough_data for finding in findings)
    if lacking:
        text += f" For {lacking:,} of them there was not enough data."
    return text


def _brief(numbered: Numbered, wording: Wording) -> Conclusion:
    is_shown = numbered in wording.shown[numbered.section]
    return Conclusion(
        number=numbered.number,
        anchor=f"s{numbered.number}",
        priority=_PRIORITIES[numbered.finding.priority],
        sentence=_sentence(numbered, wording),
        confidence=confidence(numbered.finding),
        is_sure=numbered.finding.enough_data,
        target=numbered.anchor if is_shown else f"section-{numbered.section + 1}",
    )


# -------------------------------------------------------------------------------------- sections


def _section(place: int, wording: Wording) -> list[Block]:
    section = wording.content.sections[place]
    anchor = f"section-{place + 1}"
    shown = wording.shown[place]
    plots = section.plots[: wording.limits.section_plots]
    return [
        Heading(level=1, text=_title(section), anchor=anchor),
        Paragraph((Text(section.question),), Tone.LEAD),
        *(_full(numbered, wording) for numbered in shown),
        *_nothing_found(section),
        *left_out(len(shown), len(section.findings), "findings, the most urgent first"),
        *(
            _picture(plot, f"p{place + 1}-{number}", wording)
            for number, plot in enumerate(plots, start=1)
        ),
        *left_out(len(plots), len(section.plots), "plots"),
        *_lines("Method", section.method, f"{anchor}-method"),
        *_lines("Limits", section.limits, f"{anchor}-limits"),
        Paragraph(_run(section), Tone.SMALL),
    ]


def _full(numbered: Numbered, wording: Wording) -> Conclusion:
    finding = numbered.finding
    return Conclusion(
        number=numbered.number,
        anchor=numbered.anchor,
        priority=_PRIORITIES[numbered.finding.priority],
        sentence=_sentence(numbered, wording),
        confidence=confidence(finding),
        is_sure=finding.enough_data,
        subject=_subject(numbered, wording),
        against=tuple(wording.words(text) for text in finding.counter_evidence),
        limits=tuple(wording.words(text) for text in finding.limits),
    )


def _subject(numbered: Numbered, wording: Wording) -> Inlines:
    """Whom it is about, unless the sentence names them."""
    subject = numbered.finding.subject
    if subject is None or subject in numbered.finding.summary:
        return ()
    return wording.full_name(subject)


def _sentence(numbered: Numbered, wording: Wording) -> Inlines:
    cites = wording.cites(numbered.finding)
    space = (Text(" "),) if cites else ()
    return (*wording.words(numbered.finding.summary), *space, *cites)


_PRIORITIES: Mapping[Priority, PriorityName] = {
    Priority.NOTE: "note",
    Priority.LOW: "low",
    Priority.MEDIUM: "medium",
    Priority.HIGH: "high",
}


def _nothing_found(section: Section) -> list[Block]:
    if section.findings:
        return []
    return [Paragraph((Text("This run gave no finding."),))]


def _picture(plot: Plot, key: str, wording: Wording) -> Picture:
    named = replace(plot, title=wording.plain(plot.title))
    drawing = draw(named, key=key, label=wording.label)
    left_out = (Text(f" {drawing.left_out}"),) if drawing.left_out else ()
    return Picture(
        svg=drawing.svg,
        title=wording.words(plot.title),
        caption=(*wording.words(plot.caption), *left_out),
        description=drawing.description,
    )


def _lines(title: str, lines: tuple[str, ...], anchor: str) -> list[Block]:
    if not lines:
        return []
    return [
        Heading(level=2, text=title, anchor=anchor),
        Bullets(tuple((Text(line),) for line in lines)),
    ]


def _run(section: Section) -> Inlines:
    options = _options(section.options)
    return (
        Text(f"Run {clock(section.ran_at)} on {inert(section.engine)}, {options}; run id "),
        exact(section.run_id),
        Text("."),
    )


def _options(options: Mapping[str, str]) -> str:
    if not options:
        return "without options"
    return "with " + listed([inert(f"{name} = {value}") for name, value in options.items()])


def _title(section: Section) -> str:
    return inert(section.analysis.replace("_", " ")).capitalize()
