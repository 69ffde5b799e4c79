"""Whether a machine that was told to stop is seen standing."""

from datetime import datetime, timedelta
from enum import StrEnum

from printers.drivers.driver import MachineState, Status
from printers.live import Live

# A polled printer is asked every 2 s, a pushing one tells at once; a slow firmware takes a few more.
SEEN_WITHIN = timedelta(seconds=20)
AT_REST = frozenset({MachineState.IDLE, MachineState.FINISHED, MachineState.ERROR})


class Verdict(StrEnum):
    """In the order in which a person has to care."""

    UNCONFIRMED = "unconfirmed"
    WAITING = "waiting"
    TOLD = "told"
    ABSENT = "absent"
    STOPPED = "stopped"


def is_at_rest(status: Status) -> bool:
    """Whether the printer says that it neither prints nor heats."""
    heaters = [*status.nozzles, *((status.bed,) if status.bed else ())]
    return status.full and status.state in AT_REST and not any(heater.target_c > 0 for heater in heaters)


def verdict_of(
    *, answered: bool | None, since: datetime | None, live: Live | None, was_absent: bool, now: datetime
) -> Verdict:
    """What is known of a printer that was told to stop at `since`, None if it has not been told yet.

    `answered` is whether it took the order, None while it is waited for; `was_absent` whether it was offline
    before and nothing was known to print on it. What it reports afterwards counts more than its answer.
    """
    if since is None:
        return Verdict.WAITING
    if live is not None and live.updated_at > since and is_at_rest(live.status):
        return Verdict.STOPPED
    if answered is None:
        return Verdict.WAITING
    if not answered:
        return Verdict.ABSENT if was_absent else Verdict.UNCONFIRMED
    return Verdict.TOLD if now - since < SEEN_WITHIN else Verdict.UNCONFIRMED
