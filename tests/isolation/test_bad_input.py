"""What belongs to another organisation, put where a client can put it: cookies, keys, addresses, links.

And what changes while somebody has a page open: a role, an address, a membership.
"""

import pytest
from django.test import Client
from django_tenants.utils import tenant_context

from inventory.models import Filament
from orgs import inviting
from orgs.models import Membership, Org
from orgs.roles import Role, scopes_of
from orgs.tokens import issue
from printers.models import Tag
from reports import setting
from reports.links import CONFIRM, UNSUBSCRIBE, signed
from tests.conftest import PASSWORD
from tests.factories.printers import make_printer

WORD = "Quetzalcoatl"


@pytest.fixture
def printer(acme, rival):
    """Of the other organisation."""
    with tenant_context(rival):
        return make_printer(WORD)


@pytest.fixture
def in_both(rival, person):
    """The operator of acme belongs to both."""
    Membership.objects.create(user=person("operator"), org=rival, role=Role.OPERATOR)
    return person("operator")


def key_of(client: Client) -> str:
    return str(client.defaults["HTTP_AUTHORIZATION"])


def swap_addresses(acme: Org, rival: Org) -> None:
    """Acme moves to /o/moved/ and the other organisation takes its old address."""
    Org.objects.filter(pk=acme.pk).update(slug="moved")
    Org.objects.filter(pk=rival.pk).update(slug="acme")


def test_cookie_of_one_organisation_opens_no_address_of_another(printer, sign_in):
    for path in (
        "",
        "printers/",
        f"printers/{printer.pk}/",
        "api/printers",
        "admin/",
        "inbox/any/api/version",
    ):
        for verb in ("get", "post"):
            answer = getattr(sign_in("admin"), verb)(f"/o/rival/{path}")
            # An inbox knows no cookie at all.
            assert answer.status_code == (401 if path.startswith("inbox") else 404)
            assert WORD not in answer.text


def test_key_is_worth_its_own_organisation_whatever_the_address_and_the_cookie_say(printer, sign_in, api):
    for client in (Client(), sign_in("admin", "rival")):
        headers = {"Authorization": key_of(api("admin"))}
        told = client.get("/api/printers", headers=headers)
        page = client.get("/api/me", headers=headers | {"X-Forwarded-Prefix": "/o/rival", "X-Org": "rival"})

        assert (told.json()["count"], page.json()["org"]["slug"]) == (0, "acme")
        assert client.get(f"/api/printers/{printer.pk}", headers=headers).status_code == 404
        assert client.get(f"/o/rival/inbox/{printer.pk}/api/version", headers=headers).status_code == 403


def test_session_is_no_key_and_a_key_is_no_session(printer, sign_in, api):
    client = sign_in("admin", "rival")
    session = client.cookies["sessionid"].value
    as_cookie = Client()
    as_cookie.cookies["sessionid"] = key_of(api("admin", "rival")).removeprefix("Bearer ")

    assert Client().get("/api/me", headers={"Authorization": f"Bearer {session}"}).status_code == 401
    assert as_cookie.get("/o/rival/printers/").status_code == 302
    assert (
        Client(headers={"Authorization": key_of(api("admin", "rival"))}).get("/o/rival/").status_code == 302
    )


@pytest.mark.parametrize(
    "path",
    [
        "/o/acme/../rival/printers/", "/o/acme/%2e%2e/rival/printers/", "/o/acme//o/rival/printers/",
        "/o/acme/o/rival/printers/", "/o//rival/printers/", "/o/acme%2F..%2Frival/printers/",
        "/o/rival%00/printers/", "/o/RIVAL/printers/", "/o/rival;acme/printers/", "//o/rival/printers/",
        "/o/acme\\..\\rival/printers/",
    ],
)  # fmt: skip
def test_no_writing_of_an_address_leads_round_the_membership(path, printer, sign_in):
    answer = sign_in("admin").get(path)

    assert answer.status_code in {302, 404}
    assert WORD not in answer.text


def test_lowered_role_holds_at_the_next_request_of_an_open_page(acme, person, sign_in, api):
    client, script = sign_in("admin"), api("admin")
    assert client.get("/o/acme/departments/").status_code == 200

    Membership.objects.filter(user=person("admin"), org=acme).update(role=Role.VIEWER)

    assert client.post("/o/acme/departments/", {"name": "New"}).status_code == 403
    assert client.get("/o/acme/members/").status_code == 403
    assert script.post("/api/filaments", {"material": "PLA"}).status_code == 403
    assert not Filament.objects.exists()


