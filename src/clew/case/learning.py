"""What does a knowledge pack know of what is on the graph?

Names are ambiguous: a pack may have several entries that are called so. Then nothing is claimed,
and the candidates are told. No two entities are ever judged the same because a pack says so.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass

from clew.case.graph import Graph
from clew.case.open import Case
from clew.formats.knowledge_packs import Entry, Pack
from clew.model.kinds import KINDS, Entity
from clew.model.statements import Statement, linked, present, stated
from clew.store.graph import Applied

_NAMED = ("persona", "actor_group", "campaign", "malware", "technique", "phrase", "alias")
"""Kinds whose value is a name that a pack may know."""


@dataclass(frozen=True, kw_only=True)
class Learnt:
    """What a pack told."""

    known: int  # entities that exactly one entry is called like
    ambiguous: tuple[tuple[str, tuple[str, ...]], ...]  # entity id → names of the entries
    unknown: int
    applied: Applied


def learn(case: Case, pack: Pack) -> Learnt:
    """Put on the graph what a pack knows of the actors, tools, techniques and names on it.

    An entity of a pack's kind is given its aliases and properties; a phrase or an alias is linked
    to the one entry that is called so.
    """
    graph = Graph(case)
    by_name = _by_name(pack)
    claimant = f"pack {pack.name}"
    said: list[Statement] = []
    ambiguous: list[tuple[str, tuple[str, ...]]] = []
    known = unknown = 0
    for node in sorted(graph.view().nodes.values(), key=lambda node: node.entity_id):
        for entity in (each for each in _members(node.members) if each.kind in _NAMED):
            entries = by_name.get(_folded(entity.value), [])
            entries = [each for each in entries if _may_be(entity, each)]
            if len(entries) > 1:
                names = tuple(sorted({entry.name for entry in entries}))
                ambiguous.append((entity.entity_id, names))
            elif entries:
                known += 1
                said += _told(entity, entries[0], claimant)
            else:
                unknown += 1
    applied = graph.store.apply(f"learn from {pack.name}", add=said)
    return Learnt(known=known, ambiguous=tuple(ambiguous), unknown=unknown, applied=applied)


def _members(ids: tuple[str, ...]) -> list[Entity]:
    return [Entity(*each.split(":", 1)) for each in ids]


def _by_name(pack: Pack) -> dict[str, list[Entry]]:
    found: dict[str, list[Entry]] = defaultdict(list)
    for entry in pack.entries:
        for name in {_folded(each) for each in (entry.name, *entry.aliases)}:
            found[name].append(entry)
    return found


def _folded(name: str) -> str:
    return " ".join(name.casefold().split())


def _may_be(entity: Entity, entry: Entry) -> bool:
    """A phrase may be anything; an actor is no malware."""
    if entity.kind in ("phrase", "alias"):
        return True
    actors = ("persona", "actor_group", "campaign")
    return entity.kind == entry.kind or (entity.kind in actors and entry.kind in actors)


def _told(entity: Entity, entry: Entry, claimant: str) -> list[Statement]:
    reason = f"{entry.number} {' '.join(entry.references)}".strip()
    if entity.kind in ("phrase", "alias"):
        thing = Entity(entry.kind, entry.name)
        said = [present(thing, claimant)]
        if entry.kind != "technique" and thing != entity:
            said.append(linked(thing, "uses_alias", entity, claimant, reason=reason))
    else:
        thing, said = entity, []
    known = KINDS[thing.kind].properties
    names = [each for each in (entry.name, *entry.aliases) if each != thing.value]
    if "aliases" in known:
        said += [stated(thing, "aliases", each, claimant, reason=reason) for each in names]
    said += [
        stated(thing, prop, text, claimant, reason=reason)
        for prop, text in entry.properties.items()
        if prop in known
    ]
    return said


__all__ = ["Learnt", "learn"]
