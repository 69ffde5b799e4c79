"""How much longer prints take than sliced: by model of the library, printer, and printer model with slicer.

The median of the last completed prints. A print that was paused counts in none: its time has the pause in it.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import orjson
from django.db import connection

from orgs.current import current_org
from orgs.keys import org_key, redis_client

LAST = 25
# With as many prints as this, what was learned counts half.
DOUBT = 4
# A ratio beyond these tells of a wrong estimate or a wrong clock, not of a slow printer.
LEAST_RATIO, MOST_RATIO = 0.2, 5.0
KEPT_S = 600

_PRINTS = """
SELECT r.model_id AS model, p.printer_id AS printer, COALESCE(m.model, '') AS machine,
       COALESCE(r.metadata->>'slicer', '') AS slicer, p.printed_s::float / p.estimate_s AS ratio, p.ended_at
FROM jobs_print p JOIN jobs_job j ON j.id = p.job_id JOIN models3d_revision r ON r.id = j.revision_id
LEFT JOIN printers_printer m ON m.id = p.printer_id
WHERE p.state = 'completed' AND p.estimate_s > 0 AND p.printed_s > 0
  AND p.printed_s BETWEEN p.estimate_s * %(least)s AND p.estimate_s * %(most)s
  AND NOT EXISTS (SELECT FROM jobs_event e WHERE e.job_id = j.id AND e.state = 'paused'
                  AND e.at BETWEEN p.started_at AND p.ended_at)
"""
_MEDIANS = """
SELECT {by}, percentile_cont(0.5) WITHIN GROUP (ORDER BY ratio), COUNT(*) FROM (
    SELECT *, row_number() OVER (PARTITION BY {by} ORDER BY ended_at DESC) AS nth FROM prints
) ranked WHERE nth <= %(last)s GROUP BY {by}
"""
_SINCE = " AND p.ended_at > now() - interval '180 days'"


@dataclass(frozen=True, slots=True)
class Factor:
    """Actual time over sliced time, and of how many prints."""

    ratio: float
    count: int

    @property
    def percent(self) -> int:
        """How much longer in whole percent; negative is shorter."""
        return round((self.ratio - 1) * 100)

    @property
    def percent_shorter(self) -> int:
        return -self.percent


@dataclass(slots=True)
class Factors:
    """What was learned, for the forecast: by library model, by printer model and slicer."""

    models: dict[UUID, Factor] = field(default_factory=dict)
    machines: dict[tuple[str, str], Factor] = field(default_factory=dict)

    def of(self, model: UUID, machine: str, slicer: str) -> float:
        """The factor for a model on a printer model: each is drawn to the more general one, that to 1."""
        usual = shrunk(self.machines.get((machine, slicer)), 1.0)
        return shrunk(self.models.get(model), usual)


def shrunk(known: Factor | None, towards: float) -> float:
    """`known`, the nearer to `towards` the fewer prints stand behind it."""
    if known is None:
        return towards
    return (known.ratio * known.count + towards * DOUBT) / (known.count + DOUBT)


def of_model(model: UUID) -> Factor | None:
    return _one("model", " AND r.model_id = %(one)s", model)


def of_printer(printer: UUID) -> Factor | None:
    return _one("printer", " AND p.printer_id = %(one)s", printer)


def _one(by: str, only: str, one: UUID) -> Factor | None:
    rows = _asked(f"WITH prints AS ({_PRINTS}{only}) {_MEDIANS.format(by=by)}", one=one)
    return Factor(float(rows[0][1]), rows[0][2]) if rows else None


def _asked(sql: str, **values: Any) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, {"least": LEAST_RATIO, "most": MOST_RATIO, "last": LAST, **values})
        return list(cursor.fetchall())


def learned() -> Factors:
    """What the forecast rests on, of the last half year; worked out anew every ten minutes."""
    key = org_key(current_org().pk, "accuracy")
    kept: Any = redis_client().get(key)
    if kept is None:
        kept = orjson.dumps([list(_medians("model")), list(_medians("machine, slicer"))], default=str)
        redis_client().set(key, kept, ex=KEPT_S)
    models, machines = orjson.loads(kept)
    return Factors(
        {UUID(model): Factor(ratio, count) for model, ratio, count in models},
        {(machine, slicer): Factor(ratio, count) for machine, slicer, ratio, count in machines},
    )


def _medians(by: str) -> Iterable[tuple[Any, ...]]:
    return _asked(f"WITH prints AS ({_PRINTS}{_SINCE}) {_MEDIANS.format(by=by)}")


def forget() -> None:
    """Learn anew at the next look."""
    redis_client().delete(org_key(current_org().pk, "accuracy"))
