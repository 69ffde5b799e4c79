"""Labels for spools: how large they are, what stands on them, and the PDF."""
