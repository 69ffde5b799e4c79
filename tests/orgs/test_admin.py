"""Django's admin: superadmins only, no secret shown, every change in the trail."""

from pathlib import Path

import pytest
from django.apps import apps
from django.conf import settings
from django.urls import reverse
from django.utils import timezone
from django_tenants.utils import tenant_context

from accounts.models import MailServer, Passkey, Session, TrustedDevice, User
from alerts.models import Endpoint, Parcel
from audit.models import Entry
from inventory.models import Filament
from odin_site.admin import ReadOnly, org_admin, platform_admin
from orgs.models import ApiToken, Membership, Org
from printers.models import Printer
from stations.models import Station
from tests.conftest import PASSWORD
from tests.factories.printers import make_printer

PUBLIC_PAGES = [f"/admin/{m._meta.app_label}/{m._meta.model_name}/" for m in platform_admin._registry]
ORG_PAGES = [f"/o/acme/admin/{m._meta.app_label}/{m._meta.model_name}/" for m in org_admin._registry]


@pytest.mark.parametrize("path", ["/admin/", "/o/acme/admin/", *PUBLIC_PAGES, *ORG_PAGES])
def test_superadmin_sees_every_list(acme, sign_in, path):
    assert sign_in("root").get(path).status_code == 200


@pytest.mark.parametrize(
    "path", ["/admin/", "/o/acme/admin/", PUBLIC_PAGES[0], ORG_PAGES[0], "/admin/login/"]
)
def test_for_everybody_else_there_is_no_admin(acme, sign_in, client, path):
    assert sign_in("admin").get(path).status_code == 404
    assert client.get(path, follow=True).redirect_chain[-1][0].startswith("/account/sign-in/")


def test_token_is_shown_without_its_hash(acme, api, sign_in):
    api("viewer")
    token = ApiToken.objects.get()

    text = sign_in("root").get(f"/admin/orgs/apitoken/{token.pk}/change/").text

    assert token.lookup in text
    assert "digest" not in text.lower()


def test_secret_of_a_printer_is_never_shown(acme, sign_in):
    station = Station.objects.create(owner=acme, name="A", protocol="bambu", machine_key="k")
    Printer.objects.create(
        pk=station.pk, name="A", protocol="bambu", address="10.0.0.9", secret="very-hidden"
    )

    assert (
        "very-hidden" not in sign_in("root").get(f"/o/acme/admin/printers/printer/{station.pk}/change/").text
    )


def test_password_set_by_a_superadmin_keeps_the_rule_and_is_in_no_trail(sign_in, person):
    viewer, root = person("viewer"), sign_in("root")
    path = f"/admin/accounts/user/{viewer.pk}/change/"
    form = {"email": viewer.email, "name": "V", "is_active": "on"}

    weak = root.post(path, form | {"new_password": "weak"})
    good = root.post(path, form | {"new_password": "Another8stable"})

    assert "The password still needs" in weak.text
    assert good.status_code == 302
    assert User.objects.get(pk=viewer.pk).check_password("Another8stable")
    assert "Another8stable" not in str(list(Entry.objects.values()))
    edit = Entry.objects.get(action="admin.user.edit")
    assert (edit.before, edit.after) == ({"name": "acme viewer"}, {"name": "V"})


def test_new_person_can_not_sign_in_before_a_password_is_set(sign_in):
    sign_in("root").post(
        "/admin/accounts/user/add/", {"email": "New@Person.test", "name": "N", "is_active": "on"}
    )

    assert not User.objects.get(email="new@person.test").has_usable_password()


def test_superadmin_can_not_shut_oneself_out(sign_in):
    root = User.objects.get(email="root@odin.test")

    sign_in("root").post(f"/admin/accounts/user/{root.pk}/change/", {"email": root.email, "name": "Root"})

    root.refresh_from_db()
    assert (root.is_active, root.is_superadmin) == (True, True)


def test_last_admin_stays_admin_here_too(acme, sign_in, person):
    membership = Membership.objects.get(user=person("admin"))

    answer = sign_in("root").post(f"/admin/orgs/membership/{membership.pk}/change/", {"role": 10})

    assert "is the last admin" in answer.text
    assert Membership.objects.get(pk=membership.pk).role == 30


def test_role_changed_here_is_in_the_organisations_trail(acme, sign_in, person):
    membership = Membership.objects.get(user=person("viewer"))

    sign_in("root").post(f"/admin/orgs/membership/{membership.pk}/change/", {"role": 20})

    with tenant_context(acme):
        assert Entry.objects.get(action="member.role").actor == "Root"


def test_change_in_an_organisation_is_in_its_trail_and_nowhere_else(acme, rival, sign_in):
    with tenant_context(acme):
        filament = Filament.objects.create(material="PLA", brand="Old")
    form = {"material": "PLA", "brand": "New", "color": "#808080", "density": "1.24", "diameter_mm": "1.75"}

    answer = sign_in("root").post(
        f"/o/acme/admin/inventory/filament/{filament.pk}/change/", form | {"price_per_kg": "0"}
    )

    assert answer.status_code == 302, answer.text
    with tenant_context(acme):
        entry = Entry.objects.get(action="admin.filament.edit")
        assert (entry.before, entry.after) == ({"brand": "Old"}, {"brand": "New"})
    with tenant_context(rival):
        assert not Entry.objects.filter(action="admin.filament.edit").exists()


def test_name_address_and_state_of_an_organisation_are_changed_on_its_own_page(acme, sign_in):
    form = {"name": "Other", "slug": "other", "state": "archived", "time_zone": "UTC", "currency": "USD"}
    root = sign_in("root")

    answer = root.post(f"/admin/orgs/org/{acme.pk}/change/", form)

    acme.refresh_from_db()
    assert answer.status_code == 403
    assert (acme.name, acme.slug, acme.state) == ("Acme", "acme", "active")
    assert f"/organisations/{acme.pk}/" in root.get("/admin/orgs/org/").text


