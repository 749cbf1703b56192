"""Clew: from what accounts posted to a report in which every sentence leads to evidence."""
