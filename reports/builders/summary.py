"""What became of jobs: how many came, how many ended how, for whom."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from reports.report import Column, Figure, Link, Row, Section, Unit, Value
from reports.scope import Scope
from ui.charts import Chart, Series

from .builder import Builder
from .parts import cut, over_steps, step_title

_ON_TAGGED = " AND EXISTS (SELECT FROM jobs_print p WHERE p.job_id = j.id {printers})"
_SQL = """
WITH ended AS (
    SELECT j.state, j.copies_done, j.grams, j.cost, j.department_id, j.by_id,
           date_trunc(%(step)s, j.ended_at AT TIME ZONE %(zone)s)::date AS step
    FROM jobs_job j WHERE j.ended_at >= %(start)s AND j.ended_at < %(end)s {scope}
), told AS (
    SELECT GROUPING(department_id, by_id, step) AS which, department_id, by_id, step,
           COUNT(*) FILTER (WHERE state = 'completed'), COUNT(*) FILTER (WHERE state = 'failed'),
           COUNT(*) FILTER (WHERE state = 'cancelled'), COUNT(*) FILTER (WHERE state = 'rejected'),
           SUM(copies_done), SUM(grams), SUM(cost)
    FROM ended GROUP BY GROUPING SETS ((), (department_id), (by_id), (step))
)
SELECT COALESCE(t.department_id::text, t.by_id::text, t.step::text, ''),
       COALESCE(d.name, NULLIF(u.name, ''), u.email, ''), t.*
