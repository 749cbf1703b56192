"""Which accounts may be one person's, and what speaks for and against it?

Two accounts become a pair if they share something that few have: a handle, what is left of it
without digits and dots, a name, a picture, a link or words in the profile, an address or a wallet
that both name. Pairs are weighed in `weighing`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

import ibis
import msgspec
from ibis import _

from clew.analyses.identity.telling import draw, find
from clew.analyses.identity.weighing import score
from clew.contract import Analysis, Count, Tables
from clew.measures.acts import exact, folded
from clew.model.values import CURRENCIES

Percent = Annotated[int, msgspec.Meta(ge=1, le=99)]


@dataclass(frozen=True)
class Options:
    """What makes a pair, and how sure it must be."""

    kinds: tuple[str, ...] = (
        "email",
        "phone",
        "onion",
        "tracking_id",
        "iban",
        *CURRENCIES,
    )  # observables that are compared
    most_holders: Count = 20  # accounts; what more of them share is no sign and makes no pair
    linked_percent: Percent = 95  # from this probability on two accounts are called linked
    possible_percent: Percent = 20  # from this one on they are called possible
    min_posts: Count = 30  # of each account, for its hours to be compared
    shown: Count = 10  # pairs that get a finding of their own
    pictured: Count = 20  # pairs in the picture


_SHORTEST = 4  # characters of a name or a stem that are compared
_SHORTEST_TEXT = 20  # characters of a description


def gather(tables: Tables, options: Options) -> ibis.Table:
    """What pairs share; and of the whole case what it takes to weigh that."""
    facts = _facts(tables, options)
    counted = facts.mutate(holders=_.account_id.count().over(group_by=("kind", "value")))
    shared = counted.filter(_.holders > 1)
    pairs = _pairs(shared.filter(_.holders <= options.most_holders), tables)
    return ibis.union(
        _filled("pair", pairs),
        _filled("left", _left(shared.filter(_.holders > options.most_holders))),
        _filled("accounts", tables.accounts.agg(number=_.count())),
        _filled("letters", _letters(tables)),
        _filled("hours", _hours(tables, pairs)),
    )


def _facts(tables: Tables, options: Options) -> ibis.Table:
    """Everything about an account that another may have as well, each once."""
    accounts = tables.accounts
    handle = folded(accounts.handle)
    stem = handle.re_replace(r"[0-9._-]+", "")
    name = folded(accounts.name)
    said = {
        "handle": handle.nullif(""),
        "stem": ibis.ifelse(stem.length() >= _SHORTEST, stem, None),
        "name": ibis.ifelse(name.length() >= _SHORTEST, name, None),
        "description": ibis.ifelse(
            accounts.description.length() >= _SHORTEST_TEXT, accounts.description, None
        ),
        "picture": accounts.avatar_url.nullif(""),
        "link": accounts.url.nullif(""),
    }
    profile = [
        accounts.select(
            "account_id", kind=ibis.literal(kind), value=value, evidence=accounts.account_id
        )
        for kind, value in said.items()
    ]
    named = tables.observables.filter(_.kind.isin(options.kinds))
    posts = tables.posts.select("post_id", "account_id")
    named = named.join(posts, "post_id").select(
        "account_id", kind=ibis.literal("named"), value="value", evidence="post_id"
    )
    every = ibis.union(*(each.cast(_FACT) for each in (*profile, named))).filter(
        _.account_id.notnull(), _.value.notnull()
    )
    return every.group_by("account_id", "kind", "value").agg(evidence=_.evidence.min())


_FACT = {"account_id": "string", "kind": "string", "value": "string", "evidence": "string"}


def _pairs(shared: ibis.Table, tables: Tables) -> ibis.Table:
    others = shared.select(
        "kind", "value", other_account_id="account_id", other_evidence="evidence"
    ).view()
    pairs = shared.join(others, ["kind", "value"])
    pairs = pairs.filter(_.account_id < _.other_account_id)
    platforms = tables.accounts.select("account_id", "platform")
    pairs = pairs.join(platforms, "account_id")
    theirs = platforms.rename(other_account_id="account_id", other_platform="platform").view()
    pairs = pairs.join(theirs, "other_account_id")
    return pairs.select(
        "account_id",
        "other_account_id",
        "kind",
        "value",
        "evidence",
        "other_evidence",
        number="holders",
        is_same_platform=pairs.platform == pairs.other_platform,
    )


def _left(popular: ibis.Table) -> ibis.Table:
    """Values that too many share, by kind."""
    values = popular.group_by("kind", "value").agg()
    return values.group_by("kind").agg(number=_.count())


def _letters(tables: Tables) -> ibis.Table:
    """Each two letters that follow one another in handles, and how often."""
    handles = tables.accounts.select(handle=folded(tables.accounts.handle))
    handles = handles.filter(_.handle.length() > 1)
    places = ibis.range(0, handles.handle.length() - 1).unnest()
    pairs = handles.select("handle", place=places).mutate(value=_.handle.substr(_.place, 2))
    return pairs.group_by("value").agg(number=_.count())


def _hours(tables: Tables, pairs: ibis.Table) -> ibis.Table:
    """Posts in each hour of the day (UTC) of the accounts that are in a pair."""
    one = pairs.select("account_id")
    other = pairs.select(account_id="other_account_id")
    paired = one.cast({"account_id": "string"}).union(other.cast({"account_id": "string"}))
    posts = tables.posts.select("account_id", at=exact(tables.posts, "posted_at"))
    posts = posts.filter(_["at"].notnull()).semi_join(paired, "account_id")
    hours = posts.group_by("account_id", hour=_["at"].hour()).agg(number=_.count())
    return hours.select("account_id", "number", value=hours.hour.cast("string"))


def _filled(what: str, rows: ibis.Table) -> ibis.Table:
    columns = {
        name: rows[name].cast(kind) if name in rows.columns else ibis.null(kind)
        for name, kind in _GATHERED.items()
        if name != "what"
    }
    return rows.select(what=ibis.literal(what), **columns).cast(_GATHERED)


_GATHERED = ibis.schema(
    {
        "what": "string",  # pair, left, accounts, letters, hours
        "account_id": "string",
        "other_account_id": "string",
        "kind": "string",
        "value": "string",
        "evidence": "string",
        "other_evidence": "string",
        "number": "int64",  # holders, values left, accounts, times, posts
        "is_same_platform": "boolean",
    }
)

GIVES = ibis.schema(
    {
        "account_id": "string",  # the lesser id of the pair; null: the row tells of the whole case
        "other_account_id": "string",
        "outcome": "string",  # linked, possible, insufficient
        "probability": "float64",  # that both are one person's
        "bits": "float64",  # log2 of the odds
        "prior_bits": "float64",  # log2 of the odds before anything was compared
        "signs": "array<string>",  # what speaks for or against it, the strongest first
        "values": "array<string>",  # what is shared, in the same order; "": nothing to show
        "weights": "array<float64>",  # bits of each; below 0: it speaks against it
        "evidence": "array<string>",  # posts and accounts that show it
        "accounts": "int64",  # of a whole case: accounts
        "left_kinds": "array<string>",  # of a whole case: kinds of which values were left
        "left_values": "array<int64>",  # how many of each, because too many share them
    }
)

IDENTITY = Analysis(
    name="identity",
    question="Which accounts may be one person's, and what speaks for and against it?",
    needs={
        "accounts": (
            "account_id",
            "platform",
            "handle",
            "name",
            "description",
            "url",
            "avatar_url",
        ),
        "posts": ("post_id", "account_id", "posted_at", "time_quality"),
        "observables": ("post_id", "kind", "value"),
    },
    gives=GIVES,
    gather=gather,
    score=lambda gathered, options: score(gathered, GIVES, options),
    find=find,
    draw=draw,
    options=Options,
    method=(
        "Sum of log-likelihood ratios: Fellegi & Sunter, A Theory for Record Linkage (1969),"
        " doi:10.1080/01621459.1969.10501049",
        "How rare a user name is, by a Markov model of letters: Perito et al., How Unique and"
        " Traceable are Usernames? (2011), arXiv:1101.5578",
        "Why look-alikes must be in the test: Goga et al., On the Reliability of Profile Matching"
        " (KDD 2015), arXiv:1506.02289",
    ),
    limits=(
        "Whoever wants to be taken for another copies name, picture and words: these alone make no"
        " pair linked.",
        "The weights were set on invented people; how often real ones share a handle was not"
        " measured.",
        "Accounts that share nothing rare are not compared at all.",
        "An account is not a person: several people may write with one.",
    ),
)
