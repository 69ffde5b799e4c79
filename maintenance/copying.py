"""Templates: tasks of a printer model, and their copies on its printers."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django.db import transaction
from django.db.models import F, Q
from django.utils.translation import gettext as _

from audit.trail import record
from printers.catalogue import aliases
from printers.models import Printer

from . import warning
from .models import PLAN, Meter, Task, TaskTemplate
from .refusing import Refused
from .setting import changed, today_here

SHARED = (*PLAN, "model")


def suits(template: TaskTemplate, model: str) -> bool:
    """Whether a printer of `model` gets a copy; a template without a model is for every printer."""
    return not template.model or bool(aliases(template.model) & aliases(model))


def add(fields: Mapping[str, Any]) -> tuple[TaskTemplate, int]:
    """A new template with its copies on all printers of its model; how many that were."""
    with transaction.atomic():
        template = TaskTemplate.objects.create(**fields)
        record("maintenance.template_add", template, after=_told(template))
        copies = _copy([template], list(Printer.objects.all()))
        if copies:
            changed(*(task.printer for task in copies))
    return template, len(copies)


def edit(template: TaskTemplate, fields: Mapping[str, Any], *, with_copies: bool) -> int:
    """Change a template, and its copies too if asked: also those changed by hand. How many were changed.

    Printers that another `model` means from now on get a copy; copies elsewhere stay.
    """
    with transaction.atomic():
        kept = TaskTemplate.objects.select_for_update().filter(pk=template.pk).first()
        if kept is None:
            raise Refused(_("Somebody has deleted this template meanwhile."))
        before, old_model = _told(kept), kept.model
        for name, value in fields.items():
            setattr(kept, name, value)
        kept.save()
        copies = _change_copies(kept) if with_copies else []
        is_moved = kept.model != old_model
        new = _copy([kept], list(Printer.objects.all())) if is_moved else []
        after = {**_told(kept), "copies": len(copies)}
        if before != _told(kept) or copies:
            record("maintenance.template_edit", kept, before=before, after=after)
        if copies or new:
            changed(*{task.printer for task in (*copies, *new)})
    return len(copies)


def _change_copies(template: TaskTemplate) -> list[Task]:
    locked = Task.objects.select_for_update(of=("self",), no_key=True).filter(template=template)
    plan = {name: getattr(template, name) for name in PLAN}
    rows = locked.select_related("printer").order_by("pk")
    copies = [one for one in rows if any(getattr(one, name) != value for name, value in plan.items())]
    warning.settle(copies)
    Task.objects.filter(pk__in=[task.pk for task in copies]).update(**plan, round=F("round") + 1, told="")
    return copies


def delete(template: TaskTemplate) -> None:
    """Its copies stay, and are their printers' own from then on."""
    with transaction.atomic():
        record("maintenance.template_delete", template, before=_told(template))
        template.delete()


def copy_to_new() -> None:
    """Give printers that are new, or of another model than before, their copies.

    A copy that somebody deleted is not given again: a printer is looked at once for each model it has.
    """
    with transaction.atomic():
        unseen = Q(meter=None) | Q(meter__copied_for=None) | ~Q(meter__copied_for=F("model"))
        printers = list(Printer.objects.filter(unseen))
        if not printers:
            return
        Meter.objects.bulk_create((Meter(printer=one) for one in printers), ignore_conflicts=True)
        copies = _copy(list(TaskTemplate.objects.all()), printers)
        for model in {one.model for one in printers}:
            ids = [one.pk for one in printers if one.model == model]
            Meter.objects.filter(printer__in=ids).update(copied_for=model)
        if copies:
            changed(*{task.printer for task in copies})


def _copy(templates: Sequence[TaskTemplate], printers: Iterable[Printer]) -> list[Task]:
    """Copies where they suit and are not there yet; they count from now."""
    printers = list(printers)
    had = set(
        Task.objects.filter(template__in=templates, printer__in=printers).values_list(
            "printer_id", "template_id"
        )
    )
    shown = dict(Meter.objects.filter(printer__in=printers).values_list("printer_id", "printed_s"))
    day = today_here()
    made = [
        Task(
            printer=printer, template=template, since_s=shown.get(printer.pk, 0), since_on=day,
            **{name: getattr(template, name) for name in PLAN},
        )
        for printer in printers
        for template in templates
        if (printer.pk, template.pk) not in had and suits(template, printer.model)
    ]  # fmt: skip
    Task.objects.bulk_create(made, ignore_conflicts=True)
    for printer in {task.printer for task in made}:
        names = [task.name for task in made if task.printer == printer]
        record("maintenance.copied", printer, after={"tasks": names})
    return made


def _told(template: TaskTemplate) -> dict[str, Any]:
    return {name: getattr(template, name) for name in SHARED}
