"""The emergency stop from any page and over the API, and what is told of it."""

import pytest
from django.utils import timezone
from django_tenants.utils import tenant_context

from bulk.models import Item, Run
from printers import live
from printers.drivers.driver import MachineState, Status
from reports import following
from tests.factories.printers import make_printer

STOP = "/o/acme/printers/stop/"
HTMX = {"HX-Request": "true", "HX-Target": "bulk"}


@pytest.fixture
def finished(acme, person):
    """finished({printer: "" or why not}): a stop that is over, told a minute ago."""

    def finished(outcomes):
        run = Run.objects.create(
            model="printers.printer", action="stop", by=person("operator"), ended_at=timezone.now()
        )
        for printer, why in outcomes.items():
            state = Item.State.REFUSED if why else Item.State.DONE
            run.items.create(
                row=printer.pk, name=printer.name, state=state, reason=why, seen={"machine": "printing"},
                since=timezone.now() - timezone.timedelta(minutes=1),
            )  # fmt: skip
        return run

    return finished


@pytest.mark.parametrize("page", ["/o/acme/", "/o/acme/queue/", "/o/acme/account/", "/o/acme/printers/"])
def test_every_page_has_it_for_those_who_may(acme, sign_in, page):
    assert f'href="{STOP}"' in sign_in("operator").get(page).text
    assert f'href="{STOP}"' not in sign_in("viewer").get(page).text


def test_first_tap_only_asks_and_names_what_prints(acme, sign_in):
    busy, idle = make_printer("North <1>"), make_printer("South")
    live.swap(acme.pk, busy.pk, Status(MachineState.PRINTING, job_key="k1"))

    text = sign_in("operator").get(STOP, headers=HTMX).text

    assert "<html" not in text
    assert "<b>1 prints</b> now: North &lt;1&gt;." in text
    assert "Stop all 2 now" in text
    assert idle.name not in text
    assert not Run.objects.exists()


def test_second_tap_stops_all_there_are(acme, sign_in):
    printers = {make_printer().pk, make_printer(enabled=False).pk}

    answer = sign_in("operator").post(STOP)

    run = Run.objects.get()
    assert answer["Location"] == f"{STOP}{run.pk}/"
    assert set(run.items.values_list("row", flat=True)) == printers


def test_ids_that_are_none_never_mean_all(acme, sign_in):
    make_printer()

    assert sign_in("operator").post(STOP, {"row": "x"}).status_code == 404
    assert not Run.objects.exists()


def test_selection_is_asked_about_and_leads_to_the_same_report(acme, sign_in):
    printer, client = make_printer(), sign_in("operator")
    sent = {"action": "stop", "row": str(printer.pk)}

    asked = client.post("/o/acme/printers/bulk/", sent, headers=HTMX)
    done = client.post("/o/acme/printers/bulk/", {**sent, "confirmed": "1"}, headers=HTMX)

    assert "Stop 1 printer now" in asked.text
    assert done["HX-Redirect"] == f"{STOP}{Run.objects.get().pk}/"


def test_report_says_of_each_whether_it_is_seen_stopped(acme, sign_in, finished):
    stopped, running, mute = make_printer("Stopped"), make_printer("Running"), make_printer("Mute")
    run = finished({stopped: "", running: "", mute: "The printer does not answer."})
    live.swap(acme.pk, stopped.pk, Status(MachineState.ERROR))
    live.swap(acme.pk, running.pk, Status(MachineState.PRINTING))

    text = sign_in("operator").get(f"{STOP}{run.pk}/").text

    assert "1 of 3 seen stopped." in text
    assert "2 are not confirmed. Switch them off at the mains." in text
    assert "The printer does not answer." in text
    again = text[text.index(f'action="{STOP}"') : text.index("Tell them again")]
    assert str(running.pk) in again
    assert str(mute.pk) in again
    assert str(stopped.pk) not in again


def test_report_follows_the_printers_and_rests_when_all_is_told(acme, sign_in, finished):
    printer = make_printer()
    run = finished({printer: ""})
    client = sign_in("operator")
    first = client.get(f"{STOP}{run.pk}/live/")
    live.swap(acme.pk, printer.pk, Status(MachineState.IDLE))
    following.forget()

    second = client.get(f"{STOP}{run.pk}/live/?version={first['X-Live-Version']}")

    assert "1 is not confirmed" in first.text
    assert "1 of 1 seen stopped." in second.text
    Run.objects.update(at=timezone.now() - timezone.timedelta(minutes=5))
    assert client.get(f"{STOP}{run.pk}/live/?version={second['X-Live-Version']}").status_code == 204


