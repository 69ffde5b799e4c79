"""One list, four densities: their order, their pages, their filters."""

import re

import pytest

from inventory.models import Filament, Spool
from printers.drivers.driver import MachineState, Status
from reports import following
from stations.models import Plate
from tests.factories.printers import make_printer

from .test_pages_list import LIST, LIVE, STATES, tell


@pytest.fixture(autouse=True)
def _fresh_pictures():
    following.forget()


DENSITIES = ["cards", "table", "tiles", "wall"]


def test_the_usual_order_is_need_then_end_whatever_else_moves(acme, sign_in):
    def printing(name, remaining, state=MachineState.PRINTING):
        tell(acme, make_printer(name), Status(state, remaining_s=remaining))

    printing("Paused late", 9000, MachineState.PAUSED)
    printing("Printing soon", 600)
    printing("Warms up", 3000, MachineState.PREPARING)
    tell(acme, make_printer("K1-10"), Status(MachineState.IDLE))
    tell(acme, make_printer("K1-2"), Status(MachineState.IDLE))
    tell(acme, make_printer("Away"), Status(MachineState.OFFLINE))
    tell(acme, make_printer("Full", plate=Plate.OCCUPIED), Status(MachineState.IDLE))

    page = sign_in("viewer").get(LIST).text

    order = ["Full", "Printing soon", "Warms up", "Paused late", "Away", "K1-2", "K1-10"]
    assert sorted(order, key=lambda name: page.index(f">{name}<")) == order


def test_on_a_wall_each_printer_keeps_its_place(acme, sign_in):
    for name in ("K1-10", "K1-2"):
        tell(acme, make_printer(name, plate=Plate.OCCUPIED), Status(MachineState.IDLE))
    tell(acme, make_printer("K1-1"))

    page = sign_in("viewer").get(LIST, {"view": "wall"}).text

    assert page.index(">K1-1<") < page.index(">K1-2<") < page.index(">K1-10<")


@pytest.mark.parametrize(("view", "shown"), [("cards", 100), ("table", 100), ("tiles", 105), ("wall", 105)])
def test_a_wall_shows_all_and_cards_come_in_pages(acme, sign_in, view, shown):
    for _ in range(105):
        make_printer()

    page = sign_in("viewer").get(LIST, {"view": view}).text

    assert page.count('id="printer-0') == shown


@pytest.mark.parametrize("view", DENSITIES)
def test_a_tile_has_the_same_parts_in_every_state(acme, sign_in, view):
    for status, fields, _words in STATES.values():
        printer = make_printer(**fields)
        if status:
            tell(acme, printer, status)

    page = sign_in("viewer").get(LIST, {"view": view}).text

    parts = {"wall": ["wall-figure", "wall-line", "wall-bar"],
             "cards": ["card-body", "card-tags", "card-foot"],
             "tiles": ["card-head", "tile-body"], "table": ["is-tight"]}[view]  # fmt: skip
    assert [page.count(f'class="{part}"') for part in parts] == [len(STATES)] * len(parts)


@pytest.mark.parametrize(("view", "part"), [("tiles", "tile-body"), ("wall", "wall-figure")])
def test_deltas_come_in_the_density_of_the_page(acme, sign_in, view, part):
    tell(acme, make_printer())

    assert part in sign_in("viewer").get(LIVE, {"view": view}).text


def test_why_a_printer_is_out_of_service_stands_on_every_density(acme, sign_in):
    make_printer(out_of_service_reason="Belt torn")
    client = sign_in("viewer")

    assert all("Belt torn" in client.get(LIST, {"view": view}).text for view in DENSITIES)


def loaded(name, material, **fields):
    printer = make_printer(name, **fields)
    printer.slots.update(material=material)
    return printer


def test_loaded_material_filters_together_with_a_search(acme, sign_in):
    loaded("Voron 1", "PETG")
    loaded("Voron 2", "PLA")
    loaded("Ender", "petg")

    page = sign_in("viewer").get(LIST, {"material": "PETG", "q": "vor"}).text

    assert ">Voron 1<" in page
    assert ">Voron 2<" not in page
    assert ">Ender<" not in page


def test_material_of_a_spool_counts_for_the_slot_it_is_in(acme, sign_in):
    printer = loaded("Voron 1", "")
    filament = Filament.objects.create(material="ASA")
    Spool.objects.create(filament=filament, slot=printer.slots.get())

    assert ">Voron 1<" in sign_in("viewer").get(LIST, {"material": "ASA"}).text


def test_counters_count_what_the_other_filters_leave_and_hide_zero(acme, sign_in):
    tell(acme, make_printer("Voron 1", location="Attic"))
    tell(acme, make_printer("Voron 2", location="Cellar"))
    tell(acme, make_printer("Voron 3", location="Cellar"), Status(MachineState.IDLE))
    client = sign_in("viewer")

    for page in (client.get(LIST, {"location": "Attic"}), client.get(LIVE, {"location": "Attic"})):
        counters = page.text.split('id="fleet-counters"')[1].split("</nav>")[0]
        assert re.search(r'href="\?location=Attic&amp;state=printing".*<b>1</b> <span>printing', counters)
        assert "state=ready" not in counters


def test_choices_of_a_filter_count_what_the_others_leave(acme, sign_in):
    tell(acme, make_printer(location="Attic", model="Voron 0"))
    tell(acme, make_printer(location="Cellar", model="Ender 3"))

    page = sign_in("viewer").get(LIST, {"location": "Attic"}).text

    assert "model=Voron+0" in page
    assert "model=Ender+3" not in page
    assert "location=Attic&amp;location=Cellar" in page
