"""What is on the graph of a case, what is the same, and who said so?

`Graph` carries commands out; each is one journal entry and can be undone. `View` is how the graph
looks now: entities that stand judged the same are one, under the least of their ids, and everything
that was said of any of them is said of it. Nothing is merged in what is stored, so taking a
judgement back is exact, whatever came after it.
"""

from __future__ import annotations

import getpass
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from clew.case.open import Case
from clew.errors import OptionsInvalid
from clew.model.kinds import LINKS, Entity, entity_from_id, entity_of
from clew.model.statements import (
    KIND,
    LABEL,
    Judged,
    Statement,
    derived,
    judged,
    linked,
    present,
    stated,
)
from clew.store.graph import Applied, Change, GraphStore


@dataclass(kw_only=True, slots=True)
class Node:
    """One entity as it is shown: everything that was said of it and of those it is the same as."""

    entity_id: str  # the least of `members`
    members: tuple[str, ...]  # ids of the entities that it is
    statements: list[Statement] = field(default_factory=list)  # but links

    @property
    def entity(self) -> Entity:
        """The entity that it is shown as."""
        return entity_from_id(self.entity_id)

    @property
    def label(self) -> str:
        """What to call it: as an analyst or a transform labelled it, else its value."""
        labels = sorted(each.value for each in self.statements if each.prop == LABEL)
        return labels[0] if labels else self.entity_id.partition(":")[2]

    @property
    def properties(self) -> Mapping[str, list[Statement]]:
        """Property → what is said of it, rivals side by side."""
        by_property = defaultdict(list)
        for statement in self.statements:
            if statement.prop not in (KIND, *Judged):
                by_property[statement.prop].append(statement)
        return dict(sorted(by_property.items()))


@dataclass(kw_only=True, slots=True)
class Edge:
    """One link as it is shown, with every statement of it."""

    source: str
    link: str
    target: str
    statements: list[Statement] = field(default_factory=list)

    @property
    def acts(self) -> int:
        """The acts behind it, as far as they were counted; a link without a count is one."""
        return sum(1 if each.acts is None else each.acts for each in self.statements)


@dataclass(frozen=True, kw_only=True)
class Dispute:
    """Entities that some judgements join and others hold apart: shown apart."""

    members: tuple[str, ...]
    judgements: tuple[Statement, ...]


@dataclass(frozen=True, kw_only=True)
class Preview:
    """What merging two entities would make: of those they are merged with already as well."""

    members: tuple[str, ...]
    rivals: Mapping[str, tuple[str, ...]]  # property → its different values
    inner_links: int  # links among the members, which are shown no more
    against: tuple[Statement, ...]  # judgements that two of the members are not the same


