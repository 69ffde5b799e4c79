"""Common printer models: bed, nozzle, protocol and the names slicers give them. Data, and rules about names.

Beds are those of the slicers' profiles (facts, file-metadata.md 10.2); makers' figures differ by some mm.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache


@dataclass(frozen=True, slots=True)
class KnownModel:
    """`names` are normalised. `excluded_mm` is (x from, y from, x to, y to) that stays empty. `family` names
    machines that run each other's sliced files; empty where only the same model does."""

    name: str
    bed_mm: tuple[float, float, float]
    protocol: str
    names: frozenset[str]
    nozzle_mm: float = 0.4
    excluded_mm: tuple[float, float, float, float] | None = None
    family: str = ""


# One line a model: name | bed | protocol | other names, by commas. A star begins one of Bambu's X1 family,
# whose sliced files are interchangeable and whose front left corner is the cutter's.
_TABLE = """
Bambu Lab A1 mini | 180x180x180 | bambu | N1
Bambu Lab A1 | 256x256x256 | bambu | N2S
*Bambu Lab P1P | 256x256x250 | bambu | C11
*Bambu Lab P1S | 256x256x250 | bambu | C12
Bambu Lab P2S | 256x256x256 | bambu | N7
*Bambu Lab X1 | 256x256x250 | bambu | BL-P002
*Bambu Lab X1 Carbon | 256x256x250 | bambu | BL-P001, X1C
*Bambu Lab X1E | 256x256x250 | bambu | C13
Bambu Lab H2S | 340x320x340 | bambu | O1S
Bambu Lab H2D | 350x320x325 | bambu | O1D
Bambu Lab H2D Pro | 350x320x325 | bambu | O1E, O2D
Prusa MINI | 180x180x180 | prusalink | MINI+, MINIIS
Prusa MK2.5S | 250x210x200 | prusalink | MK2.5, MK2.5MMU2, MK2.5SMMU2S
Prusa MK3S | 250x210x210 | prusalink | MK3, MK3S+, MK3MMU2, MK3SMMU2S, MK3SMMU3
Prusa MK3.5 | 250x210x210 | prusalink | MK3.5S, MK3.5MMU3
Prusa MK3.9 | 250x210x220 | prusalink | MK3.9S, MK3.9MMU3, MK3.9SMMU3
Prusa MK4 | 250x210x220 | prusalink | MK4IS, MK4ISMMU3
Prusa MK4S | 250x210x220 | prusalink | MK4SMMU3
Prusa CORE One | 250x220x270 | prusalink | COREONE, COREONEMMU3
Prusa CORE One L | 300x300x330 | prusalink | COREONEL
Prusa XL | 360x360x360 | prusalink | XL2, XL5, XLIS, XL2IS, XL5IS, XL 5T
Voron 0 | 120x120x120 | moonraker | Voron_v0_120, Voron 0.1, Voron 0.2
Voron 2.4 250 | 250x250x230 | moonraker | Voron_v2_250, Voron_v2_250_afterburner
Voron 2.4 300 | 300x300x280 | moonraker | Voron_v2_300, Voron_v2_300_afterburner
Voron 2.4 350 | 350x350x330 | moonraker | Voron_v2_350, Voron_v2_350_afterburner
Voron Switchwire | 250x210x240 | moonraker | Voron_SW
Creality Ender-3 | 225x225x250 | octoprint | ENDER3, ENDER3PRO, ENDER3NEO, Ender-3 Pro, Ender-3 Neo
Creality Ender-3 V2 | 210x220x250 | octoprint | ENDER3V2
Creality Ender-3 S1 | 210x220x270 | octoprint | ENDER3S1
Creality Ender-3 V3 SE | 220x220x250 | octoprint |
Creality Ender-3 V3 KE | 220x220x245 | moonraker |
Creality K1 | 220x220x250 | moonraker |
Creality K1C | 220x220x250 | moonraker |
Creality K1 Max | 300x300x300 | moonraker |
Creality K2 Plus | 350x350x350 | moonraker |
Creality CR-10 | 300x300x400 | octoprint | CR10, CR10V2, CR10V3, CR-10 V2, CR-10 V3
Elegoo Centauri Carbon | 257x257x257 | elegoo |
Elegoo Neptune 3 Pro | 225x225x280 | octoprint | NEPTUNE3PRO
Elegoo Neptune 3 Plus | 320x320x400 | octoprint | NEPTUNE3PLUS
Elegoo Neptune 3 Max | 420x420x500 | octoprint | NEPTUNE3MAX
Elegoo Neptune 4 | 230x230x265 | moonraker |
Elegoo Neptune 4 Pro | 230x230x265 | moonraker |
Qidi Q1 Pro | 245x245x240 | moonraker | Q1 Pro
Qidi X-Plus 3 | 280x280x270 | moonraker | X-Plus 3
Qidi X-Max 3 | 325x325x315 | moonraker | X-MAX 3
Qidi Plus 4 | 305x305x280 | moonraker | X-Plus 4
Sovol SV06 | 220x220x250 | octoprint | SV06
Sovol SV06 Plus | 300x300x340 | octoprint | SV06 PLUS
RatRig V-Core 4 300 | 300x300x300 | moonraker | VC4_300 COREXY
RatRig V-Core 4 400 | 400x400x400 | moonraker | VC4_400 COREXY
RatRig V-Core 4 500 | 500x500x500 | moonraker | VC4_500 COREXY
Artillery Sidewinder X4 Plus | 300x300x400 | moonraker | X4 Plus
"""

