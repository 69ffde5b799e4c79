"""What a superadmin does to a whole organisation: rename, suspend, resume, archive, restore.

While one is suspended nobody enters it and nothing starts. Prints that run are followed to their end; on the
way to the archive `archiving` says whether they are waited for or stopped, and jobs.suspending comes to
`finish_archiving` when none is left.
"""

from collections.abc import Mapping
from typing import Any

from celery import current_app
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django_tenants.utils import get_public_schema_name, schema_context, tenant_context

from audit.trail import record

from . import agenda
from .models import Org, PastSlug

State = Org.State
# Looks at what waits to start and what prints, at once and not only at its next quarter of a minute.
RECONCILE = "jobs.reconcile"


class NotNow(Exception):
    """The organisation is not in a state that allows this; says so in words for people."""


def told_twice(
    action: str, org: Org, before: Mapping[str, Any] | None = None, after: Mapping[str, Any] | None = None
) -> None:
    """Write it into the platform's trail and into the organisation's."""
    with schema_context(get_public_schema_name()):
        record(action, org, before=before, after=after)
    with tenant_context(org):
        record(action, org, before=before, after=after)


def suspend(org: Org, reason: str) -> None:
    """Close it to its members, who are shown the reason. Nothing starts any more; what prints goes on."""
    with transaction.atomic():
        locked = _locked(org, State.ACTIVE)
        _set(locked, "org.suspend", state=State.SUSPENDED, closed_reason=reason, closed_at=timezone.now())
        _look_at_prints()
    org.refresh_from_db()


def resume(org: Org) -> None:
    """Open it again; also one that was on its way to the archive. The queue goes on by its own rules."""
    with transaction.atomic():
        locked = _locked(org, State.SUSPENDED)
        _set(locked, "org.resume", state=State.ACTIVE, closed_reason="", closed_at=None, archiving="")
        _wake(locked)
    org.refresh_from_db()


def archive(org: Org, how: str, reason: str = "") -> None:
    """Suspend it if it is not, and archive it when none of its prints runs; `how` is of Org.Archiving."""
    with transaction.atomic():
        locked = _locked(org, State.ACTIVE, State.SUSPENDED)
        closed_at = locked.closed_at or timezone.now()
        words = reason or locked.closed_reason
        _set(
            locked,
            "org.archive",
            state=State.SUSPENDED,
            closed_reason=words,
            closed_at=closed_at,
            archiving=how,
        )
        _look_at_prints()
    org.refresh_from_db()


def finish_archiving(org: Org) -> bool:
    """The last of its prints is over: archive it; False if somebody has resumed it meanwhile."""
    with transaction.atomic():
        waiting = (
            Org.objects.select_for_update().filter(pk=org.pk, state=State.SUSPENDED).exclude(archiving="")
        )
        locked = waiting.first()
        if locked is None:
            return False
        _set(locked, "org.archived", state=State.ARCHIVED, archiving="")
    return True


def restore(org: Org) -> None:
    """Take it out of the archive. Nothing starts by itself until one of its admins switches that on again."""
    with transaction.atomic():
        locked = _locked(org, State.ARCHIVED)
        _set(locked, "org.restore", state=State.ACTIVE, closed_reason="", closed_at=None, auto_queue=False)
        _wake(locked)
    org.refresh_from_db()


def check_slug(slug: str, org: Org | None = None) -> None:
    """ValidationError if another organisation has this address, or had it once."""
    present, past = Org.objects.filter(slug=slug), PastSlug.objects.filter(slug=slug)
    if org is not None:
        present, past = present.exclude(pk=org.pk), past.exclude(org=org)
    if present.exists():
        raise ValidationError(_("Another organisation has this address."))
    if past.exists():
        raise ValidationError(
            _("An organisation had this address, and links to it still lead there. Choose another.")
        )


def rename(org: Org, name: str, slug: str) -> list[str]:
    """Change name and address; what changed. The old address leads to the new one for ever.

    ValidationError if the address is taken. An organisation may go back to an address it had.
    """
    with transaction.atomic():
        locked = _locked(org, State.ACTIVE, State.SUSPENDED, State.ARCHIVED)
        check_slug(slug, locked)
        changed = [
            field for field, value in (("name", name), ("slug", slug)) if getattr(locked, field) != value
        ]
        if "slug" in changed:
            PastSlug.objects.filter(slug=slug, org=locked).delete()
            PastSlug.objects.get_or_create(slug=locked.slug, org=locked)
        if changed:
            _set(locked, "org.rename", name=name, slug=slug)
    org.refresh_from_db()
    return changed


def _locked(org: Org, *states: str) -> Org:
    found = Org.objects.select_for_update().get(pk=org.pk)
    if found.state not in states:
        raise NotNow(_("%(org)s is %(state)s now.") % {"org": found, "state": found.get_state_display()})
    return found


def _set(org: Org, action: str, **values: Any) -> None:
    before = {name: getattr(org, name) for name in values}
    for name, value in values.items():
        setattr(org, name, value)
    with schema_context(get_public_schema_name()):
        org.save(update_fields=list(values))  # type: ignore[no-untyped-call]
    told_twice(action, org, before, values)


def _wake(org: Org) -> None:
    with tenant_context(org):
        agenda.due_now("jobs.match")


def _look_at_prints() -> None:
    transaction.on_commit(lambda: current_app.send_task(RECONCILE), robust=True)
