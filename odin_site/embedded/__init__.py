"""PostgreSQL and Valkey as children of ours, from the pinned wheels."""

from .postgres import EmbeddedPostgres
from .valkey import EmbeddedValkey

__all__ = ["EmbeddedPostgres", "EmbeddedValkey"]
