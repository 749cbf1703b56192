"""What is asked, gathered and given: options and the columns of the tables."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

import ibis

from clew.contract import Count
from clew.model.tables import InteractionKind

CHANNEL = "channel"
"""The kind of a label that is a channel; the other kinds are those of observables."""


@dataclass(frozen=True)
class Options:
    """Which acts tie accounts together, what labels them, and how much is shown."""

    kinds: tuple[InteractionKind, ...] = (
        InteractionKind.REPLY,
        InteractionKind.MENTION,
        InteractionKind.QUOTE,
        InteractionKind.REPOST,
        InteractionKind.FORWARD,
    )  # which acts tie accounts together
    min_acts: Count = 1  # a pair of accounts with fewer acts is no tie
    hub_percent: Count = 100  # accounts tied to more than so many percent of all are left out
    labels: tuple[str, ...] = ("hashtag", "domain", CHANNEL)  # what labels a group
    min_holders: Count = 3  # members that must have a label
    kept: Count = 5  # labels of each kind that are kept of each group
    min_members: Count = 3  # a smaller group is not described
    seed: int = 1  # of everything that is drawn
    shown: Count = 10  # groups that get a finding of their own
    pictured: Count = 12  # groups in the pictures


class Part(StrEnum):
    """What a gathered row is."""

    TIE = "tie"  # two accounts and how many acts
    LEFT_OUT = "left_out"  # why, and how many acts
    TRAIT = "trait"  # what an account has, and in how many posts


class Scope(StrEnum):
    """What a row of the result is about."""

    NETWORK = "network"
    LEFT_OUT = "left_out"
    COMMUNITY = "community"
    ACCOUNT = "account"
    BETWEEN = "between"  # two communities
    LABEL = "label"  # of a community


GATHERED = ibis.schema(
    {
        "part": "string",
        "account_id": "string",
        "kind": "string",  # of a trait; why left out
        "value": "string",  # of a trait; the other account of a tie
        "number": "int64",
        "example_post_id": "string",
    }
)

GIVES = ibis.schema(
    {
        "scope": "string",  # network, left_out, community, account, between, label
        "community": "int64",  # 1 is the largest; null: the network, and accounts left out as hubs
        "other": "int64",  # the other community, if between two
        "account_id": "string",
        "kind": "string",  # of a label: hashtag, domain, channel…; of what is left out: why
        "value": "string",  # of a label
        "members": "int64",  # accounts; of a label: members that have it
        "ties": "int64",  # pairs of accounts: of the account, inside the community
        "acts": "int64",  # of the account, of all members, between, left out
        "inside": "int64",  # of these acts, with members of the same community
        "expected": "float64",  # the share of acts inside, if everyone acted as much at random
        "stability": "float64",  # share of runs in which a member was with its group; the mean
        "lift": "float64",  # of a label: times as frequent among members as among others
        "chance": "float64",  # of a label so unequal, of groups so well confirmed
        "judged": "int64",  # ties that were held back and could be judged; null: too few
        "confirmed": "float64",  # share of them inside groups that were found without them
        "confirmed_error": "float64",  # its standard error
        "confirmed_expected": "float64",  # the share by chance
        "resolution": "float64",  # at which the groups were found; 1 is that of modularity
        "runs": "int64",  # of Leiden that the groups agree with
        "example_post_id": "string",  # of the strongest tie inside; of a label
    }
)
