"""How often does active_hours see a rhythm where there is none, and miss one that is there?

    python -m bench.rhythms

Invented accounts post in sessions: on some days, once or twice a day, for some hours on end. With
no rhythm a session starts at any hour; with one it starts around an hour of the account's own. The
Rayleigh test is made with three sizes of the sample: posts, active hours, and days, as the analysis
does. A right test calls one in a thousand accounts without a rhythm at p < 0.001.
"""

from __future__ import annotations

import numpy as np

from bench.measuring import print_table
from clew.analyses.active_hours import WEEK_HOURS, Rhythm
from clew.model.chance import rayleigh

_ACCOUNTS = 2000
_SIGNIFICANT = 0.001


def account(
    random: np.random.Generator, days: int, sessions: int, spread_h: float | None
) -> Rhythm:
    """The hours of an invented account; `spread_h` None means no rhythm."""
    posts, weeks = [0] * WEEK_HOURS, [0] * WEEK_HOURS
    dates: set[int] = set()
    habit = random.uniform(0, 24)
    for date in random.choice(days * 2, size=days, replace=False):
        hours = set()
        for _ in range(sessions):
            start = random.uniform(0, 24) if spread_h is None else random.normal(habit, spread_h)
            length = random.geometric(1 / 3)
            hours |= {int(date * 24 + start + step) for step in range(length)}
        dates |= {hour // 24 for hour in hours}
        for hour in hours:
            weeks[hour % WEEK_HOURS] += 1
            posts[hour % WEEK_HOURS] += random.geometric(1 / 3)
    return Rhythm("x:1", posts, weeks, len(dates), {}, 0)


def rates(days: int, sessions: int, spread_h: float | None) -> list[float]:
    """The share of accounts called rhythmic, by posts, by active hours and by days."""
    random = np.random.default_rng(days * 100 + sessions)
    called = np.zeros(3)
    for _ in range(_ACCOUNTS):
        made = account(random, days, sessions, spread_h)
        posts_by_hour = [sum(made.posts[hour::24]) for hour in range(24)]
        chances = [
            rayleigh(posts_by_hour, sum(made.posts)),
            rayleigh(made.by_hour, made.active_hours),
            rayleigh(made.by_hour, made.days),
        ]
        called += [chance < _SIGNIFICANT for chance in chances]
    return list(100 * called / _ACCOUNTS)


def main() -> None:
    rows = [
        [
            days,
            sessions,
            "none" if spread is None else f"± {spread:g} h",
            *rates(days, sessions, spread),
        ]
        for spread in (None, 3.0, 5.0)
        for days in (20, 60, 200)
        for sessions in (1, 2)
    ]
    print_table(
        f"Accounts called rhythmic at p < {_SIGNIFICANT}, % of {_ACCOUNTS:,}",
        ["days", "sessions a day", "rhythm", "by posts", "by active hours", "by days (ours)"],
        rows,
    )


if __name__ == "__main__":
    main()
