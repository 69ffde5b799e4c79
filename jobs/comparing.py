"""What each gate of `gates.FIT` compares, in words for people: the file's side, the printer's side, and where
the file's side was read."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from .gates import Gate, Machine, Needs, Verdict
from .lending.saying import terms_words

LABELS: dict[str, str | Promise] = {
    "kind": gettext_lazy("Kind of file"),
    "model": gettext_lazy("Printer model"),
    "bed": gettext_lazy("Room"),
    "nozzle": gettext_lazy("Nozzle"),
    "abrasive": gettext_lazy("Abrasive"),
    "material": gettext_lazy("Material"),
    "enough": gettext_lazy("Enough filament"),
    "offer": gettext_lazy("Terms"),
}
# The facts that a gate rests on, by their names in Metadata.origins; the first that is there counts.
FACTS = {
    "model": ("printer_models",),
    "bed": ("box",),
    "nozzle": ("nozzle_mm",),
    "abrasive": ("abrasive", "materials"),
    "material": ("materials", "filaments"),
    "enough": ("filaments",),
}


@dataclass(frozen=True, slots=True)
class Check:
    """`verdict` is pass, fail or unknown, `text` says why; sides and origin are "" where nothing is known."""

    name: str
    label: str
    verdict: str
    text: str
    file: str
    printer: str
    origin: str


def compared(
    gates: tuple[Gate, ...], needs: Needs, machine: Machine, origins: Mapping[str, str]
) -> list[Check]:
    """A check for each gate that is about file and printer, failures first, then what is not known."""
    told = LABELS.keys() if machine.lent else LABELS.keys() - {"offer"}
    found = [_check(gate, needs, machine, origins) for gate in gates if gate.name in told]
    order = [Verdict.FAIL, Verdict.UNKNOWN, Verdict.PASS]
    return sorted(found, key=lambda check: order.index(Verdict(check.verdict)))


def _check(gate: Gate, needs: Needs, machine: Machine, origins: Mapping[str, str]) -> Check:
    origin = next((origins[fact] for fact in FACTS.get(gate.name, ()) if origins.get(fact)), "")
    if gate.name == "kind":
        origin = _("the file's content")
    if gate.name == "bed" and needs.leaves_bed:
        origin = origins.get("leaves_bed", origin)
    return Check(
        name=gate.name,
        label=str(LABELS[gate.name]),
        verdict=gate.verdict.value,
        text=gate.text,
        file=FILE_SIDE[gate.name](needs),
        printer=PRINTER_SIDE[gate.name](machine),
        origin=origin,
    )


def _room(needs: Needs) -> str:
    if needs.box is None:
        return ""
    low, high = needs.box.min, needs.box.max
    return _("X %(x)s, Y %(y)s, Z to %(z)s mm") % {
        "x": f"{low[0]:.1f}–{high[0]:.1f}",
        "y": f"{low[1]:.1f}–{high[1]:.1f}",
        "z": f"{high[2]:.1f}",
    }


def _yes_no(value: bool | None) -> str:
    return "" if value is None else _("yes") if value else _("no")


def _masses(needs: Needs) -> str:
    return " + ".join(f"{need.grams:.1f} g" for need in needs.filaments if need.grams)


def _left(machine: Machine) -> str:
    return ", ".join(f"{slot.grams_left:.0f} g" for slot in machine.slots if slot.grams_left is not None)


def _loaded(machine: Machine) -> str:
    return ", ".join(slot.material for slot in machine.slots if slot.material)


FILE_SIDE: dict[str, Callable[[Needs], str]] = {
    "kind": lambda needs: f".{needs.kind}" if needs.kind else "",
    "model": lambda needs: next(iter(needs.models), ""),
    "bed": _room,
    "nozzle": lambda needs: _millimetres(needs.nozzles_mm),
    "abrasive": lambda needs: _yes_no(needs.abrasive),
    "material": lambda needs: ", ".join(need.material for need in needs.filaments if need.material),
    "enough": _masses,
    "offer": _masses,
}
PRINTER_SIDE: dict[str, Callable[[Machine], str]] = {
    "kind": lambda machine: ", ".join(f".{name}" for name in sorted(machine.formats)),
    "model": lambda machine: machine.model,
    "bed": lambda machine: (
        " × ".join(f"{size:g}" for size in machine.bed_mm) + " mm" if machine.bed_mm else ""
    ),
    "nozzle": lambda machine: _millimetres((machine.nozzle_mm,) if machine.nozzle_mm else ()),
    "abrasive": lambda machine: _("hardened nozzle") if machine.hardened else _("plain nozzle"),
    "material": _loaded,
    "enough": _left,
    "offer": lambda machine: terms_words(machine.lent.terms) if machine.lent else "",
}


def _millimetres(sizes: tuple[Any, ...]) -> str:
    return f"{', '.join(f'{size:g}' for size in dict.fromkeys(sizes))} mm" if sizes else ""
