"""Who claims what of which entity, and on what evidence?

Everything on the graph is a statement: that a thing is there, what it is called, how it stands to
another, that two are the same. Rival statements stand side by side; none overwrites another. A
statement's id is the hash of what it says, so the same claim made twice is one.
"""

from __future__ import annotations

import hashlib
import json
from enum import StrEnum

import msgspec

from clew.errors import OptionsInvalid
from clew.model.kinds import KINDS, LINKS, Entity
from clew.model.times import Micros

KIND = "kind"
"""The property that says that an entity is there at all; its value is the name of the kind."""

NOTE = "note"
"""The property of an entity that holds what an analyst wrote of it."""

LABEL = "label"
"""The property by which an entity is shown; its value without one."""

ITSELF = "its value"
"""The claimant of what follows from the value of an entity."""

EVIDENCE = 8
"""At most so many ids of rows a statement carries; `acts` says how many there are."""


class Judged(StrEnum):
    """What somebody thinks of two entities: properties of a judgement. Only SAME joins them."""

    SAME = "same_as"
    NOT_SAME = "not_same_as"
    UNSURE = "unsure_same_as"


class Statement(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """One claim of one property, or one link, of one entity."""

    subject: str  # id of the entity
    prop: str  # a property of its kind, `kind`, `label`, `note`, a link, a judgement
    value: str  # of a link or a judgement: the id of the other entity
    claimant: str  # who says so: the name of a transform, or of a person's account
    original: str = ""  # the value as it was written, if cleaning changed it
    reason: str = ""  # why, in words; the features of a judgement as JSON
    evidence: tuple[str, ...] = ()  # posts, accounts and captures that it rests on
    acts: int | None = None  # how many there are of what it says; null: not counted
    first_at: Micros | None = None  # of these acts; null: not known in UTC
    last_at: Micros | None = None
    confidence: float | None = None  # a probability; null: nothing was estimated

    @property
    def statement_id(self) -> str:
        """128 bits of the SHA-256 of all that it says, in hex."""
        content = json.dumps(
            msgspec.to_builtins(self), sort_keys=True, separators=(",", ":"), ensure_ascii=False
        )
        return hashlib.sha256(content.encode("utf-8", "surrogatepass")).hexdigest()[:32]

    @property
    def claim(self) -> tuple[str, str, str, str]:
        """What is claimed by whom: said again with other evidence, it takes the older's place."""
        return (self.subject, self.prop, self.value, self.claimant)

    @property
    def is_link(self) -> bool:
        """Whether it leads to another entity; judgements are no links."""
        return self.prop in LINKS


def present(entity: Entity, claimant: str, *, original: str = "") -> Statement:
    """The statement that puts an entity on the graph."""
    kept = original if original != entity.value else ""
    return Statement(
        subject=entity.entity_id,
        prop=KIND,
        value=entity.kind,
        claimant=claimant,
        original=kept,
    )


def derived(entity: Entity) -> list[Statement]:
    """What the value of an entity says of itself: the country of a number, the kind of a hash."""
    derive = KINDS[entity.kind].derive
    if derive is None:
        return []
    return [
        Statement(subject=entity.entity_id, prop=name, value=text, claimant=ITSELF)
        for name, text in derive(entity.value).items()
    ]


def stated(entity: Entity, prop: str, value: str, claimant: str, **more: object) -> Statement:
    """A property of an entity; raises OptionsInvalid for one that its kind does not have."""
    known = [LABEL, NOTE, *KINDS[entity.kind].properties]
    if prop not in known:
        raise OptionsInvalid(f"{entity.kind} has no {prop!r}; it has: {', '.join(known)}")
    return Statement(
        subject=entity.entity_id,
        prop=prop,
        value=value,
        claimant=claimant,
        **more,  # type: ignore[arg-type]
    )


def linked(source: Entity, link: str, target: Entity, claimant: str, **more: object) -> Statement:
    """A link; raises OptionsInvalid for a kind of link that does not exist or leads to itself.

    A symmetric one is kept from the lesser id to the greater.
    """
    if link not in LINKS:
        raise OptionsInvalid(f"there is no link {link!r}; there are: {', '.join(LINKS)}")
    ends = [source.entity_id, target.entity_id]
    if ends[0] == ends[1]:
        raise OptionsInvalid(f"{ends[0]} cannot be linked to itself")
    if LINKS[link].is_symmetric:
        ends.sort()
    return Statement(
        subject=ends[0],
        prop=link,
        value=ends[1],
        claimant=claimant,
        **more,  # type: ignore[arg-type]
    )


def judged(one: Entity, other: Entity, verdict: Judged, claimant: str, reason: str) -> Statement:
    """What somebody thinks of two entities; raises OptionsInvalid if they are one, or say no why.

    Merging without a reason cannot be reviewed, so there is none.
    """
    if one == other:
        raise OptionsInvalid(f"{one.entity_id} is itself already")
    if not reason.strip():
        raise OptionsInvalid("a judgement needs a reason")
    least, greatest = sorted((one.entity_id, other.entity_id))
    return Statement(subject=least, prop=verdict, value=greatest, claimant=claimant, reason=reason)