FROM told t LEFT JOIN orgs_department d ON d.id = t.department_id LEFT JOIN accounts_user u ON u.id = t.by_id
"""
_CAME = """
SELECT date_trunc(%(step)s, j.created_at AT TIME ZONE %(zone)s)::date::text, COUNT(*)
FROM jobs_job j WHERE j.created_at >= %(start)s AND j.created_at < %(end)s {scope} GROUP BY 1
"""
SETS = {0b111: "all", 0b011: "department", 0b101: "person", 0b110: "step"}


@dataclass(frozen=True, slots=True)
class Ended:
    """Jobs that ended, by how; copies, grams and cost are theirs, also of copies that ended earlier."""

    key: str = ""
    name: str = ""
    completed: int = 0
    failed: int = 0
    cancelled: int = 0
    rejected: int = 0
    copies: int = 0
    grams: Decimal = Decimal(0)
    cost: Decimal = Decimal(0)

    @property
    def jobs(self) -> int:
        return self.completed + self.failed + self.cancelled + self.rejected


class JobSummary(Builder):
    """By the end of the job."""

    kind = "job_summary"
    title = gettext_lazy("Jobs")
    summary = gettext_lazy("How many came, and what became of them")

    @cached_property
    def found(self) -> dict[str, list[Ended]]:
        return _ended(self.scope)

    @cached_property
    def came(self) -> dict[str, int]:
        return dict(self.scope.ask(_CAME.format(scope=_narrowed(self.scope))))

    @cached_property
    def before(self) -> Ended:
        one = self.scope
        earlier = Scope(one.period.before, one.tag, one.department, one.person)
        return next(iter(_ended(earlier)["all"]), Ended())

    @property
    def all(self) -> Ended:
        return next(iter(self.found["all"]), Ended())

    def figures(self) -> Sequence[Figure]:
        one, before = self.all, self.before
        listed = self._of_state
        return [
            Figure("came", _("Submitted"), sum(self.came.values()), Unit.COUNT),
            Figure("completed", _("Completed"), one.completed, Unit.COUNT, before.completed, "good",
                   link=listed("completed")),
            Figure("failed", _("Failed"), one.failed, Unit.COUNT, before.failed, "bad",
                   link=listed("failed")),
            Figure("cancelled", _("Cancelled"), one.cancelled, Unit.COUNT, before.cancelled,
                   link=listed("cancelled")),
            Figure("copies", _("Copies printed"), one.copies, Unit.COUNT, before.copies),
            Figure("cost", _("Cost"), one.cost, Unit.MONEY, before.cost),
        ]  # fmt: skip

    def _of_state(self, state: str) -> Link:
        return self.link("jobs:list", state=state)

    def sections(self) -> Sequence[Section]:
        return [
            self._over_time(),
            self._by(
                "department", _("By department"), _("Department"), _("No department"), self._of_department
            ),
            self._by("person", _("By person"), _("Person"), _("Nobody")),
        ]

    def _over_time(self) -> Section:
        period = self.scope.period
        days, labels, ended = over_steps(period, ((one.key, one) for one in self.found["step"]), Ended())
        came = [self.came.get(day.isoformat(), 0) for day in days]
        series = [
            Series(_("Completed"), [one.completed for one in ended], "green"),
            Series(_("Failed"), [one.failed for one in ended], "red"),
            Series(_("Cancelled"), [one.cancelled + one.rejected for one in ended], "grey"),
        ]
        charts = [
            Chart(_("Jobs that ended"), "bar", labels, series),
            Chart(_("Jobs submitted"), "bar", labels, [Series(_("Submitted"), came, "blue")], height=130),
        ]
        columns = [
            Column("step", step_title(period.step), Unit.TEXT), Column("submitted", _("Submitted")),
            *_columns(),
        ]  # fmt: skip
        rows = [
            Row((day.isoformat(), count, *_values(one)))
            for day, count, one in zip(days, came, ended, strict=True)
        ]
        whole = (_("All"), sum(came), *_values(self.all))
        note = _("Submitted jobs count on the day they came, all others on the day they ended.")
        return Section("step", _("Over time"), columns, rows, charts, whole, note, is_folded=True)

    def _by(
        self, what: str, title: str, head: str, nobody: str,
        linked: Callable[[Ended], Link | None] | None = None,
    ) -> Section:  # fmt: skip
        kept, more = cut(self.found[what])
        columns = [Column(what, head, Unit.TEXT), *_columns()]
        rows = [Row((one.name or nobody, *_values(one)), linked(one) if linked else None) for one in kept]
        return Section(what, title, columns, rows, totals=(_("All"), *_values(self.all)), more=more)

    def _of_department(self, one: Ended) -> Link | None:
        return self.link("jobs:list", department=one.key) if one.key else None


def _narrowed(scope: Scope) -> str:
    """Jobs of the scope; of printers with a tag are those that one of them printed."""
    tagged = _ON_TAGGED.format(printers=scope.of_printers) if scope.tag else ""
    return scope.of_jobs + tagged


def _ended(scope: Scope) -> dict[str, list[Ended]]:
    found: dict[str, list[Ended]] = {name: [] for name in SETS.values()}
    for key, name, which, _department, _by, _step, *told in scope.ask(_SQL.format(scope=_narrowed(scope))):
        found[SETS[which]].append(_read(key, name, told))
    for rows in found.values():
        rows.sort(key=lambda one: (-one.jobs, one.name.casefold()))
    return found


def _read(key: str, name: str, told: Sequence[Any]) -> Ended:
    completed, failed, cancelled, rejected, copies, grams, cost = told
    return Ended(
        key,
        name,
        completed,
        failed,
        cancelled,
        rejected,
        int(copies or 0),
        grams or Decimal(0),
        cost or Decimal(0),
    )


def _columns() -> list[Column]:
    return [
        Column("jobs", _("Jobs")),
        Column("completed", _("Completed")),
        Column("failed", _("Failed")),
        Column("cancelled", _("Cancelled"), is_extra=True),
        Column("rejected", _("Rejected"), is_extra=True),
        Column("copies", _("Copies"), is_extra=True),
        Column("grams", _("Filament"), Unit.GRAMS),
        Column("cost", _("Cost"), Unit.MONEY),
    ]


def _values(one: Ended) -> tuple[Value, ...]:
    return (
        one.jobs, one.completed, one.failed, one.cancelled, one.rejected, one.copies, one.grams, one.cost
    )  # fmt: skip
