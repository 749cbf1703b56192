"""Messages between accounts, pair by pair, and what chance would have made of them.

A message is a post of one account that is directed to another, in whatever ways. Whole numbers are
summed, in billionths where they are fractions: so the engines agree.
"""

from __future__ import annotations

from typing import Any

import ibis
from ibis import _

from clew.analyses.communication.options import Options
from clew.contract import Tables
from clew.measures import acts
from clew.measures.acts import directed_acts, exact
from clew.model.tables import InteractionKind

NEEDS = {
    **acts.NEEDS,
    "posts": (*acts.NEEDS["posts"], "platform", "channel_id", "thread_id"),
}

BILLION = 1_000_000_000

KINDS = {
    "replies": InteractionKind.REPLY,
    "mentions": InteractionKind.MENTION,
    "quotes": InteractionKind.QUOTE,
    "forwards": InteractionKind.FORWARD,
}

ONESELF, NOBODY_KNOWN, SENDER_UNKNOWN = "oneself", "no known account", "sender not recorded"
FEW, BEYOND = "few messages", "beyond the cap"

_PAIR = ["account_id", "other_id"]
_BLOCK = ["place", "period", "part"]
_PERIOD_S = 30 * 86_400


def gather(tables: Tables, options: Options) -> ibis.Table:
    """The pairs with enough messages, and what was left out of pairs."""
    directed = _messages(tables, options)
    left_out = directed.filter(_.left_out.notnull()).group_by("left_out").agg(messages=_.count())
    messages = _by_pair(directed.filter(_.left_out.isnull()))
    totals = _totals(messages).mutate(
        rank=ibis.row_number().over(order_by=[-_.sent, "account_id", "other_id"])
    )
    enough = totals.sent >= options.min_messages
    scored = totals.filter(enough & (totals["rank"] < options.most_pairs)).drop("rank", "sent")
    rest = totals.filter(~(enough & (totals["rank"] < options.most_pairs)))
    rest = rest.group_by(left_out=ibis.ifelse(_.sent < options.min_messages, FEW, BEYOND)).agg(
        pairs=_.count(),
        mutual=_.mutual.sum(),
        **{
            name: rest[name].sum()
            for name in scored.columns
            if name.startswith(("messages", *KINDS))
        },
    )
    timed = _in_order(messages, options)
    prompts = _prompts(timed, tables, options)
    found = scored.mutate(left_out=ibis.null("string"))
    for more in (
        _threads(messages.semi_join(scored, _PAIR), tables),
        _instants(timed.semi_join(scored, _PAIR)),
        _answers(prompts, scored),
        _conversations(timed.filter(_.begins), scored),
    ):
        found = found.left_join(more, _PAIR).drop("account_id_right", "other_id_right")
    return (
        _filled(found).union(_filled(rest), distinct=False).union(_filled(left_out), distinct=False)
    )


def conversations_begun(tables: Tables, options: Options) -> ibis.Table:
    """The first message of every conversation: sender, recipient and the block it stands in."""
    directed = _messages(tables, options)
    timed = _in_order(_by_pair(directed.filter(_.left_out.isnull())), options)
    return timed.filter(_.begins).select("sender", "recipient", *_BLOCK)


def _filled(rows: ibis.Table) -> ibis.Table:
    """All columns that are gathered, null where there is none."""
    missing = {name: ibis.null(kind) for name, kind in GATHERED.items() if name not in rows.columns}
    return rows.mutate(**missing).select(*GATHERED).cast(GATHERED)


# ---------------------------------------------------------------------------------------- messages


def _messages(tables: Tables, options: Options) -> ibis.Table:
    """One row for each post and each account that it is directed to."""
    key = ["account_id", "target_account_id", "post_id", "happened_at"]
    ways = {name: (_.kind == kind).cast("int64").max() for name, kind in KINDS.items()}
    messages = (
        directed_acts(tables, options.kinds)
        .group_by(key)
        .agg(place=ibis.coalesce(_.channel_id, _.platform).min(), **ways)
    )
    return messages.mutate(
        left_out=ibis.cases(
            (_.account_id.isnull(), SENDER_UNKNOWN),
            (_.target_account_id.isnull(), NOBODY_KNOWN),
            (_.account_id == _.target_account_id, ONESELF),
            else_=ibis.null("string"),
        )
    )


