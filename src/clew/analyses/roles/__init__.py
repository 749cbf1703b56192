"""Who leads, brokers, follows, and who stands on two platforms?"""

from __future__ import annotations

from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from clew.analyses.roles.gathering import Options, gather
from clew.analyses.roles.scoring import BRIDGE, BROKER, FOLLOWER, GIVES, LEADER, score
from clew.contract import Analysis, Finding, Plot, PlotKind, Priority
from clew.measures.acts import NEEDS
from clew.model.wording import counted, listed, percent, short


def find(result: pa.Table, options: Options) -> list[Finding]:
    """What the network is like, then the accounts of each role."""
    networks = result.filter(pc.field("scope") == "network").to_pylist()
    if not networks:
        return [
            Finding(
                summary="No account acted toward another that is known: there are no roles.",
                enough_data=False,
            )
        ]
    network = networks[0]
    accounts = result.filter(pc.field("scope") == "account")
    accounts = accounts.sort_by([("rank", "ascending"), ("account_id", "ascending")]).to_pylist()
    findings = [_whole(network, accounts), _hierarchy(network)]
    for role, key, number in (
        (LEADER, "leads", "leaders"),
        (BROKER, "brokers", "brokering"),
        (FOLLOWER, "follows", "followers"),
        (BRIDGE, "rank", "bridges"),
    ):
        having = [row for row in accounts if role in row["roles"]]
        if role != BRIDGE:
            having.sort(key=lambda row, key=key: (-row[key], row["rank"], row["account_id"]))  # type: ignore[misc]
        if role == FOLLOWER:
            having.sort(key=lambda row: (-row["given"], row["account_id"]))
        findings += [_role(row, role, network[number]) for row in having[: options.shown]]
    return findings


def _whole(network: dict[str, Any], accounts: list[dict[str, Any]]) -> Finding:
    pairs, spine = network["pairs"], network["backbone_pairs"]
    sentences = [
        f"{counted(network['accounts'], 'account')} acted toward each other in"
        f" {counted(pairs, 'directed pair')} on {counted(network['received'], 'occasion')};"
        f" the backbone holds {spine:,} of these pairs ({percent(spine / pairs)})."
    ]
    found = [
        counted(network[key], noun)
        for key, noun in (
            ("leaders", "stable leader"),
            ("brokering", "stable broker"),
            ("followers", "follower"),
            ("bridges", "account with its handle on another platform"),
        )
        if network[key]
    ]
    sentences.append(f"Found: {listed(found)}." if found else "No role is stable.")
    sentences.append(
        f"Leaders and brokers were looked for among the first {network['sought']:,};"
        f" {len(accounts):,} of {network['accounts']:,} accounts are kept."
    )
    if network["modularity"] <= network["modularity_null"]:
        sentences.append("No groups stand out from networks dealt anew: nobody is called a broker.")
    if network["left_out"]:
        sentences.append(
            f"{counted(network['left_out'], 'act')} toward nobody known, by nobody recorded or"
            " toward oneself: in no pair."
        )
    return Finding(
        summary=" ".join(sentences),
        evidence=tuple(row["account_id"] for row in accounts[:5]),
        enough_data=bool(network["leaders"] or network["brokering"] or network["followers"]),
    )


def _hierarchy(network: dict[str, Any]) -> Finding:
    if not network["backbone_pairs"]:
        return Finding(
            summary="No pair stands out from the others of its accounts: the backbone is empty, and"
            " nothing is said of hierarchy, groups and paths.",
            enough_data=False,
        )
    low, high = network["agony_low"], network["agony_high"]
    agony = f"{low:.2f}" if low == high else f"between {low:.2f} and {high:.2f}"
    return Finding(
        summary=f"Hierarchy of the backbone, from 0 to 1: by flow {network['flow_hierarchy']:.2f}"
        f" ({network['flow_low']:.2f} to {network['flow_high']:.2f} in"
        f" bootstraps, {network['flow_null']:.2f} in networks dealt"
        f" anew), by agony {agony}. {counted(network['groups'], 'group')}, modularity"
        f" {network['modularity']:.2f} ({network['modularity_null']:.2f} at most in networks dealt"
        " anew).",
    )


