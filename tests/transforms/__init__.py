"""One file for each transform: `EXAMPLES`, what a small case answers."""
