"""One action on many rows: what became of each, and why not."""
