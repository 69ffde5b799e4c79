"""The library's pages."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext

from models3d.models import Model3D, Revision
from tests.factories.models3d import make_model, read_all, upload

MODELS = "/o/acme/models/"


@pytest.fixture(autouse=True)
def _own_files(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


def test_an_empty_library_leads_to_the_upload(acme, sign_in):
    page = sign_in("viewer").get(MODELS)

    assert page.status_code == 200
    assert f"{MODELS}upload/" in page.text


@pytest.mark.parametrize("view", ["", "?view=table"])
def test_the_list_shows_time_mass_and_tags(acme, sign_in, view):
    model = make_model("Bracket")
    model.tags.create(name="petg")

    text = sign_in("viewer").get(MODELS + view).text

    for word in ("Bracket", "20\N{NO-BREAK SPACE}min", "3.5\N{NO-BREAK SPACE}g", "petg", "MK3S"):
        assert word in text or (view == "" and word == "MK3S"), word


def test_the_list_is_searched_filtered_and_sorted(acme, sign_in):
    make_model("Alpha").tags.create(name="petg")
    make_model("Beta")
    client = sign_in("viewer")

    assert "Beta" not in client.get(MODELS + "?q=alph").text
    assert "Beta" not in client.get(MODELS + "?tag=petg").text
    down = client.get(MODELS + "?sort=-name").text
    assert down.index(">Beta<") < down.index(">Alpha<")


@pytest.mark.parametrize("view", ["", "?view=table"])
def test_list_queries_do_not_grow_with_the_rows(acme, sign_in, view):
    client = sign_in("viewer")

    def queries():
        with CaptureQueriesContext(connection) as seen:
            assert client.get(MODELS + view).status_code == 200
        return len(seen)

    make_model("first").tags.create(name="one")
    client.get(MODELS + view)
    at_one = queries()
    for number in range(29):
        make_model(f"more {number}").tags.create(name=f"tag {number}")

    assert queries() == at_one


def test_several_files_go_up_without_scripts(acme, sign_in):
    client = sign_in("viewer")

    answer = client.post(
        MODELS + "upload/",
        {"file": [upload("a.gcode", b"G1 X1\n"), upload("b.gcode", b"G1 X2\n")], "tags": "x, y"},
    )

    assert answer.status_code == 302
    assert set(Model3D.objects.values_list("name", flat=True)) == {"a", "b"}
    assert {tag.name for tag in Model3D.objects.first().tags.all()} == {"x", "y"}


def test_one_bad_file_does_not_take_the_others_with_it(acme, sign_in):
    answer = sign_in("viewer").post(
        MODELS + "upload/", {"file": [upload("a.gcode"), upload("empty.gcode", b"")]}
    )

    assert answer.status_code == 422
    assert "empty.gcode" in answer.text
    assert Model3D.objects.get().name == "a"


def test_a_file_sent_by_the_page_answers_its_line(acme, sign_in, rival):
    client = sign_in("viewer")
    make_model("Original", digest=upload_digest())

    answer = client.post(MODELS + "upload/", {"file": upload("again.gcode")}, headers={"HX-Request": "true"})

    assert answer.status_code == 200
    model = Model3D.objects.get(name="again")
    assert answer["HX-Redirect"] == f"{MODELS}{model.pk}/"
    assert "Original" in answer.text
    assert "<html" not in answer.text


def upload_digest():
    import hashlib  # noqa: PLC0415

    from tests.factories.models3d import CUBE  # noqa: PLC0415

    return hashlib.sha256(CUBE.read_bytes()).hexdigest()


def test_an_empty_file_is_told_in_its_line(acme, sign_in):
    answer = sign_in("viewer").post(
        MODELS + "upload/", {"file": upload("x.gcode", b"")}, headers={"HX-Request": "true"}
    )

    assert answer.status_code == 422
    assert "empty" in answer.text
    assert not Revision.objects.exists()


def test_the_page_follows_until_the_file_is_read(acme, sign_in):
    client = sign_in("viewer")
    client.post(MODELS + "upload/", {"file": upload()})
    model = Model3D.objects.get()
    page = client.get(f"{MODELS}{model.pk}/")
    assert 'data-live="' in page.text
    current = f"{MODELS}{model.pk}/current/?version=1.reading"
    assert client.get(current).status_code == 204

    read_all()

    answer = client.get(current)
    assert answer["X-Live-Version"] == "1.ready"
    assert "PrusaSlicer" in answer.text
    assert client.get(f"{MODELS}{model.pk}/current/?version=1.ready").status_code == 204
    assert 'data-live="' not in client.get(f"{MODELS}{model.pk}/").text


def test_the_list_follows_what_is_being_read(acme, sign_in):
    client = sign_in("viewer")
    client.post(MODELS + "upload/", {"file": upload()})
    model = Model3D.objects.get()
    assert f"{MODELS}live/?view=&amp;id={model.pk}" in client.get(MODELS).text
    assert client.get(f"{MODELS}live/?id={model.pk}&version=").status_code == 204

    read_all()

    answer = client.get(f"{MODELS}live/?id={model.pk}&id=x&version=")
    assert answer["X-Live-Version"] == "1"
    assert f'id="model-{model.pk}"' in answer.text


def test_a_file_that_cannot_be_read_says_why(acme, sign_in):
    client = sign_in("viewer")
    client.post(MODELS + "upload/", {"file": upload("x.gcode", b"\x89PNG no print at all")})
    read_all()

    revision = Revision.objects.get()
    page = client.get(f"{MODELS}{revision.model_id}/")

    assert revision.status == "unreadable"
    assert revision.problem
    assert revision.problem in page.context["revision"].problem
    assert "can&#x27;t be printed" in page.text or "can't be printed" in page.text


def test_names_are_shown_as_text(acme, sign_in):
    model = make_model("<script>alert(1)</script>")
    client = sign_in("viewer")

    for page in (MODELS, f"{MODELS}?view=table", f"{MODELS}{model.pk}/"):
        assert "<script>alert" not in client.get(page).text


def test_a_revision_is_added_and_an_old_one_made_current(acme, sign_in, person):
    client = sign_in("viewer")
    client.post(MODELS + "upload/", {"file": upload("a.gcode", b"G1 X1\n")})
    model = Model3D.objects.get()
    path = f"{MODELS}{model.pk}/"

    assert (
        client.post(f"{path}revise/", {"file": upload("b.gcode", b"G1 X2\n"), "notes": "v2"}).status_code
        == 302
    )
    assert client.post(f"{path}revisions/1/revert/").status_code == 302

    model.refresh_from_db()
    assert model.current.number == 3
    assert model.current.stored == model.revisions.get(number=1).stored
    assert "v2" in client.get(path).text


def test_a_model_is_renamed_tagged_and_deleted(acme, sign_in):
    model = make_model("Old")
    client = sign_in("operator")
    path = f"{MODELS}{model.pk}/"

    assert client.post(f"{path}edit/", {"name": "", "tags": ""}).status_code == 422
    assert client.post(f"{path}edit/", {"name": "New", "tags": "a, A, b", "notes": "n"}).status_code == 302
    model.refresh_from_db()
    assert (model.name, [tag.name for tag in model.tags.all()]) == ("New", ["a", "b"])

    assert client.post(f"{path}delete/").status_code == 302
    assert "In the trash" in client.get(path).text
    assert sign_in("viewer").get(path).status_code == 404


def test_a_model_of_an_open_job_stays(acme, sign_in):
    model = make_model()
    model.current.jobs.create(name="one")

    sign_in("operator").post(f"{MODELS}{model.pk}/delete/")

    assert Model3D.objects.get(pk=model.pk).deleted_at is None


@pytest.mark.parametrize("verb", ["edit", "revise", "delete", "revisions/1/revert"])
def test_a_viewer_changes_only_own_models(acme, sign_in, person, verb):
    model = make_model(by=person("operator"))

    assert sign_in("viewer").post(f"{MODELS}{model.pk}/{verb}/", {"name": "x"}).status_code == 403


@pytest.mark.parametrize(
    "place",
    ["", "current/", "edit/", "revise/", "revisions/1/file/", "revisions/1/thumbnail/"],
)
def test_another_organisations_model_is_not_there(acme, sign_in, place):
    model = make_model()

    assert sign_in("admin", "rival").get(f"/o/rival/models/{model.pk}/{place}").status_code == 404


def test_the_picture_is_private_and_asked_for_once(acme, sign_in, tmp_path):
    from models3d.storing import store_thumbnail  # noqa: PLC0415

    model = make_model()
    store_thumbnail(model.current.stored, SimpleUploadedFile("x", b"\x89PNG\r\n\x1a\nrest"))
    client = sign_in("viewer")
    url = f"{MODELS}{model.pk}/revisions/1/thumbnail/"

    first = client.get(url)

    assert first["Content-Type"] == "image/png"
    assert "private" in first["Cache-Control"]
    assert client.get(url, headers={"If-None-Match": first["ETag"]}).status_code == 304
