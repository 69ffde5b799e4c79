"""A run of failed prints holds its printer."""

import pytest

from alerts.models import Alert
from audit.models import Entry
from orgs.models import Due, Org
from printers import failures, live
from printers.adding import change
from printers.drivers.driver import MachineState, Status
from printers.models import Printer
from tests.factories.printers import make_printer


@pytest.fixture
def printer(acme) -> Printer:
    made = make_printer("Voron 1")
    live.swap(acme.pk, made.pk, Status(MachineState.IDLE))
    return made


def now(printer) -> Printer:
    return Printer.objects.get(pk=printer.pk)


def open_alerts():
    return Alert.objects.filter(resolved_at=None, cause__startswith="printer.failures")


def test_first_failure_holds_by_default_and_tells(printer):
    failures.note_failed(printer.pk)

    assert now(printer).held_after == 1
    words = "Held: the last print failed. Look at it, then release it on its page."
    assert open_alerts().get().detail == words


def test_as_many_failures_in_a_row_hold_as_the_organisation_says(printer):
    Org.objects.update(hold_after_failures=2)

    failures.note_failed(printer.pk)
    first = now(printer).held_after
    failures.note_failed(printer.pk)

    assert (first, now(printer).held_after) == (0, 2)
    assert "2 prints in a row failed" in open_alerts().get().detail


def test_good_print_between_begins_a_new_run(printer):
    Org.objects.update(hold_after_failures=2)

    failures.note_failed(printer.pk)
    failures.note_good(printer.pk)
    failures.note_failed(printer.pk)

    assert now(printer).held_after == 0


def test_nothing_is_held_where_the_organisation_says_never(printer):
    Org.objects.update(hold_after_failures=0)

    failures.note_failed(printer.pk)

    assert now(printer).held_after == 0
    assert not open_alerts().exists()


def test_good_print_that_a_person_started_ends_the_hold(printer):
    failures.note_failed(printer.pk)

    failures.note_good(printer.pk)

    assert now(printer).held_after == 0
    assert not open_alerts().exists()


def test_release_is_audited_and_looks_at_the_queue(printer):
    failures.note_failed(printer.pk)
    Due.objects.all().delete()

    failures.release(printer)

    assert now(printer).held_after == 0
    assert not open_alerts().exists()
    assert Entry.objects.get(action="printer.release").before == {"failed_in_row": 1}
    assert Due.objects.filter(task="jobs.match").exists()


def test_second_release_says_that_nothing_is_held(printer):
    failures.note_failed(printer.pk)
    failures.release(printer)

    with pytest.raises(failures.NotHeld, match="Voron 1 is not held"):
        failures.release(printer)


def test_form_opened_before_the_failure_does_not_release(printer):
    opened = now(printer)
    failures.note_failed(printer.pk)

    change(opened)

    assert now(printer).held_after == 1


def test_held_printer_needs_you_and_says_why(printer, api, sign_in):
    failures.note_failed(printer.pk)

    told = api("viewer").get(f"/api/printers/{printer.pk}").json()
    page = sign_in("operator").get(f"/o/acme/printers/{printer.pk}/").content.decode()

    assert (told["state"], told["held_after_failures"]) == ("needs_you", 1)
    assert "Held: the last print failed." in page
    assert f"/o/acme/printers/{printer.pk}/release/" in page


def test_operator_releases_over_the_api_once(printer, api):
    failures.note_failed(printer.pk)
    client = api("operator")

    first = client.post(f"/api/printers/{printer.pk}/release")
    second = client.post(f"/api/printers/{printer.pk}/release")

    assert (first.status_code, second.status_code) == (200, 409)
    assert client.get(f"/api/printers/{printer.pk}").json()["state"] == "ready"


def test_button_releases_and_shows_the_printer_ready(printer, sign_in):
    failures.note_failed(printer.pk)

    answer = sign_in("operator").post(f"/o/acme/printers/{printer.pk}/release/", follow=True)

    assert "Voron 1 goes on." in answer.content.decode()
    assert now(printer).held_after == 0
