"""The demo's printers and what is loaded in them."""

import random
import zlib
from collections.abc import Sequence
from decimal import Decimal

from django.utils import timezone

from inventory import keeping
from inventory.models import Filament, Location, Spool
from printers import plates
from printers.adding import add
from printers.hues import Hue
from printers.models import Printer, Tag
from stations.models import Station

from .farm import KINDS, Site

# As the simulator loads its AMS: what a printer tells of its slots and what we know must agree.
SLOTS = (
    ("PLA", "#FF6A13", "orange"), ("PLA", "#1A1A1A", "black"),
    ("PETG", "#FFFFFF", "white"), ("PLA", "#0A62C4", "blue"),
)  # fmt: skip
SHELF = (
    ("PLA", "#E8E4D9", "natural"), ("PETG", "#2B2B2B", "black"), ("ABS", "#C12E1F", "red"),
    ("TPU", "#3FA34D", "green"), ("PLA-CF", "#3B3B3B", "carbon"),
)  # fmt: skip
BRANDS = {"PLA": "Polymaker", "PETG": "Prusament", "ABS": "eSun", "TPU": "NinjaTek", "PLA-CF": "Proto-pasta"}
PRICES = {"PLA": "22.90", "PETG": "27.50", "ABS": "24.00", "TPU": "42.00", "PLA-CF": "49.00"}
TAGS = {
    "moonraker": ["klipper"],
    "octoprint": ["marlin"],
    "bambu": ["bambu", "multicolour"],
    "elegoo": ["elegoo"],
    "prusalink": ["prusa"],
}
HUES = {
    "klipper": Hue.TEAL,
    "marlin": Hue.INDIGO,
    "bambu": Hue.MOSS,
    "multicolour": Hue.PLUM,
    "elegoo": Hue.SKY,
    "prusa": Hue.BROWN,
    "fast": Hue.RUST,
}
# What stock holds, so that some of it runs low.
LOW_G = {("PLA", "#E8E4D9"): 1500, ("PLA", "#FF6A13"): 8000, ("ABS", "#C12E1F"): 500}
AMS = frozenset({"X1C", "P1S", "Mini"})
ROOMS = ("Bench by the window", "Rack A", "Rack B", "Back room")


# What lies there gets damp.
OPEN = frozenset({"TPU", "ABS"})


def add_printers(sites: Sequence[Site], rng: random.Random) -> list[Printer]:
    """The printers, their plates seen to be clear, with a spool in every slot."""
    tags = {
        name: Tag.objects.get_or_create(name=name, defaults={"hue": hue})[0] for name, hue in HUES.items()
    }
    filaments = {
        (material, color): _filament(material, color, name) for material, color, name in (*SLOTS, *SHELF)
    }
    made = []
    for at, site in enumerate(sites):
        kind = KINDS[site.kind]
        x, y, z = kind.bed_mm
        printer = Printer(
            name=site.name, protocol=kind.protocol, model=kind.model, address=site.host, port=kind.port,
            file_port=kind.file_port, serial=site.serial if kind.protocol == "bambu" else "",
            bed_x_mm=x, bed_y_mm=y, bed_z_mm=z, nozzle_mm=0.4, auto_queue=True,
            location=ROOMS[at * len(ROOMS) // len(sites)],
            rate_per_hour=Decimal(kind.rate_per_hour), hardened_nozzle=site.kind == "X1C",
        )  # fmt: skip
        names = TAGS[kind.protocol]
        chosen = [tags[name] for name in [*names, *(["fast"] if site.kind in {"Voron", "X1C"} else [])]]
        add(printer, secret=site.secret, tags=chosen, slots=kind.slots)
        plates.clear(printer.pk, seen_epoch=Station.objects.get(pk=printer.pk).plate_epoch)
        _load(printer, site, filaments, rng)
        made.append(printer)
    Location.objects.create(name="Dry cabinet", is_dry_box=True, humidity_percent=17)
    for material, color, _name in SHELF:
        keeping.add(filaments[material, color], location="Open shelf" if material in OPEN else "Dry cabinet")
    return made


def _filament(material: str, color: str, name: str) -> Filament:
    return Filament.objects.create(
        material=material,
        brand=BRANDS[material],
        color=color,
        color_name=name,
        price_per_kg=Decimal(PRICES[material]),
        low_g=LOW_G.get((material, color)),
    )


def tag_of(site: Site, slot: int) -> str:
    """What the simulated printer reads in a slot of an AMS: every second spool has a tag."""
    if site.kind not in AMS or slot % 2:
        return ""
    return f"{zlib.crc32(site.key.encode()):08X}{slot:024X}"


def tag_reels(printers: Sequence[Printer], sites: Sequence[Site]) -> None:
    """Let the reels of the first slots be known by their tags, but for one, whose printer's page asks."""
    tagged = [
        (printer, tag) for printer, site in zip(printers, sites, strict=True) if (tag := tag_of(site, 0))
    ]
    for printer, tag in tagged[:-1]:
        Spool.objects.filter(slot__printer=printer, slot__index=0).update(tag_uid=tag)


def _load(
    printer: Printer, site: Site, filaments: dict[tuple[str, str], Filament], rng: random.Random
) -> None:
    """A begun spool in every slot but the first, whose reels come with the history."""
    for slot in printer.slots.filter(index__gt=0).order_by("index"):
        material, color, _name = SLOTS[slot.index]
        used_g = Decimal(rng.randrange(20, 450))
        (spool,) = keeping.add(
            filaments[material, color],
            used_g=used_g,
            opened_at=timezone.now(),
            tag_uid=tag_of(site, slot.index),
            reel_g=Decimal(250),
        )
        spool.slot = slot
        spool.save(update_fields=["slot"])