def test_lost_membership_holds_at_the_next_live_update_of_an_open_page(acme, person, sign_in):
    client = sign_in("viewer")
    assert client.get("/o/acme/printers/live/?version=0").status_code in {200, 204}

    Membership.objects.filter(user=person("viewer"), org=acme).delete()

    assert client.get("/o/acme/printers/live/?version=0").status_code == 404


def test_address_given_to_another_organisation_shows_it_to_no_old_page(acme, rival, printer, sign_in, api):
    client, script = sign_in("admin"), api("admin")
    client.get("/o/acme/")

    swap_addresses(acme, rival)

    for path in ("", "printers/", f"printers/{printer.pk}/", "printers/live/?version=0"):
        answer = client.get(f"/o/acme/{path}")
        assert answer.status_code == 404
        assert WORD not in answer.text
    key = {"Authorization": key_of(script)}
    assert Client(headers=key).get("/o/acme/inbox/any/api/version").status_code == 403
    assert script.get("/api/me").json()["org"]["slug"] == "moved"
    assert client.get("/")["Location"] == "/o/moved/"


def test_open_form_of_a_thing_changes_nothing_where_the_address_means_another(acme, rival, in_both, sign_in):
    ours, client = make_printer("Heron"), sign_in("operator")
    swap_addresses(acme, rival)

    for what in ("edit", "delete", "disable", "out-of-service"):
        assert client.post(f"/o/acme/printers/{ours.pk}/{what}/", {"reason": "x"}).status_code == 404

    ours.refresh_from_db()
    assert (ours.name, ours.enabled) == ("Heron", True)


def test_links_in_mails_mean_the_organisation_that_sent_them(acme, rival, person, mailoutbox):
    schedule = setting.add({"name": "Weekly", "kind": "job_summary"}, ["reader@else.test"], person("admin"))
    reader = schedule.recipients.get()
    confirm = signed(CONFIRM, reader.pk)
    invitation = inviting.invite(acme, "new@person.test", Role.VIEWER, person("admin"))
    swap_addresses(acme, rival)

    answer = Client().post(f"/reports/confirm/{confirm}/")
    joined = inviting.accept_as_new(inviting.resend(invitation, person("admin")), "New", PASSWORD)

    reader.refresh_from_db()
    assert answer.status_code == 200
    assert reader.confirmed_at is not None
    assert joined.org == acme


def test_link_of_a_mail_names_nobody_of_another_organisation_and_does_one_thing(acme, rival, person):
    fields = {"name": WORD, "kind": "job_summary"}
    with tenant_context(rival):
        theirs = setting.add(fields, ["reader@else.test"], person("admin", "rival")).recipients.get()
        confirm = signed(CONFIRM, theirs.pk)
    # As if somebody could sign in the name of acme.
    forged = signed(UNSUBSCRIBE, theirs.pk)

    for path in (f"/reports/unsubscribe/{forged}/", f"/reports/unsubscribe/{confirm}/"):
        answer = Client().post(path)
        assert answer.status_code == 404
        assert WORD not in answer.text
    with tenant_context(rival):
        theirs.refresh_from_db()
        assert (theirs.confirmed_at, theirs.unsubscribed_at) == (None, None)


def test_one_idempotency_key_of_one_person_is_two_in_two_organisations(acme, rival, in_both):
    scripts = []
    for org in (acme, rival):
        with tenant_context(org):
            _, text = issue(in_both, org, "nightly", scopes_of(Role.OPERATOR))
        scripts.append(Client(headers={"Authorization": f"Bearer {text}", "Idempotency-Key": "once"}))

    made = [
        client.post("/api/filaments", {"material": "PLA"}, content_type="application/json")
        for client in (*scripts, *scripts)
    ]

    assert [answer.get("Idempotent-Replayed") for answer in made] == [None, None, "true", "true"]
    assert made[0].json()["id"] == made[2].json()["id"] != made[1].json()["id"]
    for org, answer in zip((acme, rival), made[:2], strict=True):
        with tenant_context(org):
            assert str(Filament.objects.get().pk) == answer.json()["id"]


def test_name_of_a_tag_of_another_organisation_is_a_name_like_any_other(acme, rival, api):
    """Tags are typed: what others call theirs must not be told by how the word is taken."""
    with tenant_context(rival):
        Tag.objects.create(name=WORD)
    body = {"name": "P", "protocol": "moonraker", "address": "127.0.0.1", "port": 9}

    told = [
        api("operator").post("/api/printers", body | {"name": word, "port": port, "tags": [word]}).status_code
        for port, word in ((9, WORD), (10, "Unheard"))
    ]

    assert told == [201, 201]
    assert Tag.objects.count() == 2
