"""The case: opening it, running things in it, reporting from it."""
