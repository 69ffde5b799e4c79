"""Owner and borrower claim one printer at the same moment: commits are commits here, and undone by hand."""

import threading
from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test import override_settings
from django_tenants.utils import get_public_schema_name, schema_context, tenant_context

from accounts.models import User
from alerts.models import Alert
from audit.models import Entry
from inventory.models import Filament, Spool, Usage
from jobs import starting
from jobs.dispatching import drop
from jobs.dispatching import plan as plan_attempt
from jobs.lending import offers
from jobs.models import GuestPrint, Job, LedgerLine, Print, QuotaShare
from jobs.staging import stage
from jobs.submitting import Order, submit
from maintenance.models import ForeignPrint, Meter
from models3d.models import Model3D, Revision, StoredFile
from orgs.keys import redis_client
from orgs.models import Due, Org
from printers.adding import add
from printers.models import Printer
from stations.models import HOLDING, Charge, Dispatch, DispatchState, Offer, Station
from tests.jobs.conftest import Shop, revision_of

from .conftest import Loan

ROUNDS = 20


@pytest.fixture
def loan(django_db_setup: None, django_db_blocker: Any, voron: Any, tmp_path: Any) -> Iterator[Loan]:
    voron.mend()
    voron.act("reboot")
    voron.clear_plate()
    voron.machine.starts.clear()
    with (
        django_db_blocker.unblock(),
        schema_context(get_public_schema_name()),
        override_settings(MEDIA_ROOT=tmp_path, ALLOW_LOOPBACK_PRINTERS=True),
    ):
        acme, rival = (Org.objects.get(slug=slug) for slug in ("acme", "rival"))
        try:
            with tenant_context(rival):
                by = User.objects.get(email="operator@rival.test")
                revision = revision_of(by)
            with tenant_context(acme):
                yield Loan(_shop(voron), rival, revision, by)
        finally:
            _undo(acme, rival)


def _shop(voron: Any) -> Shop:
    printer = add(
        Printer(
            name="Voron 1", protocol="moonraker", model="Voron 2.4 250", address=voron.host, port=voron.port,
            bed_x_mm=250, bed_y_mm=250, bed_z_mm=230, nozzle_mm=0.4, auto_queue=True,
        )
    )  # fmt: skip
    filament = Filament.objects.create(material="PLA", color="#FF8000")
    slot = printer.slots.get(index=0)
    spool = Spool.objects.create(filament=filament, initial_g=9000, cost=20, slot=slot)
    by = User.objects.get(email="operator@acme.test")
    shop = Shop(printer, spool, voron, revision_of(by), by)
    shop.report()
    shop.clear_plate()
    return shop


def _undo(*orgs: Org) -> None:
    Station.objects.update(hold=None)
    Charge.objects.all().delete()
    Dispatch.objects.all().delete()
    for org in orgs:
        with tenant_context(org):
            for model in (
                LedgerLine,
                GuestPrint,
                QuotaShare,
                Job,
                Usage,
                Spool,
                Filament,
                ForeignPrint,
                Meter,
            ):
                model.objects.all().delete()
            Model3D.objects.update(current=None)
            for model in (Revision, Model3D, StoredFile, Printer, Alert, Entry):
                model.objects.all().delete()
    Offer.objects.all().delete()
    Station.objects.all().delete()
    Due.objects.filter(org__in=orgs).delete()
    redis_client().flushdb()


def staged(org: Org, job: Job, station_id: Any) -> Dispatch:
    with tenant_context(org):
        dispatch = plan_attempt(job, Print.objects.get(job=job).pk, station_id, by_hand=True)
        assert dispatch is not None
        stage(dispatch.pk)
    return dispatch


def together(*acts: Callable[[], None]) -> None:
    gate, failed = threading.Barrier(len(acts), timeout=20), []

    def work(act: Callable[[], None]) -> None:
        try:
            gate.wait()
            act()
        except Exception as error:  # noqa: BLE001  # told to the test below
            failed.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=work, args=[act]) for act in acts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert failed == []


def claiming(org: Org, dispatch: Dispatch) -> Callable[[], None]:
    def claim_and_start() -> None:
        with tenant_context(org):
            if starting.claim(dispatch.pk):
                starting.start_polled(dispatch.pk)

    return claim_and_start


def test_of_owner_and_borrower_who_claim_at_once_exactly_one_starts(loan):
    loan.lend()
    shop, acme = loan.shop, connection.tenant
    pk, winners = shop.printer.pk, set()
    for turn in range(1, ROUNDS + 1):
        ours = staged(acme, submit(Order(shop.revision, auto_start=True), shop.by), pk)
        theirs = staged(loan.borrower, loan.job(), pk)

        together(claiming(acme, ours), claiming(loan.borrower, theirs))

        assert len(shop.machine.starts) == turn
        (holds,) = Dispatch.objects.filter(state__in=HOLDING)
        winners.add(holds.org_id)
        shop.wait_for(
            lambda _status, one=holds: not Dispatch.objects.filter(pk=one.pk, state__in=HOLDING).exists()
        )
        for org, one in ((acme, ours), (loan.borrower, theirs)):
            with tenant_context(org):
                drop(one.pk, "the round is over")
        with tenant_context(acme):
            shop.clear_plate()
    ended = Dispatch.objects.filter(state=DispatchState.ENDED)
    assert ended.count() == ROUNDS
    assert winners
    borrowed = ended.filter(org=loan.borrower).count()
    assert Charge.objects.count() == borrowed
    total = sum(LedgerLine.objects.values_list("amount", flat=True), Decimal(0))
    with loan.there():
        total += sum(LedgerLine.objects.values_list("amount", flat=True), Decimal(0))
    assert total == 0


def test_a_withdrawal_at_the_moment_of_the_start_either_wins_or_lets_it_run(loan):
    outcomes = set()
    for turn in range(8):
        loan.lend(prints_per_week=100 + turn)
        theirs = staged(loan.borrower, loan.job(), loan.shop.printer.pk)
        before = len(loan.shop.machine.starts)

        def withdraw() -> None:
            with tenant_context(Org.objects.get(slug="acme")):
                offers.withdraw(Printer.objects.get(name="Voron 1"))

        together(claiming(loan.borrower, theirs), withdraw)

        theirs.refresh_from_db()
        started = len(loan.shop.machine.starts) - before
        outcomes.add((str(theirs.state), started))
        assert (theirs.state == DispatchState.DROPPED) == (started == 0)
        loan.shop.wait_for(lambda _status: loan.shop.station.hold is None)
        if started:
            loan.shop.clear_plate()
    assert outcomes <= {("dropped", 0), ("starting", 1), ("confirmed", 1), ("ended", 1)}
