"""Printer protocols by name."""

from printers.drivers.driver import Conversation, Driver, Endpoint
from printers.drivers.moonraker import MoonrakerDriver

DRIVERS: dict[str, type[Driver]] = {driver.protocol: driver for driver in (MoonrakerDriver,)}


def conversation_for(protocol: str, endpoint: Endpoint) -> Conversation:
    """The talk with a pushing printer; KeyError for a protocol that is polled or unknown."""
    raise KeyError(protocol)
