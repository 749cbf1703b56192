"""Which acts, channels and targets lie between the accounts asked for and all others?"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

import ibis
from ibis import _

from clew.contract import Count, Tables
from clew.measures.acts import directed_acts, folded
from clew.model.tables import InteractionKind


@dataclass(frozen=True)
class Options:
    """Whose ties are looked for, and how much is kept and shown."""

    account: tuple[str, ...] = ()  # ids or handles; none named: the most active accounts
    active: Count = 3  # how many of the most active accounts, if none is named
    kinds: tuple[InteractionKind, ...] = tuple(
        kind for kind in InteractionKind if kind is not InteractionKind.LEAVE
    )  # which acts toward an account are ties
    hub: Count = 1000  # a channel or target that more accounts share says nothing
    false_percent: Count = 5  # of the ties called close, at most this many may be chance
    limit: Count = 200  # ties kept of each account
    shown: Count = 5  # ties of each account that get a finding of their own
    pictured: Count = 15  # ties of each account in its picture


class Part(StrEnum):
    """What a gathered row counts.

    A row without `tied_id` is of the account by itself, one without `account_id` of all the case.
    """

    OUT = "out"  # days with acts of the account toward the other, by kind; theirs: days received
    IN = "in"  # days with acts of the other toward the account, by kind; theirs: days acted
    CHANNELS = "channels"  # channels that both were active in; theirs: channels of the other
    TARGETS = "targets"  # accounts and channels that both acted toward; theirs: as above
    HUBS = "hubs"  # channels and targets of the account that are too widely shared to be looked at
    ADMIN = "admin"  # channels of the account where the other pinned, invited or removed
    CARRIED_FROM = "carried_from"  # accounts between: it forwards from them, they from the other
    CARRIED_BY = "carried_by"  # accounts between: the other forwards from them, they from it
    ACCOUNTS = "accounts"  # accounts of the case


SHARED = (Part.CHANNELS, Part.TARGETS)

GATHERED = ibis.schema(
    {
        "account_id": "string",
        "tied_id": "string",
        "part": "string",
        "kind": "string",
        "level": "int64",  # of the channels and targets: held by 2**level to 2**(level + 1) - 1
        "number": "int64",
        "theirs": "int64",
        "holders": "int64",  # of the channels and targets, summed: accounts that share them
        "example_id": "string",  # the channel, target or account between whose id is least
        "post_id": "string",
        "other_post_id": "string",
    }
)

_IN_CHANNELS = (InteractionKind.JOIN, InteractionKind.LEAVE)
_ADMINS = (InteractionKind.PIN, InteractionKind.INVITE, InteractionKind.REMOVE)


def gather(tables: Tables, options: Options) -> ibis.Table:
    """What lies between, one row for each pair and part (and kind, and level)."""
    aimed = _aimed(tables, options)
    direct = aimed.filter(_.target_account_id.notnull())
    traces = _traces(tables, aimed)
    popularity = traces.group_by("part", "object_id").agg(holders=_.count())
    traces = traces.join(popularity, ["part", "object_id"])
    everyone = _everyone(traces, direct)
    asked = _asked(tables, options, everyone, traces)
    kept = traces.filter(_.holders <= options.hub).mutate(level=_level(options.hub))
    own = traces.semi_join(asked, "account_id")
    return ibis.union(
        *_direct_rows(direct, asked),
        *_shared_rows(kept, asked),
        _row(
            own.filter(_.holders > options.hub).group_by("account_id").agg(number=_.count()),
            Part.HUBS,
        ),
        _row(_admins(tables, own), Part.ADMIN),
        *_chains(direct, asked),
        _row(everyone.agg(number=_.count()), Part.ACCOUNTS),
    )


def _row(table: ibis.Table, part: Part | None = None) -> ibis.Table:
    """The table with every column of GATHERED, null where it has none."""
    if part is not None:
        table = table.mutate(part=ibis.literal(part.value))
    nulls = {name: ibis.null(kind) for name, kind in GATHERED.items() if name not in table.columns}
    return table.mutate(**nulls).select(*GATHERED).cast(GATHERED)


def _aimed(tables: Tables, options: Options) -> ibis.Table:
    """Days on which an account acted toward another or a channel, by kind.

    Counted are days, for a heated thread of an hour is one occasion, not a hundred.
    """
    acts = directed_acts(tables, options.kinds)
    acts = acts.select(
        "account_id",
        "target_account_id",
        "kind",
        "post_id",
        target_id=ibis.coalesce(acts.target_account_id, acts.target_channel_id),
        day=(acts.happened_at.epoch_seconds() // 86_400).cast("int64"),
    ).filter(_.account_id.notnull(), _.target_id.notnull(), _.account_id != _.target_id)
    key = ["account_id", "target_account_id", "target_id", "kind"]
    days = acts.group_by([*key, "day"]).agg(post_id=_.post_id.min())
    return days.group_by(key).agg(days=_.count(), post_id=_.post_id.min())


def _traces(tables: Tables, aimed: ibis.Table) -> ibis.Table:
    """Which channel or target (`object_id`) each account has to do with, each once."""
    columns = {"account_id": "string", "part": "string", "object_id": "string", "post_id": "string"}
    targets = aimed.filter(~_.kind.isin(_IN_CHANNELS)).select(
        "account_id",
        part=ibis.literal(Part.TARGETS.value),
        object_id=aimed.target_id,
        post_id=aimed.post_id,
    )
    posts, acts = tables.posts, tables.interactions
    posted = posts.select(
        "account_id",
        part=ibis.literal(Part.CHANNELS.value),
        object_id=posts.channel_id,
        post_id=posts.post_id,
    )
    acted = acts.select(
        "account_id",
        part=ibis.literal(Part.CHANNELS.value),
        object_id=ibis.ifelse(
            acts.kind == InteractionKind.JOIN,
            ibis.coalesce(acts.target_channel_id, acts.channel_id),
            acts.channel_id,
        ),
        post_id=acts.post_id,
    )
    traces = ibis.union(*(each.cast(columns) for each in (targets, posted, acted)))
    traces = traces.filter(_.account_id.notnull(), _.object_id.notnull())
    return traces.group_by("account_id", "part", "object_id").agg(post_id=_.post_id.min())


def _everyone(traces: ibis.Table, direct: ibis.Table) -> ibis.Table:
    """Every account that did something or had something done to it."""
    accounts = traces.select("account_id").union(
        direct.select(account_id="target_account_id"), direct.select("account_id")
    )
    return accounts.group_by("account_id").agg()


def _asked(
    tables: Tables, options: Options, everyone: ibis.Table, traces: ibis.Table
) -> ibis.Table:
    """The accounts whose ties are asked for: by id or handle, else those with most traces."""
    if not options.account:
        active = traces.group_by("account_id").agg(objects=_.count())
        ranked = active.order_by(_.objects.desc(), _.account_id.asc())
        return ranked.limit(options.active).select("account_id")
    names = [folded_name(name) for name in options.account]
    by_name = tables.accounts.filter(folded(_.handle).isin(names))
    by_id = everyone.filter(_.account_id.isin(options.account))
    return (
        by_id.union(by_name.select("account_id").cast(by_id.schema())).group_by("account_id").agg()
    )


def folded_name(name: str) -> str:
    """A handle as the analyst wrote it, without @ and without regard to case (A to Z)."""
    return "".join(c.lower() if c.isascii() else c for c in name.removeprefix("@"))


def _level(hub: int) -> ibis.Deferred:
    """The whole part of the logarithm of holders, base 2: engines disagree on real ones."""
    level = 0 * _.holders
    for power in range(1, hub.bit_length()):
        level = level + (_.holders >= 1 << power).cast("int64")
    return level


def _direct_rows(direct: ibis.Table, asked: ibis.Table) -> list[ibis.Table]:
    """Acts from and toward the accounts asked for, and what their frequency is measured by."""
    done = direct.group_by("account_id").agg(number=_.days.sum())
    got = direct.group_by("target_account_id").agg(number=_.days.sum())
    asked_of = asked.select(target_account_id="account_id")
    out = direct.semi_join(asked, "account_id")
    out = out.join(got.rename(theirs="number"), "target_account_id")
    back = direct.semi_join(asked_of, "target_account_id")
    back = back.join(done.rename(theirs="number"), "account_id")
    own = got.semi_join(asked_of, "target_account_id")
    return [
        _row(out.rename(tied_id="target_account_id", number="days"), Part.OUT),
        _row(
            back.rename(
                tied_id="account_id",
                account_id="target_account_id",
                number="days",
                other_post_id="post_id",
            ),
            Part.IN,
        ),
        _row(done.semi_join(asked, "account_id"), Part.OUT),
        _row(own.rename(account_id="target_account_id"), Part.IN),
        _row(direct.agg(number=_.days.sum().fill_null(0)), Part.OUT),
    ]


def _shared_rows(kept: ibis.Table, asked: ibis.Table) -> list[ibis.Table]:
    """Channels and targets in common, by how many accounts share them."""
    own = kept.semi_join(asked, "account_id")
    sizes = kept.group_by("account_id", "part").agg(theirs=_.count())
    others = kept.filter(_.holders > 1).select(
        "part", "object_id", tied_id="account_id", other_post_id="post_id"
    )
    shared = own.join(others, ["part", "object_id"]).filter(_.account_id != _.tied_id)
    shared = shared.group_by("account_id", "tied_id", "part", "level").agg(
        number=_.count(),
        example_id=_.object_id.min(),
        post_id=_.post_id.min(),
        other_post_id=_.other_post_id.min(),
    )
    theirs = sizes.select("part", "theirs", tied_id="account_id")
    return [
        _row(shared.join(theirs, ["tied_id", "part"])),
        _row(
            own.group_by("account_id", "part", "level").agg(
                number=_.count(), holders=_.holders.sum()
            )
        ),
        _row(kept.group_by("part").agg(number=_.count())),
    ]


def _admins(tables: Tables, own: ibis.Table) -> ibis.Table:
    """Who pinned, invited or removed in channels of the accounts asked for."""
    acts = tables.interactions.filter(_.kind.isin(_ADMINS), _.account_id.notnull())
    acts = acts.select(
        tied_id="account_id",
        object_id=ibis.coalesce(acts.channel_id, acts.target_channel_id),
        other_post_id="post_id",
    )
    acts = acts.group_by("tied_id", "object_id").agg(other_post_id=_.other_post_id.min())
    channels = own.filter(_.part == Part.CHANNELS.value).select("account_id", "object_id")
    both = channels.join(acts, "object_id").filter(_.account_id != _.tied_id)
    return both.group_by("account_id", "tied_id").agg(
        number=_.count(), example_id=_.object_id.min(), other_post_id=_.other_post_id.min()
    )


def _chains(direct: ibis.Table, asked: ibis.Table) -> list[ibis.Table]:
    """Forwards over one account between, in both directions."""
    forwards = direct.filter(_.kind == InteractionKind.FORWARD)
    first = forwards.select(
        taker="account_id", between="target_account_id", other_post_id="post_id"
    )
    second = forwards.select(between="account_id", origin="target_account_id", post_id="post_id")
    chains = first.join(second, "between").filter(_.taker != _.origin)
    found = []
    for part, account, tied in (
        (Part.CARRIED_FROM, "taker", "origin"),
        (Part.CARRIED_BY, "origin", "taker"),
    ):
        chain = chains.semi_join(asked.rename({account: "account_id"}), account)
        found.append(
            _row(
                chain.group_by(account_id=account, tied_id=tied).agg(
                    number=_.count(),
                    example_id=_.between.min(),
                    post_id=_.post_id.min(),
                    other_post_id=_.other_post_id.min(),
                ),
                part,
            )
        )
    return found
