"""Which technical values are named most, by how many accounts, since when, and by whom first?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import ibis
import pyarrow as pa
import pyarrow.compute as pc
from ibis import _

from clew.contract import Analysis, Count, Finding, Plot, PlotKind, Tables
from clew.model.times import EXACT
from clew.model.wording import counted, listed, percent, period, short


@dataclass(frozen=True)
class Options:
    """Which values are ranked, and how much is kept and shown."""

    kinds: tuple[str, ...] = ()  # which kinds; none named means all
    min_posts: Count = 1  # a value named in fewer posts is not ranked
    limit: Count = 300  # values kept of each kind
    shown: Count = 3  # values of each kind that its finding names
    pictured: Count = 15  # values of each kind in its picture


def gather(tables: Tables, options: Options) -> ibis.Table:
    """The values of every kind that most accounts name."""
    values = _values(tables, options).filter(_.posts >= options.min_posts)
    ranked = values.mutate(
        rank=ibis.row_number().over(
            group_by="kind", order_by=[_.accounts.desc(), _.posts.desc(), _.value.asc()]
        )
        + 1
    ).filter(_.rank <= options.limit)
    kinds = values.group_by("kind").agg(ranked_values=_.count())
    return ranked.join(kinds, "kind").select(*GIVES).cast(GIVES)


def _values(tables: Tables, options: Options) -> ibis.Table:
    """Every value with its counts: per post, then per account, then altogether.

    Three small steps and no distinct count: that is what both engines do in one pass over the data.
    """
    observables = tables.observables
    if options.kinds:
        observables = observables.filter(_.kind.isin(options.kinds))
    per_post = observables.group_by("kind", "value", "post_id").agg(
        mentions=_.count(), defanged=_.is_defanged.sum()
    )
    posts = tables.posts
    at = ibis.ifelse(posts.time_quality.isin(EXACT), posts.posted_at, None)
    per_post = per_post.left_join(
        posts.select(post_id="post_id", account_id="account_id", posted_at=at), "post_id"
    ).drop("post_id_right")
    # The least of these records is the earliest; of several at once that of the least post id.
    naming = ibis.struct(
        {"at": per_post.posted_at, "post_id": per_post.post_id, "account_id": per_post.account_id}
    )
    per_account = per_post.group_by("kind", "value", "account_id").agg(
        mentions=_.mentions.sum(),
        defanged=_.defanged.sum(),
        posts=_.count(),
        timed_posts=_.posted_at.count(),
        first=naming.min(where=per_post.posted_at.notnull()),
        last_at=_.posted_at.max(),
        example_post_id=_.post_id.min(),
    )
    values = per_account.group_by("kind", "value").agg(
        accounts=_.account_id.count(),
        posts=_.posts.sum(),
        mentions=_.mentions.sum(),
        defanged=_.defanged.sum(),
        timed_posts=_.timed_posts.sum(),
        first=_["first"].min(),
        last_at=_.last_at.max(),
        example_post_id=_.example_post_id.min(),
    )
    return values.mutate(
        first_at=values["first"]["at"],
        first_post_id=values["first"]["post_id"],
        first_account_id=values["first"]["account_id"],
    )


# -------------------------------------------------------------------------------------- findings


def find(result: pa.Table, options: Options) -> list[Finding]:
    """The most named values of each kind."""
    if not result.num_rows:
        which = listed(options.kinds) or "of any kind"
        return [Finding(summary=f"No post names a value ({which}).", enough_data=False)]
    return [_of_kind(kind, rows, options) for kind, rows in _by_kind(result)]


def _by_kind(result: pa.Table) -> list[tuple[str, pa.Table]]:
    kinds = sorted(pc.unique(result["kind"]).to_pylist())
    return [(kind, result.filter(pc.field("kind") == kind).sort_by("rank")) for kind in kinds]


def _of_kind(kind: str, rows: pa.Table, options: Options) -> Finding:
    different = rows["ranked_values"][0].as_py()
    shown = rows[: options.shown].to_pylist()
    threshold = f" in at least {options.min_posts:,} posts" if options.min_posts > 1 else ""
    summary = f"{kind}: {counted(different, 'different value')}{threshold}"
    if different > rows.num_rows:
        summary += f" ({rows.num_rows:,} of {different:,} are kept)"
    return Finding(
        summary=f"{summary}; named most: {'; '.join(_naming(row) for row in shown)}.",
        subject=shown[0]["value"] if shown else None,
        evidence=tuple(row["first_post_id"] or row["example_post_id"] for row in shown),
    )


def _naming(row: dict[str, Any]) -> str:
    words = (
        f"{short(row['value'])} in {counted(row['posts'], 'post')} of"
        f" {counted(row['accounts'], 'account')}"
    )
    if row["first_at"]:
        words += f" {period(row['first_at'], row['last_at'])}"
        if row["first_account_id"]:
            words += f", first by {row['first_account_id']}"
    if row["defanged"]:
        words += f", {percent(row['defanged'] / row['mentions'])} defanged"
    return words


def draw(result: pa.Table, options: Options) -> list[Plot]:
    """The most named values of each kind."""
    return [
        Plot(
            kind=PlotKind.BARS,
            title=f"Most named: {kind}",
            caption="Accounts that name the value, each counted once. Shown:"
            f" {min(options.pictured, rows.num_rows):,} of"
            f" {counted(rows['ranked_values'][0].as_py(), 'value')}.",
            data=rows[: options.pictured]
            .select(["value", "accounts"])
            .rename_columns(["label", "value"]),
        )
        for kind, rows in _by_kind(result)
    ]


GIVES = ibis.schema(
    {
        "kind": "string",  # url, domain, ipv4, cve, hashtag…
        "value": "string",  # canonical form, refanged
        "rank": "int64",  # within its kind: by accounts, then posts, then value; 1 is the first
        "accounts": "int64",  # that name it, each counted once
        "posts": "int64",  # that name it, each counted once
        "mentions": "int64",  # how often it is named
        "defanged": "int64",  # of them written so that it cannot be clicked
        "timed_posts": "int64",  # posts whose time is known in UTC: the next four are from these
        "first_at": "timestamp('UTC', 6)",  # null: no time is known in UTC
        "first_post_id": "string",  # of posts at the same instant the one whose id is least
        "first_account_id": "string",  # null: not recorded, or no time is known
        "last_at": "timestamp('UTC', 6)",
        "example_post_id": "string",  # one of all its posts: the one whose id is least
        "ranked_values": "int64",  # how many values of this kind were ranked
    }
)

TOP_OBSERVABLES = Analysis(
    name="top_observables",
    question="Which technical values are named most, by how many accounts, since when and by whom"
    " first?",
    needs={
        "observables": ("post_id", "kind", "value", "is_defanged"),
        "posts": ("post_id", "account_id", "posted_at", "time_quality"),
    },
    gives=GIVES,
    gather=gather,
    find=find,
    draw=draw,
    options=Options,
    method=("Plain counts; no model. Values are compared in their canonical, refanged form.",),
    limits=(
        "Named often is not dangerous: most named values are ordinary sites, products and tags.",
        "Who is first in the capture need not be first in the world.",
        "Accounts are counted, not people: one person may have several, and copies count anew.",
        "Only values that the annotator recognises in text are counted, not those in pictures.",
    ),
)
