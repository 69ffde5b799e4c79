"""What the form of a new job begins with: what was typed, an earlier job, a preset."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from orgs.departments import may_count_for
from orgs.models import Membership

from . import presetting
from .models import Job, Preset
from .preset_forms import initial_of
from .vetting import most_priority
from .visible import visible_jobs


@dataclass
class Beginning:
    """Initial values of the form by field; `notices` are for the person to read."""

    initial: dict[str, Any] = field(default_factory=dict)
    notices: list[str] = field(default_factory=list)


def typed(data: Mapping[str, Any]) -> Beginning:
    """What was typed into the form so far. A box that is not ticked is not in `data`."""
    boxes = {"auto_start": "auto_start" in data, "keeps_wishes": True}
    return Beginning({**data, **boxes} if "copies" in data else {})


def again(pk: str, membership: Membership) -> tuple[Job | None, Beginning]:
    """The job to print once more, and its options; nothing for one that the person can't see."""
    try:
        jobs = visible_jobs(membership).select_related("revision__model", "target_printer", "target_tag")
        job = jobs.get(pk=pk)
    except (Job.DoesNotExist, ValidationError):
        return None, Beginning()
    beginning = Beginning(initial_of(job))
    if may_count_for(membership, job.department_id):
        beginning.initial["department_id"] = str(job.department_id or "")
    if job.revision.model.deleted_at is not None:
        beginning.notices.append(_("Its model is in the trash: restore it first."))
    _cap(beginning, membership)
    return job, beginning


def preset(beginning: Beginning, pk: str, membership: Membership) -> None:
    """Put the options of a preset over what is there, and tell what it names and is gone."""
    try:
        chosen = presetting.visible(membership).get(pk=pk)
    except (Preset.DoesNotExist, ValidationError):
        beginning.notices.append(_("This preset is gone."))
        return
    applied = presetting.apply(chosen)
    chosen.filaments = applied.filaments
    kept = {name: value for name, value in beginning.initial.items() if not name.startswith("spool_")}
    beginning.initial = {**kept, **initial_of(chosen), "keeps_wishes": True}
    beginning.notices += applied.gone.values()
    _cap(beginning, membership)


def _cap(beginning: Beginning, membership: Membership) -> None:
    """A priority that the person may not give becomes the highest that they may."""
    beginning.initial["priority"] = min(beginning.initial["priority"], most_priority(membership.user))
