"""What is said of pairs that talk, and the pictures of them."""

from __future__ import annotations

from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from clew.analyses.communication.gathering import (
    BEYOND,
    FEW,
    KINDS,
    NOBODY_KNOWN,
    ONESELF,
    SENDER_UNKNOWN,
)
from clew.analyses.communication.options import Options
from clew.contract import Finding, Plot, PlotKind, Priority
from clew.model.chance import posterior_bound
from clew.model.rates import poisson_interval
from clew.model.wording import counted, duration, listed, percent, period

_TIE = [("account_id", "ascending"), ("other_id", "ascending")]

_OTHERWISE = (
    "A subject, language or task that both share brings two accounts together without more.",
)


def find(result: pa.Table, options: Options) -> list[Finding]:
    """The whole, the pairs that talk more than chance, and those that answer faster."""
    pairs = result.filter(result["left_out"].is_null())
    more = _ranked(pairs.filter(pairs["talks_more"]), "conversations_surprise", options.shown)
    fast = [
        row
        for way in ("", "_back")
        for row in _told(
            _ranked(
                pairs.filter(pairs[f"answers_fast{way}"]), f"answers_surprise{way}", options.shown
            ),
            way,
        )
    ]
    fast.sort(key=lambda row: (-row["answers_surprise"], row["account_id"], row["other_id"]))
    return [
        _whole(result, pairs, options),
        *(_talk(row) for row in more.to_pylist()),
        *(_speed(row) for row in fast[: options.shown]),
    ]


def _ranked(rows: pa.Table, by: str, number: int) -> pa.Table:
    """The rows with most of it; of equals those whose ids are least."""
    order = [(by, "descending"), *_TIE]
    return rows.take(pc.select_k_unstable(rows, min(number, rows.num_rows), order))


def _told(rows: pa.Table, way: str) -> list[dict[str, Any]]:
    """The rows from the side of who answers: `account_id` is that one, whatever the way."""
    if not way:
        return list(rows.to_pylist())
    told = []
    for row in rows.to_pylist():
        turned = {name.removesuffix(way): row[name] for name in row if name.endswith(way)}
        turned |= {"account_id": row["other_id"], "other_id": row["account_id"]}
        turned |= {
            "example_post_id": row["example_back_post_id"],
            "example_back_post_id": row["example_post_id"],
        }
        told.append(row | turned)
    return told


def _whole(result: pa.Table, pairs: pa.Table, options: Options) -> Finding:
    linked, mutual = _sum(result["pairs"]), _sum(result["mutual"])
    between = _messages(result.filter(result["pairs"].is_valid()))
    sentences = []
    if linked:
        sentences.append(
            f"{counted(between, 'message')} between {counted(linked, 'pair')} of accounts, of which"
            f" {mutual:,} both ways ({percent(mutual / linked)})."
        )
    else:
        sentences.append("No message from one known account to another.")
    if pairs.num_rows:
        tested = pc.max(pairs["tested"]).as_py()
        against = f"; {tested:,} could have met" if tested else ""
        fast = _sum(pc.or_(pairs["answers_fast"], pairs["answers_fast_back"]))
        sentences += [
            f"{counted(pairs.num_rows, 'pair')} with at least"
            f" {counted(options.min_messages, 'message')} looked at{against}.",
            f"More than chance: {_sum(pairs['talks_more']):,} talk, {fast:,} answer faster,"
            f" {_sum(pairs['takes_turns']):,} take turns.",
        ]
    sentences += _left_out(result)
    if pairs.num_rows:
        untimed = _messages(pairs) - _sum(pairs["timed"])
        if untimed:
            sentences.append(f"{untimed:,} of their messages have no time in UTC.")
    posts = pc.unique(_ranked(pairs, "messages", 4)["example_post_id"]).drop_null()
    return Finding(
        summary=" ".join(sentences),
        evidence=tuple(sorted(posts.to_pylist())),
        enough_data=pairs.num_rows > 0,
    )


def _left_out(result: pa.Table) -> list[str]:
    """What is in no pair that is looked at, and why."""
    said = {
        FEW: "in pairs with fewer",
        BEYOND: "in pairs beyond the cap",
        ONESELF: "to oneself",
        NOBODY_KNOWN: "to no known account",
        SENDER_UNKNOWN: "of no recorded sender",
    }
    messages = {}
    for reason in said:
        rows = result.filter(pc.equal(result["left_out"], reason))
        if rows.num_rows:
            messages[reason] = _messages(rows)
    if not messages:
        return []
    return ["Left out: " + listed(f"{messages[why]:,} {said[why]}" for why in messages) + "."]