def _role(row: dict[str, Any], role: str, number: int) -> Finding:
    name, ranks = short(row["account_id"]), f"rank {row['rank']:,} by PageRank"
    if row["rank_low"] is not None:
        ranks += f" ({row['rank_low']:,} to {row['rank_high']:,} in 90 % of the bootstraps)"
    stability: float | None = None
    limits: tuple[str, ...] = ()
    if role == LEADER:
        stability = row["leads"]
        said = (
            f"{name} leads: {ranks}, acted toward by"
            f" {counted(row['heard_by'], 'account')} on {counted(row['received'], 'occasion')}"
        )
    elif role == BROKER:
        stability = row["brokers"]
        between = f"{row['betweenness']:.3g}"
        if row["betweenness_error"] is not None:
            between += f" ± {row['betweenness_error']:.2g} (sampled)"
        said = (
            f"{name} brokers: {counted(row['ways'], 'way')} lead over it from one group to another"
            f" ({percent(row['ways_share'])} of those over it),"
            f" {between} of the shortest paths lead over it, constraint {row['constraint']:.2f}"
        )
    elif role == FOLLOWER:
        stability = row["follows"]
        said = (
            f"{name} follows: it acted on {counted(row['given'], 'occasion')} and was acted toward"
            f" on {row['received']:,}"
        )
    else:
        said = f"{name} has the handle of {listed(map(short, row['other_ids'][:3]))}; {ranks}"
        limits = ("One handle on two platforms is a hint, no proof of one person.",)
    stable = "" if stability is None else f"; so in {percent(stability)} of the bootstraps"
    return Finding(
        summary=f"{said}{stable}. One of {counted(number, role)}.",
        priority=Priority.LOW,
        subject=row["account_id"],
        evidence=(*row["other_ids"][:3], *row["posts"]),
        confidence=None if stability is None else min(0.99, stability),
        limits=limits,
    )


def draw(result: pa.Table, options: Options) -> list[Plot]:
    """The first accounts by PageRank, and on how many occasions they were acted toward."""
    accounts = result.filter((pc.field("scope") == "account") & (pc.field("received") > 0))
    if not accounts.num_rows:
        return []
    first = accounts.sort_by([("rank", "ascending"), ("account_id", "ascending")])
    first = first.slice(0, options.pictured)
    return [
        Plot(
            kind=PlotKind.BARS,
            title="Who is acted toward",
            caption="Occasions (days, each kind of act by itself) on which others acted toward the"
            f" accounts first by PageRank. Shown: {first.num_rows:,}.",
            data=first.select(["account_id", "received"]).rename_columns(["label", "value"]),
        )
    ]


ROLES = Analysis(
    name="roles",
    question="Who leads, brokers, follows, and who stands on two platforms?",
    needs=NEEDS,
    gives=GIVES,
    gather=gather,
    score=score,
    find=find,
    draw=draw,
    options=Options,
    method=(
        "PageRank: Brin & Page (1998), doi:10.1016/S0169-7552(98)00110-X; backbone by the disparity"
        " filter: Serrano, Boguñá & Vespignani (2009), doi:10.1073/pnas.0808904106",
        "Groups: Leiden, Traag et al. (2019), doi:10.1038/s41598-019-41695-z; ways between them:"
        " Gould & Fernandez (1989), doi:10.2307/270949; constraint: Burt (2004),"
        " doi:10.1086/421787",
        "Betweenness: Freeman (1977), doi:10.2307/3033543; from a sample of sources: Brandes & Pich"
        " (2007), doi:10.1142/S0218127407018403",
        "Flow hierarchy: Luo & Magee (2011), doi:10.1002/cplx.20368; agony: Gupte et al. (2011),"
        " doi:10.1145/1963405.1963484",
        "Poisson bootstrap over occasions: Efron (1979), doi:10.1214/aos/1176344552",
    ),
    limits=(
        "To lead is to be acted toward much and by those who are: attention, not command. Somebody"
        " who gives orders elsewhere, or whom all insult, cannot be told apart here.",
        "A role is one in what was captured: another choice of channels gives other roles.",
        "The bootstrap draws occasions anew as if they were independent, and keeps the groups: it"
        " says how little data there is, not what was never captured.",
        "Agony does not see weak or small hierarchies, and only bounds of it are given.",
        "One handle on two platforms is a hint, no proof of one person.",
    ),
)
