"""How long printers were in each state: by printer, by hour of the week, and over time.

Two queries. The second sweeps over quarters of an hour, as every zone's offset is a multiple of one: what
begins adds to all quarters after it, what ends takes away again, so that a long stretch costs no more than a
short one. Sums of float may miss zero by a millionth of a second, so they are rounded.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from django.utils import timezone

from printers.models import Stretch
from printers.states import PrinterState
from reports.scope import Scope

QUARTER_S = 900


class Share(StrEnum):
    """What a printer's time is told apart into."""

    PRINTING = "printing"
    PAUSED = "paused"
    NEEDS_YOU = "needs_you"
    IDLE = "idle"
    OFFLINE = "offline"
    OUT_OF_SERVICE = "out_of_service"


S = PrinterState
SHARES = {
    S.PRINTING: Share.PRINTING,
    S.PREPARING: Share.PRINTING,
    S.PAUSED: Share.PAUSED,
    S.NEEDS_YOU: Share.NEEDS_YOU,
    S.READY: Share.IDLE,
    S.OFFLINE: Share.OFFLINE,
    S.UNKNOWN: Share.OFFLINE,
    S.OUT_OF_SERVICE: Share.OUT_OF_SERVICE,
}
_SHARE = (
    "CASE p.state " + " ".join(f"WHEN '{state}' THEN '{share}'" for state, share in SHARES.items()) + " END"
)
# What lasts is counted up to now. Of each printer one stretch may have begun before.
_PIECES = """
WITH range AS (SELECT LEAST(%(end)s, %(now)s) AS over),
pieces AS (
    SELECT p.printer_id, {share} AS share, p.for_plate, p.since AS begun,
           LEAST(COALESCE(p.until, over), over) AS done
    FROM printers_stretch p, range WHERE p.since >= %(start)s AND p.since < over {scope}
    UNION ALL
    SELECT p.printer_id, {share}, p.for_plate, %(start)s, LEAST(COALESCE(p.until, over), over)
    FROM printers_printer m, range, LATERAL (
        SELECT * FROM printers_stretch s WHERE s.printer_id = m.id AND s.since < %(start)s
        ORDER BY s.since DESC LIMIT 1
    ) p WHERE over > %(start)s AND (p.until IS NULL OR p.until > %(start)s) {scope}
    UNION ALL
    SELECT NULL, {share}, p.for_plate, %(start)s, LEAST(p.until, over)
    FROM printers_stretch p, range
    WHERE over > %(start)s AND p.printer_id IS NULL AND p.since < %(start)s AND p.until > %(start)s {scope}
)
"""
_BY_PRINTER = """
SELECT p.printer_id::text, m.name, p.share, SUM(date_part('epoch', p.done - p.begun)),
       COALESCE(SUM(date_part('epoch', p.done - p.begun)) FILTER (WHERE p.for_plate), 0),
       COUNT(*) FILTER (WHERE p.for_plate)
FROM pieces p LEFT JOIN printers_printer m ON m.id = p.printer_id GROUP BY p.printer_id, m.name, p.share
"""
_MEDIAN = """
SELECT percentile_cont(ARRAY[0.5, 0.9]) WITHIN GROUP (ORDER BY date_part('epoch', p.done - p.begun))
FROM pieces p WHERE p.for_plate
"""
_SWEPT = """,
moves AS (
    SELECT begun AS at, share, 1 AS delta FROM pieces UNION ALL SELECT done, share, -1 FROM pieces
),
binned AS (
    SELECT quarter, share, SUM(delta) AS delta,
           SUM(delta * (900 - date_part('epoch', at - quarter))) AS within_s
    FROM (SELECT date_bin('15 minutes', at, 'epoch') AS quarter, at, share, delta FROM moves) placed
    GROUP BY 1, 2
),
grid AS (
    SELECT quarter, share FROM range,
        generate_series(date_bin('15 minutes', %(start)s, 'epoch'), over, interval '15 minutes') quarter,
        (SELECT DISTINCT share FROM binned) shares
),
levels AS (
    SELECT g.quarter AT TIME ZONE %(zone)s AS local, g.share, COALESCE(b.within_s, 0) + 900 * (
        SUM(COALESCE(b.delta, 0)) OVER (PARTITION BY g.share ORDER BY g.quarter) - COALESCE(b.delta, 0)
    ) AS seconds
    FROM grid g LEFT JOIN binned b USING (quarter, share)
)
SELECT date_part('isodow', local)::int, date_part('hour', local)::int, NULL, share,
       round(SUM(seconds)::numeric, 3)
FROM levels GROUP BY 1, 2, 4
UNION ALL
SELECT NULL, NULL, date_trunc(%(step)s, local)::date::text, share, round(SUM(seconds)::numeric, 3)
FROM levels GROUP BY 3, 4
"""


@dataclass(slots=True)
class Spent:
    """Seconds in each share; those that only the plate was in the way, and how often it was."""

    seconds: dict[Share, float] = field(default_factory=dict)
    plate_s: float = 0.0
    plates: int = 0

    @property
    def known_s(self) -> float:
        return sum(self.seconds.values())

    def of(self, share: Share) -> float:
        return self.seconds.get(share, 0.0)

    def share_of(self, share: Share) -> float | None:
        """Of all the time that is known of."""
        return self.of(share) / self.known_s if self.known_s else None

    def add(self, share: Share, seconds: float) -> None:
        self.seconds[share] = self.of(share) + seconds


@dataclass(frozen=True, slots=True)
class Course:
    """`printers` by id and name (none: all deleted ones), `week` by weekday from 1 and hour."""

    printers: dict[tuple[str, str], Spent]
    week: dict[tuple[int, int], Spent]
    steps: dict[str, Spent]
    plate_median_s: float | None
    plate_p90_s: float | None

    @property
    def all(self) -> Spent:
        return sum_of(self.printers.values())


def sum_of(spent: Iterable[Spent]) -> Spent:
    whole = Spent()
    for one in spent:
        for share, seconds in one.seconds.items():
            whole.add(share, seconds)
        whole.plate_s += one.plate_s
        whole.plates += one.plates
    return whole


def course_of(scope: Scope, now: datetime | None = None) -> Course:
    """What the printers of `scope` were in; neither what is after `now` nor what no history knows of."""
    pieces = _PIECES.format(share=_SHARE, scope=scope.of_printers)
    values = {"now": now or timezone.now()}
    printers: dict[tuple[str, str], Spent] = {}
    for pk, name, share, seconds, plate_s, plates in scope.ask(pieces + _BY_PRINTER, **values):
        one = printers.setdefault((pk or "", name or ""), Spent())
        one.add(Share(share), float(seconds))
        one.plate_s += float(plate_s)
        one.plates += plates
    week: dict[tuple[int, int], Spent] = {}
    steps: dict[str, Spent] = {}
    for day, hour, step, share, seconds in scope.ask(pieces + _SWEPT, **values):
        one = week.setdefault((day, hour), Spent()) if step is None else steps.setdefault(step, Spent())
        one.add(Share(share), float(seconds))
    [(waits,)] = scope.ask(pieces + _MEDIAN, **values)
    median, p90 = waits or (None, None)
    return Course(printers, week, steps, median, p90)


def counted_from() -> datetime | None:
    """When the history of states begins; None if there is none yet."""
    return Stretch.objects.order_by("since").values_list("since", flat=True).first()
