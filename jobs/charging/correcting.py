"""Corrections by a person: an entry that takes a line back, a free one, or another department for a job."""

from decimal import Decimal
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _
from uuid_utils.compat import uuid7

from audit.trail import actor, record
from jobs.costing import rounded
from jobs.lifecycle import note
from jobs.models import Job, Print
from jobs.quotas.models import QuotaShare
from jobs.states import IllegalMove
from orgs.current import current_org
from orgs.models import Department

from .books import booking_day, hold_alone, hold_open, today
from .models import ChargeLine
from .rewriting import charge_anew, counter_entry, sum_up
from .rules import Kind, Unit, line
from .writing import Payer, entry

MOST = Decimal(1_000_000)


def counter(line: ChargeLine, reason: str) -> ChargeLine:
    """Take `line` back by another one. IllegalMove if it is a counter-entry, or has one already."""
    reason = _reason(reason)
    if line.counters_id is not None:
        raise IllegalMove(_("This line takes another one back: write a correction instead."))
    try:
        with transaction.atomic():
            job = _locked(line.job_id)
            hold_open()
            if ChargeLine.objects.filter(counters=line).exists():
                raise IllegalMove(_("This line is taken back already."))
            made = counter_entry(line, reason, by_hand=True)
            made.save()
            if job is not None and line.print_id is not None:
                sum_up(job)
            record("charge.counter", made, after=_told(made))
    except IntegrityError:
        raise IllegalMove(_("This line is taken back already.")) from None
    return made


def add(amount: Decimal, reason: str, department: Department | None, pk: UUID | None = None) -> ChargeLine:
    """An entry of today in the organisation's currency: more to pay, or less where it is negative.

    With the `pk` of one that was made already, as by a second click, it is that one.
    """
    reason, org = _reason(reason), current_org()
    if not amount.is_finite() or abs(amount) > MOST:
        raise ValidationError({"amount": _("Give an amount of at most %(most)d.") % {"most": MOST}})
    if rounded(amount, org.currency) != amount or not amount:
        words = _("Give an amount other than 0 in whole units of %(currency)s, with its usual decimals.")
        raise ValidationError({"amount": words % {"currency": org.currency}})
    with transaction.atomic():
        hold_alone()
        if pk is not None and (known := ChargeLine.objects.filter(pk=pk).first()):
            return known
        made = ChargeLine.objects.create(
            pk=pk or uuid7(), day=booking_day(today()), kind=Kind.MANUAL, quantity=Decimal(1),
            unit=Unit.ENTRY, unit_price=amount, amount=amount, currency=org.currency,
            department_id=department.pk if department else None,
            department_name=department.name if department else "", reason=reason,
            by=actor().name[:200], by_hand=True,
        )  # fmt: skip
        record("charge.correct", made, after=_told(made))
    return made


def of_owner(print_id: UUID, amount: Decimal, currency: str, part: int, reason: str) -> None:
    """What the owner of a borrowed printer asks for more, or gives back, of a print that was charged.

    Its department, or who else pays it, bears this too. A print that is gone has its ledger alone.
    """
    one = Print.objects.filter(pk=print_id).first()
    job = _locked(one.job_id) if one else None
    first = ChargeLine.objects.filter(print_id=print_id).first()
    if one is None or job is None or first is None:
        return
    hold_open()
    asked = line(Kind.BORROWED, Decimal(1), Unit.ENTRY, amount, currency, part)
    payer = Payer(first.bearer, first.department_id, first.department_name)
    made = entry(one, job, asked, None, payer, booking_day(today()))
    made.reason = reason
    made.save()
    charge_anew(job, reason)


def move(job: Job, department: Department | None, reason: str) -> None:
    """Charge a job to another department, also when it is over; its lines are countered and written anew."""
    reason = _reason(reason)
    with transaction.atomic():
        held = Job.objects.select_for_update(of=("self",), no_key=True).get(pk=job.pk)
        before = held.department
        if before == department:
            raise IllegalMove(_("It is charged there already."))
        held.department = department
        Job.objects.filter(pk=held.pk).update(department=department)
        # What is printed is used: no quota can refuse it any more.
        QuotaShare.objects.filter(job=held.pk).update(department=department)
        charge_anew(held, reason)
        note(
            held,
            _("Charged to %(department)s: %(reason)s")
            % {"department": department or _("no department"), "reason": reason},
        )
        record(
            "charge.move",
            held,
            before={"department": before},
            after={"department": department, "reason": reason},
        )


def _locked(job_id: UUID | None) -> Job | None:
    return (
        Job.objects.select_for_update(of=("self",), no_key=True).filter(pk=job_id).first() if job_id else None
    )


def _reason(words: str) -> str:
    words = " ".join(words.split())[:300]
    if not words:
        raise ValidationError({"reason": _("Say why.")})
    return words


def _told(line: ChargeLine) -> dict[str, object]:
    names = ("amount", "currency", "day", "department_name", "job_name", "reason", "counters_id")
    return {name: getattr(line, name) for name in names}
