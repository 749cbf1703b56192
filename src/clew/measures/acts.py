"""Who acted toward whom? Interactions, each with the account that it was directed to."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import ibis
from ibis import _

from clew.contract import Tables
from clew.model.tables import InteractionKind
from clew.model.times import EXACT

NEEDS: Mapping[str, tuple[str, ...]] = {
    "interactions": (
        "kind",
        "platform",
        "account_id",
        "target_account_id",
        "target_name",
        "post_id",
        "target_post_id",
        "channel_id",
        "target_channel_id",
        "happened_at",
        "time_quality",
    ),
    "posts": ("post_id", "account_id", "posted_at", "time_quality"),
    "accounts": ("account_id", "platform", "handle"),
}
"""Table → the columns that `directed_acts` reads: an analysis that calls it needs them."""

_NAMES_A_HANDLE = (
    InteractionKind.MENTION,
    InteractionKind.REPLY,
    InteractionKind.REPOST,
    InteractionKind.QUOTE,
)
"""In these kinds `target_name` is a handle, which is one account's. In the others (forwards,
invitations) it is a display name, which anybody can take."""

_UPPER = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"


def directed_acts(tables: Tables, kinds: Sequence[InteractionKind]) -> ibis.Table:
    """The acts of these kinds, each with the account that it was directed to, if that is known.

    It is the account that the act names, else the author of the post it was done to, else the one
    account of the platform that has the handle it names.

    Columns: account_id (who acted; null: not recorded), kind, platform, target_account_id (null:
    no account is known for it), target_channel_id (only if no account is known), target_name (only
    if neither is known), post_id (in which it happened), target_post_id, channel_id,
    happened_at and target_at (when the post it was done to was posted; null: not known in UTC),
    response_s (whole seconds between these; null: not known, or it would be below 0).
    """
    acts = tables.interactions.filter(_.kind.isin(kinds))
    targets = tables.posts.select(
        target_post_id="post_id",
        author_id="account_id",
        target_at=exact(tables.posts, "posted_at"),
    )
    acts = acts.mutate(
        happened_at=exact(acts, "happened_at"),
        handle=ibis.ifelse(_.kind.isin(_NAMES_A_HANDLE), folded(_.target_name), None),
    )
    acts = acts.left_join(targets, "target_post_id").drop("target_post_id_right")
    acts = acts.left_join(_handles(tables), ["platform", "handle"])
    account = ibis.coalesce(acts.target_account_id, acts.author_id, acts.named_id)
    channel = ibis.ifelse(account.isnull(), acts.target_channel_id, None)
    name = ibis.ifelse(account.isnull() & channel.isnull(), acts.target_name, None)
    # DuckDB counts fractions of seconds, Spark does not.
    response_s = acts.happened_at.epoch_seconds() // 1 - acts.target_at.epoch_seconds() // 1
    return acts.select(
        "account_id",
        "kind",
        "platform",
        "post_id",
        "target_post_id",
        "channel_id",
        "happened_at",
        "target_at",
        target_account_id=account,
        target_channel_id=channel,
        target_name=name,
        response_s=ibis.ifelse(response_s >= 0, response_s, None),
    )


def exact(table: ibis.Table, column: str) -> Any:
    """The instants of this column that are known in UTC; null: the others."""
    return ibis.ifelse(table.time_quality.isin(EXACT), table[column], None)


def _handles(tables: Tables) -> ibis.Table:
    """The accounts by handle, where only one account of the platform has it."""
    return (
        tables.accounts.group_by("platform", handle=folded(tables.accounts.handle))
        .agg(holders=_.count(), named_id=_.account_id.min())
        .filter(_.handle.notnull(), _.holders == 1)
        .drop("holders")
    )


def folded(name: Any) -> Any:
    """A handle without regard to case: of A to Z only, for beyond it engines disagree."""
    return name.translate(_UPPER, _UPPER.lower())


__all__ = ["NEEDS", "directed_acts", "exact", "folded"]
