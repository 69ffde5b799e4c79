"""An organisation requires a second step: the grace, the way to it, and that nobody is locked out."""

import re
import time
from datetime import timedelta

import pytest
from django.core.management import call_command
from django.test import Client
from django.utils import timezone
from django_tenants.utils import tenant_context

from accounts import totp
from accounts.models import User
from audit.models import Entry
from orgs import access
from orgs.models import Access, Membership
from tests.conftest import PASSWORD
from tests.factories.accounts import with_app

pytestmark = pytest.mark.django_db
PAGE = "/o/acme/printers/"
APP = "/o/acme/account/app/"


def require(org, of: str = "members", days: int = 0, ago: timedelta = timedelta()) -> None:
    access.save_mfa(org, of, days)
    Access.objects.filter(org=org).update(mfa_since=timezone.now() - ago)


def test_in_the_time_of_grace_pages_open_and_remind(acme, sign_in):
    require(acme, days=7)

    page = sign_in("viewer").get(PAGE)

    assert page.status_code == 200
    assert "requires two-step sign-in" in page.text


def test_after_the_grace_every_page_leads_to_the_set_up_and_back(acme, sign_in):
    require(acme, days=7, ago=timedelta(days=8))
    Membership.objects.update(since=timezone.now() - timedelta(days=30))
    client = sign_in("viewer")

    led = client.get(PAGE + "?q=a")
    page = client.get(led["Location"]).text
    secret = re.search(r'id="key">([^<]+)<', page)[1].replace(" ", "")
    shown = client.post(APP, {"code": totp.code_at(secret, time.time()), "next": "/o/acme/printers/?q=a"})

    assert led["Location"] == APP + "?next=%2Fo%2Facme%2Fprinters%2F%3Fq%3Da"
    assert 'href="/o/acme/printers/?q=a"' in shown.text
    assert "requires two-step sign-in" in page
    assert "requires two-step sign-in" not in shown.text
    assert client.get(PAGE).status_code == 200


def test_next_page_after_the_set_up_is_on_this_server_only(acme, sign_in):
    client = sign_in("viewer")
    page = client.get(APP).text
    secret = re.search(r'id="key">([^<]+)<', page)[1].replace(" ", "")

    shown = client.post(APP, {"code": totp.code_at(secret, time.time()), "next": "https://elsewhere.test/"})

    assert "elsewhere.test" not in shown.text.partition("</pre>")[2].partition("</main>")[0]


def test_whoever_is_led_can_see_their_account_and_sign_out(acme, sign_in):
    require(acme)
    client = sign_in("viewer")

    seen = [client.get(f"/o/acme/account/{path}").status_code for path in ("", "security/", "app/")]

    assert seen == [200, 200, 200]
    assert client.post("/o/acme/account/sign-out/").status_code == 302


def test_script_of_htmx_is_led_as_a_whole(acme, sign_in):
    require(acme)

    answer = sign_in("viewer").get(PAGE, headers={"HX-Request": "true"})

    assert answer["HX-Redirect"].startswith(APP)


def test_post_of_somebody_led_changes_nothing(acme, sign_in):
    require(acme)

    answer = sign_in("admin").post("/o/acme/settings/", {"name": "Changed"})

    assert answer["Location"].startswith(APP)
    acme.refresh_from_db()
    assert acme.name == "Acme"


def test_rule_for_admins_leaves_others_alone(acme, sign_in):
    require(acme, "admins")

    seen = {role: sign_in(role).get(PAGE).status_code for role in ("viewer", "operator", "admin", "root")}

    assert seen == {"viewer": 200, "operator": 200, "admin": 302, "root": 302}


def test_who_has_a_second_step_meets_no_rule(acme, sign_in, person):
    with_app(person("viewer"))
    require(acme)

    page = sign_in("viewer").get(PAGE)

    assert page.status_code == 200
    assert "requires two-step" not in page.text


def test_new_member_has_the_grace_from_their_first_day(acme, sign_in, person):
    require(acme, days=7, ago=timedelta(days=30))
    Membership.objects.filter(user=person("viewer"), org=acme).update(since=timezone.now())
    Membership.objects.filter(user=person("operator"), org=acme).update(
        since=timezone.now() - timedelta(days=30)
    )

    assert sign_in("viewer").get(PAGE).status_code == 200
    assert sign_in("operator").get(PAGE).status_code == 302


def test_token_rests_after_the_grace_and_works_again_with_a_second_step(acme, api, person):
    script = api("viewer")
    slicer = Client(headers={"X-Api-Key": script.defaults["HTTP_AUTHORIZATION"].split()[1]})
    require(acme)

    refused = script.get("/api/printers")
    told = slicer.get("/o/acme/inbox/any/api/version")
    with_app(person("viewer"))

    assert refused.status_code == 403
    assert "two-step sign-in" in refused.json()["detail"]
    assert told.status_code == 403
    assert script.get("/api/printers").status_code == 200


