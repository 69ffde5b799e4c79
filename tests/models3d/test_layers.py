"""The preview of layers: kept beside the bytes, shown on the model's page, served to members."""

import os
import subprocess
import zlib

import pytest
from django.conf import settings as django_settings
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import connection
from django.test.utils import CaptureQueriesContext

from models3d import library, reading, shelving, storing
from models3d.models import Revision, StoredFile
from tests.factories.models3d import DATA, layers_file, make_model, read_all, upload
from tests.formats.samples import BAMBU, sliced_3mf

LAYERS = "/o/acme/models/{}/revisions/1/plates/{}/layers/"


@pytest.fixture(autouse=True)
def _own_files(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


@pytest.fixture
def cube(acme):
    """The cube of PrusaSlicer, read."""
    model = library.add_model(upload(), by=None)
    read_all()
    return model


def test_reading_a_sliced_file_keeps_its_layers(cube):
    (stored,) = StoredFile.objects.all()

    assert default_storage.exists(stored.layers_path)
    assert stored.layers_path.startswith(stored.path.rpartition("/files/")[0])
    assert list(django_settings.FILE_UPLOAD_TEMP_DIR.glob("tmp*")) == []


def test_the_same_bytes_again_have_the_same_layers(cube, sign_in):
    again = library.add_model(upload("again.gcode"), by=None)
    read_all()

    assert sign_in("viewer").get(LAYERS.format(again.pk, 1)).status_code == 200
    assert StoredFile.objects.count() == 1


def test_forgotten_bytes_take_their_layers_with_them(acme, django_capture_on_commit_callbacks):
    stored = storing.store(upload(content=b"unused"))
    storing.store_layers(stored, ContentFile(layers_file()))
    StoredFile.objects.update(stored_at="2020-01-01T00:00Z")

    with django_capture_on_commit_callbacks(execute=True):
        storing.forget_unused()

    assert not default_storage.exists(stored.layers_path)


def test_new_layers_take_the_place_of_the_earlier_ones(acme, django_capture_on_commit_callbacks):
    stored = storing.store(upload(content=b"bytes"))
    storing.store_layers(stored, ContentFile(layers_file()))
    earlier = stored.layers_path

    with django_capture_on_commit_callbacks(execute=True):
        storing.store_layers(stored, ContentFile(layers_file()))

    assert not default_storage.exists(earlier)
    assert default_storage.exists(StoredFile.objects.get().layers_path)


@pytest.mark.parametrize("name", ["cube20.stl", "cube20_model.3mf"])
def test_what_is_not_sliced_has_no_layers(acme, sign_in, name):
    model = library.add_model(upload(name, (DATA / name).read_bytes()), by=None)
    read_all()

    assert StoredFile.objects.get().layers_path == ""
    assert sign_in("viewer").get(LAYERS.format(model.pk, 1)).status_code == 404


@pytest.mark.parametrize(
    "written", [b"", b"no preview", layers_file()[:-3]], ids=["nothing", "rubbish", "cut"]
)
def test_a_preview_that_is_not_whole_costs_only_itself(acme, monkeypatch, written):
    ask = reading.ask_reader

    def spoil(path, name, limit_s, *, preview, tell):
        metadata = ask(path, name, limit_s, preview=preview, tell=tell)
        os.ftruncate(preview.fileno(), 0)
        os.pwrite(preview.fileno(), written, 0)
        return metadata

    monkeypatch.setattr(reading, "ask_reader", spoil)
    library.add_model(upload(), by=None)

    read_all()

    assert Revision.objects.get().status == Revision.Status.READY
    assert StoredFile.objects.get().layers_path == ""


def test_the_index_tells_heights_chunks_and_colours(cube, sign_in):
    answer = sign_in("viewer").get(LAYERS.format(cube.pk, 1))

    told = answer.json()
    assert len(told["z_mm"]) == len(told["filament_mm"]) == 100
    assert told["z_mm"][0] == 0.2
    assert told["chunks"] == [1]
    assert told["bed_mm"] == [250, 210, 210]
    assert told["line_mm"] == 0.45
    assert told["filaments"][0]["material"] == "PLA"
    assert told["box_mm"] == pytest.approx([112.2, 92.2, 137.8, 117.8], abs=0.1)
    assert (told["tools"], told["is_cut"]) == ([0], False)


def test_a_chunk_is_what_is_stored_and_the_browser_unpacks_it(cube, sign_in):
    answer = sign_in("viewer").get(
        LAYERS.format(cube.pk, 1) + "50/", headers={"Accept-Encoding": "gzip, deflate"}
    )

    assert answer["Content-Encoding"] == "deflate"
    assert "no-store" not in answer["Cache-Control"]
    assert len(zlib.decompress(answer.content)) % 4 == 0


@pytest.mark.parametrize("rest", ["", "1/"])
def test_what_the_browser_has_is_not_sent_again(cube, sign_in, rest):
    client, url = sign_in("viewer"), LAYERS.format(cube.pk, 1) + rest
    etag = client.get(url)["ETag"]

    again = client.get(url, headers={"If-None-Match": etag})

    assert (again.status_code, again.content) == (304, b"")
    assert "private" in again["Cache-Control"]


@pytest.mark.parametrize("rest", ["0/", "101/", f"{10**30}/"])
def test_a_layer_that_is_not_there_is_missing(cube, sign_in, rest):
    assert sign_in("viewer").get(LAYERS.format(cube.pk, 1) + rest).status_code == 404


@pytest.mark.parametrize("plate", [0, 2, 10**30])
def test_a_plate_that_is_not_there_is_missing(cube, sign_in, plate):
    client = sign_in("viewer")

    assert client.get(LAYERS.format(cube.pk, plate)).status_code == 404
    assert client.get(LAYERS.format(cube.pk, plate) + "1/").status_code == 404


def test_layers_that_the_storage_lost_or_damaged_are_missing(cube, sign_in):
    client, stored = sign_in("viewer"), StoredFile.objects.get()
    with default_storage.open(stored.layers_path, "wb") as file:
        file.write(b"damaged")

    assert client.get(LAYERS.format(cube.pk, 1)).status_code == 404
    default_storage.delete(stored.layers_path)
    assert client.get(LAYERS.format(cube.pk, 1) + "1/").status_code == 404


def test_the_layers_of_a_model_in_the_trash_are_for_those_who_may_restore_it(cube, sign_in):
    shelving.delete(cube)

    seen = {role: sign_in(role).get(LAYERS.format(cube.pk, 1)).status_code for role in ("viewer", "operator")}

    assert seen == {"viewer": 404, "operator": 200}


def test_the_page_shows_the_panel_and_asks_for_the_layers(cube, sign_in):
    page = sign_in("viewer").get(f"/o/acme/models/{cube.pk}/")

    assert f'data-layers="{LAYERS.format(cube.pk, 1)}"' in page.text
    assert "js/layers.js" in page.text
    assert "data-layers-plate" not in page.text


def test_each_plate_can_be_chosen(acme, sign_in):
    content = sliced_3mf({"Metadata/plate_2.gcode": BAMBU})
    model = library.add_model(upload("two.gcode.3mf", content), by=None)
    read_all()

    page = sign_in("viewer").get(f"/o/acme/models/{model.pk}/")

    for plate in (1, 2):
        assert f'<option value="{LAYERS.format(model.pk, plate)}">' in page.text


def test_a_file_read_before_there_were_previews_says_so(acme, sign_in):
    page = sign_in("viewer").get(f"/o/acme/models/{make_model().pk}/")

    assert "No preview of the layers was made of this file." in page.text
    assert "data-layers=" not in page.text


def test_the_panel_comes_when_the_file_is_read(acme, sign_in):
    model = library.add_model(upload(), by=None)
    client, url = sign_in("viewer"), f"/o/acme/models/{model.pk}/current/?version=1.reading"
    assert client.get(url).status_code == 204
    read_all()

    part = client.get(url)

    assert 'id="model-current"' in part.text
    assert 'id="model-layers"' in part.text
    assert "data-layers=" in part.text


@pytest.mark.parametrize("rest", ["", "1/"])
def test_layers_cost_few_queries(cube, sign_in, rest):
    client = sign_in("viewer")
    client.get(LAYERS.format(cube.pk, 1) + rest)

    with CaptureQueriesContext(connection) as seen:
        client.get(LAYERS.format(cube.pk, 1) + rest)

    assert len([one for one in seen if "models3d" in one["sql"]]) <= 2


def test_the_child_cannot_leave_a_file_behind(acme, monkeypatch, tmp_path):
    """The preview has no name while it is made: whoever dies meanwhile leaves nothing."""
    seen = []
    popen = subprocess.Popen

    def look(command, **options):
        seen.append((command[-1], list(django_settings.FILE_UPLOAD_TEMP_DIR.glob("tmp*"))))
        return popen(command, **options)

    monkeypatch.setattr(subprocess, "Popen", look)
    library.add_model(upload(), by=None)

    read_all()

    assert [(place.rpartition("/")[0], files) for place, files in seen] == [("/dev/fd", [])]
