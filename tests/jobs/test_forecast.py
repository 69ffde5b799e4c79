"""The forecast: the queue served in its order by the machines that fit."""

from copy import deepcopy
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone

from jobs import outlook, planning
from jobs.forecast import Wish, foresee
from jobs.foreseeing import Look
from jobs.models import Job
from jobs.quotas.models import QuotaShare
from models3d.models import Revision
from orgs.models import Org
from orgs.working_hours import DAYS, Opening
from printers import live
from printers.drivers.driver import MachineState, Status
from printers.models import Printer
from stations.models import Station
from tests.factories.printers import make_printer
from tests.jobs.quota_orders import quota

HOUR = 3600.0
ALWAYS = Opening({}, ZoneInfo("UTC"), datetime(2026, 6, 1, tzinfo=UTC))


def wish(number: int, hours: float = 1.0, copies: int = 1, mask: int = 0b11, **fields: object) -> Wish:
    return Wish(UUID(int=number), copies, mask, lambda _at: hours * HOUR, **fields)


def times(outlook_: object, number: int) -> tuple[float, float]:
    found = outlook_.jobs[UUID(int=number)]
    return found.starts / HOUR, found.ends / HOUR


def test_two_printers_take_the_queue_in_turn():
    found = foresee([wish(1, 3), wish(2, 1), wish(3, 1)], [0.0, HOUR], ALWAYS)

    assert [times(found, n) for n in (1, 2, 3)] == [(0, 3), (1, 2), (2, 3)]


def test_copies_are_spread_over_the_printers_and_end_with_the_last():
    found = foresee([wish(1, 2, copies=3)], [0.0, HOUR], ALWAYS)

    assert times(found, 1) == (0, 4)


def test_a_job_waits_for_a_printer_that_fits_while_others_are_free():
    found = foresee([wish(1, 5, mask=0b01), wish(2, 1, mask=0b01), wish(3, 1, mask=0b10)], [0.0, 0.0], ALWAYS)

    assert [times(found, n) for n in (2, 3)] == [(5, 6), (0, 1)]


def test_a_printer_of_which_nothing_is_known_is_left_out():
    found = foresee([wish(1, mask=0b10), wish(2)], [0.0, None], ALWAYS)

    assert UUID(int=1) not in found.jobs
    assert times(found, 2) == (0, 1)


def test_a_job_that_must_not_start_yet_lets_others_pass():
    found = foresee([wish(1, not_before=5 * HOUR, mask=1), wish(2, 2, mask=1)], [0.0, None], ALWAYS)

    assert (times(found, 1), times(found, 2)) == ((5, 6), (0, 2))


def test_a_job_whose_time_has_come_goes_before_those_behind_it():
    queue = [wish(1, not_before=2 * HOUR, mask=1), wish(2, 3, mask=1), wish(3, 1, mask=1)]

    found = foresee(queue, [0.0, None], ALWAYS)

    assert [times(found, n) for n in (2, 1, 3)] == [(0, 3), (3, 4), (4, 5)]


def at(text: str) -> float:
    return datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp()


def test_the_plate_is_cleared_only_when_somebody_is_there():
    office = Opening(
        {day: [["08:00", "17:00"]] for day in DAYS}, ZoneInfo("UTC"), datetime(2026, 6, 1, tzinfo=UTC)
    )
    queue = [wish(1, 2, mask=1), wish(2, 2, mask=1)]

    found = foresee(queue, [at("2026-06-01 16:00")], office)

    assert found.jobs[UUID(int=1)].ends == at("2026-06-01 18:00")
    assert found.jobs[UUID(int=2)].starts == at("2026-06-02 08:00")
    ejecting = foresee(queue, [at("2026-06-01 16:00")], office, ejecting=0b1)
    assert ejecting.jobs[UUID(int=2)].starts == at("2026-06-01 18:00")


