"""What the printers of a measured organisation say, put into Redis as the gateway does."""

from collections.abc import Sequence
from uuid import UUID

from orgs.models import Org
from printers import live
from printers.drivers.driver import Heat, MachineState, Status, Tray

STATES = (MachineState.PRINTING, MachineState.PRINTING, MachineState.IDLE, MachineState.FINISHED)


def status_of(at: int, turn: int = 0) -> Status:
    """Of the printer number `at`; another `turn` tells of another percent and layer."""
    state = STATES[at % len(STATES)]
    runs = state == MachineState.PRINTING
    layer = (at + turn) % 160
    return Status(
        state=state,
        progress=layer / 160 if runs else None,
        remaining_s=60 * (200 - layer) if runs else None,
        file=f"bracket-{at}.gcode" if runs else "",
        job_key=f"job-{at}" if runs else "",
        layer=layer if runs else None,
        layers=160 if runs else None,
        nozzles=(Heat(219.6, 220.0) if runs else Heat(24.1),),
        bed=Heat(60.0, 60.0) if runs else Heat(23.0),
        fans={"part": 100 if runs else 0},
        trays=tuple(Tray(index, "PLA", "#ff6a13", 0.5) for index in range(4)),
    )


def tell(org: Org, ids: Sequence[UUID], turn: int = 0, chosen: Sequence[int] | None = None) -> None:
    """Report for the printers at the places `chosen`, or all; a Bambu printer's word is good for 100 s."""
    for at in range(len(ids)) if chosen is None else chosen:
        live.swap(org.pk, ids[at], status_of(at, turn))
