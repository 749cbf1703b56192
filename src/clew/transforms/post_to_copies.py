"""Which posts say the same, or nearly the same, as this one?"""

from __future__ import annotations

import ibis
from ibis import _

from clew.contract import Tables, Transform
from clew.measures.acts import exact
from clew.measures.copies import near_copies
from clew.measures.found import found


def find(asked: tuple[str, ...], tables: Tables) -> ibis.Table:
    """Near copies of its text, all in one group."""
    texts = tables.posts.select("post_id", "text")
    copies = near_copies(texts).select("post_id", "copy_id").filter(_.copy_id.notnull())
    own = copies.filter(_.post_id.isin(asked)).select("copy_id", asked="post_id")
    alike = own.join(copies.view(), "copy_id")
    times = tables.posts.select("post_id", at=exact(tables.posts, "posted_at"))
    alike = alike.join(times, "post_id")
    return found(
        alike,
        asked=alike.asked,
        kind="post",
        value=alike.post_id,
        at=alike["at"],
        evidence=alike.post_id,
    )


POST_TO_COPIES = Transform(
    name="post_to_copies",
    question="Which posts say the same, or nearly the same, as this one?",
    takes=("post", "message"),
    gives=("post",),
    link="copy_of",
    needs={"posts": ("post_id", "text", "posted_at", "time_quality")},
    find=find,
    limits=("Translations and paraphrases are not found.",),
)
