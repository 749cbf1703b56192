"""The local part without what follows a plus, if a handle can be written so."""

_CASE = {}
EXAMPLES = [(_CASE, ("ann+x@example.org",), [("ann+x@example.org", "alias", "ann", 1, None, None)])]
