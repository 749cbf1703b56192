"""Who is tied to a known account, and more closely than popularity explains?"""

from __future__ import annotations

from collections import Counter
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from clew.analyses.affiliations.gathering import Options, gather
from clew.analyses.affiliations.scoring import GIVES, score
from clew.contract import Analysis, Finding, Plot, PlotKind, Priority
from clew.measures.acts import NEEDS
from clew.model.wording import counted, listed, percent, short


def find(result: pa.Table, options: Options) -> list[Finding]:
    """For each account: how many are tied to it, then the closest ones."""
    if not result.num_rows:
        asked = listed(map(short, options.account[:3]))
        nobody = f"No account of this case is tied to {asked}" if asked else "No account is tied to"
        return [
            Finding(
                summary=f"{nobody}."
                if asked
                else f"{nobody} another: there are no acts between"
                " accounts and no channels in common.",
                enough_data=False,
            )
        ]
    findings = []
    for account_id in sorted(set(result["account_id"].to_pylist())):
        ties = result.filter(pc.field("account_id") == account_id).sort_by("rank").to_pylist()
        findings.append(_whole(ties, options))
        findings += [_closest(tie) for tie in ties[: options.shown] if tie["close"]]
    return findings


def _whole(ties: list[dict[str, Any]], options: Options) -> Finding:
    first = ties[0]
    close = first["close_ties"]
    sentences = [
        f"{counted(first['ties'], 'account')} of {first['tested']:,} others"
        f" {'is' if first['ties'] == 1 else 'are'} tied to {short(first['account_id'])};"
        f" {close:,} more closely than activity and popularity explain (at most"
        f" {options.false_percent} % of these by chance)."
    ]
    kinds = Counter(kind for tie in ties for kind in tie["kinds"])
    most = sorted(kinds.items(), key=lambda item: (-item[1], item[0]))[:6]
    sentences.append("Among those kept: " + ", ".join(f"{kind} {n:,}" for kind, n in most) + ".")
    if len(ties) < first["ties"]:
        sentences.append(f"{len(ties):,} of {first['ties']:,} are kept.")
    if shown := min(options.shown, close, len(ties)):
        sentences.append(f"{shown:,} of {close:,} close ones are described.")
    if first["hubs"]:
        sentences.append(
            f"{counted(first['hubs'], 'channel or target', 'channels or targets')} that more than"
            f" {options.hub:,} accounts share were not compared."
        )
    if not options.account:
        sentences.append("No account was named: this is one of the most active.")
    return Finding(
        summary=" ".join(sentences),
        subject=first["account_id"],
        evidence=tuple(tie["tied_id"] for tie in ties[:5]),
        enough_data=close > 0,
    )


def _closest(tie: dict[str, Any]) -> Finding:
    parts = []
    for number, noun in (
        (tie["out_days"], "day of acts toward it"),
        (tie["in_days"], "day of acts from it"),
        (tie["shared_channels"], "channel in common"),
        (tie["shared_targets"], "target in common"),
        (tie["admin_channels"], "channel where it acts as an admin"),
        (tie["between"], "account between in forwards"),
    ):
        if number:
            first, rest = noun.split(" ", 1)
            parts.append(counted(number, noun, f"{first}s {rest}"))
    rarest = f" The rarest they share: {short(tie['example_id'])}." if tie["example_id"] else ""
    return Finding(
        summary=f"{short(tie['account_id'])} is tied to {short(tie['tied_id'])}:"
        f" {listed(parts)}. Chance would give {tie['expected']:,.3g} days and things in common;"
        f" so much has a chance below 1 in 10^{int(tie['surprise'])},"
        f" {percent(tie['false_share'])} of such ties are false at most.{rarest}",
        priority=Priority.LOW,
        subject=tie["account_id"],
        evidence=(tie["tied_id"], *tie["posts"]),
        confidence=tie["probability"],
    )


def draw(result: pa.Table, options: Options) -> list[Plot]:
    """The closest ties of each account."""
    plots = []
    for account_id in sorted(set(result["account_id"].to_pylist())):
        ties = result.filter(
            (pc.field("account_id") == account_id)
            & (pc.field("rank") <= options.pictured)
            & (pc.field("surprise") >= 1)
        )
        if not ties.num_rows:
            continue
        plots.append(
            Plot(
                kind=PlotKind.BARS,
                title=f"Closest ties of {short(account_id)}",
                caption="Surprise of each tie: -log10 of the bound on its chance, rounded down; 3"
                f" means less than 1 in 1,000. Shown: {ties.num_rows:,} of"
                f" {counted(ties['ties'][0].as_py(), 'tied account')}.",
                data=pa.table(
                    {
                        "label": ties["tied_id"],
                        "value": pc.floor(ties["surprise"]).cast(pa.int64()),
                    }
                ),
            )
        )
    return plots


AFFILIATIONS = Analysis(
    name="affiliations",
    question="Who is tied to a known account, and more closely than popularity explains?",
    needs={**NEEDS, "posts": (*NEEDS["posts"], "channel_id")},
    gives=GIVES,
    gather=gather,
    score=score,
    find=find,
    draw=draw,
    options=Options,
    method=(
        "Common neighbours against the configuration model, with fewer sharers weighing more:"
        " Adamic & Adar (2003), doi:10.1016/S0378-8733(03)00009-1; Tumminello et al. (2011),"
        " doi:10.1371/journal.pone.0017994",
        "The chance of so many is bounded by Chernoff's method: Hoeffding (1963),"
        " doi:10.1080/01621459.1963.10500830",
        "False shares: Benjamini & Hochberg (1995), doi:10.1111/j.2517-6161.1995.tb02031.x;"
        " probability from them: Sellke, Bayarri & Berger (2001), doi:10.1198/000313001300339950",
    ),
    limits=(
        "A tie is contact, a common place or a common interest: not friendship, not agreement, not"
        " one person behind two accounts.",
        "Accounts of one town, language or topic share much without knowing each other. The null"
        " model knows activity and popularity, not topics: read what they share.",
        "Members who never wrote, followers that the platform did not hand over, and ties on"
        " other platforms are not in the case, and not in this answer.",
        "Pinning, inviting and removing are signs of an admin; an admin who does none of it is not"
        " seen, and some platforms let members invite.",
        "The probability is an upper bound at even odds before looking.",
    ),
)
