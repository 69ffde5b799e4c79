"""Which machine answers: by its Attributes (facts 5.1). Resin printers speak SDCP too, and are not driven."""

from typing import Any

from printers.drivers.driver import Detected, DriverError, Trouble
from printers.drivers.readings import items, text

# As much of a MainboardID as is stored for a serial number; real ones have 32 characters.
BOARD_LENGTH = 60
_VERSION = "V3"
_RESIN = ("saturn", "mars", "jupiter")


def check_kind(attributes: dict[str, Any]) -> None:
    """DriverError unless this is a filament printer that speaks SDCP 3."""
    model = text(attributes.get("MachineName"), 80)
    kinds = [text(kind, 20).lower() for kind in items(attributes.get("SupportFileType"))]
    is_resin = bool(kinds) and not any("gcode" in kind for kind in kinds)
    if is_resin or any(name in model.lower() for name in _RESIN):
        words = f"{model or 'This'} is a resin printer. Only filament printers can be driven over SDCP."
        raise DriverError(Trouble.WRONG_PROTOCOL, words)
    version = text(attributes.get("ProtocolVersion"), 20)
    if version and not version.upper().startswith(_VERSION):
        words = f"The printer speaks SDCP {version}; only version 3 is known here. Update its firmware."
        raise DriverError(Trouble.WRONG_PROTOCOL, words)


def detected(attributes: dict[str, Any], warnings: tuple[str, ...] = ()) -> Detected:
    """What the set-up page wants to know. The told size (XYZsize) is not the bed's, and so is left out."""
    check_kind(attributes)
    board = text(attributes.get("MainboardID"), BOARD_LENGTH)
    # A board that was never given an id of its own tells one that others have too.
    is_own = len(set(board)) > 2
    return Detected(
        model=text(attributes.get("MachineName"), 80),
        firmware=text(attributes.get("FirmwareVersion"), 80),
        name=text(attributes.get("Name"), 80),
        serial=board if is_own else "",
        machine_key=f"sdcp:{board}" if is_own else "",
        warnings=warnings,
    )
