"""What is said and shown of the groups?"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from clew.analyses.communities.asked import CHANNEL, Options, Scope
from clew.analyses.communities.grouping import FIRM
from clew.contract import Finding, Plot, PlotKind
from clew.model.chance import posterior_bound
from clew.model.wording import counted, listed, percent, short

Row = dict[str, Any]

_LABEL_CHANCE = 0.05
_NAMED = 3  # labels, members and hubs that a sentence names
_HUB = 0.1  # of all accounts: whoever is tied to so many is named
_HUBS_FROM = 50  # accounts


def findings(result: pa.Table, options: Options) -> list[Finding]:
    """The whole, whether its groups are more than chance, its hubs, and the largest groups."""
    network = _rows(result, Scope.NETWORK)
    left_out = _rows(result, Scope.LEFT_OUT)
    if not network:
        return [Finding(summary=_nothing(left_out, options), enough_data=False)]
    communities = _largest(result, options.min_members)
    said = [
        _whole(network[0], communities, left_out, options),
        _verdict(network[0]),
        *_hubs(result, network[0]),
    ]
    if not _is_firm(network[0]):
        return said
    labels, members = _labels(result, options), _central(result, communities[: options.shown])
    return said + [
        _community(row, labels[row["community"]], members[row["community"]], network[0])
        for row in communities[: options.shown]
    ]


def _rows(result: pa.Table, scope: Scope) -> list[Row]:
    rows: list[Row] = result.filter(pc.field("scope") == str(scope)).to_pylist()
    return rows


def _largest(result: pa.Table, min_members: int) -> list[Row]:
    """The communities that are large enough to be described, the largest first."""
    is_large = (pc.field("scope") == str(Scope.COMMUNITY)) & (pc.field("members") >= min_members)
    rows: list[Row] = result.filter(is_large).sort_by("community").to_pylist()
    return rows


def _is_firm(network: Row) -> bool:
    return network["chance"] is not None and network["chance"] < FIRM


# ------------------------------------------------------------------------------------- the whole


def _nothing(left_out: Sequence[Row], options: Options) -> str:
    return f"No acts ({listed(options.kinds)}) tie two accounts together.{_left_out(left_out)}"


def _left_out(rows: Sequence[Row]) -> str:
    parts = [
        f"{counted(row['acts'], 'act')} {row['kind']}"
        for row in sorted(rows, key=lambda row: (-row["acts"], row["kind"]))
    ]
    return f" Left out: {listed(parts)}." if parts else ""


def _whole(
    network: Row, communities: Sequence[Row], left_out: Sequence[Row], options: Options
) -> Finding:
    inside = sum(row["members"] for row in communities)
    sentences = [
        f"{counted(network['members'], 'account')} with {counted(network['ties'], 'tie')}"
        f" ({counted(network['acts'], 'act')}) fall into"
        f" {counted(len(communities), 'group')} of {options.min_members:,} accounts or more."
    ]
    if others := network["members"] - inside:
        sentences.append(f"{counted(others, 'account')} in smaller ones.")
    if len(communities) > options.shown and _is_firm(network):
        sentences.append(f"{options.shown:,} of {len(communities):,} groups are described.")
    return Finding(summary=" ".join(sentences) + _left_out(left_out))


def _verdict(network: Row) -> Finding:
    """Are the groups more than chance?"""
    if network["chance"] is None:
        return Finding(
            summary="Too few ties to say whether the groups are more than chance: fewer than 20 are"
            " between accounts that have other ties as well.",
            enough_data=False,
        )
    judged = (
        f"Of {counted(network['judged'], 'tie')} that were held back,"
        f" {percent(network['confirmed'])} (± {percent(2 * network['confirmed_error'])}) lie inside"
        f" groups that were found without them; by chance {percent(network['confirmed_expected'])}"
        " would."
    )
    if not _is_firm(network):
        return Finding(summary=f"The groups are no firmer than chance. {judged}")
    return Finding(
        summary=f"The groups are more than chance. {judged}",
        confidence=posterior_bound(network["chance"]),
    )


def _hubs(result: pa.Table, network: Row) -> list[Finding]:
    """Who is tied to so many that groups may only be those around it."""
    if network["members"] < _HUBS_FROM:
        return []
    is_hub = (pc.field("scope") == str(Scope.ACCOUNT)) & (
        pc.field("ties") >= _HUB * network["members"]
    )
    hubs = result.filter(is_hub).sort_by([("ties", "descending"), ("account_id", "ascending")])
    if not hubs.num_rows:
        return []
    named = hubs.slice(0, _NAMED).to_pylist()
    shares = [
        f"{short(row['account_id'])} ({percent(row['ties'] / (network['members'] - 1))})"
        for row in named
    ]
    return [
        Finding(
            summary=f"{counted(hubs.num_rows, 'hub')} tied to 10 % of the accounts or more:"
            f" {listed(shares)}. The option hub_percent leaves hubs out.",
            subject=named[0]["account_id"],
            evidence=tuple(row["account_id"] for row in named),
        )
    ]


# -------------------------------------------------------------------------------------- a group


def _labels(result: pa.Table, options: Options) -> dict[int, list[Row]]:
    """The labels of each community that are no chance, the least probable first."""
    place = {kind: number for number, kind in enumerate(options.labels)}
    labels: dict[int, list[Row]] = defaultdict(list)
    for row in _rows(result, Scope.LABEL):
        if row["chance"] < _LABEL_CHANCE:
            labels[row["community"]].append(row)
    for rows in labels.values():
        rows.sort(key=lambda row: (row["chance"], place[row["kind"]], -row["lift"], row["value"]))
    return labels


def _central(result: pa.Table, communities: Sequence[Row]) -> dict[int, list[Row]]:
    """The members of each community with most acts inside it."""
    numbers = pa.array([row["community"] for row in communities], pa.int64())
    accounts = result.filter(pc.field("scope") == str(Scope.ACCOUNT))
    accounts = accounts.filter(pc.is_in(accounts["community"], numbers))
    order = [("community", "ascending"), ("inside", "descending"), ("account_id", "ascending")]
    central: dict[int, list[Row]] = defaultdict(list)
    for row in accounts.sort_by(order).to_pylist():
        if len(central[row["community"]]) < _NAMED:
            central[row["community"]].append(row)
    return central


def _community(row: Row, labels: Sequence[Row], central: Sequence[Row], network: Row) -> Finding:
    sentences = [
        f"Group {row['community']:,}: {counted(row['members'], 'account')};"
        f" {percent(row['inside'] / row['acts'])} of their acts stay inside"
        f" ({percent(row['expected'])} by chance); stability {percent(row['stability'])}."
    ]
    own = [
        f"{_named(label)} ({percent(label['members'] / row['members'])} of the members,"
        f" {label['lift']:,.1f} times as many as elsewhere)"
        for label in labels[:_NAMED]
    ]
    if own:
        sentences.append(f"Its own: {listed(own)}.")
    sentences.append(f"Most acts inside: {listed(short(one['account_id']) for one in central)}.")
    posts = [one["example_post_id"] for one in (*labels[:_NAMED], *central)]
    posts = list(dict.fromkeys(post for post in posts if post))
    return Finding(
        summary=" ".join(sentences),
        subject=central[0]["account_id"],
        evidence=(*(one["account_id"] for one in central), *posts[:5]),
        confidence=min(posterior_bound(network["chance"]), row["stability"]),
    )


def _named(label: Row) -> str:
    if label["kind"] == "hashtag":
        return f"#{short(label['value'])}"
    if label["kind"] == CHANNEL:
        return f"posts in {short(label['value'])}"
    return short(label["value"])


# -------------------------------------------------------------------------------------- pictures


def plots(result: pa.Table, options: Options) -> list[Plot]:
    """How the largest groups act toward each other, and how many members they have."""
    communities = _largest(result, options.min_members)
    if not communities:
        return []
    largest = communities[: options.pictured]
    labels = _labels(result, options)
    names = {row["community"]: _title(row, labels[row["community"]]) for row in largest}
    cells = [(row["community"], row["community"], row["inside"]) for row in largest]
    for row in _rows(result, Scope.BETWEEN):
        one, other = row["community"], row["other"]
        if one in names and other in names:
            cells += [(one, other, row["acts"]), (other, one, row["acts"])]
    shown = f"Shown: {len(largest):,} of {counted(len(communities), 'group')}"
    left_out = f" of {options.min_members:,} accounts or more."
    return [
        Plot(
            kind=PlotKind.MATRIX,
            title="Acts within and between groups",
            caption=f"Acts ({listed(options.kinds)}) in both directions. {shown}{left_out}",
            data=pa.table(
                {
                    "row": [names[one] for one, _other, _acts in cells],
                    "column": [names[other] for _one, other, _acts in cells],
                    "value": pa.array([acts for _one, _other, acts in cells], pa.int64()),
                }
            ),
        ),
        Plot(
            kind=PlotKind.BARS,
            title="How large the groups are",
            caption=f"Accounts of each group. {shown}{left_out}",
            data=pa.table(
                {
                    "label": [names[row["community"]] for row in largest],
                    "value": pa.array([row["members"] for row in largest], pa.int64()),
                }
            ),
        ),
    ]


def _title(row: Row, labels: Sequence[Row]) -> str:
    """The number of the group, with its first label."""
    first = f" {_named(labels[0])}" if labels else ""
    return f"{row['community']}{first}"
