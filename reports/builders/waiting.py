"""How long jobs wait: from their submission until the first of their copies starts."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from jobs.states import Priority
from reports.report import Column, Figure, Link, Row, Section, Unit, Value
from reports.scope import Scope
from ui.charts import Chart, Series

from .builder import Builder
from .parts import HOURS, over_steps, step_title

# A job counts where its first copy started; what started earlier, on whichever printer, was its first.
_SQL = """
WITH firsts AS (
    SELECT p.job_id, MIN(p.started_at) AS began FROM jobs_print p
    WHERE p.started_at >= %(start)s AND p.started_at < %(end)s {printers}
      AND NOT EXISTS (SELECT FROM jobs_print e WHERE e.job_id = p.job_id AND e.started_at < p.started_at)
    GROUP BY p.job_id
), waits AS (
    SELECT date_part('epoch', f.began - CASE
               WHEN j.not_before > j.created_at AND j.not_before < f.began THEN j.not_before ELSE j.created_at
           END) AS waited_s,
           j.priority, j.department_id, date_trunc(%(step)s, f.began AT TIME ZONE %(zone)s)::date AS step,
           date_part('hour', j.created_at AT TIME ZONE %(zone)s)::int AS hour
    FROM firsts f JOIN jobs_job j ON j.id = f.job_id
    WHERE true {jobs}
), told AS (
    SELECT GROUPING({grouped}) AS which, {grouped}, COUNT(*) AS jobs, MAX(waited_s) AS longest_s,
           percentile_cont(ARRAY[0.5, 0.9]) WITHIN GROUP (ORDER BY waited_s) AS waited_s
    FROM waits GROUP BY GROUPING SETS {sets}
)
SELECT which, COALESCE(priority::text, t.department_id::text, step::text, hour::text, ''), d.name,
       jobs, longest_s, waited_s
FROM told t LEFT JOIN orgs_department d ON d.id = t.department_id
"""
GROUPED = "priority, department_id, step, hour"
SETS = {0b1111: "all", 0b0111: "priority", 0b1011: "department", 0b1101: "step", 0b1110: "hour"}


@dataclass(frozen=True, slots=True)
class Waited:
    """Seconds that `jobs` waited; None without jobs."""

    key: str
    name: str
    jobs: int
    median_s: float | None = None
    p90_s: float | None = None
    longest_s: float | None = None


NOBODY = Waited("", "", 0)


class QueueTimes(Builder):
    """By the start of a job's first copy."""

    kind = "queue_times"
    title = gettext_lazy("Queue times")
    summary = gettext_lazy("How long jobs wait from their submission to their start")

    @cached_property
    def found(self) -> dict[str, list[Waited]]:
        return _asked(self.scope, "((), (priority), (department_id), (step), (hour))")

    @cached_property
    def before(self) -> Waited:
        one = self.scope
        return _first(_asked(Scope(one.period.before, one.tag, one.department, one.person), "(())"))

    def figures(self) -> Sequence[Figure]:
        one, before = _first(self.found), self.before
        return [
            Figure("median_s", _("Half start within"), one.median_s, Unit.SECONDS, before.median_s, "bad"),
            Figure("p90_s", _("Nine of ten start within"), one.p90_s, Unit.SECONDS, before.p90_s, "bad"),
            Figure("longest_s", _("Longest"), one.longest_s, Unit.SECONDS),
            Figure("jobs", _("Jobs started"), one.jobs, Unit.COUNT, before.jobs),
        ]

    def sections(self) -> Sequence[Section]:
        return [self._over_time(), self._by_hour(), self._by_priority(), self._by_department()]

    def _over_time(self) -> Section:
        period = self.scope.period
        days, labels, waits = over_steps(period, ((one.key, one) for one in self.found["step"]), NOBODY)
        charts = [_lines(_("Time from submission to start"), labels, waits)]
        columns = [Column("step", step_title(period.step), Unit.TEXT), *_columns()]
        rows = [Row((day.isoformat(), *_values(one))) for day, one in zip(days, waits, strict=True)]
        whole = (_("All"), *_values(_first(self.found)))
        note = _(
            "Jobs count on the day their first copy started. A job that was not to start before a time has"
            " waited from then on only."
        )
        return Section("step", _("Over time"), columns, rows, charts, whole, note, is_folded=True)

    def _by_hour(self) -> Section:
        known = {int(one.key): one for one in self.found["hour"]}
        waits = [known.get(hour, NOBODY) for hour in range(24)]
        chart = _lines(_("By the hour of submission"), HOURS, waits)
        columns = [Column("hour", _("Hour"), Unit.TEXT), *_columns()]
        rows = [Row((HOURS[at], *_values(one))) for at, one in enumerate(waits) if one.jobs]
        return Section("hour", _("By hour of submission"), columns, rows, [chart], is_folded=True)

    def _by_priority(self) -> Section:
        waits = sorted(self.found["priority"], key=lambda one: -int(one.key))
        columns = [Column("priority", _("Priority"), Unit.TEXT), *_columns()]
        rows = [Row((str(Priority(int(one.key)).label), *_values(one))) for one in waits]
        return Section("priority", _("By priority"), columns, rows)

    def _by_department(self) -> Section:
        columns = [Column("department", _("Department"), Unit.TEXT), *_columns()]
        rows = [
            Row((one.name or _("No department"), *_values(one)), _linked(self.link, one))
            for one in self.found["department"]
        ]
        return Section("department", _("By department"), columns, rows)