def test_other_runs_are_no_stops(acme, sign_in, person):
    run = Run.objects.create(model="printers.printer", action="disable", by=person("operator"))

    assert sign_in("operator").get(f"{STOP}{run.pk}/").status_code == 404


# By the API.


def test_api_stops_some_or_all_and_tells_each(acme, api):
    some, _other = make_printer("Some"), make_printer()
    client = api("operator")

    first = client.post("/api/printers/stop", {"ids": [str(some.pk)]})
    second = client.post("/api/printers/stop", {"all": True})

    assert (first.status_code, second.status_code) == (202, 202)
    assert Run.objects.get(pk=second.json()["run"]).items.count() == 2
    told = client.get(f"/api/printers/stop/{first.json()['run']}").json()
    assert told == {
        "finished": False,
        "printers": [
            {"id": str(some.pk), "name": "Some", "verdict": "waiting", "answer": "", "reports": "",
             "reported_at": None, "stops_at_once": True}
        ],
    }  # fmt: skip


@pytest.mark.parametrize("body", [{}, {"all": False}, {"ids": []}, {"ids": ["x"]}, {"all": True, "ids": []}])
def test_what_is_neither_some_nor_all_is_refused(acme, api, body):
    assert api("operator").post("/api/printers/stop", body).status_code == 422
    assert not Run.objects.exists()


def test_viewer_stops_nothing(acme, api, sign_in):
    make_printer()

    assert api("viewer").post("/api/printers/stop", {"all": True}).status_code == 403
    assert sign_in("viewer").post(STOP).status_code == 403
    assert sign_in("viewer").get(STOP).status_code == 403
    assert not Run.objects.exists()


def test_printer_of_another_organisation_is_gone_for_it(acme, api, rival):
    with tenant_context(rival):
        theirs = make_printer("Quetzalcoatl")
    client = api("operator")

    run = client.post("/api/printers/stop", {"ids": [str(theirs.pk)]}).json()["run"]

    assert client.get(f"/api/printers/stop/{run}").json()["printers"][0]["name"] == ""
    assert client.get(f"/api/bulk/{run}").json()["refused"][0]["why"] == "is gone"


# The list of printers.


def test_each_printer_of_the_list_has_a_tick_that_says_what_applies(acme, sign_in):
    busy, idle = make_printer(), make_printer(plate="occupied")
    live.swap(acme.pk, busy.pk, Status(MachineState.PRINTING, job_key="k1"))
    live.swap(acme.pk, idle.pk, Status(MachineState.IDLE))

    for view in ("cards", "table"):
        text = sign_in("operator").get(f"/o/acme/printers/?view={view}").text
        assert 'data-applies="pause disable out_of_service add_tag cancel stop"' in text
        assert 'data-applies="plate_cleared disable out_of_service add_tag stop"' in text
        assert "&quot;plate_epoch&quot;:0" in text
        assert 'value="resume" data-elsewhere' in text
    assert "row-check" not in sign_in("viewer").get("/o/acme/printers/").text
    assert "row-check" not in sign_in("operator").get("/o/acme/").text


def test_live_cards_and_those_that_answer_a_button_have_their_tick(acme, sign_in):
    printer, client = make_printer(plate="occupied"), sign_in("operator")
    live.swap(acme.pk, printer.pk, Status(MachineState.IDLE))

    fresh = client.get("/o/acme/printers/live/?version=1").text
    url = f"/o/acme/printers/{printer.pk}/plate-cleared/?as=card"
    answered = client.post(url, {"plate_epoch": 0}, headers=HTMX).text

    assert 'data-applies="plate_cleared ' in fresh
    assert 'data-applies="disable ' in answered
    assert "&quot;plate_epoch&quot;:1" in answered


def test_all_that_match_are_those_of_whom_it_was_asked(acme, sign_in):
    """A printer that comes into the list between the question and the answer is left alone."""
    client = sign_in("operator")
    first, later = make_printer("A1", plate="occupied"), make_printer("A2", plate="occupied")
    make_printer("Other", plate="occupied")
    for printer in (first, later):
        live.swap(acme.pk, printer.pk, Status(MachineState.IDLE))
    later.name = "B2"
    later.save()
    url = "/o/acme/printers/bulk/?q=a1"

    asked = client.post(url, {"action": "plate_cleared", "row": str(later.pk), "all_matching": "1"})
    later.name = "A1 too"
    later.save()
    seen = asked.context["seen"]
    client.post(url, {"action": "plate_cleared", "all_matching": "1", "confirmed": "1", "seen": seen})

    assert [item.row for item in Run.objects.get().items.all()] == [first.pk]
