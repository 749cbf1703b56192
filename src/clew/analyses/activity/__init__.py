"""How does each account keep its time, who posts by schedule, and were accounts made in bursts?

`cadence` has the summaries and signs of one account, `creation` the bursts of new accounts,
`telling` what is said of them.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

import ibis
import numpy as np
import pyarrow as pa
from ibis import _

from clew.analyses.activity import telling
from clew.analyses.activity.cadence import ENOUGH, cadence
from clew.analyses.activity.creation import bursts
from clew.contract import Analysis, Count, Finding, Plot, Tables
from clew.model.tables import PostKind
from clew.model.times import EXACT

_RANKED = ("per_day", "burstiness", "even_gaps", "slots", "quiet")
_EXAMPLES = 5


@dataclass(frozen=True)
class Options:
    """What is counted, and who is shown."""

    reposts: bool = True  # count posts that only show another's post again
    shown: Count = 20  # accounts with signs of a schedule that get a finding of their own
    pictures: Count = 4  # accounts that get a picture of their own


def gather(tables: Tables, options: Options) -> ibis.Table:
    """The instants of each account by minute of the hour, and when each account was made."""
    left_out = [PostKind.SERVICE] if options.reposts else [PostKind.SERVICE, PostKind.REPOST]
    posts = tables.posts.filter(~_.kind.isin(left_out) & _.account_id.notnull())
    exact = posts.time_quality.isin(EXACT) & posts.posted_at.notnull()
    at = ibis.ifelse(exact, posts.posted_at, None)
    # Cut first: one engine rounds fractions of a second, the other drops them.
    second = at.truncate("s").epoch_seconds().cast("int64")
    written = (
        posts.mutate(second=second, minute=at.minute())
        .group_by("account_id", "minute")
        .agg(
            posts=_.second.count(),
            left_out=_.count() - _.second.count(),
            seconds=_.second.collect(),
            example_post_id=_.post_id.min(),
        )
        .mutate(platform=ibis.null("string"), made=ibis.null("int64"))
    )
    accounts = tables.accounts.filter(_.created_at.notnull())
    made = accounts.select(
        "account_id",
        "platform",
        minute=ibis.null("int32"),
        posts=ibis.null("int64"),
        left_out=ibis.null("int64"),
        seconds=ibis.null("array<int64>"),
        example_post_id=ibis.null("string"),
        made=accounts.created_at.truncate("s").epoch_seconds().cast("int64"),
    )
    columns = list(GATHERED)
    return written.select(columns).cast(GATHERED).union(made.select(columns).cast(GATHERED))


def score(gathered: pa.Table, options: Options) -> pa.Table:  # noqa: ARG001
    """The cadence of every account with its percentiles, and the bursts of creation."""
    is_made = gathered["made"].is_valid()
    accounts = _accounts(gathered.filter(gathered["posts"].is_valid()))
    for name in _RANKED:
        _rank(accounts, name)
    rows = accounts + _creations(gathered.filter(is_made))
    return pa.Table.from_pylist(rows, schema=GIVES.to_pyarrow())


def _accounts(rows: pa.Table) -> list[dict[str, Any]]:
    parts: dict[str, list[dict[str, Any]]] = {}
    lists = rows["seconds"].combine_chunks()
    stops = np.cumsum(np.array(lists.value_lengths().fill_null(0), np.int64))
    values = np.array(lists.flatten(), np.int64)
    for stop, row in zip(stops.tolist(), rows.drop_columns("seconds").to_pylist(), strict=True):
        parts.setdefault(row["account_id"], []).append(
            row | {"seconds": values[stop - row["posts"] : stop]}
        )
    return [_account(account, parts[account]) for account in sorted(parts)]


def _account(account_id: str, parts: list[dict[str, Any]]) -> dict[str, Any]:
    seconds = np.sort(np.concatenate([part["seconds"] for part in parts]))
    row: dict[str, Any] = {
        "scope": "account",
        "subject_id": account_id,
        "posts": len(seconds),
        "left_out": sum(part["left_out"] for part in parts),
    }
    if not len(seconds):
        return row
    found = asdict(cadence(seconds))
    timed = sorted(
        (part for part in parts if part["minute"] is not None),
        key=lambda part: (-part["posts"], part["minute"]),
    )
    return (
        row
        | {name: round(x, 4) if isinstance(x, float) else x for name, x in found.items()}
        | {
            "signs": [str(sign) for sign in found["signs"]],
            "example_ids": [part["example_post_id"] for part in timed[:3]],
        }
    )


def _rank(rows: list[dict[str, Any]], name: str) -> None:
    """Add the percentile among the accounts with enough events: how many have less."""
    judged = [row for row in rows if row.get("events", 0) >= ENOUGH and row[name] is not None]
    values = np.sort([row[name] for row in judged])
    for row in judged:
        below = np.searchsorted(values, row[name]) + np.searchsorted(values, row[name], "right")
        row[f"{name}_percentile"] = round(50 * float(below) / len(values), 1)


def _creations(rows: pa.Table) -> list[dict[str, Any]]:
    platforms: dict[str, list[tuple[int, str]]] = {}
    for row in rows.select(["platform", "made", "account_id"]).to_pylist():
        if row["made"] % 86_400 == 0:
            continue  # a date was recorded, or a placeholder: no instant
        platforms.setdefault(row["platform"], []).append((row["made"], row["account_id"]))
    found = []
    for platform, made in sorted(platforms.items()):
        made.sort()
        for burst in bursts(np.array([second for second, _id in made], np.int64)):
            some = made[burst.first : burst.last + 1]
            found.append(
                {
                    "scope": "creation",
                    "subject_id": platform,
                    "accounts": len(some),
                    "expected": round(burst.expected, 4),
                    "chance": float(f"{burst.chance:.3g}"),
                    "since": some[0][0] * 1_000_000,
                    "until": some[-1][0] * 1_000_000,
                    "example_ids": [account for _second, account in some[:_EXAMPLES]],
                }
            )
    return found


def find(result: pa.Table, options: Options) -> list[Finding]:
    """What the accounts are like, which keep a schedule, and when accounts were made together."""
    return telling.findings(result, options.shown)


def draw(result: pa.Table, options: Options) -> list[Plot]:
    """How many accounts show which sign, and how the gaps of the population vary."""
    return telling.plots(result, options.pictures)


GATHERED = {
    "account_id": "string",
    "platform": "string",
    "minute": "int32",
    "posts": "int64",
    "left_out": "int64",
    "seconds": "array<int64>",
    "example_post_id": "string",
    "made": "int64",
}

GIVES = ibis.schema(
    {
        "scope": "string",  # account, creation
        "subject_id": "string",  # an account; of a burst of creation: the platform
        "posts": "int64",  # whose UTC time is known exactly
        "left_out": "int64",  # posts whose UTC time is not
        "events": "int64",  # posts less than a minute apart are one
        "days": "int64",  # days (UTC) with a post
        "sessions": "int64",  # stretches of events with no gap above half an hour
        "session_s": "float64",  # median length of a session
        "session_posts": "float64",  # posts a session, on average
        "gap_s": "float64",  # median gap between events
        "longest_gap_s": "int64",
        "per_day": "float64",  # posts a day of those with a post
        "per_day_percentile": "float64",  # among the case's accounts with 30 events or more
        "burstiness": "float64",  # -1 a clock, 0 chance, 1 bursts
        "burstiness_percentile": "float64",
        "memory": "float64",  # correlation of each gap (its logarithm) with the next
        "even_gaps": "float64",  # share of gaps within 5 % of their median
        "even_gaps_percentile": "float64",
        "slots": "float64",  # pairs of events at near times of day, of those within the hour
        "slots_percentile": "float64",
        "quiet": "float64",  # share of events in the quietest six hours (UTC)
        "quiet_percentile": "float64",
        "signs": "array<string>",  # clock, seconds, slots, even gaps, steady, sleepless
        "accounts": "int64",  # made in the burst
        "expected": "float64",  # accounts in such a time by the rate around
        "chance": "float64",  # of so many anywhere in the series at that rate
        "since": "timestamp('UTC', 6)",  # the first was made
        "until": "timestamp('UTC', 6)",  # the last was made
        "example_ids": "array<string>",  # posts of the account; accounts of the burst
    }
)

ACTIVITY = Analysis(
    name="activity",
    question="How does each account keep its time, and does it keep a schedule?",
    needs={
        "posts": ("post_id", "account_id", "kind", "posted_at", "time_quality"),
        "accounts": ("account_id", "platform", "created_at"),
    },
    gives=GIVES,
    gather=gather,
    score=score,
    find=find,
    draw=draw,
    options=Options,
    method=(
        "Burstiness and memory: Goh & Barabási (2008), doi:10.1209/0295-5075/81/48002;"
        " correction for few gaps: Kim & Jo (2016), doi:10.1103/PhysRevE.94.032311",
        "Rayleigh test of uniformity: Mardia & Jupp, Directional Statistics (2000),"
        " doi:10.1002/9780470316979",
        "Chernoff (1952), doi:10.1214/aoms/1177729330; scan for bursts: Naus (1965),"
        " doi:10.1080/01621459.1965.10480810",
    ),
    limits=(
        "A sign of a schedule is not a sign of deceit: newsrooms, companies and many people use"
        " programs that post for them.",
        "Signs were tuned on invented accounts; a schedule with a jitter of an hour, or one that"
        " copies a person's own times, shows none of them.",
        "The capture may hold only a part of what an account posted; gaps are then too long.",
        "Platforms have days on which many people join; a burst of creation needs a reason to be"
        " more than that.",
    ),
)