def test_what_is_started_by_hand_waits_for_a_person_and_what_starts_by_itself_does_not():
    office = Opening(
        {day: [["08:00", "17:00"]] for day in DAYS}, ZoneInfo("UTC"), datetime(2026, 6, 1, tzinfo=UTC)
    )
    free = [at("2026-06-01 20:00"), at("2026-06-01 20:00")]

    found = foresee([wish(1, mask=1), wish(2, mask=2, by_hand=True)], free, office)

    assert found.jobs[UUID(int=1)].starts == at("2026-06-01 20:00")
    assert found.jobs[UUID(int=2)].starts == at("2026-06-02 08:00")


@pytest.fixture
def busy(shop):
    """The one printer prints for half an hour more."""
    status = Status(MachineState.PRINTING, remaining_s=1800, job_key="x", file="x.gcode")
    live.swap(shop.org_id, shop.printer.pk, status)
    return shop


def soon(moment: datetime, minutes: float) -> bool:
    return abs((moment - timezone.now()).total_seconds() / 60 - minutes) < 1.5


def test_the_first_in_line_starts_when_the_printer_is_done_and_the_next_after_it(busy):
    first, second = busy.job(), busy.job()

    planning.match()

    ahead = outlook.ahead_of([first.pk, second.pk])
    assert soon(ahead[first.pk].starts_at, 30)
    assert soon(ahead[first.pk].ends_at, 40)
    assert soon(ahead[second.pk].starts_at, 40)
    assert (ahead[first.pk].place, ahead[second.pk].place) == (1, 2)


@pytest.mark.parametrize("change", [{"enabled": False}, {"out_of_service_reason": "belt"}], ids=str)
def test_a_printer_out_of_service_has_no_forecast(busy, change):
    made = busy.job()
    type(busy.printer).objects.filter(pk=busy.printer.pk).update(**change)

    planning.match()

    assert outlook.ahead_of([made.pk])[made.pk].starts_at is None


def test_a_printer_that_ejects_needs_nobody_between_two_prints(busy, acme):
    Printer.objects.update(ejects=True)
    acme.working_hours = {(timezone.now() + timedelta(days=3)).strftime("%a").lower(): [["08:00", "17:00"]]}
    job = busy.job()

    planning.match()

    assert soon(outlook.ahead_of([job.pk])[job.pk].starts_at, 30)


def test_a_printer_that_is_offline_has_no_forecast(shop):
    live.swap(shop.org_id, shop.printer.pk, Status(MachineState.OFFLINE, full=False))
    made = shop.job()

    planning.match()

    assert outlook.ahead_of([made.pk])[made.pk].starts_at is None


def test_a_printer_that_is_held_after_failures_has_no_forecast(busy):
    made = busy.job()
    planning.match()
    assert outlook.ahead_of([made.pk])[made.pk].starts_at

    Printer.objects.update(held_at=timezone.now(), failed_in_row=3)
    planning.match()

    assert outlook.ahead_of([made.pk])[made.pk].starts_at is None


def test_a_job_that_its_quota_holds_back_has_no_forecast_and_keeps_nobody_waiting(busy):
    held, other = busy.job(), busy.job()
    quota(0)
    QuotaShare.objects.filter(job=other.pk).delete()

    planning.match()

    ahead = outlook.ahead_of([held.pk, other.pk])
    assert ahead[held.pk].starts_at is None
    assert soon(ahead[other.pk].starts_at, 30)


def test_a_file_sent_ahead_counts_once(shop):
    """On its way, its copy still waits for the printer: it is not printed before itself."""
    Station.objects.update(plate="occupied")
    made = shop.job()
    planning.match()
    assert shop.planned().print_id

    assert outlook.ahead_of([made.pk])[made.pk].ends_at <= timezone.now() + timedelta(minutes=12)


def test_with_the_switch_off_the_forecast_says_by_hand(busy, acme):
    Org.objects.filter(pk=acme.pk).update(auto_queue=False)
    acme.auto_queue = False
    made = busy.job()

    planning.match()

    assert outlook.ahead_of([made.pk])[made.pk].by_hand


