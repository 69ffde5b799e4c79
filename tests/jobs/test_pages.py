"""The queue's pages."""

import io
import re
from datetime import timedelta
from uuid import uuid4

import pytest
from django.core.files.base import File
from django.utils import timezone
from django_tenants.utils import tenant_context

from jobs import planning, stopping
from jobs.models import Job
from models3d import library, shelving
from models3d.models import Collection, Model3D, Plate, Revision
from printers import live
from printers.models import Printer
from stations.models import Station
from tests.factories.models3d import make_model


def order_of(shop, **fields):
    return {
        "model": str(shop.revision.model_id), "revision": 1, "plate": 1, "copies": 2, "target": "any",
        "priority": 20, "auto_start": "on", **fields,
    }  # fmt: skip


def test_the_queue_says_why_each_job_waits(shop, sign_in):
    Station.objects.update(plate="occupied")
    shop.job()
    planning.match()

    page = sign_in("operator").get("/o/acme/queue/")

    assert "Its file is being sent to Voron 1: clear the plate, and it starts." in page.text


def test_jobs_that_are_over_are_not_in_the_queue_but_in_all(shop, sign_in):
    stopping.cancel(shop.job())
    client = sign_in("operator")

    assert "Bracket" not in client.get("/o/acme/queue/").text
    assert "Bracket" in client.get("/o/acme/queue/?show=all").text


def test_a_job_from_the_form_is_queued(shop, sign_in):
    answer = sign_in("viewer").post("/o/acme/queue/add/", order_of(shop))

    job = Job.objects.get()
    assert answer.url == f"/o/acme/queue/{job.pk}/"
    assert (job.copies, job.auto_start, job.state) == (2, True, "queued")


def test_starting_by_itself_is_off_until_it_is_ticked(shop, sign_in):
    page = sign_in("viewer").get(f"/o/acme/queue/add/?model={shop.revision.model_id}").text

    assert re.search(r'<input type="checkbox" name="auto_start"[^>]*>', page)
    assert not re.search(r'<input type="checkbox" name="auto_start"[^>]*checked', page)


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"copies": 0}, "greater than or equal to 1"),
        ({"target": "printer"}, "Choose one, or print on any printer that fits."),
        ({"due_at": "2020-01-01T10:00"}, "This is in the past"),
        ({"plate": 7}, "Select a valid choice"),
        ({"model": "nonsense"}, "not a valid"),
    ],
    ids=str,
)
def test_an_unsound_form_comes_back_with_the_words_by_the_field(shop, sign_in, fields, words):
    answer = sign_in("viewer").post("/o/acme/queue/add/", order_of(shop, **fields))

    assert answer.status_code == 422
    assert words in answer.text
    assert not Job.objects.exists()


def test_a_printer_that_can_never_print_it_is_refused_on_the_form(shop, sign_in):
    shop.printer.model = "Creality Ender-3 V2"
    shop.printer.save(update_fields=["model"])

    answer = sign_in("viewer").post(
        "/o/acme/queue/add/", order_of(shop, target="printer", printer=shop.printer.pk)
    )

    assert answer.status_code == 422
    assert "sliced for Voron 2.4 250" in answer.text


def test_the_form_shows_which_printers_fit_and_why_not(shop, sign_in):
    shop.printer.nozzle_mm = 0.6
    shop.printer.save(update_fields=["nozzle_mm"])

    page = sign_in("viewer").get(f"/o/acme/queue/add/?model={shop.revision.model_id}")

    assert "Sliced for a nozzle of 0.4 mm, it has 0.6" in page.text


def test_a_chosen_spool_is_asked_for(shop, sign_in):
    sign_in("viewer").post("/o/acme/queue/add/", order_of(shop, spool_0=str(shop.spool.pk)))

    assert Job.objects.get().filaments == [{"index": 0, "spool_id": str(shop.spool.pk)}]


def test_an_unclear_start_is_asked_about_on_the_jobs_page(shop, sign_in):
    job = shop.job()
    dispatch = shop.held()
    dispatch.__class__.objects.filter(pk=dispatch.pk).update(state="unclear")

    page = sign_in("operator").get(f"/o/acme/queue/{job.pk}/")

    assert "start not confirmed" in page.text
    assert "It does not print" in page.text


