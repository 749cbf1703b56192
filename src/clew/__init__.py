"""Clew: from what accounts posted to a report in which every sentence leads to its evidence."""

from __future__ import annotations

from clew.case.importing import Request, add_files
from clew.case.open import Case, new_case, open_case

__all__ = ["Case", "Request", "add_files", "new_case", "open_case"]
