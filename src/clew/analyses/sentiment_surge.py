"""Who turned against which organisation, and when?

Counted are negative *voices*: accounts, each once a window, and accounts that post copies of one
text together once. So neither one loud account, nor a copied campaign, nor a day on which more is
said makes a surge: only a share of negative voices that the windows before do not explain.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Annotated, Any

import ibis
import msgspec
import pyarrow as pa
import pyarrow.compute as pc
from ibis import _

from clew.contract import Analysis, Count, Finding, Plot, PlotKind, Priority, Tables
from clew.model.chance import posterior_bound, wilson
from clew.model.shares import Floats, Shares
from clew.model.tables import PostKind
from clew.model.times import EXACT
from clew.model.wording import counted, percent

_EXAMPLES = 5
_PARTS, _DIGITS = 4, 8  # of the sketch of a wording


Percent = Annotated[float, msgspec.Meta(gt=0, lt=100)]


@dataclass(frozen=True)
class Options:
    """Which windows are compared, and what is called a surge."""

    window_h: Count = 24  # hours of a window; windows start at whole multiples in UTC
    history: Count = 56  # windows with voices before one that it is compared with
    min_windows: Count = 7  # windows with voices that the history needs
    min_voices: Count = 5  # voices that a window needs to be judged
    min_negative: Count = 3  # fewer negative voices are never a surge
    false_alarms: Percent = 1.0  # of a hundred windows without a change so many may be called one
    shown: Count = 10  # surges that get a finding of their own
    pictures: Count = 4  # targets that get a picture


# ---------------------------------------------------------------------------------------- gather


def gather(tables: Tables, options: Options) -> ibis.Table:
    """Voices, negative ones among them, for each target and window."""
    accounts = _accounts(_copies_joined(_said(tables, options)))
    voices = accounts.group_by("target", "window", "label").agg(
        accounts=_.count(),
        negative_accounts=_.is_negative.cast("int64").sum(),
        posts=_.posts.sum(),
        turned=_.has_turned.cast("int64").sum(),
        newcomers=_.is_newcomer.cast("int64").sum(),
        example=_.example.min(),
    )
    voices = voices.mutate(is_negative=voices.negative_accounts * 2 > voices.accounts)
    ranked = voices.mutate(
        rank=ibis.row_number().over(
            group_by=("target", "window", "is_negative"), order_by=("example", "label")
        )
    )
    return (
        ranked.group_by("target", "window")
        .agg(
            voices=_.count(),
            negative=_.is_negative.cast("int64").sum(),
            accounts=_.accounts.sum(),
            posts=_.posts.sum(),
            turned=_.turned.sum(where=_.is_negative),
            newcomers=_.newcomers.sum(where=_.is_negative),
            **{
                f"example_{number}": _.example.max(where=_.is_negative & (_.rank == number))
                for number in range(_EXAMPLES)
            },
        )
        .mutate(
            starts_at=(_.window * (options.window_h * 3600)).as_timestamp("s"),
            turned=_.turned.fill_null(0),
            newcomers=_.newcomers.fill_null(0),
        )
        .drop("window")
    )


def _said(tables: Tables, options: Options) -> ibis.Table:
    """What accounts say in their own words of targets at known times; one row a post and target."""
    posts = tables.posts.filter(
        ~_.kind.isin([PostKind.SERVICE, PostKind.REPOST]),
        _.account_id.notnull(),
        _.posted_at.notnull(),
        _.time_quality.isin(EXACT),
    ).select("post_id", "account_id", "posted_at")
    toward = tables.sentiments.filter(
        _.target.notnull(), _.polarity.notnull(), ~_.is_reported
    ).select("post_id", "target", "polarity", "wording")
    said = toward.inner_join(posts, "post_id")
    # Whole hours first: engines differ in what they make of the last microsecond of a second.
    seconds = said.posted_at.truncate("h").epoch_seconds().cast("int64")
    return said.select(
        "post_id",
        "target",
        "account_id",
        window=(seconds / (options.window_h * 3600)).floor().cast("int64"),
        is_negative=said.polarity == "negative",
        # Posts that are too short for a sketch are copies of none.
        **{
            f"part_{part}": ibis.coalesce(
                said.wording.substr(part * _DIGITS, _DIGITS), said.post_id
            )
            for part in range(_PARTS)
        },
    )


def _copies_joined(said: ibis.Table) -> ibis.Table:
    """Each row with its voice: the least account of those that copy one another in a window.

    Two rounds join what is a copy of a copy; longer chains may count as several voices.
    """
    joined = said.mutate(label=said.account_id)
    keys = (*(f"part_{part}" for part in range(_PARTS)), "account_id")
    for key in keys * 2:
        joined = joined.mutate(label=joined.label.min().over(group_by=("target", "window", key)))
    return joined


def _accounts(said: ibis.Table) -> ibis.Table:
    """One row for each account, target and window; it is negative if most of its posts are."""
    accounts = said.group_by("target", "window", "account_id").agg(
        label=_.label.min(),
        posts=_.count(),
        negative_posts=_.is_negative.cast("int64").sum(),
        example=_.post_id.min(where=_.is_negative),
    )
    accounts = accounts.mutate(is_negative=accounts.negative_posts * 2 > accounts.posts)
    calm = ibis.ifelse(accounts.is_negative, None, accounts.window)
    accounts = accounts.mutate(
        first=accounts.window.min().over(group_by=("target", "account_id")),
        first_calm=calm.min().over(group_by=("target", "account_id")),
    )
    return accounts.mutate(
        has_turned=_.is_negative & (_.first_calm < _.window).fill_null(False),
        is_newcomer=_.is_negative & (_.first == _.window),
    )


# ----------------------------------------------------------------------------------------- score


def score(gathered: pa.Table, options: Options) -> pa.Table:
    """Each window with the share that the windows before let expect, and how rare its own is."""
    ordered = gathered.sort_by([("target", "ascending"), ("starts_at", "ascending")])
    judged = [verdict for rows in _series(ordered) for verdict in _judged(rows, options)]
    names = ("expected", "chance", "is_surge")
    for number, name in enumerate(names):
        column = pa.array([verdict[number] for verdict in judged], GIVES[name].to_pyarrow())
        ordered = ordered.append_column(name, column)
    return ordered.select(list(GIVES)).cast(GIVES.to_pyarrow())


def _series(ordered: pa.Table) -> Iterator[list[dict[str, Any]]]:
    """The windows of each target, in order."""
    rows: list[dict[str, Any]] = []
    for row in ordered.select(["target", "voices", "negative"]).to_pylist():
        if rows and rows[-1]["target"] != row["target"]:
            yield rows
            rows = []
        rows.append(row)
    if rows:
        yield rows


_CLEAR = 100  # times rarer than a surge must be

Verdict = tuple[float | None, float | None, bool]


def _judged(rows: list[dict[str, Any]], options: Options) -> Iterator[Verdict]:
    """Judge each window by those before it.

    A clear surge is no part of what is usual, lest it hide the next one; one that lasts for as many
    windows in a row as a history needs is. Doubtful ones are: to leave out whatever is rare would
    make what is usual look narrower than it is.
    """
    shares = Shares()
    usual: list[Floats] = []
    unusual: list[Floats] = []
    for row in rows:
        seen = usual[-options.history :]
        voices, negative, chance = row["voices"], row["negative"], 1.0
        verdict: Verdict = (None, None, False)
        if len(seen) >= options.min_windows and voices >= options.min_voices:
            posterior = sum(seen, shares.nothing_seen)
            chance = shares.chance(posterior, negative, voices)
            is_rare = chance < options.false_alarms / 100
            is_surge = is_rare and negative >= options.min_negative
            verdict = (shares.expected(posterior), chance, is_surge)
        unusual.append(shares.log_likelihood(negative, voices))
        if not (verdict[2] and chance < options.false_alarms / 100 / _CLEAR):
            usual, unusual = [*seen, unusual[-1]], []
        elif len(unusual) == options.min_windows:
            usual, unusual = [*seen, *unusual], []
        yield verdict


# -------------------------------------------------------------------------------------- findings


def find(result: pa.Table, options: Options) -> list[Finding]:
    """What was looked at, and each surge, the least explained first."""
    if not result.num_rows:
        summary = (
            "No post with a known author and time says anything of a target in its own words."
            " Name targets first: clew annotate sentiment --set targets=NAME."
        )
        return [Finding(summary=summary, enough_data=False)]
    tested = pc.sum(pc.is_valid(result["chance"])).as_py()
    surges = _surges(result)
    targets = pc.count_distinct(result["target"]).as_py()
    basis = (
        f"{counted(targets, 'target')}, {counted(result.num_rows, 'window')} of"
        f" {options.window_h:,} h with posts"
    )
    if not tested:
        summary = (
            f"{basis}; none of them could be judged: that takes {options.min_windows:,} windows"
            f" before and {options.min_voices:,} voices."
        )
        return [Finding(summary=summary, enough_data=False)]
    by_chance = tested * options.false_alarms / 100
    summary = (
        f"{basis}, {tested:,} of them judged: {counted(len(surges), 'surge')}. If nothing had"
        f" changed, up to {by_chance:,.1f} of them would be called one by chance"
        f" ({options.false_alarms:g} in a hundred)."
    )
    return [Finding(summary=summary)] + [_of_surge(row, options) for row in surges[: options.shown]]


def _surges(result: pa.Table) -> list[dict[str, Any]]:
    found = result.filter(pc.field("is_surge")).to_pylist()
    return sorted(found, key=lambda row: (row["chance"], row["target"], row["starts_at"]))


def _of_surge(row: dict[str, Any], options: Options) -> Finding:
    voices, negative, chance = row["voices"], row["negative"], row["chance"]
    low, high = wilson(negative / voices, voices)
    until = row["starts_at"] + dt.timedelta(hours=options.window_h)
    copied = row["accounts"] - voices
    sentences = [
        f"{row['target']}, {_moment(row['starts_at'])} to {_moment(until)} UTC: {negative:,} of"
        f" {counted(voices, 'voice')} negative ({percent(negative / voices)}, 95 % interval"
        f" {percent(low)} to {percent(high)}; expected {percent(row['expected'])}; chance"
        f" {chance:.1g}).",
        f"{counted(row['turned'], 'account')} spoke of it before without being negative,"
        f" {row['newcomers']:,} for the first time.",
    ]
    if copied:
        sentences.append(f"{counted(copied, 'account')} that post copies are not counted again.")
    examples = (row[f"example_{number}"] for number in range(_EXAMPLES))
    return Finding(
        summary=" ".join(sentences),
        priority=Priority.HIGH if chance < options.false_alarms / 10_000 else Priority.MEDIUM,
        subject=row["target"],
        evidence=tuple(example for example in examples if example is not None),
        confidence=posterior_bound(chance),
        limits=("Polarity is judged by a model: read the posts.",),
    )


def _moment(at: dt.datetime) -> str:
    return f"{at:%Y-%m-%d %H:%M}"


# ------------------------------------------------------------------------------------------ draw


def draw(result: pa.Table, options: Options) -> list[Plot]:
    """Negative voices for each window, of the targets with surges or else with most voices."""
    if not result.num_rows:
        return []
    first = list(dict.fromkeys(row["target"] for row in _surges(result)))
    sums = result.group_by("target").aggregate([("voices", "sum")])
    ranked = sums.sort_by([("voices_sum", "descending"), ("target", "ascending")])
    others = [name for name in ranked["target"].to_pylist() if name not in first]
    return [_plot(result, target, options) for target in (first + others)[: options.pictures]]


def _plot(result: pa.Table, target: str, options: Options) -> Plot:
    rows = result.filter(pc.field("target") == target).sort_by("starts_at").to_pylist()
    surges = [_moment(row["starts_at"]) for row in rows if row["is_surge"]]
    named = f" Surges: {', '.join(surges[:8])}." if surges else " No surge."
    negative = {row["starts_at"]: row["negative"] for row in rows}
    starts = _every_window(rows, options)
    return Plot(
        kind=PlotKind.SERIES,
        title=f"Negative voices toward {target}",
        caption=f"Accounts whose posts about it are mostly negative, for each {options.window_h:,}"
        f" hours (UTC); accounts that post copies count once.{named}",
        data=pa.table(
            {
                "at": pa.array(starts, pa.timestamp("us", "UTC")),
                "value": pa.array([negative.get(start, 0) for start in starts], pa.int64()),
            }
        ),
    )


_MOST_POINTS = 2_000  # of a picture; a longer series is drawn from the windows with posts only


def _every_window(rows: list[dict[str, Any]], options: Options) -> list[dt.datetime]:
    step = dt.timedelta(hours=options.window_h)
    first, last = rows[0]["starts_at"], rows[-1]["starts_at"]
    number = (last - first) // step + 1
    if number > _MOST_POINTS:
        return [row["starts_at"] for row in rows]
    return [first + step * place for place in range(number)]


GIVES = ibis.schema(
    {
        "target": "string",  # as the analyst called it
        "starts_at": "timestamp('UTC', 6)",  # of the window
        "voices": "int64",  # accounts that speak of it; those that post copies count once
        "negative": "int64",  # voices most of whose accounts are negative
        "accounts": "int64",  # each once
        "posts": "int64",
        "turned": "int64",  # negative accounts that spoke of it before without being negative
        "newcomers": "int64",  # negative accounts that never spoke of it before
        "expected": "float64",  # share of negative voices by the windows before; null: not judged
        "chance": "float64",  # of a share so high if nothing has changed; null: not judged
        "is_surge": "boolean",
        "example_0": "string",  # negative posts of different voices; null: there are no more
        "example_1": "string",
        "example_2": "string",
        "example_3": "string",
        "example_4": "string",
    }
)

SENTIMENT_SURGE = Analysis(
    name="sentiment_surge",
    question="Who turned against which organisation, and when?",
    needs={
        "posts": ("post_id", "kind", "account_id", "posted_at", "time_quality"),
        "sentiments": ("post_id", "target", "polarity", "is_reported", "wording"),
    },
    gives=GIVES,
    gather=gather,
    score=score,
    find=find,
    draw=draw,
    options=Options,
    method=(
        "Beta-binomial shares: Skellam, A Probability Distribution Derived from the Binomial"
        " Distribution (1948), doi:10.1111/j.2517-6161.1948.tb00014.x",
        "Prior of the mean: Jeffreys, doi:10.1098/rspa.1946.0056; the chance is the posterior"
        " predictive tail, as in Gelman et al., Bayesian Data Analysis (2013), ch. 6",
        "Copies: min-hashes of five words in a row, Broder (1997), doi:10.1109/SEQUEN.1997.666900",
    ),
    limits=(
        "Polarity is judged by a model that errs in one post of three: a surge is a change of what"
        " it sees, to be read in the posts.",
        "Only targets that were named for the sentiment annotator; posts in languages that it does"
        " not cover, reported speech, reposts and posts without author or UTC time are left out.",
        "Accounts of one person count as several voices unless they post copies.",
        "A slow turn over many windows becomes what is usual, and is no surge.",
    ),
)
