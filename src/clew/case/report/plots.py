"""What does a result look like? Each PlotKind as one SVG document, drawn by hand.

Values that are null are drawn as "no value" and never as zero. What does not fit is counted.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import pyarrow as pa

from clew.case.report.drawing import (
    WIDTH,
    Bins,
    Canvas,
    bins,
    compact,
    fitted,
    isolated,
    number,
    text_width,
    ticks,
    time_ticks,
    time_words,
)
from clew.case.report.quoting import inert
from clew.contract import Plot, PlotKind

Label = Callable[[str], str]

_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_BARS_SHOWN = 30
_ROWS_SHOWN, _COLUMNS_SHOWN = 30, 24
_POINTS_DRAWN = 1200


@dataclass(frozen=True)
class Drawing:
    """A plot as SVG, the same in words, and what of it is not shown."""

    svg: str
    description: str
    left_out: str = ""


def draw(plot: Plot, *, key: str, label: Label = str) -> Drawing:
    """The plot as SVG. `key` makes its ids unique in a page; `label` names the ids in its data."""
    return _KINDS[plot.kind](plot, key, lambda text: inert(label(text), chars=80))


def _empty(plot: Plot, key: str) -> Drawing:
    description = "There is no value to draw."
    canvas = Canvas(64, key=key, title=inert(plot.title), description=description)
    canvas.rect(0.5, 0.5, WIDTH - 1, 63, style="none")
    canvas.text(WIDTH / 2, 37, "No data to draw", "label", anchor="middle")
    return Drawing(canvas.svg(), description)


def _values(plot: Plot, column: str = "value") -> list[float | None]:
    """A column as floats; what is no finite number is null."""
    return [
        None if value is None or not math.isfinite(value) else float(value)
        for value in plot.data.column(column).to_pylist()
    ]


def _texts(plot: Plot, column: str) -> list[str]:
    return [
        "not recorded" if text is None else str(text)
        for text in plot.data.column(column).to_pylist()
    ]


# ------------------------------------------------------------------------------------- heat maps


class _Box(NamedTuple):
    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True)
class _Shades:
    """The colours of the cells of one heat map."""

    of: Bins | None  # None: there is nothing but zeros and nulls
    has_zero: bool
    has_none: bool

    @classmethod
    def for_values(cls, values: Sequence[float | None]) -> _Shades:
        present = [value for value in values if value is not None]
        others = [value for value in present if value]
        return cls(
            of=bins(others) if others else None,
            has_zero=len(others) < len(present),
            has_none=len(present) < len(values),
        )

    def style(self, value: float | None) -> str:
        if value is None:
            return "none"
        return f"q{self.of.step(value)}" if value and self.of else "zero"

    def cell(self, canvas: Canvas, box: _Box, value: float | None, what: str) -> None:
        """One cell; a pointer resting on it shows `what` it is, and its value."""
        style = self.style(value)
        inset = 0.5 if style == "none" else 0  # room for the outline of an empty cell
        canvas.rect(
            box.x + inset,
            box.y + inset,
            box.width - 2 * inset,
            box.height - 2 * inset,
            style=style,
            note=f"{what}: {'no value' if value is None else number(value)}",
        )

    def legend(self, left: float) -> _Legend:
        """What each colour stands for, set from `left` to the right edge in lines."""
        swatches = [("none", "no value")] if self.has_none else []
        swatches += [("zero", "0")] if self.has_zero else []
        if self.of:
            swatches += [
                (f"q{self.of.ramp_step(place)}", label)
                for place, label in enumerate(self.of.labels)
            ]
        placed, x, line = [], left, 0
        for style, label in swatches:
            if x > left and x + 19 + text_width(label) > WIDTH:
                x, line = left, line + 1
            placed.append((x, line * 20.0, style, label))
            x += 19 + text_width(label) + 14
        return _Legend(placed)


@dataclass(frozen=True)
class _Legend:
    """Swatches with their labels, placed below one another where one line is too short."""

    placed: list[tuple[float, float, str, str]]  # x, y, style, label

    @property
    def height(self) -> float:
        return self.placed[-1][1] + 20

    def draw(self, canvas: Canvas, top: float) -> None:
        for x, y, style, label in self.placed:
            canvas.rect(x, top + y, 14, 14, style=style)
            canvas.text(x + 19, top + y + 11.5, label, "label")


def _heatmap_week(plot: Plot, key: str, _label: Label) -> Drawing:
    hours = plot.data.column("hour_of_week").to_pylist()
    by_hour: dict[int, float | None] = {
        int(hour): value
        for hour, value in zip(hours, _values(plot), strict=True)
        if hour is not None and 0 <= hour < 168
    }
    present = {hour: value for hour, value in by_hour.items() if value is not None}
    if not present:
        return _empty(plot, key)
    cells = [by_hour.get(hour) for hour in range(168)]
    shades = _Shades.for_values(cells)
    top = max(present, key=lambda hour: (present[hour], -hour))
    description = (
        f"Seven days by 24 hours, UTC. The highest value, {number(present[top])}, stands at "
        f"{_hour_words(top)}; {168 - len(present)} of 168 hours have no value."
    )
    left, head, width, height = 44, 20, 24.8, 22
    legend = shades.legend(left)
    bottom = head + 7 * height + 14
    canvas = Canvas(
        bottom + legend.height, key=key, title=inert(plot.title), description=description
    )
    for hour in range(0, 24, 3):
        canvas.text(left + hour * width, head - 7, f"{hour:02}:00", "label")
    for day, name in enumerate(_DAYS):
        y = head + day * height
        canvas.text(left - 10, y + 15, name[:3], "label", anchor="end")
        for hour in range(24):
            box = _Box(left + hour * width, y, width - 2, height - 2)
            at = day * 24 + hour
            shades.cell(canvas, box, cells[at], _hour_words(at))
    legend.draw(canvas, bottom)
    return Drawing(canvas.svg(), description)


def _hour_words(hour_of_week: int) -> str:
    hour = hour_of_week % 24
    return f"{_DAYS[hour_of_week // 24]} {hour:02}:00–{hour + 1:02}:00 UTC"


def _matrix(plot: Plot, key: str, label: Label) -> Drawing:
    rows, columns = _texts(plot, "row"), _texts(plot, "column")
    cells = dict(zip(zip(rows, columns, strict=True), _values(plot), strict=True))
    all_rows, all_columns = list(dict.fromkeys(rows)), list(dict.fromkeys(columns))
    if all(value is None for value in cells.values()):
        return _empty(plot, key)
    shown_rows, shown_columns = all_rows[:_ROWS_SHOWN], all_columns[:_COLUMNS_SHOWN]
    (row, column), top = max(
        ((place, value) for place, value in cells.items() if value is not None),
        key=lambda cell: cell[1],
    )
    description = (
        f"{len(all_rows):,} rows by {len(all_columns):,} columns. The highest value, "
        f"{number(top)}, stands in row {isolated(label(row))}, column {isolated(label(column))}."
    )
    left_out = [
        f"Showing {len(shown):,} of {len(whole):,} {what}."
        for shown, whole, what in (
            (shown_rows, all_rows, "rows"),
            (shown_columns, all_columns, "columns"),
        )
        if len(shown) < len(whole)
    ]
    grid = _Lattice.of(
        {row: label(row) for row in shown_rows}, {column: label(column) for column in shown_columns}
    )
    shades = _Shades.for_values(
        [cells.get((row, column)) for row in shown_rows for column in shown_columns]
    )
    legend = shades.legend(grid.left)
    bottom = grid.head + len(grid.rows) * _ROW + 14
    canvas = Canvas(
        bottom + legend.height, key=key, title=inert(plot.title), description=description
    )
    grid.draw(canvas, cells, shades)
    legend.draw(canvas, bottom)
    return Drawing(canvas.svg(), description, " ".join(left_out))


_ROW, _CELL, _LABEL = 24, 64, 150  # height of a row; widest cell; longest slanted label


@dataclass(frozen=True)
class _Lattice:
    """The rows and columns of a matrix (id → label) and the room they take."""

    rows: dict[str, str]
    columns: dict[str, str]
    left: float  # where the first column begins
    head: float  # where the first row begins
    width: float  # of one column
    is_slanted: bool  # the labels of the columns are too wide to stand above them

    @classmethod
    def of(cls, rows: dict[str, str], columns: dict[str, str]) -> _Lattice:
        left = min(180, max(map(text_width, rows.values()))) + 12
        widest = min(_LABEL, max(map(text_width, columns.values())))
        width = min(_CELL, (WIDTH - left) / len(columns))
        is_slanted = widest > width - 4
        if is_slanted:  # the last label leans out to the right
            width = min(_CELL, (WIDTH - left - 0.6 * widest) / len(columns))
        head = 0.72 * widest + 14 if is_slanted else 24
        return cls(rows, columns, left, head, width, is_slanted)

    def draw(
        self, canvas: Canvas, cells: dict[tuple[str, str], float | None], shades: _Shades
    ) -> None:
        """The labels and the cells."""
        self._draw_column_labels(canvas)
        for y, (row, row_label) in enumerate(self.rows.items()):
            top = self.head + y * _ROW
            name = fitted(row_label, self.left - 12)
            canvas.text(self.left - 10, top + 15.5, name, "label", anchor="end")
            for x, (column, column_label) in enumerate(self.columns.items()):
                value = cells.get((row, column))
                box = _Box(self.left + x * self.width, top, self.width - 2, _ROW - 2)
                what = f"{isolated(row_label)} → {isolated(column_label)}"
                shades.cell(canvas, box, value, what)
                self._draw_number(canvas, box, value, f"on-{shades.style(value)}")

    def _draw_number(self, canvas: Canvas, box: _Box, value: float | None, style: str) -> None:
        if value is None:
            return
        for text in (number(value), compact(value)):
            if text_width(text, 11) <= box.width:
                canvas.text(box.x + box.width / 2, box.y + 15, text, style, anchor="middle")
                return

    def _draw_column_labels(self, canvas: Canvas) -> None:
        for x, label in enumerate(self.columns.values()):
            middle = self.left + (x + 0.5) * self.width - 1
            if self.is_slanted:
                name = fitted(label, _LABEL)
                canvas.text(middle + 3, self.head - 6, name, "label", turn=-45)
            else:
                canvas.text(middle, self.head - 8, label, "label", anchor="middle")


# ------------------------------------------------------------------------------------------ bars


def _bars(plot: Plot, key: str, label: Label) -> Drawing:
    pairs = list(zip(_texts(plot, "label"), _values(plot), strict=True))
    present = [(name, value) for name, value in pairs if value is not None]
    if not present:
        return _empty(plot, key)
    shown = pairs[:_BARS_SHOWN]
    values = [value for _, value in shown if value is not None] or [0.0]
    low, high = min(0.0, *values), max(0.0, *values)
    top = max(present, key=lambda pair: pair[1])
    description = (
        f"{len(pairs):,} bars. The longest, {number(top[1])}, is of {isolated(label(top[0]))}."
    )
    left = min(220, max(text_width(label(name)) for name, _ in shown)) + 14
    right = max(text_width("not recorded" if v is None else number(v)) for _, v in shown) + 12
    scale = (WIDTH - left - right) / ((high - low) or 1.0)
    zero = left - low * scale
    canvas = Canvas(len(shown) * 24 + 6, key=key, title=inert(plot.title), description=description)
    for row, (name, value) in enumerate(shown):
        y = row * 24 + 3
        said = "not recorded" if value is None else number(value)
        canvas.text(left - 10, y + 14, fitted(label(name), left - 14), "label", anchor="end")
        extent = (value or 0.0) * scale
        start, stop = min(zero, zero + extent), max(zero, zero + extent)
        if value is not None:
            note = f"{isolated(label(name))}: {said}"
            canvas.rect(start, y + 2, stop - start, 16, style="bar", note=note)
        canvas.text(stop + 6, y + 14, said, "label" if value is None else "value")
    canvas.line(zero, 0, zero, len(shown) * 24 + 6, "axis")
    left_out = f"Showing {len(shown):,} of {len(pairs):,} bars." if len(shown) < len(pairs) else ""
    return Drawing(canvas.svg(), description, left_out)


# ---------------------------------------------------------------------------------------- series

Point = tuple[float, float | None]


def _series(plot: Plot, key: str, _label: Label) -> Drawing:
    instants = plot.data.column("at").cast(pa.timestamp("us", tz="UTC")).cast(pa.int64())
    points: list[Point] = sorted(
        (
            (at / 1e6, value)
            for at, value in zip(instants.to_pylist(), _values(plot), strict=True)
            if at is not None
        ),
        key=lambda point: point[0],
    )
    present = [(at, value) for at, value in points if value is not None]
    if not present:
        return _empty(plot, key)
    top = max(present, key=lambda point: (point[1], -point[0]))
    description = (
        f"{len(present):,} values from {time_words(present[0][0])} to "
        f"{time_words(present[-1][0])}. The highest, {number(top[1])}, stands at "
        f"{time_words(top[0])}."
    )
    canvas = Canvas(230, key=key, title=inert(plot.title), description=description)
    drawn = _thinned(points)
    _draw_series(canvas, drawn)
    left_out = (
        f"Drawn from {len(points):,} points: of each {math.ceil(2 * len(points) / _POINTS_DRAWN)} "
        "the lowest and the highest."
        if len(drawn) < len(points)
        else ""
    )
    return Drawing(canvas.svg(), description, left_out)


def _thinned(points: list[Point]) -> list[Point]:
    """At most so many points as a line can show: of each few the lowest and the highest."""
    if len(points) <= _POINTS_DRAWN:
        return points
    each = math.ceil(2 * len(points) / _POINTS_DRAWN)
    thinned: list[Point] = []
    for start in range(0, len(points), each):
        group = points[start : start + each]
        present = [(at, value) for at, value in group if value is not None]
        if len(present) < len(group):
            thinned.append((group[0][0], None))
        if present:
            thinned += sorted(
                {min(present, key=lambda point: point[1]), max(present, key=lambda point: point[1])}
            )
    return thinned


def _draw_series(canvas: Canvas, points: list[Point]) -> None:
    values = [value for _, value in points if value is not None]
    marks = ticks(min(0.0, *values, 0.0), max(*values, 0.0), 5)
    left = max(text_width(number(mark)) for mark in marks) + 12
    right, top, bottom = WIDTH - 14, 10, 200
    first, last = points[0][0], points[-1][0]
    if first == last:  # one instant: a day around it, so that there is an axis to read it from
        first, last = first - 43_200, last + 43_200

    def x_of(at: float) -> float:
        return left + (at - first) / (last - first) * (right - left)

    def y_of(value: float) -> float:
        return bottom - (value - marks[0]) / (marks[-1] - marks[0]) * (bottom - top)

    for mark in marks:
        canvas.line(left, y_of(mark), right, y_of(mark), "axis" if mark == 0 else "grid")
        canvas.text(left - 8, y_of(mark) + 4, number(mark), "label", anchor="end")
    _time_axis(canvas, first, last, x_of, bottom)
    for run in _runs(points):
        line = " ".join(f"{x_of(at):.1f},{y_of(value):.1f}" for at, value in run)
        if len(run) > 1:
            base = y_of(0.0)
            canvas.path(
                f"M{x_of(run[0][0]):.1f},{base:.1f} L{line} L{x_of(run[-1][0]):.1f},{base:.1f}Z",
                "area",
            )
            canvas.path(f"M{line}", "curve")
        if len(run) == 1 or len(points) <= 62:
            for at, value in run:
                note = f"{time_words(at)}: {number(value)}"
                canvas.dot(x_of(at), y_of(value), 2.2, note)


def _time_axis(
    canvas: Canvas, first: float, last: float, x_of: Callable[[float], float], bottom: float
) -> None:
    free_from = -math.inf
    for at, label in time_ticks(first, last, 7):
        x, half = x_of(at), text_width(label) / 2
        canvas.line(x, bottom, x, bottom + 4, "axis")
        start = min(max(x - half, 0), WIDTH - 2 * half)
        if start > free_from:
            canvas.text(start + half, bottom + 18, label, "label", anchor="middle")
            free_from = start + 2 * half + 10


def _runs(points: list[Point]) -> list[list[tuple[float, float]]]:
    """The stretches between nulls: no line is drawn over what is not known."""
    runs: list[list[tuple[float, float]]] = [[]]
    for at, value in points:
        if value is not None:
            runs[-1].append((at, value))
        elif runs[-1]:
            runs.append([])
    return [run for run in runs if run]


_KINDS: dict[PlotKind, Callable[[Plot, str, Label], Drawing]] = {
    PlotKind.HEATMAP_WEEK: _heatmap_week,
    PlotKind.SERIES: _series,
    PlotKind.MATRIX: _matrix,
    PlotKind.BARS: _bars,
}
