"""Branding: what is taken in, what is shown where, and that colours can be read."""

import io
import random

import pytest
from celery import current_app
from django.core import mail
from django.core.exceptions import ValidationError
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django_tenants.utils import tenant_context
from PIL import Image, PngImagePlugin

from alerts.channels.adapter import Address
from alerts.channels.email import Email
from alerts.trying import message_of
from audit.models import Entry
from orgs import branding, logos
from orgs.models import Org
from tests.ui.test_contrast import THEMES, contrast
from ui.contrast import DARK, LIGHT, SURFACES, nearest, text_on, tokens

GOOD = "#8a2be2"
PAGE = "/o/acme/settings/branding/"


@pytest.fixture(autouse=True)
def _files(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


def picture(mode="RGB", size=(300, 100), color="#cc0000", kind="PNG", **more) -> bytes:
    written = io.BytesIO()
    Image.new(mode, size, color).save(written, kind, **more)
    return written.getvalue()


def sent(data: bytes, name="logo.png") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, data)


def saved(client, **fields):
    return client.post(PAGE, {"name": "Acme", "accent": "", "accent_dark": ""} | fields)


def some_colours() -> list[str]:
    draw = random.Random(8)  # noqa: S311  # the same ones each time
    return ["#000000", "#ffffff", "#ffff00", *(f"#{draw.randrange(2**24):06x}" for _ in range(200))]


@pytest.mark.parametrize("theme", [LIGHT, DARK])
def test_nearest_shade_can_be_read_on_every_surface_and_carries_text(theme):
    for colour in some_colours():
        shade = nearest(colour, theme)

        assert min(contrast(shade, THEMES[theme][surface]) for surface in SURFACES) >= 4.5, colour
        assert contrast(text_on(shade), shade) >= 4.5, colour


def test_shade_that_can_be_read_stays_as_it_is():
    assert nearest(tokens(LIGHT)["accent"], LIGHT) == "#0b666b"
    assert nearest(tokens(DARK)["accent"], DARK) == "#4fc7c2"


def test_accent_that_can_not_be_read_is_refused_with_the_nearest_shade(acme, sign_in):
    answer = saved(sign_in("admin"), accent="#ffee00")

    shade = nearest("#ffee00", LIGHT)
    assert answer.status_code == 422
    assert f"The nearest shade that can be read is {shade}" in answer.text
    assert "light theme" in answer.text
    assert 'value="#ffee00"' in answer.text
    acme.refresh_from_db()
    assert acme.accent == ""


def test_dark_accent_is_checked_against_the_dark_theme(acme, sign_in):
    answer = saved(sign_in("admin"), accent=GOOD, accent_dark="#101010")

    assert answer.status_code == 422
    assert "dark theme" in answer.text


def test_dark_accent_alone_asks_for_a_light_one(acme, sign_in):
    assert "Choose one for the light theme too" in saved(sign_in("admin"), accent_dark="#ffffff").text


@pytest.mark.parametrize("typed", ["red", "#12", "#12345g", "javascript:1", "#0b666b}*{x"])
def test_no_colour_is_told_how_to_write_one(acme, sign_in, typed):
    answer = saved(sign_in("admin"), accent=typed)

    assert answer.status_code == 422
    assert "as in #0b666b" in answer.text


def test_short_colours_and_capitals_are_understood(acme, sign_in):
    saved(sign_in("admin"), accent="06C")

    acme.refresh_from_db()
    assert acme.accent == "#0066cc"


def test_accent_is_in_the_organisations_sheet_and_in_the_audit(acme, rival, sign_in):
    saved(sign_in("admin"), accent=GOOD, name="Acme <b>ß</b>")

    acme.refresh_from_db()
    page = sign_in("viewer").get("/o/acme/")
    version = branding.version_of(acme)
    sheet = sign_in("viewer").get(f"/o/acme/brand.css?v={version}")
    assert f"/o/acme/brand.css?v={version}" in page.text
    assert "Acme &lt;b&gt;ß&lt;/b&gt;" in page.text
    assert f"--accent:light-dark({GOOD},{nearest(GOOD, DARK)})" in sheet.text
    assert sheet["Content-Type"].startswith("text/css")
    assert "immutable" in sheet["Cache-Control"]
    assert "private" in sheet["Cache-Control"]
    entry = Entry.objects.get(action="org.branding")
    assert entry.after == {"name": "Acme <b>ß</b>", "accent": GOOD}
    assert "brand.css" not in sign_in("viewer", "rival").get("/o/rival/").text
    assert GOOD not in sign_in("viewer", "rival").get("/o/rival/brand.css").text


