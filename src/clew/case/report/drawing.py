"""How is a plot put on paper? SVG elements, number and time scales, text widths, one colour ramp.

An element carries both a class and presentation attributes: alone, on paper and in the PDF the
attributes hold (dark on white); the report's page overrides them by class, for dark screens too.
"""

from __future__ import annotations

import datetime as dt
import itertools
import math
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from html import escape

WIDTH = 640
"""Width of every plot in its own units; a label is 12 units high."""

RAMP = ("#daf1ff", "#a0d3f7", "#76b2e4", "#5890ca", "#4470a7", "#37527e", "#2a3651")
"""Light to dark blue in equal steps of OKLCH lightness: one hue, safe for the colour-blind, and
still in order when printed in grey. The page's dark scheme runs the other way."""

_INK, _MUTED, _RULE, _GRID, _PAPER = "#1b1f24", "#57606a", "#8c959f", "#e1e5ea", "#ffffff"

# class → presentation attributes; the page's style sheet knows the same classes
_STYLES: dict[str, dict[str, str]] = {
    "label": {"fill": _MUTED, "font-size": "12"},
    "value": {"fill": _INK, "font-size": "12"},
    "axis": {"stroke": _RULE, "stroke-width": "1", "fill": "none"},
    "grid": {"stroke": _GRID, "stroke-width": "1", "fill": "none"},
    "bar": {"fill": RAMP[4]},
    "curve": {"stroke": RAMP[5], "stroke-width": "1.6", "fill": "none", "stroke-linejoin": "round"},
    "area": {"fill": RAMP[2], "fill-opacity": "0.25"},
    "dot": {"fill": RAMP[5]},
    "zero": {"fill": "#f3f5f7"},
    "none": {"fill": _PAPER, "stroke": _GRID, "stroke-width": "1"},
    **{f"q{step}": {"fill": colour} for step, colour in enumerate(RAMP)},
    **{
        f"on-q{step}": {"fill": "#14181d" if step < 4 else _PAPER, "font-size": "11"}
        for step in range(len(RAMP))
    },
    "on-zero": {"fill": _MUTED, "font-size": "11"},
    "on-none": {"fill": _MUTED, "font-size": "11"},
}


class Canvas:
    """An SVG document under construction. Every text and attribute is escaped."""

    def __init__(self, height: float, *, key: str, title: str, description: str) -> None:
        self._elements: list[str] = []
        self._head = (
            f'<svg xmlns="http://www.w3.org/2000/svg" class="plot" role="img" '
            f'viewBox="0 0 {WIDTH} {_short(height)}" '
            f'aria-labelledby="{escape(key)}-t {escape(key)}-d" '
            'font-family="Libertinus Serif, Georgia, serif">'
            f'<title id="{escape(key)}-t">{escape(title)}</title>'
            f'<desc id="{escape(key)}-d">{escape(description)}</desc>'
        )

    def rect(
        self, x: float, y: float, width: float, height: float, *, style: str, note: str = ""
    ) -> None:
        """A rectangle; `note` is what a pointer resting on it shows."""
        self._add("rect", style, note, x=x, y=y, width=width, height=height)

    def dot(self, x: float, y: float, radius: float, note: str = "") -> None:
        """A filled circle."""
        self._add("circle", "dot", note, cx=x, cy=y, r=radius)

    def line(self, x1: float, y1: float, x2: float, y2: float, style: str) -> None:
        """A straight line."""
        self._add("line", style, x1=x1, y1=y1, x2=x2, y2=y2)

    def path(self, commands: str, style: str) -> None:
        """A path given by SVG path commands."""
        self._add("path", style, d=commands)

    def text(
        self, x: float, y: float, text: str, style: str, *, anchor: str = "start", turn: int = 0
    ) -> None:
        """A line of text, turned by `turn` degrees around its anchor."""
        attributes: dict[str, str | float] = {"x": x, "y": y}
        if anchor != "start":
            attributes["text-anchor"] = anchor
        if turn:
            attributes["transform"] = f"rotate({turn} {_short(x)} {_short(y)})"
        self._elements.append(f"<text {_attributes(style, attributes)}>{escape(text)}</text>")

    def _add(self, name: str, style: str, note: str = "", **attributes: str | float) -> None:
        inside = f"<title>{escape(note)}</title></{name}>" if note else ""
        close = ">" if note else "/>"
        self._elements.append(f"<{name} {_attributes(style, attributes)}{close}{inside}")

    def svg(self) -> str:
        """The document."""
        return "\n".join((self._head, *self._elements, "</svg>"))


