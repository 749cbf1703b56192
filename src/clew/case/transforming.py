"""What does the case hold about these entities? Transforms run here, and put their answers on it.

An answer is ranked by its acts and kept up to a cap for each entity and kind; how many there were
is said. Costs are counted before anything is fetched.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import ibis
import pyarrow as pa
import pyarrow.compute as pc
from ibis import _

from clew.case.graph import Graph, View
from clew.case.open import Case
from clew.case.run import Progress, Run, RunRecord, execute
from clew.contract import Outcome, Status, Transform, plugins
from clew.errors import OptionsInvalid
from clew.model.kinds import KINDS, Entity, clean_row_id, entity_from_id, entity_of
from clew.model.statements import LABEL, Statement, derived, linked, present, stated
from clew.model.times import from_datetime
from clew.model.wording import listed, short
from clew.store import journal as db
from clew.store.engines import LATEST_VIEWS, CaseTables, open_engine

CAP = 200


@dataclass(frozen=True, kw_only=True)
class Cost:
    """How much a transform would find."""

    transform: str
    found: dict[str, int]  # kind → how many, for all entities together

    def __str__(self) -> str:
        return _numbers(self.found) or "nothing"


def transforms_for(kind: str) -> list[Transform]:
    """The transforms that take entities of this kind."""
    return [each for each in plugins(Transform).values() if kind in each.takes]


def costs(
    case: Case,
    entity_ids: Iterable[str],
    names: Iterable[str] = (),
    *,
    engine: str = "duckdb",
) -> list[Cost]:
    """What the named transforms (default: all that fit) would find for these entities."""
    entities = _asked(Graph(case).view(), entity_ids)
    kinds = {entity.kind for entity in entities}
    tables = case.tables if engine == "duckdb" else case.tables_on(open_engine(engine))
    chosen = [_named(name) for name in names] or [
        each for each in plugins(Transform).values() if kinds & set(each.takes)
    ]
    result = []
    for transform in chosen:
        found = transform.ask(_values(transform, entities), tables)
        numbers = found.group_by("kind").agg(found=_.count()).to_pyarrow().to_pylist()
        result.append(
            Cost(
                transform=transform.name,
                found={row["kind"]: row["found"] for row in sorted(numbers, key=_by_kind)},
            )
        )
    return result


def transform(
    case: Case,
    name: str,
    entity_ids: Iterable[str],
    *,
    cap: int = CAP,
    least: int = 1,
    engine: str = "duckdb",
    progress: Progress | None = None,
) -> RunRecord:
    """Ask entities, and put on the graph what was found: of each kind the first `cap` for each.

    What has fewer than `least` acts is left, and counted.

    Raises OptionsInvalid for a transform that does not exist or does not take their kind.
    """
    plugin = _named(name)
    entities = _asked(Graph(case).view(), entity_ids)
    values = _values(plugin, entities)
    if cap < 1 or least < 1:
        raise OptionsInvalid("cap and least must be one or more")
    return execute(
        case,
        lambda run: _transform(run, plugin, entities, values, cap, least),
        kind="transform",
        name=name,
        options={
            "entities": [entity.entity_id for entity in entities],
            "cap": cap,
            "least": least,
        },
        engine=engine,
        progress=progress,
    )


def _named(name: str) -> Transform:
    known: Mapping[str, Transform] = plugins(Transform)
    if name not in known:
        raise OptionsInvalid(f"there is no transform {name!r}; there are: {', '.join(known)}")
    return known[name]


def _asked(view: View, entity_ids: Iterable[str]) -> list[Entity]:
    """The entities, and those that each is the same as."""
    found: set[Entity] = set()
    for entity_id in entity_ids:
        given = entity_from_id(entity_id)
        shown = view.nodes.get(view.shown_as(given.entity_id))
        found.update(map(entity_from_id, shown.members) if shown else [given])
    if not found:
        raise OptionsInvalid("no entity was named")
    return sorted(found)


def _values(transform: Transform, entities: Sequence[Entity]) -> tuple[str, ...]:
    values = tuple(entity.value for entity in entities if entity.kind in transform.takes)
    if not values:
        raise OptionsInvalid(f"{transform.name} takes {listed(transform.takes)}")
    return values


def _transform(
    run: Run,
    plugin: Transform,
    entities: Sequence[Entity],
    values: tuple[str, ...],
    cap: int,
    least: int,
) -> Outcome:
    case = run.case
    today = db.now().date()
    for platform in sorted({_platform(entity) for entity in entities}, key=str):
        case.mandate.permit(platform=platform, activity=plugin.activity, today=today)
    run.inputs = {
        name: case.snapshot[name]
        for name in sorted(
            {LATEST_VIEWS[need][0] if need in LATEST_VIEWS else need for need in plugin.needs}
        )
        if name in case.snapshot
    }
    run.progress.start(plugin.name, None, "rows")
    tables = case.tables_on(open_engine(run.engine, run.folder / "spill"), run.inputs)
    found = plugin.ask(values, tables)
    place = ibis.row_number().over(group_by=("asked", "kind"), order_by=(_.acts.desc(), _.value))
    several = _.count().over(group_by=("asked", "kind"))
    # The first of each kind comes along whatever its acts: it says how many there are.
    ranked = found.mutate(place=place, several=several).filter(
        (_.place == 0) | ((_.place < cap) & (_.acts >= least))
    )
    rows = ranked.to_pyarrow()
    there: Counter[str] = Counter()
    for row in rows.filter(pc.equal(rows["place"], 0)).to_pylist():
        there[row["kind"]] += row["several"]
    rows = rows.filter(pc.greater_equal(rows["acts"], least))
    statements, rejected = _statements(plugin, entities, rows)
    run.statements = statements + _labels(case.tables, rows)
    return _outcome(Counter(rows["kind"].to_pylist()), there, rejected)


def _platform(entity: Entity) -> str | None:
    """The platform of an account, a post or a channel; null: a thing of no platform."""
    is_row = KINDS[entity.kind].clean is clean_row_id
    return entity.value.partition(":")[0] if is_row else None


def _outcome(kept: Counter[str], there: Counter[str], rejected: Counter[str]) -> Outcome:
    if not there:
        return Outcome(status=Status.NOTHING, reason="the case holds nothing of the kind")
    reason = ", ".join(
        f"{kept[kind]:,} of {KINDS[kind].counted(there[kind])}" for kind in sorted(there)
    )
    return Outcome(
        status=Status.PARTIAL if rejected else Status.COMPLETED,
        reason=reason,
        items=kept.total(),
        rejected=dict(rejected),
    )


def _statements(
    plugin: Transform, entities: Sequence[Entity], rows: pa.Table
) -> tuple[list[Statement], Counter[str]]:
    """A link for each row whose value is one of its kind; the others counted by reason."""
    claimant = f"transform {plugin.name}"
    by_value = {entity.value: entity for entity in entities if entity.kind in plugin.takes}
    said = {entity.entity_id: present(entity, claimant) for entity in by_value.values()}
    links = []
    targets = set(by_value.values())
    rejected: Counter[str] = Counter()
    for row in rows.to_pylist():
        try:
            target = entity_of(row["kind"], row["value"])
        except OptionsInvalid:
            rejected[f"no {KINDS[row['kind']].title.lower()}"] += 1
            continue
        ends = [by_value[row["asked"]], target]
        if plugin.is_backward:
            ends.reverse()
        targets.add(target)
        said[target.entity_id] = present(target, claimant, original=row["value"])
        evidence = dict.fromkeys(
            row[name] for name in ("evidence", "last_evidence") if row[name] is not None
        )
        links.append(
            linked(
                ends[0],
                plugin.link,
                ends[1],
                claimant,
                acts=row["acts"],
                first_at=_micros(row["first_at"]),
                last_at=_micros(row["last_at"]),
                evidence=tuple(evidence),
            )
        )
    properties = [each for target in targets for each in derived(target)]
    return [*said.values(), *properties, *links], rejected


def _micros(moment: Any) -> int | None:
    return None if moment is None else from_datetime(moment)


def _labels(tables: CaseTables, rows: pa.Table) -> list[Statement]:
    """What accounts, channels and posts are to be called, as the tables know them."""
    said = []
    for kind, label in _LABELS.items():
        values = sorted(set(rows.filter(pc.equal(rows["kind"], kind))["value"].to_pylist()))
        if not values:
            continue
        for row in label(tables, values).to_pyarrow().to_pylist():
            text = short(" ".join((row["label"] or "").split()))
            if text and clean_row_id(row["value"]):
                said.append(stated(Entity(kind, row["value"]), LABEL, text, "tables"))
    return said


def _account_labels(tables: CaseTables, values: Sequence[str]) -> ibis.Table:
    accounts = tables.accounts.filter(_.account_id.isin(values))
    return accounts.select(value="account_id", label=ibis.coalesce("@" + _.handle, _.name))


def _channel_labels(tables: CaseTables, values: Sequence[str]) -> ibis.Table:
    channels = tables.channels.filter(_.channel_id.isin(values))
    return channels.select(value="channel_id", label=ibis.coalesce(_.name, _.handle))


def _post_labels(tables: CaseTables, values: Sequence[str]) -> ibis.Table:
    posts = tables.posts.filter(_.post_id.isin(values))
    return posts.select(value="post_id", label=ibis.coalesce(_.title, _.text).substr(0, 200))


_LABELS = {
    "account": _account_labels,
    "bot": _account_labels,
    "channel": _channel_labels,
    "group": _channel_labels,
    "post": _post_labels,
    "message": _post_labels,
}


def _by_kind(row: dict[str, Any]) -> str:
    return str(row["kind"])


def _numbers(found: dict[str, int]) -> str:
    return ", ".join(KINDS[kind].counted(number) for kind, number in sorted(found.items()))


__all__ = ["CAP", "Cost", "costs", "transform", "transforms_for"]