def test_the_api_tells_the_forecast_and_the_risk(busy, api):
    made = busy.job(due_at=timezone.now() + timedelta(minutes=20))
    planning.match()

    told = api("operator").get(f"/api/jobs/{made.pk}").json()

    assert soon(datetime.fromisoformat(told["forecast"]["starts_at"]), 30)
    assert told["forecast"]["at_risk"] is True
    assert told["forecast"]["by_hand"] is False
    assert told["waits_because"].endswith("Number 1 in line for the one printer that fits.")


def test_the_queue_page_marks_what_is_at_risk(busy, sign_in):
    busy.job(due_at=timezone.now() + timedelta(minutes=20))
    planning.match()

    page = sign_in("operator").get("/o/acme/queue/").text

    assert "At risk" in page


def test_the_queue_page_marks_nothing_that_has_time(busy, sign_in):
    busy.job(due_at=timezone.now() + timedelta(days=2))
    planning.match()

    assert "At risk" not in sign_in("operator").get("/o/acme/queue/").text


def test_once_nothing_waits_nothing_is_foreseen(busy):
    made = busy.job()
    planning.match()
    Job.objects.all().delete()

    planning.match()

    assert outlook.ahead_of([made.pk]) == {}
    assert outlook.machines_ahead() == []


def test_a_wrong_filament_is_told_with_what_to_load(busy):
    busy.spool.filament.material = "PETG"
    busy.spool.filament.save()
    made = busy.job()

    planning.match()

    made.refresh_from_db()
    assert made.why_not.endswith("Load PLA into Voron 1 to start it.")


def test_a_file_that_turns_out_unreadable_is_told_with_the_reason(busy):
    unread, fine = busy.job(), busy.job()
    lost = deepcopy(busy.revision)
    lost.pk, lost.number, lost.status = uuid4(), 2, Revision.Status.READING
    lost._state.adding = True
    lost.save()
    Job.objects.filter(pk=unread.pk).update(revision=lost)

    planning.match()
    unread.refresh_from_db()
    assert unread.why_not == "Its file is still being read."

    Revision.objects.filter(pk=lost.pk).update(
        status="unreadable", problem="It ends in the middle. " + "x" * 277
    )
    planning.match()
    unread.refresh_from_db()
    assert unread.why_not.startswith("Its file can't be printed. It ends in the middle. xx")
    assert "can't" not in Job.objects.get(pk=fine.pk).why_not


def test_a_sentence_comes_too_late_for_a_job_that_went_on(busy, monkeypatch):
    job = busy.job()
    look = Look()
    look.order()
    Job.objects.filter(pk=job.pk).update(state="failed", why_not="")

    look.tell({})

    assert Job.objects.get(pk=job.pk).why_not == ""


def test_a_start_does_not_wait_for_a_look_at_the_queue(shop):
    made = shop.job()
    planning.match()
    Station.objects.update(plate="occupied")
    second = shop.job()
    planning.match()
    shop.clear_plate()
    before = outlook.ahead_of([second.pk])
    make_printer()

    planning.match(looks=False)

    assert made.pk != second.pk
    assert outlook.ahead_of([second.pk]) == before


@pytest.mark.parametrize(
    "moments",
    [
        {"due_at": datetime(1970, 1, 1, tzinfo=UTC)},
        {"due_at": datetime(9998, 12, 31, 23, 59, tzinfo=UTC)},
        {"not_before": datetime(9998, 12, 31, 23, 59, tzinfo=UTC)},
    ],
    ids=str,
)
def test_dates_at_the_end_of_all_time_stop_neither_queue_nor_page(busy, sign_in, moments):
    made, other = busy.job(), busy.job()
    Job.objects.filter(pk=made.pk).update(**moments)

    planning.match()

    assert outlook.ahead_of([other.pk])[other.pk].starts_at is not None
    assert sign_in("operator").get("/o/acme/queue/").status_code == 200


@pytest.mark.parametrize("moment", ["9999-12-31T23:59:59Z", "0001-01-01T00:00:00Z"])
def test_the_api_refuses_years_that_no_page_can_show(shop, api, moment):
    made = shop.job()

    assert api("operator").patch(f"/api/jobs/{made.pk}", {"due_at": moment}).status_code == 422
