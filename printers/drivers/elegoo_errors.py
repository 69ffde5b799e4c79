"""An Elegoo printer's numbers in words.

ErrorNumber and Acks: SDCP V3.0.0 (github.com/cbd-tech/SDCP-Smart-Device-Control-Protocol-V3.0.0). Reasons:
the same, with the meanings that a filament printer gives them (docs.opencentauri.cc, Software, API).
"""

from printers.drivers.driver import Fault, Trouble

# PrintInfo.ErrorNumber; 0 is none.
ERRORS = {
    1: "The file on the printer is damaged: its checksum is wrong.",
    2: "The printer could not read the file.",
    3: "The file was made for another resolution.",
    4: "The printer does not know the file's format.",
    5: "The file was sliced for another model of printer.",
}

# ErrorStatusReason of a task; 0 is none.
REASONS = {
    1: "The temperature of nozzle or bed is too high.",
    2: "The strain gauge could not be calibrated.",
    3: "The filament has run out.",
    6: "The filament is jammed or the nozzle is clogged.",
    7: "The bed could not be levelled.",
    8: "The part has come off.",
    9: "The strain gauge is not connected.",
    12: "The USB drive was pulled out.",
    13: "The X axis could not be homed.",
    14: "The Z axis could not be homed.",
    17: "The axes could not be homed: check motors and limit switches.",
    18: "The part has come off the bed, or something lies on it.",
    19: "The print failed for a reason the printer does not name.",
    20: "A motor moves abnormally.",
    21: "The camera sees no part.",
    22: "The camera sees the part warp.",
    23: "The Y axis could not be homed.",
    24: "The file is faulty.",
    25: "The camera does not work.",
    26: "The printer's network connection failed.",
    27: "The printer does not reach the maker's server.",
    28: "The printer is not bound to the maker's app.",
    33: "The sensor of the nozzle's temperature is not connected.",
    34: "The sensor of the bed's temperature is not connected.",
}

# Ack of Cmd 128: why the printer certainly does not begin. Other numbers say nothing for sure.
REFUSALS: dict[int, tuple[Trouble, str]] = {
    1: (Trouble.REFUSED, "The printer is busy, perhaps with another print, and did not begin."),
    2: (Trouble.REFUSED, "The file is not on the printer."),
    3: (Trouble.REFUSED, "The file on the printer is damaged: its checksum is wrong."),
    4: (Trouble.STORAGE, "The printer could not read the file from its storage."),
    5: (Trouble.REFUSED, "The file was made for another resolution."),
    6: (Trouble.REFUSED, "The printer does not know the file's format."),
    7: (Trouble.REFUSED, "The file was sliced for another model of printer."),
}


def error(number: int) -> Fault:
    """An ErrorNumber other than 0."""
    words = ERRORS.get(number, f"The printer reports error {number}. Its screen says more.")
    return Fault(f"error {number}", words)


def reason(number: int) -> Fault:
    """An ErrorStatusReason other than 0."""
    words = REASONS.get(number, f"The printer stopped for its reason number {number}. Its screen says more.")
    return Fault(f"reason {number}", words)
