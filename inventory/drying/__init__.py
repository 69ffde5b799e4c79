"""Drying filament: what was done, how long it lasts, and what is due."""