def test_sheet_is_asked_for_anew_only_when_it_changed(acme, sign_in):
    Org.objects.filter(pk=acme.pk).update(accent=GOOD)
    client = sign_in("viewer")

    etag = client.get("/o/acme/brand.css")["ETag"]
    again = client.get("/o/acme/brand.css", headers={"If-None-Match": etag})
    Org.objects.filter(pk=acme.pk).update(accent="#0066cc")
    changed = client.get("/o/acme/brand.css", headers={"If-None-Match": etag})

    assert again.status_code == 304
    assert again["Cache-Control"] == "private, no-cache"
    assert changed.status_code == 200


def test_saving_the_same_again_changes_nothing(acme, sign_in):
    client = sign_in("admin")
    saved(client, accent=GOOD)

    answer = saved(client, accent=GOOD, name="  Acme ")

    assert answer.status_code == 302
    assert Entry.objects.filter(action="org.branding").count() == 1


def test_logo_is_drawn_anew_served_to_members_and_to_nobody_else(acme, sign_in, client):
    info = PngImagePlugin.PngInfo()
    info.add_text("Comment", "secret-canary")

    saved(sign_in("admin"), logo=sent(picture(size=(3000, 1500), pnginfo=info)))

    acme.refresh_from_db()
    assert acme.logo.startswith(f"orgs/{acme.pk}/brand/")
    answer = sign_in("viewer").get("/o/acme/brand/logo.png")
    data = b"".join(answer.streaming_content)
    with Image.open(io.BytesIO(data)) as shown:
        assert (shown.format, shown.size, shown.info) == ("PNG", (320, 160), {})
    assert answer["Content-Type"] == "image/png"
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert b"secret-canary" not in data
    assert "/o/acme/brand/logo.png?v=" in sign_in("viewer").get("/o/acme/").text
    assert sign_in("viewer", "rival").get("/o/acme/brand/logo.png").status_code == 404
    assert sign_in("viewer", "rival").get("/o/rival/brand/logo.png")["Location"] == "/static/img/logo.svg"
    assert client.get("/o/acme/brand/logo.png").status_code == 302
    assert "logo.png" not in client.get("/account/sign-in/?next=/o/acme/").text


def test_place_and_camera_are_not_in_the_logo(acme):
    exif = Image.Exif()
    exif[0x010F] = "Camera canary"

    made = logos.taken_in(sent(picture(kind="JPEG", exif=exif.tobytes()), "a.jpg"))

    assert b"canary" not in made


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>", "SVG"),
        (b"<?xml version='1.0'?>\n<SVG onload='x'/>", "SVG"),
        (b"<html><script>alert(1)</script>", "no picture"),
        (b"\x89PNG\r\n\x1a\n" + b"\0" * 50, "no picture"),
        (picture("1", (9000, 9000), 1), "megapixels"),
        (picture("RGBA", (40, 40), (0, 0, 0, 0)), "no picture"),
    ],
    ids=["svg", "svg after a prologue", "html", "broken", "bomb", "nothing to see"],
)
def test_what_is_no_harmless_picture_is_refused_and_nothing_is_stored(acme, sign_in, data, words):
    answer = saved(sign_in("admin"), logo=sent(data))

    assert answer.status_code == 422
    assert words in answer.text
    acme.refresh_from_db()
    assert acme.logo == ""
    assert not default_storage.exists(f"orgs/{acme.pk}/brand")


def test_logo_that_is_too_large_is_refused_before_it_is_read():
    with pytest.raises(ValidationError, match="4 MB"):
        logos.taken_in(sent(b"\0" * (logos.MOST_BYTES + 1)))


