"""Whatever is sent to an inbox ends in a clear sentence, and leaves nothing half done."""

import io

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from models3d.models import Model3D
from tests.factories.models3d import CUBE

from .conftest import INBOX


@pytest.fixture(autouse=True)
def _own_files(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


def error(answer) -> str:
    return answer.json()["error"]


@pytest.mark.parametrize(
    ("given", "kept", "name"),
    [
        ("../../etc/passwd.gcode", "passwd.gcode", "passwd"),
        ("C:\\prints\\x.gcode", "x.gcode", "x"),
        ("🐙 größe.gcode", "🐙 größe.gcode", "🐙 größe"),
        ("n" * 300 + ".gcode", "n" * 194 + ".gcode", "n" * 160),
        ("_3m.gcode", "_3m.gcode", "_3m"),
    ],
)
def test_name_is_made_fit_to_keep(slicer, given, kept, name):
    file = SimpleUploadedFile("x", CUBE.read_bytes())
    file._name = given

    answer = slicer().post(f"{INBOX}/any/api/files/local", {"file": file})

    assert answer.status_code == 201, answer.text
    assert (answer.json()["files"]["local"]["name"], Model3D.objects.get().name) == (kept, name)


def test_empty_file_is_refused(slicer):
    answer = slicer().send(content=b"")

    assert (answer.status_code, error(answer)) == (422, "The file is empty.")
    assert not Model3D.objects.exists()


def test_upload_without_a_file_is_refused(slicer):
    answer = slicer().post(f"{INBOX}/any/api/files/local", {"print": "true"})

    assert (answer.status_code, error(answer)) == (400, "There is no file in this upload.")


def test_upload_that_ends_half_way_leaves_nothing(slicer):
    body = b'--x\r\nContent-Disposition: form-data; name="file"; filename="a.gcode"\r\n\r\nG1 X'
    environ = {
        "CONTENT_TYPE": "multipart/form-data; boundary=x",
        "CONTENT_LENGTH": "9000",
        "wsgi.input": io.BytesIO(body),
    }

    answer = slicer().post(f"{INBOX}/any/api/files/local", **environ)

    assert (answer.status_code, error(answer)) == (400, "The upload ended before it was whole.")
    assert not Model3D.objects.exists()


def test_upload_that_does_not_say_its_length_is_told_so(slicer):
    body = b'--x\r\nContent-Disposition: form-data; name="file"; filename="a.gcode"\r\n\r\nG1 X\r\n--x--\r\n'
    environ = {
        "CONTENT_TYPE": "multipart/form-data; boundary=x",
        "CONTENT_LENGTH": "",
        "HTTP_TRANSFER_ENCODING": "chunked",
        "wsgi.input": io.BytesIO(body),
        "wsgi.input_terminated": True,
    }

    answer = slicer().post(f"{INBOX}/any/api/files/local", **environ)

    assert answer.status_code == 411
    assert "Content-Length" in error(answer)
    assert not Model3D.objects.exists()


def test_body_that_says_it_is_too_large_is_not_read(slicer, settings):
    settings.MODEL_MAX_BYTES = 1024

    answer = slicer().send(content=b"x" * 3_000_000)

    assert answer.status_code == 413
    assert "larger than" in error(answer)


def test_file_that_turns_out_too_large_is_refused(slicer, settings):
    settings.MODEL_MAX_BYTES = 1024

    assert slicer().send(content=b"x" * 2000).status_code == 413


def test_there_is_no_sd_card(slicer):
    answer = slicer().send(place="sdcard")

    assert answer.status_code == 409
    assert "SD card" in error(answer)
    assert not Model3D.objects.exists()
