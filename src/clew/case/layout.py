"""Where does each entity stand in the picture, which hang together, and how are two connected?

Groups are found first (Leiden), and laid out as the few things that they are; the members of each
stand around its middle like the seeds of a sunflower, those with most links inmost. That takes a
second for 100,000 entities, where springs take minutes. What has its place keeps it: what is new
stands beside what it is linked to.
"""

from __future__ import annotations

import math
import random
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import igraph
import numpy as np

from clew.case.graph import View
from clew.errors import OptionsInvalid

Place = tuple[float, float]

_SPRINGS = 400  # entities up to which springs are laid out one by one
_STEP = 1.0  # between neighbouring seeds of a sunflower
_GOLDEN = math.pi * (3 - math.sqrt(5))
_AIR = 1.6  # times the radius of a group that is kept free around it


@dataclass(frozen=True, kw_only=True)
class Layout:
    """Places in units of the distance between neighbours, and the groups."""

    places: Mapping[str, Place]
    group: Mapping[str, int]  # entity → number of its group, the largest is 0


def network(view: View) -> igraph.Graph:
    """The entities and links as igraph has them: undirected, weights are acts; `name` is the id.

    In order of ids, so that the same graph gives the same picture.
    """
    names = sorted(view.nodes)
    number = {name: place for place, name in enumerate(names)}
    weights: dict[tuple[int, int], int] = defaultdict(int)
    for edge in view.edges.values():
        ends = sorted((number[edge.source], number[edge.target]))
        weights[ends[0], ends[1]] += max(1, edge.acts)
    pairs = sorted(weights)
    graph = igraph.Graph(len(names), pairs)
    graph.vs["name"] = names
    graph.es["weight"] = [weights[pair] for pair in pairs]
    return graph


def layout(view: View, placed: Mapping[str, Place] | None = None, *, seed: int = 1) -> Layout:
    """Places for all entities of a view; those in `placed` stay where they are."""
    graph = network(view)
    names: list[str] = graph.vs["name"]
    groups = _groups(graph, seed)
    group = dict(zip(names, groups, strict=True))
    kept = {name: place for name, place in (placed or {}).items() if name in group}
    if kept:
        return Layout(places=_beside(graph, kept), group=group)
    if len(names) <= _SPRINGS:
        return Layout(places=_springs(graph, seed), group=group)
    return Layout(places=_sunflowers(graph, groups), group=group)


def _groups(graph: igraph.Graph, seed: int) -> list[int]:
    """The group of each vertex, the largest first; of equals the one with the least id."""
    if not graph.vcount():
        return []
    with _seeded(seed):
        found = graph.community_leiden("modularity", weights="weight", n_iterations=2).membership
    members: dict[int, list[int]] = defaultdict(list)
    for vertex, number in enumerate(found):
        members[number].append(vertex)
    order = sorted(members, key=lambda number: (-len(members[number]), members[number][0]))
    rank = {number: place for place, number in enumerate(order)}
    return [rank[number] for number in found]


def _springs(graph: igraph.Graph, seed: int) -> dict[str, Place]:
    """Each connected part laid out by springs, and the parts as discs apart from each other."""
    parts = sorted(graph.connected_components(), key=lambda part: (-len(part), part[0]))
    middles = _discs([_STEP * math.sqrt(len(part)) for part in parts])
    places: dict[str, Place] = {}
    for part, (x, y) in zip(parts, middles, strict=True):
        inner = graph.induced_subgraph(part)
        with _seeded(seed):
            found = np.array(inner.layout_fruchterman_reingold(niter=500).coords)
        found -= found.mean(axis=0)
        reach = float(np.hypot(found[:, 0], found[:, 1]).max())
        found *= _STEP * math.sqrt(len(part)) / reach if reach else 0.0
        for name, (dx, dy) in zip(inner.vs["name"], found.tolist(), strict=True):
            places[name] = (x + dx, y + dy)
    return places


