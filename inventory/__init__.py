"""Filament and spools, and what prints took off them."""
