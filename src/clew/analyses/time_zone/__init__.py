"""Which time zones fit the hours at which somebody posts?

The answer is a probability for every zone, not a place: `posterior` has the model, `scoring` the
answer for each account, channel and crowd, `telling` what is said of it.
"""

from __future__ import annotations

from dataclasses import dataclass

import ibis
import pyarrow as pa
from ibis import _

from clew.analyses.time_zone import scoring, telling
from clew.analyses.time_zone.scoring import Prior
from clew.contract import Analysis, Count, Finding, Plot, Tables
from clew.model.tables import PostKind
from clew.model.times import EXACT, TimeQuality


@dataclass(frozen=True)
class Options:
    """What is expected beforehand, what is counted, and who is shown."""

    prior: Prior = Prior.CROWD  # crowd, population or uniform
    zones: tuple[str, ...] = ()  # the analyst's own prior: Europe/Berlin=3,Asia/Shanghai=1
    min_active: Count = 10  # active half hours that an answer needs
    reposts: bool = True  # count posts that only show another's post again
    shown: Count = 20  # accounts that get a finding of their own
    crowds: Count = 10  # channels whose members are looked at as a crowd, the largest first
    pictures: Count = 4  # accounts that get a picture of their own

    def __post_init__(self) -> None:
        if self.zones:
            scoring.own_prior(self.zones)


def gather(tables: Tables, options: Options) -> ibis.Table:
    """The active half hours (counted from 1970) by account, channel and UTC hour of the day."""
    left_out = [PostKind.SERVICE] if options.reposts else [PostKind.SERVICE, PostKind.REPOST]
    posts = tables.posts.filter(~_.kind.isin(left_out))
    exact = posts.time_quality.isin(EXACT) & posts.posted_at.notnull()
    at = ibis.ifelse(exact, posts.posted_at, None)
    # Cut first: one engine rounds fractions of a second, the other drops them.
    half_hour = (at.truncate("s").epoch_seconds().cast("int64") // 1800).cast("int32")
    found = posts.mutate(
        hour=at.hour(),
        half_hour=half_hour,
        on_the_clock=at.minute().isin([0, 30]).fill_null(False),
        own_offset=exact & (posts.time_quality == TimeQuality.OFFSET),
    )
    return (
        found.group_by("account_id", "channel_id", "hour")
        .agg(
            posts=_.half_hour.count(),
            left_out=_.count() - _.half_hour.count(),
            declared=_.own_offset.sum(),
            on_the_clock=_.on_the_clock.sum(),
            half_hours=_.half_hour.collect(),
            example_post_id=_.post_id.min(),
        )
        .cast(GATHERED)
    )


def score(gathered: pa.Table, options: Options) -> pa.Table:
    """The posterior of every account, of unsigned channels, and of crowds."""
    return scoring.score(
        gathered,
        GIVES.to_pyarrow(),
        prior=options.prior,
        zones=options.zones,
        min_active=options.min_active,
        crowds=options.crowds,
    )


def find(result: pa.Table, options: Options) -> list[Finding]:
    """What can be said of the case, its crowds, and the accounts that post most."""
    return telling.findings(result, options.shown, str(options.prior), options.zones)


def draw(result: pa.Table, options: Options) -> list[Plot]:
    """The zone mixture of the crowd, and the probabilities of the accounts that post most."""
    return telling.plots(result, options.pictures)


GATHERED = {
    "account_id": "string",
    "channel_id": "string",
    "hour": "int32",
    "posts": "int64",
    "left_out": "int64",
    "declared": "int64",
    "on_the_clock": "int64",
    "half_hours": "array<int32>",
    "example_post_id": "string",
}

GIVES = ibis.schema(
    {
        "scope": "string",  # account, unsigned, members, everybody
        "subject_id": "string",  # an account or a channel; null: everybody, or nothing recorded
        "members": "int64",  # accounts of a crowd that count; null: no crowd
        "posts": "int64",  # whose UTC time is known exactly
        "left_out": "int64",  # posts whose UTC time is not
        "declared": "int64",  # posts that came with an offset of their own
        "active": "int64",  # active half hours
        "days": "int64",  # days (UTC) with a post
        "by_hour": "array<int64>",  # active half hours by UTC hour of the day
        "outcome": "string",  # answered, few, undecided, round the clock, scheduled, moved
        "zone": "string",  # the most probable class of zones, by its most populous name
        "offset_min": "int64",  # minutes east of Greenwich: the middle of the best three hours
        "probability": "float64",  # that it lies within ± 1 h
        "set_min": "array<int64>",  # the fewest offsets that hold 90 %
        "offsets_min": "array<int64>",  # offsets with a share of 0.0005 or more
        "shares": "array<float64>",  # their probabilities; of a crowd: shares of its members
        "shares_low": "array<float64>",  # 90 % interval of a crowd's shares
        "shares_high": "array<float64>",
        "rival_offset_min": "int64",  # the best reading that is 2.5 h or more away
        "rival_probability": "float64",  # that it lies within ± 1 h of that
        "example_post_ids": "array<string>",  # of the UTC hours that decided against the rival
    }
)

TIME_ZONE = Analysis(
    name="time_zone",
    question="Which time zones fit the hours at which each account posts?",
    needs={"posts": ("post_id", "account_id", "channel_id", "kind", "posted_at", "time_quality")},
    gives=GIVES,
    gather=gather,
    score=score,
    find=find,
    draw=draw,
    options=Options,
    method=(
        "Crowds by mixtures of shifted daily profiles: La Morgia, Mei, Raponi & Stefa (2018),"
        " doi:10.1109/ICDCS.2018.00120",
        "Mixtures by expectation maximisation: Dempster, Laird & Rubin (1977),"
        " doi:10.1111/j.2517-6161.1977.tb01600.x",
        "Tempered likelihood: Holmes & Walker (2017), doi:10.1093/biomet/asx010",
        "Rules of zones: IANA Time Zone Database, https://www.iana.org/time-zones",
    ),
    limits=(
        "The hours fit a zone; they are not a place. A night worker, a shift worker or a scheduled"
        " account looks like somebody who sleeps elsewhere.",
        "The answer depends on the prior; compare it with prior=uniform before relying on it.",
        "Only times known exactly in UTC count; claimed times and times without zone are left out.",
        "The templates were learned from commits to public source code, not from social posts.",
        "Offsets that posts declare are counted, not used: compare them yourself.",
    ),
)
