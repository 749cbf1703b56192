"""The report as a PDF: typeset by typst, archivable (PDF/A-2a) and accessible (PDF/UA-1).

Level A wants a code point for each glyph, and some scripts merge letters into glyphs that have
none: a report that quotes such text is archivable only (PDF/A-2b).

A character that no font on this machine can draw would come out as an empty box. PDF/A forbids
that, and typst names each such character: it stands in the PDF as its code point, and the report
says so on its first page.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from html import escape, unescape
from importlib.resources import files
from pathlib import Path
from typing import Any

import msgspec
import typst

from clew.case.report.blocks import Block, Document, Paragraph, Picture, Text, Tone
from clew.model.times import Micros, to_datetime
from clew.model.wording import counted, listed

_FOLDER = files("clew.case.report")
_ACCESSIBLE = ["a-2a", "ua-1"]
_ARCHIVABLE = ["a-2b"]
_SPELLED_OUT = 6  # code points of a run that cannot be drawn; of the rest only the number is said


def render_pdf(
    document: Document, *, fonts: Sequence[Path] = (), system_fonts: bool = True
) -> bytes:
    """The PDF. Fonts come from the folders given, the system, and typst itself.

    The same document and fonts give the same bytes.
    """
    press = _Press(fonts, system_fonts=system_fonts)
    lacking = press.lacking(document)
    # Letters that can be drawn alone and cannot side by side: rare, and nothing names them.
    for more in (_Lacking(), _Lacking.of(document, at_least=2), _Lacking.of(document)):
        lacking |= more
        try:
            return press.print(lacking.spelled_out(document))
        except typst.TypstError as error:
            _undisplayed(error)
            failure = error
    raise failure


class _Press:
    """typst, and what the fonts that it finds can draw."""

    def __init__(self, folders: Sequence[Path], *, system_fonts: bool) -> None:
        self._fonts = typst.Fonts(
            include_system_fonts=system_fonts, font_paths=[str(folder) for folder in folders]
        )

    def print(self, document: Document) -> bytes:
        """The document as PDF bytes, of the highest standard that its letters allow."""
        main = (_FOLDER / "report.typ").read_bytes()
        data = {"report.json": msgspec.json.encode(document)}
        try:
            return self._compile(main, data, _ACCESSIBLE, document.generated_at)
        except typst.TypstError as error:
            if "missing codepoints" not in error.diagnostic:
                raise
        return self._compile(main, data, _ARCHIVABLE, document.generated_at)

    def lacking(self, document: Document) -> _Lacking:
        """What in the document no font draws.

        Fonts for what stands in an SVG are chosen by other rules than for the text around it.
        """
        texts, plots = _glyphs(document)
        return _Lacking(
            in_text=self._undrawable(texts, _TEXT_PROBE, "\n".join),
            in_plots=self._undrawable(plots, _PLOT_PROBE, _svg_of),
        )

    def _undrawable(
        self, glyphs: set[str], probe: str, laid_out: Callable[[list[str]], str]
    ) -> frozenset[str]:
        """Those of the letters and clusters for which no font has all glyphs."""

        def named(some: Iterable[str]) -> set[str]:
            data = {"probe.txt": laid_out(sorted(some)).encode()}
            try:
                self._compile(probe.encode(), data, _ARCHIVABLE)
            except typst.TypstError as error:
                return _undisplayed(error) or set("".join(some))
            return set()

        lone = named({char for glyph in glyphs for char in glyph})
        lacking = {glyph for glyph in glyphs if not lone.isdisjoint(glyph)}
        clusters = {glyph for glyph in glyphs - lacking if len(glyph) > 1}
        blamed = named(clusters)
        suspects = {cluster for cluster in clusters if not blamed.isdisjoint(cluster)}
        if len(suspects) <= _PROBED_ALONE:
            suspects = {suspect for suspect in suspects if named({suspect})}
        return frozenset(lacking | suspects)

    def _compile(
        self, main: bytes, data: dict[str, bytes], standards: list[str], made_at: int = 0
    ) -> bytes:
        made: bytes = typst.compile(  # type: ignore[call-overload] # its stub forgets the dict
            {"main": main, **data},
            font_paths=self._fonts,
            format="pdf",
            pdf_standards=standards,
            timestamp=to_datetime(Micros(made_at)).replace(microsecond=0),
        )
        return made


_PROBED_ALONE = 200

_TEXT_PROBE = """
#set document(title: "probe")
#set text(font: "Libertinus Serif")
#for glyph in read("probe.txt").split("\n") { par(glyph) }
"""
_PLOT_PROBE = """
#set document(title: "probe")
#image(bytes(read("probe.txt")), format: "svg", alt: "probe")
"""


def _svg_of(glyphs: list[str]) -> str:
    texts = "".join(f'<text y="9">{escape(glyph)}</text>' for glyph in glyphs)
    return (
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9" '
        f'font-family="Libertinus Serif, Georgia, serif">{texts}</svg>'
    )


def _undisplayed(error: typst.TypstError) -> set[str]:
    """The characters that typst says cannot be displayed; raises any other error again."""
    if "could not be displayed" not in error.diagnostic:
        raise error
    named = re.findall(r'the text `"(.*?)"` could not be displayed', error.diagnostic)
    return set("".join(_ESCAPE.sub(_unescaped, text) for text in named))


_ESCAPE = re.compile(r"\\(?:u\{([0-9a-f]+)\}|(.))")


def _unescaped(escape: re.Match[str]) -> str:
    r"""What typst writes as `\u{1f525}`, `\"` or `\\`."""
    return chr(int(escape[1], 16)) if escape[1] else escape[2]


# --------------------------------------------------------------------------- letters and clusters


def _glyphs(document: Document) -> tuple[set[str], set[str]]:
    """What is drawn as one, other than printable ASCII: in the text, and in the plots."""
    texts: set[str] = set()
    for text in _strings(msgspec.to_builtins(document)):
        texts.update(_clusters(text))
    plots: set[str] = set()
    for block in document.blocks:
        if isinstance(block, Picture):
            for text in _SVG_TEXT.findall(block.svg):
                plots.update(_clusters(unescape(text)))
    return texts, plots


_SVG_TEXT = re.compile(r"(?<=>)[^<]+(?=<)")


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


def _clusters(text: str) -> Iterator[str]:
    """The letters of a text that are not ASCII, each with what is set on it or joined to it."""
    if text.isascii():
        return
    cluster = ""
    for char in text:
        if cluster and (_extends(char) or cluster[-1] == "\u200d"):
            cluster += char
            continue
        if not cluster.isascii():
            yield cluster
        cluster = char
    if not cluster.isascii():
        yield cluster


def _extends(char: str) -> bool:
    """Whether the character is drawn on, or joined to, the one before it."""
    return char > "~" and (
        unicodedata.category(char) in ("Mn", "Me", "Mc")
        or char in "\u200c\u200d"
        or "\U0001f3fb" <= char <= "\U0001f3ff"  # skin tones
    )


@dataclass(frozen=True)
class _Lacking:
    """The letters and clusters that cannot be drawn."""

    in_text: frozenset[str] = frozenset()
    in_plots: frozenset[str] = frozenset()

    @classmethod
    def of(cls, document: Document, at_least: int = 1) -> _Lacking:
        """All that is not ASCII in the document and made of so many characters."""
        texts, plots = _glyphs(document)
        return cls(
            in_text=frozenset(glyph for glyph in texts if len(glyph) >= at_least),
            in_plots=frozenset(glyph for glyph in plots if len(glyph) >= at_least),
        )

    def __or__(self, other: _Lacking) -> _Lacking:
        return _Lacking(self.in_text | other.in_text, self.in_plots | other.in_plots)

    def spelled_out(self, document: Document) -> Document:
        """The document with code points in their place, saying so first."""
        if not self.in_text and not self.in_plots:
            return document
        builtins = msgspec.to_builtins(document)
        for name in ("title", "subtitle", "lead", "blocks"):
            builtins[name] = self._replaced(builtins[name])
        changed = msgspec.convert(builtins, Document)
        return msgspec.structs.replace(changed, blocks=(self._warning(), *changed.blocks))

    def _replaced(self, value: Any, name: str = "") -> Any:
        if isinstance(value, str):
            return self._in_svg(value) if name == "svg" else self._in_words(value)
        if isinstance(value, dict):
            return {name: self._replaced(inner, name) for name, inner in value.items()}
        if isinstance(value, list | tuple):
            return [self._replaced(inner) for inner in value]
        return value

    def _in_words(self, text: str) -> str:
        return self._text_runs.sub(_code_points, text)

    def _in_svg(self, svg: str) -> str:
        return _SVG_TEXT.sub(
            lambda text: escape(self._plot_runs.sub(_how_many, unescape(text[0]))), svg
        )

    @cached_property
    def _text_runs(self) -> re.Pattern[str]:
        return _runs_of(self.in_text)

    @cached_property
    def _plot_runs(self) -> re.Pattern[str]:
        return _runs_of(self.in_plots)

    def _warning(self) -> Block:
        glyphs = self.in_text | self.in_plots
        return Paragraph(
            (
                Text(
                    "No font on the machine that made this PDF draws "
                    f"{counted(len(glyphs), 'character')} of this report "
                    f"({listed(sorted(set(map(_script, glyphs))))}). "
                    "They stand as their code points, ⟨U+…⟩, in plots as their number. The HTML "
                    "report holds them as they were written; a PDF made with fonts that have them "
                    "shows them."
                ),
            ),
            Tone.WARNING,
        )


def _runs_of(glyphs: frozenset[str]) -> re.Pattern[str]:
    """Runs of such letters and clusters; a longer cluster is tried before a part of it."""
    if not glyphs:
        return re.compile(r"(?!)")
    ordered = sorted(glyphs, key=lambda glyph: (-len(glyph), glyph))
    return re.compile(f"(?:{'|'.join(map(re.escape, ordered))})+")


def _code_points(run: re.Match[str]) -> str:
    """`⟨U+4ECA U+665A⟩`, or the first few and how many more."""
    codes = " ".join(f"U+{ord(char):04X}" for char in run[0][:_SPELLED_OUT])
    rest = len(run[0]) - _SPELLED_OUT
    return f"⟨{codes} and {rest:,} more⟩" if rest > 0 else f"⟨{codes}⟩"


def _how_many(run: re.Match[str]) -> str:
    """`⟨CJK ×6⟩`: a label of a plot has no room for code points."""
    return f"⟨{_script(run[0])} ×{len(run[0]):,}⟩"


def _script(glyph: str) -> str:
    """The script by the character's Unicode name: `CJK`, `Hangul`, `Thai`; else `symbols`."""
    first = unicodedata.name(glyph[0], "").split(" ")[0]
    if not unicodedata.category(glyph[0]).startswith(("L", "M")) or not first:
        return "symbols"
    return first if first == "CJK" else first.capitalize()
