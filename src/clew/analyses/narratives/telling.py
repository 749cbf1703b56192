"""What is said of the narratives that were found, and how are they pictured?"""

from __future__ import annotations

import statistics
from collections import Counter
from collections.abc import Iterator
from itertools import groupby
from typing import Any

import pyarrow as pa

from clew.analyses.narratives.spreading import FIRST, INFERRED, REPEAT, UNKNOWN
from clew.contract import Finding, Plot, PlotKind, Priority
from clew.model.wording import counted, duration, listed, percent, period, short

_TITLE = 60  # characters of a text that names its narrative
_MOST_PLATFORMS = 4  # that a sentence names
_EVIDENCE = 8

Row = dict[str, Any]


def find(result: pa.Table, options: Any) -> list[Finding]:
    """What there is, and of the narratives of most voices: where from, how spread, how changed."""
    narratives = [*_narratives(result)]
    if not narratives:
        summary = f"No text is said by {counted(options.min_voices, 'voice')}: nothing to follow."
        return [Finding(summary=summary, enough_data=False)]
    most = narratives[0][0]
    some = "at least " if len(narratives) == options.limit else ""
    whole = Finding(
        summary=f"{some.capitalize()}{counted(len(narratives), 'narrative')} said by"
        f" {counted(options.min_voices, 'voice')} or more. Most voices ({most['voices']:,}):"
        f" “{_title(narratives[0])}”.",
        evidence=(most["post_id"],),
    )
    return [whole, *(_of(rows) for rows in narratives[: options.shown])]


def _narratives(result: pa.Table) -> Iterator[list[Row]]:
    """The rows of each narrative in order of time, the narratives by rank."""
    rows = result.to_pylist()
    rows.sort(key=lambda row: (row["rank"], row["place"]))
    for _, group in groupby(rows, key=lambda row: row["rank"]):
        yield [*group]


def _title(rows: list[Row]) -> str:
    texts = (row["text"] for row in rows if row["text"] is not None)
    text = " ".join(next(texts, "").split())
    return text if len(text) <= _TITLE else text[: _TITLE - 1] + "…"


def _of(rows: list[Row]) -> Finding:
    head = rows[0]
    crossings = [*_crossings(rows)]
    first = next((row for row in rows if row["post_id"] == head["origin_post_id"]), None)
    sentences = [
        f"“{_title(rows)}”: {counted(head['voices'], 'voice')},"
        f" {counted(head['posts'], 'post')}{_when(head)}.",
        _origin(head, first),
        _spread(rows),
        _across(crossings),
        _changed(rows),
    ]
    evidence = [head["origin_post_id"], *(row["post_id"] for row in crossings)]
    evidence += [row["post_id"] for row in rows if row["words_added"] or row["words_removed"]]
    evidence += [row["post_id"] for row in rows]
    limits = []
    if head["posts"] > len(rows):
        limits.append(
            f"The tree holds {len(rows):,} of {counted(head['posts'], 'post')}: the earliest."
        )
    if head["untimed"]:
        limits.append(
            f"{counted(head['untimed'], 'post')} without a time in UTC may be earlier than all."
        )
    return Finding(
        summary=" ".join(filter(None, sentences)),
        priority=Priority.LOW,
        subject=(first and first["account_id"]) or head["origin_post_id"],
        evidence=tuple(dict.fromkeys(name for name in evidence if name is not None))[:_EVIDENCE],
        limits=tuple(limits),
    )


def _when(head: Row) -> str:
    if head["first_at"] is None:
        return ""
    return f" {period(head['first_at'].date(), head['last_at'].date())}"


