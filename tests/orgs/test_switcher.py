"""The switcher in the top bar: the same page in another organisation, without the ids of this one."""

from orgs.context import MOST_LISTED
from orgs.creating import add_member
from orgs.models import Org
from orgs.roles import Role


def test_switcher_keeps_the_page(rival, sign_in, person):
    add_member(rival, person("admin"), Role.ADMIN)

    text = sign_in("admin").get("/o/acme/members/").text

    assert 'href="/o/rival/members/"' in text


def test_switcher_shows_no_organisation_one_does_not_belong_to(acme, sign_in):
    assert "/o/rival/" not in sign_in("admin").get("/o/acme/members/").text


def test_switcher_shows_a_superadmin_every_organisation(acme, sign_in):
    text = sign_in("root").get("/o/acme/members/").text

    assert 'href="/o/rival/members/"' in text
    assert 'href="/organisations/"' in text


def test_superadmin_finds_every_organisation_however_many_there_are(acme, rival, sign_in):
    Org.objects.bulk_create(
        Org(name=f"Before {n}", slug=f"before-{n}", schema_name=f"before_{n}") for n in range(MOST_LISTED)
    )
    root = sign_in("root")

    found = root.get("/o/acme/jump/?q=riva").text
    root.get("/o/rival/members/")

    assert "/o/rival/" in found
    assert root.get("/").headers["Location"].endswith("/o/rival/")
