"""What may be done in a case: its purpose, legal basis, scope, retention, and what a source does.

Pure data and checks. `case.toml` is the written form of `Mandate`; `clew.case` reads it and asks it
before every run.
"""

from __future__ import annotations

import datetime as dt
from enum import StrEnum

import msgspec

from clew.errors import CaseInvalid, Refused


class Activity(StrEnum):
    """What a source or transform does to the world outside the case."""

    OFFLINE = "offline"  # reads what the analyst already has; sends nothing
    PUBLIC_API = "public_api"  # asks a public service, without logging in as anybody
    OWN_ACCOUNT_API = "own_account_api"  # asks an official API with the analyst's own credentials


class Marking(StrEnum):
    """Traffic Light Protocol 2.0 marking (https://www.first.org/tlp/)."""

    RED = "TLP:RED"
    AMBER_STRICT = "TLP:AMBER+STRICT"
    AMBER = "TLP:AMBER"
    GREEN = "TLP:GREEN"
    CLEAR = "TLP:CLEAR"


class Scope(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What the case may look at. An empty list means no restriction of that kind."""

    platforms: tuple[str, ...] = ()
    activities: tuple[Activity, ...] = (Activity.OFFLINE,)


class Mandate(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Why this case may exist, until when, and what it may touch. The content of `case.toml`."""

    name: str
    purpose: str
    legal_basis: str
    retention_until: dt.date
    authority: str = ""
    marking: Marking = Marking.AMBER
    scope: Scope = msgspec.field(default_factory=Scope)

    def __post_init__(self) -> None:
        for field in ("name", "purpose", "legal_basis"):
            if not getattr(self, field).strip():
                raise CaseInvalid(f"the case needs a {field.replace('_', ' ')}: it is empty")

    def permit(self, *, platform: str | None, activity: Activity, today: dt.date) -> None:
        """Raise Refused unless the case allows this activity on this platform today.

        Platform None: what is asked about is of no platform (a domain, a telephone number).
        """
        if today > self.retention_until:
            raise Refused(
                f"the case's retention ended on {self.retention_until}: nothing more may be added"
            )
        if activity not in self.scope.activities:
            allowed = ", ".join(self.scope.activities)
            raise Refused(f"activity {activity!s} is outside the case's scope ({allowed})")
        if platform and self.scope.platforms and platform not in self.scope.platforms:
            allowed = ", ".join(self.scope.platforms)
            raise Refused(f"platform {platform} is outside the case's scope ({allowed})")


def parse_mandate(toml: bytes, where: str) -> Mandate:
    """The mandate that a `case.toml` states; raises CaseInvalid naming what is wrong in it."""
    try:
        return msgspec.toml.decode(toml, type=Mandate)
    except msgspec.MsgspecError as error:
        raise CaseInvalid(f"{where}: {error}") from error