def _sunflowers(graph: igraph.Graph, groups: list[int]) -> dict[str, Place]:
    """Each group a sunflower; the groups as discs apart from each other, the largest inmost."""
    members: dict[int, list[int]] = defaultdict(list)
    for vertex, number in enumerate(groups):
        members[number].append(vertex)
    degree = graph.degree()
    middles = _discs([_STEP * math.sqrt(len(members[number])) for number in sorted(members)])
    places: dict[str, Place] = {}
    names = graph.vs["name"]
    for number, vertices in sorted(members.items()):
        x, y = middles[number]
        for place, vertex in enumerate(sorted(vertices, key=lambda each: (-degree[each], each))):
            radius, angle = _STEP * math.sqrt(place), place * _GOLDEN
            places[names[vertex]] = (x + radius * math.cos(angle), y + radius * math.sin(angle))
    return places


def _discs(radii: list[float]) -> list[Place]:
    """Middles of discs, largest first, along a spiral, each as far in as it has room."""
    middles: list[Place] = []
    taken = np.empty((0, 3))
    turn = 0.0
    for radius in radii:
        size = radius * _AIR + _STEP
        while True:
            reach = turn * 2 * _STEP / math.tau
            x, y = reach * math.cos(turn), reach * math.sin(turn)
            apart = np.hypot(taken[:, 0] - x, taken[:, 1] - y) if len(taken) else np.empty(0)
            if not len(taken) or bool((apart >= taken[:, 2] + size).all()):
                break
            turn += max(0.05, size / max(reach, size) / 2)
        middles.append((x, y))
        taken = np.vstack([taken, [x, y, size]])
    return middles


def _beside(graph: igraph.Graph, kept: Mapping[str, Place]) -> dict[str, Place]:
    """New entities around the middle of those they are linked to, or around the whole."""
    names: list[str] = graph.vs["name"]
    places = dict(kept)
    edge = max((math.hypot(x, y) for x, y in kept.values()), default=0.0) + 2 * _STEP
    waiting: dict[Place, int] = defaultdict(int)
    for vertex, name in enumerate(names):
        if name in places:
            continue
        near = [kept[names[other]] for other in graph.neighbors(vertex) if names[other] in kept]
        middle = (
            (sum(x for x, _ in near) / len(near), sum(y for _, y in near) / len(near))
            if near
            else (edge, 0.0)
        )
        waiting[middle] += 1
        radius, angle = _STEP * math.sqrt(waiting[middle]), waiting[middle] * _GOLDEN
        places[name] = (
            middle[0] + radius * math.cos(angle),
            middle[1] + radius * math.sin(angle),
        )
    return places


def neighbourhood(view: View, entity_ids: Iterable[str], hops: int) -> set[str]:
    """The entities that are so many links or fewer away from these, themselves among them."""
    graph = network(view)
    starts = [view.node(each).entity_id for each in entity_ids]
    near = graph.neighborhood(starts, order=hops)
    return {graph.vs["name"][vertex] for found in near for vertex in found}


def path(view: View, one: str, other: str) -> list[str]:
    """The entities on a shortest way from one to the other; empty if there is none."""
    graph = network(view)
    ends = view.node(one).entity_id, view.node(other).entity_id
    if ends[0] == ends[1]:
        raise OptionsInvalid(f"{one} and {other} are one entity")
    found = graph.get_shortest_path(*ends) if _connected(graph, *ends) else []
    return [graph.vs["name"][vertex] for vertex in found]


def _connected(graph: igraph.Graph, one: str, other: str) -> bool:
    membership = graph.connected_components().membership
    return bool(membership[graph.vs.find(one).index] == membership[graph.vs.find(other).index])


class _seeded:  # noqa: N801 - a context, read as one
    """igraph draws its chance from this seed inside."""

    def __init__(self, seed: int) -> None:
        self._seed = seed

    def __enter__(self) -> None:
        igraph.set_random_number_generator(random.Random(self._seed))  # noqa: S311

    def __exit__(self, *_error: object) -> None:
        igraph.set_random_number_generator(random)


__all__ = ["Layout", "layout", "neighbourhood", "network", "path"]
