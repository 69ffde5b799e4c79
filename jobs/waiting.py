"""The jobs that have copies to be printed, read for thousands at once: what each needs, and its standing."""

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any
from uuid import UUID

from django.db.models import Count, QuerySet

from models3d.models import Plate, Revision
from orgs.current import current_org
from orgs.members import limits
from stations.models import Offer

from .facts import Wanted, needs_of
from .gates import Needs
from .models import Job, Print
from .order import QUEUE_ORDER, Standing
from .states import WITH_COPIES, PrintState

# A longer queue is served from its front; what lies behind has no forecast yet.
MOST = 50_000
# Up to so many ids a question names them; for more it is quicker to count all.
FEW = 1000
# What makes a job's needs, and with the rest what is read of it.
_NEEDS = (
    "revision_id", "plate", "target", "target_printer_id", "target_tag_id", "target_model", "filaments",
    "target_lent_id", "by_id",
)  # fmt: skip
_COLUMNS = (
    "pk", "state", "priority", "position", "due_at", "not_before", "auto_start", "estimate_s",
    "why_not", "must_start_at", "share", "grams", *_NEEDS,
)  # fmt: skip


@dataclass(slots=True)
class Waiting:
    """A job in the queue. `needs` is None while its file can't be printed, for its `problem` or as it is
    still read; `copies` wait for a printer."""

    standing: Standing
    row: dict[str, Any]
    copies: int
    needs: Needs | None
    model_id: UUID | None
    slicer: str
    problem: str = ""
    mask: int = 0
    place: int = 1

    @property
    def is_first(self) -> bool:
        """Whether as many printers fit as there are jobs up to it in line."""
        return self.place <= self.mask.bit_count()

    @property
    def id(self) -> UUID:
        return self.standing.id

    @property
    def not_before(self) -> datetime | None:
        found: datetime | None = self.row["not_before"]
        return found


def waiting_jobs() -> QuerySet[Job]:
    """Jobs with copies to be printed, in the order in which they are served."""
    has_copies = Print.objects.filter(state=PrintState.WAITING).values("job")
    return Job.objects.filter(state__in=WITH_COPIES, pk__in=has_copies).order_by(*QUEUE_ORDER)


def queue() -> list[Waiting]:
    """All that waits, in its order."""
    return read(waiting_jobs()[:MOST], Reader())


def read(jobs: "QuerySet[Job]", reader: "Reader") -> list[Waiting]:
    rows = [dict(zip(_COLUMNS, row, strict=True)) for row in jobs.values_list(*_COLUMNS)]
    ids = [row["pk"] for row in rows]
    counted = Print.objects.filter(state=PrintState.WAITING)
    if len(ids) <= FEW:
        counted = counted.filter(job__in=ids)
    copies = dict(counted.order_by().values_list("job").annotate(Count("pk")))
    reader.fetch(rows)
    return [_waiting(row, copies.get(row["pk"], 0), reader) for row in rows]


def _waiting(row: dict[str, Any], copies: int, reader: "Reader") -> Waiting:
    due, must = row["due_at"], row["must_start_at"]
    standing = Standing(
        id=row["pk"],
        priority=row["priority"],
        position=row["position"],
        by=row["by_id"],
        due=due.timestamp() if due else None,
        must_start=must.timestamp() if must else None,
        share=row["share"] or 0,
    )
    revision = reader.revisions[row["revision_id"]]
    slicer = revision.metadata.get("slicer") or ""
    return Waiting(standing, row, copies, reader.needs(row), revision.model_id, slicer, revision.problem)


class Reader:
    """Needs by what makes them; equal jobs share one object, so it is worked out and compared once."""

    def __init__(self) -> None:
        self.revisions: dict[UUID, Revision] = {}
        self._plates: dict[tuple[UUID, int], Plate] = {}
        self._made: dict[tuple[Any, ...], Needs | None] = {}

    @cached_property
    def _limits(self) -> dict[UUID, frozenset[UUID]]:
        return limits()

    @cached_property
    def _is_lent_to(self) -> bool:
        return Offer.objects.to(current_org()).exists()

    def _grams(self, row: Mapping[str, Any]) -> float:
        """What the whole job takes: only who lends asks for it, and it makes equal jobs unequal."""
        return float(row.get("grams") or 0) if self._is_lent_to else 0.0

    def fetch(self, rows: Sequence[Mapping[str, Any]]) -> None:
        wanted = {row["revision_id"] for row in rows} - self.revisions.keys()
        if not wanted:
            return
        found = Revision.objects.only("model", "kind", "status", "metadata", "problem")
        self.revisions |= found.in_bulk(list(wanted))
        for plate in Plate.objects.filter(revision__in=wanted):
            self._plates[plate.revision_id, plate.number] = plate

    def needs(self, row: Mapping[str, Any]) -> Needs | None:
        """What a job's row asks for; None if its file is not ready."""
        names = ("target", "target_printer_id", "target_tag_id", "target_model", "target_lent_id")
        target = tuple(row[name] for name in names)
        allowed = self._limits.get(row["by_id"])
        wishes = str(row["filaments"] or "")
        key = (row["revision_id"], row["plate"], *target, wishes, allowed, self._grams(row))
        if key not in self._made:
            self._made[key] = self._make(row)
        return self._made[key]

    def _make(self, row: Mapping[str, Any]) -> Needs | None:
        revision = self.revisions[row["revision_id"]]
        if revision.status != Revision.Status.READY:
            return None
        wanted = Wanted(
            revision, row["target"], row["target_printer_id"], row["target_tag_id"], row["target_model"],
            row["filaments"], self._limits.get(row["by_id"]), row["target_lent_id"], self._grams(row),
        )  # fmt: skip
        return needs_of(wanted, self._plates.get((revision.pk, row["plate"])))


def chunks(jobs: "QuerySet[Job]", reader: "Reader", size: int = 200) -> Iterator[list[Waiting]]:
    """`jobs` read in growing parts, as the front of the queue is mostly enough."""
    begin = 0
    while begin < MOST:
        found = read(jobs[begin : begin + size], reader)
        yield found
        if len(found) < size:
            return
        begin, size = begin + size, size * 4


def wanting(jobs: "QuerySet[Job]", reader: "Reader", fits: Callable[[Needs], bool]) -> "QuerySet[Job]":
    """`jobs` without the files of which none has needs that `fits` allows: many jobs are of few files."""
    found = set()
    for revision_id, needs in each_needs(jobs, reader):
        if revision_id not in found and fits(needs):
            found.add(revision_id)
    return jobs.filter(revision__in=found)


def each_needs(jobs: "QuerySet[Job]", reader: "Reader") -> Iterator[tuple[UUID, Needs]]:
    """What `jobs` ask for, with the revision that asks; equal jobs once. A query, and two for their files."""
    asked = [dict(zip(_NEEDS, row, strict=True)) for row in jobs.order_by().values_list(*_NEEDS).distinct()]
    reader.fetch(asked)
    for row in asked:
        if needs := reader.needs(row):
            yield row["revision_id"], needs


def set_work(one: Waiting, seconds: float, machines: int) -> None:
    """Note how long the job's copies take in all, and at best on that many machines at once."""
    one.standing.work_s = seconds * one.copies
    one.standing.span_s = seconds * math.ceil(one.copies / max(1, machines))
