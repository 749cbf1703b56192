"""Who acted toward whom, on how many occasions, and whose handle is on two platforms?"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated

import ibis
import msgspec
from ibis import _

from clew.contract import Count, Tables
from clew.measures.acts import directed_acts, folded
from clew.model.tables import InteractionKind


@dataclass(frozen=True)
class Options:
    """Which acts make the network, and what a role needs."""

    kinds: tuple[InteractionKind, ...] = (
        InteractionKind.REPLY,
        InteractionKind.QUOTE,
        InteractionKind.REPOST,
        InteractionKind.FORWARD,
        InteractionKind.MENTION,
        InteractionKind.REACT,
        InteractionKind.FOLLOW,
    )  # which acts are attention to an account
    alpha_percent: Count = 50  # of the disparity filter: fewer per cent keep fewer pairs
    top: Count = 10  # leaders and brokers are looked for among so many, and one account in 20
    stable_percent: Count = 90  # of the bootstraps in which a role must hold
    bootstraps: Count = 100  # times that the acts are drawn anew
    nulls: Count = 19  # networks dealt anew that the groups must stand out from
    exact_pairs: Count = 100_000  # on a larger backbone betweenness is sampled
    sources: Annotated[int, msgspec.Meta(ge=2)] = 200  # accounts from which it is sampled
    seed: Count = 1  # of everything that is drawn
    limit: Count = 200  # accounts kept by each of rank, brokerage and acts
    shown: Count = 5  # accounts of each role that get a finding of their own
    pictured: Count = 15  # accounts in the picture


class Part(StrEnum):
    """What a gathered row says."""

    PAIR = "pair"  # one account acted toward another on `number` occasions
    HANDLE = "handle"  # the account and the target have one handle on two platforms
    LEFT_OUT = "left_out"  # `number` acts are in no pair


GATHERED = ibis.schema(
    {
        "part": "string",
        "account_id": "string",
        "target_account_id": "string",
        "number": "int64",
        "post_id": "string",
    }
)


def gather(tables: Tables, options: Options) -> ibis.Table:
    """Pairs of accounts, acts in no pair, and handles on two platforms."""
    acts = directed_acts(tables, options.kinds)
    known = acts.account_id.notnull() & acts.target_account_id.notnull()
    inside = known & (acts.account_id != acts.target_account_id)
    # Days, each kind by itself: a heated thread of an hour is one occasion, not a hundred.
    day = (acts.happened_at.epoch_seconds() // 86_400).cast("int64")
    key = ["account_id", "target_account_id"]
    days = acts.mutate(day=day).filter(inside).group_by([*key, "kind", "day"])
    pairs = days.agg(post_id=_.post_id.min()).group_by(key)
    pairs = pairs.agg(number=_.count(), post_id=_.post_id.min())
    left_out = acts.filter(~inside.fill_null(False)).agg(number=_.count())
    return ibis.union(
        _row(pairs, Part.PAIR),
        _row(left_out.filter(_.number > 0), Part.LEFT_OUT),
        _row(_namesakes(tables, pairs), Part.HANDLE),
    )


def _row(table: ibis.Table, part: Part) -> ibis.Table:
    table = table.mutate(part=ibis.literal(part.value))
    nulls = {name: ibis.null(kind) for name, kind in GATHERED.items() if name not in table.columns}
    return table.mutate(**nulls).select(*GATHERED).cast(GATHERED)


def _namesakes(tables: Tables, pairs: ibis.Table) -> ibis.Table:
    """Accounts of the network whose handle exactly one account of another platform has."""
    accounts = tables.accounts
    holders = accounts.group_by("platform", handle=folded(accounts.handle))
    holders = holders.agg(holders=_.count(), account_id=_.account_id.min())
    holders = holders.filter(_.handle.notnull(), _.holders == 1).drop("holders")
    others = holders.select("handle", other_platform="platform", target_account_id="account_id")
    both = holders.join(others, "handle").filter(_.platform != _.other_platform)
    active = pairs.select("account_id").union(pairs.select(account_id="target_account_id"))
    return both.semi_join(active.group_by("account_id").agg(), "account_id")
