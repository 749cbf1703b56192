"""The commands of the graph: what is on it, what may be asked, what is the same."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Annotated

import typer
from rich.text import Text

from clew.case.exporting import export as export_graph
from clew.case.graph import Edge, Graph, Node, View
from clew.case.layout import neighbourhood
from clew.case.layout import path as shortest_path
from clew.case.learning import learn as learn_from
from clew.case.picture import MOST, graph_svg, write
from clew.case.reviewing import decide, queue, side_by_side
from clew.case.transforming import CAP, costs, transforms_for
from clew.case.transforming import transform as run_transform
from clew.errors import OptionsInvalid
from clew.formats.knowledge_packs import read_pack
from clew.model.kinds import KINDS, LINKS
from clew.model.statements import Judged, Statement
from clew.model.times import Micros, to_datetime
from clew.store.graph import Applied
from clew.surfaces.commanding import (
    HERE,
    CaseOption,
    err,
    opening,
    out,
    settings,
    show_and_exit,
)
from clew.surfaces.terminal import bar, table_of, visible

app = typer.Typer(
    no_args_is_help=True,
    rich_markup_mode="markdown",
    help="""Put things on the graph, link them, look at them.

    An entity is written `kind:value`: `account:x:20`, `email:ann@example.org`, `phone:+44…`. What
    is claimed of it stays with who claimed it; every change can be undone.
    """,
)

EntityArgument = Annotated[str, typer.Argument(help="An entity, kind:value.")]
Why = Annotated[str, typer.Option("--why", help="The reason; it is kept.")]


@app.command()
def show(
    entity: Annotated[str | None, typer.Argument(help="Only this one, with all of it.")] = None,
    kind: Annotated[str | None, typer.Option(help="Only entities of this kind.")] = None,
    limit: Annotated[int, typer.Option(min=1, help="How many rows.")] = 20,
    case: CaseOption = HERE,
) -> None:
    """What is on the graph; of one entity, everything that was claimed and by whom."""
    with opening(case) as opened:
        view = Graph(opened).view()
    if entity:
        _show_node(view, view.node(entity), limit)
        return
    degree: dict[str, int] = dict.fromkeys(view.nodes, 0)
    for edge in view.edges.values():
        degree[edge.source] += 1
        degree[edge.target] += 1
    nodes = [node for node in view.nodes.values() if kind in (None, node.entity.kind)]
    nodes.sort(key=lambda node: (-degree[node.entity_id], node.entity_id))
    rows = [
        {"entity": node.entity_id, "label": node.label, "links": degree[node.entity_id]}
        for node in nodes[:limit]
    ]
    title = f"{len(rows):,} of {len(nodes):,} entities, {len(view.edges):,} links"
    out.print(table_of(rows, ("entity", "label", "links"), title))
    for dispute in view.disputes:
        names = visible(", ".join(dispute.members))
        out.print(Text(f"disputed, and shown apart: {names}", style="yellow"))


def _show_node(view: View, node: Node, limit: int) -> None:
    out.print(Text(visible(f"{KINDS[node.entity.kind].title}: {node.label}"), style="bold"))
    if len(node.members) > 1:
        out.print(Text(visible(f"the same: {', '.join(node.members)}")))
    said = [
        {"property": name, "value": each.value, "claimed by": each.claimant, "why": each.reason}
        for name, statements in node.properties.items()
        for each in statements
    ]
    if said:
        out.print(table_of(said, ("property", "value", "claimed by", "why"), "claims"))
    edges = view.edges_of(node.entity_id)
    rows = [_edge(view, node, edge) for edge in edges[:limit]]
    columns = ("link", "entity", "label", "acts", "first", "last", "evidence")
    out.print(table_of(rows, columns, f"{len(rows):,} of {len(edges):,} links"))


def _edge(view: View, node: Node, edge: Edge) -> dict[str, object]:
    is_out = edge.source == node.entity_id
    other = view.nodes[edge.target if is_out else edge.source]
    link = LINKS[edge.link]
    return {
        "link": link.title if is_out else link.inverse,
        "entity": other.entity_id,
        "label": other.label,
        "acts": edge.acts,
        "first": _moment(edge.statements, "first_at", min),
        "last": _moment(edge.statements, "last_at", max),
        "evidence": ", ".join(sorted({id_ for each in edge.statements for id_ in each.evidence})),
    }


def _moment(statements: Iterable[Statement], name: str, choose: object) -> object:
    known: list[Micros] = [
        value for each in statements if (value := getattr(each, name)) is not None
    ]
    return to_datetime(choose(known)) if known else None  # type: ignore[operator]


@app.command()
def add(
    kind: Annotated[str, typer.Argument(help="A kind: `clew graph kinds` lists them.")],
    value: Annotated[str, typer.Argument(help="Its value, however it is written.")],
    set_: Annotated[
        list[str] | None, typer.Option("--set", help="A property, NAME=VALUE; may be repeated.")
    ] = None,
    case: CaseOption = HERE,
) -> None:
    """Put an entity on the graph."""
    with opening(case) as opened:
        entity = Graph(opened).add(kind, value, **settings(set_ or ()))
    out.print(Text(visible(entity.entity_id)))


@app.command()
def state(
    entity: EntityArgument,
    prop: Annotated[str, typer.Argument(metavar="PROPERTY", help="Which property.")],
    value: Annotated[str, typer.Argument(help="What it is, as you claim.")],
    why: Why = "",
    case: CaseOption = HERE,
) -> None:
    """Claim a property of an entity. What others claim of it stays beside it."""
    with opening(case) as opened:
        _applied(Graph(opened).state(entity, prop, value, reason=why))


@app.command()
def link(
    source: EntityArgument,
    link: Annotated[str, typer.Argument(help="A link: `clew graph kinds` lists them.")],
    target: EntityArgument,
    why: Why = "",
    case: CaseOption = HERE,
) -> None:
    """Claim that one entity stands to another in this way."""
    with opening(case) as opened:
        _applied(Graph(opened).link(source, link, target, reason=why))


@app.command()
def remove(entity: EntityArgument, case: CaseOption = HERE) -> None:
    """Take an entity off the graph, with its links."""
    with opening(case) as opened:
        _applied(Graph(opened).remove(entity))


@app.command()
def undo(case: CaseOption = HERE) -> None:
    """Take back your last change."""
    with opening(case) as opened:
        _applied(Graph(opened).undo())


@app.command()
def redo(case: CaseOption = HERE) -> None:
    """Bring back what you undid last."""
    with opening(case) as opened:
        _applied(Graph(opened).redo())


@app.command()
def history(
    limit: Annotated[int, typer.Option(min=1, help="How many, the last ones.")] = 20,
    case: CaseOption = HERE,
) -> None:
    """Every change of the graph: when, by whom, what."""
    with opening(case) as opened:
        changes = Graph(opened).history()
    rows = [
        {
            "entry": change.seq,
            "at": change.at[:19],
            "who": change.who,
            "change": change.command,
            "added": change.added,
            "removed": change.removed,
        }
        for change in changes[-limit:]
    ]
    columns = ("entry", "at", "who", "change", "added", "removed")
    out.print(table_of(rows, columns, f"{len(rows):,} of {len(changes):,} changes"))


@app.command()
def picture(
    file: Annotated[Path, typer.Argument(help="Where to write it: .svg or .png.")],
    around: Annotated[
        list[str] | None, typer.Option(help="Only what is near this entity; may be repeated.")
    ] = None,
    hops: Annotated[int, typer.Option(min=0, help="How many links away is near.")] = 1,
    most: Annotated[int, typer.Option(min=1, help="How many entities at most.")] = MOST,
    case: CaseOption = HERE,
) -> None:
    """Draw the graph. What is left out is counted on the picture."""
    with opening(case) as opened:
        view = Graph(opened).view()
        name = opened.mandate.name
    if around:
        view = view.part(neighbourhood(view, around, hops))
    write(graph_svg(view, most=most, title=name), file)
    out.print(Text(visible(f"written: {file}")))


@app.command()
def export(
    file: Annotated[
        Path, typer.Argument(help="Where to: .gexf (Gephi), .graphml, or .csv (two tables).")
    ],
    case: CaseOption = HERE,
) -> None:
    """Write the graph for other programs, with times, acts and evidence."""
    with opening(case) as opened:
        written = export_graph(Graph(opened).view(), file)
    out.print(f"{written.entities:,} entities and {written.links:,} links written")


@app.command()
def path(one: EntityArgument, other: EntityArgument, case: CaseOption = HERE) -> None:
    """A shortest way from one entity to another."""
    with opening(case) as opened:
        view = Graph(opened).view()
    steps = shortest_path(view, one, other)
    if not steps:
        out.print("there is no way between them")
    for step in steps:
        out.print(Text(visible(f"{step}  {view.nodes[step].label}")))


@app.command()
def learn(
    pack: Annotated[
        Path, typer.Argument(help="A MISP galaxy cluster, or a STIX bundle such as ATT&CK's.")
    ],
    case: CaseOption = HERE,
) -> None:
    """Ask a knowledge pack for the aliases of the actors, tools and names on the graph.

    A name that several entries of the pack have is ambiguous: nothing is claimed of it.
    """
    try:
        data = pack.read_bytes()
    except OSError as error:
        raise OptionsInvalid(f"cannot read {pack}: {error.strerror}") from error
    read = read_pack(data)
    with opening(case) as opened:
        learnt = learn_from(opened, read)
    out.print(Text(visible(f"{read.name}: {len(read.entries):,} entries, {read.left:,} left")))
    out.print(f"{learnt.known:,} known, {learnt.unknown:,} not in it")
    for entity, names in learnt.ambiguous:
        told = f"ambiguous, nothing claimed: {entity} may be {', '.join(names)}"
        out.print(Text(visible(told), style="yellow"))
    _applied(learnt.applied)


@app.command()
def kinds() -> None:
    """The kinds of entities with their properties, and the kinds of links."""
    rows = [
        {"kind": name, "is a": kind.title, "properties": ", ".join(kind.properties)}
        for name, kind in KINDS.items()
    ]
    out.print(table_of(rows, ("kind", "is a", "properties"), f"{len(rows)} kinds of entities"))
    links = [
        {"link": name, "reads": link.title, "the other way": link.inverse}
        for name, link in LINKS.items()
    ]
    out.print(table_of(links, ("link", "reads", "the other way"), f"{len(links)} kinds of links"))


def transform(
    entities: Annotated[list[str], typer.Argument(help="Entities, kind:value.")],
    ask: Annotated[
        list[str] | None, typer.Option(help="A transform to run; may be repeated.")
    ] = None,
    cap: Annotated[
        int, typer.Option(min=1, help="How many of each kind are kept for each entity.")
    ] = CAP,
    engine: Annotated[str, typer.Option(help="duckdb, local[*], spark://…, sc://…")] = "duckdb",
    case: CaseOption = HERE,
) -> None:
    """Ask entities what the case holds about them.

    Without --ask: what may be asked, and how much each would find. Nothing is fetched for that.
    """
    with opening(case) as opened:
        if not ask:
            found = costs(opened, entities, engine=engine)
            questions = {
                each.name: each.question
                for entity in entities
                for each in transforms_for(entity.partition(":")[0])
            }
            rows = [
                {
                    "transform": each.transform,
                    "question": questions.get(each.transform, ""),
                    "would find": str(each),
                }
                for each in found
            ]
            columns = ("transform", "question", "would find")
            out.print(table_of(rows, columns, f"{len(rows)} transforms"))
            return
        with bar(err) as progress:
            records = [
                run_transform(opened, name, entities, cap=cap, engine=engine, progress=progress)
                for name in ask
            ]
    show_and_exit(records)


def merge(
    one: EntityArgument,
    other: EntityArgument,
    why: Why = "",
    verdict: Annotated[
        Judged, typer.Option(help="Whether they are the same, are not, or may be.")
    ] = Judged.SAME,
    case: CaseOption = HERE,
) -> None:
    """Judge whether two entities are the same. Without --why: only what merging would make."""
    with opening(case) as opened:
        graph = Graph(opened)
        if why:
            _applied(graph.judge(one, other, verdict, why))
            return
        preview = graph.view().preview(one, other)
    out.print(Text(visible(f"one entity: {', '.join(preview.members)}")))
    for name, values in preview.rivals.items():
        out.print(Text(visible(f"  rival {name}: {'; '.join(values)}")))
    out.print(f"  {preview.inner_links:,} links between them would no longer be shown")
    for judgement in preview.against:
        text = f"  {judgement.claimant} says they are not: {judgement.reason}"
        out.print(Text(visible(text), style="yellow"))
    out.print("nothing was changed; merge with --why REASON")


def review(
    limit: Annotated[int, typer.Option(min=1, help="How many pairs at most.")] = 20,
    list_: Annotated[bool, typer.Option("--list", help="Only list them.")] = False,
    case: CaseOption = HERE,
) -> None:
    """Judge the pairs of accounts that may be one person's: the same, not the same, later.

    They come from the last run of the analysis `identity`; what you judge is no longer asked.
    """
    with opening(case) as opened:
        waiting = queue(opened)
        shown = waiting[:limit]
        if list_ or not shown:
            rows = [
                {
                    "one": pair.one,
                    "other": pair.other,
                    "probability": pair.probability,
                    "because of": ", ".join(f"{what} {bits:+.1f}" for what, _, bits in pair.signs),
                }
                for pair in shown
            ]
            columns = ("one", "other", "probability", "because of")
            out.print(table_of(rows, columns, f"{len(rows):,} of {len(waiting):,} pairs wait"))
            return
        for number, pair in enumerate(shown, 1):
            out.print(f"\n{number} of {len(waiting):,}: {pair.outcome}, {pair.probability:.2f}")
            out.print(table_of(side_by_side(opened, pair), ("", pair.one, pair.other), ""))
            for what, value, bits in pair.signs:
                out.print(Text(visible(f"  {bits:+5.1f} bits  {what} {value}".rstrip())))
            answer = typer.prompt("the same, not the same, later, quit (s/n/l/q)", default="l")
            if answer.startswith("q"):
                break
            if answer[:1] in _VERDICTS:
                why = typer.prompt("why")
                decide(opened, pair, _VERDICTS[answer[:1]], why)


_VERDICTS = {"s": Judged.SAME, "n": Judged.NOT_SAME}


def unmerge(one: EntityArgument, other: EntityArgument, case: CaseOption = HERE) -> None:
    """Take back the judgement that two entities are the same."""
    with opening(case) as opened:
        _applied(Graph(opened).unmerge(one, other))


def _applied(applied: Applied) -> None:
    out.print(f"{applied.added:,} statements added, {applied.removed:,} taken away")
    for subject, prop in applied.rivals:
        out.print(Text(visible(f"other values of {prop} stand beside it: {subject}"), "yellow"))
    if applied.gone:
        out.print(Text(f"{applied.gone:,} had been taken away already", style="yellow"))
