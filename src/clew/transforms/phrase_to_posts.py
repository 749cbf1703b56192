"""Which posts contain these words?"""

from __future__ import annotations

import ibis

from clew.contract import Tables, Transform
from clew.measures.acts import exact
from clew.measures.found import found


def find(asked: tuple[str, ...], tables: Tables) -> ibis.Table:
    """Posts whose text contains the phrase, without regard to case."""
    posts = tables.posts.select("post_id", "text", at=exact(tables.posts, "posted_at"))
    text = posts.text.lower()
    rows = ibis.union(
        *(
            posts.filter(text.contains(phrase.lower())).mutate(asked=ibis.literal(phrase))
            for phrase in asked
        )
    )
    return found(
        rows,
        asked=rows.asked,
        kind="post",
        value=rows.post_id,
        at=rows["at"],
        evidence=rows.post_id,
    )


PHRASE_TO_POSTS = Transform(
    name="phrase_to_posts",
    question="Which posts contain these words?",
    takes=("phrase",),
    gives=("post",),
    link="mentions",
    is_backward=True,
    needs={"posts": ("post_id", "text", "posted_at", "time_quality")},
    find=find,
    limits=("Only letters of the same form are found: no other spellings, no inflections.",),
)
