"""Who answers, quotes, forwards and mentions whom; is it returned, and how fast?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import ibis
import pyarrow as pa
import pyarrow.compute as pc
from ibis import _

from clew.contract import Analysis, Count, Finding, Plot, PlotKind, Tables
from clew.measures.acts import NEEDS, directed_acts
from clew.model.tables import InteractionKind
from clew.model.wording import counted, duration, listed, percent, period


@dataclass(frozen=True)
class Options:
    """Which acts are counted, and how much is shown."""

    kinds: tuple[InteractionKind, ...] = (
        InteractionKind.REPLY,
        InteractionKind.QUOTE,
        InteractionKind.REPOST,
        InteractionKind.FORWARD,
        InteractionKind.MENTION,
    )  # which acts are counted
    shown: Count = 10  # pairs of accounts that get a finding of their own
    pictured: Count = 20  # accounts in the matrix and in the bars


_PAIR = ["account_id", "target_account_id", "target_channel_id", "target_name", "kind"]


def gather(tables: Tables, options: Options) -> ibis.Table:
    """Acts per account, target and kind."""
    acts = directed_acts(tables, options.kinds)
    # The median as the mean of the middle one or two: engines may keep that on disk, and agree.
    acts = acts.mutate(
        place=ibis.row_number().over(group_by=_PAIR, order_by="response_s"),
        known=_.response_s.count().over(group_by=_PAIR),
    )
    middle = acts.place.between((acts.known - 1) // 2, acts.known // 2)
    pairs = acts.group_by(_PAIR).agg(
        interactions=_.count(),
        first_at=_.happened_at.min(),
        last_at=_.happened_at.max(),
        timed=_.response_s.count(),
        median_response_s=_.response_s.mean(where=middle),
        example_post_id=_.post_id.min(),
    )
    back = pairs.filter(_.account_id != _.target_account_id).select(
        account_id="target_account_id",
        target_account_id="account_id",
        kind="kind",
        returned="interactions",
    )
    return (
        pairs.left_join(back, ["account_id", "target_account_id", "kind"])
        # Comparing with null gives null: then nothing can be said of it.
        .mutate(
            returned=ibis.ifelse(_.account_id != _.target_account_id, _.returned.fill_null(0), None)
        )
        .select(*GIVES)
        .cast(GIVES)
    )


# -------------------------------------------------------------------------------------- findings


def find(result: pa.Table, options: Options) -> list[Finding]:
    """What there is, who is addressed most, who is most mutual, and the strongest directions."""
    pairs = _pairs(result)
    strongest = _most(pairs, options.shown, "there", tie=["account_id", "target_account_id"])
    findings = [_whole(result, pairs, strongest)]
    if pairs.num_rows:
        findings += [_addressed(pairs), _mutual(pairs)]
    details = _between(result, strongest["account_id"], strongest["target_account_id"])
    return findings + [_direction(pair, details) for pair in strongest.to_pylist()]


def _pairs(result: pa.Table) -> pa.Table:
    """One account acting toward another, whatever the kind.

    Columns: account_id, target_account_id, there (acts), back (acts of the target toward the
    account), example_post_id.
    """
    key = ["account_id", "target_account_id"]
    sums = (
        result.select([*key, "interactions", "example_post_id"])
        .filter(pc.field("account_id") != pc.field("target_account_id"))
        .group_by(key)
        .aggregate([("interactions", "sum"), ("example_post_id", "min")])
        .rename_columns([*key, "there", "example_post_id"])
    )
    reverse = sums.select([*reversed(key), "there"]).rename_columns([*key, "back"])
    pairs = sums.join(reverse, key)
    back = pc.fill_null(pairs["back"], 0)
    return pairs.drop_columns("back").append_column("back", back)


def _most(rows: pa.Table, number: int, *by: str, tie: list[str]) -> pa.Table:
    """The rows with most of `by`; of equals those whose ids are least."""
    order = [(name, "descending") for name in by] + [(name, "ascending") for name in tie]
    return rows.take(pc.select_k_unstable(rows, min(number, rows.num_rows), order))


def _between(rows: pa.Table, accounts: pa.ChunkedArray, targets: pa.ChunkedArray) -> pa.Table:
    """The rows from one of these accounts to one of these targets."""
    return rows.filter(
        pc.and_(
            pc.is_in(rows["account_id"], accounts.combine_chunks()),
            pc.is_in(rows["target_account_id"], targets.combine_chunks()),
        )
    )


def _whole(result: pa.Table, pairs: pa.Table, strongest: pa.Table) -> Finding:
    total = _sum(result["interactions"])
    if not total:
        return Finding(
            summary="There are no interactions of the kinds asked for.", enough_data=False
        )
    kinds = result.group_by("kind").aggregate([("interactions", "sum")])
    sentences = [f"{counted(total, 'interaction')}: {_by_kind(kinds.to_pylist())}."]
    if pairs.num_rows:
        both_ways = _sum(pc.greater(pairs["back"], 0)) // 2
        linked = pairs.num_rows - both_ways
        actors = pc.count_distinct(pairs["account_id"]).as_py()
        sentences.append(
            f"{counted(actors, 'account')} acted toward another;"
            f" {both_ways:,} of {counted(linked, 'pair')} did so both ways"
            f" ({percent(both_ways / linked)})."
        )
    account, target = pc.field("account_id"), pc.field("target_account_id")
    for rows, what in (
        (target.is_null(), "toward no account that is known"),
        (account == target, "toward the account itself"),
        (account.is_null(), "by an account that is not recorded"),
    ):
        if number := _sum(result.filter(rows)["interactions"]):
            sentences.append(f"{number:,} {what}: in no pair.")
    if pairs.num_rows > strongest.num_rows:
        sentences.append(f"{strongest.num_rows:,} of {pairs.num_rows:,} directions are described.")
    return Finding(
        summary=" ".join(sentences),
        evidence=_posts(strongest[:3]),
        enough_data=pairs.num_rows > 0,
    )


def _addressed(pairs: pa.Table) -> Finding:
    most = _most_addressed(pairs, 3).to_pylist()
    return Finding(
        summary="Addressed by most other accounts: "
        + listed(
            f"{row['target_account_id']} (by {counted(row['accounts'], 'account')},"
            f" {counted(row['acts'], 'time')})"
            for row in most
        )
        + ".",
        subject=most[0]["target_account_id"],
        evidence=tuple(row["example_post_id"] for row in most if row["example_post_id"])
        + tuple(row["target_account_id"] for row in most),
    )


def _most_addressed(pairs: pa.Table, number: int) -> pa.Table:
    """Columns: target_account_id, accounts (that addressed it), acts, example_post_id."""
    sums = (
        pairs.group_by("target_account_id")
        .aggregate([("account_id", "count"), ("there", "sum"), ("example_post_id", "min")])
        .rename_columns(["target_account_id", "accounts", "acts", "example_post_id"])
    )
    return _most(sums, number, "accounts", "acts", tie=["target_account_id"])


def _mutual(pairs: pa.Table) -> Finding:
    """The pairs whose weaker side is strongest: one-sided attention does not count."""
    once = pairs.filter(pc.field("account_id") < pc.field("target_account_id"))
    weaker = pc.min_element_wise(once["there"], once["back"])
    both_ways = once.append_column("weaker", weaker).filter(pc.field("weaker") > 0)
    most = _most(both_ways, 3, "weaker", tie=["account_id", "target_account_id"]).to_pylist()
    if not most:
        return Finding(summary="No two accounts acted toward each other: all went one way.")
    return Finding(
        summary="Most mutual: "
        + listed(
            f"{row['account_id']} and {row['target_account_id']}"
            f" ({row['there']:,} and {row['back']:,})"
            for row in most
        )
        + ".",
        evidence=tuple(row["example_post_id"] for row in most if row["example_post_id"])
        + tuple(row["account_id"] for row in most),
    )


def _direction(pair: dict[str, Any], result: pa.Table) -> Finding:
    """One account toward one other."""
    account, target = pair["account_id"], pair["target_account_id"]
    rows = result.filter(
        (pc.field("account_id") == account) & (pc.field("target_account_id") == target)
    )
    kinds = rows.to_pylist()
    first, last = pc.min(rows["first_at"]).as_py(), pc.max(rows["last_at"]).as_py()
    summary = (
        f"{account} acted toward {target} {counted(pair['there'], 'time')} ({_by_kind(kinds)})"
    )
    if first:
        summary += f" {period(first, last)}"
    summary += f"; the other way {counted(pair['back'], 'time')}"
    for row in kinds:
        if row["kind"] == InteractionKind.REPLY and row["timed"]:
            summary += (
                f"; half of its {counted(row['timed'], 'timed reply', 'timed replies')} came within"
                f" {duration(row['median_response_s'])}"
            )
    return Finding(
        summary=f"{summary}.",
        subject=account,
        evidence=(*_posts(rows), account, target),
    )


def _by_kind(rows: list[dict[str, Any]]) -> str:
    """The kinds, those with most acts first: "reply 300, mention 12"."""
    acts = [(-(row.get("interactions_sum") or row["interactions"]), row["kind"]) for row in rows]
    return ", ".join(f"{kind} {-count:,}" for count, kind in sorted(acts))


def _posts(rows: pa.Table) -> tuple[str, ...]:
    return tuple(sorted(rows["example_post_id"].drop_null().to_pylist()))


def _sum(column: Any) -> int:
    return pc.sum(column).as_py() or 0


# -------------------------------------------------------------------------------------- pictures


def draw(result: pa.Table, options: Options) -> list[Plot]:
    """Who acts toward whom among the most active accounts, and who is addressed most."""
    pairs = _pairs(result)
    if not pairs.num_rows:
        return []
    busiest = _busiest(pairs, options.pictured)
    inside = _between(pairs, busiest, busiest)
    accounts = pc.count_distinct(pairs["target_account_id"]).as_py()
    addressed = _most_addressed(pairs, options.pictured)
    kinds = listed(options.kinds)
    return [
        Plot(
            kind=PlotKind.MATRIX,
            title="Who acts toward whom",
            caption=f"Interactions ({kinds}) from the account of the row to that of the column."
            f" Shown: {len(busiest):,} accounts with most interactions, given and received. Left"
            " out: interactions with oneself and with no known account.",
            data=inside.select(["account_id", "target_account_id", "there"]).rename_columns(
                ["row", "column", "value"]
            ),
        ),
        Plot(
            kind=PlotKind.BARS,
            title="Who is addressed by most accounts",
            caption=f"Other accounts that acted toward it ({kinds}). Shown:"
            f" {addressed.num_rows:,} of {counted(accounts, 'account')}.",
            data=addressed.select(["target_account_id", "accounts"]).rename_columns(
                ["label", "value"]
            ),
        ),
    ]


def _busiest(pairs: pa.Table, number: int) -> pa.ChunkedArray:
    """The accounts with most interactions, given and received."""
    ends = [
        pairs.select([end, "there"]).rename_columns(["account_id", "acts"])
        for end in ("account_id", "target_account_id")
    ]
    sums = pa.concat_tables(ends).group_by("account_id").aggregate([("acts", "sum")])
    return _most(sums, number, "acts_sum", tie=["account_id"])["account_id"]


GIVES = ibis.schema(
    {
        "account_id": "string",  # who acted; null: not recorded
        "target_account_id": "string",  # toward whom; null: no account is known for it
        "target_channel_id": "string",  # toward which channel; only if no account is known
        "target_name": "string",  # toward whom by name; only if neither is known
        "kind": "string",  # reply, quote, repost, forward, mention…
        "interactions": "int64",
        "returned": "int64",  # of the same kind, the other way; null: oneself or no known account
        "first_at": "timestamp('UTC', 6)",  # null: no time of them is known in UTC
        "last_at": "timestamp('UTC', 6)",
        "timed": "int64",  # of which the time since the post that they go to is known
        "median_response_s": "float64",  # seconds from that post to the act, whole ones counted
        "example_post_id": "string",  # a post in which it happened: the one whose id is least
    }
)

INTERACTIONS = Analysis(
    name="interactions",
    question="Who answers, quotes, forwards and mentions whom; is it returned, and how fast?",
    needs=NEEDS,
    gives=GIVES,
    gather=gather,
    find=find,
    draw=draw,
    options=Options,
    method=(
        "Reciprocity as the share of linked pairs that are linked both ways: Wasserman & Faust,"
        " Social Network Analysis (1994), ch. 13, doi:10.1017/CBO9780511815478",
    ),
    limits=(
        "Counts of what was captured: a missing answer may be an answer that nobody captured.",
        "The response time is that of the answers that came. Posts that nobody answered are not in"
        " it, nor answers to posts that were not captured or whose time is not known in UTC.",
        "A reply or mention is attention, not agreement and not acquaintance.",
        "A name without an id is taken for an account only where it is a handle that exactly one"
        " known account of the platform has now; handles change hands.",
    ),
)
