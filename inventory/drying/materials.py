"""How each material is usually dried, and which rule is for which name. Pure.

Temperatures and hours are those of TigerTag's material database, which makers of filament fill in
(github.com/TigerTag-Project/TigerTag-RFID-Guide, database/id_material.json, read in November 2026). Makers
differ by some degrees: what is on the spool's label counts more, and can be set.

How long a material stays fit to print in open air nobody publishes: it hangs on the room. The days are a
cautious rule of thumb for about 50 % humidity, in the order in which polymers take up water. What prints well
for months has none, so that a list of what is due stays short enough to be read.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from inventory.filament import plain_name


@dataclass(frozen=True, slots=True)
class Rule:
    """`material` as `plain_name` makes it. Without `valid_days` nobody is reminded."""

    material: str
    temperature_c: int
    hours: float
    valid_days: int | None = None


USUAL: Mapping[str, Rule] = {
    rule.material: rule
    for rule in (
        Rule("PLA", 50, 8),
        Rule("PLA-CF", 60, 8),
        Rule("PLA-WOOD", 60, 8, 30),
        Rule("PETG", 70, 8, 30),
        Rule("PCTG", 65, 8, 30),
        Rule("PET", 85, 12, 7),
        Rule("ABS", 80, 8),
        Rule("ASA", 80, 8),
        Rule("HIPS", 80, 6),
        Rule("PMMA", 80, 4, 14),
        Rule("PC", 85, 8, 14),
        Rule("PA", 85, 12, 3),
        Rule("PPA", 110, 12, 3),
        Rule("PPS", 130, 12, 14),
        Rule("POM", 75, 3),
        Rule("PP", 60, 4),
        Rule("TPU", 75, 8, 7),
        Rule("TPE", 65, 8, 7),
        Rule("PEBA", 70, 3, 7),
        Rule("PVA", 85, 12, 2),
        Rule("BVOH", 85, 12, 2),
        Rule("PVB", 45, 8, 14),
        Rule("PEEK", 120, 6, 14),
        Rule("PEKK", 130, 4, 14),
        Rule("PEI", 130, 12, 14),
        Rule("PPSU", 130, 12, 14),
    )
}
# Other names of the same thing.
SAME = {"NYLON": "PA", "PAHT": "PA", "COPA": "PA", "ULTEM": "PEI"}
# A number or hardness behind it is a variety: PA12, PA612, TPU95A.
NUMBERED = re.compile(r"([A-Z]+?)\d+[AD]?")


def names_for(material: str) -> list[str]:
    """What a rule for `material` may be called, the nearest first: PA6-CF has PA6-CF, PA-CF, PA6, PA."""
    parts = plain_name(material).split("-")
    whole = NUMBERED.fullmatch(parts[0])
    bare = whole[1] if whole else parts[0]
    heads = list(dict.fromkeys((parts[0], bare, SAME.get(bare, bare))))
    return [
        "-".join((head, *parts[1:length]))
        for length in range(len(parts), 0, -1)
        for head in heads
    ]  # fmt: skip


def rule_for(material: str, rules: Mapping[str, Rule] = USUAL) -> Rule | None:
    """The nearest of `rules`; None where there is none."""
    return next((rules[name] for name in names_for(material) if name in rules), None)


def advice(rules: Iterable[Rule | None]) -> dict[str, Any]:
    """For one session of all of these: as hot as the most delicate bears, as long as any needs."""
    known = [rule for rule in rules if rule is not None]
    if not known:
        return {}
    return {
        "temperature_c": min(rule.temperature_c for rule in known),
        "hours": max(rule.hours for rule in known),
    }
