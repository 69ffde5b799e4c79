"""Organisations: tenancy, members, roles, tokens, what is due where."""
