"""Keeping bytes once, reading them once."""

import io
from datetime import timedelta

import pytest
from django.core.files.storage import default_storage
from django.core.handlers.wsgi import WSGIRequest
from django.http.multipartparser import MultiPartParserError
from django.utils import timezone
from django_tenants.utils import tenant_context

from audit.models import Entry
from models3d import child, library, reading, shelving, storing
from models3d.formats.metadata import UnreadableFile
from models3d.models import Model3D, Plate, Revision, StoredFile
from models3d.naming import clean_name, model_name
from models3d.tasks import read
from orgs.keys import org_key, redis_client
from orgs.models import Due
from tests.factories.models3d import DATA, make_model, read_all, upload


@pytest.fixture(autouse=True)
def _own_files(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


def files_in(folder):
    return sorted(path for path in folder.rglob("*") if path.is_file())


def test_the_same_bytes_are_kept_once(acme, tmp_path):
    first, again = storing.store(upload("a.gcode")), storing.store(upload("b.gcode"))

    assert first == again
    assert len(files_in(tmp_path)) == 1


def test_bytes_are_kept_apart_for_each_organisation(acme, rival, tmp_path):
    storing.store(upload())
    with tenant_context(rival):
        storing.store(upload())

    assert len(files_in(tmp_path)) == 2
    assert {path.relative_to(tmp_path).parts[1] for path in files_in(tmp_path)} == {
        str(acme.pk),
        str(rival.pk),
    }


def test_a_file_that_the_storage_lost_is_kept_anew(acme, tmp_path):
    stored = storing.store(upload())
    default_storage.delete(stored.path)

    again = storing.store(upload())

    with storing.open_stored(again) as kept:
        assert kept.read(3) == upload().read(3)


def test_two_uploads_of_the_same_bytes_at_once_end_in_one_file(acme, tmp_path, monkeypatch):
    save, raced = default_storage.save, []

    def save_after_the_other(path, file):
        if not raced:
            raced.append(True)
            raced.append(storing.store(upload("other.gcode")))
        return save(path, file)

    monkeypatch.setattr(storing.default_storage, "save", save_after_the_other)

    stored = storing.store(upload())

    assert stored == raced[1]
    assert len(files_in(tmp_path)) == 1
    assert default_storage.exists(stored.path)


def test_unused_bytes_are_forgotten_and_used_ones_kept(acme, tmp_path, django_capture_on_commit_callbacks):
    unused = storing.store(upload(content=b"unused"))
    fresh = storing.store(upload(content=b"fresh"))
    used = library.add_model(upload(content=b"used"), by=None).current.stored
    long_ago = timezone.now() - timedelta(hours=2)
    StoredFile.objects.exclude(pk=fresh.pk).update(stored_at=long_ago)

    with django_capture_on_commit_callbacks(execute=True):
        assert storing.forget_unused() == 1

    assert set(StoredFile.objects.all()) == {used, fresh}
    assert not default_storage.exists(unused.path)
    assert default_storage.exists(used.path)


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("../../etc/passwd", "passwd"),
        ("C:\\temp\\a.gcode", "a.gcode"),
        ("a\x00b\r\nc.gcode", "ab c.gcode"),
        ("a\u202egpj.gcode", "agpj.gcode"),
        ("..", "file"),
        ("", "file"),
        ("👩‍🚀.gcode", "👩‍🚀.gcode"),
    ],
)
def test_names_are_cleaned_for_display(given, kept):
    assert clean_name(given) == kept


def test_a_long_name_keeps_its_ending():
    assert clean_name("x" * 500 + ".gcode.3mf").endswith(".gcode.3mf")
    assert len(clean_name("x" * 500 + ".gcode.3mf")) == 200
    assert len(model_name("x" * 200)) == 160
    assert model_name("Cube.gcode.3mf") == "Cube"
    assert model_name(".gcode") == ".gcode"


def test_what_is_read_is_written_once(acme):
    library.add_model(upload(), by=None)

    read_all()
    read_all()

    revision = Revision.objects.get()
    assert revision.status == Revision.Status.READY
    assert "plates" not in revision.metadata
    assert "thumbnail" not in revision.metadata
    assert Plate.objects.get().grams > 0
    assert Plate.objects.get().filaments[0]["material"] == "PLA"


def test_the_matcher_hears_of_a_new_file(acme):
    library.add_model(upload(), by=None)
    assert Due.objects.get(org=acme, task="models3d.read").due_at is not None

    read_all()

    assert Due.objects.get(org=acme, task="jobs.match").due_at is not None


def test_a_file_that_another_worker_reads_is_left_to_it(acme):
    model = library.add_model(upload(), by=None)
    redis_client().set(org_key(acme.pk, "reading", model.current.pk), b"1", ex=60)

    read(acme.schema_name)

    assert Revision.objects.get().status == Revision.Status.READING
    assert Due.objects.get(org=acme, task="models3d.read").due_at > timezone.now()


@pytest.mark.parametrize(
    "script",
    ["import time; time.sleep(60)", "import os; os.abort()", "print('nonsense')", "print('[]')"],
    ids=["endless", "dies", "nonsense", "no object"],
)
def test_a_reader_that_fails_makes_the_file_unreadable(acme, tmp_path, monkeypatch, settings, script):
    settings.BASE_DIR = tmp_path
    package = tmp_path / "models3d" / "formats"
    package.mkdir(parents=True)
    for folder in (package, package.parent):
        (folder / "__init__.py").touch()
    (package / "__main__.py").write_text(script)
    file = tmp_path / "x.gcode"
    file.touch()

    with pytest.raises(UnreadableFile):
        child.ask_reader(file, "x.gcode", 2)