def test_rule_of_one_organisation_is_not_anothers(acme, sign_in):
    require(acme)

    assert sign_in("viewer", "rival").get("/o/rival/printers/").status_code == 200


def test_stricter_rule_starts_the_grace_anew_and_a_milder_one_does_not(acme):
    require(acme, "admins", days=7, ago=timedelta(days=30))
    before = Access.objects.get(org=acme).mfa_since

    access.save_mfa(acme, "admins", 3)
    same = Access.objects.get(org=acme).mfa_since
    access.save_mfa(acme, "members", 3)

    assert same == before
    assert Access.objects.get(org=acme).mfa_since > before


def test_admin_sets_the_rule_on_its_page(acme, sign_in):
    client = sign_in("admin")

    client.post("/o/acme/settings/access/mfa/", {"mfa": "members", "mfa_grace_days": "14"})

    assert (Access.objects.get(org=acme).mfa, Access.objects.get(org=acme).mfa_grace_days) == ("members", 14)
    assert Entry.objects.get(action="access.change").after == {"mfa": "members", "mfa_grace_days": 14}
    bad = client.post("/o/acme/settings/access/mfa/", {"mfa": "everybody", "mfa_grace_days": "1000"})
    assert bad.status_code == 422


# Reset by an admin


def reset(client, membership):
    return client.post(f"/o/acme/members/{membership.pk}/reset-mfa/")


def membership_of(user: User) -> Membership:
    return Membership.objects.get(user=user, org__slug="acme")


def test_admin_resets_a_member_who_then_signs_in_with_the_password(acme, sign_in, person, client):
    with_app(person("viewer"))
    theirs = sign_in("viewer")

    answer = reset(sign_in("admin"), membership_of(person("viewer")))

    assert answer.status_code == 302
    assert person("viewer").mfa_since is None
    assert theirs.get("/account/").status_code == 302
    data = {"email": "viewer@acme.test", "password": PASSWORD}
    assert client.post("/account/sign-in/", data)["Location"] == "/"
    assert Entry.objects.filter(action="member.mfa_reset").count() == 1


def test_reset_person_is_told_by_mail(acme, sign_in, person, monkeypatch, django_capture_on_commit_callbacks):
    with_app(person("viewer"))
    sent = []
    monkeypatch.setattr("celery.current_app.send_task", lambda name, args: sent.append((name, args)))

    with django_capture_on_commit_callbacks(execute=True):
        reset(sign_in("admin"), membership_of(person("viewer")))

    ((name, (template, to, values, _language)),) = [one for one in sent if one[0] == "accounts.deliver"]
    assert (template, to) == ("account", "viewer@acme.test")
    assert "taken the second step off" in values["what"]


def test_admin_does_not_weaken_an_account_that_opens_more_than_their_organisation(
    acme, rival, sign_in, person
):
    with_app(person("viewer"))
    with tenant_context(rival):
        Membership.objects.create(user=person("viewer"), org=rival, role=10)
    root = User.objects.get(email="root@odin.test")
    Membership.objects.create(user=root, org=acme, role=10)
    with_app(root)

    for user in (person("viewer"), root):
        reset(sign_in("admin"), membership_of(user))

    assert person("viewer").mfa_since is not None
    assert User.objects.get(pk=root.pk).mfa_since is not None
    Membership.objects.filter(user=root).delete()
    reset(sign_in("root"), membership_of(person("viewer")))
    assert person("viewer").mfa_since is None


def test_reset_from_the_command_line(person, capsys):
    with_app(person("viewer"))

    call_command("reset_mfa", "Viewer@Acme.test")

    assert person("viewer").mfa_since is None


# Django's admin


@pytest.mark.parametrize("path", ["/admin/", "/o/acme/admin/"])
def test_django_admin_asks_superadmins_for_a_second_step_where_the_platform_says_so(
    acme, sign_in, settings, path
):
    client = sign_in("root")
    assert client.get(path).status_code == 200
    settings.SUPERADMIN_MFA = True

    led = client.get(path)

    assert led["Location"] == f"/account/app/?next={path}"
    assert client.get(led["Location"]).status_code == 200
    with_app(User.objects.get(email="root@odin.test"))
    assert sign_in("root").get(path).status_code == 200


def test_superadmin_takes_the_second_step_off_in_django_admin(sign_in, person):
    with_app(person("viewer"))
    url = f"/admin/accounts/user/{person('viewer').pk}/change/"
    data = {
        "email": "viewer@acme.test",
        "name": "V",
        "is_active": "on",
        "new_password": "",
        "reset_mfa": "on",
    }

    sign_in("root").post(url, data)

    assert person("viewer").mfa_since is None
