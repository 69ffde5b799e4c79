"""The real files that the tests read; those of others are not ours to keep and may be absent."""

from pathlib import Path

OURS = Path(__file__).parent.parent / "data"
OTHERS = Path(__file__).parents[3] / "shared" / "data" / "others"


def plain_gcode_files() -> list[Path]:
    return sorted([*OURS.glob("*.gcode"), *OTHERS.glob("*.gcode")])
