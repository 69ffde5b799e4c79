"""Spools that printers recognise, and trays that say they are empty."""

from dataclasses import replace

import pytest

from audit.models import Entry
from gateway.ingest import ingest, keep_slots
from inventory import keeping, rfid
from inventory.loading import load
from inventory.models import Spool
from inventory.refusing import Refused
from printers.drivers.bambu_status import status_of
from printers.drivers.driver import MachineState, Status, Tray
from tests.factories.inventory import make_filament, make_spool
from tests.factories.printers import make_printer

TAG = "0123456789ABCDEF0123456789ABCDEF"
OTHER = "F" * 32
PLA = Tray(0, "PLA", "#FF8000", tag=TAG, is_filled=True)
GONE = Tray(0, is_filled=False)
PLAIN = Tray(0, "PLA", "#FF8000", is_filled=True)


@pytest.fixture
def printer(acme):
    return make_printer("X1C", protocol="bambu", slots=4)


def slot_of(printer, index=0):
    return printer.slots.get(index=index)


def place_of(spool):
    return Spool.objects.get(pk=spool.pk).slot


def test_a_known_tag_loads_its_spool_as_the_printers_doing(printer):
    spool = make_spool(tag_uid=TAG)

    keep_slots(printer, (PLA,))

    assert place_of(spool) == slot_of(printer)
    line = Entry.objects.get(action="spool.load")
    assert (line.actor, line.via) == ("X1C", "printer")


def test_a_spool_that_is_read_elsewhere_leaves_its_old_slot(printer):
    other = make_printer("P1S", protocol="bambu")
    spool = make_spool(tag_uid=TAG)
    keep_slots(other, (PLA,))

    keep_slots(printer, (replace(PLA, index=2),))

    assert place_of(spool) == slot_of(printer, 2)


def test_two_spools_that_change_places_are_both_where_they_are_read(printer):
    one, two = make_spool(tag_uid=TAG), make_spool(tag_uid=OTHER)
    keep_slots(printer, (PLA, replace(PLA, index=1, tag=OTHER)))

    keep_slots(printer, (replace(PLA, tag=OTHER), replace(PLA, index=1)))

    assert (place_of(one).index, place_of(two).index) == (1, 0)


def test_a_tray_told_empty_unloads_its_spool(printer):
    spool = make_spool(tag_uid=TAG)
    keep_slots(printer, (PLA,))

    keep_slots(printer, (GONE,))

    assert place_of(spool) is None
    assert Entry.objects.filter(action="spool.unload", via="printer").count() == 1


def test_a_spool_without_a_tag_is_unloaded_by_an_emptied_tray_too(printer):
    spool = make_spool()
    keep_slots(printer, (PLAIN,))
    load(spool, slot_of(printer))

    keep_slots(printer, (GONE,))

    assert place_of(spool) is None


def test_what_a_person_loads_into_a_tray_told_empty_stays(printer):
    spool = make_spool()
    keep_slots(printer, (GONE,))
    load(spool, slot_of(printer))

    keep_slots(printer, (GONE,))
    keep_slots(printer, (replace(GONE, color="#000000"),))

    assert place_of(spool) == slot_of(printer)


def test_a_unit_that_falls_silent_unloads_nothing(printer):
    spool = make_spool(tag_uid=TAG)
    keep_slots(printer, (PLA,))

    keep_slots(printer, (Tray(3),))
    keep_slots(printer, (GONE,))

    assert place_of(spool) == slot_of(printer)


def test_only_news_is_acted_on(acme, printer):
    """A person who took a spool out by hand is not overruled by the next report of the same."""
    spool = make_spool(tag_uid=TAG)
    seen = Status(MachineState.IDLE, trays=(PLA,))
    ingest(acme, printer.pk, seen)
    load(spool, slot_of(printer, 1))

    for progress in (0.1, 0.2):
        ingest(acme, printer.pk, replace(seen, progress=progress))
    keep_slots(printer, (replace(PLA, color="#FF8001"),))

    assert place_of(spool).index == 1


def test_a_strange_tag_leaves_a_spool_without_one_for_a_person_to_say(printer):
    spool = make_spool()
    load(spool, slot_of(printer))

    keep_slots(printer, (PLA,))

    assert place_of(spool) == slot_of(printer)
    assert rfid.strange([TAG, ""]) == {TAG}


def test_a_strange_tag_unloads_a_spool_that_has_another(printer):
    spool = make_spool(tag_uid=OTHER)
    keep_slots(printer, (replace(PLA, tag=OTHER),))

    keep_slots(printer, (PLA,))

    assert place_of(spool) is None


