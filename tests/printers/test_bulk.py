"""Many printers at once: to which of them an action applies, and what becomes of each."""

from dataclasses import replace

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django_tenants.utils import tenant_context

from audit.models import Entry
from bulk.choosing import Choice
from bulk.models import Run
from bulk.running import start, undo, work
from bulk.tasks import talk
from orgs.models import Membership
from printers import live, plates
from printers.bulk import ACTIONS, PRINTERS
from printers.bulk.facts import Drawn, Found
from printers.drivers.driver import Fault, MachineState, Status
from printers.models import Printer, Tag
from printers.reaching import driver_of
from printers.tagged import MOST_TAGS
from simulator.config import PrinterSpec
from simulator.farm import Farm
from stations.models import Station
from tests.factories.printers import make_printer

M = MachineState
KNOWN = Found("moonraker", True, "", (), M.PRINTING, "k1", (), "occupied", 3, False)


@pytest.fixture
def member(acme, person):
    return lambda role="operator": Membership.objects.get(user=person(role), org=acme)


@pytest.fixture
def begin(acme, member):
    """begin("disable", printers, told={…}, reason="…"): the run, when all of it is over."""

    def begin(name, printers, role="operator", told=None, **values):
        run = start(Choice(PRINTERS, member(role), tuple(one.pk for one in printers)), name, values, told)
        talk(acme.schema_name, str(run.pk))
        while not run.is_over:
            work()
            run.refresh_from_db()
        return run

    return begin


@pytest.fixture(scope="module")
def voron():
    with Farm([PrinterSpec("voron", "voron-2.4-250")]) as farm:
        yield farm["voron"]


@pytest.fixture
def printing(acme, voron):
    """A printer of ours that prints, as its live state tells too."""
    voron.mend()
    voron.act("reboot")
    voron.act("print-by-hand")
    printer = make_printer(address=voron.host, port=voron.port)
    says(acme, printer, M.PRINTING, job_key="k1")
    return printer


def says(org, printer, state, **more):
    live.swap(org.pk, printer.pk, Status(state, **more))


def said(run):
    """What became of each printer, in the order in which they were made: "done", or the reason."""
    return [item.reason or item.state for item in run.items.order_by("row")]


# In and out of service, and tags: at once, and taken back.


def test_disabling_and_enabling_take_those_they_change_and_are_taken_back(begin, member):
    on, off, broken = make_printer(), make_printer(enabled=False), make_printer(out_of_service_reason="Belt")

    disabled = begin("disable", [on, off, broken])
    enabled = begin("enable", [on, off, broken])

    assert said(disabled) == ["done", "It is disabled already.", "done"]
    assert said(enabled) == ["done", "done", "done"]
    undo(enabled, member())
    service = Printer.objects.order_by("pk").values_list("enabled", "out_of_service_reason")
    assert list(service) == [(False, ""), (False, ""), (False, "Belt")]
    assert Entry.objects.filter(action="printer.change", actor="acme operator").count() == 8


def test_out_of_service_keeps_its_reason_and_is_taken_back_where_nobody_changed_it(begin, member):
    first, second = make_printer(), make_printer()

    run = begin("out_of_service", [first, second], reason="Inventory")
    begin("enable", [second])
    back = undo(run, member())

    assert said(run) == ["done", "done"]
    assert said(back) == ["done", "It was changed since."]
    assert set(Printer.objects.values_list("out_of_service_reason", flat=True)) == {""}


def test_tags_are_found_whatever_their_case_and_taken_back(begin, member):
    has, lacks = make_printer(tags=[Tag.objects.create(name="PETG")]), make_printer()

    run = begin("add_tag", [has, lacks], tag="petg")

    assert said(run) == ["It has this tag already.", "done"]
    assert Tag.objects.get().printers.count() == 2
    undo(run, member())
    assert said(begin("remove_tag", [has, lacks], tag="petg")) == ["done", "It does not have this tag."]
    assert not Tag.objects.get().printers.exists()


