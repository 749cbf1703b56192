"""Clew: from what accounts posted to a report in which every sentence leads to its evidence."""

from __future__ import annotations

from clew.case.graph import Graph
from clew.case.importing import Request, add_files
from clew.case.open import Case, new_case, open_case
from clew.case.transforming import costs, transform

__all__ = [
    "Case",
    "Graph",
    "Request",
    "add_files",
    "costs",
    "new_case",
    "open_case",
    "transform",
]
