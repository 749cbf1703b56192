"""Which groups are there, how sure is each member, and what is each group's own?

`grouping` finds the groups of a network, `describing` says what the table holds of them, `telling`
what is said of them.
"""

from __future__ import annotations

import ibis
import pyarrow as pa
from ibis import _

from clew.analyses.communities import telling
from clew.analyses.communities.asked import CHANNEL, GATHERED, GIVES, Options, Part
from clew.analyses.communities.describing import described
from clew.contract import Analysis, Finding, Plot, Tables
from clew.measures.acts import NEEDS, directed_acts


def gather(tables: Tables, options: Options) -> ibis.Table:
    """The pairs of accounts with their acts, what is left out, and what each account has."""
    acts = directed_acts(tables, options.kinds)
    acts = acts.mutate(
        reason=ibis.cases(
            (acts.account_id.isnull(), "by an account that is not recorded"),
            (acts.target_account_id.isnull(), "toward no account that is known"),
            (acts.account_id == acts.target_account_id, "toward the account itself"),
        )
    )
    pairs = (
        acts.filter(_.reason.isnull())
        .group_by(
            account_id=ibis.least(acts.account_id, acts.target_account_id),
            value=ibis.greatest(acts.account_id, acts.target_account_id),
        )
        .agg(number=_.count(), example_post_id=_.post_id.min())
    )
    ties = pairs.filter(_.number >= options.min_acts)
    few = pairs.filter(_.number < options.min_acts).agg(number=_.number.sum())
    few = few.mutate(kind=ibis.literal("in pairs with too few acts")).filter(_.number > 0)
    left_out = acts.filter(_.reason.notnull()).group_by(kind=_.reason).agg(number=_.count())
    return (
        _part(Part.TIE, ties)
        .union(_part(Part.LEFT_OUT, left_out))
        .union(_part(Part.LEFT_OUT, few))
        .union(_part(Part.TRAIT, _traits(tables, ties, options)))
    )


_MOST_TRAITS = 20  # of each kind and account


def _traits(tables: Tables, ties: ibis.Table, options: Options) -> ibis.Table:
    """What each tied account names in its posts and where it posts: what it does most."""
    tied = ties.select("account_id").union(ties.select(account_id="value"), distinct=True)
    posts = tables.posts.semi_join(tied, "account_id")
    posts = posts.select("post_id", "account_id", "channel_id")
    named = tables.observables.filter(_.kind.isin(options.labels), _.kind != CHANNEL)
    has = named.join(posts, "post_id").select("account_id", "post_id", "kind", "value")
    if CHANNEL in options.labels:
        placed = posts.filter(_.channel_id.notnull())
        placed = placed.mutate(kind=ibis.literal(CHANNEL), value=_.channel_id)
        has = has.union(placed.select(*has.columns).cast(has.schema()))
    key = ["account_id", "kind", "value"]
    traits = has.group_by(key).agg(number=_.count(), example_post_id=_.post_id.min())
    holders = traits.group_by("kind", "value").agg(holders=_.count())
    shared = holders.filter(_.holders >= options.min_holders)
    traits = traits.semi_join(shared, ["kind", "value"])
    place = ibis.row_number().over(
        group_by=["account_id", "kind"], order_by=[_.number.desc(), _.value.asc()]
    )
    return traits.mutate(place=place).filter(_.place < _MOST_TRAITS).drop("place")


def _part(part: Part, rows: ibis.Table) -> ibis.Table:
    """The rows with all columns of what is gathered."""
    rows = rows.mutate(part=ibis.literal(part))
    missing = {name: ibis.null(kind) for name, kind in GATHERED.items() if name not in rows.columns}
    return rows.mutate(**missing).select(*GATHERED).cast(GATHERED)


def score(gathered: pa.Table, options: Options) -> pa.Table:
    """The groups of the network, their members, ties and labels."""
    return described(gathered, options)


def find(result: pa.Table, options: Options) -> list[Finding]:
    """Which groups there are, whether they are more than chance, and what each is like."""
    return telling.findings(result, options)


def draw(result: pa.Table, options: Options) -> list[Plot]:
    """How the largest groups act toward each other, and how large they are."""
    return telling.plots(result, options)


COMMUNITIES = Analysis(
    name="communities",
    question="Which groups are there, how sure is each member, and what is each group's own?",
    needs={
        **NEEDS,
        "posts": (*NEEDS["posts"], "channel_id"),
        "observables": ("post_id", "kind", "value"),
    },
    gives=GIVES,
    gather=gather,
    score=score,
    find=find,
    draw=draw,
    options=Options,
    method=(
        "Leiden: Traag, Waltman & van Eck (2019), doi:10.1038/s41598-019-41695-z; modularity with"
        " a resolution: Reichardt & Bornholdt (2006), doi:10.1103/PhysRevE.74.016110",
        "Consensus: Lancichinetti & Fortunato (2012), doi:10.1038/srep00336, on the ties of the"
        " network only",
        "One-standard-error rule: Breiman, Friedman, Olshen & Stone, Classification and Regression"
        " Trees (1984), ch. 3; standard errors of pairs that share an account: Fafchamps & Gubert"
        " (2007), doi:10.1257/aer.97.2.75",
        "Log-likelihood ratio of labels: Dunning (1993), aclanthology.org/J93-1003",
    ),
    limits=(
        "Groups are made of the acts that were captured; what was not captured ties nobody.",
        "An act is attention, not agreement: opponents who argue form a group.",
        "Everyone is in exactly one group; who belongs to two is where most of its ties are, with"
        " less stability.",
        "In a network of many ties only two resolutions are tried: small groups may be merged, and"
        " very large ones split.",
        "A label says what members name or where they post more than others, not what they think.",
    ),
)
