"""Which pairs of accounts wait for a judgement, and what is to be seen of each?

The queue holds the pairs of the last `identity` run that nobody has judged, the surest first. A
judgement is a statement on the graph, like any other; "later" leaves the pair in the queue.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pyarrow.compute as pc
from ibis import _

from clew.case.analysing import latest_runs, load_result
from clew.case.graph import Graph
from clew.case.open import Case
from clew.errors import NotEnough
from clew.model.statements import Judged

_SHOWN = ("platform", "handle", "name", "description", "location_claimed", "url", "created_at")


@dataclass(frozen=True, kw_only=True)
class Waiting:
    """One pair, with what speaks for and against it."""

    one: str  # account_id
    other: str
    outcome: str
    probability: float
    signs: tuple[tuple[str, str, float], ...]  # what, the value that is shared, bits
    evidence: tuple[str, ...]


def queue(case: Case) -> list[Waiting]:
    """The pairs that wait, the surest first; NotEnough if `identity` was not run."""
    runs = [run for run in latest_runs(case) if run["name"] == "identity" and run["result"]]
    if not runs:
        raise NotEnough("run `clew analyse identity` first: it finds the pairs")
    latest = max(runs, key=lambda run: str(run["started_at"]))
    result = load_result(case, latest["result"])
    judged = {(each.subject, each.value) for each in Graph(case).view().judgements}
    pairs = result.filter(pc.is_valid(result["account_id"])).to_pylist()
    waiting = [
        _waiting(pair)
        for pair in pairs
        if pair["outcome"] != "insufficient" and _entities(pair) not in judged
    ]
    return sorted(waiting, key=lambda each: (-each.probability, each.one, each.other))


def _entities(pair: dict[str, Any]) -> tuple[str, str]:
    ends = sorted((f"account:{pair['account_id']}", f"account:{pair['other_account_id']}"))
    return ends[0], ends[1]


def _waiting(pair: dict[str, Any]) -> Waiting:
    return Waiting(
        one=pair["account_id"],
        other=pair["other_account_id"],
        outcome=pair["outcome"],
        probability=pair["probability"],
        signs=tuple(zip(pair["signs"], pair["values"], pair["weights"], strict=True)),
        evidence=tuple(pair["evidence"]),
    )


def side_by_side(case: Case, pair: Waiting) -> list[dict[str, Any]]:
    """What is known of both accounts: a row for each column of which one has a value."""
    accounts = case.accounts.filter(_.account_id.isin((pair.one, pair.other)))
    rows = {row["account_id"]: row for row in accounts.to_pyarrow().to_pylist()}
    one, other = rows.get(pair.one, {}), rows.get(pair.other, {})
    return [
        {"": name, pair.one: one.get(name), pair.other: other.get(name)}
        for name in _SHOWN
        if one.get(name) is not None or other.get(name) is not None
    ]


def decide(case: Case, pair: Waiting, verdict: Judged, reason: str) -> None:
    """Judge a pair; the reason holds what the analysis said as well."""
    said = "; ".join(f"{sign} {bits:+.1f}" for sign, _value, bits in pair.signs)
    Graph(case).judge(
        f"account:{pair.one}",
        f"account:{pair.other}",
        verdict,
        f"{reason} [identity: {pair.probability:.2f}; {said}]",
    )
