"""Pairs of accounts in sentences, and in a picture."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from clew.contract import Finding, Likelihood, Plot, PlotKind, Priority
from clew.model.wording import counted, listed, short

_WORDS = {
    "handle": "the handle",
    "stem": "the handle without digits and dots",
    "name": "the name",
    "description": "the words in the profile",
    "picture": "the picture",
    "link": "the link in the profile",
    "named": "both name",
    "hours": "the hours of the day",
    "same platform": "both are on one platform",
    "may be copied": "all of that can be copied at once",
}
_SIGNS = 4  # in a sentence


def find(result: pa.Table, options: Any) -> list[Finding]:
    """How many pairs there are, and the surest ones."""
    pairs = _ranked(result)
    whole = result.filter(pc.is_null(result["account_id"])).to_pylist()
    if not whole:
        return [Finding(summary="There are no accounts.", enough_data=False)]
    outcomes = Counter(pair["outcome"] for pair in pairs)
    sentences = [
        f"{counted(whole[0]['accounts'], 'account')}:"
        f" {counted(outcomes['linked'], 'pair')} linked, {outcomes['possible']:,} possible,"
        f" {outcomes['insufficient']:,} that share something and no more."
    ]
    left = dict(zip(whole[0]["left_kinds"], whole[0]["left_values"], strict=True))
    if left:
        told = listed(f"{number:,} ({kind})" for kind, number in sorted(left.items()))
        sentences.append(
            f"Not compared, because more than {options.most_holders} accounts share them:"
            f" {told} values."
        )
    told_pairs = [pair for pair in pairs if pair["outcome"] != "insufficient"][: options.shown]
    if len(told_pairs) < outcomes["linked"] + outcomes["possible"]:
        several = outcomes["linked"] + outcomes["possible"]
        sentences.append(f"{len(told_pairs):,} of {several:,} pairs are described.")
    first = Finding(summary=" ".join(sentences), enough_data=bool(pairs))
    return [first, *(_pair(pair) for pair in told_pairs)]


def _ranked(result: pa.Table) -> list[dict[str, Any]]:
    pairs: list[dict[str, Any]] = result.filter(pc.is_valid(result["account_id"])).to_pylist()
    return sorted(
        pairs, key=lambda pair: (-pair["bits"], pair["account_id"], pair["other_account_id"])
    )


def _pair(pair: dict[str, Any]) -> Finding:
    signs = list(zip(pair["signs"], pair["values"], pair["weights"], strict=True))
    reasons = [_told(*sign) for sign in signs[:_SIGNS]]
    against = tuple(_told(*sign) for sign in signs if sign[2] < 0)
    word = Likelihood.of(pair["probability"])
    return Finding(
        summary=f"{pair['account_id']} and {pair['other_account_id']}: {word} one person's;"
        f" {'; '.join(reasons)}.",
        priority=Priority.MEDIUM if pair["outcome"] == "linked" else Priority.LOW,
        subject=pair["account_id"],
        evidence=(pair["account_id"], pair["other_account_id"], *pair["evidence"])[:8],
        confidence=pair["probability"],
        counter_evidence=against,
    )


def _told(sign: str, value: str, bits: float) -> str:
    shared = f" {short(value)!r}" if value else ""
    return f"{_WORDS[sign]}{shared} ({bits:+.1f} bits)"


def draw(result: pa.Table, options: Any) -> list[Plot]:
    """The surest pairs by their odds."""
    pairs = [pair for pair in _ranked(result) if pair["bits"] > 0]
    if not pairs:
        return []
    shown = pairs[: options.pictured]
    labels = [f"{pair['account_id']} · {pair['other_account_id']}" for pair in shown]
    data = pa.table(
        {"label": labels, "value": pa.array([round(pair["bits"]) for pair in shown], pa.int64())}
    )
    return [
        Plot(
            kind=PlotKind.BARS,
            title="Accounts that may be one person's",
            caption="Odds in whole bits (each doubles them; 0 is even) that two accounts are one"
            f" person's. Shown: {len(shown):,} of {counted(len(pairs), 'pair')} above even odds.",
            data=data,
        )
    ]