def _by_pair(messages: ibis.Table) -> ibis.Table:
    """The messages with their pair: the lesser id first; `back` are those of the greater."""
    back = messages.account_id > messages.target_account_id
    return messages.select(
        "post_id",
        "happened_at",
        "place",
        *KINDS,
        account_id=ibis.ifelse(back, messages.target_account_id, messages.account_id),
        other_id=ibis.ifelse(back, messages.account_id, messages.target_account_id),
        back=back,
    )


def _totals(messages: ibis.Table) -> ibis.Table:
    counts: dict[str, Any] = {}
    for name in KINDS:
        counts[name] = messages[name].sum(where=~messages.back).fill_null(0)
        counts[f"{name}_back"] = messages[name].sum(where=messages.back).fill_null(0)
    return (
        messages.group_by(_PAIR)
        .agg(
            sent=_.count(),
            messages=_.count(where=~_.back),
            messages_back=_.count(where=_.back),
            **counts,
            timed=_.happened_at.count(),
            first_at=_.happened_at.min(),
            last_at=_.happened_at.max(),
            example_post_id=_.post_id.min(where=~_.back),
            example_back_post_id=_.post_id.min(where=_.back),
        )
        .mutate(pairs=1, mutual=((_.messages > 0) & (_.messages_back > 0)).cast("int64"))
    )


def _threads(messages: ibis.Table, tables: Tables) -> ibis.Table:
    """In how many threads they talk, in which most, and how often the speaker changes there.

    Messages in no known thread are taken in one row.
    """
    threads = tables.posts.select("post_id", "thread_id")
    told = messages.left_join(threads, "post_id").drop("post_id_right")
    thread = [*_PAIR, "thread_id"]
    # What is not timed has no place in the order.
    dated = told.happened_at.notnull()
    told = told.mutate(dated=dated, way=ibis.ifelse(dated, told.back, None))
    order = ibis.window(group_by=[*thread, "dated"], order_by=_order(told))
    told = told.mutate(changes=_.way != _.way.lag().over(order))
    rows = told.group_by(thread).agg(
        messages=_.count(),
        there=_.count(where=~_.way),
        back=_.count(where=_.way),
        changes=_.count(where=_.changes),
    )
    turns = {"there": _.there, "back": _.back, "changes": _.changes}
    most = ibis.struct({"fewer": -_.messages, "thread_id": _.thread_id})
    found = rows.group_by(_PAIR).agg(
        threads=_.thread_id.count(),
        main=most.min(where=_.thread_id.notnull()),
        talks=ibis.struct(turns).collect(where=(_.there > 0) & (_.back > 0)),
    )
    return found.mutate(
        thread_id=found.main["thread_id"], thread_messages=-found.main["fewer"]
    ).drop("main")


# ------------------------------------------------------------------------------------------- order


def _order(messages: ibis.Table) -> list[Any]:
    """What orders the messages of a pair; of equal times the ids decide."""
    return [messages.happened_at, messages.post_id.fill_null(""), messages.back]


def _second(at: Any) -> Any:
    """Whole seconds of Unix time; truncated, because DuckDB rounds."""
    return at.truncate("s").epoch_seconds().cast("int64")


def _in_order(messages: ibis.Table, options: Options) -> ibis.Table:
    """The timed messages of each pair in order.

    `begins` a conversation what follows a pause or nothing; `turns` what awaits an answer: the
    first message after one of the other, or after all patience is over.
    """
    timed = messages.filter(_.happened_at.notnull()).mutate(second=_second(_.happened_at))
    order = ibis.window(group_by=_PAIR, order_by=_order(timed))
    timed = timed.mutate(
        place_in_order=ibis.row_number().over(order),
        gap=_.second - _.second.lag().over(order),
        before=_.back.lag().over(order),
    )
    return timed.mutate(
        begins=_.gap.isnull() | (_.gap > options.pause_h * 3600),
        turns=_.gap.isnull() | (_.before != _.back) | (_.gap > options.patience_h * 3600),
        period=_.second // _PERIOD_S,
        part=_.second // 3600 % 24 // options.part_h,
        sender=ibis.ifelse(_.back, _.other_id, _.account_id),
        recipient=ibis.ifelse(_.back, _.account_id, _.other_id),
    )


def _instants(timed: ibis.Table) -> ibis.Table:
    instant = {"place": _.place_in_order, "second": _.second, "back": _.back}
    return timed.group_by(_PAIR).agg(instants=ibis.struct(instant).collect())


# ----------------------------------------------------------------------------------------- answers


