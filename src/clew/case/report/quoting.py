"""What did they really write? Words of others with nothing hidden and nothing to click.

* Characters that nobody sees (controls, bidi overrides, zero-width, tags, blanks that are letters)
  become marks with their code points. Without them the text cannot reorder or hide its neighbours.
* Web addresses become inert: `hxxp` for `http`, `[.]` for the dots of the host.
* Tabs become four spaces. Nothing else is changed. The exact bytes are in the evidence.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

from clew.case.report.blocks import Code, Direction, Mark, Said, Text

_ABBREVIATIONS = {
    0x00: "NUL", 0x07: "BEL", 0x08: "BS", 0x09: "TAB", 0x0A: "LF", 0x0D: "CR", 0x1B: "ESC",
    0x7F: "DEL", 0x85: "NEL", 0xAD: "SHY", 0x200B: "ZWSP", 0x200C: "ZWNJ", 0x200D: "ZWJ",
    0x200E: "LRM", 0x200F: "RLM", 0x061C: "ALM", 0x202A: "LRE", 0x202B: "RLE", 0x202C: "PDF",
    0x202D: "LRO", 0x202E: "RLO", 0x2060: "WJ", 0x2066: "LRI", 0x2067: "RLI", 0x2068: "FSI",
    0x2069: "PDI", 0xFEFF: "BOM",
}  # fmt: skip

_UNSEEN_CATEGORIES = frozenset({"Cc", "Cf", "Cs", "Co", "Zl", "Zp"})
_UNSEEN_LETTERS = frozenset({0x34F, 0x115F, 0x1160, 0x17B4, 0x17B5, 0x2800, 0x3164, 0xFFA0})
_JOINERS = "\u200c\u200d"
_MARKS_KEPT = 5  # combining characters in a row; more pile up over the lines around

# Scripts whose spelling needs the zero-width joiner and non-joiner.
_JOINING = ((0x0600, 0x0DFF), (0x1000, 0x109F), (0x1780, 0x17FF))

# Jumped over without a look at each character: printable ASCII, Latin, Greek, Cyrillic, CJK.
_PLAINLY_SEEN = re.compile(
    "[ -~\u00a1-\u00ac\u00ae-\u02ff\u0370-\u0482\u048a-\u052f\u3041-\u3096\u4e00-\u9fff]*"
)


@dataclass(frozen=True)
class Excerpt:
    """The beginning of a text, line by line, and what of it is left out."""

    lines: tuple[Said, ...]
    left_out: str = ""


def excerpt(text: str, *, chars: int, lines: int) -> Excerpt:
    """At most so many characters and lines of a text, ready to be shown."""
    whole = text.replace("\r\n", "\n").replace("\t", "    ")
    shown_lines = whole[:chars].split("\n")
    left_out = ""
    if len(shown_lines) > lines:
        shown_lines = shown_lines[:lines]
        left_out = f"Showing {lines:,} of {whole.count(chr(10)) + 1:,} lines."
    elif len(whole) > chars:
        left_out = f"Showing {chars:,} of {len(whole):,} characters."
    return Excerpt(tuple(_line(line) for line in shown_lines), left_out)


def said(text: str, *, chars: int = 600, hosts: bool = True) -> Said:
    """A text as one line; line breaks are marked, what is too long ends in an ellipsis.

    `hosts` False leaves the dots of hosts alone: in a file name or an id every character counts.
    """
    return _line(text[:chars] + "…" if len(text) > chars else text, hosts=hosts)


def inert(text: str, *, chars: int = 600, hosts: bool = True) -> str:
    """The same as plain text, where a renderer takes no more: marks stand in ⟨angle brackets⟩."""
    parts = said(text, chars=chars, hosts=hosts).parts
    return "".join(f"⟨{part.text}⟩" if isinstance(part, Mark) else part.text for part in parts)


def exact(known_id: str) -> Code:
    """An id or a hash."""
    return Code(inert(known_id, hosts=False))


def _line(text: str, *, hosts: bool = True) -> Said:
    shown = defanged(text, hosts=hosts)
    if shown.isascii() and shown.isprintable():
        return Said((Text(shown),) if shown else ())
    return Said(tuple(_revealed(shown)), _direction(shown))


# ------------------------------------------------------------------------------------- addresses

_INERT_SCHEMES = {
    "http": "hxxp:", "https": "hxxps:", "ftp": "fxp:", "ftps": "fxps:",
    "hxxp": "hxxp:", "hxxps": "hxxps:",
}  # fmt: skip
_ADDRESS = re.compile(
    r"""
    (?P<scheme> [a-z][a-z0-9+.\-]{0,30} ) :// (?P<host> [^\s/?\#\\,;|()<>"']* )
    | \b (?:javascript|vbscript|mailto) : (?=\S)
    | \b data : (?= \w+/\w | [,;] )
    | \b (?:tel|sms) : (?= \+?\d )
    | (?<! [\w@./\[\]-] )
      (?P<bare> www\.[\w.-]+ | (?:[\w-]{1,63}\.){1,8} [^\W\d_][\w-]{1,23} (?= [/?\#] | :\d ) )
    """,
    re.IGNORECASE | re.VERBOSE,
)
_DOT = re.compile(r"(?<!\[)[.。．｡](?=\w)")


def defanged(text: str, *, hosts: bool = True) -> str:
    """The text with every web address in it made unfit to be clicked or recognised as a link."""
    return _ADDRESS.sub(_defang_all if hosts else _defang_scheme, text)


def _defang_all(match: re.Match[str]) -> str:
    host = match["bare"] or match["host"] or ""
    return _defang_scheme(match).removesuffix(host) + _DOT.sub("[.]", host)


def _defang_scheme(match: re.Match[str]) -> str:
    if match["bare"] is not None:
        return match[0]
    if match["host"] is not None:
        return _inert_scheme(match["scheme"]) + match["host"]
    return match[0].replace(":", "[:]")


def _inert_scheme(scheme: str) -> str:
    return _INERT_SCHEMES.get(scheme.lower(), f"{scheme}[:]") + "//"


# ------------------------------------------------------------------------------ unseen characters


def _revealed(text: str) -> list[Text | Mark]:
    """The text cut into what can be seen and marks for what cannot."""
    parts: list[Text | Mark] = []
    seen_from = at = 0
    while at < len(text):
        at = _PLAINLY_SEEN.match(text, at).end()  # type: ignore[union-attr] # it matches nothing, too
        stop = _unseen_until(text, at) if at < len(text) else at
        if stop == at == seen_from < len(text) and unicodedata.category(text[at])[0] == "M":
            stop = at + 1  # nothing of the author's is there to set it on
        if stop == at:
            at += 1
            continue
        if seen_from < at:
            parts.append(Text(text[seen_from:at]))
        parts.append(_mark(text[at:stop]))
        seen_from = at = stop
    if seen_from < at:
        parts.append(Text(text[seen_from:at]))
    return parts


def _unseen_until(text: str, at: int) -> int:
    """Where the run of like unseen characters that begins at `at` ends; `at`: there is none."""
    char = text[at]
    if unicodedata.category(char) in ("Mn", "Me") and not _is_unseen(text, at):
        run = at
        while run < len(text) and unicodedata.category(text[run]) in ("Mn", "Me"):
            run += 1
        begin = at
        while begin > 0 and unicodedata.category(text[begin - 1]) in ("Mn", "Me"):
            begin -= 1
        return run if at - begin >= _MARKS_KEPT else at
    if not _is_unseen(text, at):
        return at
    stop = at + 1
    if _is_tag(char):
        while stop < len(text) and _is_tag(text[stop]):
            stop += 1
    else:
        while stop < len(text) and text[stop] == char and _is_unseen(text, stop):
            stop += 1
    return stop


def _is_unseen(text: str, at: int) -> bool:
    char, code = text[at], ord(text[at])
    if char in _JOINERS:
        return not _joins(text, at)
    if 0xFE00 <= code <= 0xFE0F or 0x180B <= code <= 0x180F or 0xE0000 <= code <= 0xE0FFF:
        return not (code in (0xFE0E, 0xFE0F) and at > 0 and _is_emoji(text[at - 1]))
    if code & 0xFFFE == 0xFFFE or 0xFDD0 <= code <= 0xFDEF:
        return True  # no characters at all
    return unicodedata.category(char) in _UNSEEN_CATEGORIES or code in _UNSEEN_LETTERS


def _joins(text: str, at: int) -> bool:
    """Whether a joiner does its honest work: within an emoji, or in a script that needs it."""
    before, after = text[at - 1 : at], text[at + 1 : at + 2]
    if not before or not after:
        return False
    if text[at] == "\u200d" and _is_emoji(before) and _is_emoji(after):
        return True
    return _needs_joiners(before) and _needs_joiners(after)


def _is_emoji(char: str) -> bool:
    return (
        unicodedata.category(char) in ("So", "Sk") or char in "\ufe0f#*0123456789\u203c\u2049\u2194"
    )


def _needs_joiners(char: str) -> bool:
    return any(first <= ord(char) <= last for first, last in _JOINING)


def _is_tag(char: str) -> bool:
    return 0xE0000 <= ord(char) <= 0xE007F


def _mark(run: str) -> Mark:
    """The mark for a run of unseen characters (all the same, all tags, or a pile of marks)."""
    code = ord(run[0])
    if _is_tag(run[0]):
        letters = "".join(chr(ord(char) - 0xE0000) for char in run if ord(char) >= 0xE0020)
        return Mark(f"TAGS {letters.strip(chr(0x7F))}", "letters in invisible tag characters")
    if len(run) > 1 and unicodedata.category(run[0]) in ("Mn", "Me") and not _is_unseen(run, 0):
        return Mark(f"+{len(run)} combining", "more combining characters than can be shown")
    short = f"U+{code:04X} {_ABBREVIATIONS.get(code, '')}".strip()
    times = f" ×{len(run):,}" if len(run) > 1 else ""
    return Mark(short + times, unicodedata.name(run[0], "unnamed character").lower())


def _direction(text: str) -> Direction:
    """Which way the line runs: by its first letter that has a direction."""
    for char in text:
        kind = unicodedata.bidirectional(char)
        if kind in ("R", "AL"):
            return "rtl"
        if kind == "L":
            return "ltr"
    return "ltr"
