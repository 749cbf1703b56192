"""How is this report to be read, and how can somebody else check it?"""

from __future__ import annotations

from clew.case.report.blocks import (
    Block,
    Bullets,
    Code,
    Column,
    Facts,
    Grid,
    Heading,
    Inlines,
    Paragraph,
    Text,
)
from clew.case.report.quoting import exact, inert
from clew.case.report.wording import TIME_QUALITY, Wording, clock
from clew.contract import Likelihood
from clew.model.lawful import Marking
from clew.model.times import TimeQuality
from clew.model.wording import counted

MARKINGS = {
    Marking.RED: "for the eyes and ears of the named recipients only",
    Marking.AMBER_STRICT: "recipients may share it on a need-to-know basis within their "
    "organisation only",
    Marking.AMBER: "recipients may share it on a need-to-know basis within their organisation and "
    "its clients",
    Marking.GREEN: "recipients may share it within their community, but not publicly",
    Marking.CLEAR: "it may be shared without restriction",
}
"""What each marking of TLP 2.0 allows, in our words."""

_BANDS = ("1 to 5 %", "5 to 20 %", "20 to 45 %", "45 to 55 %", "55 to 80 %", "80 to 95 %",
          "95 to 99 %")  # fmt: skip

_PRIORITIES = (
    ("High", "read it now"),
    ("Medium", "read it soon"),
    ("Low", "read it when there is time"),
    ("Note", "for the record"),
)


def reading_guide(_wording: Wording) -> list[Block]:
    """What the words, numbers and marks of the report mean."""
    return [
        Heading(level=1, text="How to read this report", anchor="reading"),
        Heading(level=2, text="Confidence", anchor="confidence"),
        Paragraph(
            (
                Text(
                    "A finding that says more than a count says how likely it is to be true, in "
                    "words of estimative probability (ICD 203) with its number. The number is of "
                    "the method named in the section, under the limits stated there. “A count” "
                    "asserts nothing beyond itself; “not enough data” is an answer, too."
                ),
            )
        ),
        Grid(
            title="Words of estimative probability",
            columns=(Column("Words", share=2), Column("Probability")),
            rows=tuple(
                ((Text(str(words)),), (Text(band),))
                for words, band in zip(Likelihood, _BANDS, strict=True)
            ),
        ),
        Heading(level=2, text="Priority", anchor="priority"),
        Facts(tuple((name, (Text(meaning),)) for name, meaning in _PRIORITIES)),
        Heading(level=2, text="Times", anchor="times"),
        Paragraph(
            (
                Text(
                    "Every time is in UTC, but for a local time whose zone nobody recorded. How "
                    "well the time of a post is known stands beside it:"
                ),
            )
        ),
        Facts(
            tuple(
                (_capitalised(str(quality).replace("_", " ")), (Text(meaning),))
                for quality, meaning in TIME_QUALITY.items()
                if quality is not TimeQuality.MISSING
            )
        ),
        Heading(level=2, text="Quotations", anchor="quotations"),
        Paragraph(
            (
                Text(
                    "Marks such as U+202E RLO stand for characters that cannot be seen and that "
                    "reorder, hide or disguise text. Web addresses are made inert: hxxp stands for "
                    "http, [.] for a dot of the host. The exact bytes are in the evidence. An "
                    "account’s name says who wrote, not whose account it is."
                ),
            )
        ),
    ]


def verification(wording: Wording) -> list[Block]:
    """How somebody who has the case checks what the report says."""
    content = wording.content
    return [
        Heading(level=1, text="How to verify", anchor="verify"),
        Bullets(
            (
                _step(
                    "clew verify CASE",
                    "recomputes the SHA-256 of every capture and the hash chain of the journal, "
                    "and names whatever has changed.",
                ),
                _step(
                    "sha256sum FILE",
                    "of a file as it was handed over gives its capture id: compare it with the "
                    "list of captures.",
                ),
                _step(
                    "clew query CASE \"SELECT * FROM posts WHERE post_id = '…'\"",
                    "shows a cited post with its capture_id and item.",
                ),
                _step(
                    "clew rerun CASE RUN",
                    "makes a run again from the same data and shows any difference.",
                ),
            )
        ),
        Facts(
            (
                ("Made", (Text(clock(content.generated_at)),)),
                ("By", (Text(f"Clew {inert(content.clew_version)}"),)),
                (
                    "Journal",
                    (
                        Text(f"{counted(content.journal_entries, 'entry', 'entries')}, head "),
                        exact(content.journal_head),
                    ),
                ),
            )
        ),
    ]


def _step(command: str, effect: str) -> Inlines:
    return (Code(command), Text(f" {effect}"))


def _capitalised(words: str) -> str:
    return {"utc": "UTC"}.get(words, words.capitalize())
