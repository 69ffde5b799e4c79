"""Tests of every app, and of all of them together."""
