"""Bambu's health messages (HMS) in our words: what is wrong, and what to do where that is clear.

What each number stands for is from the lists that community clients (for Home Assistant) keep after Bambu's
wiki. Below are those that stop or spoil prints; the others are told by module and number.
"""

# One line a message: attr and code as HMS writes them | what it means.
_TABLE = """
0300_0100_0001_0001 | The bed's heater may be short-circuited.
0300_0100_0001_0002 | The bed's heater may be broken, or its thermal switch is open.
0300_0100_0001_0003 | The bed is hotter than it may be.
0300_0100_0001_0006 | The bed's temperature sensor may be short-circuited.
0300_0100_0001_0007 | The bed's temperature sensor may be broken.
0300_0200_0001_0001 | The nozzle's heater may be short-circuited.
0300_0200_0001_0002 | The nozzle's heater may be broken.
0300_0200_0001_0003 | The nozzle is hotter than it may be.
0300_0200_0001_0006 | The nozzle's temperature sensor may be short-circuited.
0300_0200_0001_0007 | The nozzle's temperature sensor may be broken.
0300_0300_0001_0001 | The hot end's fan is too slow or stands still.
0300_0300_0002_0002 | The hot end's fan is slow.
0300_0400_0002_0001 | The part fan is too slow or stands still.
0300_0600_0001_0001 | Motor A is not connected, or broken.
0300_0600_0001_0002 | Motor A is short-circuited.
0300_0600_0001_0003 | Motor A may be broken: its resistance is wrong.
0300_0A00_0001_0001 | A force sensor of the bed is too sensitive.
0300_0A00_0001_0002 | A force sensor of the bed is not sensitive enough.
0300_0A00_0001_0003 | A force sensor of the bed hardly feels anything.
0300_0A00_0001_0004 | Something shook the printer while it tested its force sensors.
0300_0A00_0001_0005 | A force sensor of the bed shows a force at rest. Take off what lies on the bed.
0300_0D00_0001_0002 | Homing on the bed failed: the printer shook too much.
0300_0D00_0001_0003 | The build plate does not lie right. Put it straight.
0300_0D00_0001_000B | The bed got stuck on its way up.
0300_0D00_0002_0001 | Homing on the bed went wrong. Look for dirt on the nozzle or a bump on the plate.
0300_0F00_0001_0001 | The vibration sensor tells nothing.
0300_1200_0002_0001 | The front cover of the print head is off.
0300_1300_0001_0001 | The current sensor of motor A is broken.
0300_4100_0001_0001 | The mains voltage is not stable.
0500_0100_0003_0004 | The memory card is full.
0500_0100_0003_0005 | The memory card is broken.
0500_0100_0003_0006 | The memory card is not formatted.
0500_0300_0001_0001 | The motion controller does not work. Restart the printer.
0500_0300_0001_0002 | The print head does not answer. Restart the printer.
0500_0300_0001_0003 | The filament system does not answer. Restart the printer.
0500_0300_0001_000A | The printer's system is damaged. Reset it to factory settings.
0500_0400_0001_0003 | The print file can't be read.
0500_0400_0001_0006 | The print before could not be gone on with.
0500_0400_0002_0007 | The bed is set hotter than this filament bears: the nozzle may clog.
0700_4000_0002_0001 | The filament buffer tells nothing. Look at its cable.
0700_4000_0002_0003 | The hub of the filament system does not answer. Look at its cable.
0700_4000_0002_0004 | The spring of the filament buffer may be stuck.
0700_4500_0002_0001 | The sensor of the filament cutter is broken or not connected.
0700_4500_0002_0002 | The filament cutter moved too far: motors may have lost steps.
0700_4500_0002_0003 | The filament cutter is stuck.
0700_5100_0003_0001 | The filament system is off: load from the spool holder.
07FF_2000_0002_0001 | The filament on the spool holder ran out.
07FF_2000_0002_0002 | There is no filament on the spool holder.
07FF_2000_0002_0004 | Pull the filament of the spool holder out of the print head.
0C00_0100_0001_0004 | The laser sensor's lens is dirty.
0C00_0100_0001_0009 | The camera is dirty.
0C00_0300_0003_0006 | Purged filament may have piled up.
0C00_0300_0003_0007 | The first layer may have flaws.
0C00_0300_0003_0008 | The print may have come loose and turned into spaghetti.
0C00_0300_0002_000C | The marker of the build plate was not found. Put the plate straight.
"""
_WORDS = {
    name.strip(): words.strip() for name, words in (line.split("|") for line in _TABLE.split("\n") if line)
}

# Of one slot: unit and slot stand in the first two groups (07UU_KSxx), the kind of message in K and the code.
_OF_A_SLOT = {
    (1, "0001_0001"): "its motor slips: the filament may be too thin",
    (1, "0002_0002"): "its motor works too hard: the filament may be tangled",
    (2, "0002_0001"): "the filament ran out",
    (2, "0002_0002"): "it is empty",
    (2, "0002_0003"): "the filament may have broken in the unit",
    (2, "0002_0004"): "the filament may have broken in the print head",
    (2, "0002_0005"): "the filament ran out, and its rest may be stuck in the print head",
    (2, "0003_0001"): "the filament ran out; its rest is being purged",
    (2, "0003_0002"): "the filament ran out, and another slot with the same took over",
    (6, "0002_0001"): "it pulls too hard: the filament may be tangled, or the spool is stuck",
}
_AMS = 0x07
_UNITS = 4


def words_for(attr: int, code: int) -> str:
    """What a message of these two 32-bit numbers means; empty if that is not known."""
    head, tail = f"{attr >> 16:04X}_{attr & 0xFFFF:04X}", f"{code >> 16:04X}_{code & 0xFFFF:04X}"
    known = _WORDS.get(f"{head}_{tail}")
    if known:
        return known
    unit, kind, slot = attr >> 16 & 0xFF, attr >> 12 & 0xF, attr >> 8 & 0xF
    said = _OF_A_SLOT.get((kind, tail))
    if said and attr >> 24 == _AMS and unit < _UNITS and slot < _UNITS:
        return f"Slot {slot + 1} of filament unit {unit + 1}: {said}."
    return ""
