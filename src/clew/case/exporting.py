"""How does the graph go to other programs? GEXF for Gephi, GraphML, and tables.

Each entity is written with its id, kind, label and properties; each link with its acts, its first
and last time, how many claims there are of it, and the evidence. Rival values of a property are
written together, one after the other. What a format cannot hold is left out, and its page says so.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lxml import etree

from clew.case.graph import Edge, Node, View
from clew.case.querying import harmless
from clew.errors import OptionsInvalid
from clew.model.kinds import LINKS
from clew.model.statements import LABEL
from clew.model.times import to_datetime

_GEXF = "http://gexf.net/1.3"
_GRAPHML = "http://graphml.graphdrawing.org/xmlns"
_BETWEEN = " | "  # of rival values
_NODE = ("kind", "value", "members", "claims")
_EDGE = ("link", "acts", "claims", "first_at", "last_at", "evidence")
_NUMBERS = ("acts", "claims")


@dataclass(frozen=True)
class Exported:
    """What was written."""

    entities: int
    links: int


def export(view: View, path: Path) -> Exported:
    """Write the graph as `.gexf`, `.graphml`, or `.csv` (two files: entities, links).

    Raises OptionsInvalid for another ending.
    """
    writers = {".gexf": _gexf, ".graphml": _graphml, ".csv": _csv}
    if path.suffix not in writers:
        raise OptionsInvalid(f"{path.name} must end in {', '.join(writers)}")
    writers[path.suffix](view, path)
    return Exported(len(view.nodes), len(view.edges))


def _nodes(view: View) -> list[Node]:
    return [view.nodes[key] for key in sorted(view.nodes)]


def _edges(view: View) -> list[Edge]:
    return [view.edges[key] for key in sorted(view.edges)]


def _properties(view: View) -> list[str]:
    """Every property that some entity has, but labels, which have a place of their own."""
    names = {name for node in view.nodes.values() for name in node.properties}
    return sorted(names - {LABEL})


def _of_node(node: Node) -> dict[str, Any]:
    said = {
        name: _BETWEEN.join(sorted({each.value for each in statements}))
        for name, statements in node.properties.items()
        if name != LABEL
    }
    kind, _, value = node.entity_id.partition(":")
    own = {
        "kind": kind,
        "value": value,
        "members": _BETWEEN.join(node.members),
        "claims": len(node.statements),
    }
    return {name: text for name, text in said.items() if name not in own} | own


def _of_edge(edge: Edge) -> dict[str, Any]:
    first = [each.first_at for each in edge.statements if each.first_at is not None]
    last = [each.last_at for each in edge.statements if each.last_at is not None]
    return {
        "link": edge.link,
        "acts": edge.acts,
        "claims": len(edge.statements),
        "first_at": to_datetime(min(first)).isoformat() if first else None,
        "last_at": to_datetime(max(last)).isoformat() if last else None,
        "evidence": " ".join(sorted({id_ for each in edge.statements for id_ in each.evidence})),
    }


# ------------------------------------------------------------------------------------------- XML


# What XML 1.0 cannot hold, and what turns the line round.
_UNWRITTEN = re.compile(
    "[^\t\n\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]|[\u202a-\u202e\u2066-\u2069]"
)


def _xml(text: object) -> str:
    return _UNWRITTEN.sub("", str(text))


def _numbered(names: Iterable[str]) -> dict[str, str]:
    return {name: str(number) for number, name in enumerate(names)}


def _gexf(view: View, path: Path) -> None:
    """GEXF 1.3, dynamic: links are there from their first time to their last."""
    of_node = _numbered([*_NODE, *_properties(view)])
    of_edge = _numbered(_EDGE)
    with etree.xmlfile(str(path), encoding="utf-8") as file:
        file.write_declaration()
        with file.element("gexf", nsmap={None: _GEXF}, version="1.3"):
            with file.element("meta"):
                file.write(_text("creator", "Clew"))
            graph = {"defaultedgetype": "directed", "mode": "dynamic", "timeformat": "dateTime"}
            with file.element("graph", graph):
                file.write(_attributes("node", of_node), _attributes("edge", of_edge))
                with file.element("nodes"):
                    for node in _nodes(view):
                        own = {"id": _xml(node.entity_id), "label": _xml(node.label)}
                        file.write(_valued("node", own, _of_node(node), of_node))
                with file.element("edges"):
                    for number, edge in enumerate(_edges(view)):
                        file.write(_gexf_edge(number, edge, of_edge))


def _gexf_edge(number: int, edge: Edge, columns: dict[str, str]) -> Any:
    said = _of_edge(edge)
    own = {
        "id": str(number),
        "source": _xml(edge.source),
        "target": _xml(edge.target),
        "type": "undirected" if LINKS[edge.link].is_symmetric else "directed",
        "label": LINKS[edge.link].title,
        "weight": str(edge.acts),
    }
    if said["first_at"]:
        own |= {"start": said["first_at"], "end": said["last_at"]}
    return _valued("edge", own, said, columns)


def _attributes(whose: str, columns: dict[str, str]) -> Any:
    parent = etree.Element("attributes", {"class": whose})
    for name, number in columns.items():
        kind = "integer" if name in _NUMBERS else "string"
        etree.SubElement(parent, "attribute", id=number, title=name, type=kind)
    return parent


def _valued(tag: str, own: dict[str, str], said: dict[str, Any], columns: dict[str, str]) -> Any:
    element = etree.Element(tag, own)
    values = etree.SubElement(element, "attvalues")
    for name, text in said.items():
        if text not in (None, ""):
            etree.SubElement(values, "attvalue", {"for": columns[name], "value": _xml(text)})
    return element


def _graphml(view: View, path: Path) -> None:
    of_node = _numbered(["label", *_NODE, *_properties(view)])
    of_edge = _numbered(_EDGE)
    with etree.xmlfile(str(path), encoding="utf-8") as file:
        file.write_declaration()
        with file.element("graphml", nsmap={None: _GRAPHML}):
            for whose, columns in (("node", of_node), ("edge", of_edge)):
                for name, number in columns.items():
                    kind = "long" if name in _NUMBERS else "string"
                    key = {"id": whose[0] + number, "for": whose}
                    key |= {"attr.name": name, "attr.type": kind}
                    file.write(etree.Element("key", key))
            with file.element("graph", edgedefault="directed"):
                for node in _nodes(view):
                    said = {"label": node.label} | _of_node(node)
                    own = {"id": _xml(node.entity_id)}
                    file.write(_data("node", own, said, of_node))
                for place, edge in enumerate(_edges(view)):
                    own = {
                        "id": f"l{place}",
                        "source": _xml(edge.source),
                        "target": _xml(edge.target),
                    }
                    file.write(_data("edge", own, _of_edge(edge), of_edge))


def _data(tag: str, own: dict[str, str], said: dict[str, Any], columns: dict[str, str]) -> Any:
    element = etree.Element(tag, own)
    for name, text in said.items():
        if text not in (None, ""):
            data = etree.SubElement(element, "data", key=tag[0] + columns[name])
            data.text = _xml(text)
    return element


def _text(tag: str, text: str) -> Any:
    element = etree.Element(tag)
    element.text = text
    return element


# ---------------------------------------------------------------------------------------- tables


def _csv(view: View, path: Path) -> None:
    """`NAME.csv` has the entities, `NAME-links.csv` the links."""
    names = ["id", "label", *_NODE, *_properties(view)]
    rows = ({"id": n.entity_id, "label": n.label} | _of_node(n) for n in _nodes(view))
    _write(path, names, rows)
    links = ({"source": e.source, "target": e.target} | _of_edge(e) for e in _edges(view))
    _write(path.with_name(f"{path.stem}-links.csv"), ["source", "target", *_EDGE], links)


def _write(path: Path, names: list[str], rows: Iterator[dict[str, Any]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(names)
        for row in rows:
            writer.writerow([harmless(row.get(name)) for name in names])


__all__ = ["Exported", "export"]
