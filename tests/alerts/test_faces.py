"""Alerts on their page, in the bell and in the API."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django_tenants.utils import tenant_context

from alerts.kinds import Kind
from alerts.models import Alert
from alerts.raising import raise_alert, resolve
from alerts.schemas import AlertListOut, AlertOut
from audit.models import Entry
from bulk.models import Run
from jobs.models import Job
from tests.factories.models3d import make_model
from tests.factories.printers import make_printer

PAGE = "/o/acme/alerts/"


def offline(number=1, **more):
    return raise_alert(Kind.OFFLINE, f"offline:{number}", f"Voron {number} is offline", **more)


def test_the_page_links_what_an_alert_is_about(acme, sign_in, person):
    printer = make_printer("Voron 1")
    job = Job.objects.create(name="Bracket", revision=make_model().current, by=person("viewer"))
    offline(about=printer)
    raise_alert(Kind.PRINT_DONE, "done:1", "Bracket is printed", about=job, people=[person("viewer").pk])

    told = sign_in("operator").get(PAGE).text

    assert f"/o/acme/printers/{printer.pk}/" in told
    assert f"/o/acme/queue/{job.pk}/" in told


def test_an_alert_about_something_deleted_links_nowhere(acme, sign_in):
    printer = make_printer("Voron 1")
    offline(about=printer)
    pk = printer.pk
    printer.delete()

    told = sign_in("operator").get(PAGE)

    assert told.status_code == 200
    assert str(pk) not in told.text


def test_looking_changes_nothing_and_what_was_shown_is_read_by_a_post(acme, sign_in):
    client, alert, other = sign_in("operator"), offline(1), offline(2)
    told = client.get(PAGE).text
    assert told.count('name="alert"') >= 2
    assert "2 unread alerts" in client.get(f"{PAGE}bell/").text

    answer = client.post(
        f"{PAGE}read/", {"alert": [str(alert.pk), "nonsense"]}, headers={"HX-Request": "true"}
    )

    assert answer.status_code == 204
    assert "alerts-changed" in answer.headers["HX-Trigger"]
    assert "1 unread alert<" in client.get(f"{PAGE}bell/").text
    assert f'id="alert-{other.pk}"' in client.get(f"{PAGE}?state=unread").text
    client.post(f"{PAGE}read/")
    assert "none unread" in client.get(f"{PAGE}bell/").text


def test_the_bell_counts_only_my_own_unread(acme, sign_in):
    offline()

    assert "none unread" in sign_in("viewer").get(f"{PAGE}bell/").text
    assert "1 unread alert<" in sign_in("admin").get(f"{PAGE}bell/").text


def test_the_bell_costs_one_query_beyond_the_sign_in(acme, sign_in):
    client = sign_in("operator")
    offline()
    client.get(f"{PAGE}bell/")

    with CaptureQueriesContext(connection) as asked:
        client.get(f"{PAGE}bell/")

    assert sum("alerts_" in query["sql"] for query in asked) == 1


def test_one_alert_is_acknowledged_once_and_recorded(acme, sign_in):
    client, alert = sign_in("operator"), offline()

    for _ in range(2):
        answer = client.post(f"{PAGE}{alert.pk}/acknowledge/", {"query": "severity=warning"})
        assert answer.url == f"{PAGE}?severity=warning"

    assert Entry.objects.filter(action="alert.acknowledge").count() == 1


def test_many_are_acknowledged_by_the_bar_and_taken_back(acme, sign_in):
    ticked = [offline(number) for number in range(3)]
    left = offline(9)
    client = sign_in("operator")

    client.post(f"{PAGE}bulk/", {"action": "acknowledge", "row": [str(alert.pk) for alert in ticked]})

    assert list(Alert.objects.filter(acknowledged_at=None)) == [left]
    client.post(f"/o/acme/bulk/{Run.objects.get().pk}/undo/")
    assert not Alert.objects.exclude(acknowledged_at=None).exists()


def test_all_that_match_the_filter_are_acknowledged_after_a_question(acme, sign_in):
    for number in range(3):
        offline(number)
    other = raise_alert(Kind.PRINT_DONE, "done:1", "Bracket is printed")
    client, address = sign_in("operator"), f"{PAGE}bulk/?kind=printer.offline"

    asked = client.post(address, {"action": "acknowledge", "all_matching": "1"})
    assert not Alert.objects.exclude(acknowledged_at=None).exists()
    assert "3 alerts" in asked.text
    client.post(address, {"action": "acknowledge", "all_matching": "1", "confirmed": "1"})

    assert list(Alert.objects.filter(acknowledged_at=None)) == [other]


def test_an_acknowledgement_is_not_taken_back_when_the_same_has_come_again(acme, sign_in):
    alert, client = offline(), sign_in("operator")
    client.post(f"{PAGE}bulk/", {"action": "acknowledge", "row": [str(alert.pk)]})
    offline()

    client.post(f"/o/acme/bulk/{Run.objects.get().pk}/undo/")

    alert.refresh_from_db()
    assert alert.acknowledged_at
    back = Run.objects.exclude(undo_of=None).get()
    assert back.items.get().reason == "It is resolved by now, or has come again."


def test_the_page_is_filtered(acme, sign_in, person):
    client, one = sign_in("operator"), offline(1)
    done = raise_alert(Kind.PRINT_DONE, "done:1", "Bracket is printed")
    resolve("offline:1")

    def shown(asked):
        told = client.get(f"{PAGE}?{asked}").text
        return {alert.pk for alert in (one, done) if f'id="alert-{alert.pk}"' in told}

    assert shown("") == {one.pk, done.pk}
    assert shown("state=open") == shown("kind=print.done") == shown("severity=info") == {done.pk}
    assert shown("state=resolved") == shown("q=voron") == {one.pk}


def test_a_viewer_neither_sees_nor_acknowledges_what_was_not_told_to_them(acme, sign_in, api):
    alert, viewer = offline(), sign_in("viewer")

    assert str(alert.pk) not in viewer.get(PAGE).text
    assert viewer.post(f"{PAGE}{alert.pk}/acknowledge/").status_code == 403
    sent = {"action": "acknowledge", "row": [str(alert.pk)]}
    assert viewer.post(f"{PAGE}bulk/", sent).status_code == 403
    assert api("viewer").get("/api/alerts").json()["count"] == 0
    assert api("viewer").post(f"/api/alerts/{alert.pk}/acknowledge").status_code == 403
    assert Alert.objects.get().acknowledged_at is None


def test_the_api_tells_alerts_in_the_documented_shape(acme, api):
    printer = make_printer()
    offline(about=printer)

    told = api().get("/api/alerts?open=true&kind=printer.offline&severity=warning").json()

    AlertListOut.model_validate(told)
    (item,) = told["items"]
    assert set(item) == set(AlertOut.model_fields)
    assert item["target"] == {"type": "printer", "id": str(printer.pk)}
    assert (item["read"], item["acknowledged_by"], item["count"]) == (False, None, 1)


def test_the_api_acknowledges_once_however_often_asked(acme, api):
    client, alert = api(), offline()

    first = client.post(f"/api/alerts/{alert.pk}/acknowledge").json()
    second = client.post(f"/api/alerts/{alert.pk}/acknowledge").json()

    assert first == second
    assert (first["acknowledged_by"], first["read"]) == ("acme operator", True)
    assert client.get("/api/alerts?open=true").json()["count"] == 0
    assert client.get("/api/alerts?open=false").json()["count"] == 1


@pytest.mark.parametrize("asked", ["kind=fire", "severity=loud", "colour=red", "ordering=title", "limit=0"])
def test_the_api_refuses_what_it_does_not_know(acme, api, asked):
    assert api().get(f"/api/alerts?{asked}").status_code == 422


def test_a_token_without_the_scope_neither_reads_nor_acknowledges(acme, api):
    alert = offline()

    assert api(scopes=["read:jobs"]).get("/api/alerts").status_code == 403
    assert api(scopes=["read:alerts"]).post(f"/api/alerts/{alert.pk}/acknowledge").status_code == 403


def test_another_organisations_alerts_are_unknown(acme, rival, sign_in, api):
    with tenant_context(rival):
        alert = offline()

    assert sign_in("operator").post(f"{PAGE}{alert.pk}/acknowledge/").status_code == 404
    assert api().post(f"/api/alerts/{alert.pk}/acknowledge").status_code == 404
    assert api().get(f"/api/alerts/{alert.pk}").status_code == 404
    assert api().get("/api/alerts").json() == {"items": [], "count": 0}


@pytest.mark.parametrize("is_page", [True, False], ids=["page", "api"])
def test_a_list_asks_as_much_for_thirty_as_for_one(acme, sign_in, api, is_page):
    client, path = (sign_in("operator"), PAGE) if is_page else (api(), "/api/alerts")
    client.get(path)
    counts = []
    for wanted in (1, 30):
        for number in range(Alert.objects.count(), wanted):
            offline(number, about=make_printer())
        with CaptureQueriesContext(connection) as asked:
            assert client.get(path).status_code == 200
        counts.append(len(asked))

    assert counts[0] == counts[1]
