"""The lists of tasks, templates and the log: their columns and filters."""

from collections.abc import Iterable

from django.db.models import Count, QuerySet
from django.utils.translation import gettext_lazy as _

from printers.models import Printer, Tag
from ui.tables import Column, Filter, Table

from .due import Standing
from .models import LogEntry, Task, TaskTemplate
from .reckoning import reckoned

Choices = Iterable[tuple[object, str]]


def _printers() -> Choices:
    return Printer.objects.order_by("name").values_list("pk", "name")


def _tags() -> Choices:
    return Tag.objects.order_by("name").values_list("name", "name")


class TaskTable(Table[Task]):
    """What is most overdue comes first."""

    id = "tasks"
    columns = (
        Column("task", _("Task"), sort="name"),
        Column("printer", _("Printer"), sort="printer__name"),
        Column("state", _("State"), sort="share"),
        Column("left", _("Left")),
        Column("done", _("Last done"), sort="since_on", kind="extra"),
    )
    filters = (
        Filter("state", _("State"), Standing.choices, "standing"),
        Filter("printer", _("Printer"), _printers, "printer"),
        Filter("tag", _("Tag"), _tags, "printer__tags__name", is_many=True),
    )
    search = ("name", "instructions", "printer__name", "printer__location")
    order = ("-share", "printer__name", "name")


def listed_tasks() -> "QuerySet[Task]":
    return reckoned().select_related("printer", "template")


def counts() -> list[tuple[str, str, int]]:
    """How many tasks there are in each standing, in one query."""
    rows = reckoned().order_by().values("standing").annotate(n=Count("pk"))
    found = {row["standing"]: row["n"] for row in rows}
    return [(one.value, str(one.label), found.get(one.value, 0)) for one in Standing]


class TemplateTable(Table[TaskTemplate]):
    id = "templates"
    columns = (
        Column("name", _("Template"), sort="name"),
        Column("model", _("For"), sort="model"),
        Column("every", _("How often")),
        Column("copies", _("Printers"), sort="count", kind="number"),
    )
    search = ("name", "instructions", "model")
    order = ("model", "name")


def listed_templates() -> "QuerySet[TaskTemplate]":
    return TaskTemplate.objects.annotate(count=Count("copies"))


class LogTable(Table[LogEntry]):
    """The newest first."""

    id = "log"
    columns = (
        Column("what", _("What"), sort="what"),
        Column("printer", _("Printer"), sort="printer_name"),
        Column("when", _("When"), sort="at"),
        Column("hours", _("At"), sort="printed_s", kind="number extra"),
        Column("cost", _("Cost"), sort="cost", kind="number"),
    )
    filters = (
        Filter("printer", _("Printer"), _printers, "printer"),
        Filter("kind", _("What"), LogEntry.Kind.choices),
    )
    search = ("what", "note", "printer_name", "by__name")
    order = ("-at", "-pk")
