"""Superadmins and whole organisations: creating, renaming, suspending, archiving."""

import json
import time

import pytest
from celery import current_app
from django.test import Client
from django_tenants.utils import tenant_context

from accounts.models import User
from audit.models import Entry
from orgs import lifecycle, spares
from orgs.creating import add_member, free_slug
from orgs.models import Due, Invitation, Membership, Org, PastSlug
from orgs.roles import Role
from tests.factories.models3d import upload
from tests.factories.printers import make_printer

NEW = {"name": "New Place", "slug": "", "time_zone": "UTC", "currency": "CHF"}
State = Org.State


@pytest.fixture(autouse=True)
def _quiet(monkeypatch):
    monkeypatch.setattr(current_app, "send_task", lambda *args, **kwargs: None)


@pytest.fixture
def root(sign_in) -> Client:
    return sign_in("root")


def page(org: Org, verb: str = "") -> str:
    return f"/organisations/{org.pk}/" + (f"{verb}/" if verb else "")


def lines(org: Org, action: str) -> list[Entry]:
    """Of both trails, the platform's first."""
    with tenant_context(org):
        own = list(Entry.objects.filter(action=action))
    return [*Entry.objects.filter(action=action, target_id=str(org.pk)), *own]


def test_list_has_every_organisation_with_members_printers_and_state_and_no_spare_one(acme, rival, root):
    make_printer(name="P1")
    make_printer(name="P2")
    (spare,) = Org.objects.bulk_create([Org(state=State.SPARE, name="In Waiting")])
    lifecycle.suspend(rival, "Unpaid")

    text = root.get("/organisations/", follow=True).text

    row = text.split(f'id="org-{acme.pk}"')[1].split("</tr>")[0]
    assert row.count(">3<") == 1
    assert row.count(">2<") == 1
    assert "Suspended" in text.split(f'id="org-{rival.pk}"')[1].split("</tr>")[0]
    assert str(spare.pk) not in text


@pytest.mark.parametrize("orgs", [1, 40])
def test_list_costs_the_same_for_many_organisations(root, acme, orgs, django_assert_max_num_queries):
    Org.objects.bulk_create(
        Org(name=f"Org {n}", slug=f"org-{n}", schema_name=f"org_of_{n}", state="archived")
        for n in range(orgs)
    )
    root.get("/organisations/all/")

    with django_assert_max_num_queries(12):
        answer = root.get("/organisations/all/")

    assert f"{orgs + 2} organisations" in answer.text


def test_list_is_searched_by_name_and_address_and_narrowed_by_state(acme, rival, root):
    lifecycle.suspend(rival, "")

    assert "/o/rival/" not in root.get("/organisations/all/?q=acm").text
    assert "/o/acme/" not in root.get("/organisations/all/?state=suspended").text


def test_new_organisation_takes_a_spare_and_invites_its_admin(root, django_capture_on_commit_callbacks):
    spare = Org.objects.create(state=State.SPARE)
    began = time.monotonic()

    with django_capture_on_commit_callbacks():
        answer = root.post("/organisations/new/", NEW | {"admin_email": "Head@New.test"})

    org = Org.objects.get(slug="new-place")
    assert time.monotonic() - began < 2
    assert answer["Location"] == page(org)
    assert (org.pk, org.schema_name) == (spare.pk, spare.schema_name)
    assert (org.state, org.currency) == ("active", "CHF")
    invitation = Invitation.objects.get(org=org)
    assert (invitation.email, invitation.role) == ("head@new.test", Role.ADMIN)
    assert not Membership.objects.filter(org=org).exists()


@pytest.fixture
def made(root) -> Org:
    """A third organisation, with a schema of its own."""
    spares.make()
    root.post("/organisations/new/", NEW | {"join": "on"})
    return Org.objects.get(slug="new-place")


def test_making_one_is_in_both_trails_with_who_did_it(made):
    both = lines(made, "org.create")

    assert [entry.actor for entry in both] == ["Root", "Root"]
    assert both[0].after["slug"] == "new-place"


def test_organisation_without_any_admin_is_refused_and_nothing_typed_is_lost(root):
    answer = root.post("/organisations/new/", NEW | {"name": "Ünsere <b>"})

    assert answer.status_code == 422
    assert "Invite somebody" in answer.text
    assert "Ünsere &lt;b&gt;" in answer.text
    assert not Org.objects.filter(currency="CHF").exists()