def _talk(row: dict[str, Any]) -> Finding:
    """One pair that talks more than its activity explains."""
    low, high = (
        bound / row["conversations_expected"] for bound in poisson_interval(row["conversations"])
    )
    sentences = [
        f"{row['account_id']} and {row['other_id']} talk more than their activity explains:"
        f" {counted(row['conversations'], 'conversation')}, {row['conversations_expected']:,.2g}"
        f" expected ({low:,.2g} to {high:,.2g} times as many), false share"
        f" {_share(row['conversations_false_share'])}; {row['messages']:,} and"
        f" {counted(row['messages_back'], 'message')} ({_kinds(row)})"
        + (f" {period(row['first_at'], row['last_at'])}" if row["first_at"] else "")
        + "."
    ]
    if row["threads"]:
        sentences.append(
            f"They meet in {counted(row['threads'], 'thread')}, most in {row['thread_id']}"
            f" ({row['thread_messages']:,})."
        )
    if row["takes_turns"]:
        sentences.append(
            f"The speaker changes {counted(row['turns'], 'time')}, {row['turns_expected']:,.1f}"
            " with the same messages in any order."
        )
    return Finding(
        summary=" ".join(sentences),
        priority=Priority.MEDIUM,
        subject=row["account_id"],
        evidence=_evidence(row),
        confidence=posterior_bound(row["conversations_false_share"]),
        counter_evidence=_OTHERWISE,
    )


def _speed(row: dict[str, Any]) -> Finding:
    """One account that answers another faster than it answers all."""
    median = "not half are answered in time"
    if row["answer_s"] is not None:
        low, high = (
            duration(bound) if bound is not None else None
            for bound in (row["answer_low_s"], row["answer_high_s"])
        )
        interval = f"{low or 'no lower'} to {high}" if high else f"{low or 'no'} or more"
        median = f"half within {duration(row['answer_s'])} (95 %: {interval})"
    return Finding(
        summary=f"{row['account_id']} answers {row['other_id']} faster than others at that time of"
        f" day: {row['soon']:,} of {counted(row['awaited'], 'turn')} within its usual"
        f" {duration(row['usual_s'])}, {row['soon_expected']:,.1f} expected; {row['answers']:,}"
        f" answered at all, {median}; false share {_share(row['answers_false_share'])}.",
        priority=Priority.LOW,
        subject=row["account_id"],
        evidence=_evidence(row),
        confidence=posterior_bound(row["answers_false_share"]),
        counter_evidence=_OTHERWISE,
    )


def _share(share: float) -> str:
    return "under 0.0001" if share < 1e-4 else f"{share:.2g}"


def _kinds(row: dict[str, Any]) -> str:
    """The ways, those of most messages first: "replies 300, mentions 12"."""
    ways = sorted((-(row[name] + row[f"{name}_back"]), name) for name in KINDS)
    return ", ".join(f"{name} {-number:,}" for number, name in ways if number)


def _evidence(row: dict[str, Any]) -> tuple[str, ...]:
    names = ("example_post_id", "example_back_post_id", "thread_id", "account_id", "other_id")
    return tuple(dict.fromkeys(row[name] for name in names if row[name] is not None))


def _messages(rows: pa.Table) -> int:
    return _sum(rows["messages"]) + _sum(rows["messages_back"])


def _sum(column: Any) -> int:
    return pc.sum(column).as_py() or 0


# --------------------------------------------------------------------------------------- pictures


def draw(result: pa.Table, options: Options) -> list[Plot]:
    """Who talks with whom among those who talk most, and which pairs more than chance."""
    pairs = result.filter(result["left_out"].is_null())
    if not pairs.num_rows:
        return []
    more = _ranked(pairs.filter(pairs["talks_more"]), "conversations_surprise", options.pictured)
    plots = _matrix(pairs, options)
    if more.num_rows:
        found = _sum(pairs["talks_more"])
        labels = [
            f"{row['account_id']} – {row['other_id']}"
            for row in more.select(["account_id", "other_id"]).to_pylist()
        ]
        plots.append(
            Plot(
                kind=PlotKind.BARS,
                title="Pairs that talk more than their activity explains",
                caption=f"Conversations (messages with no pause over {options.pause_h} h), the most"
                f" surprising pairs first. Shown: {more.num_rows:,} of {counted(found, 'pair')}.",
                data=pa.table({"label": pa.array(labels), "value": more["conversations"]}),
            )
        )
    return plots


def _matrix(pairs: pa.Table, options: Options) -> list[Plot]:
    there = pairs.select(["account_id", "other_id", "messages"])
    back = pairs.select(["other_id", "account_id", "messages_back"])
    names = ["row", "column", "value"]
    both = pa.concat_tables([there.rename_columns(names), back.rename_columns(names)])
    both = both.filter(pc.field("value") > 0)
    ends = [
        both.select([end, "value"]).rename_columns(["account_id", "value"])
        for end in ("row", "column")
    ]
    sums = pa.concat_tables(ends).group_by("account_id").aggregate([("value", "sum")])
    order = [("value_sum", "descending"), ("account_id", "ascending")]
    number = min(options.pictured, sums.num_rows)
    busiest = sums.take(pc.select_k_unstable(sums, number, order))["account_id"].combine_chunks()
    shown = both.filter(pc.and_(pc.is_in(both["row"], busiest), pc.is_in(both["column"], busiest)))
    if not shown.num_rows:
        return []
    plot = Plot(
        kind=PlotKind.MATRIX,
        title="Who talks with whom",
        caption=f"Messages ({listed(options.kinds)}) from the account of the row to that of the"
        f" column, in pairs with at least {counted(options.min_messages, 'message')}. Shown:"
        f" {number:,} of {counted(sums.num_rows, 'account')} with most of them.",
        data=shown,
    )
    return [plot]