class View:
    """The graph as it stands, made from its statements."""

    def __init__(self, statements: Iterable[Statement]) -> None:
        plain, links = [], []
        self.judgements: list[Statement] = []
        for statement in statements:
            if statement.prop in LINKS:
                links.append(statement)
            elif statement.prop in _VERDICTS:
                self.judgements.append(statement)
            else:
                plain.append(statement)
        self._shown_as, self.disputes = _joined(self.judgements)
        self._members: dict[str, list[str]] = defaultdict(list)
        for member, shown in sorted(self._shown_as.items()):
            self._members[shown].append(member)
        self.nodes: dict[str, Node] = {}
        self.edges: dict[tuple[str, str, str], Edge] = {}
        self.inner: list[Statement] = []  # links between entities that are one
        for statement in plain:
            self._node(statement.subject).statements.append(statement)
        for statement in links:
            self._connect(statement)
        for statement in self.judgements:
            for end in (statement.subject, statement.value):
                self._node(end).statements.append(statement)

    def shown_as(self, entity_id: str) -> str:
        """The id under which an entity is shown."""
        return self._shown_as.get(entity_id, entity_id)

    def _node(self, entity_id: str) -> Node:
        shown = self._shown_as.get(entity_id, entity_id)
        node = self.nodes.get(shown)
        if node is None:
            members = tuple(self._members.get(shown, (shown,)))
            node = self.nodes[shown] = Node(entity_id=shown, members=members)
        return node

    def _connect(self, statement: Statement) -> None:
        source = self._node(statement.subject).entity_id
        target = self._node(statement.value).entity_id
        if source == target:
            self.inner.append(statement)
            return
        key = (source, statement.prop, target)
        edge = self.edges.get(key)
        if edge is None:
            edge = self.edges[key] = Edge(source=source, link=statement.prop, target=target)
        edge.statements.append(statement)

    def part(self, entity_ids: Iterable[str]) -> View:
        """The view of these entities and the links between them."""
        kept = {self.node(each).entity_id for each in entity_ids}
        said = [each for shown in kept for each in self.nodes[shown].statements]
        links = [
            each
            for edge in self.edges.values()
            if edge.source in kept and edge.target in kept
            for each in edge.statements
        ]
        return View({each.statement_id: each for each in (*said, *links)}.values())

    def node(self, entity_id: str) -> Node:
        """The node of an entity; raises OptionsInvalid if it is not on the graph."""
        shown = self.shown_as(entity_id)
        if shown not in self.nodes:
            raise OptionsInvalid(f"{entity_id} is not on the graph")
        return self.nodes[shown]

    def edges_of(self, entity_id: str) -> list[Edge]:
        """The links of an entity, those with most acts first."""
        shown = self.node(entity_id).entity_id
        found = [edge for edge in self.edges.values() if shown in (edge.source, edge.target)]
        return sorted(found, key=lambda edge: (-edge.acts, edge.link, edge.source, edge.target))

    def preview(self, one: str, other: str) -> Preview:
        """What merging these two would make."""
        nodes = [self.node(one), self.node(other)]
        members = sorted({member for node in nodes for member in node.members})
        values: dict[str, set[str]] = defaultdict(set)
        for node in nodes:
            for name, said in node.properties.items():
                values[name].update(each.value for each in said)
        shown = {node.entity_id for node in nodes}
        return Preview(
            members=tuple(members),
            rivals={
                name: tuple(sorted(said)) for name, said in sorted(values.items()) if len(said) > 1
            },
            inner_links=sum(
                edge.source in shown and edge.target in shown for edge in self.edges.values()
            ),
            against=tuple(
                each
                for each in self.judgements
                if each.prop == Judged.NOT_SAME
                and each.subject in members
                and each.value in members
            ),
        )


_VERDICTS = frozenset(map(str, Judged))


def _joined(judgements: Iterable[Statement]) -> tuple[dict[str, str], list[Dispute]]:
    """Entity → the id it is shown under, and the groups that judgements disagree on.

    A pair that is also judged not to be the same is not joined by its own judgement; a group that
    still holds such a pair is not joined at all.
    """
    judgements = list(judgements)
    apart = {(each.subject, each.value) for each in judgements if each.prop == Judged.NOT_SAME}
    same = [each for each in judgements if each.prop == Judged.SAME]
    pairs = [(each.subject, each.value) for each in same]
    contradicted = [pair for pair in pairs if pair in apart]
    root = _components(pair for pair in pairs if pair not in apart)
    disputed = {root[a] for a, b in apart if a in root and root[a] == root.get(b)}
    groups = defaultdict(list)
    for member, least in root.items():
        groups[least].append(member)
    contested = [tuple(sorted(groups[least])) for least in sorted(disputed)]
    contested += sorted(set(contradicted))
    disputes = [
        Dispute(
            members=members,
            judgements=tuple(
                each for each in judgements if each.subject in members and each.value in members
            ),
        )
        for members in contested
    ]
    shown = {member: least for member, least in root.items() if least not in disputed}
    return shown, disputes


def _components(pairs: Iterable[tuple[str, str]]) -> dict[str, str]:
    """Member → the least member of those that it hangs together with."""
    parent: dict[str, str] = {}

    def root(member: str) -> str:
        parent.setdefault(member, member)
        while parent[member] != member:
            parent[member] = parent[parent[member]]
            member = parent[member]
        return member

    for one, other in pairs:
        least, greatest = sorted((root(one), root(other)))
        parent[greatest] = least
    return {member: root(member) for member in parent}


