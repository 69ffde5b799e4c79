"""Printers over the REST API."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django_tenants.utils import tenant_context

from inventory.models import Filament, Spool
from printers import commands, link_requests, live
from printers.drivers import DRIVERS
from printers.drivers.driver import Detected, DriverError, Fault, Heat, MachineState, Status, Trouble
from printers.models import Printer, Slot
from printers.schemas import PrinterOut
from stations.models import Dispatch, DispatchState, Plate, Station
from tests.factories.printers import make_printer

PATH = "/api/printers"
NEW = {"name": "Voron 1", "protocol": "moonraker", "address": "10.1.2.3"}
SECRET = "canary-secret-7421"
STATUS = Status(
    MachineState.PRINTING, progress=0.42, remaining_s=1800, file="a.gcode", nozzles=(Heat(214.6, 215),),
    bed=Heat(60, 60), layer=12, layers=80, faults=(Fault("n1", "Fan is slow", "notice"),),
)  # fmt: skip


def test_a_printer_is_answered_as_the_contract_says(acme, api):
    printer = make_printer("Voron 1", bed_x_mm=250, bed_y_mm=250, bed_z_mm=230, location="Attic")
    slot = Slot.objects.get(printer=printer)
    filament = Filament.objects.create(material="PETG", color="#112233")
    spool = Spool.objects.create(filament=filament, initial_g=1000, used_g=400, slot=slot)
    live.swap(acme.pk, printer.pk, STATUS)

    told = api("viewer").get(f"{PATH}/{printer.pk}").json()

    PrinterOut.model_validate(told)
    assert told["live"].pop("updated_at")
    assert told["live"] == {
        "progress": 0.42, "remaining_s": 1800, "nozzle_c": 214.6, "bed_c": 60, "chamber_c": None,
        "adjusted": {}, "file": "a.gcode", "layer": 12, "layers": 80, "errors": ["Fan is slow"],
    }  # fmt: skip
    assert told["slots"] == [
        {"index": 0, "material": "PETG", "color": "#112233", "spool_id": str(spool.pk), "grams_left": 600}
    ]
    assert (told["state"], told["plate"], told["bed_mm"]) == ("printing", "clear", [250, 250, 230])
    assert (told["owner"], told["location"], told["job_id"]) == ("Acme", "Attic", None)


def test_a_printer_never_heard_of_has_no_live_figures(acme, api):
    told = api().get(f"{PATH}/{make_printer().pk}").json()

    assert told["live"] is None
    assert told["state"] == "unknown"


def test_a_script_adds_a_printer_by_url(acme, api):
    answer = api().post(PATH, NEW | {"address": "https://farm.test:7130/k1/", "tags": ["petg", "attic"]})

    assert answer.status_code == 201
    assert sorted(answer.json()["tags"]) == ["attic", "petg"]
    printer = Printer.objects.get(pk=answer.json()["id"])
    assert (printer.address, printer.port, printer.prefix, printer.tls) == ("farm.test", 7130, "/k1", True)


def test_the_catalogue_fills_what_a_script_leaves_out(acme, api):
    told = api().post(PATH, NEW | {"model": "Voron_v2_250"}).json()

    assert (told["model"], told["bed_mm"], told["nozzle_mm"]) == ("Voron 2.4 250", [250, 250, 230], 0.4)


def test_a_secret_is_in_no_answer_and_not_in_the_clear_in_the_database(acme, api):
    client = api()
    added = client.post(PATH, NEW | {"secret": SECRET})
    pk = added.json()["id"]

    others = [client.get(PATH), client.get(f"{PATH}/{pk}"), client.patch(f"{PATH}/{pk}", {"notes": "x"})]

    assert all(SECRET not in answer.text and '"secret"' not in answer.text for answer in (added, *others))
    assert SECRET not in Printer.objects.get(pk=pk).secret


def test_the_same_machine_twice_is_a_conflict(acme, rival, api):
    with tenant_context(rival):
        make_printer("Theirs", machine_key="10.1.2.3:7125")

    answer = api().post(PATH, NEW)

    assert answer.status_code == 409
    assert "Theirs" not in answer.text


def test_the_same_key_adds_one_printer(acme, api):
    client, headers = api(), {"Idempotency-Key": "k1"}
    first = client.post(PATH, NEW, headers=headers)

    second = client.post(PATH, NEW, headers=headers)

    assert first.json() == second.json()
    assert Printer.objects.count() == 1


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"name": ""}, "name"), ({"protocol": "telepathy"}, "protocol"), ({"address": "http://"}, "address"),
        ({"address": "a b"}, "address"), ({"port": 70000}, "port"), ({"bed_mm": [0, 1, 1]}, "bed_mm.0"),
        ({"nozzle_mm": -1}, "nozzle_mm"), ({"colour": "red"}, "colour"), ({"name": "a\0b"}, "name"),
        ({"rate_per_hour": "-1"}, "rate_per_hour"), ({"rate_per_hour": "NaN"}, "rate_per_hour"),
        ({"tags": ["x" * 41]}, "tags"), ({"name": "x" * 81}, "name"),
    ],
    ids=lambda value: str(value)[:30],
)  # fmt: skip
def test_an_unsound_printer_is_refused_by_field(acme, api, values, field):
    answer = api().post(PATH, NEW | values)

    assert answer.status_code == 422
    assert field in [error["field"] for error in answer.json()["errors"]]


def test_a_change_leaves_the_rest_as_it_is(acme, api):
    client = api()
    pk = client.post(PATH, NEW | {"address": "http://farm.test/k1", "secret": SECRET, "tags": ["a"]}).json()[
        "id"
    ]
    before = Printer.objects.get(pk=pk)

    told = client.patch(f"{PATH}/{pk}", {"location": "Attic", "auto_queue": True}).json()

    after = Printer.objects.get(pk=pk)
    assert (told["location"], told["auto_queue"], told["tags"]) == ("Attic", True, ["a"])
    same = ("secret", "address", "prefix", "port", "name", "bed_x_mm", "enabled")
    assert [getattr(before, name) for name in same] == [getattr(after, name) for name in same]


def test_a_switch_can_be_put_off_again(acme, api):
    pk = make_printer(auto_queue=True, hardened_nozzle=True).pk

    told = api().patch(f"{PATH}/{pk}", {"auto_queue": False}).json()

    assert (told["auto_queue"], told["hardened_nozzle"]) == (False, True)


def test_a_stored_secret_does_not_follow_to_another_address(acme, api):
    pk = make_printer(secret=SECRET).pk

    answer = api().patch(f"{PATH}/{pk}", {"address": "10.66.6.6"})

    assert answer.status_code == 422
    assert answer.json()["errors"][0]["field"] == "secret"
    assert Printer.objects.get(pk=pk).address != "10.66.6.6"


def test_a_printer_with_a_hold_is_not_deleted(acme, api):
    printer = make_printer()
    dispatch = Dispatch.objects.create(
        station_id=printer.pk, org=acme, print_id=printer.pk, sha256="0" * 64, size=1, start_id="1",
        state=DispatchState.HELD,
    )  # fmt: skip
    Station.objects.filter(pk=printer.pk).update(hold=dispatch)
    client = api()

    refused = client.delete(f"{PATH}/{printer.pk}")
    Station.objects.filter(pk=printer.pk).update(hold=None)
    done = client.delete(f"{PATH}/{printer.pk}")

    assert (refused.status_code, done.status_code) == (409, 204)
    assert not Printer.objects.exists()


@pytest.fixture
def probe_says(monkeypatch):
    def set_up(answer):
        def probe(self):
            if isinstance(answer, Exception):
                raise answer
            return answer

        monkeypatch.setattr(DRIVERS["moonraker"], "probe", probe)

    return set_up


def test_a_test_tells_what_was_detected_and_saves_nothing(acme, api, probe_says):
    probe_says(Detected(model="Voron 2.4 250", firmware="0.12", nozzle_mm=0.4, bed_mm=(250, 250, 230)))

    told = api().post(f"{PATH}/test", NEW).json()

    assert told["ok"] is True
    assert told["detected"]["model"] == "Voron 2.4 250"
    assert told["detected"]["firmware"] == "0.12"
    assert not Printer.objects.exists()


def test_a_failing_test_says_in_words_what_to_mend(acme, api, probe_says):
    probe_says(DriverError(Trouble.CREDENTIALS, "Moonraker wants an API key."))

    told = api().post(f"{PATH}/test", NEW | {"secret": SECRET}).json()

    assert told == {"ok": False, "diagnosis": "Moonraker wants an API key.", "detected": None}


@pytest.mark.parametrize("path", ["pause", "resume", "cancel", "stop", "clear-errors"])
def test_an_order_answers_what_the_printer_said(acme, api, monkeypatch, path):
    monkeypatch.setattr(commands, "send", lambda printer, name, job_key="": f"{printer}: {name}")
    printer = make_printer("Voron 1")

    answer = api().post(f"{PATH}/{printer.pk}/{path}")

    assert answer.json() == {"answer": f"Voron 1: {path.replace('-', '_')}"}


def test_an_order_that_does_not_arrive_is_a_conflict_in_words(acme, api, monkeypatch):
    def send(printer, name, job_key=""):
        raise DriverError(Trouble.UNREACHABLE, "10.1.2.3 does not answer.")

    monkeypatch.setattr(commands, "send", send)

    answer = api().post(f"{PATH}/{make_printer().pk}/pause")

    assert (answer.status_code, answer.json()["detail"]) == (409, "10.1.2.3 does not answer.")


def test_the_light_is_set_and_told(acme, api, monkeypatch):
    monkeypatch.setattr(link_requests, "adjust", lambda pk, name, value: f"{name} is {value}")
    printer = make_printer(protocol="bambu", serial="01S", secret="12345678")
    live.swap(acme.pk, printer.pk, Status(MachineState.IDLE, adjusted={"light": "off"}))
    client = api()

    told = client.get(f"{PATH}/{printer.pk}").json()["live"]["adjusted"]
    answer = client.post(f"{PATH}/{printer.pk}/adjust", {"name": "light", "value": "on"})
    wrong = client.post(f"{PATH}/{printer.pk}/adjust", {"name": "light", "value": "dim"})
    other = client.post(f"{PATH}/{make_printer().pk}/adjust", {"name": "light", "value": "on"})

    assert told == {"light": "off"}
    assert answer.json() == {"answer": "light is on"}
    assert (wrong.status_code, other.status_code) == (409, 409)


def test_a_plate_is_cleared_once_for_what_was_seen(acme, api):
    printer = make_printer(plate=Plate.OCCUPIED)
    client = api()

    stale = client.post(f"{PATH}/{printer.pk}/plate-cleared", {"plate_epoch": 99})
    plain = client.post(f"{PATH}/{printer.pk}/plate-cleared")

    assert (stale.status_code, plain.status_code) == (409, 200)
    assert client.get(f"{PATH}/{printer.pk}").json()["plate"] == "clear"


def test_service_is_switched_with_a_reason(acme, api):
    client, pk = api(), make_printer().pk

    client.post(f"{PATH}/{pk}/out-of-service", {"reason": "Belt torn"})
    broken = client.get(f"{PATH}/{pk}").json()
    client.post(f"{PATH}/{pk}/enable")
    mended = client.get(f"{PATH}/{pk}").json()
    client.post(f"{PATH}/{pk}/disable")

    assert (broken["state"], broken["out_of_service_reason"]) == ("out_of_service", "Belt torn")
    assert (mended["state"], mended["out_of_service_reason"]) == ("unknown", "")
    assert client.get(f"{PATH}/{pk}").json()["enabled"] is False


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("state=printing", ["B"]), ("tag=PETG", ["A"]), ("location=attic", ["B"]), ("model=Voron 0", ["A"]),
        ("enabled=false", ["C"]), ("search=att", ["B"]), ("ordering=-name", ["C", "B", "A"]),
        ("ordering=state", ["A", "B", "C"]), ("protocol=bambu", []), ("limit=1&offset=1", ["B"]),
        ("state=printing&enabled=true", ["B"]),
    ],
)  # fmt: skip
def test_the_list_filters_and_orders(acme, api, query, names):
    client = api()
    client.post(PATH, NEW | {"name": "A", "tags": ["petg"], "model": "Voron 0", "address": "10.1.1.1"})
    live.swap(acme.pk, make_printer("B", location="Attic").pk, STATUS)
    make_printer("C", enabled=False)

    told = client.get(f"{PATH}?{query}").json()

    assert [one["name"] for one in told["items"]] == names
    assert told["count"] == (3 if query.startswith(("ordering", "limit")) else len(names))


@pytest.mark.parametrize(
    "query",
    ["colour=red", "ordering=secret", "state=dancing", "limit=0", "limit=2001", "tag=%00", "search=%00"],
)
def test_a_wrong_list_query_is_refused(acme, api, query):
    assert api().get(f"{PATH}?{query}").status_code == 422


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("get", ""), ("patch", ""), ("delete", ""), ("post", "/pause"), ("post", "/resume"),
        ("post", "/cancel"), ("post", "/stop"), ("post", "/plate-cleared"), ("post", "/clear-errors"),
        ("post", "/enable"),
        ("post", "/disable"), ("post", "/out-of-service"),
    ],
)  # fmt: skip
def test_another_organisations_printer_is_not_there(acme, rival, api, method, path):
    with tenant_context(rival):
        theirs = make_printer("Canary")
    body = {"reason": "x"} if path == "/out-of-service" else {}

    answer = getattr(api("admin"), method)(f"{PATH}/{theirs.pk}{path}", body)

    assert answer.status_code == 404
    assert "Canary" not in answer.text


@pytest.mark.parametrize("path", ["/pause", "/plate-cleared", "/enable", "/out-of-service"])
def test_a_viewer_may_look_but_not_control(acme, api, path):
    printer = make_printer()
    client, body = api("viewer"), {"reason": "x"} if path == "/out-of-service" else {}

    assert client.get(f"{PATH}/{printer.pk}").status_code == 200
    assert client.post(f"{PATH}/{printer.pk}{path}", body).status_code == 403
    assert client.post(PATH, NEW).status_code == 403


def test_a_list_costs_the_same_queries_for_one_and_for_thirty(acme, api):
    client = api()
    client.get(PATH)
    counts = []
    for more in (1, 29):
        for _ in range(more):
            live.swap(acme.pk, make_printer(plate=Plate.OCCUPIED).pk, STATUS)
        with CaptureQueriesContext(connection) as queries:
            assert client.get(PATH).json()["count"] in (1, 30)
        counts.append(len(queries))

    assert counts[0] == counts[1]