@pytest.mark.parametrize("slug", ["acme", "ACME", "a b", "ä", "-x", "x" * 51, "o/x", "old-acme"])
def test_address_that_is_taken_was_anothers_or_is_none_is_refused(acme, root, slug):
    PastSlug.objects.create(slug="old-acme", org=acme)

    answer = root.post("/organisations/new/", NEW | {"slug": slug, "join": "on"})

    assert answer.status_code == 422
    assert not Org.objects.filter(name="New Place").exists()


def test_address_made_from_a_name_is_never_one_that_somebody_had(acme):
    PastSlug.objects.create(slug="lab", org=acme)

    assert free_slug("Lab") == "lab-2"


def test_old_address_leads_members_to_the_new_one_and_nobody_else(acme, root, sign_in, client):
    answer = root.post(page(acme, "rename"), {"name": "Acme", "slug": "Acme-Labs"})

    moved = sign_in("viewer").get("/o/acme/printers/?q=a%20b")
    odd = sign_in("viewer").get("/o/acme/printers/a%3Fb%23c/?q=1")
    sent = sign_in("admin").post("/o/acme/settings/", {"name": "X"})
    assert answer.status_code == 302
    assert (moved.status_code, moved["Location"]) == (307, "/o/acme-labs/printers/?q=a%20b")
    assert odd["Location"] == "/o/acme-labs/printers/a%3Fb%23c/?q=1"
    assert (sent.status_code, sent["Location"]) == (307, "/o/acme-labs/settings/")
    assert sign_in("viewer").get("/o/acme-labs/").status_code == 200
    assert sign_in("viewer", "rival").get("/o/acme/").status_code == 404
    assert client.get("/o/acme/")["Location"].startswith("/account/sign-in/")
    assert [entry.after for entry in lines(acme, "org.rename")] == [{"slug": "acme-labs"}] * 2


def test_old_address_is_never_given_to_another_but_may_be_taken_back(acme, rival, root):
    root.post(page(acme, "rename"), {"name": "Acme", "slug": "acme-labs"})

    refused = root.post(page(rival, "rename"), {"name": "Rival", "slug": "acme"})
    back = root.post(page(acme, "rename"), {"name": "Acme", "slug": "acme"})

    assert refused.status_code == 422
    assert "An organisation had this address" in refused.text
    assert back.status_code == 302
    assert Org.objects.get(slug="acme") == acme
    assert list(PastSlug.objects.values_list("slug", flat=True)) == ["acme-labs"]


def test_slicer_set_up_with_the_old_address_goes_on_to_send(acme, root, api):
    key = {"HTTP_X_API_KEY": api("operator").defaults["HTTP_AUTHORIZATION"].split()[1]}
    foreign = {"HTTP_X_API_KEY": api("operator", "rival").defaults["HTTP_AUTHORIZATION"].split()[1]}
    root.post(page(acme, "rename"), {"name": "Acme", "slug": "acme-labs"})

    assert Client().get("/o/acme/inbox/any/api/version", **key).status_code == 200
    assert Client().get("/o/acme/inbox/any/api/version", **foreign).status_code == 403


def test_suspended_organisation_tells_its_members_why_and_strangers_nothing(acme, root, sign_in, client):
    root.post(page(acme, "suspend"), {"reason": "Rooms are <b>moved</b>"})

    for path in ("/o/acme/", "/o/acme/settings/", "/o/acme/no/such/page/"):
        answer = sign_in("admin").get(path)
        assert answer.status_code == 403
        assert "Acme is suspended" in answer.text
        assert "Rooms are &lt;b&gt;moved&lt;/b&gt;" in answer.text
    assert "Manage it" not in sign_in("admin").get("/o/acme/").text
    assert page(acme) in root.get("/o/acme/").text
    assert sign_in("admin", "rival").get("/o/acme/").status_code == 404
    assert client.get("/o/acme/").status_code == 302
    assert "Acme is suspended." in sign_in("admin").get("/organisations/").text
    assert [entry.after["closed_reason"] for entry in lines(acme, "org.suspend")] == [
        "Rooms are <b>moved</b>"
    ] * 2


def test_suspended_organisation_answers_programs_with_the_reason(acme, api):
    client, slicer = (
        api("admin"),
        {"HTTP_X_API_KEY": api("operator").defaults["HTTP_AUTHORIZATION"].split()[1]},
    )
    lifecycle.suspend(acme, "Unpaid")

    answer = client.get("/api/printers")
    sent = Client().post("/o/acme/inbox/any/api/files/local", {"file": upload()}, **slicer)

    assert answer.status_code == 403
    assert answer["Content-Type"] == "application/problem+json"
    assert json.loads(answer.content)["detail"] == "This organisation is suspended. Unpaid"
    assert sent.status_code == 403
    assert "Unpaid" in sent.text


