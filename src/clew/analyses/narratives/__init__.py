"""Who said it first, how did it spread, and how did it change on the way?"""

from __future__ import annotations

from dataclasses import dataclass

import ibis
from ibis import _

from clew.analyses.narratives.spreading import GATHERED, GIVES, score
from clew.analyses.narratives.telling import draw, find
from clew.contract import Analysis, Count, Tables
from clew.measures.acts import exact
from clew.measures.copies import near_copies
from clew.model.tables import InteractionKind, PostKind


@dataclass(frozen=True)
class Options:
    """What is called a narrative, and how much of it is kept and shown."""

    min_voices: Count = 3  # accounts (or channels, where no account is recorded) that say it
    limit: Count = 50  # narratives kept: those of most voices
    kept: Count = 300  # posts of each that are kept: the earliest; the others are only counted
    shown: Count = 5  # narratives that get a finding of their own


_CARRYING = (InteractionKind.REPOST, InteractionKind.FORWARD)
_ACTS = (*_CARRYING, InteractionKind.QUOTE, InteractionKind.REPLY)
_PART = 20  # a text that makes one in so many posts is shown, however late it appears


def gather(tables: Tables, options: Options) -> ibis.Table:
    """The posts of the narratives of most voices, with what each of them is recorded to repeat."""
    said = _said(tables)
    narratives = said.group_by("narrative").agg(
        voices=_.voice.nunique(),
        posts=_.count(),
        untimed=_.posted_at.isnull().sum(),
        texts=_.text_id.nunique(),
        first_at=_.posted_at.min(),
        last_at=_.posted_at.max(),
    )
    narratives = narratives.filter(_.voices >= options.min_voices)
    narratives = narratives.order_by(_.voices.desc(), "narrative").limit(options.limit)
    found = _with_places(said.join(narratives, "narrative"))
    found = found.filter(
        (_.place < options.kept)
        | (_.platform_place == 0)
        | ((_.text_place == 0) & (_.text_posts * _PART >= _.posts))
    )
    found = found.join(tables.posts.select("post_id", "text"), "post_id")
    found = found.left_join(tables.languages.select("post_id", "language"), "post_id")
    return found.select(*GATHERED).cast(GATHERED)


def _said(tables: Tables) -> ibis.Table:
    """The posts that have words, and those that carry another's on, with the narrative of each.

    A repost is what it repeats: its own text may be cut, or there may be none.
    """
    posts = tables.posts.filter(_.kind != PostKind.SERVICE)
    posts = posts.mutate(posted_at=exact(posts, "posted_at"))
    copies = near_copies(posts)
    targets = copies.select(target_post_id="post_id", target_text="exact_id", target_id="copy_id")
    posts = posts.left_join(_recorded(tables), "post_id").drop("post_id_right", "text")
    posts = posts.left_join(copies, "post_id").drop("post_id_right")
    posts = posts.left_join(targets, "target_post_id").drop("target_post_id_right")
    carries = _.act.isin(_CARRYING).fill_null(False)
    repeats = carries & ((_.kind == PostKind.REPOST) | _.copy_id.isnull()) & _.target_id.notnull()
    posts = posts.mutate(
        narrative=ibis.ifelse(repeats, _.target_id, _.copy_id),
        text_id=ibis.ifelse(repeats, _.target_text, _.exact_id),
    ).filter(_.narrative.notnull())
    # What is carried from a post without known words may have come from there.
    within = (_.target_id == _.narrative).fill_null(carries)
    return posts.select(
        "narrative",
        "text_id",
        "post_id",
        "account_id",
        "channel_id",
        "platform",
        "posted_at",
        voice=ibis.coalesce(posts.account_id, posts.channel_id),
        act=ibis.ifelse(within, _.act, None),
        target_post_id=ibis.ifelse(within, _.target_post_id, None),
    )


def _recorded(tables: Tables) -> ibis.Table:
    """Post → the post that it is recorded to repeat or answer, and how: one, the strongest."""
    acts = tables.interactions.filter(
        _.kind.isin(_ACTS), _.post_id.notnull(), _.target_post_id.notnull()
    ).filter(_.post_id != _.target_post_id)
    order = ibis.cases(
        *[(acts.kind == kind, place) for place, kind in enumerate(_ACTS)], else_=len(_ACTS)
    )
    # One number and one name order them: the strongest act, then the least post.
    acts = acts.select("post_id", strongest=order.cast("string") + acts.target_post_id)
    one = acts.group_by("post_id").agg(strongest=_.strongest.min())
    kind = one.strongest.substr(0, 1)
    return one.select(
        "post_id",
        act=ibis.cases(*[(kind == str(place), str(act)) for place, act in enumerate(_ACTS)]),
        target_post_id=one.strongest.substr(1),
    )


def _with_places(posts: ibis.Table) -> ibis.Table:
    """Posts with their places in time: in the narrative, on their platform, among their text's."""
    order = [posts.posted_at.isnull(), posts.posted_at, posts.post_id]
    platform, text = ["narrative", "platform"], ["narrative", "text_id"]
    return posts.mutate(
        place=ibis.row_number().over(group_by="narrative", order_by=order),
        platform_place=ibis.row_number().over(group_by=platform, order_by=order),
        text_place=ibis.row_number().over(group_by=text, order_by=order),
        platform_posts=posts.post_id.count().over(group_by=platform),
        text_posts=posts.post_id.count().over(group_by=text),
    )


NARRATIVES = Analysis(
    name="narratives",
    question="Who said it first, how did it spread across accounts and platforms, and how did its"
    " words change?",
    needs={
        "posts": (
            "post_id",
            "platform",
            "kind",
            "account_id",
            "channel_id",
            "posted_at",
            "time_quality",
            "text",
        ),
        "interactions": ("kind", "post_id", "target_post_id"),
        "languages": ("post_id", "language"),
    },
    gives=GIVES,
    gather=gather,
    score=score,
    find=find,
    draw=draw,
    options=Options,
    method=(
        "Near copies: Broder, On the resemblance and containment of documents (1997),"
        " doi:10.1109/SEQUEN.1997.666900, in bands: Leskovec, Rajaraman & Ullman, Mining of Massive"
        " Datasets (2014), ch. 3",
        "Delays from post to repost: Zhao et al., SEISMIC (KDD 2015), doi:10.1145/2783258.2783401",
        "Most likely parents: Gomez-Rodriguez, Leskovec & Krause, Inferring networks of diffusion"
        " and influence (KDD 2010), doi:10.1145/1835804.1835933",
    ),
    limits=(
        "First captured is not first said: what was not captured, or has no time in UTC, may be"
        " earlier.",
        "An inferred parent is the likeliest among the posts that were captured; its share says how"
        " much likelier, not that the author saw it. Several may have copied what nobody captured.",
        "A narrative is a text with its near copies. Paraphrases and translations are narratives of"
        " their own, and texts of fewer than eight words are joined only if they are the same.",
        "Texts that share most of their words by form (greetings, footers, prompts) are joined.",
        "Voices are accounts, not people, and accounts may act in concert.",
    ),
)
