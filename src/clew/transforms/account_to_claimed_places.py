"""Where does this account say that it is?"""

from __future__ import annotations

import ibis

from clew.contract import Tables, Transform
from clew.measures.found import found


def find(asked: tuple[str, ...], tables: Tables) -> ibis.Table:
    """What its profile said of where it is, older texts too."""
    seen = tables.account_snapshots
    seen = seen.filter(seen.account_id.isin(asked))
    return found(
        seen,
        asked=seen.account_id,
        kind="place",
        value=seen.location_claimed,
        at=seen.observed_at,
        evidence=seen.capture_id,
    )


ACCOUNT_TO_CLAIMED_PLACES = Transform(
    name="account_to_claimed_places",
    question="Where does this account say that it is?",
    takes=("account", "bot"),
    gives=("place",),
    link="located_at",
    needs={"account_snapshots": ("account_id", "location_claimed", "observed_at", "capture_id")},
    find=find,
    limits=("Anybody can claim any place.",),
)
