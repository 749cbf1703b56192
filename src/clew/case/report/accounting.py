"""What was brought in, and what became of every record and row of it?

Two identities are printed and checked: of each capture `read = used + rejected` (records), of each
table `read = new + updated + duplicate` (rows).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping

from clew.case.report.blocks import (
    Block,
    Bullets,
    Column,
    Facts,
    Grid,
    Heading,
    Inline,
    Inlines,
    Jump,
    Paragraph,
    Strong,
    Text,
    Tone,
)
from clew.case.report.content import CaptureLine
from clew.case.report.quoting import exact, inert, said
from clew.case.report.wording import Wording, clock, instant
from clew.contract import Status, TableCount
from clew.model.wording import counted, listed


def accounting(wording: Wording) -> list[Block]:
    """The part that says what the report rests on."""
    lines = wording.content.captures
    blocks: list[Block] = [
        Heading(level=1, text="Sources and row accounting", anchor="sources"),
        Paragraph((Text(_overview(lines)),)),
    ]
    if not lines:
        return blocks
    shown = lines[: wording.limits.captures]
    blocks += [
        Heading(level=2, text="Records", anchor="records"),
        Paragraph((Text(_RECORDS),), Tone.SMALL),
        _records(shown, lines),
        *left_out(len(shown), len(lines), "captures; the totals are of all of them"),
    ]
    blocks += _reasons(
        "Why records were rejected", "rejections", (line.rejected for line in lines), wording
    )
    blocks += _reasons("Notes of the readers", "notes", (line.notes for line in lines), wording)
    if any(line.tables for line in lines):
        blocks += [
            Heading(level=2, text="Rows", anchor="rows"),
            Paragraph((Text(_ROWS),), Tone.SMALL),
            _rows(lines),
        ]
    return [*blocks, *_imbalances(lines)]


def capture_list(wording: Wording) -> list[Block]:
    """The appendix that names every capture with its hash."""
    lines = wording.content.captures
    blocks: list[Block] = [Heading(level=1, text="Captures", anchor="captures")]
    if not lines:
        return [*blocks, Paragraph((Text("Nothing has been imported into this case."),))]
    blocks.append(
        Paragraph(
            (
                Text(
                    "Each capture is kept unchanged under the SHA-256 of its bytes. "
                    "The numbers C1, C2… hold in this report only."
                ),
            )
        )
    )
    for number, line in enumerate(lines, start=1):
        blocks += [
            Heading(level=2, text=f"C{number}", anchor=f"c{number}"),
            Facts(
                (
                    ("Name", (said(line.name, hosts=False),)),
                    ("SHA-256", (exact(line.capture_id),)),
                    ("Size", (Text(f"{line.size_bytes:,} bytes"),)),
                    ("Read as", (said(line.source),)),
                    ("Taken", (Text(instant(line.observed_at)),)),
                    ("Imported", (Text(clock(line.imported_at)),)),
                    ("Run", (exact(line.run_id), *_ending(line))),
                    ("Records", _records_of(line)),
                    *(
                        (f"Rows of {inert(table)}", (Text(_sum(count)),))
                        for table, count in sorted(line.tables.items())
                    ),
                    *((("Notes", _phrases(line.notes)),) if line.notes else ()),
                )
            ),
        ]
    return blocks


def _records_of(line: CaptureLine) -> Inlines:
    rejected = line.items - line.used
    sums = Text(f"{line.items:,} read = {line.used:,} used + {rejected:,} rejected")
    return (sums, Text(": "), *_phrases(line.rejected)) if line.rejected else (sums,)


def _sum(count: TableCount) -> str:
    return (
        f"{count.read:,} read = {count.kept:,} new + {count.updated:,} updated + "
        f"{count.duplicate:,} duplicate"
    )


def _phrases(counts: Mapping[str, int]) -> Inlines:
    phrases: list[Inline] = []
    for phrase, times in sorted(counts.items(), key=lambda pair: (-pair[1], pair[0])):
        phrases += [said(phrase, chars=200), Text(f" ×{times:,}"), Text("; ")]
    return tuple(phrases[:-1])


_RECORDS = (
    "A record is what a capture holds one after the other: a message, a line, an element. "
    "Records read = used + rejected. A rejected record stays in the evidence."
)
_ROWS = (
    "A record gives rows of one or more tables. Rows read = new + updated + duplicate. "
    "Updated: another version of a row that was there, both are kept. "
    "Duplicate: it says the same as a row that was there."
)


def _overview(lines: tuple[CaptureLine, ...]) -> str:
    if not lines:
        return "Nothing has been imported into this case: there is nothing that it could rest on."
    read, used = sum(line.items for line in lines), sum(line.used for line in lines)
    said_of = (
        f"{counted(len(lines), 'capture')}: "
        f"{counted(read, 'record')} read, {used:,} used, {read - used:,} rejected."
    )
    endings = Counter(line.status for line in lines)
    if set(endings) <= {Status.COMPLETED}:
        return said_of
    ended = [f"{endings[status]:,} {_ENDINGS[status]}" for status in Status if endings[status]]
    return f"{said_of} How the imports ended: {listed(ended)}."


_ENDINGS = {
    Status.COMPLETED: "completed",
    Status.PARTIAL: "partial",
    Status.NOTHING: "with nothing to read",
    Status.REFUSED: "refused",
    Status.FAILED: "failed",
    Status.BROKE: "broken off by a defect of Clew",
}


def _records(shown: tuple[CaptureLine, ...], lines: tuple[CaptureLine, ...]) -> Grid:
    read, used = sum(line.items for line in lines), sum(line.used for line in lines)
    return Grid(
        title="What became of the records of each capture",
        columns=(
            Column("Capture", share=3),
            Column("Taken for", share=2),
            Column("Read", numeric=True),
            Column("= used", numeric=True),
            Column("+ rejected", numeric=True),
        ),
        rows=tuple(
            (
                (*_numbers([number]), Text(" "), said(line.name, chars=120, hosts=False)),
                (said(line.source, chars=120), *_ending(line)),
                _count(line.items),
                _count(line.used),
                _count(line.items - line.used),
            )
            for number, line in enumerate(shown, start=1)
        ),
        totals=(
            (
                (Strong(f"All {counted(len(lines), 'capture')}"),),
                (),
                _count(read),
                _count(used),
                _count(read - used),
            ),
        ),
    )


def _rows(lines: tuple[CaptureLine, ...]) -> Grid:
    totals: dict[str, TableCount] = {}
    for line in lines:
        for table, count in line.tables.items():
            total = totals.setdefault(table, TableCount())
            total.read += count.read
            total.kept += count.kept
            total.updated += count.updated
            total.duplicate += count.duplicate
    return Grid(
        title="What became of the rows of all captures (those of each stand under Captures)",
        columns=(
            Column("Table", share=2),
            Column("Read", numeric=True),
            Column("= new", numeric=True),
            Column("+ updated", numeric=True),
            Column("+ duplicate", numeric=True),
        ),
        rows=tuple(_table_row(table, count) for table, count in sorted(totals.items())),
    )


def _table_row(table: str, count: TableCount) -> tuple[Inlines, ...]:
    return (
        (exact(table),),
        _count(count.read),
        _count(count.kept),
        _count(count.updated),
        _count(count.duplicate),
    )


def _reasons(
    title: str, anchor: str, counts: Iterable[Mapping[str, int]], wording: Wording
) -> list[Block]:
    """How often each phrase occurred over all captures, and where."""
    total: Counter[str] = Counter()
    where: dict[str, list[int]] = {}
    for number, of_capture in enumerate(counts, start=1):
        total.update(of_capture)
        for phrase in of_capture:
            where.setdefault(phrase, []).append(number)
    if not total:
        return []
    ordered = sorted(total.items(), key=lambda pair: (-pair[1], pair[0]))
    shown = ordered[: wording.limits.reasons]
    bullets = tuple(
        (
            said(phrase, chars=200),
            Text(f": {times:,}× in "),
            *_numbers(where[phrase][:8]),
            Text(f" and {len(where[phrase]) - 8:,} more" if len(where[phrase]) > 8 else ""),
        )
        for phrase, times in shown
    )
    return [
        Heading(level=3, text=title, anchor=anchor),
        Bullets(bullets),
        *left_out(len(shown), len(ordered), "phrases"),
    ]


def _imbalances(lines: tuple[CaptureLine, ...]) -> list[Block]:
    """Says so if an identity does not hold: then Clew lost or invented something."""
    wrong = [
        f"C{number} {table}: {count.read:,} ≠ "
        f"{count.kept:,} + {count.updated:,} + {count.duplicate:,}"
        for number, line in enumerate(lines, start=1)
        for table, count in sorted(line.tables.items())
        if count.read != count.kept + count.updated + count.duplicate
    ]
    wrong += [
        f"C{number}: more records rejected than read"
        for number, line in enumerate(lines, start=1)
        if line.used < 0
    ]
    if not wrong:
        return [Paragraph((Text("Every record and every row is accounted for."),), Tone.SMALL)]
    return [
        Paragraph((Text(f"The accounts do not balance: {inert(listed(wrong))}."),), Tone.WARNING)
    ]


def _ending(line: CaptureLine) -> Inlines:
    """How the import ended, unless it simply completed."""
    if line.status is Status.COMPLETED:
        return ()
    reason = (Text(": "), said(line.reason, chars=200)) if line.reason else ()
    return (Text(" — "), Strong(_ENDINGS[line.status]), *reason)


def _numbers(numbers: list[int]) -> Inlines:
    jumps: list[Jump | Text] = []
    for number in numbers:
        jumps += [Text(" "), Jump(f"C{number}", f"c{number}")]
    return tuple(jumps[1:])


def _count(number: int) -> Inlines:
    return (Text(f"{number:,}"),)


def left_out(shown: int, total: int, what: str) -> list[Block]:
    """Says so if less is shown than there is."""
    if shown == total:
        return []
    return [Paragraph((Text(f"Showing {shown:,} of {total:,} {what}."),), Tone.SMALL)]
