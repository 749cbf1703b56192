"""Measurements: one command each, printed as tables. A test never asserts a wall time."""
