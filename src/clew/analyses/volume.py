"""How many posts were there each day, and where?"""

from __future__ import annotations

import datetime as dt
import statistics
from dataclasses import dataclass

import ibis
import pyarrow as pa
import pyarrow.compute as pc
from ibis import _

from clew.contract import Analysis, Count, Finding, Plot, PlotKind, Tables
from clew.model.tables import PostKind
from clew.model.times import EXACT
from clew.model.wording import counted, period


@dataclass(frozen=True)
class Options:
    """Which channels are shown by themselves."""

    shown: Count = 10  # channels that get a finding of their own
    pictures: Count = 4  # channels that get a picture of their own


def gather(tables: Tables, options: Options) -> ibis.Table:  # noqa: ARG001
    """Posts per platform, channel and day in UTC."""
    posts = tables.posts.filter(_.kind != PostKind.SERVICE)
    at = ibis.ifelse(posts.time_quality.isin(EXACT), posts.posted_at, None)
    return (
        posts.group_by("platform", "channel_id", day=at.date())
        .agg(posts=_.count(), example_post_id=_.post_id.min())
        .cast(GIVES)
    )


@dataclass(frozen=True)
class Series:
    """Posts per day."""

    days: dict[dt.date, int]  # in order of days; those without posts are not in it
    examples: dict[dt.date, str]  # a post of each day

    @property
    def first(self) -> dt.date:
        """The first day with a post."""
        return next(iter(self.days))

    @property
    def last(self) -> dt.date:
        """The last day with a post."""
        return next(reversed(self.days))

    @property
    def busiest(self) -> dt.date:
        """The day with most posts; of several the first."""
        return max(self.days, key=lambda day: self.days[day])

    @property
    def length(self) -> int:
        """Days from the first with a post to the last."""
        return (self.last - self.first).days + 1


def find(result: pa.Table, options: Options) -> list[Finding]:
    """What the case as a whole holds, and the channels with most posts."""
    total = pc.sum(result["posts"]).as_py() or 0
    timed = result.filter(pc.field("day").is_valid())
    without = total - (pc.sum(timed["posts"]).as_py() or 0)
    if total == without:
        summary = (
            f"{counted(total, 'post')}, none of them with a time that is known in UTC."
            if total
            else "There are no posts."
        )
        return [Finding(summary=summary, enough_data=False)]
    channels = _channels(timed)
    sentences = [_describe("All posts", whole := _series(timed))]
    if len(channels) > options.shown:
        sentences.append(
            f"The {options.shown:,} of {len(channels):,} channels with most posts are described."
        )
    if without:
        sentences.append(f"{counted(without, 'post')} left out: the time is not known in UTC.")
    return [Finding(summary=" ".join(sentences), evidence=(whole.examples[whole.busiest],))] + [
        Finding(
            summary=_describe(channel, series := _of(timed, channel)),
            subject=channel,
            evidence=(series.examples[series.busiest],),
        )
        for channel in channels[: options.shown]
    ]


def _describe(what: str, series: Series) -> str:
    posts = series.days.values()
    silent = series.length - len(series.days)
    return (
        f"{what}: {counted(sum(posts), 'post')} {period(series.first, series.last)},"
        f" {silent:,} of {counted(series.length, 'day')} without any; most on {series.busiest}"
        f" ({counted(series.days[series.busiest], 'post')};"
        f" {statistics.median_low(posts):,} on a median day with posts)."
    )


def _channels(timed: pa.Table) -> list[str]:
    """The channels, those with most posts first."""
    sums = timed.group_by("channel_id").aggregate([("posts", "sum")])
    ranked = sums.sort_by([("posts_sum", "descending"), ("channel_id", "ascending")])
    return [channel for channel in ranked["channel_id"].to_pylist() if channel is not None]


def _of(timed: pa.Table, channel: str) -> Series:
    return _series(timed.filter(pc.field("channel_id") == channel))


def _series(timed: pa.Table) -> Series:
    daily = (
        timed.group_by("day")
        .aggregate([("posts", "sum"), ("example_post_id", "min")])
        .sort_by("day")
        .to_pylist()
    )
    return Series(
        days={row["day"]: row["posts_sum"] for row in daily},
        examples={row["day"]: row["example_post_id_min"] for row in daily},
    )


def draw(result: pa.Table, options: Options) -> list[Plot]:
    """Posts per day of the whole case, and of the channels with most posts."""
    timed = result.filter(pc.field("day").is_valid())
    if not timed.num_rows:
        return []
    channels = _channels(timed)[: options.pictures]
    return [_plot("Posts per day", _series(timed))] + [
        _plot(f"Posts per day in {channel}", _of(timed, channel)) for channel in channels
    ]


def _plot(title: str, series: Series) -> Plot:
    days = [series.first + dt.timedelta(days=step) for step in range(series.length)]
    data = {
        "at": pa.array(days, pa.date32()).cast(pa.timestamp("us", "UTC")),
        "value": pa.array([series.days.get(day, 0) for day in days], pa.int64()),
    }
    return Plot(
        kind=PlotKind.SERIES,
        title=title,
        caption="Posts per day in UTC. Left out: service messages, and posts whose time is not"
        " known in UTC.",
        data=pa.table(data),
    )


GIVES = ibis.schema(
    {
        "platform": "string",
        "channel_id": "string",  # null: it stands in no channel, or none is recorded
        "day": "date",  # in UTC; null: not known in UTC
        "posts": "int64",
        "example_post_id": "string",  # one of these posts: the one whose id is least
    }
)

VOLUME = Analysis(
    name="volume",
    question="How many posts were there each day, and where?",
    needs={
        "posts": ("post_id", "platform", "kind", "channel_id", "posted_at", "time_quality"),
    },
    gives=GIVES,
    gather=gather,
    find=find,
    draw=draw,
    options=Options,
    method=("Plain counts; no model. A day is from 00:00 to 24:00 UTC (ISO 8601-1:2019).",),
    limits=(
        "A day without posts may be a day that nobody captured.",
        "Deleted posts are missing unless they were captured before.",
        "Service messages are not counted; times without a zone, or set by the author's own"
        " program, belong to no day.",
    ),
)
