"""The words for what a person can set on a machine: its light, its speed, its fans."""

from collections.abc import Mapping
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from .drivers import DRIVERS

LABELS: Mapping[str, Promise] = {
    "light": _("Light"),
    "speed": _("Speed"),
    "part_fan": _("Part fan"),
    "aux_fan": _("Auxiliary fan"),
    "chamber_fan": _("Chamber fan"),
}
WORDS: Mapping[str, Promise] = {
    "on": _("on"),
    "off": _("off"),
    "silent": _("silent"),
    "standard": _("standard"),
    "sport": _("sport"),
    "ludicrous": _("ludicrous"),
}


@dataclass(frozen=True, slots=True)
class Setting:
    """Something that can be set, `value` being what it is set to, empty if the printer does not tell.

    `choices` are values with their words.
    """

    name: str
    label: str
    value: str
    choices: tuple[tuple[str, str], ...]
    needs_print: bool


def settings_of(protocol: str, adjusted: Mapping[str, str]) -> list[Setting]:
    """What can be set on a printer of `protocol`, whose status tells `adjusted`."""
    driver = DRIVERS.get(protocol)
    return [
        Setting(
            name,
            str(LABELS[name]),
            adjusted.get(name, ""),
            tuple((value, str(WORDS.get(value) or f"{value} %")) for value in values),
            name == "speed",
        )
        for name, values in (driver.adjustable if driver else {}).items()
    ]
