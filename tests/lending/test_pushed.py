"""A borrowed print on a Bambu printer: its one link is its owner's, and starts it for the borrower."""

from decimal import Decimal

import pytest
from django.test import override_settings
from django_tenants.utils import tenant_context

from gateway import starts
from inventory.models import Filament, Spool
from jobs import planning, staging, starting
from jobs.lending import offers
from jobs.models import GuestPrint, LedgerLine
from jobs.submitting import Order, submit
from orgs.models import Org
from printers import plates
from stations.models import Dispatch, DispatchState, Station
from tests.gateway.conftest import farm as farm
from tests.gateway.conftest import listener as listener
from tests.gateway.conftest import printer_for
from tests.gateway.conftest import x1 as x1
from tests.gateway.test_starts import revision_of


@pytest.fixture
def held(listener, x1, acme, rival, person, tmp_path):
    """A dispatch of Rival's on Acme's X1, whose file is on the printer and whose plate is clear."""
    Org.objects.filter(pk__in=[acme.pk, rival.pk]).update(auto_queue=True)
    acme.auto_queue = rival.auto_queue = True
    with override_settings(MEDIA_ROOT=tmp_path):
        printer = printer_for(
            x1, model="X1 Carbon", bed_x_mm=256, bed_y_mm=256, bed_z_mm=256, nozzle_mm=0.4, auto_queue=True
        )
        listener.until(lambda: printer.pk in listener.links and listener.links[printer.pk].is_up)
        listener.turns(2)
        filament = Filament.objects.create(material="PLA", color="#FF6A13")
        Spool.objects.create(filament=filament, initial_g=1000, cost=20, slot=printer.slots.get(index=0))
        plates.clear(printer.pk, seen_epoch=printer.station.plate_epoch)
        offers.lend(printer, {"to_all": True, "per_gram": Decimal(1), "owner_first": False}, {})
        with tenant_context(rival):
            by = person("operator", "rival")
            submit(Order(revision=revision_of(by, tmp_path / "part.gcode.3mf"), auto_start=True), by)
            planning.match()
            dispatch = Dispatch.objects.get()
            staging.stage(dispatch.pk)
            starting.claim(dispatch.pk)
        dispatch.refresh_from_db()
        assert dispatch.state == DispatchState.HELD, dispatch.note
        yield dispatch


def state_of(dispatch):
    return Dispatch.objects.get(pk=dispatch.pk).state


def test_the_owners_link_starts_it_once_under_the_dispatchs_id_alone(listener, held, x1):
    listener.until(lambda: state_of(held) == DispatchState.CONFIRMED)
    listener.turns(10)

    assert len(x1.starts) == 1
    (order,) = [message for message in x1.front.received if message.command == "project_file"]
    assert order.body["subtask_id"] == held.start_id
    assert order.body["subtask_name"].startswith(held.pk.hex)
    assert "part" not in str(order.body).lower().replace("param", "")
    assert Station.objects.get(pk=held.station_id).plate == "occupied"
    assert GuestPrint.objects.get().outcome == "printing"


def test_its_end_is_told_to_both_and_charged(listener, held, rival):
    listener.until(lambda: state_of(held) == DispatchState.ENDED, seconds=90)

    own = LedgerLine.objects.get()
    with tenant_context(rival):
        theirs = LedgerLine.objects.get()
    assert own.amount == -theirs.amount == Decimal("1.50")
    assert GuestPrint.objects.get().outcome == "completed"


def test_a_refusal_frees_the_printer_and_leaves_no_guest(listener, held, x1, rival):
    x1.fault(locked=True)
    assert starts.start_held(listener.links) == 1
    listener.until(lambda: Dispatch.objects.get(pk=held.pk).refusal)

    with tenant_context(rival):
        starting.settle_refusal(held.pk)

    assert state_of(held) == DispatchState.REFUSED
    assert Station.objects.get(pk=held.station_id).hold is None
    assert not GuestPrint.objects.exists()


def test_the_link_starts_nothing_for_a_suspended_borrower(listener, held, x1, rival):
    Org.objects.filter(pk=rival.pk).update(state=Org.State.SUSPENDED)

    listener.turns(10)

    assert starts.start_held(listener.links) == 0
    assert x1.starts == []
