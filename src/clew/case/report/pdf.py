"""The report as a PDF: typeset by typst, archivable (PDF/A-2a) and accessible (PDF/UA-1).

A character that no font on this machine can draw would come out as an empty box. PDF/A forbids
that, and typst names each such character: it stands in the PDF as its code point, and the report
says so on its first page.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from html import escape
from importlib.resources import files
from pathlib import Path
from typing import Any

import msgspec
import typst

from clew.case.report.blocks import Block, Document, Paragraph, Picture, Text, Tone
from clew.model.times import Micros, to_datetime
from clew.model.wording import counted, listed

_FOLDER = files("clew.case.report")
_STANDARDS = ["a-2a", "ua-1"]
_SPELLED_OUT = 6  # code points of a run that cannot be drawn; of the rest only the number is said


def render_pdf(
    document: Document, *, fonts: Sequence[Path] = (), system_fonts: bool = True
) -> bytes:
    """The PDF. Fonts come from the folders given, the system, and typst itself.

    The same document and fonts give the same bytes.
    """
    press = _Press(fonts, system_fonts=system_fonts)
    return press.print(press.drawable(document))


class _Press:
    """typst, and what the fonts that it finds can draw."""

    def __init__(self, folders: Sequence[Path], *, system_fonts: bool) -> None:
        self._fonts = typst.Fonts(
            include_system_fonts=system_fonts, font_paths=[str(folder) for folder in folders]
        )

    def print(self, document: Document) -> bytes:
        """The document as PDF bytes."""
        return self._compile(
            (_FOLDER / "report.typ").read_bytes(),
            {"report.json": msgspec.json.encode(document)},
            made_at=document.generated_at,
        )

    def drawable(self, document: Document) -> Document:
        """The document with code points instead of what cannot be drawn, saying so."""
        texts, plots = _characters(document)
        # Fonts for what stands in an SVG are chosen by other rules than for the text around it.
        lacking = _Lacking(
            in_text=self._undrawable(_TEXT_PROBE, "".join(sorted(texts))),
            in_plots=self._undrawable(_PLOT_PROBE, _svg_of(sorted(plots))),
        )
        return lacking.spelled_out(document, among=texts | plots)

    def _undrawable(self, probe: str, characters: str) -> frozenset[str]:
        """Those of the characters for which no font has a glyph."""
        try:
            self._compile(probe.encode(), {"characters.txt": characters.encode()})
        except typst.TypstError as error:
            named = re.findall(r'the text `"(.+?)"` could not be displayed', error.diagnostic)
            if not named:
                raise
            return frozenset(map(_unquoted, named))
        return frozenset()

    def _compile(self, main: bytes, data: dict[str, bytes], made_at: int = 0) -> bytes:
        made: bytes = typst.compile(  # type: ignore[call-overload] # its stub forgets the dict
            {"main": main, **data},
            font_paths=self._fonts,
            format="pdf",
            pdf_standards=_STANDARDS,
            timestamp=to_datetime(Micros(made_at)).replace(microsecond=0),
        )
        return made


_TEXT_PROBE = """
#set document(title: "probe")
#set text(font: "Libertinus Serif")
#for character in read("characters.txt").codepoints() { par(character) }
"""
_PLOT_PROBE = """
#set document(title: "probe")
#image(bytes(read("characters.txt")), format: "svg", alt: "probe")
"""


def _svg_of(characters: list[str]) -> str:
    texts = "".join(f'<text y="9">{escape(character)}</text>' for character in characters)
    return (
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9" '
        f'font-family="Libertinus Serif, Georgia, serif">{texts}</svg>'
    )


def _unquoted(text: str) -> str:
    r"""The character that typst quotes as itself or as `\u{1f525}`."""
    code = re.fullmatch(r"\\u\{([0-9a-f]+)\}", text)
    return chr(int(code[1], 16)) if code else text


def _characters(document: Document) -> tuple[set[str], set[str]]:
    """The characters other than ASCII: those of the text, and those of the plots."""
    texts: set[str] = set()
    for text in _strings(msgspec.to_builtins(document)):
        texts.update(text)
    plots: set[str] = set()
    for block in document.blocks:
        if isinstance(block, Picture):
            plots.update(block.svg)
    return ({char for char in texts if char > "~"}, {char for char in plots if char > "~"})


def _strings(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for name, inner in value.items():
            if name != "svg":
                yield from _strings(inner)
    elif isinstance(value, list | tuple):
        for inner in value:
            yield from _strings(inner)


@dataclass(frozen=True)
class _Lacking:
    """The characters for which there is no glyph."""

    in_text: frozenset[str]
    in_plots: frozenset[str]

    def spelled_out(self, document: Document, *, among: set[str]) -> Document:
        """The document without them; `among` are the characters that it holds."""
        if not self.in_text and not self.in_plots:
            return document
        builtins = msgspec.to_builtins(document)
        builtins["blocks"] = [self._replaced(block) for block in builtins["blocks"]]
        for name in ("title", "subtitle", "lead"):
            builtins[name] = self._replaced(builtins[name])
        changed = msgspec.convert(builtins, Document)
        warning = self._warning(len((self.in_text | self.in_plots) & among))
        return msgspec.structs.replace(changed, blocks=(warning, *changed.blocks))

    def _replaced(self, value: Any, name: str = "") -> Any:
        if isinstance(value, str):
            if name == "svg":
                return self._plot_runs.sub(_how_many, value)
            return self._text_runs.sub(_code_points, value)
        if isinstance(value, dict):
            return {name: self._replaced(inner, name) for name, inner in value.items()}
        if isinstance(value, list | tuple):
            return [self._replaced(inner) for inner in value]
        return value

    @cached_property
    def _text_runs(self) -> re.Pattern[str]:
        return _runs_of(self.in_text)

    @cached_property
    def _plot_runs(self) -> re.Pattern[str]:
        return _runs_of(self.in_plots)

    def _warning(self, number: int) -> Block:
        scripts = sorted({_script(char) for char in self.in_text | self.in_plots})
        return Paragraph(
            (
                Text(
                    "No font on the machine that made this PDF draws "
                    f"{counted(number, 'character')} of this report ({listed(scripts)}). "
                    "They stand as their code points, ⟨U+…⟩, in plots as their number. The HTML "
                    "report holds them as they were written; a PDF made with fonts that have them "
                    "shows them."
                ),
            ),
            Tone.WARNING,
        )


def _runs_of(characters: frozenset[str]) -> re.Pattern[str]:
    if not characters:
        return re.compile(r"(?!)")
    return re.compile(f"[{''.join(map(re.escape, sorted(characters)))}]+")


def _code_points(run: re.Match[str]) -> str:
    """`⟨U+4ECA U+665A⟩`, or the first few and how many more."""
    codes = " ".join(f"U+{ord(char):04X}" for char in run[0][:_SPELLED_OUT])
    rest = len(run[0]) - _SPELLED_OUT
    return f"⟨{codes} and {rest:,} more⟩" if rest > 0 else f"⟨{codes}⟩"


def _how_many(run: re.Match[str]) -> str:
    """`⟨CJK ×6⟩`: a label of a plot has no room for code points."""
    return f"⟨{_script(run[0][0])} ×{len(run[0]):,}⟩"


def _script(char: str) -> str:
    """The script by the character's Unicode name: `CJK`, `Hangul`, `Thai`; else `symbols`."""
    first = unicodedata.name(char, "").split(" ")[0]
    if not unicodedata.category(char).startswith(("L", "M")) or not first:
        return "symbols"
    return first if first == "CJK" else first.capitalize()
