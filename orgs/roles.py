"""Roles in an organisation, and for each action the least role and the token scope it asks for."""

from dataclasses import dataclass

from django.db import models
from django.utils.translation import gettext_lazy as _


class Role(models.IntegerChoices):
    VIEWER = 10, _("viewer")
    OPERATOR = 20, _("operator")
    ADMIN = 30, _("admin")

    @property
    def word(self) -> str:
        """The role's name in the API, never translated."""
        return self.name.lower()


@dataclass(frozen=True, slots=True)
class Action:
    least: Role
    scope: str


V, O, A = Role.VIEWER, Role.OPERATOR, Role.ADMIN  # noqa: E741  # a table is read by its columns

ACTIONS: dict[str, Action] = {
    "org.view": Action(V, ""),
    "org.settings": Action(A, "admin"),
    "member.manage": Action(A, "admin"),
    "token.manage": Action(V, "admin"),
    "audit.view": Action(A, "admin"),
    "printer.view": Action(V, "read:printers"),
    "printer.control": Action(O, "write:printers"),
    "printer.edit": Action(O, "write:printers"),
    "lending.view": Action(O, "read:printers"),
    "lending.manage": Action(A, "admin"),
    "maintenance.view": Action(O, "read:printers"),
    "maintenance.log": Action(O, "write:printers"),
    "maintenance.edit": Action(O, "write:printers"),
    "model.view": Action(V, "read:models"),
    "model.upload": Action(V, "write:models"),
    "model.edit": Action(O, "write:models"),
    "job.view": Action(V, "read:jobs"),
    "job.submit": Action(V, "write:jobs"),
    "job.cancel": Action(V, "write:jobs"),
    "job.manage": Action(O, "write:jobs"),
    "quota.manage": Action(A, "admin"),
    "job.approve": Action(O, "write:jobs"),
    "spool.view": Action(V, "read:spools"),
    "spool.edit": Action(O, "write:spools"),
    "report.view": Action(V, "read:reports"),
    "report.analyse": Action(O, "read:reports"),
    "charge.view": Action(O, "read:reports"),
    "charge.manage": Action(A, "admin"),
    "report.schedule": Action(O, "write:reports"),
    "alert.view": Action(V, "read:alerts"),
    "alert.edit": Action(O, "write:alerts"),
    "channel.manage": Action(A, "admin"),
}

SCOPES = (
    *(f"read:{kind}" for kind in ("printers", "jobs", "models", "spools", "reports", "alerts")),
    *(f"write:{kind}" for kind in ("printers", "jobs", "models", "spools", "reports", "alerts")),
    "admin",
)


def scopes_of(role: Role) -> list[str]:
    """Every scope that has an action which `role` may do; `admin` is for admins only."""
    allowed = {action.scope for action in ACTIONS.values() if action.least <= role and action.scope}
    return [scope for scope in SCOPES if scope in allowed and (scope != "admin" or role is Role.ADMIN)]
