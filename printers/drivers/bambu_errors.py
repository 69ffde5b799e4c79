"""Bambu's numbers for errors and stages, in words (facts 1.7 and 1.8; firmware 01.04 to 01.08)."""

from printers.drivers.bambu_hms import words_for
from printers.drivers.driver import Fault
from printers.drivers.readings import flags, items, mapping

SIGNATURE_FLAG = 0x20000000
SIGNATURE_CODES = frozenset({"0502_4007", "0502_4009"})
SIGNATURE_HMS = "HMS_0500_0500_0001_0007"
CANCEL_ECHOES = frozenset({"0300_400C", "0500_400E"})
DEVELOPER_MODE = (
    "The printer takes orders only from Bambu's own software. Turn on LAN Only and Developer Mode on its "
    "screen, restart it, and enter the new access code here."
)
WRONG_CODE = (
    "The access code is wrong. It is on the printer's screen, and changes with LAN and developer mode."
)

_ERRORS = {
    "0500_4003": "The printer cannot read the print file.",
    "0500_4004": "The printer is busy and cannot start another print.",
    "0500_C010": "The printer's storage cannot be read or written.",
    "0700_8006": "Filament was not fed into the print head.",
    "0700_8012": "The assignment of filament slots does not fit the file.",
    "07FF_8012": "The assignment of filament slots does not fit the file.",
    "0502_4007": DEVELOPER_MODE,
    "0502_4009": DEVELOPER_MODE,
}
_SEVERITIES = {1: "fatal", 2: "error", 3: "warning", 4: "info"}
_MODULES = {
    0x03: "Motion controller",
    0x05: "Main board",
    0x07: "Filament system (AMS)",
    0x08: "Print head",
    0x0C: "Camera",
}
FAULT_PAUSES = {
    6: "Filament ran out.",
    17: "The front cover is off.",
    20: "The nozzle temperature is not right.",
    21: "The bed temperature is not right.",
    23: "The motors lost steps.",
    26: "The filament system (AMS) was lost.",
    27: "The heat-break fan is too slow.",
    28: "The chamber temperature is not right.",
    32: "Filament covers the nozzle.",
    33: "The filament cutter is stuck.",
    34: "The first layer has flaws.",
    35: "The nozzle is clogged.",
}
NO_STAGE = frozenset({-1, 0, 255})
_WHILE_PRINTING = frozenset({4, 10, 22, 24})
_PAUSES = frozenset({5, 16, 30}) | FAULT_PAUSES.keys()


def prepares(stage: int) -> bool:
    """Whether a stage comes before the first layer; one that is not known counts as such."""
    return stage not in NO_STAGE and stage not in _WHILE_PRINTING and stage not in _PAUSES


def error_code(value: object) -> str:
    """print_error as MMMM_EEEE; empty for none and for mere progress, which is below 4000."""
    found = flags(value) or 0
    code = f"{found >> 16 & 0xFFFF:04X}_{found & 0xFFFF:04X}"
    return code if found & 0xFFFF >= 0x4000 else ""


def print_error(value: object) -> Fault | None:
    """The fault that print_error stands for; None for none, for progress and for the echo of a cancel."""
    code = error_code(value)
    if not code or code in CANCEL_ECHOES:
        return None
    severity = "error" if code[5] == "4" else "warning"
    return Fault(code, _ERRORS.get(code, f"The printer shows error {code}."), severity)


def health(value: object) -> list[Fault]:
    """The faults of `hms`, each two 32-bit numbers; the severity sits in the second."""
    found = []
    for entry in items(value, 32):
        attr, code = flags(mapping(entry).get("attr")), flags(mapping(entry).get("code"))
        if attr is None or code is None:
            continue
        attr, code = attr & 0xFFFFFFFF, code & 0xFFFFFFFF
        name = f"HMS_{attr >> 16:04X}_{attr & 0xFFFF:04X}_{code >> 16:04X}_{code & 0xFFFF:04X}"
        module = _MODULES.get(attr >> 24, "The printer")
        plain = f"{module} reports {name[4:].replace('_', '-')}."
        words = DEVELOPER_MODE if name == SIGNATURE_HMS else words_for(attr, code) or plain
        found.append(Fault(name, words, _SEVERITIES.get(code >> 16, "warning")))
    return found
