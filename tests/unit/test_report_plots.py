"""Do the plots show what the data says, to everybody, whatever the labels are?

The pictures in tests/golden/report are kept to be looked at: open them in a browser. To accept a
change, run `CLEW_ACCEPT=1 pytest tests/unit/test_report_plots.py` and look at the difference.
"""

from __future__ import annotations

import datetime as dt
import math
import os
from pathlib import Path

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from clew.case.report import drawing
from clew.case.report.plots import draw
from clew.contract import Plot, PlotKind
from tests.hostile import HOSTILE

GOLDEN = Path(__file__).parents[1] / "golden" / "report"
SVG = "{http://www.w3.org/2000/svg}"


def plot(kind: PlotKind, **columns: object) -> Plot:
    return Plot(kind=kind, title="A title", caption="A caption.", data=pa.table(columns))


def elements(svg: str, name: str, style: str | None = None) -> list[etree._Element]:
    found = etree.fromstring(svg).iter(SVG + name)
    return [element for element in found if style is None or element.get("class") == style]


def instants(*days: int) -> pa.Array:
    start = dt.datetime(2026, 3, 1, tzinfo=dt.UTC)
    return pa.array([start + dt.timedelta(days=day) for day in days], pa.timestamp("us", tz="UTC"))


SMALL = {
    "heatmap_week": plot(
        PlotKind.HEATMAP_WEEK,
        hour_of_week=[0, 9, 33, 34, 57, 167],
        value=pa.array([0, 4, 11, 25, None, 39], pa.int64()),
    ),
    "series": plot(
        PlotKind.SERIES,
        at=instants(0, 1, 2, 3, 4, 5, 6),
        value=pa.array([3, 5.5, None, 4, 8, None, 2], pa.float64()),
    ),
    "matrix": plot(
        PlotKind.MATRIX,
        row=["kite", "kite", "mirror", "змей"],
        column=["mirror", "a_rather_long_name", "kite", "kite"],
        value=pa.array([41, 3, 0, None], pa.int64()),
    ),
    "bars": plot(
        PlotKind.BARS,
        label=["news.example", None, "a <b> & \u202ec", "loss"],
        value=pa.array([1_204, 96.5, None, -300], pa.float64()),
    ),
}


@pytest.mark.parametrize("name", ["series", "matrix", "bars"])  # 168 cells are no easy reading
def test_picture_is_the_accepted_one(name):
    svg = draw(SMALL[name], key="p1").svg + "\n"
    accepted = GOLDEN / f"{name}.svg"
    if os.environ.get("CLEW_ACCEPT"):
        accepted.write_text(svg, encoding="utf-8")
    assert svg == accepted.read_text(encoding="utf-8")


@pytest.mark.parametrize("name", SMALL)
def test_picture_is_told_in_words(name):
    drawn = draw(SMALL[name], key="p1")
    root = etree.fromstring(drawn.svg)
    assert root.get("role") == "img"
    ids = {element.get("id"): element.text for element in root.iter() if element.get("id")}
    assert [ids[name] for name in root.get("aria-labelledby").split()] == [
        "A title",
        drawn.description,
    ]


def test_null_is_not_zero():
    svg = draw(SMALL["heatmap_week"], key="p1").svg
    notes = [note.text for rect in elements(svg, "rect") for note in rect.iter(SVG + "title")]
    assert "Monday 00:00–01:00 UTC: 0" in notes
    assert "Wednesday 09:00–10:00 UTC: no value" in notes
    assert "Tuesday 10:00–11:00 UTC: 25" in notes
    assert len(notes) == 168
    assert len(elements(svg, "rect", "none")) == 168 - 5 + 1  # and its swatch in the legend
    assert len(elements(svg, "rect", "zero")) == 1 + 1


def test_no_line_over_what_is_not_known():
    svg = draw(SMALL["series"], key="p1").svg
    assert len(elements(svg, "path", "curve")) == 2  # 3-5.5, 4-8; the lone 2 is a dot
    assert len(elements(svg, "circle")) == 5


def test_bars_are_in_proportion_and_start_at_zero():
    data = plot(PlotKind.BARS, label=["a", "b", "c"], value=[10, 5, -5])
    a, b, c = elements(draw(data, key="p1").svg, "rect", "bar")
    assert float(a.get("width")) == pytest.approx(2 * float(b.get("width")), abs=0.11)
    assert float(a.get("x")) == float(b.get("x"))
    assert float(c.get("x")) + float(c.get("width")) == pytest.approx(float(a.get("x")), abs=0.11)


@pytest.mark.parametrize("kind", PlotKind)
@pytest.mark.parametrize("values", [[], [None, None], [math.nan, math.inf]])
def test_no_data_says_so(kind, values):
    n = len(values)
    columns = {
        PlotKind.HEATMAP_WEEK: {"hour_of_week": pa.array(range(n), pa.int32())},
        PlotKind.SERIES: {"at": instants(*range(n))},
        PlotKind.MATRIX: {"row": pa.array(["r"] * n), "column": pa.array(["c"] * n)},
        PlotKind.BARS: {"label": pa.array(["x"] * n, pa.string())},
    }[kind]
    drawn = draw(plot(kind, **columns, value=pa.array(values, pa.float64())), key="p1")
    assert "No data to draw" in drawn.svg
    assert drawn.description == "There is no value to draw."


