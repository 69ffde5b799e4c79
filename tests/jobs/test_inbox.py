"""What a slicer sends becomes a model or a revision, and a job: each once, with its sender's rights."""

import io
import threading
import zipfile
from datetime import timedelta

import pytest
from django.db import connections
from django.utils import timezone
from django_tenants.utils import tenant_context

from audit.models import Entry
from jobs.aiming import Aim
from jobs.inbox import Parcel, receive
from jobs.models import Job, QuotaShare
from models3d import library, shelving
from models3d.models import Model3D, Revision, StoredFile
from orgs.models import Due, Membership, Org
from orgs.roles import Role
from tests.factories.models3d import DATA, make_model, read_all, upload
from tests.factories.printers import make_printer

from .conftest import INBOX


@pytest.fixture(autouse=True)
def _own_files(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


def error(answer) -> str:
    return answer.json()["error"]


def test_file_becomes_a_model_of_the_person_and_no_job(slicer, person):
    answer = slicer("viewer").send("Halterung_0.2mm_PLA_MK3S_1h23m.gcode")

    assert answer.status_code == 201, answer.text
    told, model = answer.json(), Model3D.objects.get()
    assert (model.name, model.by) == ("Halterung_0.2mm_PLA_MK3S", person("viewer"))
    assert model.current.original_name == "Halterung_0.2mm_PLA_MK3S_1h23m.gcode"
    local = told["files"]["local"]
    assert (local["name"], local["origin"]) == ("Halterung_0.2mm_PLA_MK3S_1h23m.gcode", "local")
    assert local["refs"]["resource"] == f"http://testserver/o/acme/models/{model.pk}/"
    assert (told["done"], told["effectivePrint"], told["effectiveSelect"]) == (True, False, False)
    assert (told["model_id"], told["revision"], told["job_id"]) == (str(model.pk), 1, None)
    assert not Job.objects.exists()
    assert Entry.objects.get(action="model.add").via == "token test"


def test_cura_finds_the_file_name_in_location(slicer):
    answer = slicer().send("Ünit 5%.gcode")

    assert answer["Location"] == f"http://testserver{INBOX}/any/api/files/local/%C3%9Cnit%205%25.gcode"


def test_print_queues_a_job_that_starts_by_itself_in_the_name_of_the_person(slicer, person):
    printer = make_printer("K1 03")

    answer = slicer("viewer").send(target="k1-03", print="true")

    job = Job.objects.get()
    assert (answer.status_code, answer.json()["job_id"]) == (201, str(job.pk))
    assert answer.json()["effectivePrint"] is True
    assert (job.by, job.target, job.target_printer) == (person("viewer"), "printer", printer)
    assert job.auto_start
    assert job.revision.status == Revision.Status.READING


def plates(*numbers: int) -> bytes:
    """A sliced 3MF with these plates, as far as a glance sees."""
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        for number in numbers:
            archive.writestr(f"Metadata/plate_{number}.gcode", "G1 X1\n")
    return content.getvalue()


@pytest.mark.parametrize(
    ("inside", "asked", "printed"), [((1, 2, 3), "3", 3), ((2,), "", 2), ((4, 2), "", 2), ((1,), "0", 1)]
)
def test_plate_that_orca_names_is_printed_else_the_first(slicer, inside, asked, printed):
    answer = slicer().send("a.gcode.3mf", plates(*inside), print="true", plateindex=asked)

    assert answer.status_code == 201, answer.text
    assert Job.objects.get().plate == printed


def test_plate_that_is_not_in_the_file_is_refused(slicer):
    answer = slicer().send("a.gcode.3mf", plates(1, 2), print="true", plateindex="3")

    assert answer.status_code == 422
    assert error(answer) == "Kept as a, revision 1, but not queued: There is no plate 3 in this file."


@pytest.mark.parametrize(
    "names",
    [
        ("cube_1h23m.gcode", "cube_58m.gcode", "Cube_2d1h.bgcode", "CUBE.gcode.3mf", "cube_1d2h3m.gcode"),
        ("ÄRMEL 1.gcode", "ärmel 1_12m34s.gcode"),
    ],
)
def test_same_name_is_the_next_revision_whatever_its_time(slicer, names):
    client = slicer()

    answers = [client.send(name, f"; {name}\nG1 X1\n".encode()).json() for name in names]

    assert [answer["revision"] for answer in answers] == list(range(1, len(names) + 1))
    assert Model3D.objects.count() == 1


@pytest.mark.parametrize(
    "name", ["cube 2.gcode", "cube_m.gcode", "cube_12.gcode", "cubes.gcode", "cub.gcode"]
)
def test_another_name_is_another_model(slicer, name):
    client = slicer()
    client.send("cube.gcode")

    answer = client.send(name, b"; other\n")

    assert answer.json()["revision"] == 1
    assert Model3D.objects.count() == 2


def test_model_uploaded_on_the_page_with_its_time_in_the_name_is_found(slicer, person):
    model = library.add_model(upload("cube_3m.gcode", b"; old\n"), by=person("admin"))

    assert slicer().send("cube_5m.gcode").json()["model_id"] == str(model.pk)


def test_same_bytes_make_no_revision(slicer):
    client = slicer()
    first = client.send("cube_3m.gcode").json()

    again = client.send("cube_4m.gcode")

    assert again.status_code == 201
    assert (again.json()["model_id"], again.json()["revision"]) == (first["model_id"], 1)
    assert Revision.objects.count() == 1


def test_who_may_not_change_a_model_gets_one_of_their_own_and_that_again(slicer, person):
    theirs = make_model("cube", by=person("admin"))

    first = slicer("viewer").send(content=b"; one\n").json()
    second = slicer("viewer").send(content=b"; two\n").json()

    assert first["model_id"] != str(theirs.pk)
    assert (second["model_id"], second["revision"]) == (first["model_id"], 2)
    assert theirs.revisions.count() == 1


def test_operator_revises_the_newest_model_of_that_name(slicer, person):
    make_model("cube", by=person("operator"))
    newest = make_model("Cube", by=person("viewer"))

    answer = slicer("operator").send().json()

    assert (answer["model_id"], answer["revision"]) == (str(newest.pk), 2)


@pytest.mark.parametrize("act", [shelving.delete, shelving.archive])
def test_model_out_of_the_library_is_not_revised(slicer, act):
    old = make_model("cube")
    act(old)

    assert slicer().send().json()["model_id"] != str(old.pk)


def test_same_file_twice_within_seconds_is_one_job(slicer):
    client = slicer()

    first, second = (client.send(print="true").json() for _ in range(2))

    assert first["job_id"] == second["job_id"]
    assert Job.objects.count() == 1


@pytest.mark.parametrize("other", ["later", "person", "bytes", "target", "cancelled"])
def test_what_differs_is_another_job(slicer, other):
    make_printer("K1 03")
    slicer().send(print="true")
    if other == "later":
        Job.objects.update(created_at=timezone.now() - timedelta(seconds=11))
    elif other == "cancelled":
        Job.objects.update(state="cancelled")

    slicer("admin" if other == "person" else "operator").send(
        content=b"; other\nG1 X1\n" if other == "bytes" else None,
        target="k1-03" if other == "target" else "any",
        print="true",
    )

    assert Job.objects.count() == 2


@pytest.fixture
def committing(django_db_setup, django_db_blocker):
    """`acme` with commits, for threads that must see each other's rows; all is taken back afterwards."""
    with django_db_blocker.unblock():
        org = Org.objects.get(slug="acme")
        with tenant_context(org):
            yield org
            QuotaShare.objects.all().delete()
            Job.objects.all().delete()
            Model3D.objects.all().delete()
            StoredFile.objects.all().delete()
            Entry.objects.all().delete()
        Due.objects.filter(org=org).delete()


def test_same_file_at_the_same_moment_is_one_model_one_revision_and_one_job(committing):
    """Threads with connections of their own, as the web server's have."""
    member = Membership.objects.select_related("user").get(org=committing, role=Role.VIEWER)
    at_once, made = threading.Barrier(4), []

    def send() -> None:
        with tenant_context(committing):
            at_once.wait(20)
            made.append(receive(Parcel(upload(), Aim(), wants_print=True), member))
        connections.close_all()

    threads = [threading.Thread(target=send) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)

    assert len({(one.revision.pk, one.job.pk) for one in made}) == 1
    assert len(made) == 4
    assert (Model3D.objects.count(), Revision.objects.count(), Job.objects.count()) == (1, 1, 1)


@pytest.mark.parametrize("read_before", [True, False])
@pytest.mark.parametrize("file", ["cube20.stl", "cube20_model.3mf"])
def test_file_that_was_never_sliced_is_kept_and_its_print_refused(slicer, file, read_before):
    content, client = (DATA / file).read_bytes(), slicer()
    if read_before:
        client.send(file, content)
        read_all()

    answer = client.send(file, content, print="true")

    assert answer.status_code == 422
    assert error(answer).endswith("but not queued: This is not a sliced file: slice it first.")
    assert (answer.json()["model_id"], answer.json()["revision"]) == (str(Model3D.objects.get().pk), 1)
    assert not Job.objects.exists()


def test_rubbish_is_kept_and_its_print_refused_with_what_it_is(slicer):
    answer = slicer().send("a.gcode", b"\x89PNG\r\n\x1a\n picture", print="true")

    assert answer.status_code == 422
    assert "This is a PNG picture" in error(answer)
    assert Model3D.objects.count() == 1


def test_job_of_bytes_that_were_here_before_knows_its_time_at_once(slicer, person):
    library.add_model(upload("elsewhere.gcode"), by=person("admin"))
    read_all()

    slicer().send("cube.gcode", b"; old\n")
    slicer().send("cube.gcode", print="true")

    assert Job.objects.get().estimate_s


def test_file_that_does_not_fit_the_printer_is_kept_and_the_slicer_told_why(slicer):
    make_printer("Small", bed_x_mm=10, bed_y_mm=10, bed_z_mm=10)
    client = slicer()
    client.send()
    read_all()

    answer = client.send(target="small", print="true")

    assert answer.status_code == 422
    assert error(answer).startswith("Kept as cube, revision 1, but not queued: Small can't print this")
    assert Model3D.objects.count() == 1


def test_cura_is_told_in_bare_words_because_it_shows_no_others(slicer):
    client = slicer(**{"User-Agent": "Ultimaker-Cura/5.8.0 OctoPrintPlugin/3.7.3"})

    answer = client.send(target="nowhere")

    assert (answer.status_code, answer["Content-Type"]) == (404, "text/plain")
    assert answer.text.startswith("Nothing here is called nowhere. There is: any")


@pytest.mark.parametrize(
    ("folder", "name"),
    [("Jigs", "Jigs"), ("parts/Jigs/", "Jigs"), ("", None), ("..", None), ("/", None)],
)
def test_a_folder_of_the_slicer_is_the_collection_of_a_new_model(slicer, folder, name):
    slicer("viewer").send(path=folder)

    collection = Model3D.objects.get().collection
    assert (collection.name if collection else None) == name


@pytest.mark.parametrize("asked", ["-1", "1.5", "9" * 30, "x"])
def test_a_plate_that_is_none_is_never_taken_for_the_first(slicer, asked):
    answer = slicer().send("a.gcode", print="true", plateindex=asked)

    assert answer.status_code == 422
    assert "There is no plate" in error(answer)
    assert not Job.objects.exists()
