"""Prints that end and are charged, without a machine."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.utils import timezone

from jobs import reasons
from jobs.charging import setting
from jobs.charging.books import today
from jobs.charging.models import ChargeLine, RateCard
from jobs.charging.writing import Ended, write_lines
from jobs.lifecycle import move_print
from jobs.models import Job, Print
from jobs.states import PrintState
from jobs.submitting import Order, submit

KILO = Decimal(1000)


def make_card(**fields: Any) -> RateCard:
    """The card of docs/chargebacks.md from today on, without its departments."""
    usual = {
        "valid_from": today(), "per_hour": "1.50", "per_kwh": "0.32", "labour_per_print": "0.50",
        "watts": 120, "labour_per_hour": "1.20", "fee_per_job": "1.00", "failure_percent": "5",
        "by_model": [{"model": "P1S", "per_hour": Decimal("2.00"), "watts": 150}],
    }  # fmt: skip
    values = {
        name: Decimal(value)
        if isinstance(value, str) and name not in {"policy", "note", "currency"}
        else value
        for name, value in (usual | fields).items()
    }
    return setting.save(RateCard(**values))


def end_print(one: Print, state: PrintState = PrintState.COMPLETED, *, printer=None, grams="84.3",
              seconds=11400, spool_cost="22.90", at=None, borrowed=(), **fields: Any) -> Print:  # fmt: skip
    """End a copy as a printer's last report does."""
    at = at or timezone.now()
    served = [(Decimal(grams), Decimal(spool_cost) / KILO)] if Decimal(grams) else []
    Print.objects.filter(pk=one.pk).update(
        state=PrintState.PRINTING, printer=printer, started_at=at - timedelta(seconds=seconds), **fields
    )
    one.refresh_from_db()
    with transaction.atomic():
        one.job = Job.objects.select_for_update(of=("self",)).get(pk=one.job_id)
        charged = write_lines(one, Ended(state, at, seconds, served, printer, borrowed))
        costs = {name: getattr(charged.costs, name) for name in charged.costs.__slots__}
        move_print(one, state, ended_at=at, printed_s=seconds, energy_kwh=charged.energy_kwh, **costs)
    return one


def make_job(revision, by, department=None, copies=1) -> Job:
    job = submit(Order(revision=revision, copies=copies), by)
    Job.objects.filter(pk=job.pk).update(department=department)
    job.refresh_from_db()
    return job


def told(lines) -> list[tuple[str, str, Decimal]]:
    """Kind, who pays, amount."""
    return [(one.kind, one.bearer, one.amount) for one in lines]


def sums(**only: Any) -> dict[str, Decimal]:
    """What each party pays of all lines so far."""
    found: dict[str, Decimal] = {}
    for one in ChargeLine.objects.filter(**only):
        name = "org" if one.bearer == "org" else one.department_name
        found[name] = found.get(name, Decimal(0)) + one.amount
    return {name: amount for name, amount in found.items() if amount}


def reason(fault):
    return reasons.all_reasons().filter(fault=fault).first()


def lines(job):
    return list(ChargeLine.objects.filter(job_id=job.pk))


def late(year, month, day, hour):
    return datetime(year, month, day, hour, 30, tzinfo=UTC)