def _attributes(style: str, own: dict[str, str | float]) -> str:
    pairs: dict[str, str | float] = {"class": style, **own, **_STYLES[style]}
    return " ".join(
        f'{name}="{escape(value if isinstance(value, str) else _short(value))}"'
        for name, value in pairs.items()
    )


def _short(number: float) -> str:
    return f"{number:.1f}".rstrip("0").rstrip(".")


# ------------------------------------------------------------------------------------------ text

_NARROW, _WIDE = set("iljtfrI.,:;|!'`()[] "), set("mwMW@%—…")


def text_width(text: str, font_size: float = 12) -> float:
    """How wide a text is set at most, about: nobody knows the reader's fonts (DejaVu is wide)."""
    return font_size * sum(map(_em, text))


def _em(char: str) -> float:
    if char in _NARROW:
        return 0.4
    if char in _WIDE:
        return 1.0
    if unicodedata.combining(char) or unicodedata.category(char) in ("Mn", "Me", "Cf"):
        return 0.0
    if unicodedata.east_asian_width(char) in "WF":
        return 1.05
    return 0.72 if char.isupper() else 0.63


def fitted(text: str, width: float, font_size: float = 12) -> str:
    """The text, or as much of it as fits into the width and an ellipsis."""
    if text_width(text, font_size) <= width:
        return text
    room = width - text_width("…", font_size)
    end = 0
    for end, char in enumerate(text):  # noqa: B007 - where the room ends is the result
        room -= font_size * _em(char)
        if room < 0:
            break
    return text[:end].rstrip() + "…"


def isolated(text: str) -> str:
    """The text between bidi isolates, so that right-to-left letters leave its neighbours alone."""
    return text if text.isascii() else f"\u2068{text}\u2069"


# --------------------------------------------------------------------------------------- numbers


def number(value: float) -> str:
    """`1,234`, `0.125`, `1.5e+09`."""
    if value == int(value) and abs(value) < 1e15:
        return f"{int(value):,}"
    if 1e-3 <= abs(value) < 1e6:
        return f"{value:,.{max(0, 2 - math.floor(math.log10(abs(value))))}f}"
    return f"{value:.3g}"


def compact(value: float) -> str:
    """`11k`, `2.3M`: what fits where a number does not."""
    for letter, factor in (("G", 1e9), ("M", 1e6), ("k", 1e3)):
        if abs(value) >= factor:
            scaled = value / factor
            return f"{scaled:.0f}{letter}" if abs(scaled) >= 10 else f"{scaled:.1f}{letter}"
    return f"{value:.2g}"


def nice_step(span: float, at_most: int) -> float:
    """The smallest of 1, 2, 5, 10, 20… (or 0.1, 0.2…) of which `at_most` cover the span."""
    if span <= 0:
        return 1.0
    raw = span / at_most
    magnitude = 10.0 ** math.floor(math.log10(raw))
    return next(
        factor * magnitude for factor in (1, 2, 5, 10) if factor * magnitude >= raw * (1 - 1e-9)
    )


def ticks(low: float, high: float, at_most: int) -> list[float]:
    """Round numbers from at or below `low` to at or above `high`."""
    step = nice_step(high - low, at_most)
    first, last = math.floor(low / step + 1e-9), math.ceil(high / step - 1e-9)
    return [round(index * step, 12) for index in range(first, max(last, first + 1) + 1)]


@dataclass(frozen=True)
class Bins:
    """Which step of the ramp a value falls on, and what the legend says of each step."""

    edges: tuple[float, ...]  # bin i holds edges[i] <= value < edges[i + 1]; the last is open
    labels: tuple[str, ...]

    def step(self, value: float) -> int:
        """The step of the ramp, spread over all of it even if there are few bins."""
        place = sum(value >= edge for edge in self.edges[1:])
        return self.ramp_step(min(place, len(self.labels) - 1))

    def ramp_step(self, place: int) -> int:
        """The step of the ramp for the bin at `place`."""
        count = len(self.labels)
        return len(RAMP) // 2 if count == 1 else round(place * (len(RAMP) - 1) / (count - 1))


