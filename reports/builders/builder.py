"""What every builder of a report shares: its name, who may see it, and the parts of its making."""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import ClassVar

from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _

from orgs.current import current_org
from reports.report import Figure, Link, Report, Section
from reports.scope import Scope


class Builder(ABC):
    """Makes one kind of report of a scope, by SQL that sums up in the database.

    `kind` is its name in addresses and in the API, `title` its tab, `action` the least one (orgs.roles) a
    member must be allowed. `is_personal`: it is of the jobs of whoever looks.
    `has_departments`: it can be narrowed to a department's jobs.
    """

    # A template may ask the class for its title, and must not make one.
    do_not_call_in_templates: ClassVar[bool] = True
    kind: ClassVar[str]
    title: ClassVar[str | Promise]
    summary: ClassVar[str | Promise]
    action: ClassVar[str] = "report.analyse"
    is_personal: ClassVar[bool] = False
    has_departments: ClassVar[bool] = True

    @abstractmethod
    def figures(self) -> Sequence[Figure]: ...

    @abstractmethod
    def sections(self) -> Sequence[Section]: ...

    def notes(self) -> Sequence[str]:
        """What a reader must know to read it right."""
        return []

    def __init__(self, scope: Scope) -> None:
        self.scope = scope

    @property
    def currency(self) -> str:
        return current_org().currency

    def build(self) -> Report:
        return Report(
            kind=self.kind,
            title=str(self.title),
            period=self.scope.period,
            made_at=timezone.now(),
            currency=self.currency,
            filters=self._filters(),
            figures=self.figures(),
            sections=self.sections(),
            notes=self.notes(),
        )

    def _filters(self) -> list[tuple[str, str]]:
        found = []
        if self.scope.tag:
            found.append((_("Printers tagged"), self.scope.tag.name))
        if self.scope.department:
            found.append((_("Department"), self.scope.department.name))
        if self.scope.person:
            found.append((_("Jobs"), _("your own")))
        return found

    def link(self, to: str, **query: str) -> Link:
        """To a list of the same days, printers and department, narrowed by `query` too."""
        kept = {"from": self.scope.period.first.isoformat(), "to": self.scope.period.last.isoformat()}
        if self.scope.tag:
            kept["tag"] = self.scope.tag.name
        if self.scope.department:
            kept["department"] = str(self.scope.department.pk)
        return Link(to, kept | query)
