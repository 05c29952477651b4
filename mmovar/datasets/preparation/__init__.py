"""Build annotation lists from official splits, and check their labels."""