def test_printer_with_all_the_tags_it_may_have_gets_no_more(begin):
    full = make_printer(tags=[Tag.objects.create(name=f"t{number}") for number in range(MOST_TAGS)])

    assert said(begin("add_tag", [full], tag="one more")) == [f"A printer has at most {MOST_TAGS} tags."]


# The plate is that which somebody saw.


def test_plates_are_cleared_only_where_something_may_be_on_them(acme, begin):
    occupied, clear, printing = make_printer(plate="occupied"), make_printer(), make_printer(plate="occupied")
    says(acme, printing, M.PRINTING, job_key="k1")

    run = begin("plate_cleared", [occupied, clear, printing])

    assert said(run) == [
        "done", "Its plate is known to be clear.", "A print is on it, or on its way to it.",
    ]  # fmt: skip
    assert Station.objects.get(pk=occupied.pk).plate == "clear"


def test_plate_on_which_something_happened_since_it_was_seen_is_not_cleared(begin):
    printer = make_printer(plate="occupied")
    seen = Station.objects.get(pk=printer.pk).plate_epoch
    plates.occupied(printer.pk)

    run = begin("plate_cleared", [printer], told={printer.pk: {"plate_epoch": seen}})

    assert said(run) == [
        "Something happened on this printer since the page was loaded. Look at the plate again."
    ]
    assert Station.objects.get(pk=printer.pk).plate == "occupied"


@pytest.mark.parametrize("told", ['{"%s": {"plate_epoch": "9"}}', "{", '{"%s": 7}', "[]", '{"x": {}}'])
def test_nonsense_of_what_was_seen_is_as_if_nothing_was_told(acme, sign_in, told):
    printer = make_printer(plate="occupied")
    sent = {"action": "plate_cleared", "row": str(printer.pk), "confirmed": "1"}
    sent["seen"] = told.replace("%s", str(printer.pk))

    sign_in("operator").post("/o/acme/printers/bulk/", sent)

    assert Station.objects.get(pk=printer.pk).plate == "clear"


# Orders to machines.


@pytest.mark.parametrize(
    ("name", "state", "why"),
    [
        ("pause", M.PRINTING, ""),
        ("pause", M.PAUSED, "It is paused already."),
        ("pause", M.PREPARING, "It is still preparing. It can be paused once it prints."),
        ("pause", M.IDLE, "Nothing prints on it."),
        ("pause", M.OFFLINE, "It is not heard from."),
        ("resume", M.PAUSED, ""),
        ("resume", M.PRINTING, "It is not paused."),
        ("resume", M.UNKNOWN, "It is not heard from."),
        ("cancel", M.PREPARING, ""),
        ("cancel", M.PAUSED, ""),
        ("cancel", M.FINISHED, "Nothing prints on it."),
        ("clear_errors", M.ERROR, ""),
        ("clear_errors", M.PRINTING, "It reports no error."),
        ("clear_errors", M.OFFLINE, "It is not heard from."),
        *[("stop", state, "") for state in M],
    ],
)
def test_orders_are_for_machines_in_a_state_for_them(name, state, why):
    assert ACTIONS[name].why_not(Drawn(replace(KNOWN, machine=state)), None) == why


def test_errors_are_cleared_only_where_the_protocol_can(monkeypatch):
    row = Drawn(replace(KNOWN, faults=(Fault("1", "Door"),)))
    assert ACTIONS["clear_errors"].why_not(row, None) == ""

    monkeypatch.setattr("printers.drivers.moonraker.MoonrakerDriver.clears_errors", False)

    assert "only on its own screen" in ACTIONS["clear_errors"].why_not(row, None)


def test_each_machine_is_told_and_answers(begin, printing, voron, acme):
    silent = make_printer(address="127.0.0.1", port=9)
    says(acme, silent, M.PRINTING, job_key="k2")

    run = begin("pause", [printing, silent])

    # The key that the live state told is not the machine's own, so nothing was sent to it.
    assert said(run)[0] == "Another print is on this printer than the one meant. Nothing was sent."
    assert said(run)[1] != "done"
    assert voron.machine.active


