"""What is said of a posterior, with the other readings of the same hours."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pyarrow as pa

from clew.analyses.time_zone.scoring import Outcome, Scope
from clew.analyses.time_zone.zones import class_of, zone_classes
from clew.contract import Finding, Plot, PlotKind, Priority
from clew.model.wording import counted, listed, percent, short

_CROWDS = (Scope.MEMBERS, Scope.EVERYBODY)
_NAMES = 3
_RIVAL_SHOWN = 0.02

_NO_ANSWER = {
    Outcome.SCHEDULED: "no answer: most posts fall on :00 or :30, as scheduled ones do",
    Outcome.ROUND_THE_CLOCK: (
        "no answer: there are no hours of sleep, as with a program or several people"
    ),
    Outcome.MOVED: (
        "no single answer: the earlier half fits another zone than the later, as after a move, a"
        " change of shift, or with another person"
    ),
    Outcome.UNDECIDED: "no answer: the hours fit too many zones",
}


def findings(result: pa.Table, shown: int, prior: str, zones: Sequence[str]) -> list[Finding]:
    """The case, its crowds, and the accounts that post most."""
    rows = result.to_pylist()
    alone = [row for row in rows if row["scope"] not in _CROWDS]
    judged = sorted(
        (row for row in alone if row["outcome"] != Outcome.FEW),
        key=lambda row: (-row["active"], row["scope"], row["subject_id"] or ""),
    )
    crowds = sorted(
        (row for row in rows if row["scope"] in _CROWDS),
        key=lambda row: (row["scope"], -row["members"], row["subject_id"] or ""),
    )
    expected = f"the analyst's prior ({len(zones)} zones)" if zones else f"the {prior} prior"
    return [
        _whole(alone, judged, shown, expected),
        *(_of_crowd(row) for row in crowds),
        *(_of_subject(row) for row in judged[:shown]),
    ]


def _whole(
    alone: list[dict[str, Any]], judged: list[dict[str, Any]], shown: int, expected: str
) -> Finding:
    if not alone:
        return Finding(summary="There are no posts.", enough_data=False)
    posts, left_out, declared = (
        sum(row[name] for row in alone) for name in ("posts", "left_out", "declared")
    )
    sentences = [f"{counted(posts, 'post')} with an exact UTC time; {left_out:,} left out."]
    if not judged:
        sentences.append("No account has enough of them for an answer.")
        return Finding(summary=" ".join(sentences), enough_data=False)
    numbers = [(kind, sum(row["outcome"] == kind for row in judged)) for kind in Outcome]
    parts = [f"{number:,} {kind}" for kind, number in numbers if number]
    sentences.append(
        f"{counted(len(judged), 'account')} looked at with {expected}: {listed(parts)}."
    )
    if len(judged) > shown:
        sentences.append(f"The {shown:,} most active are described.")
    if declared:
        sentences.append(
            f"{counted(declared, 'post')} came with an offset of their own, a separate witness that"
            " is not used here."
        )
    return Finding(summary=" ".join(sentences))


def _of_crowd(row: dict[str, Any]) -> Finding:
    who = "all accounts" if row["scope"] == Scope.EVERYBODY else f"members of {row['subject_id']}"
    ranked = sorted(
        zip(
            row["offsets_min"], row["shares"], row["shares_low"], row["shares_high"], strict=True
        ),
        key=lambda each: (-each[1], each[0]),
    )  # fmt: skip
    parts = [
        f"{offset_name(offset)} {percent(share)} ({round(low * 100)}-{round(high * 100)} %)"
        for offset, share, low, high in ranked[:5]
    ]
    return Finding(
        summary=f"{short(who)} as a crowd ({counted(row['members'], 'account')}): {listed(parts)}.",
        subject=row["subject_id"],
        limits=("Offsets next to each other are hard to tell apart: read the sum of neighbours.",),
    )


def _of_subject(row: dict[str, Any]) -> Finding:
    name = row["subject_id"] or "posts without account or channel"
    if row["scope"] == Scope.UNSIGNED:
        name = f"unsigned posts of {name}"
    basis = (
        f"{counted(row['posts'], 'post')} in {counted(row['active'], 'active half hour')} on"
        f" {counted(row['days'], 'day')}"
    )
    if row["left_out"]:
        basis += f", {row['left_out']:,} left out"
    outcome = Outcome(row["outcome"])
    best = (
        f"{offset_name(row['offset_min'])} ± 1 h with probability {row['probability']:.2f}, such"
        f" as {_zones(row)}; 90 % set {_set(row['set_min'])}"
    )
    if outcome is Outcome.ANSWERED:
        summary = best
    elif outcome is Outcome.UNDECIDED:
        summary = f"{_NO_ANSWER[outcome]} (90 % set {_set(row['set_min'])})"
    else:
        summary = f"{_NO_ANSWER[outcome]}; taken alone the hours would say {best}"
    return Finding(
        summary=f"{short(name)}: {summary}; {basis}.",
        subject=row["subject_id"],
        priority=Priority.LOW if outcome is Outcome.MOVED else Priority.NOTE,
        evidence=tuple(row["example_post_ids"] or ()),
        confidence=row["probability"] if outcome is Outcome.ANSWERED else None,
        counter_evidence=_rivals(row),
        enough_data=outcome is Outcome.ANSWERED,
    )


def _rivals(row: dict[str, Any]) -> tuple[str, ...]:
    """Who else would post at these hours?"""
    opposite = (row["offset_min"] + 720 + 720) % 1440 - 720
    readings = [
        f"Somebody who works by night and sleeps by day would fit {offset_name(opposite)}.",
    ]
    if row["rival_probability"] >= _RIVAL_SHOWN:
        readings.insert(
            0,
            f"{offset_name(row['rival_offset_min'])} ± 1 h fits with probability"
            f" {row['rival_probability']:.2f}, by the same templates.",
        )
    return tuple(readings)


def _zones(row: dict[str, Any]) -> str:
    names = zone_classes()[class_of()[row["zone"]]].names
    more = len(names) - _NAMES
    return listed([*names[:_NAMES], *([f"{more} more"] if more > 0 else [])])


def _set(minutes: list[int]) -> str:
    """Offsets in a row as stretches: "UTC+1 to UTC+3 and UTC+8"."""
    stretches: list[list[int]] = []
    for offset in minutes:
        if stretches and offset - stretches[-1][-1] <= 60:
            stretches[-1].append(offset)
        else:
            stretches.append([offset])
    parts = [
        offset_name(found[0])
        if len(found) == 1
        else f"{offset_name(found[0])} to {offset_name(found[-1])}"
        for found in stretches
    ]
    if len(parts) > 4:
        parts = [*parts[:3], f"{len(parts) - 3} more stretches"]
    return listed(parts)


def offset_name(minutes: int) -> str:
    """An offset as people write it: "UTC+5:30"."""
    hours, rest = divmod(abs(minutes), 60)
    sign = "-" if minutes < 0 else "+"
    return "UTC" if not minutes else f"UTC{sign}{hours}" + (f":{rest:02}" if rest else "")


# -------------------------------------------------------------------------------------- pictures


def plots(result: pa.Table, pictures: int) -> list[Plot]:
    """The crowd's mixture, and of the most active accounts the posterior and the hours."""
    rows = result.to_pylist()
    made = [
        _bars(
            "Zones of all accounts as a crowd",
            "Share of accounts, in percent, by offset from UTC. Left out: shares under half a"
            " percent, accounts with fewer than three active half hours.",
            row,
        )
        for row in rows
        if row["scope"] == Scope.EVERYBODY
    ]
    judged = sorted(
        (r for r in rows if r["scope"] not in _CROWDS and r["outcome"] != Outcome.FEW),
        key=lambda row: (-row["active"], row["scope"], row["subject_id"] or ""),
    )
    for row in judged[:pictures]:
        name = row["subject_id"] or "posts without account"
        made += [
            _bars(
                f"Zones that fit {name}",
                "Probability, in percent, by offset from UTC. Left out: what rounds to nothing.",
                row,
            ),
            _hours(f"Hours of {name}", row),
        ]
    return [plot for plot in made if plot.data.num_rows]


def _bars(title: str, caption: str, row: dict[str, Any]) -> Plot:
    shares = [
        (offset_name(offset), round(share * 100))
        for offset, share in zip(row["offsets_min"], row["shares"], strict=True)
        if round(share * 100)
    ]
    data = {
        "label": pa.array([label for label, _ in shares], pa.string()),
        "value": pa.array([value for _, value in shares], pa.int64()),
    }
    return Plot(kind=PlotKind.BARS, title=title, caption=caption, data=pa.table(data))


def _hours(title: str, row: dict[str, Any]) -> Plot:
    """The hours by the clock of the answer, so that sleep can be seen."""
    shift = round(row["offset_min"] / 60)
    values = [row["by_hour"][(hour - shift) % 24] for hour in range(24)]
    data = {
        "label": pa.array([f"{hour:02}-{(hour + 1) % 24:02}" for hour in range(24)], pa.string()),
        "value": pa.array(values, pa.int64()),
    }
    caption = (
        f"Active half hours by hour of the day at {offset_name(shift * 60)}. Left out: posts"
        " without an exact UTC time."
    )
    return Plot(kind=PlotKind.BARS, title=title, caption=caption, data=pa.table(data))