def test_what_does_not_fit_is_counted():
    names = [f"n{number}" for number in range(312)]
    bars = draw(plot(PlotKind.BARS, label=names, value=range(312)), key="p1")
    assert bars.left_out == "Showing 30 of 312 bars."
    matrix = draw(plot(PlotKind.MATRIX, row=names, column=names, value=range(312)), key="p1")
    assert matrix.left_out == "Showing 30 of 312 rows. Showing 24 of 312 columns."
    series = draw(
        plot(PlotKind.SERIES, at=instants(*range(5_000)), value=[0] * 4_999 + [7]), key="p1"
    )
    assert series.left_out.startswith("Drawn from 5,000 points: of each 9 ")
    assert len(series.svg) < 60_000


def test_thinning_keeps_the_extremes():
    values = [5.0] * 6_000
    values[1_234], values[4_321] = 99.0, -99.0
    data = plot(PlotKind.SERIES, at=instants(*range(6_000)), value=values)
    (curve,) = elements(draw(data, key="p1").svg, "path", "curve")
    heights = [float(point.split(",")[1]) for point in curve.get("d")[1:].split()]
    assert min(heights) == pytest.approx(10, abs=1)  # 99 and -99 in a frame of ±100
    assert max(heights) == pytest.approx(200, abs=1)


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE.keys())
@pytest.mark.parametrize("kind", [PlotKind.BARS, PlotKind.MATRIX])
def test_hostile_labels_are_text(kind, text):
    label = text.encode("utf-8", "replace").decode()  # Arrow holds no lone surrogates
    columns = (
        {"label": [label, "calm"]}
        if kind is PlotKind.BARS
        else {"row": [label, "calm"], "column": ["calm", label]}
    )
    svg = draw(plot(kind, **columns, value=[2, 1]), key="p1").svg
    root = etree.fromstring(svg)  # it is well-formed
    allowed = {SVG + name for name in ("svg", "title", "desc", "rect", "text", "line")}
    assert {element.tag for element in root.iter()} <= allowed
    assert not [name for element in root.iter() for name in element.attrib if name[:2] == "on"]
    assert "://" not in "".join(root.itertext()).replace("hxxp://", "").replace("hxxps://", "")
    for element in root.iter(SVG + "text"):
        assert drawing.text_width(element.text or "") < drawing.WIDTH


def test_ids_are_shown_by_their_labels():
    data = plot(PlotKind.MATRIX, row=["x:1"], column=["x:2"], value=[3])
    svg = draw(data, key="p1", label={"x:1": "@kite", "x:2": "@mirror"}.__getitem__).svg
    labels = {element.text for element in elements(svg, "text", "label")}
    assert {"@kite", "@mirror"} <= labels
    assert "x:1" not in svg


@given(
    st.lists(
        st.floats(-1e9, 1e12, allow_subnormal=False) | st.integers(1, 10**9),
        min_size=1,
        max_size=60,
    )
)
def test_every_value_falls_on_the_step_that_the_legend_says(values):
    values = [float(value) for value in values if abs(value) > 1e-6] or [1.0]
    bins = drawing.bins(values)
    assert 1 <= len(bins.edges) == len(bins.labels) <= len(drawing.RAMP)
    assert list(bins.edges) == sorted(set(bins.edges))
    assert len(set(bins.labels)) == len(bins.labels)
    steps = [bins.step(value) for value in sorted(values)]
    assert steps == sorted(steps)
    assert steps[0] >= 0
    assert steps[-1] < len(drawing.RAMP)
    assert bins.edges[0] <= min(values)


def test_bins_are_round():
    assert drawing.bins([*range(1, 39)]).labels == (
        "1–9", "10–19", "20–29", "30–38",
    )  # fmt: skip
    assert drawing.bins([1, 1, 2, 3, 3, 4, 5, 9, 200, 5_000]).labels == (
        "1–9", "10–99", "100–999", "1,000–5,000",
    )  # fmt: skip
    assert drawing.bins([2, 2, 7]).labels == ("2", "7")


@given(st.integers(-1_000, 1_000), st.floats(0.01, 1e6), st.integers(2, 10))
def test_ticks_cover_the_range_and_are_few(low, span, at_most):
    ticks = drawing.ticks(low, low + span, at_most)
    assert ticks[0] <= low + span * 1e-6
    assert ticks[-1] >= low + span - span * 1e-6
    assert len(ticks) <= at_most + 2


@given(
    st.integers(0, 4 * 10**9),  # seconds since 1970: until 2096
    st.integers(60, 86_400 * 365 * 120),
)
def test_time_ticks_lie_within_and_apart(start, span):
    ticks = drawing.time_ticks(start, start + span, 7)
    assert len(ticks) <= 8
    assert all(start <= at <= start + span for at, _ in ticks)
    assert [at for at, _ in ticks] == sorted({at for at, _ in ticks})


@pytest.mark.parametrize("value", [0, 7, 1_234, -5, 0.125, 1234.5, 1e9, 2.5e-7, 1e20, 123_456.789])
def test_numbers_read_back(value):
    assert float(drawing.number(value).replace(",", "")) == pytest.approx(value, rel=5e-3)


@given(st.text(max_size=80), st.integers(20, 300))
def test_fitted_fits(text, width):
    shown = drawing.fitted(text, width)
    assert drawing.text_width(shown) <= width
    assert shown == text or text.startswith(shown[:-1].rstrip())


def luminance(colour: str) -> float:
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
    ]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(a: str, b: str) -> float:
    low, high = sorted((luminance(a), luminance(b)))
    return (high + 0.05) / (low + 0.05)


def test_ramp_is_in_order_in_grey_and_numbers_on_it_are_readable():
    greys = [luminance(colour) for colour in drawing.RAMP]
    assert greys == sorted(greys, reverse=True)
    for step, colour in enumerate(drawing.RAMP):
        assert contrast(colour, drawing._STYLES[f"on-q{step}"]["fill"]) >= 4.5  # WCAG AA
