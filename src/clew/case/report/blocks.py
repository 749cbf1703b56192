"""What is a report made of? Blocks of inlines: no markup, so that each renderer writes its own.

A Document is worded once (`clew.case.report.compose`) and rendered as HTML, PDF and whatever comes
later. The blocks are tagged structs: `msgspec.json.encode(document)` is their exact written form.

Words of others are always `Said`, `Code` or a field made by `clew.case.report.quoting`: their
invisible characters are already visible and their web addresses inert. A renderer still escapes
every text it writes.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Literal

import msgspec

Direction = Literal["ltr", "rtl"]
PriorityName = Literal["note", "low", "medium", "high"]


class _Piece(msgspec.Struct, frozen=True, tag=str.lower, tag_field="kind"):
    """A part of a report; its class in small letters is its `kind` in JSON."""


# --------------------------------------------------------------------------------------- inlines


class Text(_Piece, frozen=True):
    """Our own words."""

    text: str


class Strong(_Piece, frozen=True):
    """Our own words that must not be missed."""

    text: str


class Name(_Piece, frozen=True):
    """What somebody or something is called: set apart, isolated from the letters around it."""

    text: str


class Code(_Piece, frozen=True):
    """An id, hash or command: exact, of fixed width, may break anywhere."""

    text: str


class Mark(_Piece, frozen=True):
    """Stands in a quotation for characters that nobody would see, such as `U+202E RLO`."""

    text: str
    meaning: str


class Said(_Piece, frozen=True):
    """One line of somebody else's words."""

    parts: tuple[Text | Mark, ...]
    direction: Direction = "ltr"


class Cite(_Piece, frozen=True):
    """The number of a piece of evidence: `[12]`."""

    number: int
    anchor: str


class Jump(_Piece, frozen=True):
    """A reference to another place in this report."""

    text: str
    anchor: str


Inline = Text | Strong | Name | Code | Said | Cite | Jump
Inlines = tuple[Inline, ...]


# ---------------------------------------------------------------------------------------- blocks


class Tone(StrEnum):
    """How a paragraph is set."""

    PLAIN = "plain"
    LEAD = "lead"  # the question of a section
    SMALL = "small"  # what is left out, how it was run
    WARNING = "warning"  # what the reader must not overlook


class Heading(_Piece, frozen=True, kw_only=True):
    """A title of level 1 (part), 2 or 3; `anchor` is unique in the document."""

    level: Literal[1, 2, 3]
    text: str
    anchor: str


class Paragraph(_Piece, frozen=True):
    """Running text."""

    inlines: Inlines
    tone: Tone = Tone.PLAIN


class Bullets(_Piece, frozen=True):
    """A list of lines without order."""

    items: tuple[Inlines, ...]


class Facts(_Piece, frozen=True):
    """Names with their values."""

    rows: tuple[tuple[str, Inlines], ...]


class Column(_Piece, frozen=True):
    """One column of a grid: its title, and whether it holds numbers."""

    title: str
    numeric: bool = False
    share: int = 1  # of the width, against the other columns that are not numeric


class Grid(_Piece, frozen=True, kw_only=True):
    """A table: a head, rows, and rows of totals."""

    title: str  # for those who cannot see it, too
    columns: tuple[Column, ...]
    rows: tuple[tuple[Inlines, ...], ...]
    totals: tuple[tuple[Inlines, ...], ...] = ()


class Picture(_Piece, frozen=True, kw_only=True):
    """A plot as an SVG document."""

    svg: str
    title: Inlines
    caption: Inlines
    description: str  # the same in words


class Conclusion(_Piece, frozen=True, kw_only=True):
    """One finding: how urgent, what, how sure, by which evidence, and what speaks against it."""

    number: int  # F1, F2… in the order of the sections
    anchor: str
    priority: PriorityName
    sentence: Inlines
    confidence: str  # "likely (72 %)"
    is_sure: bool = True  # False: there was not enough data
    subject: Inlines = ()
    against: tuple[Inlines, ...] = ()
    limits: tuple[Inlines, ...] = ()
    target: str | None = None  # in a summary: the anchor of the full finding


class Quote(_Piece, frozen=True, kw_only=True):
    """One piece of evidence under its number."""

    number: int
    anchor: str
    author: Inlines  # who, or what the evidence is
    facts: tuple[tuple[str, Inlines], ...]
    lines: tuple[Said, ...] = ()  # what it says, line by line
    left_out: str = ""  # "Showing 1,500 of 1,048,576 characters"
    cited_by: tuple[Jump, ...] = ()


Block = Heading | Paragraph | Bullets | Facts | Grid | Picture | Conclusion | Quote


class Document(msgspec.Struct, frozen=True, kw_only=True):
    """A whole report: what stands on every page, on the title, and below it."""

    marking: str  # "TLP:AMBER", at the top and bottom of every page
    title: str
    subtitle: str  # what it is and when it was made
    lead: Facts  # purpose, legal basis, authority…
    blocks: tuple[Block, ...]
    generated_at: int  # microseconds since 1970 UTC, for the file's own metadata