def test_opened_again_it_is_as_before_and_its_queue_goes_on(acme, root, sign_in, api):
    client = api("viewer")
    root.post(page(acme, "suspend"), {"reason": "Unpaid"})

    root.post(page(acme, "resume"))

    acme.refresh_from_db()
    assert (acme.state, acme.closed_reason, acme.closed_at) == ("active", "", None)
    assert sign_in("viewer").get("/o/acme/").status_code == 200
    assert client.get("/api/printers").status_code == 200
    assert Due.objects.filter(org=acme, task="jobs.match", due_at__isnull=False).exists()
    assert len(lines(acme, "org.resume")) == 2


@pytest.mark.parametrize("typed", ["", "Acme", "rival"])
def test_archiving_asks_for_the_address_typed(acme, root, typed):
    answer = root.post(page(acme, "archive"), {"how": "wait", "typed": typed, "reason": "kept words"})

    acme.refresh_from_db()
    assert answer.status_code == 422
    assert "kept words" in answer.text
    assert acme.state == "active"


def test_archiving_closes_at_once_and_ends_in_the_archive(acme, root, sign_in):
    root.post(page(acme, "archive"), {"how": "wait", "typed": "acme", "reason": "Project over"})

    acme.refresh_from_db()
    assert (acme.state, acme.archiving) == ("suspended", "wait")
    assert "archived when the last" in root.get(page(acme)).text
    assert lifecycle.finish_archiving(acme)
    acme.refresh_from_db()
    assert (acme.state, acme.archiving) == ("archived", "")
    assert sign_in("admin").get("/o/acme/").status_code == 404
    assert not lifecycle.finish_archiving(acme)
    assert [len(lines(acme, action)) for action in ("org.archive", "org.archived")] == [2, 2]


def test_who_is_resumed_on_the_way_to_the_archive_is_not_archived(acme, root):
    root.post(page(acme, "archive"), {"how": "wait", "typed": "acme"})

    root.post(page(acme, "resume"))

    assert not lifecycle.finish_archiving(acme)
    acme.refresh_from_db()
    assert (acme.state, acme.archiving) == ("active", "")


def test_restored_it_is_open_but_starts_nothing_by_itself(acme, root, sign_in):
    Org.objects.filter(pk=acme.pk).update(state="archived", auto_queue=True, closed_reason="Over")

    root.post(page(acme, "restore"))

    acme.refresh_from_db()
    assert (acme.state, acme.auto_queue, acme.closed_reason) == ("active", False, "")
    assert sign_in("viewer").get("/o/acme/").status_code == 200
    assert len(lines(acme, "org.restore")) == 2


@pytest.mark.parametrize(
    ("verb", "state"), [("suspend", "suspended"), ("resume", "active"), ("restore", "active")]
)
def test_second_click_changes_nothing_and_says_how_it_is(acme, root, verb, state):
    Org.objects.filter(pk=acme.pk).update(state=state)

    answer = root.post(page(acme, verb), follow=True)

    acme.refresh_from_db()
    assert acme.state == state
    assert f"Acme is {state} now." in answer.text
    assert lines(acme, f"org.{verb}") == []


def test_nobody_but_a_superadmin_finds_these_pages(acme, sign_in):
    for verb in ("rename", "suspend", "resume", "archive", "restore"):
        assert sign_in("admin").post(page(acme, verb), {"typed": "acme"}).status_code == 404, verb
    assert sign_in("admin").get(page(acme)).status_code == 404


def test_what_is_dangerous_asks_who_it_is_first_and_keeps_what_was_typed(acme, root):
    session = root.session
    del session["sure_at"]
    session.save()

    answer = root.post(page(acme, "suspend"), {"reason": "Unpaid"})

    acme.refresh_from_db()
    assert acme.state == "active"
    assert 'name="reason" value="Unpaid"' in answer.text


def test_spare_organisation_is_no_page_here(db, root):
    spare = Org.objects.create(state=State.SPARE)

    assert root.get(page(spare)).status_code == 404
    assert root.post(page(spare, "suspend")).status_code == 404


def test_superadmin_in_a_strange_organisation_is_a_line_of_its_trail_once_a_session(acme, root):
    root.get("/o/acme/")
    root.get("/o/acme/printers/")

    with tenant_context(acme):
        assert [entry.actor for entry in Entry.objects.filter(action="superadmin.enter")] == ["Root"]
    add_member(acme, User.objects.get(email="root@odin.test"), Role.VIEWER)