@pytest.mark.parametrize(
    ("color", "ground"), [((255, 255, 255, 255), 0), ((20, 20, 20, 255), 255)], ids=["white", "black"]
)
def test_logo_with_holes_lies_on_a_ground_on_which_it_is_seen(color, ground):
    image = Image.new("RGBA", (100, 50), (0, 0, 0, 0))
    image.paste(color, (40, 10, 60, 40))
    written = io.BytesIO()
    image.save(written, "PNG")

    with Image.open(io.BytesIO(logos.taken_in(sent(written.getvalue())))) as made:
        assert made.getpixel((0, 0)) == (ground,) * 3
        assert made.getpixel((50, 25)) == color[:3]


def test_new_logo_takes_the_old_ones_place_and_removing_it_deletes_the_file(
    acme, sign_in, django_capture_on_commit_callbacks
):
    client = sign_in("admin")
    saved(client, logo=sent(picture()))
    acme.refresh_from_db()
    first = acme.logo

    with django_capture_on_commit_callbacks(execute=True):
        saved(client, logo=sent(picture(color="#00cc00")))
    acme.refresh_from_db()
    second = acme.logo
    with django_capture_on_commit_callbacks(execute=True):
        saved(client, logo_remove="on")
    acme.refresh_from_db()

    assert first != second
    assert acme.logo == ""
    assert not default_storage.exists(first)
    assert not default_storage.exists(second)
    assert "top-logo" not in sign_in("viewer").get("/o/acme/").text


def test_preview_shows_both_themes_and_what_can_not_be_read(acme, sign_in):
    text = sign_in("admin").get(f"{PAGE}preview/?name=Ac%3Cme&accent=%23ffee00").text

    assert 'fill="#ffee00"' in text
    assert "Ac&lt;me" in text
    assert f"The nearest shade is {nearest('#ffee00', LIGHT)}" in text
    assert "style=" not in text


def test_preview_of_nonsense_is_the_platforms_colours(acme, sign_in):
    text = sign_in("admin").get(f"{PAGE}preview/?accent=%22%3E%3Cscript%3E").text

    assert 'fill="#0b666b"' in text
    assert "script" not in text


@pytest.fixture
def invited(acme, sign_in, django_capture_on_commit_callbacks):
    """invited() asks somebody to join, and gives the mail."""
    current_app.conf.task_always_eager = True

    def send():
        with django_capture_on_commit_callbacks(execute=True):
            sign_in("admin").post("/o/acme/members/invite/", {"email": "new@person.test", "role": "10"})
        return mail.outbox[-1]

    yield send
    current_app.conf.task_always_eager = False


def test_invitation_carries_logo_and_colour_within_the_mail(acme, sign_in, invited):
    saved(sign_in("admin"), accent=GOOD, logo=sent(picture()))

    message = invited()

    html = message.alternatives[0][0]
    (part,) = message.attachments
    assert 'src="cid:logo"' in html
    assert GOOD in html
    assert part["Content-ID"] == "<logo>"
    assert part.get_payload(decode=True).startswith(b"\x89PNG")
    assert "http" not in html.split("cid:logo")[0]


def test_mail_goes_out_without_a_logo_whose_file_is_gone(acme, sign_in, invited):
    saved(sign_in("admin"), logo=sent(picture()))
    acme.refresh_from_db()
    default_storage.delete(acme.logo)

    message = invited()

    assert "cid:logo" not in message.alternatives[0][0]
    assert message.attachments == []
    assert sign_in("viewer").get("/o/acme/brand/logo.png")["Location"] == "/static/img/logo.svg"
    assert sign_in("viewer").get("/o/acme/").status_code == 200


def test_alert_mail_carries_the_branding_of_its_organisation(acme, sign_in, person):
    saved(sign_in("admin"), accent=GOOD, logo=sent(picture()))
    acme.refresh_from_db()
    with tenant_context(acme):
        message = message_of(person("viewer"))

    Email().send(Address("viewer@acme.test"), message)

    html = mail.outbox[-1].alternatives[0][0]
    assert "cid:logo" in html
    assert f"color:{GOOD}" in html
