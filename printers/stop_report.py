"""What became of an emergency stop, printer by printer: what each answered, and what it reports now."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import QuerySet
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from bulk.models import Item, Run
from orgs.current import current_org
from printers import live
from printers.drivers import DRIVERS
from printers.drivers.driver import MachineState
from printers.models import Printer
from printers.stopped import SEEN_WITHIN, Verdict, verdict_of

ORDER = list(Verdict)
# Afterwards nothing turns by the clock alone; only new reports change what is shown.
SETTLES = SEEN_WITHIN + timedelta(seconds=30)
M = MachineState
WORDS: Mapping[MachineState, str | Promise] = {
    M.OFFLINE: _("offline"),
    M.IDLE: _("idle"),
    M.PREPARING: _("preparing"),
    M.PRINTING: _("printing"),
    M.PAUSED: _("paused"),
    M.FINISHED: _("finished"),
    M.ERROR: _("stopped with an error"),
    M.BUSY: _("busy"),
    M.UNKNOWN: _("unknown"),
}


@dataclass(frozen=True, slots=True)
class Told:
    """A printer that was told to stop. `answer` is what it said, or why it was not reached; `reports` what it
    has reported of itself since, "" if nothing; `stops_at_once` whether its protocol has an emergency stop.
    """

    pk: UUID
    name: str
    is_there: bool
    verdict: Verdict
    answer: str
    was: str | Promise
    reports: str | Promise
    reported_at: datetime | None
    stops_at_once: bool


def stops() -> "QuerySet[Run]":
    """The runs that are emergency stops."""
    return Run.objects.filter(model=Printer._meta.label_lower, action="stop")


def report_on(run: Run) -> list[Told]:
    """Those for whom a person has to do something first. Two queries and one round trip to Redis."""
    items = list(run.items.order_by("name", "row"))
    ids = [item.row for item in items]
    known = live.read(current_org().pk, ids)
    protocols = dict(Printer.objects.filter(pk__in=ids).values_list("pk", "protocol"))
    now = timezone.now()
    told = [_told(item, known.get(item.row), protocols.get(item.row), now) for item in items]
    return sorted(told, key=lambda one: ORDER.index(one.verdict))


def counts_of(told: Sequence[Told]) -> dict[str, int]:
    """How many have each verdict: {"stopped": 38, "unconfirmed": 2, …}."""
    counts = Counter(one.verdict for one in told)
    return {verdict.value: counts[verdict] for verdict in ORDER}


def is_settled(run: Run) -> bool:
    """Whether only news of printers can change the report."""
    return run.is_over and timezone.now() - run.at > SETTLES


def _told(item: Item, entry: live.Live | None, protocol: str | None, now: datetime) -> Told:
    was = MachineState(item.seen.get("machine", M.UNKNOWN))
    answered = {Item.State.DONE: True, Item.State.REFUSED: False}.get(Item.State(item.state))
    driver = DRIVERS.get(protocol or "")
    has_reported = entry is not None and item.since is not None and entry.updated_at > item.since
    return Told(
        pk=item.row,
        name=item.name,
        is_there=protocol is not None,
        verdict=verdict_of(
            answered=answered,
            since=item.since,
            live=entry,
            was_absent=was in (M.OFFLINE, M.UNKNOWN) and not item.seen.get("is_taken"),
            now=now,
        )
        if protocol is not None
        else Verdict.ABSENT,
        answer=item.reason or (item.memory or {}).get("answer", ""),
        was=WORDS[was],
        reports=WORDS[entry.status.state] if has_reported and entry else "",
        reported_at=entry.updated_at if has_reported and entry else None,
        stops_at_once=driver is None or driver.stops_at_once,
    )
