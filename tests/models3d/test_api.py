"""Models in the API."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext

from models3d import library, shelving
from models3d.models import Model3D, Revision
from models3d.schemas import ModelListOut, ModelOut
from tests.factories.models3d import make_model, read_all, upload
from tests.factories.printers import make_printer


def send(client, path="/api/models", **fields):
    """Post a multipart form as scripts do."""
    return super(type(client), client).post(path, fields)


@pytest.fixture(autouse=True)
def _own_files(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


def test_an_upload_answers_at_once_and_is_read_afterwards(acme, api):
    client = api("viewer")

    added = send(client, file=upload("Würfel 20.gcode"), tags=["PLA, test", "Calibration"], notes="first")

    assert added.status_code == 201, added.content
    told = added.json()
    assert told["name"] == "Würfel 20"
    assert told["tags"] == ["Calibration", "PLA", "test"]
    assert told["duplicate_of"] is None
    assert told["current_revision"]["status"] == "reading"
    assert told["current_revision"]["metadata"] is None
    assert told["current_revision"]["notes"] == "first"

    read_all()
    revision = client.get(f"/api/models/{told['id']}").json()["current_revision"]
    assert revision["status"] == "ready"
    facts = revision["metadata"]
    assert facts["kind"] == "gcode"
    assert facts["slicer"] == "PrusaSlicer"
    assert facts["nozzle_mm"] == 0.4
    assert facts["bed_mm"] == [250, 210, 210]
    assert facts["print_s"] > 60
    assert facts["filaments"][0]["material"] == "PLA"
    assert facts["box_mm"]["max"][2] == pytest.approx(20, abs=0.3)
    assert facts["plates"][0]["layers"] == facts["layers"]


def test_answers_are_as_the_documentation_says(acme, api):
    client = api()
    make_model("One")
    make_model("Two", digest="1")

    listed = client.get("/api/models?search=o&ordering=name&limit=10").json()

    assert listed["count"] == 2
    ModelListOut.model_validate(listed)
    assert [item["name"] for item in listed["items"]] == ["One", "Two"]
    one, two = (item["id"] for item in listed["items"])
    assert [item["duplicate_of"] for item in listed["items"]] == [two, one]
    ModelOut.model_validate(client.get(f"/api/models/{one}").json())


@pytest.mark.parametrize("query", ["tag=nylon", "status=reading", "search=nothing"])
def test_filters_leave_out_what_does_not_match(acme, api, query):
    make_model()

    assert api().get(f"/api/models?{query}").json() == {"items": [], "count": 0}


@pytest.mark.parametrize("query", ["colour=red", "ordering=sha256", "status=done", "limit=0"])
def test_unknown_parameters_are_refused(acme, api, query):
    assert api().get(f"/api/models?{query}").status_code == 422


@pytest.mark.parametrize("path", ["/api/models?search=%00", "/api/models?tag=%00"])
def test_a_nul_in_a_parameter_is_no_breakdown(acme, api, path):
    assert api().get(path).status_code in (200, 422)


def test_queries_do_not_grow_with_the_rows(acme, api):
    client = api()

    def queries():
        with CaptureQueriesContext(
            connection,
        ) as seen:
            assert client.get("/api/models?limit=100").status_code == 200
        return len(seen)

    make_model("first")
    client.get("/api/models")
    at_one = queries()
    for number in range(29):
        make_model(f"more {number}", digest="a" if number % 2 else "")

    assert queries() == at_one


def test_the_same_bytes_are_told_as_a_duplicate_in_this_organisation_only(acme, api):
    first = send(api(), file=upload("a.gcode")).json()
    again = send(api("viewer"), file=upload("b.gcode")).json()
    elsewhere = send(api("operator", "rival"), file=upload("a.gcode")).json()

    assert again["duplicate_of"] == first["id"]
    assert again["current_revision"]["sha256"] == first["current_revision"]["sha256"]
    assert elsewhere["duplicate_of"] is None


def test_a_file_that_was_read_before_is_ready_at_once(acme, api):
    send(api(), file=upload("a.gcode"))
    read_all()

    again = send(api(), file=upload("b.gcode")).json()

    assert again["current_revision"]["status"] == "ready"
    assert again["current_revision"]["metadata"]["plates"]


def test_revisions_are_numbered_and_an_old_one_can_be_current_again(acme, api):
    client = api()
    model = send(client, file=upload("a.gcode", b"G1 X1\n")).json()
    path = f"/api/models/{model['id']}/revisions"

    second = send(client, path, file=upload("b.gcode", b"G1 X2\n"), notes="stronger")
    reverted = client.post(f"{path}/1/revert")

    assert second.status_code == 201
    assert second.json()["current_revision"]["number"] == 2
    assert reverted.status_code == 200
    assert reverted.json()["current_revision"]["number"] == 3
    assert reverted.json()["current_revision"]["sha256"] == model["current_revision"]["sha256"]
    assert [item["number"] for item in client.get(path).json()["items"]] == [3, 2, 1]
    assert b"".join(client.get(f"{path}/2/file")) == b"G1 X2\n"
    assert client.post(f"{path}/9/revert").status_code == 404


def test_a_download_has_its_own_name_and_is_for_one_person(acme, api):
    client = api()
    model = send(client, file=upload("Größe 🦊.gcode", b"G1 X1\n")).json()

    answer = client.get(f"/api/models/{model['id']}/revisions/1/file")

    assert answer["Content-Disposition"].startswith("attachment; filename*=utf-8''Gr%C3%B6")
    assert answer["Content-Type"] == "application/octet-stream"
    assert "private" in answer["Cache-Control"]
    again = client.get(
        f"/api/models/{model['id']}/revisions/1/file", headers={"If-None-Match": answer["ETag"]}
    )
    assert again.status_code == 304


def test_a_file_that_the_storage_lost_is_said_to_be_missing(acme, api):
    model = make_model()

    answer = api().get(f"/api/models/{model.pk}/revisions/1/file")

    assert (answer.status_code, answer["Content-Type"]) == (404, "application/problem+json")
    assert answer.json()["detail"] == "The stored file is missing from the server."


def test_edits_change_only_what_is_given(acme, api):
    client = api()
    model = make_model("Old")

    client.patch(f"/api/models/{model.pk}", {"tags": ["petg"]})
    told = client.patch(f"/api/models/{model.pk}", {"name": "New", "notes": "two\nlines"}).json()

    assert (told["name"], told["tags"], told["current_revision"]["notes"]) == ("New", ["petg"], "two\nlines")


@pytest.mark.parametrize(
    "change",
    [
        {"name": ""},
        {"name": "\u202e"},
        {"name": "x" * 161},
        {"tags": ["x" * 41]},
        {"colour": "red"},
        {"name": 5},
    ],
    ids=["empty", "invisible", "long", "long tag", "unknown", "number"],
)
def test_unsound_edits_are_refused(acme, api, change):
    model = make_model()

    assert api().patch(f"/api/models/{model.pk}", change).status_code == 422


def test_a_viewer_changes_only_what_they_uploaded(acme, api, person):
    mine, others = make_model(by=person("viewer")), make_model(by=person("operator"))
    client = api("viewer")

    assert client.patch(f"/api/models/{mine.pk}", {"name": "Mine"}).status_code == 200
    assert client.delete(f"/api/models/{mine.pk}").status_code == 204
    assert client.patch(f"/api/models/{others.pk}", {"name": "Mine"}).status_code == 403
    assert client.delete(f"/api/models/{others.pk}").status_code == 403
    assert send(client, f"/api/models/{others.pk}/revisions", file=upload()).status_code == 403
    assert client.post(f"/api/models/{others.pk}/revisions/1/revert").status_code == 403


def test_a_deleted_model_is_gone_from_the_api(acme, api):
    model = make_model()

    assert api().delete(f"/api/models/{model.pk}").status_code == 204

    assert api().get(f"/api/models/{model.pk}").status_code == 404
    assert api().get("/api/models").json()["count"] == 0
    assert Model3D.objects.filter(pk=model.pk).exists()


def test_a_model_of_an_open_job_is_not_deleted(acme, api):
    model = make_model()
    model.current.jobs.create(name="one")

    assert api().delete(f"/api/models/{model.pk}").status_code == 409


def test_another_organisations_model_is_not_there(acme, api):
    model = make_model()
    stranger = api("admin", "rival")
    base = f"/api/models/{model.pk}"

    answers = [
        stranger.get(base),
        stranger.patch(base, {"name": "x"}),
        stranger.delete(base),
        stranger.get(f"{base}/fits"),
        stranger.get(f"{base}/revisions"),
        send(stranger, f"{base}/revisions", file=upload()),
        stranger.get(f"{base}/revisions/1/file"),
        stranger.get(f"{base}/revisions/1/thumbnail"),
        stranger.post(f"{base}/revisions/1/revert"),
    ]

    assert {answer.status_code for answer in answers} == {404}


def test_fits_are_told_for_each_printer(acme, api):
    model = make_model()

    answer = api("viewer").get(f"/api/models/{model.pk}/fits")

    assert answer.status_code == 200
    assert answer.json() == []
    assert api().get(f"/api/models/{model.pk}/fits?plate=2").status_code == 422


def test_the_same_key_stores_once(acme, api):
    client = api()
    headers = {"HTTP_IDEMPOTENCY_KEY": "one"}

    first, again = (
        super(type(client), client).post("/api/models", {"file": upload()}, **headers) for _ in range(2)
    )

    assert first.json()["id"] == again.json()["id"]
    assert Model3D.objects.count() == 1


def test_what_is_no_upload_is_refused(acme, api, settings):
    client = api()
    settings.MODEL_MAX_BYTES = 2 * 1024 * 1024

    assert client.post("/api/models", {"file": "x"}).status_code == 415
    assert send(client, name="x").status_code == 422
    assert send(client, file=upload(), colour="red").status_code == 422
    assert send(client, file=upload(content=b"")).status_code == 422
    assert send(client, file=upload(), name="x" * 161).status_code == 422
    assert send(client, file=upload(content=b"x" * (2 * 1024 * 1024 + 1))).status_code == 413
    assert send(client, file=upload(content=b"x" * (4 * 1024 * 1024))).status_code == 413
    assert not Model3D.objects.exists()
    assert not Revision.objects.exists()


def test_an_upload_that_does_not_say_its_length_is_told_so(acme, api):
    kind = {"CONTENT_TYPE": "multipart/form-data; boundary=x", "CONTENT_LENGTH": ""}

    answer = api().post("/api/models", **kind, HTTP_TRANSFER_ENCODING="chunked")

    assert (answer.status_code, answer["Content-Type"]) == (411, "application/problem+json")
    assert "Content-Length" in answer.json()["detail"]


@pytest.mark.parametrize("tags", ["x" * 41, ",".join(f"tag {number}" for number in range(21))])
def test_tags_that_are_refused_are_named_as_such(acme, api, tags):
    answer = send(api(), file=upload(), tags=[tags])

    assert answer.status_code == 422
    assert [error["field"] for error in answer.json()["errors"]] == ["tags"]
    assert not Model3D.objects.exists()


@pytest.mark.parametrize(
    "name",
    [
        "../../etc/passwd.gcode",
        "C:\\evil\\x.gcode",
        "a\u202egpj.gcode",
        "x" * 400 + ".gcode",
        "🦊<b>.gcode",
        "مكعب.gcode",
    ],
    ids=["parent", "windows", "bidi", "long", "html", "arabic"],
)
def test_any_name_is_kept_harmless(acme, api, name):
    answer = send(api(), file=SimpleUploadedFile(name, b"G1 X1\n"))

    assert answer.status_code == 201
    kept = Revision.objects.get()
    assert not set(kept.original_name) & set("/\\\u202e\0")
    assert kept.original_name.endswith(".gcode")
    assert kept.stored.path == f"orgs/{acme.pk}/files/{kept.stored_id[:2]}/{kept.stored_id}"


def test_lists_are_of_one_shelf_unless_all_are_asked_for(acme, api):
    kept, archived, trashed = make_model("Kept"), make_model("Archived"), make_model("Trashed")
    shelving.archive(archived)
    shelving.delete(trashed)
    client = api()

    def found(query):
        return {item["name"]: item["shelf"] for item in client.get(f"/api/models{query}").json()["items"]}

    assert found("") == {"Kept": "library"}
    assert found("?shelf=archive") == {"Archived": "archive"}
    assert found("?shelf=trash") == {"Trashed": "trash"}
    assert len(found("?shelf=all")) == 3
    assert client.get("/api/models?shelf=attic").status_code == 422
    assert kept.pk


def test_a_model_is_put_into_a_collection_and_starred(acme, api):
    client = api()
    model = send(client, file=upload(), collection="Jigs").json()
    path = f"/api/models/{model['id']}"

    moved = client.patch(path, {"collection": "Gears", "favourite": True}).json()

    assert (model["collection"], moved["collection"]) == ("Jigs", "Gears")
    for query, count in (("collection=gears", 1), ("collection=jigs", 0), ("favourite=true", 1)):
        assert client.get(f"/api/models?{query}").json()["count"] == count
    assert client.patch(path, {"collection": ""}).json()["collection"] is None


def test_a_model_is_found_by_the_hash_of_any_revision(acme, api):
    model = make_model(digest="ab")
    client = api("viewer")

    assert client.get(f"/api/models?sha256={'ab'.rjust(64, '0')}").json()["items"][0]["id"] == str(model.pk)
    assert client.get(f"/api/models?sha256={'cd'.rjust(64, '0')}").json()["count"] == 0


def test_a_revert_says_what_it_brought_back(acme, api):
    model = make_model()
    library.add_revision(model, upload(content=b"G1 X2\n"), by=None)
    client, path = api(), f"/api/models/{model.pk}/revisions/1/revert"

    answer, again = (client.post(path).json()["current_revision"] for _ in range(2))

    assert (answer["number"], answer["back_to"]) == (3, 1)
    assert again == answer


def test_fits_name_what_was_compared_and_where_it_was_read(acme, api):
    model = make_model()
    origins = {"nozzle_mm": "tail: nozzle_diameter"}
    Revision.objects.update(metadata={**model.current.metadata, "origins": origins})
    make_printer("Mini", nozzle_mm=0.6)

    checks = {
        one["name"]: one for one in api("viewer").get(f"/api/models/{model.pk}/fits").json()[0]["checks"]
    }

    assert checks["nozzle"] == {
        "name": "nozzle",
        "label": "Nozzle",
        "verdict": "fail",
        "text": "sliced for a nozzle of 0.4 mm, it has 0.6",
        "file": "0.4 mm",
        "printer": "0.6 mm",
        "origin": "tail: nozzle_diameter",
    }


def test_what_is_not_sliced_fits_nothing_and_says_why(acme, api):
    model = make_model()
    client, path = api("viewer"), f"/api/models/{model.pk}/fits"
    told = {}
    for status, kind, problem in (
        ("unreadable", "", "The end is missing."),
        ("reading", "", ""),
        ("ready", "stl", ""),
    ):
        Revision.objects.update(status=status, kind=kind, problem=problem)
        answer = client.get(path)
        told[status] = (answer.status_code, answer.json()["detail"])

    assert told == {
        "unreadable": (409, "The end is missing."),
        "reading": (409, "The file is still being read."),
        "ready": (409, "This is not a sliced file: slice it first."),
    }


def test_a_star_needs_no_right_to_change_the_model(acme, api):
    model = make_model()
    client = api("viewer")

    assert client.patch(f"/api/models/{model.pk}", {"favourite": True}).status_code == 200
    assert client.patch(f"/api/models/{model.pk}", {"favourite": True, "name": "Mine"}).status_code == 403
    assert client.get("/api/models?favourite=true").json()["count"] == 1


def test_the_search_of_the_api_knows_notes_and_collections(acme, api):
    model = make_model("Plain")
    library.edit(model, notes="thicker walls", collection="Jigs")
    client = api("viewer")

    found = {
        words: client.get(f"/api/models?search={words}").json()["count"] for words in ("thicker", "jig", "x")
    }

    assert found == {"thicker": 1, "jig": 1, "x": 0}
