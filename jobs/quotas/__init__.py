"""Quotas: how much may be printed in a day, week, month or semester, what is used, and what is left."""
