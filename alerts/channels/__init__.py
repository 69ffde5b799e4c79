"""The ways to tell people."""

from alerts.kinds import Channel

from .adapter import Adapter

ADAPTERS: dict[Channel, Adapter] = {}