def _prompts(timed: ibis.Table, tables: Tables, options: Options) -> ibis.Table:
    """The turns that await an answer, how long they waited, and whether it came.

    Without an answer the wait is censored: by the last thing seen in the place of the message, or
    by the end of all patience.
    """
    posted = tables.posts.mutate(
        place=ibis.coalesce(_.channel_id, _.platform), at=exact(tables.posts, "posted_at")
    )
    seen = posted.group_by("place").agg(at=_.at.max())
    seen = seen.union(timed.group_by("place").agg(at=_.happened_at.max()), distinct=False)
    ends = seen.group_by("place").agg(end=_second(_.at.max()))
    prompts = timed.filter(_.turns)
    order = ibis.window(group_by=_PAIR, order_by=_.place_in_order)
    prompts = prompts.mutate(
        answer_s=_.second.lead().over(order) - _.second, after=_.back.lead().over(order)
    )
    prompts = prompts.join(ends, "place")
    patience = options.patience_h * 3600
    return prompts.mutate(
        answered=((_.after != _.back) & (_.answer_s <= patience)).fill_null(False),
        seen_s=ibis.least(ibis.greatest(_.end - _.second, 0), patience),
    ).select(
        *_PAIR,
        "back",
        "recipient",
        "part",
        "answered",
        wait_s=ibis.ifelse(_.answered, _.answer_s, _.seen_s),
    )


