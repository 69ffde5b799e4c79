"""Telling people what they need to know."""
