"""Printers that a driver cannot tell from real ones."""
