"""The one order of the queue, as SQL reads it and as a look at the queue works it out. Pure.

Priority first. Then due-date risk: what would miss its due date in its turn comes before what has slack, the
latest start first. Then fair share between people, then the place that people gave it, then its age.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID

from django.db.models import F

QUEUE_ORDER = (
    F("priority").desc(),
    F("must_start_at").asc(nulls_last=True),
    F("share").asc(),
    F("position").asc(),
    F("pk").asc(),
)
HALF_LIFE_DAYS = 7.0
HOUR_S = 3600.0
# What one step of fair share may at most be: PositiveIntegerField's room, far above any farm's hours.
MOST_SHARE = 2_000_000_000


@dataclass(slots=True)
class Standing:
    """What decides a job's place. Times in seconds since 1970.

    `work_s` is all that it still has to print, `span_s` how long that takes at best, on all that fit.
    """

    id: UUID
    priority: int
    position: float
    by: UUID | None = None
    due: float | None = None
    work_s: float = 0.0
    span_s: float = 0.0
    must_start: float | None = None
    share: int = 0

    @property
    def key(self) -> tuple[int, float, int, float, UUID]:
        """Sorts as QUEUE_ORDER does."""
        late = self.must_start if self.must_start is not None else float("inf")
        return (-self.priority, late, self.share, self.position, self.id)

    @property
    def turn(self) -> tuple[int, int, float, UUID]:
        """The place it would have if no due date mattered."""
        return (-self.priority, self.share, self.position, self.id)


def give_shares(jobs: Iterable[Standing], used_s: Mapping[UUID | None, float], weight: int) -> None:
    """Set each job's `share` from what its person has used lately and what of theirs waits before it.

    A step is an hour at a weight of 100, ten hours at 10. Jobs of the same step keep the order of their
    places, so a low weight evens out only what is far apart. 0 is off. Each priority is shared by itself.
    """
    ahead: dict[tuple[int, UUID | None], float] = defaultdict(float)
    for job in sorted(jobs, key=lambda one: (-one.priority, one.position, one.id)):
        if not weight:
            job.share = 0
            continue
        mine = (job.priority, job.by)
        hours = (used_s.get(job.by, 0.0) + ahead[mine]) / HOUR_S
        job.share = min(MOST_SHARE, int(hours * weight / 100))
        ahead[mine] += job.work_s


def note_risk(jobs: Iterable[Standing], ends: Mapping[UUID, float], now: float) -> int:
    """Set `must_start` of the jobs that miss their due date in their turn; return how many it newly was.

    `ends` has the forecast ends; a job without one is judged by `now` and what it takes. What is once at
    risk in a look at the queue stays so in it, or it would lose the place that saved it.
    """
    found = 0
    for job in jobs:
        if job.due is None or job.must_start is not None:
            continue
        if ends.get(job.id, now + job.span_s) > job.due:
            job.must_start = max(0.0, job.due - job.span_s)
            found += 1
    return found


def moment_of(seconds: float | None) -> datetime | None:
    """As the database keeps it, to the minute: forecasts of the next look differ by seconds."""
    return None if seconds is None else datetime.fromtimestamp(seconds // 60 * 60, UTC)
