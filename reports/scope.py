"""What a report is about: its days, and which prints of them; as SQL that all builders share."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db import connection, transaction

from orgs.models import Department
from printers.models import Tag

from .periods import Period, Step

# Where days are no longer told apart there may be a million rows: sorted and hashed in memory, not on disk.
WORK_MEM = "64MB"


@dataclass(frozen=True, slots=True)
class Scope:
    """`tag` of printers, `department` of jobs, `person` whose jobs alone are counted; None is all."""

    period: Period
    tag: Tag | None = None
    department: Department | None = None
    person: UUID | None = None

    @property
    def of_printers(self) -> str:
        """A condition on `p.printer_id`, for the values of `values`."""
        if self.tag is None:
            return ""
        return " AND p.printer_id IN (SELECT printer_id FROM printers_printer_tags WHERE tag_id = %(tag)s)"

    @property
    def of_jobs(self) -> str:
        """A condition on `j`, a job."""
        parts = [
            " AND j.department_id = %(department)s" if self.department else "",
            " AND j.by_id = %(person)s" if self.person else "",
        ]
        return "".join(parts)

    @property
    def values(self) -> dict[str, Any]:
        """What the SQL of builders names."""
        return {
            "start": self.period.start,
            "end": self.period.end,
            "before": self.period.before.start,
            "zone": self.period.zone.key,
            "step": self.period.step.value,
            "tag": self.tag.pk if self.tag else None,
            "department": self.department.pk if self.department else None,
            "person": self.person,
        }

    def ask(self, sql: str, **more: Any) -> list[tuple[Any, ...]]:
        """The rows of `sql`, in which `values` and `more` are named."""
        if self.period.step is Step.DAY:
            return _rows(sql, self.values | more)
        with transaction.atomic():
            _rows("SELECT set_config('work_mem', %(work_mem)s, true)", {"work_mem": WORK_MEM})
            return _rows(sql, self.values | more)


def _rows(sql: str, values: dict[str, Any]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        return list(cursor.fetchall())
