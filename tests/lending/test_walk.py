"""From a borrower's queue to the end of its print on another's printer, and what each side keeps."""

from decimal import Decimal

import pytest

from alerts.models import Alert
from inventory.models import Spool
from jobs.models import GuestPrint, LedgerLine, Print
from jobs.tasks import clean_up
from maintenance.models import Meter
from orgs.models import Org
from stations.models import Charge, Dispatch, Plate, Station


def test_a_borrowed_print_runs_on_the_owners_printer_to_its_end(loan):
    loan.lend()
    job = loan.job()

    dispatch = loan.ended()

    assert dispatch.org == loan.borrower
    assert loan.row(job).state == "completed"
    assert len(loan.shop.machine.starts) == 1
    assert loan.shop.station.hold is None
    assert loan.shop.station.plate == Plate.OCCUPIED


def test_the_owner_keeps_the_print_without_its_file_and_its_spool_is_used(loan):
    loan.lend()
    loan.job()

    dispatch = loan.ended()

    guest = GuestPrint.objects.get()
    assert (guest.dispatch_id, guest.outcome) == (dispatch.pk, "completed")
    assert (guest.borrower_id, guest.borrower_name) == (loan.borrower.pk, "Rival")
    assert (guest.material, guest.size) == ("PLA", dispatch.size)
    spool = Spool.objects.get(pk=loan.shop.spool.pk)
    assert spool.used_g == Decimal(500) + guest.grams
    assert guest.grams > 0
    assert Meter.objects.get(printer=loan.shop.printer).printed_s == guest.printed_s
    assert "Rival" in Alert.objects.get(cause=f"guest.ended:{dispatch.pk}").title


def test_one_charge_has_a_line_on_each_side_and_they_come_to_nothing(loan):
    loan.lend()
    job = loan.job()

    dispatch = loan.ended()

    charge = Charge.objects.get()
    own = LedgerLine.objects.get()
    with loan.there():
        theirs = LedgerLine.objects.get()
        cost = Print.objects.get(job=job)
    assert own.charge_id == theirs.charge_id == charge.pk
    assert own.amount + theirs.amount == 0
    assert own.amount == charge.amount == cost.material_cost + cost.machine_cost
    assert charge.amount >= Decimal("1.00")
    assert (own.other_name, theirs.other_name) == ("Rival", "Acme")
    assert theirs.job_id == job.pk
    assert own.job_id is None
    assert charge.dispatch == dispatch


def test_the_borrowers_copy_names_the_printer_with_its_owner(loan):
    loan.lend()
    job = loan.job()

    loan.held()

    with loan.there():
        one = Print.objects.get(job=job)
    assert (one.printer_id, one.printer_name) == (None, "Voron 1 (Acme)")


def test_nothing_of_the_offer_is_planned_for_whoever_it_is_not_made_to(loan):
    loan.lend(to_all=False)
    loan.job()

    assert loan.planned() is None


@pytest.mark.parametrize("off", ["printer", "org"])
def test_it_starts_by_itself_only_if_the_owners_printer_and_the_borrower_say_so(loan, off):
    loan.lend()
    if off == "printer":
        loan.shop.printer.auto_queue = False
        loan.shop.printer.save()
    else:
        Org.objects.filter(pk=loan.borrower.pk).update(auto_queue=False)
        loan.borrower.auto_queue = False
    loan.job()

    assert loan.planned() is None


def test_the_remote_name_is_the_id_of_the_dispatch_and_nothing_else(loan):
    loan.lend()
    loan.job()

    dispatch = loan.staged()

    assert dispatch.remote_name.startswith(dispatch.pk.hex)
    assert len(dispatch.remote_name) == len(f"{dispatch.pk.hex}0000.gcode")


def test_the_file_is_taken_off_the_owners_printer_afterwards(loan):
    loan.lend()
    loan.job()
    dispatch = loan.ended()

    clean_up(loan.borrower.schema_name, str(dispatch.pk))

    assert dispatch.remote_name not in loan.shop.machine.picture().get("files", [])
    assert Dispatch.objects.count() == 1


def test_a_file_that_waits_for_the_plate_says_whose_hand_it_needs(loan):
    loan.lend()
    Station.objects.filter(pk=loan.shop.printer.pk).update(plate="occupied")
    job = loan.job()

    assert loan.held().state == "staged"
    words = loan.row(job).why_not
    assert words == "Its file goes ahead to Voron 1: when Acme has cleared the plate, it starts."
