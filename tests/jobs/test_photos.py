"""Photos of prints: what is taken in, what is left of it, and who gets to see it."""

import io
import struct
import zlib
from pathlib import Path

import pytest
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django_tenants.utils import tenant_context
from PIL import Image

from jobs import editing, judging
from jobs.judging import Finding
from orgs import photos
from tests.jobs.test_verdicts import P, copy, ended, reason

SECRET = b"Quetzalcoatl"


def picture(kind="JPEG", size=(320, 200), **saved):
    written = io.BytesIO()
    mode = saved.pop("mode", "RGB")
    Image.new(mode, size, saved.pop("color", "red")).save(written, kind, **saved)
    return written.getvalue()


def sent(content, name="photo.jpg"):
    return SimpleUploadedFile(name, content)


def seen(jpeg):
    return Image.open(io.BytesIO(jpeg))


def huge_png(width, height):
    """A PNG that says how large it is and has next to nothing in it."""

    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", head)
        + chunk(b"IDAT", zlib.compress(b"\0" * 1000))
        + chunk(b"IEND", b"")
    )


def stored(root):
    return [path for path in Path(root).rglob("*.jpg") if "photos" in path.parts]


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_a_photo_becomes_a_jpeg(kind):
    taken = seen(photos.taken_in(sent(picture(kind))))

    assert (taken.format, taken.size) == ("JPEG", (320, 200))


def test_a_large_photo_is_made_smaller():
    taken = seen(photos.taken_in(sent(picture(size=(6000, 4000)))))

    assert taken.size == (1920, 1280)


def test_what_the_camera_wrote_into_it_is_gone():
    exif = Image.Exif()
    exif[0x010F] = SECRET.decode()
    exif.get_ifd(0x8825)[1] = "N"
    content = picture(exif=exif, comment=SECRET, icc_profile=SECRET)
    assert content.count(SECRET) == 3

    taken = photos.taken_in(sent(content + SECRET))

    assert SECRET not in taken
    assert dict(seen(taken).getexif()) == {}


def test_a_photo_taken_sideways_stands_upright():
    exif = Image.Exif()
    exif[0x0112] = 6

    assert seen(photos.taken_in(sent(picture(exif=exif)))).size == (200, 320)


def test_holes_are_white():
    taken = seen(photos.taken_in(sent(picture("PNG", mode="RGBA", color=(0, 0, 0, 0)))))

    assert taken.getpixel((5, 5)) == (255, 255, 255)


@pytest.mark.parametrize("mode", ["L", "LA", "P", "1", "I;16", "CMYK"])
def test_every_kind_of_colour_is_taken(mode):
    kind = "JPEG" if mode == "CMYK" else "PNG"

    assert seen(photos.taken_in(sent(picture(kind, mode=mode, color=1)))).mode == "RGB"


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "no photo that can be read"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'><script/></svg>", "no photo that can be read"),
        (b"<html><script>alert(1)</script>", "no photo that can be read"),
        (picture("GIF"), "no photo that can be read"),
        (picture("TIFF"), "no photo that can be read"),
        (picture()[:400], "no photo that can be read"),
        (picture("PNG")[:60], "no photo that can be read"),
        (b"\xff\xd8\xff\xe0" + b"\0" * 1000, "no photo that can be read"),
        (huge_png(30_000, 30_000), "no photo that can be read"),
        (huge_png(12_000, 12_000), "more than 16 megapixels"),
        (huge_png(4000, 4200), "no photo that can be read"),
        (b"\xff\xd8" + b"\0" * (50 * 1024 * 1024), "larger than 20 MB"),
    ],
    ids=["empty", "svg", "html", "gif", "tiff", "cut", "png", "rubbish", "bomb", "large", "hollow", "50MB"],
)  # fmt: skip
@pytest.mark.filterwarnings("ignore::PIL.Image.DecompressionBombWarning")
def test_what_is_no_photo_is_refused_with_the_reason(content, words):
    with pytest.raises(ValidationError, match=words):
        photos.taken_in(sent(content))


@pytest.fixture
def shot(shop):
    """A failed copy with a photo."""
    job = ended(shop, P.FAILED)
    judging.classify(copy(job), Finding(reason(), photo=photos.taken_in(sent(picture()))))
    return job


def test_a_photo_lies_below_its_organisation(shot, acme):
    assert copy(shot).photo.startswith(f"orgs/{acme.pk}/photos/")


def test_a_new_photo_takes_the_place_of_the_first(shot, settings, django_capture_on_commit_callbacks):
    (first,) = stored(settings.MEDIA_ROOT)

    with django_capture_on_commit_callbacks(execute=True):
        finding = Finding(reason(), photo=photos.taken_in(sent(picture(color="blue"))))
        judging.classify(copy(shot), finding)

    (second,) = stored(settings.MEDIA_ROOT)
    assert first != second


def test_a_refused_finding_leaves_no_photo(shop, settings):
    job = ended(shop, P.COMPLETED)

    with pytest.raises(judging.IllegalMove):
        judging.classify(copy(job), Finding(reason(), photo=picture()))

    assert stored(settings.MEDIA_ROOT) == []


def test_a_deleted_job_takes_its_photos_along(shot, settings, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        editing.delete(shot)

    assert stored(settings.MEDIA_ROOT) == []


def test_a_photo_is_for_those_who_may_see_the_job(shot, sign_in, rival, person):
    url = f"/o/acme/queue/{shot.pk}/copies/1/photo/"

    answers = {role: sign_in(role).get(url) for role in ("viewer", "operator")}
    type(shot).objects.update(by=person("operator"))
    others = sign_in("viewer").get(url)
    with tenant_context(rival):
        foreign = sign_in("admin", "rival").get(url.replace("acme", "rival"))

    for answer in answers.values():
        assert (answer.status_code, answer["Content-Type"]) == (200, "image/jpeg")
        assert answer["Cache-Control"].startswith("private")
        assert answer["X-Content-Type-Options"] == "nosniff"
        assert b"".join(answer.streaming_content)[:2] == b"\xff\xd8"
    assert (others.status_code, foreign.status_code) == (404, 404)


def test_a_browser_that_has_the_photo_is_not_sent_it_again(shot, sign_in):
    client, url = sign_in("viewer"), f"/o/acme/queue/{shot.pk}/copies/1/photo/"
    etag = client.get(url)["ETag"]

    assert client.get(url, headers={"If-None-Match": etag}).status_code == 304