def test_the_reader_does_not_see_our_secrets(acme, tmp_path, monkeypatch, settings):
    monkeypatch.setenv("ODIN_SECRET_KEY", "hidden")
    settings.BASE_DIR = tmp_path
    package = tmp_path / "models3d" / "formats"
    package.mkdir(parents=True)
    for folder in (package, package.parent):
        (folder / "__init__.py").touch()
    (package / "__main__.py").write_text(
        "import json, os; print(json.dumps({'unreadable': ' '.join(sorted(os.environ))}))"
    )

    with pytest.raises(UnreadableFile) as told:
        child.ask_reader(package / "__main__.py", "x.gcode", 20)

    assert not [
        name for name in str(told.value).split() if name.startswith(("ODIN", "DATABASE", "REDIS", "EMAIL"))
    ]


def test_a_stored_file_that_is_gone_is_said(acme):
    make_model()
    Revision.objects.update(status=Revision.Status.READING)

    read_all()

    assert "missing" in Revision.objects.get().problem


def test_what_postgresql_cannot_keep_is_left_out():
    assert reading._sound({"a": ["x\0y", float("inf"), "\ud800"]}) == {"a": ["xy", None, "?"]}


def test_every_change_is_in_the_audit_trail(acme, person):
    model = library.add_model(upload(content=b"G1 X1\n"), by=person("viewer"))
    library.add_revision(model, upload(content=b"G1 X2\n"), by=person("viewer"))
    library.revert(model, 1, by=person("operator"))
    library.edit(model, name="Other", tags=["a"])
    shelving.delete(model)

    actions = list(
        Entry.objects.filter(action__startswith="model.").order_by("id").values_list("action", flat=True)
    )
    assert actions == ["model.add", "model.revise", "model.revert", "model.edit", "model.delete"]
    edited = Entry.objects.get(action="model.edit")
    assert edited.before == {"name": "cube", "tags": []}
    assert edited.after == {"name": "Other", "tags": ["a"]}


def broken_upload(cut):
    """A request whose connection ended `cut` bytes early."""
    body = (
        b'--x\r\nContent-Disposition: form-data; name="file"; filename="a.gcode"\r\n\r\n'
        + b"G1 X1\n" * 1000
        + b"\r\n--x--\r\n"
    )
    return {
        "REQUEST_METHOD": "POST",
        "PATH_INFO": "/api/models",
        "CONTENT_TYPE": "multipart/form-data; boundary=x",
        "CONTENT_LENGTH": str(len(body)),
        "wsgi.input": io.BytesIO(body[: len(body) - cut]),
    }


def test_an_upload_that_ends_half_way_is_refused():
    with pytest.raises(MultiPartParserError):
        WSGIRequest(broken_upload(cut=3000)).FILES  # noqa: B018

    assert WSGIRequest(broken_upload(cut=0)).FILES["file"].size == 6000


def test_nothing_of_a_broken_upload_is_stored(acme, api, tmp_path):
    answer = api().request(**broken_upload(cut=3000))

    assert answer.status_code == 400
    assert answer["Content-Type"] == "application/problem+json"
    assert not Model3D.objects.exists()
    assert files_in(tmp_path) == []


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("cut.gcode.3mf", (DATA / "cube20_model.3mf").read_bytes()[:900]),
        ("picture.gcode", b"\x89PNG\r\n\x1a\n" + bytes(500)),
        ("text.3mf", b"not a zip at all"),
        ("noise.bgcode", b"GCDE" + bytes(range(256))),
    ],
    ids=["cut zip", "renamed picture", "renamed text", "noise"],
)
def test_what_is_no_print_file_is_said_and_kept(acme, name, content):
    library.add_model(upload(name, content), by=None)

    read_all()

    revision = Revision.objects.get()
    assert revision.status == Revision.Status.UNREADABLE
    assert len(revision.problem) > 10
    assert not revision.plates.exists()
    with storing.open_stored(revision.stored) as kept:
        assert kept.read() == content


def test_how_far_a_file_was_read_is_told_while_it_is_read(acme, tmp_path, settings):
    settings.BASE_DIR = tmp_path
    package = tmp_path / "models3d" / "formats"
    package.mkdir(parents=True)
    for folder in (package, package.parent):
        (folder / "__init__.py").touch()
    (package / "__main__.py").write_text(
        "import os, sys, time\n"
        "number = os.open(sys.argv[1], os.O_RDONLY)\n"
        "os.read(number, 250)\n"
        "time.sleep(1.2)\n"
        'print(\'{"unreadable": "enough"}\')\n'
    )
    file = tmp_path / "x.gcode"
    file.write_bytes(b"x" * 1000)
    told: list[float] = []

    with pytest.raises(UnreadableFile, match="enough"):
        child.ask_reader(file, "x.gcode", 20, tell=told.append)

    assert 0.25 in told


def test_the_page_and_the_api_say_how_far_a_file_was_read(acme, api, sign_in):
    model = library.add_model(upload(content=b"G1 X1\n"), by=None)
    path = f"/o/acme/models/{model.pk}/"
    waiting = sign_in("viewer").get(path).text
    redis_client().set(org_key(acme.pk, "reading", model.current.pk), b"0.420", ex=60)

    page = sign_in("viewer").get(path).text
    told = api("viewer").get(f"/api/models/{model.pk}").json()["current_revision"]

    assert "waits for its turn" in waiting
    assert "42\N{NO-BREAK SPACE}% read" in page
    assert (told["status"], told["progress"]) == ("reading", 0.42)
