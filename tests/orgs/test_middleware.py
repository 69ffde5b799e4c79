"""One organisation's pages are served in its schema, to its members only."""

from datetime import UTC, datetime

import pytest
from django.db import connection
from django.utils import timezone
from django_tenants.utils import get_public_schema_name, schema_context

from audit.models import Entry
from orgs.models import Org

PAGE = "/o/acme/account/"


def test_member_gets_the_page(sign_in):
    assert sign_in("viewer").get(PAGE).status_code == 200


def test_nobody_is_led_to_sign_in_and_back(db, client):
    assert client.get(PAGE)["Location"] == f"/account/sign-in/?next={PAGE}"


@pytest.mark.parametrize("path", ["/o/rival/account/", "/o/nowhere/account/", "/o/ACME/account/"])
def test_foreign_and_missing_organisations_are_404_alike(sign_in, path):
    assert sign_in("admin").get(path).status_code == 404


@pytest.mark.parametrize("state", ["archived", "spare"])
@pytest.mark.parametrize("role", ["admin", "root"])
def test_organisation_that_is_archived_or_spare_is_404(acme, sign_in, state, role):
    Org.objects.filter(pk=acme.pk).update(state=state)

    assert sign_in(role).get(PAGE).status_code == 404


def test_visit_of_a_superadmin_is_one_line_a_session(acme, sign_in):
    client = sign_in("root")

    client.get(PAGE)
    client.get(PAGE)

    entry = Entry.objects.get(action="superadmin.enter")
    assert entry.actor == "Root"
    sign_in("root").get(PAGE)
    assert Entry.objects.filter(action="superadmin.enter").count() == 2


def test_visit_of_a_member_is_no_line(acme, sign_in):
    sign_in("admin").get(PAGE)

    assert not Entry.objects.filter(action="superadmin.enter").exists()


def test_connection_is_back_on_public_after_a_view_broke(db, sign_in, monkeypatch):
    client = sign_in("admin")
    client.raise_request_exception = False
    monkeypatch.setattr("orgs.views.settings.OrgForm", None)

    assert client.get("/o/acme/settings/").status_code == 500

    assert connection.schema_name == get_public_schema_name()


def test_pages_use_the_organisations_zone_and_leave_no_trace_of_it(acme, sign_in):
    Org.objects.filter(pk=acme.pk).update(time_zone="Pacific/Auckland")
    entry = Entry.objects.create(actor="Ann", action="x")
    Entry.objects.filter(pk=entry.pk).update(at=datetime(2026, 1, 1, 12, tzinfo=UTC))

    text = sign_in("admin").get("/o/acme/audit/?q=Ann").text

    assert "2 January 2026, 01:00:00 NZDT" in text
    assert timezone.get_current_timezone_name() == "UTC"


def test_last_organisation_is_where_the_first_page_leads(sign_in):
    client = sign_in("root")
    assert client.get("/")["Location"] == "/organisations/"

    client.get("/o/rival/account/")

    assert client.get("/")["Location"] == "/o/rival/"


def test_openapi_needs_no_token(db, client):
    assert client.get("/api/openapi.json").status_code == 200


def test_public_schema_is_in_use_again_after_an_api_call(api):
    api("viewer").get("/api/me")

    with schema_context(get_public_schema_name()):
        assert Org.objects.filter(slug="acme").exists()
    assert connection.schema_name == get_public_schema_name()
