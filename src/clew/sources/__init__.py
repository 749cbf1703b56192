"""One file for each format that Clew reads; each declares one `Source`."""