class Graph:
    """The graph of a case. Every method that changes it journals one command."""

    def __init__(self, case: Case, claimant: str | None = None) -> None:
        self.store = GraphStore(case.journal)
        self.claimant = claimant or getpass.getuser()

    def view(self) -> View:
        """The graph as it stands now."""
        return View(self.store.statements())

    def add(self, kind: str, text: str, **properties: str) -> Entity:
        """Put an entity on the graph, with properties of its kind."""
        entity = entity_of(kind, text)
        said = [present(entity, self.claimant, original=text), *derived(entity)]
        said += [stated(entity, name, value, self.claimant) for name, value in properties.items()]
        self.store.apply(f"add {entity.entity_id}", add=said)
        return entity

    def state(self, entity_id: str, prop: str, value: str, **more: Any) -> Applied:
        """Claim a property of an entity; what others claim of it stays beside it."""
        entity = entity_from_id(entity_id)
        statement = stated(entity, prop, value, self.claimant, **more)
        return self.store.apply(
            f"state {prop} of {entity.entity_id}",
            add=[present(entity, self.claimant), statement],
        )

    def link(self, source: str, link: str, target: str, **more: Any) -> Applied:
        """Claim that one entity stands to another in this way; both are put on the graph."""
        ends = entity_from_id(source), entity_from_id(target)
        statement = linked(ends[0], link, ends[1], self.claimant, **more)
        return self.store.apply(
            f"link {ends[0].entity_id} {link} {ends[1].entity_id}",
            add=[*(present(end, self.claimant) for end in ends), statement],
        )

    def remove(self, entity_id: str) -> Applied:
        """Take an entity off the graph, with its links and the judgements on it."""
        entity = entity_from_id(entity_id)
        there = self.store.of(entity.entity_id)
        if not there:
            raise OptionsInvalid(f"{entity.entity_id} is not on the graph")
        return self.store.apply(
            f"remove {entity.entity_id}", remove=[each.statement_id for each in there]
        )

    def withdraw(self, statement_ids: Iterable[str]) -> Applied:
        """Take single statements away."""
        ids = list(statement_ids)
        return self.store.apply(f"withdraw {len(ids):,} statements", remove=ids)

    def judge(self, one: str, other: str, verdict: Judged, reason: str) -> Applied:
        """Say whether two entities are the same; this person's earlier verdict on them goes."""
        entities = entity_from_id(one), entity_from_id(other)
        statement = judged(*entities, verdict, self.claimant, reason)
        mine = [
            each.statement_id
            for each in self.store.of(statement.subject)
            if each.prop in _VERDICTS
            and each.value == statement.value
            and each.claimant == self.claimant
        ]
        return self.store.apply(
            f"judge {verdict} {statement.subject} {statement.value}",
            add=[*(present(each, self.claimant) for each in entities), statement],
            remove=mine,
        )

    def unmerge(self, one: str, other: str) -> Applied:
        """Take back every judgement that says these two are the same.

        Raises OptionsInvalid if nobody has said so of just these two.
        """
        least, greatest = sorted((entity_from_id(one).entity_id, entity_from_id(other).entity_id))
        same = [
            each.statement_id
            for each in self.store.of(least)
            if each.prop == Judged.SAME and each.value == greatest
        ]
        if not same:
            raise OptionsInvalid(f"{least} and {greatest} were not merged with each other")
        return self.store.apply(f"unmerge {least} {greatest}", remove=same)

    def undo(self) -> Applied:
        """Take back this person's last change."""
        return self.store.undo()

    def redo(self) -> Applied:
        """Bring back what this person undid last."""
        return self.store.redo()

    def history(self) -> list[Change]:
        """Every change, the first one first."""
        return self.store.history()


__all__ = ["Dispute", "Edge", "Graph", "Node", "Preview", "View"]