def _answers(prompts: ibis.Table, scored: ibis.Table) -> ibis.Table:
    """The waits of each pair, and how many soon answers the recipients' speed toward all explains.

    Soon is what comes within the usual time: that of half of all answers of the recipient. Until
    then it answers the messages of one part of the day with a hazard that Nelson and Aalen
    estimate; the answers to expect are its integrals over the waits. Only parts of the day in which
    others await an answer too can be compared.
    """
    ends = [scored.select(recipient=name) for name in _PAIR]
    asked = prompts.semi_join(ends[0].union(ends[1], distinct=True), "recipient")
    usual = _usual(asked)
    asked = asked.join(usual, "recipient").mutate(soon=_.answered & (_.wait_s <= _.usual_s))
    stratum = ["recipient", "part"]
    waits = asked.group_by(*stratum, "wait_s").agg(
        leaving=_.count(), soon=_.soon.cast("int64").sum()
    )
    longest_first = ibis.window(
        group_by=stratum, order_by=_.wait_s.desc(), preceding=None, following=0
    )
    waits = waits.mutate(waiting=_.leaving.sum().over(longest_first))
    waits = waits.mutate(step=_.soon * BILLION // _.waiting)
    shortest_first = ibis.window(group_by=stratum, order_by=_.wait_s, preceding=None, following=0)
    steps = waits.select(*stratum, "wait_s", hazard=_.step.sum().over(shortest_first))
    strata = waits.group_by(stratum).agg(of=_.leaving.sum(), of_soon=_.soon.sum())
    own = asked.semi_join(scored, _PAIR).join(steps, [*stratum, "wait_s"])
    parts = own.group_by(*_PAIR, "back", *stratum).agg(
        turns=_.count(), soon=_.soon.cast("int64").sum(), expected=_.hazard.sum()
    )
    parts = parts.join(strata, stratum).join(usual, "recipient")
    shared = parts.turns < parts.of
    sums: dict[str, Any] = {}
    # What goes back to the account is answered by it.
    for way, mine in (("", parts.back), ("_back", ~parts.back)):
        sums[f"usual_s{way}"] = parts.usual_s.min(where=mine)
        sums[f"soon{way}"] = parts.soon.sum(where=shared & mine).fill_null(0)
        sums[f"soon_expected{way}"] = parts.expected.sum(where=shared & mine).fill_null(0)
        sums[f"soon_of{way}"] = parts.of_soon.sum(where=shared & mine).fill_null(0)
    wait = {"back": _.back, "wait_s": _.wait_s, "answered": _.answered}
    lists = prompts.semi_join(scored, _PAIR).group_by(_PAIR).agg(waits=ibis.struct(wait).collect())
    return lists.left_join(parts.group_by(_PAIR).agg(**sums), _PAIR).drop(
        "account_id_right", "other_id_right"
    )


def _usual(asked: ibis.Table) -> ibis.Table:
    """The time within which each recipient gives half of its answers."""
    answers = asked.filter(_.answered).group_by("recipient", "wait_s").agg(answers=_.count())
    shortest_first = ibis.window(
        group_by="recipient", order_by=_.wait_s, preceding=None, following=0
    )
    answers = answers.mutate(
        given=_.answers.sum().over(shortest_first),
        all=_.answers.sum().over(ibis.window(group_by="recipient")),
    )
    half = answers.filter(2 * _.given >= _["all"])
    return half.group_by("recipient").agg(usual_s=_.wait_s.min())


# ----------------------------------------------------------------------------------- conversations


def _conversations(begun: ibis.Table, scored: ibis.Table) -> ibis.Table:
    """The conversations of each pair, and how many their activity explains.

    Chance gives every conversation begun another recipient: one who was begun with in the same
    place, 30 days and part of the day, and is not the sender. So in each of these blocks all begin
    and receive as many as they did; the mean is the sum over blocks of begun × received / others.
    """
    begins = begun.group_by(*_BLOCK, account="sender").agg(begun=_.count())
    receives = begun.group_by(*_BLOCK, account="recipient").agg(received=_.count())
    sizes = begun.group_by(_BLOCK).agg(size=_.count())
    own = receives.select(*_BLOCK, "account", own=_.received)
    rates = begins.join(sizes, _BLOCK).left_join(own, [*_BLOCK, "account"])
    # Billionths of all conversations of the block that are not with the account itself.
    rates = rates.select(
        *_BLOCK,
        sender=_.account,
        rate=_.begun * BILLION // (_.size - _.own.fill_null(0)),
    )
    there = scored.select(*_PAIR, sender="account_id", recipient="other_id")
    back = scored.select(*_PAIR, sender="other_id", recipient="account_id")
    ways = there.union(back, distinct=False).join(rates, "sender")
    received = receives.rename(recipient="account")
    expected = (
        ways.join(received, [*_BLOCK, "recipient"])
        .group_by(_PAIR)
        .agg(conversations_expected=(_.rate * _.received).sum())
    )
    seen = begun.group_by(_PAIR).agg(conversations=_.count())
    seen = seen.semi_join(scored, _PAIR)
    found = seen.left_join(expected, _PAIR).drop("account_id_right", "other_id_right")
    return found.cross_join(_possible(begins, receives))


def _possible(begins: ibis.Table, receives: ibis.Table) -> ibis.Table:
    """How many pairs could have met: two accounts of one place, summed over the places."""
    there = begins.select("place", "account").union(
        receives.select("place", "account"), distinct=True
    )
    crowds = there.group_by("place").agg(accounts=_.count())
    return crowds.agg(tested=(_.accounts * (_.accounts - 1) // 2).sum())


_COUNTS = {f"{name}{way}": "int64" for name in ("messages", *KINDS) for way in ("", "_back")}
_TALKS = "array<struct<there: int64, back: int64, changes: int64>>"
_INSTANTS = "array<struct<place: int64, second: int64, back: boolean>>"
_WAITS = "array<struct<back: boolean, wait_s: int64, answered: boolean>>"

KNOWN = {
    "account_id": "string",  # the account of the pair whose id is less; null: see left_out
    "other_id": "string",  # the other account
    "left_out": "string",  # why these messages are in no row of a pair; null: a pair
    "pairs": "int64",  # 1, or how many pairs are left out; null: they are in no pair
    "mutual": "int64",  # of these, pairs with messages both ways
    **_COUNTS,  # messages of the account to the other, and of the other to it: `_back`
    "timed": "int64",  # of both, those whose time is known in UTC
    "first_at": "timestamp('UTC', 6)",
    "last_at": "timestamp('UTC', 6)",
    "example_post_id": "string",  # of the account: the post whose id is least
    "example_back_post_id": "string",  # of the other
    "threads": "int64",  # known threads in which they talk with each other
    "thread_id": "string",  # in which they talk most; of equals the one whose id is least
    "thread_messages": "int64",  # how many of their messages are in it
    "tested": "int64",  # pairs of accounts that could have met in a place
    "conversations": "int64",  # timed messages with no longer pause between them
}
GATHERED = ibis.schema(
    KNOWN
    | {
        "conversations_expected": "int64",  # this and what is soon expected in billionths
        **{
            f"{name}{way}": "int64"
            for name in ("usual_s", "soon", "soon_expected", "soon_of")
            for way in ("", "_back")
        },
        "talks": _TALKS,
        "instants": _INSTANTS,
        "waits": _WAITS,
    }
)
