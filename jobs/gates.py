"""The gates: may this be printed on that machine, now? One pure function for each, fail closed.

Each gate says pass, fail or unknown, and why in words. Unknown fails an automatic start; a person may
override it, and most failures, with a reason. What can't be overridden would damage something or start twice.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from django.utils.translation import gettext as _

from models3d.formats.metadata import Box
from printers.beds import BedForm
from printers.catalogue import same_model
from printers.drivers.driver import MachineState
from printers.states import failed_words
from stations.terms import Lent

from .lending.saying import lent_text, terms_text
from .loading import FilamentNeed, LoadedSlot, Loading, assign
from .room import in_the_corner, over_the_edge

NOZZLE_TOLERANCE_MM = 0.01
ABRASIVE = ("CF", "GF", "WOOD", "GLOW", "METAL", "CARBON", "GLASS")


class Verdict(StrEnum):
    PASS = "pass"  # noqa: S105  # a verdict
    FAIL = "fail"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Gate:
    """One gate's finding; `overridable` by a person with a reason."""

    name: str
    verdict: Verdict
    text: str = ""
    overridable: bool = True


@dataclass(frozen=True, slots=True)
class Needs:
    """What a plate asks of a machine. `models` are the file's names for it, best source first.

    `allowed` are the tags to whose printers the person is limited, None for no limit. `job_grams` is what
    all copies take, where printers lent to us ask for it.
    """

    kind: str
    models: tuple[str, ...] = ()
    nozzles_mm: tuple[float, ...] = ()
    box: Box | None = None
    box_estimated: bool = False
    abrasive: bool | None = None
    leaves_bed: bool = False
    filaments: tuple[FilamentNeed, ...] = ()
    printer_id: UUID | None = None
    tag_id: UUID | None = None
    model: str = ""
    allowed: frozenset[UUID] | None = None
    job_grams: float = 0.0


@dataclass(frozen=True, slots=True)
class Machine:
    """What is known of a printer at one moment. `state` is UNKNOWN without a fresh status.

    `overdue` names the maintenance that holds it; `lent` are its owner's terms.
    """

    id: UUID
    name: str
    model: str
    formats: frozenset[str]
    bed_mm: tuple[float, float, float] | None
    nozzle_mm: float | None
    hardened: bool
    tags: frozenset[UUID]
    slots: tuple[LoadedSlot, ...]
    usable: bool
    plate: str
    held: bool
    auto_queue: bool
    state: MachineState
    faults: tuple[str, ...] = ()
    remaining_s: int | None = None
    bed_form: str = BedForm.CORNER
    bed_tolerance_mm: float = 0.5
    held_after: int = 0
    ejects: bool = False
    overdue: str = ""
    lent: Lent | None = None


@dataclass(frozen=True, slots=True)
class Moment:
    """The circumstances of a start. `automatic`: nobody is there; the switches must all be on."""

    now: datetime
    automatic: bool
    org_auto: bool
    job_auto: bool
    not_before: datetime | None = None


def _gate(name: str, verdict: bool | None, text: str, *, overridable: bool = True) -> Gate:
    said = Verdict.UNKNOWN if verdict is None else Verdict.PASS if verdict else Verdict.FAIL
    return Gate(name, said, "" if verdict else text, overridable)


def target_gate(needs: Needs, machine: Machine) -> Gate:
    wanted = (
        needs.printer_id in {None, machine.id}
        and (needs.tag_id is None or needs.tag_id in machine.tags)
        and (not needs.model or same_model(needs.model, machine.model) is True)
    )
    if wanted and needs.allowed is not None and needs.allowed.isdisjoint(machine.tags):
        # Whoever runs the farm may make an exception.
        return _gate("target", False, _("whoever wants it is limited to printers with other tags"))
    return _gate("target", wanted, _("the job is for another printer"), overridable=False)


def kind_gate(needs: Needs, machine: Machine) -> Gate:
    text = _("it prints %(formats)s, not .%(kind)s") % {
        "formats": ", ".join(f".{name}" for name in sorted(machine.formats)),
        "kind": needs.kind,
    }
    return _gate("kind", needs.kind in machine.formats, text, overridable=False)


def model_gate(needs: Needs, machine: Machine) -> Gate:
    if not needs.models:
        return _gate("model", None, _("the file does not say for which printer it was sliced"))
    if not machine.model:
        return _gate("model", None, _("the printer's model is not set"))
    answers = [same_model(name, machine.model) for name in needs.models]
    names = {"file": needs.models[0], "printer": machine.model}
    if True in answers:
        return _gate("model", True, "")
    if None in answers:
        return _gate("model", None, _("unknown whether a file for %(file)s runs on %(printer)s") % names)
    return _gate("model", False, _("sliced for %(file)s, this is a %(printer)s") % names)


def bed_gate(needs: Needs, machine: Machine) -> Gate:
    if needs.leaves_bed:
        return _gate("bed", False, _("the slicer itself says that it leaves the bed"))
    if needs.box is None:
        return _gate("bed", None, _("the file does not tell how much room it takes"))
    if machine.bed_mm is None:
        return _gate("bed", None, _("the printer's bed size is not set"))
    within_mm = machine.bed_tolerance_mm
    over = over_the_edge(needs.box, machine.bed_mm, machine.bed_form, within_mm)
    over = over or in_the_corner(needs.box, machine.model, within_mm)
    if over and needs.box_estimated:
        return _gate("bed", None, _("its size is only estimated, and by that %(over)s") % {"over": over})
    return _gate("bed", not over, over)


