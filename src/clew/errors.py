"""Every error that Clew raises on purpose.

* ClewError
  + CaseError            the case itself is not usable
    - CaseInvalid        case.toml lacks or contradicts what the law page asks
    - CaseDamaged        a byte is missing, added or changed; says which
  + ItemError            one record could not be used: count it, go on
  + SourceUnusable       the capture cannot be read at all: stop, keep nothing of it
  + Refused              policy forbids it (scope, activity class, platform); never retried
  + OptionsInvalid       an option or a column mapping is not what it should be
  + NotEnough            the tables do not carry what an analysis needs

A plugin may raise ItemError, SourceUnusable and Refused; only `clew.case.run` catches.
"""

from __future__ import annotations


class ClewError(Exception):
    """Base of all errors raised on purpose."""


class CaseError(ClewError):
    """The case folder cannot be used."""


class CaseInvalid(CaseError):
    """The case does not say what it must: purpose, legal basis, retention."""


class CaseDamaged(CaseError):
    """A stored byte is not what it was when it was stored."""


class ItemError(ClewError):
    """One record cannot be used; it is counted under `reason` and the reading goes on.

    Args:
        reason: a short, stable phrase that rows are counted by ("time out of range").
        detail: what was seen in this record, for the analyst.
    """

    def __init__(self, reason: str, detail: str = "") -> None:
        super().__init__(f"{reason}: {detail}" if detail else reason)
        self.reason = reason
        self.detail = detail


class SourceUnusable(ClewError):
    """The capture cannot be read as what it claims to be; nothing of it is kept."""


class Refused(ClewError):
    """The case's purpose, scope or activity class forbids this; retrying changes nothing."""


class OptionsInvalid(ClewError):
    """An option is unknown, of the wrong type or out of range."""


class NotEnough(ClewError):
    """The tables do not carry what an analysis needs."""
