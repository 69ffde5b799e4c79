"""Choosing and creating organisations, their settings, the palette."""

import pytest
from django_tenants.utils import tenant_context

from audit.models import Entry
from orgs.creating import add_member
from orgs.models import Due, Membership, Org
from orgs.roles import Role
from printers.models import Printer
from stations.models import Station

NEW = {"name": "New Place", "slug": "", "time_zone": "UTC", "currency": "EUR"}


def test_first_page_leads_to_the_only_organisation(sign_in):
    assert sign_in("viewer").get("/")["Location"] == "/o/acme/"


def test_who_has_two_organisations_chooses(rival, sign_in, person):
    add_member(rival, person("viewer"), Role.VIEWER)
    client = sign_in("viewer")

    assert client.get("/")["Location"] == "/organisations/"
    text = client.get("/organisations/").text
    assert 'href="/o/acme/"' in text
    assert 'href="/o/rival/"' in text


def test_list_shows_only_ones_own_organisations(sign_in):
    text = sign_in("viewer").get("/organisations/").text

    assert "/o/rival/" not in text
    assert "/organisations/new/" not in text


def test_who_belongs_nowhere_is_told_so(sign_in, person):
    Membership.objects.filter(user=person("viewer")).delete()

    assert "You belong to no organisation" in sign_in("viewer").get("/", follow=True).text


def test_superadmin_makes_an_organisation_and_becomes_its_admin(sign_in):
    answer = sign_in("root").post("/organisations/new/", NEW | {"join": "on"})

    org = Org.objects.get(slug="new-place")
    assert answer["Location"] == "/o/new-place/"
    assert Membership.objects.get(org=org).role == Role.ADMIN


def test_address_that_is_taken_is_refused(sign_in):
    answer = sign_in("root").post("/organisations/new/", NEW | {"slug": "acme"})

    assert answer.status_code == 422
    assert not Org.objects.filter(name="New Place").exists()


def test_others_find_no_page_for_new_organisations(sign_in):
    assert sign_in("admin").get("/organisations/new/").status_code == 404
    assert sign_in("admin").post("/organisations/new/", NEW).status_code == 404


def test_settings_are_stored_and_in_the_audit_before_and_after(acme, sign_in):
    form = {
        "name": "Acme",
        "time_zone": "Asia/Tokyo",
        "currency": "EUR",
        "auto_queue": "on",
    }

    sign_in("admin").post("/o/acme/settings/", form)

    acme.refresh_from_db()
    entry = Entry.objects.get(action="org.settings")
    assert (acme.time_zone, acme.auto_queue) == ("Asia/Tokyo", True)
    assert entry.before == {"time_zone": "Europe/Berlin", "auto_queue": False}
    assert entry.after == {"time_zone": "Asia/Tokyo", "auto_queue": True}


def test_switching_the_queue_on_wakes_it(acme, sign_in):
    form = {"name": "Acme", "time_zone": "Europe/Berlin", "currency": "EUR"}

    sign_in("admin").post("/o/acme/settings/", form | {"auto_queue": "on"})

    assert Due.objects.filter(org=acme, task="jobs.match", due_at__isnull=False).exists()


def test_unknown_time_zone_is_refused(acme, sign_in):
    form = {"name": "Acme", "time_zone": "Mars/Olympus", "currency": "EUR"}

    assert sign_in("admin").post("/o/acme/settings/", form).status_code == 422


@pytest.fixture
def printers(acme, rival):
    """One printer in each organisation."""
    for org, name in ((acme, "Voron North"), (rival, "Voron Canary")):
        with tenant_context(org):
            station = Station.objects.create(owner=org, name=name, protocol="moonraker", machine_key=name)
            Printer.objects.create(pk=station.pk, name=name, protocol="moonraker", address="10.0.0.9")


def test_palette_finds_this_organisations_things_only(printers, sign_in):
    text = sign_in("viewer").get("/o/acme/jump/?q=voron").text

    assert "Voron North" in text
    assert "Canary" not in text


def test_palette_offers_the_pages_of_ones_role(acme, sign_in):
    assert "/o/acme/members/" in sign_in("admin").get("/o/acme/jump/").text
    assert "/o/acme/members/" not in sign_in("viewer").get("/o/acme/jump/").text


def test_palette_leads_to_ones_other_organisations(rival, sign_in, person):
    assert "/o/rival/" not in sign_in("viewer").get("/o/acme/jump/?q=riv").text

    add_member(rival, person("viewer"), Role.VIEWER)

    assert 'href="/o/rival/"' in sign_in("viewer").get("/o/acme/jump/?q=riv").text


def test_palette_says_when_nothing_is_found(acme, sign_in):
    assert "Nothing is called" in sign_in("viewer").get("/o/acme/jump/?q=zzz%00").text


def test_palette_asks_few_queries(printers, sign_in, django_assert_max_num_queries):
    client = sign_in("viewer")
    client.get("/o/acme/jump/?q=a")

    # Two of them name the schema.
    with django_assert_max_num_queries(10):
        client.get("/o/acme/jump/?q=a")
