"""The pages of an import, and of what leaves as CSV."""

from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from django.core.files.base import ContentFile
from django.utils import timezone

from inventory.consumption import consume
from inventory.exchange import drafts, spoolman_server
from inventory.exchange.reading import Unreadable
from inventory.models import Spool, SpoolImport
from jobs.models import Job, Print
from tests.factories.inventory import make_filament, make_spool
from tests.factories.models3d import make_model

START = "/o/acme/filament/imports/"
TEXT = "material;left\nPLA;812,5\nABS;free\n<b>PETG</b>;\n"


@pytest.fixture(autouse=True)
def _folder(acme, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


def sent(client, text=TEXT, name="spools.csv", **more):
    data = {"what": "file", "file-file": ContentFile(text.encode(), name), **more}
    return client.post(START, data)


def digest_in(page):
    return page.split('name="digest" value="')[1].split('"')[0]


def test_a_file_is_looked_through_and_then_taken_in(sign_in, tmp_path):
    client = sign_in("operator")

    place = sent(client).url
    page = client.get(place).text
    unchanged = Spool.objects.count()
    done = client.post(place, {"digest": digest_in(page)}, follow=True).text

    assert "“free” is not a number." in page
    assert "&lt;b&gt;PETG" in page
    assert "Import without the line with errors" in page
    assert (unchanged, Spool.objects.count()) == (0, 2)
    assert "spools added" in done
    assert digest_in(page) not in done


def test_a_second_click_shows_what_the_first_one_did(sign_in):
    client = sign_in("operator")
    place = sent(client).url
    said = {"digest": digest_in(client.get(place).text)}

    pages = [client.post(place, said, follow=True).text for _click in range(2)]

    assert all("The new spools have the numbers" in page for page in pages)
    assert Spool.objects.count() == 2


def test_other_wishes_are_looked_at_anew(sign_in):
    spool = make_spool()
    client = sign_in("operator")
    place = sent(client, f"number,left_g\n{spool.number},400\n").url

    first = client.get(place).text
    second = client.post(f"{place}wishes/", {"sets_left": "on"}, follow=True).text

    assert "There is nothing to import." in first
    assert "It stays as it is here." in first
    assert "<ins>400.00</ins>" in second


@pytest.mark.parametrize(
    ("text", "words"), [("foo\n1\n", "names no column"), ("", "empty"), ("{", "damaged")]
)
def test_a_file_that_is_none_is_refused_on_the_form(sign_in, text, words):
    answer = sent(sign_in("operator"), text)

    assert (answer.status_code, words in answer.text) == (422, True)
    assert SpoolImport.objects.count() == 0


def test_a_server_is_asked_and_its_trouble_told_on_the_form(sign_in, monkeypatch):
    def refuse(url, with_archived):
        raise Unreadable("Nothing answers at spoolman.lan.")

    monkeypatch.setattr(spoolman_server, "fetch", refuse)
    client = sign_in("operator")

    told = client.post(START, {"what": "server", "server-url": "spoolman.lan:7912"})
    wrong = client.post(START, {"what": "server", "server-url": "http://user:secret@spoolman.lan"})

    assert (told.status_code, "Nothing answers" in told.text) == (422, True)
    assert (wrong.status_code, "Leave user and password out" in wrong.text) == (422, True)


def test_what_a_server_has_is_looked_through_like_a_file(sign_in, monkeypatch):
    spools = [
        {
            "id": 4,
            "filament": {"id": 1, "material": "PETG", "name": "Red"},
            "used_weight": 10,
            "archived": False,
        }
    ]
    monkeypatch.setattr(spoolman_server, "fetch", lambda url, with_archived: spools)
    client = sign_in("operator")

    place = client.post(START, {"what": "server", "server-url": "spoolman.lan:7912"}).url
    page = client.get(place).text

    assert "spoolman:4" in page
    assert "http://spoolman.lan:7912" in client.get(START).text


def test_a_file_that_was_forgotten_is_asked_for_again(sign_in, tmp_path):
    client = sign_in("operator")
    place = sent(client).url
    for path in tmp_path.rglob("imports/*"):
        path.unlink()

    assert "Send it again" in client.get(place, follow=True).text


def test_files_that_nobody_takes_in_go_after_two_days(sign_in, tmp_path):
    sent(sign_in("operator"))
    (path,) = [Path(one) for one in tmp_path.rglob("imports/*")]
    SpoolImport.objects.update(created_at=timezone.now() - timedelta(days=3))

    drafts.forget_old()

    assert (path.exists(), SpoolImport.objects.count()) == (False, 0)


def test_the_list_as_csv_is_safe_for_spreadsheets_and_filtered_like_the_list(sign_in):
    make_spool(make_filament("PLA", brand="=1+1"), lot="@x")
    make_spool(make_filament("ABS"))

    answer = sign_in("viewer").get("/o/acme/filament/csv/?material=PLA")

    lines = answer.content.decode("utf-8-sig").splitlines()
    assert answer.content.startswith(b"\xef\xbb\xbf")
    assert len(lines) == 2
    assert ",'=1+1," in lines[1]
    assert ",'@x," in lines[1]


def test_a_ledger_as_csv_names_the_jobs_that_the_person_may_see(sign_in, person):
    spool = make_spool()
    job = Job.objects.create(name="=Bracket", revision=make_model().current, by=person("operator"))
    consume(spool, Decimal("12.5"), "d:0", print_id=Print.objects.create(job=job, copy=1).pk)

    told = {
        who: sign_in(who).get(f"/o/acme/filament/{spool.pk}/ledger/").text for who in ("viewer", "operator")
    }

    assert f"#{job.number} =Bracket" in told["operator"]
    assert "Bracket" not in told["viewer"]
    assert "12.50" in told["viewer"]
