"""When many jobs are served: their priority, their time, their place."""

from datetime import datetime
from uuid import UUID

from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from bulk.actions import BulkAction, Memory, Refused, Value, Values
from jobs import editing, ordering
from jobs.forms import MOMENT, department_field
from jobs.models import Job
from jobs.states import JobState, Priority
from orgs.current import current_org
from orgs.models import Department

from .words import CHANGED, is_open, is_over, why_over


def _priority_field() -> forms.Field:
    choices = [(priority.word, priority.label) for priority in Priority]
    return forms.ChoiceField(label=_("Priority"), choices=choices, initial=Priority.NORMAL.word)


def _asked(values: Values) -> Priority:
    return Priority[values["priority"].upper()]


def _why_not_prioritised(job: Job, values: Values | None) -> str:
    if values and not is_over(job) and job.priority == _asked(values):
        return _("It has this priority already.")
    return why_over(job)


def _prioritise(job: Job, values: Values) -> Memory:
    before = job.priority
    editing.edit(job, {"priority": _asked(values)})
    return {"from": int(before), "to": int(_asked(values))}


def _prioritise_back(job: Job, memory: Memory) -> None:
    if job.priority != memory["to"]:
        raise Refused(str(CHANGED))
    editing.edit(job, {"priority": Priority(memory["from"])})


def _moment_field() -> forms.Field:
    words = _("Leave it empty to let them start at any time.")
    return forms.DateTimeField(label=_("Not before"), required=False, widget=MOMENT, help_text=words)


def _moment(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None


def _why_not_rescheduled(job: Job, values: Values | None) -> str:
    if is_over(job) or values is None:
        return why_over(job)
    moment = _moment(values["not_before"])
    if job.not_before == moment:
        return _("It is so already.")
    if moment and job.due_at and moment > job.due_at:
        return _("It is due before that.")
    return ""


def _reschedule(job: Job, values: Values) -> Memory:
    before, moment = job.not_before, _moment(values["not_before"])
    editing.edit(job, {"not_before": moment})
    return {
        "from": before.isoformat() if before else "",
        "to": moment.isoformat() if moment else "",
    }


def _reschedule_back(job: Job, memory: Memory) -> None:
    if job.not_before != _moment(memory["to"]):
        raise Refused(str(CHANGED))
    editing.edit(job, {"not_before": _moment(memory["from"])})


def _place_field() -> forms.Field:
    choices = [("top", _("to the top")), ("bottom", _("to the bottom"))]
    words = _("Among the jobs of the same priority and due date.")
    return forms.ChoiceField(label=_("Where"), choices=choices, help_text=words)


def _is_queued(job: Job) -> bool:
    return job.state == JobState.QUEUED


def _why_not_moved(job: Job, values: Values | None) -> str:
    return "" if _is_queued(job) else _("It does not wait in the queue.")


def _move(job: Job, values: Values) -> None:
    ordering.move(job, values["to"])


def _is_to_top(values: Values) -> bool:
    """The last to go to the top stands first there."""
    return bool(values["to"] == "top")


def _departments() -> "QuerySet[Department]":
    return Department.objects.of(current_org())


def _why_not_counted(job: Job, values: Values | None) -> str:
    if values and not is_over(job) and _id(job) == _chosen(values):
        return _("It is counted for it already.")
    return why_over(job)


def _id(job: Job) -> str:
    return str(job.department_id or "")


def _chosen(values: Values) -> str:
    """Of the form as of the run, which keeps text."""
    return str(values["department_id"] or "")


def _put(job: Job, department: str) -> None:
    if department and not _departments().filter(pk=department).exists():
        raise Refused(_("That department is gone."))
    editing.edit(job, {"department_id": UUID(department) if department else None})


def _count(job: Job, values: Values) -> Memory:
    before = _id(job)
    _put(job, _chosen(values))
    return {"from": before, "to": _chosen(values)}


def _count_back(job: Job, memory: Memory) -> None:
    if _id(job) != memory["to"]:
        raise Refused(str(CHANGED))
    _put(job, memory["from"])


SET_PRIORITY = BulkAction(
    label=gettext_lazy("Priority"),
    ask=gettext_lazy("Set the priority of %(rows)s"),
    done=gettext_lazy("given the priority"),
    icon="flag",
    required="job.manage",
    is_for=is_open,
    values={"priority": Value(_priority_field)},
    why_not=_why_not_prioritised,
    run=_prioritise,
    undo=_prioritise_back,
)
RESCHEDULE = BulkAction(
    label=gettext_lazy("Reschedule"),
    ask=gettext_lazy("Reschedule %(rows)s"),
    done=gettext_lazy("rescheduled"),
    icon="calendar-clock",
    required="job.manage",
    is_for=is_open,
    values={"not_before": Value(_moment_field)},
    why_not=_why_not_rescheduled,
    run=_reschedule,
    undo=_reschedule_back,
)
MOVE = BulkAction(
    label=gettext_lazy("Move"),
    ask=gettext_lazy("Move %(rows)s"),
    consequence=gettext_lazy("They stand there in the order in which they were made."),
    done=gettext_lazy("moved"),
    icon="arrow-up-down",
    required="job.manage",
    is_for=_is_queued,
    values={"to": Value(_place_field)},
    why_not=_why_not_moved,
    run=_move,
    is_backwards=_is_to_top,
)
SET_DEPARTMENT = BulkAction(
    label=gettext_lazy("Department"),
    ask=gettext_lazy("Count %(rows)s for a department"),
    done=gettext_lazy("counted for the department"),
    icon="building-2",
    required="job.manage",
    is_for=is_open,
    is_offered=lambda: _departments().exists(),
    values={"department_id": Value(lambda: department_field(_departments()))},
    why_not=_why_not_counted,
    run=_count,
    undo=_count_back,
)