def bins(values: Sequence[float]) -> Bins:
    """Bins of round numbers for values other than zero: equal ones, or 1-2-5 if they are skewed."""
    low, high = min(values), max(values)
    are_whole = all(value == int(value) for value in values)
    distinct = sorted(set(values))
    if len(distinct) <= len(RAMP):
        return Bins(tuple(distinct), tuple(map(number, distinct)))
    middle = sorted(values)[len(values) // 2]
    skewed = low > 0 and high / middle > 12
    edges = _edges_by_ratio(low, high) if skewed else _edges_by_step(low, high)
    labels = []
    for edge, following in zip(edges, [*edges[1:], None], strict=True):
        start = max(edge, 1) if are_whole and low > 0 else edge
        stop = high if following is None else following - 1 if are_whole else following
        stop = max(min(stop, high), start) if are_whole else stop
        labels.append(number(start) if start == stop else f"{number(start)}–{number(stop)}")
    return Bins(tuple(edges), tuple(labels))


def _edges_by_step(low: float, high: float) -> list[float]:
    edges = [low]
    for at_most in range(len(RAMP), 0, -1):
        marks = ticks(min(low, 0.0), high, at_most)
        edges = [mark for mark, above in itertools.pairwise(marks) if above > low]
        edges[0] = min(edges[0], low)  # it was above by less than the rounding of the marks
        if len(edges) <= len(RAMP):
            break
    return edges


def _edges_by_ratio(low: float, high: float) -> list[float]:
    powers = range(math.floor(math.log10(low)), math.ceil(math.log10(high)) + 1)
    edges = [low]
    for factors in ((1, 2, 5), (1, 3), (1,)):
        marks = [factor * 10.0**power for power in powers for factor in factors]
        first = max((mark for mark in marks if mark <= low), default=low)
        edges = [first, *(mark for mark in marks if low < mark <= high)]
        if len(edges) <= len(RAMP):
            return edges
    return [edges[0], *edges[1 - len(RAMP) :]]  # more decades than colours: the low ones share one


# ----------------------------------------------------------------------------------------- times

_MINUTE, _HOUR, _DAY = 60, 3_600, 86_400
_EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def time_ticks(first: float, last: float, at_most: int) -> list[tuple[float, str]]:
    """Round instants (seconds since 1970, UTC) from first to last, each with its label."""
    span = last - first
    for seconds in (_MINUTE, 5 * _MINUTE, 15 * _MINUTE, 30 * _MINUTE, _HOUR, 3 * _HOUR, 6 * _HOUR,
                    12 * _HOUR, _DAY, 2 * _DAY, 7 * _DAY):  # fmt: skip
        if span / seconds <= at_most:
            # 1970 began on a Thursday: weeks are counted from Monday 5 January
            offset = 4 * _DAY if seconds == 7 * _DAY else 0
            index = math.ceil((first - offset) / seconds)
            instants = []
            while index * seconds + offset <= last:
                instants.append(float(index * seconds + offset))
                index += 1
            return [(at, _time_label(at, with_clock=seconds < _DAY)) for at in instants]
    for months in (1, 3, 6, 12, 24, 60, 120, 240, 600):
        if span / (months * 30.44 * _DAY) <= at_most:
            return list(_month_ticks(first, last, months))
    return list(_month_ticks(first, last, 1200))


def _time_label(at: float, *, with_clock: bool) -> str:
    moment = _EPOCH + dt.timedelta(seconds=at)
    date = f"{moment.day} {_MONTHS[moment.month - 1]}"
    if with_clock and (moment.hour or moment.minute):
        return f"{moment:%H:%M}"
    return date if with_clock else f"{date} {moment.year}"


def _month_ticks(first: float, last: float, months: int) -> Iterator[tuple[float, str]]:
    begin = _EPOCH + dt.timedelta(seconds=first)
    index = (begin.year * 12 + begin.month - 1) // months * months
    while index // 12 <= dt.MAXYEAR:
        moment = dt.datetime(index // 12, index % 12 + 1, 1, tzinfo=dt.UTC)
        at = (moment - _EPOCH).total_seconds()
        if at > last:
            return
        if at >= first:
            year = str(moment.year)
            yield at, year if months >= 12 else f"{_MONTHS[moment.month - 1]} {year}"
        index += months


def time_words(at: float) -> str:
    """`2026-03-14 09:26 UTC`."""
    return f"{_EPOCH + dt.timedelta(seconds=at):%Y-%m-%d %H:%M} UTC"