def test_a_start_that_needs_a_reason_asks_for_it(shop, sign_in):
    shop.spool.used_g = 999
    shop.spool.save(update_fields=["used_g"])
    job, client = shop.job(), sign_in("operator")
    path = f"/o/acme/queue/{job.pk}/start/"

    asked = client.post(path, {"printer": shop.printer.pk})
    started = client.post(path, {"printer": shop.printer.pk, "override_reason": "I swap the spool"})

    assert asked.status_code == 409
    assert "has 1 g left" in asked.text
    assert started.status_code == 302


def test_cancelling_asks_nothing_of_a_viewer_but_that_it_is_theirs(shop, sign_in):
    job = shop.job()

    assert sign_in("viewer", "rival").post(f"/o/acme/queue/{job.pk}/cancel/").status_code == 404
    sign_in("viewer").post(f"/o/acme/queue/{job.pk}/cancel/")
    assert Job.objects.get().state == "cancelled"


def test_a_viewer_can_not_move_or_start(shop, sign_in):
    job, client = shop.job(), sign_in("viewer")

    assert client.post(f"/o/acme/queue/{job.pk}/move/", {"to": "top"}).status_code == 403
    assert client.post(f"/o/acme/queue/{job.pk}/start/", {"printer": shop.printer.pk}).status_code == 403


def test_editing_keeps_what_was_not_changed(shop, sign_in):
    job = shop.job(notes="keep me", due_at=timezone.now() + timedelta(days=2))
    client = sign_in("operator")

    client.post(
        f"/o/acme/queue/{job.pk}/edit/",
        {"priority": 40, "notes": "keep me", "auto_start": "on",
         "due_at": timezone.localtime(job.due_at, shop.station.owner.zone).strftime("%Y-%m-%dT%H:%M")},
    )  # fmt: skip

    job.refresh_from_db()
    assert (job.priority, job.notes) == (40, "keep me")


def test_nothing_new_is_no_content(shop, sign_in):
    shop.job()
    version = live.version_of(shop.org_id)

    assert sign_in("operator").get(f"/o/acme/queue/live/?version={version}").status_code == 204


def test_a_changed_job_is_drawn_again(shop, sign_in, django_capture_on_commit_callbacks):
    version = live.version_of(shop.org_id)
    with django_capture_on_commit_callbacks(execute=True):
        shop.job()

    answer = sign_in("operator").get(f"/o/acme/queue/live/?version={version}")

    assert answer.status_code == 200
    assert 'id="jobs"' in answer.text
    assert int(answer["X-Live-Version"]) > version


def test_the_queue_asks_as_often_for_thirty_as_for_one(shop, sign_in, django_assert_max_num_queries):
    client = sign_in("operator")
    for _job in range(30):
        shop.job()
    client.get("/o/acme/queue/")

    with django_assert_max_num_queries(12):
        assert client.get("/o/acme/queue/").text.count('id="job-') == 30


def test_printing_again_makes_a_job_of_the_same_revision(shop, sign_in):
    job = shop.job()
    stopping.cancel(job)

    sign_in("viewer").post(f"/o/acme/queue/{job.pk}/again/")

    assert Job.objects.latest("number").revision_id == job.revision_id


def test_only_what_is_over_is_deleted(shop, sign_in):
    job, client = shop.job(), sign_in("operator")
    client.post(f"/o/acme/queue/{job.pk}/delete/")
    assert Job.objects.filter(pk=job.pk).exists()

    stopping.cancel(job)
    client.post(f"/o/acme/queue/{job.pk}/delete/")

    assert not Job.objects.filter(pk=job.pk).exists()


def test_another_organisations_job_does_not_exist(shop, sign_in, rival):
    job = shop.job()
    client = sign_in("admin", "rival")

    with tenant_context(rival):
        for page in ("", "edit/", "live/"):
            assert client.get(f"/o/rival/queue/{job.pk}/{page}").status_code == 404


def test_the_form_offers_every_revision_and_begins_with_the_current_one(shop, sign_in):
    model = shop.revision.model
    Revision.objects.filter(pk=shop.revision.pk).update(notes="first try")
    library.add_revision(model, File(io.BytesIO(b"G1 X9\n"), "part.gcode"), by=shop.by)
    back = library.revert(model, 1, by=shop.by)

    page = sign_in("viewer").get(f"/o/acme/queue/add/?model={model.pk}").text

    assert f'<option value="{back.number}" selected>revision 3 (current): first try</option>' in page
    assert "revision 1: first try" in page


