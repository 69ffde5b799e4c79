"""Sums over the prints that ended in a period, by any of the ways they can be told apart: one query.

Only prints that had begun count: a copy that was cancelled while it waited is none. A file is summed up
once, and then by its slicer and its materials, so that no JSON is read for each print.
"""

from collections.abc import Collection
from dataclasses import dataclass
from decimal import Decimal

from reports.scope import Scope

# How it is grouped, the columns of the first grouping, and which one tells the groupings apart.
GROUPINGS = {
    "printer": "printer_id, gone",
    "file": "revision_id, plate",
    "reason": "reason_id",
    "hour": "day, hour",
    "step": "step",
    "department": "department_id",
    "person": "by_id",
}
MEASURES = (
    "prints", "failed", "rejected", "cancelled", "grams", "printed_s", "material_cost", "machine_cost",
    "energy_kwh", "energy_cost", "extra_cost", "lost_g", "lost_s", "lost_cost", "prints_before", "bad_before",
)  # fmt: skip

_ENDED = """
SELECT p.printer_id, CASE WHEN p.printer_id IS NULL THEN p.printer_name END AS gone, j.revision_id, j.plate,
       p.reason_id, j.department_id, j.by_id, p.state, p.ended_at >= %(start)s AS is_now,
       p.state = 'failed' OR p.verdict = 'reject' AS is_bad, p.verdict = 'reject' AS is_reject,
       date_part('isodow', p.ended_at AT TIME ZONE %(zone)s)::int AS day,
       date_part('hour', p.ended_at AT TIME ZONE %(zone)s)::int AS hour,
       date_trunc(%(step)s, p.ended_at AT TIME ZONE %(zone)s)::date AS step,
       COALESCE(p.grams, 0) AS g, COALESCE(p.printed_s, 0) AS s,
       COALESCE(p.material_cost, 0) AS material, COALESCE(p.machine_cost, 0) AS machine,
       COALESCE(p.energy_kwh, 0) AS kwh, COALESCE(p.energy_cost, 0) AS energy,
       COALESCE(p.extra_cost, 0) AS extra
FROM jobs_print p JOIN jobs_job j ON j.id = p.job_id
WHERE p.ended_at >= %(since)s AND p.ended_at < %(end)s AND p.started_at IS NOT NULL
  AND p.state IN ('completed', 'failed', 'cancelled')
"""
_NOW = "FILTER (WHERE is_now)"
_LOST = "FILTER (WHERE is_now AND (is_bad OR state = 'cancelled'))"
_SUMS = f"""
COUNT(*) FILTER (WHERE is_now AND state <> 'cancelled') AS prints,
COUNT(*) FILTER (WHERE is_now AND state = 'failed') AS failed,
COUNT(*) FILTER (WHERE is_now AND is_reject AND state <> 'failed') AS rejected,
COUNT(*) FILTER (WHERE is_now AND state = 'cancelled') AS cancelled,
SUM(g) {_NOW} AS grams, SUM(s) {_NOW} AS printed_s,
SUM(material) {_NOW} AS material_cost, SUM(machine) {_NOW} AS machine_cost,
SUM(kwh) {_NOW} AS energy_kwh, SUM(energy) {_NOW} AS energy_cost, SUM(extra) {_NOW} AS extra_cost,
SUM(g) {_LOST} AS lost_g, SUM(s) {_LOST} AS lost_s,
SUM(material + machine + energy + extra) {_LOST} AS lost_cost,
COUNT(*) FILTER (WHERE NOT is_now AND state <> 'cancelled') AS prints_before,
COUNT(*) FILTER (WHERE NOT is_now AND is_bad AND state <> 'cancelled') AS bad_before
"""
_EXACT = {
    "grams", "material_cost", "machine_cost", "energy_kwh", "energy_cost", "extra_cost", "lost_g",
    "lost_cost",
}  # fmt: skip
# Counts of counts are whole numbers again, and where there is nothing it is zero: rows are read as they come.
_TYPES = {name: "numeric" if name in _EXACT else "bigint" for name in MEASURES}
_AGAIN = ", ".join(f"COALESCE(SUM(sums.{name}), 0)::{kind}" for name, kind in _TYPES.items())
_PLAIN = ", ".join(f"COALESCE(sums.{name}, 0)::{kind}" for name, kind in _TYPES.items())
_QUERY = """
WITH ended AS ({ended}),
sums AS MATERIALIZED (SELECT {columns}{mask} AS mask, {measures} FROM ended GROUP BY GROUPING SETS ({sets}))
{parts}"""
# What each dimension is made of: of which grouping, and how its key, its name and its sums are read.
_READ = {
    "all": ("", "SELECT 'all', '', '', {plain} FROM sums WHERE {is_it}"),
    "printer": (
        "printer",
        """SELECT 'printer', COALESCE(m.id::text, ''), COALESCE(m.name, gone, ''), {plain}
        FROM sums LEFT JOIN printers_printer m ON m.id = sums.printer_id WHERE {is_it}""",
    ),
    "machine": (
        "printer",
        """SELECT 'machine', '', COALESCE(m.model, ''), {again}
        FROM sums LEFT JOIN printers_printer m ON m.id = sums.printer_id WHERE {is_it} GROUP BY 3""",
    ),
    "model": (
        "file",
        """SELECT 'model', t.id::text, t.name, {again} FROM sums
        JOIN models3d_revision r ON r.id = sums.revision_id JOIN models3d_model3d t ON t.id = r.model_id
        WHERE {is_it} GROUP BY t.id""",
    ),
    "slicer": (
        "file",
        """SELECT 'slicer', '', COALESCE(r.metadata->>'slicer', ''), {again} FROM sums
        JOIN models3d_revision r ON r.id = sums.revision_id WHERE {is_it} GROUP BY 3""",
    ),
    "material": (
        "file",
        """SELECT 'material', '', made.material, {again} FROM sums
        LEFT JOIN models3d_plate l ON l.revision_id = sums.revision_id AND l.number = sums.plate
        CROSS JOIN LATERAL (
            SELECT DISTINCT upper(COALESCE(u.value->>'material', '')) AS material
            FROM jsonb_array_elements(l.filaments) u WHERE COALESCE((u.value->>'used')::bool, true)
            UNION SELECT '' WHERE l.filaments IS NULL OR l.filaments = '[]'
        ) made WHERE {is_it} GROUP BY 3""",
    ),
    "reason": (
        "reason",
        """SELECT 'reason', COALESCE(w.id::text, ''), COALESCE(w.name, ''), {plain}
        FROM sums LEFT JOIN jobs_failurereason w ON w.id = sums.reason_id WHERE {is_it}""",
    ),
    "hour": ("hour", "SELECT 'hour', day::text, hour::text, {plain} FROM sums WHERE {is_it}"),
    "step": ("step", "SELECT 'step', step::text, step::text, {plain} FROM sums WHERE {is_it}"),
    "department": (
        "department",
        """SELECT 'department', COALESCE(d.id::text, ''), COALESCE(d.name, ''), {plain}
        FROM sums LEFT JOIN orgs_department d ON d.id = sums.department_id WHERE {is_it}""",
    ),
    "person": (
        "person",
        """SELECT 'person', COALESCE(u.id::text, ''), COALESCE(NULLIF(u.name, ''), u.email, ''), {plain}
        FROM sums LEFT JOIN accounts_user u ON u.id = sums.by_id WHERE {is_it}""",
    ),
}


