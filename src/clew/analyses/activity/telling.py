"""What is said of cadences, schedules and bursts of new accounts."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from typing import Any

import pyarrow as pa

from clew.analyses.activity.cadence import ENOUGH, Sign
from clew.contract import Finding, Plot, PlotKind, Priority
from clew.model.wording import counted, duration, listed, period, short

_SCHEDULE = (Sign.CLOCK, Sign.SECONDS, Sign.SLOTS, Sign.EVEN_GAPS, Sign.STEADY)

_MEANING = {
    Sign.CLOCK: "it keeps to certain minutes of the hour",
    Sign.SECONDS: "it keeps to one second of the minute",
    Sign.SLOTS: "it posts at the same times of day within minutes",
    Sign.EVEN_GAPS: "its gaps are of one length",
    Sign.STEADY: "its gaps vary less than chance would make them",
    Sign.SLEEPLESS: "no six hours of the day are quiet",
}

_OTHERWISE = (
    "A newsroom, a company or a person with a program for posting shows the same.",
    "A habit tied to a timetable (lessons, trains, broadcasts) can look like a schedule.",
)


def findings(result: pa.Table, shown: int) -> list[Finding]:
    """The population, the accounts with most signs, and the bursts."""
    rows = result.to_pylist()
    accounts = [row for row in rows if row["scope"] == "account"]
    judged = [row for row in accounts if (row["events"] or 0) >= ENOUGH]
    signed = sorted(
        (row for row in judged if row["signs"]),
        key=lambda row: (-len(row["signs"]), -row["events"], row["subject_id"]),
    )
    made = sorted(
        (row for row in rows if row["scope"] == "creation"),
        key=lambda row: (row["chance"], row["since"], row["subject_id"]),
    )
    whole = _whole(accounts, judged, len(signed), shown)
    return [whole, *(_burst(row) for row in made), *(_account(row) for row in signed[:shown])]


def _whole(
    accounts: list[dict[str, Any]], judged: list[dict[str, Any]], signed: int, shown: int
) -> Finding:
    posts = sum(row["posts"] for row in accounts)
    left_out = sum(row["left_out"] for row in accounts)
    if not posts:
        summary = (
            f"No post of a known account has an exact UTC time ({left_out:,} without)."
            if left_out
            else "There are no posts."
        )
        return Finding(summary=summary, enough_data=False)
    sentences = [
        f"{counted(posts, 'post')} of {counted(len(accounts), 'account')} with an exact UTC time;"
        f" {left_out:,} left out.",
    ]
    if not judged:
        sentences.append(f"No account has the {ENOUGH} events that signs of a schedule need.")
        return Finding(summary=" ".join(sentences), enough_data=False)
    bursty = sorted(row["burstiness"] for row in judged)
    sentences.append(
        f"Of {counted(len(judged), 'account')} with at least {ENOUGH} events, {signed:,} show signs"
        f" of a schedule or no sleep; the median burstiness is {bursty[len(bursty) // 2]:.2f}"
        " (people are above 0)."
    )
    if signed > shown:
        sentences.append(f"The {shown:,} with most signs are described.")
    return Finding(summary=" ".join(sentences))


def _account(row: dict[str, Any]) -> Finding:
    signs = [Sign(sign) for sign in row["signs"]]
    planned = [sign for sign in signs if sign in _SCHEDULE]
    parts = listed([_MEANING[sign] for sign in signs])
    return Finding(
        summary=f"{short(row['subject_id'])}: {parts}; {counted(row['events'], 'event')} in"
        f" {counted(row['sessions'], 'session')} on {counted(row['days'], 'day')}, median gap"
        f" {duration(row['gap_s'])}, {row['per_day']:.1f} posts a day (percentile"
        f" {row['per_day_percentile']:.0f}), burstiness {row['burstiness']:.2f} (percentile"
        f" {row['burstiness_percentile']:.0f}).",
        subject=row["subject_id"],
        priority=Priority.LOW if planned else Priority.NOTE,
        evidence=tuple(row["example_ids"]),
        counter_evidence=_OTHERWISE if planned else ("Several people may share the account.",),
    )


def _burst(row: dict[str, Any]) -> Finding:
    days = period(row["since"].date(), row["until"].date())
    lasted = duration((row["until"] - row["since"]) / dt.timedelta(seconds=1))
    return Finding(
        summary=f"{counted(row['accounts'], 'account')} of {row['subject_id']} were made within"
        f" {lasted} {days}, where {row['expected']:.1g} would be usual (chance"
        f" {row['chance']:.1g}).",
        priority=Priority.MEDIUM,
        subject=row["subject_id"],
        evidence=tuple(row["example_ids"]),
        counter_evidence=(
            "Many people join a platform on one day for innocent reasons: news, an invitation.",
        ),
    )


# -------------------------------------------------------------------------------------- pictures


def plots(result: pa.Table, pictures: int) -> list[Plot]:
    """Signs and burstiness of the population; where the most planned accounts stand in it."""
    judged = [
        row
        for row in result.to_pylist()
        if row["scope"] == "account" and (row["events"] or 0) >= ENOUGH
    ]
    if not judged:
        return []
    caption = f"Accounts. Left out: those with fewer than {ENOUGH} events of exact UTC time."
    shown = Counter(sign for row in judged for sign in row["signs"])
    made = []
    if shown:
        made.append(_bars("Signs of a schedule", caption, [(str(s), shown[s]) for s in Sign]))
    tenths = Counter(min(9, int((row["burstiness"] + 1) * 5)) for row in judged)
    labels = [(f"{n / 5 - 1:+.1f} to {n / 5 - 0.8:+.1f}", tenths[n]) for n in range(10)]
    made.append(_bars("How bursty the accounts are", f"{caption} −1 is a clock, 0 chance.", labels))
    ranked = sorted(
        (row for row in judged if row["signs"]),
        key=lambda row: (-len(row["signs"]), -row["events"], row["subject_id"]),
    )
    for row in ranked[:pictures]:
        values = [
            (name.replace("_", " "), round(row[f"{name}_percentile"]))
            for name in ("per_day", "burstiness", "even_gaps", "slots", "quiet")
            if row[f"{name}_percentile"] is not None
        ]
        made.append(
            _bars(
                f"{row['subject_id']} among the accounts of the case",
                f"Percentile, {caption[0].lower()}{caption[1:]}",
                values,
            )
        )
    return made


def _bars(title: str, caption: str, bars: list[tuple[str, int]]) -> Plot:
    data = {
        "label": pa.array([label for label, _ in bars], pa.string()),
        "value": pa.array([value for _, value in bars], pa.int64()),
    }
    return Plot(kind=PlotKind.BARS, title=title, caption=caption, data=pa.table(data))
