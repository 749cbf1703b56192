"""What does the graph, or a recipe, look like? SVG, and PNG made of it.

Names on it were written by adversaries: everything is escaped, and what cannot be seen or turns
the line is left out.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from html import escape
from pathlib import Path

import typst

from clew.case.graph import View
from clew.case.layout import Place, layout
from clew.case.recipe import SEED, Recipe, Step
from clew.case.report.drawing import fitted, text_width
from clew.errors import OptionsInvalid
from clew.model.kinds import KINDS, clean_name

# Okabe and Ito's colours, which the colour-blind can tell apart, darkened where a page is white.
_COLOURS = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#8a6d00", "#56b4e9", "#7a3e00")
_OTHER = "#6e7781"
_INK, _MUTED, _PAPER, _LINE = "#1b1f24", "#57606a", "#ffffff", "#8c959f"
_WIDTH, _MARGIN, _LEGEND = 1200, 40, 28
_NAMED = 60  # entities whose label is tried to be written

MOST = 2000
"""Entities in a picture; those with most links are taken, and the others counted."""


def graph_svg(view: View, *, most: int = MOST, title: str = "Graph") -> str:
    """The graph as an SVG document: at most so many entities, those with most links."""
    degree = Counter[str]()
    for edge in view.edges.values():
        degree.update((edge.source, edge.target))
    ranked = sorted(view.nodes, key=lambda each: (-degree[each], each))
    shown = ranked[:most]
    if not shown:
        raise OptionsInvalid("there is nothing on the graph to draw")
    laid = layout(view).places
    places, height = _scaled({each: laid[each] for each in shown})
    colour = _colours(shown)
    links = [
        edge for edge in view.edges.values() if edge.source in places and edge.target in places
    ]
    parts = [_head(height + _LEGEND * 2, title)]
    for edge in sorted(links, key=lambda each: (each.source, each.link, each.target)):
        (x1, y1), (x2, y2) = places[edge.source], places[edge.target]
        note = f"{view.nodes[edge.source].label} {edge.link} {view.nodes[edge.target].label}"
        parts.append(
            f'<line x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}" stroke="{_LINE}"'
            f' stroke-opacity="0.45"><title>{_text(note)}</title></line>'
        )
    for each in reversed(shown):
        x, y = places[each]
        radius = min(14.0, 3 + degree[each] ** 0.5)
        note = f"{KINDS[view.nodes[each].entity.kind].title}: {view.nodes[each].label}"
        parts.append(
            f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{radius:.1f}" fill="{colour[_kind(each)]}"'
            f' stroke="{_PAPER}"><title>{_text(note)}</title></circle>'
        )
    parts += _labels(view, shown[:_NAMED], places)
    parts += _legend(shown, colour, height)
    told = (
        f"{len(shown):,} of {len(ranked):,} entities, those with most links;"
        f" {len(links):,} of {len(view.edges):,} links"
    )
    parts.append(_line(_MARGIN, height + _LEGEND * 1.6, told, _MUTED))
    return "\n".join([*parts, "</svg>"])


def _kind(entity_id: str) -> str:
    return entity_id.partition(":")[0]


def _scaled(places: Mapping[str, Place]) -> tuple[dict[str, Place], float]:
    """The places in units of the picture, and the height that they need."""
    left = min(x for x, _ in places.values())
    top = min(y for _, y in places.values())
    wide = max(x for x, _ in places.values()) - left or 1.0
    high = max(y for _, y in places.values()) - top or 1.0
    scale = min((_WIDTH - 2 * _MARGIN) / wide, (_WIDTH - 2 * _MARGIN) / high)
    inset = (_WIDTH - wide * scale) / 2
    moved = {
        each: (inset + (x - left) * scale, _MARGIN + (y - top) * scale)
        for each, (x, y) in places.items()
    }
    return moved, max(120.0, high * scale + 2 * _MARGIN)


def _colours(shown: Sequence[str]) -> dict[str, str]:
    """Kind → its colour; the rarer ones share grey."""
    kinds = Counter(map(_kind, shown))
    ranked = sorted(kinds, key=lambda kind: (-kinds[kind], kind))
    return {
        kind: _COLOURS[place] if place < len(_COLOURS) else _OTHER
        for place, kind in enumerate(ranked)
    }


def _labels(view: View, named: Sequence[str], places: Mapping[str, Place]) -> list[str]:
    """Labels beside those with most links, as far as they do not cover one another."""
    boxes: list[tuple[float, float, float, float]] = []
    parts = []
    for each in named:
        label = fitted(clean_name(view.nodes[each].label[:300]) or "", 180)
        x, y = places[each][0] + 8, places[each][1] + 4
        box = (x, y - 12, x + text_width(label), y + 4)
        if box[2] > _WIDTH or any(_meet(box, other) for other in boxes):
            continue
        boxes.append(box)
        parts.append(_line(x, y, label, _INK))
    return parts


def _meet(one: tuple[float, ...], other: tuple[float, ...]) -> bool:
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]


def _legend(shown: Sequence[str], colour: Mapping[str, str], height: float) -> list[str]:
    kinds = Counter(map(_kind, shown))
    parts, x = [], float(_MARGIN)
    for kind in colour:
        text = f"{KINDS[kind].plural} {kinds[kind]:,}"
        if x + text_width(text) > _WIDTH - _MARGIN:
            break
        y = height + _LEGEND * 0.6
        parts.append(f'<circle cx="{x:.1f}" cy="{y - 4:.1f}" r="5" fill="{colour[kind]}"/>')
        parts.append(_line(x + 10, y, text, _INK))
        x += text_width(text) + 34
    return parts


# ---------------------------------------------------------------------------------------- recipes

_BOX, _HIGH, _GAP_X, _GAP_Y = 270, 40, 46, 16


def recipe_svg(recipe: Recipe) -> str:
    """A recipe as a diagram: each step to the right of what it asks."""
    columns = _columns(recipe)
    boxes: dict[str, Place] = {}
    filled = Counter[int]()
    parts = []
    for name, title, column in columns:
        x = _MARGIN + column * (_BOX + _GAP_X)
        y = _MARGIN + filled[column] * (_HIGH + _GAP_Y)
        filled[column] += 1
        boxes[name] = (x, y)
        parts += _box(x, y, title, is_seed=name == SEED)
    lines = [
        _arrow(boxes[source], boxes[f"{number} {step.called}"])
        for number, step in enumerate(recipe.step, 1)
        for source in _sources(recipe, number, step)
    ]
    wide = 2 * _MARGIN + max(column for *_, column in columns) * (_BOX + _GAP_X) + _BOX
    high = 2 * _MARGIN + max(filled.values()) * (_HIGH + _GAP_Y)
    return "\n".join([_head(high, recipe.title, wide), *lines, *parts, "</svg>"])


def _columns(recipe: Recipe) -> list[tuple[str, str, int]]:
    """Name, text and column of the seed and of every step."""
    found = [(SEED, ", ".join(KINDS[kind].title for kind in recipe.takes), 0)]
    column = {SEED: 0}
    furthest = 0
    for number, step in enumerate(recipe.step, 1):
        name = f"{number} {step.called}"
        if step.ask:
            place = 1 + max(column[source] for source in _sources(recipe, number, step))
        else:
            place = furthest if furthest else 1
        column[name] = place
        furthest = max(furthest, place)
        found.append((name, _told(number, step), place))
    return found


def _sources(recipe: Recipe, number: int, step: Step) -> list[str]:
    """The boxes that a step asks."""
    if not step.ask:
        return []
    names = {SEED: SEED}
    for place, earlier in enumerate(recipe.step[: number - 1], 1):
        if earlier.ask:
            names[earlier.called] = f"{place} {earlier.called}"
    return [names[source] for source in step.of]


def _told(number: int, step: Step) -> str:
    if step.question:
        return f"{number}. asks you: {step.question}"
    if step.analyse:
        return f"{number}. analyses: {step.analyse.replace('_', ' ')}"
    again = f", up to {step.rounds} rounds" if step.rounds > 1 else ""
    return f"{number}. {str(step.ask).replace('_', ' ')}{again}"


def _box(x: float, y: float, text: str, *, is_seed: bool) -> list[str]:
    fill = "#daf1ff" if is_seed else _PAPER
    return [
        f'<rect x="{x:.1f}" y="{y:.1f}" width="{_BOX}" height="{_HIGH}" rx="6" fill="{fill}"'
        f' stroke="{_LINE}"><title>{_text(text)}</title></rect>',
        _line(x + 10, y + _HIGH / 2 + 4, fitted(text, _BOX - 20), _INK),
    ]


def _arrow(source: Place, target: Place) -> str:
    x1, y1 = source[0] + _BOX, source[1] + _HIGH / 2
    x2, y2 = target[0], target[1] + _HIGH / 2
    middle = (x1 + x2) / 2
    return (
        f'<path d="M{x1:.1f} {y1:.1f}C{middle:.1f} {y1:.1f} {middle:.1f} {y2:.1f}'
        f' {x2:.1f} {y2:.1f}" fill="none" stroke="{_LINE}"/>'
    )


# ---------------------------------------------------------------------------------------- writing


def write(svg: str, path: Path) -> None:
    """Write a picture as `.svg` or `.png`; raises OptionsInvalid for another ending."""
    if path.suffix == ".svg":
        path.write_text(svg, encoding="utf-8")
    elif path.suffix == ".png":
        path.write_bytes(_png(svg))
    else:
        raise OptionsInvalid(f"{path.name} must end in .svg or .png")


def _png(svg: str) -> bytes:
    """The picture on a page of its own size, two dots to a unit."""
    page = (
        "#set page(width: auto, height: auto, margin: 0pt)\n"
        '#image(bytes(sys.inputs.svg), format: "svg")\n'
    )
    compiler = typst.Compiler()
    made = compiler.compile(page.encode(), format="png", ppi=144.0, sys_inputs={"svg": svg})
    return made if isinstance(made, bytes) else b"".join(made or ())


def _head(height: float, title: str, width: float = _WIDTH) -> str:
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" role="img" width="{width:.0f}"'
        f' height="{height:.0f}" viewBox="0 0 {width:.0f} {height:.0f}" font-size="12"'
        ' font-family="Libertinus Serif, Georgia, serif">'
        f"<title>{_text(title)}</title>"
        f'<rect width="{width:.0f}" height="{height:.0f}" fill="{_PAPER}"/>'
    )


def _line(x: float, y: float, text: str, colour: str) -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" fill="{colour}">{_text(text)}</text>'


def _text(text: str) -> str:
    return escape(clean_name(text[:300]) or "")


__all__ = ["MOST", "graph_svg", "recipe_svg", "write"]