def nozzle_gate(needs: Needs, machine: Machine) -> Gate:
    if not needs.nozzles_mm:
        return _gate("nozzle", None, _("the file does not name its nozzle"))
    if machine.nozzle_mm is None:
        return _gate("nozzle", None, _("the printer's nozzle is not set"))
    fits = all(abs(size - machine.nozzle_mm) <= NOZZLE_TOLERANCE_MM for size in needs.nozzles_mm)
    text = _("sliced for a nozzle of %(file)g mm, it has %(printer)g") % {
        "file": needs.nozzles_mm[0],
        "printer": machine.nozzle_mm,
    }
    return _gate("nozzle", fits, text)


def abrasive_gate(needs: Needs, machine: Machine) -> Gate:
    if machine.hardened:
        return _gate("abrasive", True, "")
    names = [need.material.upper() for need in needs.filaments]
    if needs.abrasive or any(word in name for name in names for word in ABRASIVE):
        text = _("abrasive filament needs a hardened nozzle")
        return _gate("abrasive", False, text, overridable=not machine.lent)
    # What the file leaves open is known by the names of its materials, if it names them all.
    is_told = needs.abrasive is not None or (bool(names) and all(names))
    return _gate("abrasive", is_told or None, _("unknown whether the filament is abrasive"))


def quota_gate(held: str) -> Gate:
    """`held` says which quota is used up; a person may let the job go all the same."""
    return _gate("quota", not held, held)


def loading_of(needs: Needs, machine: Machine) -> Loading:
    return assign(needs.filaments, machine.slots)


def material_gate(needs: Needs, machine: Machine) -> Gate:
    loading = loading_of(needs, machine)
    return _gate("material", loading.matched, loading.text)


def enough_gate(needs: Needs, machine: Machine) -> Gate:
    loading = loading_of(needs, machine)
    return _gate("enough", loading.enough, loading.short_text)


def usable_gate(machine: Machine, moment: Moment) -> Gate:
    return _gate("usable", machine.usable, _("it is disabled or out of service"), overridable=False)


def plate_gate(machine: Machine, moment: Moment) -> Gate:
    return _gate("plate", machine.plate == "clear", _("its plate is not confirmed clear"), overridable=False)


def busy_gate(machine: Machine, moment: Moment) -> Gate:
    free = machine.state in {MachineState.IDLE, MachineState.FINISHED} and not machine.held
    texts = {
        MachineState.OFFLINE: _("it does not answer"),
        MachineState.UNKNOWN: _("its state is not known"),
        MachineState.ERROR: _("it reports an error"),
    }
    return _gate("free", free, texts.get(machine.state, _("it is busy")), overridable=False)


def fault_gate(machine: Machine, moment: Moment) -> Gate:
    return _gate("faults", not machine.faults, "; ".join(machine.faults), overridable=not machine.lent)


def switches_gate(machine: Machine, moment: Moment) -> Gate:
    off = [
        name
        for name, on in (
            (_("the organisation"), moment.org_auto),
            (machine.name, machine.auto_queue),
            (_("this job"), moment.job_auto),
        )
        if not on
    ]
    text = _("starting by itself is off for %(off)s") % {"off": ", ".join(off)}
    return _gate("switches", not moment.automatic or not off, text)


def not_before_gate(machine: Machine, moment: Moment) -> Gate:
    due = moment.not_before is None or moment.now >= moment.not_before
    return _gate("not_before", due, _("it is not to start yet"))


def failures_gate(machine: Machine, moment: Moment) -> Gate:
    text = _("it is held: %(why)s") % {"why": failed_words(machine.held_after)}
    return _gate("failures", not machine.held_after, text, overridable=not machine.lent)


def maintenance_gate(machine: Machine, moment: Moment) -> Gate:
    text = _("maintenance is overdue: %(what)s") % {"what": machine.overdue}
    return _gate("maintenance", not machine.overdue, text, overridable=not machine.lent)


def offer_gate(needs: Needs, machine: Machine) -> Gate:
    text = terms_text(machine.lent.terms, needs) if machine.lent else ""
    return _gate("offer", not text, text, overridable=False)


def lent_gate(machine: Machine, moment: Moment) -> Gate:
    text = lent_text(machine.lent, moment.now) if machine.lent else ""
    return _gate("lent", not text, text, overridable=False)


FIT: Sequence[Callable[[Needs, Machine], Gate]] = (
    target_gate, kind_gate, model_gate, bed_gate, nozzle_gate, abrasive_gate, material_gate, enough_gate,
    offer_gate,
)  # fmt: skip
HARD_FIT = frozenset({"target", "kind", "model", "bed", "nozzle", "offer"})
NOW: Sequence[Callable[[Machine, Moment], Gate]] = (
    usable_gate, busy_gate, plate_gate, fault_gate, failures_gate, maintenance_gate, not_before_gate,
    switches_gate, lent_gate,
)  # fmt: skip


def fit(needs: Needs, machine: Machine) -> tuple[Gate, ...]:
    """Whether the machine can print this at all, as it is equipped and loaded."""
    return tuple(gate(needs, machine) for gate in FIT)


def ready(machine: Machine, moment: Moment) -> tuple[Gate, ...]:
    """Whether it may start now."""
    return tuple(gate(machine, moment) for gate in NOW)


def blocking(gates: Sequence[Gate], *, overridden: bool = False) -> list[Gate]:
    """The gates that forbid the start; with a person's override only those that can't be overridden."""
    return [one for one in gates if one.verdict is not Verdict.PASS and not (overridden and one.overridable)]


def verdict_of(gates: Sequence[Gate]) -> Verdict:
    """Fail if any gate fails, unknown if any is unknown, else pass."""
    said = {gate.verdict for gate in gates}
    return next((one for one in (Verdict.FAIL, Verdict.UNKNOWN) if one in said), Verdict.PASS)
