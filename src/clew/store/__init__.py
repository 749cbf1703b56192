"""Where the case is kept: evidence, tables, journal."""