def test_an_archived_spools_tag_loads_nothing_and_is_no_strange_one(printer):
    spool = make_spool(tag_uid=TAG)
    keeping.archive(spool)

    keep_slots(printer, (PLA,))

    assert place_of(spool) is None
    assert not rfid.strange([TAG])


def test_a_remembered_tag_is_the_spools_and_loads_it(printer):
    spool = make_spool()
    keep_slots(printer, (PLA,))

    rfid.remember(spool, slot_of(printer))

    spool.refresh_from_db()
    assert (spool.tag_uid, spool.slot) == (TAG, slot_of(printer))
    assert Entry.objects.get(action="spool.edit").after == {"tag_uid": TAG}


def test_a_spool_with_another_tag_is_not_taken_for_this_one(printer):
    spool = make_spool(tag_uid=OTHER)
    keep_slots(printer, (PLA,))

    with pytest.raises(Refused, match="another tag"):
        rfid.remember(spool, slot_of(printer))

    assert Spool.objects.get(pk=spool.pk).tag_uid == OTHER


def test_a_tag_given_by_hand_loads_the_spool_where_it_is_read(printer):
    spool = make_spool()
    keep_slots(printer, (PLA,))

    keeping.edit(spool, {"tag_uid": "01:23:45:67 89ab cdef-0123456789abcdef"})

    spool.refresh_from_db()
    assert (spool.tag_uid, spool.slot) == (TAG, slot_of(printer))


def test_a_tag_is_one_spools_only(acme):
    first, second = make_spool(tag_uid=TAG), make_spool()

    with pytest.raises(Refused, match=f"#{first.number} has this tag"):
        keeping.edit(second, {"tag_uid": TAG.lower()})
    with pytest.raises(Refused):
        keeping.add(make_filament(), tag_uid=TAG)


def test_a_bambu_tray_without_a_tag_tells_zeros_and_is_filled():
    trays = {
        "ams": [{"id": "0", "tray": [
            {"id": "0", "tray_type": "PETG", "tray_color": "FFFFFFFF", "tray_uuid": "0" * 32},
            {"id": "1", "tray_type": "", "tray_uuid": "0" * 32},
            {"id": "2"},
        ]}],
        "tray_exist_bits": "3",
    }  # fmt: skip
    told = {"gcode_state": "IDLE", "ams": trays, "vt_tray": {"id": "254", "tray_type": "PLA"}}

    status = status_of(told, full=True, cancelled=False, locked=False)

    assert [(tray.index, tray.tag, tray.is_filled) for tray in status.trays] == [
        (0, "", True), (1, "", True), (2, "", False), (254, "", None),
    ]  # fmt: skip


def test_the_printers_page_asks_which_spool_a_strange_tag_is(printer, sign_in):
    keep_slots(printer, (PLA,))
    slot, spool = slot_of(printer), make_spool()
    path = f"/o/acme/filament/slots/{slot.pk}/load/"
    client = sign_in("operator")
    assert path in client.get(f"/o/acme/printers/{printer.pk}/").text
    assert "Which spool is this?" in client.get(path).text

    client.post(path, {"spool": str(spool.pk)})

    assert Spool.objects.get(slot=slot).tag_uid == TAG
    told = client.get(f"/o/acme/printers/{printer.pk}/").text
    assert "Which spool is this?" not in told


@pytest.mark.parametrize(
    ("material", "color", "warned"),
    [("PLA", "#FF6A13", False), ("PLA+", "#FF8000", False), ("PETG", "#FF8000", True),
     ("PLA", "#0000FF", True), ("", "", False), ("PLA", "", False)],
)  # fmt: skip
def test_what_the_printer_tells_otherwise_than_we_know_is_a_warning(
    printer, sign_in, material, color, warned
):
    keep_slots(printer, (Tray(0, material, color),))
    load(make_spool(make_filament("PLA", color="#FF8000")), slot_of(printer))

    told = sign_in("viewer").get(f"/o/acme/printers/{printer.pk}/").text

    assert ("The printer says" in told) is warned


def test_the_free_spool_of_what_the_printer_tells_stands_first(printer, sign_in):
    keep_slots(printer, (Tray(0, "PETG", "#FFFFFF"),))
    make_spool()
    white = make_spool(make_filament("PETG", color="#FFFFFF"))
    make_spool(make_filament("PETG", color="#000000"))
    make_spool()

    told = sign_in("operator").get(f"/o/acme/filament/slots/{slot_of(printer).pk}/load/").text
    told = told.replace('id="spools', "")

    assert told.index('id="spool-') == told.index(f'id="spool-{white.pk}"')
