"""What a stroke is for, by the names of all slicers, and how kind, tool and layer go in one number."""

import re

OTHER, OUTER, INNER, INFILL, SOLID, BRIDGE, SUPPORT, SKIRT, TOWER = range(9)
# The first that is found in the name decides; the names are in capitals.
NAMES = (
    (BRIDGE, re.compile(rb"BRIDGE|OVERHANG")),
    (TOWER, re.compile(rb"TOWER|PILLAR")),
    (SUPPORT, re.compile(rb"SUPPORT|RAFT")),
    (SKIRT, re.compile(rb"SKIRT|BRIM")),
    (SOLID, re.compile(rb"SOLID|SKIN|SURFACE|IRON|GAP|SHELL")),
    (OUTER, re.compile(rb"OUTER|EXTERNAL|THIN WALL")),
    (INNER, re.compile(rb"INNER|WALL|PERIMETER")),
    (INFILL, re.compile(rb"FILL")),
)
MOST_TOOLS = 64
MOST_KINDS = 16
LAYER_SHIFT = MOST_TOOLS * MOST_KINDS


def kind_of(name: bytes) -> int:
    """The kind of a section such as EXTERNAL PERIMETER or WALL-OUTER."""
    return next((kind for kind, pattern in NAMES if pattern.search(name)), OTHER)


def label(layer: int, kind: int, tool: int) -> int:
    """One number for all three; whole as a float up to 2^43 layers."""
    return (layer * MOST_KINDS + kind) * MOST_TOOLS + tool