def _origin(head: Row, first: Row | None) -> str:
    if head["origin_post_id"] is None:
        return "No time is known in UTC, so nothing can be said of who was first."
    name = short(head["origin_post_id"])
    if first is None:
        origin = f"All may come from {name}, which others carry on and which is not among the posts"
    elif first["posted_at"] is None:
        origin = f"All may come from {name}: its time is not known, but the earliest repeats it"
    else:
        by = f" by {short(first['account_id'])}" if first["account_id"] else ""
        origin = f"First captured: {name}{by} at {first['posted_at']:%Y-%m-%d %H:%M:%S} UTC"
    if head["rivals"]:
        origin += f"; {counted(head['rivals'], 'other post')} may be as early"
    return origin + "."


def _spread(rows: list[Row]) -> str:
    ways = Counter(row["way"] for row in rows)
    known = [way for way in ways if way not in (FIRST, REPEAT, INFERRED, UNKNOWN)]
    recorded = ", ".join(f"{way} {ways[way]:,}" for way in sorted(known))
    parts = [f"recorded: {recorded}"] if recorded else []
    if shares := [row["parent_share"] for row in rows if row["way"] == INFERRED]:
        parts.append(
            f"inferred: {len(shares):,} (the likeliest parent has"
            f" {percent(statistics.median(shares))} of the likelihood, median)"
        )
    if ways[REPEAT]:
        parts.append(f"said again by the same voice: {ways[REPEAT]:,}")
    return f"Spread {'; '.join(parts)}." if parts else ""


def _crossings(rows: list[Row]) -> Iterator[Row]:
    """The first post on each platform."""
    seen = set()
    for row in rows:
        if row["platform"] not in seen:
            seen.add(row["platform"])
            yield row


def _across(crossings: list[Row]) -> str:
    if len(crossings) < 2:
        return ""
    start = crossings[0]["posted_at"]
    told = []
    for row in crossings[:_MOST_PLATFORMS]:
        after = "at an unknown time"
        if row["posted_at"] is not None:
            after = f"after {duration((row['posted_at'] - start).total_seconds())}"
        told.append(f"{row['platform']} {after} ({row['platform_posts']:,})")
    told[0] = f"{crossings[0]['platform']} ({crossings[0]['platform_posts']:,})"
    return f"Platforms: {listed(told)}."


def _changed(rows: list[Row]) -> str:
    head = rows[0]
    languages = sorted({row["language"] for row in rows if row["language"] is not None})
    changed = sum(bool(row["words_added"] or row["words_removed"]) for row in rows)
    linked = sum(bool(row["links_added"]) for row in rows)
    text = f"{counted(head['texts'], 'different text')}"
    if changed:
        text += f"; words were changed {counted(changed, 'time')} on the way"
    if linked:
        text += f", links added {counted(linked, 'time')}"
    if len(languages) > 1:
        text += f"; languages: {listed(languages[:_MOST_PLATFORMS])}"
    return f"{text}."


def draw(result: pa.Table, options: Any) -> list[Plot]:
    """Voices of each narrative, and on which platforms each stands."""
    narratives = [*_narratives(result)][: 2 * options.shown]
    if not narratives:
        return []
    names = [f"{rows[0]['rank']}. {_title(rows)}" for rows in narratives]
    bars = {"label": names, "value": [rows[0]["voices"] for rows in narratives]}
    cells = [
        {"row": name, "column": row["platform"], "value": row["platform_posts"]}
        for name, rows in zip(names, narratives, strict=True)
        for row in _crossings(rows)
    ]
    types = {"row": pa.string(), "column": pa.string(), "value": pa.int64()}
    return [
        Plot(
            kind=PlotKind.BARS,
            title="Narratives by voices",
            caption="Accounts that say it; where no account is recorded, channels. Each once.",
            data=pa.table(bars, schema=pa.schema({"label": pa.string(), "value": pa.int64()})),
        ),
        Plot(
            kind=PlotKind.MATRIX,
            title="Narratives and platforms",
            caption="Posts of each narrative on each platform, all of them counted.",
            data=pa.Table.from_pylist(cells, schema=pa.schema(types)),
        ),
    ]
