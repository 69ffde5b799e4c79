"""Spools from files and other programs, and into files."""