# What there is nothing to see of but secrets, or nothing at all.
NOWHERE = {"Authenticator", "RecoveryCode", "PasswordReset", "Domain", "SetUp"}


def test_every_table_of_ours_is_in_one_of_the_two():
    ours = {
        model
        for config in apps.get_app_configs()
        if (Path(config.path).parent == settings.BASE_DIR)
        for model in config.get_models()
    }
    shown = set(platform_admin._registry) | set(org_admin._registry)

    assert {model.__name__ for model in ours - shown} == NOWHERE


def test_no_secret_and_no_hash_is_shown_on_any_page(acme, sign_in, person):
    """A canary stands in every field that is named like a secret or hides one."""
    viewer = person("viewer")
    key = "canary-of-a-session"
    rows = [
        Endpoint.objects.create(
            channel="webhook", name="Hook", address="https://h.test/hook?key=canary", secret="canary-s"
        ),
        Parcel.objects.create(
            channel="webhook", address="https://h.test/hook?key=canary", due_at=timezone.now()
        ),
        make_printer(name="P", secret="canary-p"),
        Session.objects.create(user=viewer, key=key, seen_at=timezone.now()),
        TrustedDevice.objects.create(user=viewer, digest=b"canary-d", expires_at=timezone.now()),
        Passkey.objects.create(user=viewer, name="Key", credential=b"canary-c", public_key=b"canary-k"),
        MailServer.objects.create(
            host="mail.test", port=25, tls="none", sender="a@b.test", secret="canary-m"
        ),
    ]
    root = sign_in("root")

    for row in rows:
        names = f"{row._meta.app_label}/{row._meta.model_name}"
        start = "/o/acme/admin/" if type(row) in org_admin._registry else "/admin/"
        for path in (f"{start}{names}/", f"{start}{names}/{row.pk}/change/"):
            answer = root.get(path)
            assert answer.status_code == 200, path
            assert "canary" not in answer.text, path
            assert b"canary".hex() not in answer.text, path


@pytest.mark.parametrize("path", ["/admin/", "/o/acme/admin/", *PUBLIC_PAGES, *ORG_PAGES])
def test_where_a_second_step_is_required_no_superadmin_enters_without(acme, sign_in, settings, path):
    settings.SUPERADMIN_MFA = True
    root = sign_in("root")

    without = root.get(path)
    User.objects.filter(is_superadmin=True).update(mfa_since=timezone.now())

    assert without.status_code == 302
    assert without["Location"] == f"/account/app/?next={path}"
    assert root.get(path).status_code == 200


@pytest.mark.parametrize("path", [*PUBLIC_PAGES, *ORG_PAGES])
def test_what_is_to_look_at_only_can_not_be_added_to(acme, sign_in, path):
    site = org_admin if path.startswith("/o/") else platform_admin
    shown = {
        f"{model._meta.app_label}/{model._meta.model_name}": one for model, one in site._registry.items()
    }
    app, model = path.rstrip("/").split("/")[-2:]

    answer = sign_in("root").post(f"{path}add/", {})

    assert (answer.status_code == 403) == (
        isinstance(shown[f"{app}/{model}"], ReadOnly) or model in {"printer", "model3d"}
    )


def test_nothing_is_deleted_here(acme, sign_in, person):
    root = sign_in("root")

    for path in (f"/admin/accounts/user/{person('viewer').pk}/delete/", f"/admin/orgs/org/{acme.pk}/delete/"):
        assert root.post(path, {"post": "yes"}).status_code == 403


def test_spare_organisations_are_not_listed(db, sign_in):
    spare = Org.objects.create(state=Org.State.SPARE, name="In Waiting")

    assert str(spare.pk) not in sign_in("root").get("/admin/orgs/org/").text


def test_sign_in_leads_back_to_the_admin(client, db):
    answer = client.get("/admin/")
    place = client.get(answer["Location"])["Location"]

    back = client.post(
        place.split("?")[0], {"email": "root@odin.test", "password": PASSWORD, "next": reverse_admin()}
    )

    assert back["Location"] == "/admin/"


def reverse_admin() -> str:
    return reverse("admin:index", urlconf="odin_site.urls_public")


@pytest.mark.parametrize("start", ["/admin/", "/o/acme/admin/"])
def test_ones_own_password_is_changed_on_ones_own_page_alone(acme, sign_in, start):
    words = {"old_password": PASSWORD, "new_password1": "Another8stable", "new_password2": "Another8stable"}

    answer = sign_in("root").post(f"{start}password_change/", words)

    assert answer["Location"] == "/account/"
    assert User.objects.get(email="root@odin.test").check_password(PASSWORD)


@pytest.mark.parametrize("start", ["/admin/", "/o/acme/admin/"])
def test_signing_out_here_takes_the_session_off_the_list_and_is_recorded(acme, sign_in, start):
    root = sign_in("root")

    assert root.get(f"{start}logout/").status_code == 405
    assert root.post(f"{start}logout/")["Location"] == "/account/sign-in/"

    assert not Session.objects.filter(user__email="root@odin.test").exists()
    assert root.get("/account/").status_code == 302


def test_password_that_the_sign_in_would_not_take_is_not_set(sign_in, person):
    viewer = person("viewer")
    form = {"email": viewer.email, "name": "V", "is_active": "on", "new_password": "Aa1" + "x" * 126}

    answer = sign_in("root").post(f"/admin/accounts/user/{viewer.pk}/change/", form)

    assert "at most 128 characters" in answer.text
    assert User.objects.get(pk=viewer.pk).check_password(PASSWORD)
