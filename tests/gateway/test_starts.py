"""From a held dispatch to a printing X1, over the one link; with the jobs' own transactions."""

import io
import math
from decimal import Decimal

import pytest
from django.core.files.base import File
from django.test import override_settings

from gateway import starts
from inventory.models import Filament, Spool
from jobs import planning, staging, starting
from jobs.submitting import Order, submit
from models3d.models import Model3D, Plate, Revision
from models3d.storing import store
from orgs.models import Org
from printers import plates
from printers.drivers.driver import MachineState
from stations.models import Dispatch, DispatchState, Station
from tests.drivers.rig import make_3mf
from tests.gateway.conftest import printer_for

NOZZLE = {"printer_models": ["X1 Carbon"], "nozzle_mm": [0.4], "abrasive": False}


def revision_of(by, path):
    stored = store(File(io.BytesIO(make_3mf(path, filaments=1).read_bytes()), "part.gcode.3mf"))
    model = Model3D.objects.create(name="Bracket", by=by)
    revision = Revision.objects.create(
        model=model, number=1, stored=stored, original_name="part.gcode.3mf", kind="gcode.3mf",
        status=Revision.Status.READY, metadata=NOZZLE, by=by,
    )  # fmt: skip
    use = {"index": 0, "grams": 1.5, "length_mm": 1000.0, "material": "PLA", "color": "#FF6A13", "used": True}
    Plate.objects.create(
        revision=revision, number=1, print_s=600, layers=50, filaments=[use], grams=Decimal("1.5"),
        box={"min": [20, 20, 0], "max": [120, 120, 20]},
    )  # fmt: skip
    Model3D.objects.filter(pk=model.pk).update(current=revision)
    return revision


@pytest.fixture
def held(listener, x1, acme, person, tmp_path):
    """A dispatch of the X1 whose file is on the printer and whose plate is clear, ready to be started."""
    Org.objects.filter(pk=acme.pk).update(auto_queue=True)
    acme.auto_queue = True
    with override_settings(MEDIA_ROOT=tmp_path):
        printer = printer_for(
            x1, model="X1 Carbon", bed_x_mm=256, bed_y_mm=256, bed_z_mm=256, nozzle_mm=0.4, auto_queue=True
        )
        listener.until(lambda: printer.pk in listener.links and listener.links[printer.pk].is_up)
        listener.turns(2)
        filament = Filament.objects.create(material="PLA", color="#FF6A13")
        Spool.objects.create(filament=filament, initial_g=1000, cost=20, slot=printer.slots.get(index=0))
        plates.clear(printer.pk, seen_epoch=printer.station.plate_epoch)
        revision = revision_of(person("operator"), tmp_path / "part.gcode.3mf")
        submit(Order(revision=revision, auto_start=True), person("operator"))
        planning.match()
        dispatch = Dispatch.objects.get()
        staging.stage(dispatch.pk)
        starting.claim(dispatch.pk)
        dispatch.refresh_from_db()
        assert dispatch.state == DispatchState.HELD, dispatch.refusal
        yield dispatch


def state_of(dispatch):
    return Dispatch.objects.get(pk=dispatch.pk).state


def test_a_held_dispatch_is_started_once_and_confirmed_by_the_printer(listener, held, x1):
    listener.until(lambda: state_of(held) == DispatchState.CONFIRMED)
    listener.turns(10)

    assert len(x1.starts) == 1
    (order,) = [message for message in x1.front.received if message.command == "project_file"]
    assert order.qos == 0
    assert order.body["subtask_id"] == held.start_id
    assert Station.objects.get(pk=held.station_id).plate == "occupied"


def test_a_refusal_of_the_printer_is_taken_as_no(listener, held, x1):
    x1.fault(locked=True)

    assert starts.start_held(listener.links) == 1
    listener.until(lambda: Dispatch.objects.get(pk=held.pk).refusal)

    assert x1.starts == []
    assert state_of(held) == DispatchState.STARTING
    assert "eveloper" in Dispatch.objects.get(pk=held.pk).refusal


def test_an_order_that_is_lost_is_never_sent_again(listener, held, x1):
    x1.fault(lose_next=1)

    listener.until(lambda: state_of(held) == DispatchState.STARTING)
    listener._due["starts"] = 0
    listener.turns(5)

    assert [message.command for message in x1.front.received].count("project_file") == 1
    assert state_of(held) == DispatchState.STARTING


def test_a_start_that_took_too_long_is_not_written(listener, held, x1, monkeypatch):
    monkeypatch.setattr(starting, "MOST_S", -1.0)

    listener.until(lambda: state_of(held) == DispatchState.STARTING)

    assert x1.starts == []
    assert "took too long" in Dispatch.objects.get(pk=held.pk).refusal


def test_nothing_is_started_on_news_older_than_ten_seconds(listener, held, x1):
    link = listener.links[held.station_id]
    link.heard_at -= 60
    x1.front.received.clear()

    assert starts.start_held(listener.links) == 0
    assert state_of(held) == DispatchState.HELD

    listener.until(lambda: state_of(held) == DispatchState.CONFIRMED)
    assert [message.command for message in x1.front.received][:2] == ["get_version", "pushall"]


def test_a_link_replaced_meanwhile_starts_nothing(listener, held, x1):
    Station.objects.filter(pk=held.station_id).update(link_epoch=99)

    starts.start_held(listener.links)

    assert state_of(held) == DispatchState.HELD
    assert x1.starts == []


def test_a_printer_in_use_is_not_started(listener, held, x1):
    listener._due["starts"] = math.inf
    x1.act("print-by-hand")
    link = listener.links[held.station_id]
    listener.until(lambda: link.conversation.status().state is MachineState.PREPARING)

    listener._due["starts"] = 0
    listener.until(lambda: state_of(held) != DispatchState.HELD)

    assert state_of(held) == DispatchState.DROPPED
    assert len(x1.starts) == 1