def test_later_print_is_never_cancelled(begin, printing, voron, acme):
    run = begin("cancel", [printing], told={printing.pk: {"job_key": "the one before"}})

    assert said(run) == ["Another print is on it than the one you saw."]
    assert voron.machine.active


def test_print_without_a_name_is_not_cancelled_among_many(begin, acme):
    printer = make_printer()
    says(acme, printer, M.PRINTING)

    assert "does not say which print this is" in said(begin("cancel", [printer]))[0]


def test_the_print_that_was_seen_is_cancelled_and_it_is_written_down(begin, printing, voron, acme):
    says(acme, printing, M.PRINTING, job_key=driver_of(printing).status().job_key)

    run = begin("cancel", [printing])

    assert said(run) == ["done"]
    assert not voron.machine.active
    assert Entry.objects.get(action="printer.cancel").target == printing.name


def test_printers_of_another_organisation_and_deleted_ones_are_gone(begin, rival):
    with tenant_context(rival):
        theirs = make_printer()
    here = make_printer()

    run = begin("disable", [here, theirs])

    assert sorted(said(run)) == ["done", "is gone"]
    with tenant_context(rival):
        assert Printer.objects.get().enabled


# By the API.


def test_api_takes_ids_or_the_filters_of_the_list(acme, api):
    printing, idle = make_printer(location="Attic"), make_printer(location="Attic")
    says(acme, printing, M.PRINTING, job_key="k1")
    client = api("operator")

    for given in ({"state": "printing"}, {"location": "attic", "search": printing.name}):
        body = {"filter": given, "action": "add_tag", "values": {"tag": given.get("state", "attic")}}
        run = client.post("/api/printers/bulk", body).json()["run"]
        told = client.get(f"/api/bulk/{run}").json()
        assert (told["total"], told["done"], told["finished"]) == (1, 1, True)

    assert set(Tag.objects.filter(printers=printing).values_list("name", flat=True)) == {"printing", "attic"}
    assert not idle.tags.exists()


@pytest.mark.parametrize(
    "body",
    [
        {"action": "out_of_service", "values": {}},
        {"action": "out_of_service", "values": {"reason": " "}},
        {"action": "add_tag", "values": {"tag": "a,b"}},
        {"action": "add_tag", "values": {"tag": "x" * 41}},
        {"action": "pause", "values": {"why": "x"}},
        {"action": "explode"},
        {"action": "enable", "filter": {"state": "burning"}},
        {"action": "enable", "filter": {"colour": "red"}},
        {"action": "enable", "filter": {}, "ids": []},
    ],
    ids=str,
)
def test_unsound_bulk_orders_are_refused(acme, api, body):
    which = {} if "filter" in body else {"ids": [str(make_printer().pk)]}

    assert api("operator").post("/api/printers/bulk", {**which, **body}).status_code == 422
    assert not Run.objects.exists()


@pytest.mark.parametrize("name", ACTIONS)
def test_viewer_does_none_of_it(acme, api, sign_in, name):
    printer = str(make_printer().pk)

    assert api("viewer").post("/api/printers/bulk", {"ids": [printer], "action": name}).status_code == 403
    answer = sign_in("viewer").post("/o/acme/printers/bulk/", {"action": name, "row": printer})
    assert answer.status_code == 403
    assert not Run.objects.exists()


def test_queries_of_a_question_do_not_grow_with_the_printers(acme, sign_in):
    client = sign_in("operator")

    def queries(printers):
        with CaptureQueriesContext(connection) as seen:
            sent = {"action": "pause", "row": [str(one.pk) for one in printers]}
            assert client.post("/o/acme/printers/bulk/", sent).status_code == 200
        return len(seen)

    few = [make_printer()]
    queries(few)

    assert queries(few) == queries([*few, *(make_printer() for _ in range(20))])
