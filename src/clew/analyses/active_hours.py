"""At which hours of the week does each account post?

The unit is the *active hour*: one hour of one date in which the account posted at least once. A
thread of forty posts written in one evening is one evening, not forty proofs of a habit.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import ibis
import pyarrow as pa
import pyarrow.compute as pc
from ibis import _

from clew.contract import Analysis, Count, Finding, Plot, PlotKind, Priority, Tables
from clew.model.chance import posterior_bound, rayleigh, wilson
from clew.model.tables import PostKind
from clew.model.times import EXACT
from clew.model.wording import counted, percent

WEEK_HOURS = 168
_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")

_BUSY_HOURS = 8
_QUIET_HOURS = 6
_ENOUGH_DAYS = 20
_SIGNIFICANT = 0.001
_NEVER_QUIET = 0.10  # of the active hours fall at least in the quietest quarter of the day


@dataclass(frozen=True)
class Options:
    """What is counted, and which accounts are shown by themselves."""

    min_posts: Count = 20  # of known UTC time; accounts with fewer are counted together
    reposts: bool = True  # count posts that only show another's post again
    shown: Count = 20  # accounts that get a finding of their own
    pictures: Count = 6  # accounts that get a picture of their own


def gather(tables: Tables, options: Options) -> ibis.Table:
    """Posts per account and hour of the week."""
    left_out = [PostKind.SERVICE] if options.reposts else [PostKind.SERVICE, PostKind.REPOST]
    posts = tables.posts.filter(~_.kind.isin(left_out))
    at = ibis.ifelse(posts.time_quality.isin(EXACT), posts.posted_at, None)
    hours = posts.group_by("account_id", hour=at.truncate("h")).agg(
        posts=_.count(), example_post_id=_.post_id.min()
    )
    weekly = hours.group_by(
        "account_id",
        hour_of_week=_.hour.day_of_week.index() * 24 + _.hour.hour(),
    ).agg(
        posts=_.posts.sum(),
        weeks=_.hour.count(),
        example_post_id=_.example_post_id.min(),
    )
    accounts = hours.group_by("account_id").agg(
        days=_.hour.date().nunique(), known=_.posts.sum(where=_.hour.notnull())
    )
    cells = weekly.left_join(accounts, "account_id")
    enough = cells.known >= options.min_posts
    return (
        cells.mutate(account_id=ibis.ifelse(enough, cells.account_id, None))
        .group_by("account_id", "hour_of_week")
        .agg(
            posts=_.posts.sum(),
            weeks=_.weeks.sum(),
            days=_.days.max(),
            example_post_id=_.example_post_id.min(),
        )
        .mutate(
            weeks=ibis.ifelse(_.account_id.isnull() | _.hour_of_week.isnull(), None, _.weeks),
            days=ibis.ifelse(_.account_id.isnull(), None, _.days),
        )
        .cast(GIVES)
    )


# -------------------------------------------------------------------------------------- findings


@dataclass(frozen=True)
class Rhythm:
    """The hours of one account."""

    account_id: str
    posts: list[int]  # by hour of the week
    weeks: list[int]  # by hour of the week: weeks with a post in it
    days: int  # with a post: what was written on one day hangs together, so this is the sample
    examples: dict[int, str]  # hour of the week → a post
    without_hour: int  # posts whose hour in UTC is not known

    @property
    def active_hours(self) -> int:
        """Hours of a date in which it posted."""
        return sum(self.weeks)

    @property
    def by_hour(self) -> list[int]:
        """Active hours by hour of the day."""
        return [sum(self.weeks[hour::24]) for hour in range(24)]

    def span(self, length: int, choose: Any) -> tuple[int, float]:
        """Where the busiest (`max`) or quietest (`min`) hours in a row start, and their share."""
        day = self.by_hour
        sums = [sum(day[(start + step) % 24] for step in range(length)) for start in range(24)]
        chosen = choose(sums)
        return sums.index(chosen), chosen / self.active_hours

    @property
    def weekend(self) -> float:
        """The share of its active hours that lies on Saturdays and Sundays."""
        return sum(self.weeks[5 * 24 :]) / self.active_hours


def find(result: pa.Table, options: Options) -> list[Finding]:
    """What the case as a whole does, and the accounts that post most."""
    return [_whole(result, options)] + [
        _of_account(rhythm) for rhythm in _rhythms(result, options.shown)
    ]


def _whole(result: pa.Table, options: Options) -> Finding:
    timed = result.filter(pc.field("hour_of_week").is_valid())
    posts, without = _total(timed), _total(result) - _total(timed)
    if not posts:
        return Finding(
            summary=f"No post has a time that is known in UTC ({counted(without, 'post')} without)."
            if without
            else "There are no posts.",
            enough_data=False,
        )
    named = timed.filter(pc.field("account_id").is_valid())
    accounts = pc.count_distinct(named["account_id"]).as_py()
    week = _week(timed)
    busiest = week.index(max(week))
    threshold = counted(options.min_posts, "post")
    sentences = [
        f"{counted(posts, 'post')} {_has(posts)} a time that is known in UTC; most fall on"
        f" {_hour_name(busiest)} ({counted(week[busiest], 'post')}).",
        f"{counted(accounts, 'account')} {_has(accounts)} at least {threshold} of them and wrote"
        f" {percent(_total(named) / posts)} of them.",
    ]
    if accounts > options.shown:
        sentences.append(f"The {options.shown:,} of them that post most are described.")
    if without:
        sentences.append(f"{counted(without, 'post')} left out: the time is not known in UTC.")
    return Finding(
        summary=" ".join(sentences),
        evidence=tuple(_examples(timed, [busiest])),
        enough_data=accounts > 0,
    )


def _of_account(rhythm: Rhythm) -> Finding:
    days = rhythm.days
    basis = (
        f"{counted(sum(rhythm.posts), 'post')} in {counted(rhythm.active_hours, 'active hour')} on"
        f" {counted(days, 'day')}"
    )
    if rhythm.without_hour:
        basis += f"; {rhythm.without_hour:,} more without a UTC time are left out"
    chance = rayleigh(rhythm.by_hour, days)
    quiet, quiet_share = rhythm.span(_QUIET_HOURS, min)
    never_quiet = wilson(quiet_share, days)[0] > _NEVER_QUIET
    confidence = None
    priority = Priority.NOTE
    if days < _ENOUGH_DAYS:
        summary = f"too few days to tell its hours ({_ENOUGH_DAYS} are needed)"
    elif chance < _SIGNIFICANT:
        confidence = posterior_bound(chance)
        busy, busy_share = rhythm.span(_BUSY_HOURS, max)
        summary = (
            f"{_interval(busy_share, days)} of its active hours lie in"
            f" {_hours(busy, _BUSY_HOURS)}, {_interval(quiet_share, days)} in"
            f" {_hours(quiet, _QUIET_HOURS)}; {_interval(rhythm.weekend, days)} on Saturday or"
            f" Sunday (posting round the clock would look like this with p {_p(chance)})"
        )
    elif never_quiet:
        priority = Priority.LOW
        summary = (
            f"posts round the clock: even its quietest {_QUIET_HOURS} hours,"
            f" {_hours(quiet, _QUIET_HOURS)}, hold {_interval(quiet_share, days)} of its active"
            " hours, as with automation or several operators"
        )
    else:
        summary = f"no hours of the day stand out (p {_p(chance)})"
    return Finding(
        summary=f"{rhythm.account_id}: {summary}; {basis}.",
        priority=priority,
        subject=rhythm.account_id,
        evidence=tuple(rhythm.examples[hour] for hour in _busiest(rhythm.posts)),
        confidence=confidence,
        enough_data=days >= _ENOUGH_DAYS,
    )


def _rhythms(result: pa.Table, most: int) -> list[Rhythm]:
    """The accounts with most posts of known hour, and their hours."""
    named = result.filter(pc.field("account_id").is_valid())
    sums = (
        named.filter(pc.field("hour_of_week").is_valid())
        .group_by("account_id")
        .aggregate([("posts", "sum")])
        .sort_by([("posts_sum", "descending"), ("account_id", "ascending")])
    )
    first = sums["account_id"][:most]
    rows: dict[str, list[dict[str, Any]]] = {account: [] for account in first.to_pylist()}
    for row in named.filter(pc.is_in(named["account_id"], first)).to_pylist():
        rows[row["account_id"]].append(row)
    return [_rhythm(account, cells) for account, cells in rows.items()]


def _rhythm(account_id: str, cells: list[dict[str, Any]]) -> Rhythm:
    posts, weeks = [0] * WEEK_HOURS, [0] * WEEK_HOURS
    examples = {}
    days = without_hour = 0
    for cell in cells:
        days, hour = cell["days"], cell["hour_of_week"]
        if hour is None:
            without_hour = cell["posts"]
            continue
        posts[hour], weeks[hour] = cell["posts"], cell["weeks"]
        examples[hour] = cell["example_post_id"]
    return Rhythm(account_id, posts, weeks, days, examples, without_hour)


def _busiest(week: list[int]) -> list[int]:
    """Up to three hours of the week with most posts."""
    ranked = sorted((-count, hour) for hour, count in enumerate(week) if count)
    return [hour for _count, hour in ranked[:3]]


def _week(cells: pa.Table) -> list[int]:
    """Posts by hour of the week."""
    week = [0] * WEEK_HOURS
    for row in cells.group_by("hour_of_week").aggregate([("posts", "sum")]).to_pylist():
        week[row["hour_of_week"]] = row["posts_sum"]
    return week


def _examples(cells: pa.Table, hours: list[int]) -> list[str]:
    chosen = cells.filter(pc.is_in(cells["hour_of_week"], pa.array(hours, pa.int32())))
    return sorted(chosen["example_post_id"].to_pylist())[:3]


def _total(cells: pa.Table) -> int:
    return pc.sum(cells["posts"]).as_py() or 0


def _has(number: int) -> str:
    return "has" if number == 1 else "have"


def _hour_name(hour_of_week: int) -> str:
    day, hour = divmod(hour_of_week, 24)
    return f"{_DAYS[day]} {_hours(hour, 1)}"


def _hours(start: int, length: int) -> str:
    return f"{start:02}-{(start + length) % 24:02} UTC"


def _interval(share: float, size: int) -> str:
    low, high = wilson(share, size)
    return f"{percent(share)} ({math.floor(low * 100)}-{math.ceil(high * 100)} %)"


def _p(chance: float) -> str:
    return "< 0.000001" if chance < 1e-6 else f"= {chance:.2g}"


# -------------------------------------------------------------------------------------- pictures


def draw(result: pa.Table, options: Options) -> list[Plot]:
    """The week of the whole case, and of the accounts that post most."""
    timed = result.filter(pc.field("hour_of_week").is_valid())
    if not timed.num_rows:
        return []
    caption = "Posts by hour of the week in UTC. Left out: posts whose time is not known in UTC."
    return [_plot("When the case posts", caption, _week(timed))] + [
        _plot(f"When {rhythm.account_id} posts", caption, rhythm.posts)
        for rhythm in _rhythms(result, options.pictures)
    ]


def _plot(title: str, caption: str, week: list[int]) -> Plot:
    data = {
        "hour_of_week": pa.array(range(WEEK_HOURS), pa.int32()),
        "value": pa.array(week, pa.int64()),
    }
    return Plot(kind=PlotKind.HEATMAP_WEEK, title=title, caption=caption, data=pa.table(data))


GIVES = ibis.schema(
    {
        "account_id": "string",  # null: the others together (few posts, or author not recorded)
        "hour_of_week": "int32",  # 0 = Monday 00-01 UTC; null: the hour in UTC is not known
        "posts": "int64",
        "weeks": "int64",  # weeks with a post in this hour; null with either null above
        "days": "int64",  # days with a post of the account, whatever the hour; null: the others
        "example_post_id": "string",  # one of these posts: the one whose id is least
    }
)

ACTIVE_HOURS = Analysis(
    name="active_hours",
    question="At which hours of the week (UTC) does each account post?",
    needs={"posts": ("post_id", "account_id", "kind", "posted_at", "time_quality")},
    gives=GIVES,
    gather=gather,
    find=find,
    draw=draw,
    options=Options,
    method=(
        "Rayleigh test of uniformity: Mardia & Jupp, Directional Statistics (2000),"
        " doi:10.1002/9780470316979",
        "Interval of a share: Wilson (1927), doi:10.1080/01621459.1927.10502953",
        "From p-value to probability: Sellke, Bayarri & Berger (2001),"
        " doi:10.1198/000313001300339950",
    ),
    limits=(
        "Hours of posting are not a place: people work at night, travel, schedule posts and share"
        " accounts.",
        "Service messages (joined, pinned, renamed) are not posts. Times that the author's own"
        " program set, and local times without a zone, are left out.",
        "The busiest and quietest hours are chosen by looking, so their shares are somewhat"
        " exaggerated; the intervals do not allow for that.",
        "The capture may hold only a part of what an account posted, and that part may have hours"
        " of its own.",
    ),
)
