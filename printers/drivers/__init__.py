"""Printer protocols by name."""

from printers.drivers.bambu import BambuDriver
from printers.drivers.bambu_conversation import BambuConversation
from printers.drivers.conversation import Conversation
from printers.drivers.driver import Driver, Endpoint
from printers.drivers.elegoo import ElegooDriver
from printers.drivers.moonraker import MoonrakerDriver
from printers.drivers.octoprint import OctoPrintDriver
from printers.drivers.prusalink import PrusaLinkDriver

DRIVERS: dict[str, type[Driver]] = {
    driver.protocol: driver
    for driver in (
        MoonrakerDriver,
        BambuDriver,
        ElegooDriver,
        OctoPrintDriver,
        PrusaLinkDriver,
    )
}
_CONVERSATIONS: dict[str, type[BambuConversation]] = {BambuDriver.protocol: BambuConversation}


def conversation_for(protocol: str, endpoint: Endpoint) -> Conversation:
    """The talk with a pushing printer; KeyError for a protocol that is polled or unknown."""
    return _CONVERSATIONS[protocol](endpoint)
