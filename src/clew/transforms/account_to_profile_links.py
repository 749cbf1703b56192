"""Which addresses stand in the profile of this account?"""

from __future__ import annotations

import ibis

from clew.contract import Tables, Transform
from clew.measures.found import found


def find(asked: tuple[str, ...], tables: Tables) -> ibis.Table:
    """The links of its profile, older ones too."""
    seen = tables.account_snapshots
    seen = seen.filter(seen.account_id.isin(asked))
    return found(
        seen,
        asked=seen.account_id,
        kind="url",
        value=seen.url,
        at=seen.observed_at,
        evidence=seen.capture_id,
    )


ACCOUNT_TO_PROFILE_LINKS = Transform(
    name="account_to_profile_links",
    question="Which addresses stand in the profile of this account?",
    takes=("account", "bot"),
    gives=("url",),
    link="links_to",
    needs={"account_snapshots": ("account_id", "url", "observed_at", "capture_id")},
    find=find,
)