def test_the_form_follows_the_chosen_revision_and_plate(shop, sign_in):
    model = shop.revision.model
    plate = shop.revision.plates.get()
    plate.pk, plate.number, plate.print_s = Plate._meta.pk.get_default(), 2, 7260
    plate.save(force_insert=True)
    library.add_revision(model, File(io.BytesIO(b"G1 X9\n"), "part.gcode"), by=shop.by)

    part = sign_in("viewer").get(f"/o/acme/queue/add/file/?model={model.pk}&revision=1&plate=2").text

    assert "2\N{NO-BREAK SPACE}h\N{NO-BREAK SPACE}01\N{NO-BREAK SPACE}min" in part
    assert '<option value="2" selected>' in part
    assert "not the current revision" in part
    assert 'id="job-fits"' in part


def test_printing_again_what_no_longer_fits_says_why(shop, sign_in):
    job = shop.job(target=Job.Target.PRINTER, printer=shop.printer)
    Printer.objects.update(bed_x_mm=50)

    page = sign_in("viewer").post(f"/o/acme/queue/{job.pk}/again/", follow=True)

    assert "can&#x27;t print this" in page.text
    assert Job.objects.count() == 1


def options(text):
    """The models that the form offers, as it names them."""
    (offered,) = re.findall(r'<select name="model".*?</select>', text, re.DOTALL)
    return [name.strip() for name in re.findall(r">([^<]+)</option>", offered)][1:]


def test_only_what_can_be_printed_is_offered(shop, sign_in):
    for name, facts in {
        "Broken": {"status": "unreadable"},
        "Mesh": {"kind": "stl"},
        "Project": {"kind": "3mf"},
        "Plate": {"kind": "gcode.3mf"},
        "Reading": {"status": "reading", "kind": ""},
    }.items():
        Revision.objects.filter(pk=make_model(name).current_id).update(**facts)
    mesh = Model3D.objects.get(name="Mesh")
    client = sign_in("viewer")

    assert options(client.get("/o/acme/queue/add/").text) == ["Bracket", "Plate", "Reading"]
    asked = client.get(f"/o/acme/queue/add/?model={mesh.pk}").text
    assert options(asked) == ["Bracket", "Mesh", "Plate", "Reading"]


def test_models_of_one_name_are_told_apart_by_their_collection_and_day(shop, sign_in):
    plain, sorted_one, _other = make_model("Clip"), make_model("Clip"), make_model("Hook")
    Model3D.objects.filter(pk=plain.pk).update(created_at="2026-01-05T12:00Z")
    toys = Collection.objects.create(name="Toys")
    Model3D.objects.filter(pk=sorted_one.pk).update(created_at="2026-02-03T12:00Z", collection=toys)

    names = options(sign_in("viewer").get("/o/acme/queue/add/").text)

    assert [re.sub(r", \d\d:00", "", name) for name in names] == [
        "Bracket", "Clip (added 5 Jan 2026)", "Clip (Toys, added 3 Feb 2026)", "Hook"
    ]  # fmt: skip


@pytest.mark.parametrize("asked", ["trashed", "gone"])
def test_a_model_that_is_gone_meanwhile_is_said_to_be_gone(shop, sign_in, asked):
    model = make_model("Clip")
    shelving.delete(model)
    pk = model.pk if asked == "trashed" else uuid4()
    client = sign_in("viewer")

    shown = client.get(f"/o/acme/queue/add/?model={pk}")
    sent = client.post("/o/acme/queue/add/", order_of(shop, model=pk))

    words = "That model is in the trash, or gone. Choose another one."
    assert words in shown.text
    assert (sent.status_code, sent.text.count(words)) == (422, 1)
    assert words not in client.get("/o/acme/queue/add/").text


def test_a_model_in_the_archive_is_offered_only_from_its_own_page(shop, sign_in):
    model = shop.revision.model
    shelving.archive(model)
    client = sign_in("viewer")

    assert str(model.pk) not in client.get("/o/acme/queue/add/").text
    assert str(model.pk) in client.get(f"/o/acme/queue/add/?model={model.pk}").text