X1_FAMILY = "bambu x1"
X1_CORNER_MM = (0.0, 0.0, 18.0, 28.0)
# Facts, file-metadata.md 8.3.
_EXCLUDED_MM = {"Elegoo Centauri Carbon": (246.0, 0.0, 256.0, 20.0)}
_VENDORS = re.compile(r"\b(original prusa|prusa|bambu lab|bambulab|creality|elegoo)\b")
_NOZZLE = re.compile(r"\b(?:hf)?\d+(?:\.\d+)?(?: ?mm)? ?nozzle\b|@.*$")
_GAPS = re.compile(r"[\s_\-+]+")


@cache
def normalised(name: str) -> str:
    """`name` as names are compared: lower case, without vendor, nozzle, spaces, `_`, `-` and `+`."""
    bare = _GAPS.sub(" ", name.lower()).strip()
    bare = _VENDORS.sub(" ", _NOZZLE.sub(" ", bare))
    return _GAPS.sub("", bare)


def _read(line: str) -> KnownModel:
    name, bed, protocol, others = (part.strip() for part in line.split("|"))
    in_family = name.startswith("*")
    name = name.removeprefix("*")
    x, y, z = (float(side) for side in bed.split("x"))
    spoken = {name, *filter(None, (other.strip() for other in others.split(",")))}
    return KnownModel(
        name=name,
        bed_mm=(x, y, z),
        protocol=protocol,
        names=frozenset(map(normalised, spoken)),
        excluded_mm=X1_CORNER_MM if in_family else _EXCLUDED_MM.get(name),
        family=X1_FAMILY if in_family else "",
    )


@cache
def known() -> tuple[KnownModel, ...]:
    """Every model of the catalogue, as people look for it: by maker."""
    return tuple(map(_read, _TABLE.strip().splitlines()))


@cache
def _by_name() -> dict[str, KnownModel]:
    return {name: model for model in known() for name in model.names}


def find(name: str) -> KnownModel | None:
    """The model of any of its names, as a slicer, a printer or a person writes it."""
    return _by_name().get(normalised(name)) if name else None


def aliases(model: str) -> frozenset[str]:
    """Every normalised name of the machine that `model` names; of an unknown one its own."""
    found = find(model)
    return found.names if found else frozenset(filter(None, (normalised(model),)))


def same_model(file_model: str, printer_model: str) -> bool | None:
    """Whether a file sliced for `file_model` suits `printer_model`; None if either is not named or not known.

    Also True among Bambu's X1, X1 Carbon, X1E, P1P and P1S, whose sliced files are interchangeable.
    """
    if not normalised(file_model) or not normalised(printer_model):
        return None
    if aliases(file_model) & aliases(printer_model):
        return True
    sliced_for, mounted = find(file_model), find(printer_model)
    if sliced_for is None or mounted is None:
        return None
    return bool(sliced_for.family) and sliced_for.family == mounted.family


def by_maker() -> Iterator[tuple[str, list[KnownModel]]]:
    """The catalogue for a chooser: each maker's models together."""
    makers: dict[str, list[KnownModel]] = {}
    for model in known():
        maker = "Bambu Lab" if model.protocol == "bambu" else model.name.split()[0]
        makers.setdefault(maker, []).append(model)
    yield from makers.items()