@dataclass(frozen=True, slots=True)
class Sum:
    """Of the prints of one kind; `key` is the id of a thing that is still there, `name` what it is called.

    `prints` are those that were completed or failed. Lost is what failed, rejected and cancelled prints took:
    grams, seconds, money; `extra_cost` is labour, fees and surcharges. The last two are of the period before.
    """

    key: str
    name: str
    prints: int
    failed: int
    rejected: int
    cancelled: int
    grams: Decimal
    printed_s: int
    material_cost: Decimal
    machine_cost: Decimal
    energy_kwh: Decimal
    energy_cost: Decimal
    extra_cost: Decimal
    lost_g: Decimal
    lost_s: int
    lost_cost: Decimal
    prints_before: int
    bad_before: int

    @property
    def bad(self) -> int:
        return self.failed + self.rejected

    @property
    def completed(self) -> int:
        return self.prints - self.failed

    @property
    def cost(self) -> Decimal:
        return self.material_cost + self.machine_cost + self.energy_cost + self.extra_cost

    @property
    def rate(self) -> float | None:
        """The share of prints that failed or were rejected."""
        return self.bad / self.prints if self.prints else None

    @property
    def rate_before(self) -> float | None:
        return self.bad_before / self.prints_before if self.prints_before else None

    @property
    def change(self) -> float | None:
        """The rate less that of the period before; None unless both have prints."""
        if self.rate is None or self.rate_before is None:
            return None
        return self.rate - self.rate_before

    @property
    def is_of_now(self) -> bool:
        """Whether there is anything in the period itself."""
        return bool(self.prints or self.cancelled)


ZERO = Decimal(0)
NONE = Sum("", "", 0, 0, 0, 0, ZERO, 0, ZERO, ZERO, ZERO, ZERO, ZERO, ZERO, 0, ZERO, 0, 0)


def sums_by(scope: Scope, by: Collection[str], *, compares: bool = False) -> dict[str, list[Sum]]:
    """The sums of all prints (under "all"), and by each of `by`, names of _READ; the most prints first.

    With `compares` the period before is counted too.
    """
    groupings = list(dict.fromkeys(_READ[name][0] for name in by))
    rows = scope.ask(_sql(scope, by, groupings), since=_since(scope, compares=compares))
    found: dict[str, list[Sum]] = {name: [] for name in ("all", *by)}
    for what, key, name, *measured in rows:
        found[what].append(Sum(key, name, *measured))
    for sums in found.values():
        sums.sort(key=lambda one: (-one.prints, one.name.casefold()))
    return found


def _sql(scope: Scope, by: Collection[str], groupings: list[str]) -> str:
    leads = [GROUPINGS[name].split(",")[0] for name in groupings]
    sets = ", ".join(["()", *(f"({GROUPINGS[name]})" for name in groupings)])
    columns = "".join(f"{GROUPINGS[name]}, " for name in groupings)
    # Which grouping a row is of: GROUPING has a bit for each column, unset where the row has it.
    mask = f"GROUPING({', '.join(leads)})" if leads else "0"
    whole = (1 << len(leads)) - 1
    masks = {"": whole} | {name: whole & ~(1 << (len(leads) - 1 - at)) for at, name in enumerate(groupings)}
    parts = [
        _READ[name][1].format(is_it=f"mask = {masks[_READ[name][0]]}", plain=_PLAIN, again=_AGAIN)
        for name in ("all", *by)
    ]
    return _QUERY.format(
        ended=f"{_ENDED}{scope.of_printers}{scope.of_jobs}",
        columns=columns,
        mask=mask,
        measures=_SUMS,
        sets=sets,
        parts=" UNION ALL ".join(parts),
    )


def _since(scope: Scope, *, compares: bool) -> object:
    return scope.values["before" if compares else "start"]
