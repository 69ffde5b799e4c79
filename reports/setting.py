"""Schedules made, changed, paused and taken away, and who gets their reports."""

from collections.abc import Iterable, Mapping
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from accounts.sealing import seal
from accounts.tasks import deliver
from audit.trail import record
from orgs import agenda
from orgs.branding import stored_of
from orgs.current import current_org
from orgs.models import Membership

from .links import CONFIRM, link_of
from .models import Recipient, Schedule, Sending
from .planning import TASK
from .readers import told

EDITED = ("name", "kind", "every", "weekday", "day", "hour", "filters", "with_csv")


def add(fields: Mapping[str, Any], emails: Iterable[str], by: User) -> Schedule:
    """A new schedule, due from its next time on. Recipients outside the organisation are asked by mail."""
    with transaction.atomic():
        schedule = Schedule(**{name: fields[name] for name in EDITED if name in fields}, created_by=by)
        schedule.next_at = schedule.rhythm.next_after(timezone.now())
        schedule.save(force_insert=True)
        _set_recipients(schedule, emails)
        record("report.schedule", schedule, after=_told(schedule))
        agenda.due_at(TASK, schedule.next_at)
    return schedule


def edit(schedule: Schedule, fields: Mapping[str, Any], emails: Iterable[str]) -> Schedule:
    """Change it; a run that is being made or sent goes on as it began. Its next time is reckoned anew."""
    with transaction.atomic():
        held = Schedule.objects.select_for_update(no_key=True).get(pk=schedule.pk)
        before = _told(held)
        for name in EDITED:
            if name in fields:
                setattr(held, name, fields[name])
        if not held.is_paused:
            held.next_at = held.rhythm.next_after(timezone.now())
        held.save(update_fields=[*EDITED, "next_at"])
        _set_recipients(held, emails)
        if (after := _told(held)) != before:
            record("report.schedule", held, before=before, after=after)
        if held.next_at:
            agenda.due_at(TASK, held.next_at)
    return held


def pause(schedule: Schedule) -> None:
    """Nothing is sent until it is resumed. A repeat changes nothing."""
    with transaction.atomic():
        paused = Schedule.objects.filter(pk=schedule.pk).exclude(next_at=None)
        if paused.update(next_at=None, paused_because=""):
            record("report.pause", schedule)


def resume(schedule: Schedule) -> None:
    """It is due from its next time on; what it missed meanwhile is not made up for."""
    with transaction.atomic():
        next_at = schedule.rhythm.next_after(timezone.now())
        resumed = Schedule.objects.filter(pk=schedule.pk, next_at=None)
        if resumed.update(next_at=next_at, paused_because="", failed_in_row=0):
            record("report.resume", schedule)
            agenda.due_at(TASK, next_at)


def delete(schedule: Schedule) -> None:
    """Its runs stay in the history."""
    with transaction.atomic():
        record("report.unschedule", schedule, before=_told(schedule))
        _drop(list(schedule.recipients.values_list("pk", flat=True)))
        schedule.delete()


def confirm(pk: UUID) -> Recipient | None:
    """The reader of that address wants it; None if the schedule, or they, are gone."""
    Recipient.objects.filter(pk=pk, confirmed_at=None).update(confirmed_at=timezone.now())
    Recipient.objects.filter(pk=pk).update(unsubscribed_at=None)
    return Recipient.objects.select_related("schedule").filter(pk=pk).first()


def unsubscribe(pk: UUID) -> Recipient | None:
    """The reader of that address wants no more of it. A repeat changes nothing."""
    with transaction.atomic():
        found = (
            Recipient.objects.select_for_update(of=("self",)).select_related("schedule").filter(pk=pk).first()
        )
        if found is not None and found.unsubscribed_at is None:
            found.unsubscribed_at = timezone.now()
            found.save(update_fields=["unsubscribed_at"])
            record("report.unsubscribe", found.schedule, after={"email": found.email})
    return found


def ask(recipient: Recipient) -> None:
    """Mail a link to confirm to somebody outside. The caller is in a transaction."""
    org = current_org()
    values = {
        "org": org.name,
        "report": recipient.schedule.name,
    }
    sealed = {"link": seal(link_of(CONFIRM, recipient.pk))}
    language, brand = org.language, stored_of(org)
    Recipient.objects.filter(pk=recipient.pk).update(asked_at=timezone.now())
    transaction.on_commit(
        lambda: deliver.delay(
            "report_confirm", recipient.email, values, language, sealed=sealed, brand=brand
        ),
        robust=True,
    )


def _set_recipients(schedule: Schedule, emails: Iterable[str]) -> None:
    """These and no others. Who unsubscribed stays unsubscribed while they are on the list."""
    wanted = {email.strip().lower(): email.strip() for email in emails}
    known = {one.email.lower(): one for one in schedule.recipients.all()}
    _drop([one.pk for key, one in known.items() if key not in wanted])
    members = set(
        Membership.objects.filter(org=current_org(), user__email__in=wanted).values_list(
            "user__email", flat=True
        )
    )
    for key in wanted.keys() - known.keys():
        is_member = key in members
        recipient = Recipient.objects.create(
            schedule=schedule, email=key, confirmed_at=timezone.now() if is_member else None
        )
        if not is_member:
            ask(recipient)


def _drop(recipients: list[UUID]) -> None:
    """They get nothing any more, also not of a run that is under way."""
    waiting = Sending.objects.filter(recipient__in=recipients, state=Sending.State.WAITING)
    waiting.update(state=Sending.State.DROPPED)
    Recipient.objects.filter(pk__in=recipients).delete()


def _told(schedule: Schedule) -> dict[str, Any]:
    told = {name: getattr(schedule, name) for name in EDITED}
    told["recipients"] = sorted(schedule.recipients.values_list("email", flat=True))
    return told


def statuses(schedule: Schedule) -> list[tuple[Recipient, str]]:
    """Everybody on its list, and why they get nothing, in words; "" if they do."""
    told_now = set(schedule.recipients.filter(told()).values_list("pk", flat=True))
    return [(one, _status_of(one, is_told=one.pk in told_now)) for one in schedule.recipients.all()]


def _status_of(recipient: Recipient, *, is_told: bool) -> str:
    if recipient.unsubscribed_at:
        return _("unsubscribed")
    if recipient.confirmed_at is None:
        return _("has not confirmed yet")
    if not is_told:
        return _("is no member any more: take them off the list, and put them on it again to ask them")
    return _("refused: %(why)s") % {"why": recipient.bounced} if recipient.bounced else ""
