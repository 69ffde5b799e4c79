"""What O.D.I.N. costs: one command a figure (see README.md)."""
