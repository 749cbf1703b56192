"""Places of entities, ways between them, pictures of them."""

from __future__ import annotations

import math
import random
import re

import pytest
from lxml import etree

from clew.case.graph import View
from clew.case.layout import layout, neighbourhood, path
from clew.case.picture import graph_svg, recipe_svg, write
from clew.case.recipe import shipped
from clew.errors import OptionsInvalid
from clew.model.kinds import Entity
from clew.model.statements import linked, present, stated


def view_of(pairs, alone=0, label=None):
    entities = sorted({each for pair in pairs for each in pair})
    entities += [len(entities) + 1000 + number for number in range(alone)]
    things = {number: Entity("account", f"x:{number}") for number in entities}
    said = [present(thing, "t") for thing in things.values()]
    said += [linked(things[a], "mentions", things[b], "t", acts=1) for a, b in pairs]
    if label is not None:
        said.append(stated(things[entities[0]], "label", label, "t"))
    return View(said)


def groups(number, size, rng):
    """So many groups of which each is a ring with chords, and a few links between them."""
    pairs = set()
    for group in range(number):
        first = group * size
        for place in range(size):
            pairs.add((first + place, first + (place + 1) % size))
            pairs.add((first + place, first + rng.randrange(size)))
    pairs |= {(group * size, (group - 1) * size) for group in range(1, number)}
    return sorted((a, b) for a, b in pairs if a != b)


@pytest.mark.parametrize("size", [10, 200])
def test_everything_has_a_place_of_its_own(size):
    view = view_of(groups(4, size, random.Random(1)), alone=5)
    laid = layout(view)
    assert laid.places.keys() == view.nodes.keys()
    assert all(math.isfinite(x) and math.isfinite(y) for x, y in laid.places.values())
    assert len({(round(x, 6), round(y, 6)) for x, y in laid.places.values()}) == len(view.nodes)


def test_the_same_graph_has_the_same_places():
    pairs = groups(4, 200, random.Random(1))
    shuffled = pairs[::-1]
    assert layout(view_of(pairs)) == layout(view_of(shuffled))


def test_members_of_a_group_stand_together():
    laid = layout(view_of(groups(5, 120, random.Random(2))))
    by_group = {}
    for name, number in laid.group.items():
        by_group.setdefault(number, []).append(laid.places[name])
    assert 5 <= len(by_group) <= 12
    discs = []
    for places in by_group.values():
        x = sum(x for x, _ in places) / len(places)
        y = sum(y for _, y in places) / len(places)
        discs.append((x, y, max(math.dist((x, y), place) for place in places)))
    for number, one in enumerate(discs):
        for other in discs[:number]:
            assert math.dist(one[:2], other[:2]) > one[2] + other[2]


def test_what_has_its_place_keeps_it():
    pairs = groups(3, 20, random.Random(3))
    before = layout(view_of(pairs)).places
    after = layout(view_of([*pairs, (0, 900), (0, 901), (902, 903)]), before).places
    assert {name: after[name] for name in before} == dict(before)
    new = [after[f"account:x:{number}"] for number in (900, 901, 902, 903)]
    assert len(set(new)) == 4
    assert math.dist(new[0], before["account:x:0"]) < 4


def test_ways_and_neighbours():
    view = view_of([(1, 2), (2, 3), (3, 4), (7, 8)])
    names = [f"account:x:{number}" for number in range(9)]
    assert path(view, names[1], names[4]) == names[1:5]
    assert path(view, names[1], names[8]) == []
    assert neighbourhood(view, [names[1]], 2) == set(names[1:4])
    assert view.part(names[1:3]).nodes.keys() == set(names[1:3])
    with pytest.raises(OptionsInvalid, match="one entity"):
        path(view, names[1], names[1])
    with pytest.raises(OptionsInvalid, match="not on the graph"):
        path(view, names[1], "account:x:77")


def test_an_empty_graph_is_not_drawn():
    with pytest.raises(OptionsInvalid, match="nothing"):
        graph_svg(View([]))


HOSTILE = "</text><script>alert(1)</script>\u202e\x1b[31m&amp;\0"


def test_names_cannot_break_out_of_the_picture():
    svg = graph_svg(view_of([(1, 2)], label=HOSTILE), title=HOSTILE)
    tree = etree.fromstring(svg.encode())
    assert not [each for each in tree.iter() if str(each.tag).endswith("script")]
    assert not re.search("[\u202e\x1b\0]", svg)


def test_what_is_left_out_is_counted():
    svg = graph_svg(view_of(groups(3, 20, random.Random(1))), most=10)
    assert "10 of 60 entities" in svg
    assert svg.count("<circle") == 10 + 1  # and one in the legend


def test_pictures_are_written(tmp_path):
    write(graph_svg(view_of([(1, 2)])), tmp_path / "graph.svg")
    write(graph_svg(view_of([(1, 2)])), tmp_path / "graph.png")
    assert (tmp_path / "graph.png").read_bytes().startswith(b"\x89PNG")
    with pytest.raises(OptionsInvalid, match=r"\.svg or \.png"):
        write("", tmp_path / "graph.exe")


@pytest.mark.parametrize("name", shipped())
def test_every_recipe_can_be_drawn(name):
    recipe = shipped()[name]
    tree = etree.fromstring(recipe_svg(recipe).encode())
    boxes = [each for each in tree.iter() if str(each.tag).endswith("rect")]
    assert len(boxes) == len(recipe.step) + 2  # the seed, and the paper
