"""The switcher in the top bar: the same page in another organisation, without the ids of this one."""

from orgs.creating import add_member
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