def _linked(link: Callable[..., Link], one: Waited) -> Link | None:
    return link("jobs:list", department=one.key) if one.key else None


def _asked(scope: Scope, sets: str) -> dict[str, list[Waited]]:
    sql = _SQL.format(printers=scope.of_printers, jobs=scope.of_jobs, grouped=GROUPED, sets=sets)
    if sets == "(())":
        # Nothing to group by: PostgreSQL knows GROUPING only for what is grouped by.
        plain = "NULL::int AS priority, NULL::uuid AS department_id, NULL::date AS step, NULL::int AS hour"
        sql = sql.replace(f"GROUPING({GROUPED}) AS which, {GROUPED}", f"15 AS which, {plain}")
    found: dict[str, list[Waited]] = {name: [] for name in SETS.values()}
    for which, key, name, jobs, longest_s, waited_s in scope.ask(sql):
        if jobs:
            median_s, p90_s = waited_s
            found[SETS[which]].append(Waited(key, name or "", jobs, median_s, p90_s, float(longest_s)))
    for rows in found.values():
        rows.sort(key=lambda one: (-one.jobs, one.name.casefold()))
    return found


def _first(found: dict[str, list[Waited]]) -> Waited:
    return next(iter(found["all"]), NOBODY)


def _lines(title: str, labels: Sequence[str], waits: Sequence[Waited]) -> Chart:
    details = [_("%(n)d jobs") % {"n": one.jobs} if one.jobs else "" for one in waits]
    series = [
        Series(_("Half"), [_hours(one.median_s) for one in waits], "blue", details=details),
        Series(_("Nine of ten"), [_hours(one.p90_s) for one in waits], "violet", details=details),
    ]
    return Chart(title, "line", labels, series, "h")


def _hours(seconds: float | None) -> float | None:
    return None if seconds is None else seconds / 3600


def _columns() -> list[Column]:
    return [
        Column("jobs", _("Jobs")),
        Column("median_s", _("Half within"), Unit.SECONDS),
        Column("p90_s", _("Nine of ten within"), Unit.SECONDS),
        Column("longest_s", _("Longest"), Unit.SECONDS, is_extra=True),
    ]


def _values(one: Waited) -> tuple[Value, ...]:
    return (one.jobs, one.median_s, one.p90_s, one.longest_s)
