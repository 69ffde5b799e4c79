"""Telling people that maintenance is due, once for each task, round and standing."""

from collections.abc import Iterable
from datetime import datetime

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from alerts.kinds import Kind
from alerts.models import Alert
from alerts.raising import raise_alert, resolve
from orgs import agenda
from orgs.current import current_org
from printers import live
from printers.models import Printer

from .counting import MATCH, NEWS
from .due import Standing, next_day
from .models import Task
from .reckoning import reckoned


def tell() -> None:
    """Raise an alert for each task that has become due or overdue; close those of printers that are gone."""
    org = current_org()
    with transaction.atomic():
        news = reckoned(Task.objects.select_for_update(of=("self",), no_key=True, skip_locked=True))
        tasks = list(news.filter(NEWS).select_related("printer").order_by("pk"))
        for task in tasks:
            _raise(task, Standing(task.standing))
        gone = Alert.objects.filter(kind=Kind.MAINTENANCE_DUE, resolved_at=None)
        gone.exclude(target_id__in=Printer.objects.values("pk")).update(resolved_at=timezone.now())
        if tasks:
            touched = {task.printer_id for task in tasks}
            transaction.on_commit(lambda: live.touch(org.pk, touched), robust=True)
            agenda.due_now(MATCH)


def next_look() -> datetime | None:
    """When the next day begins, if any task counts days."""
    if not Task.objects.filter(every_days__isnull=False).exists():
        return None
    return next_day(timezone.now(), current_org().zone)


def _raise(task: Task, standing: Standing) -> None:
    Task.objects.filter(pk=task.pk).update(told=standing)
    words = {"task": task.name, "printer": task.printer}
    if standing is Standing.DUE:
        title, detail = _("%(task)s is due soon on %(printer)s"), ""
    else:
        resolve(cause_of(task, Standing.DUE))
        title = _("%(task)s is overdue on %(printer)s")
        detail = _("Nothing starts by itself on it until this is done.") if task.holds else ""
    raise_alert(
        Kind.MAINTENANCE_DUE, cause_of(task, standing), title % words, detail=detail, about=task.printer
    )


def cause_of(task: Task, standing: Standing) -> str:
    return f"maintenance:{task.pk}:{task.round}:{standing}"


def settle(tasks: Iterable[Task]) -> None:
    """Close what was told of `tasks`: they were done, changed or taken away."""
    for task in tasks:
        if task.told:
            for standing in (Standing.DUE, Standing.OVERDUE):
                resolve(cause_of(task, standing))
