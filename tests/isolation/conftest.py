"""Another organisation with a row of every model, each text of them a word that must be seen nowhere else."""

from collections.abc import Callable
from typing import Any

import pytest
from django.apps import apps
from django.conf import settings as django_settings
from django.db import connection
from django_tenants.utils import tenant_context

from accounts.models import User
from orgs.models import ApiToken, Department, Invitation, Membership, Org
from stations.models import Dispatch, Offer, Station
from tests.surface import things

from .planting import CANARY, planted


@pytest.fixture
def theirs(
    acme: Org, rival: Org, person: Callable[..., User], settings: Any, tmp_path: Any
) -> dict[str, Any]:
    """Ids, by kind, of the things of `rival`."""
    settings.MEDIA_ROOT = tmp_path
    Org.objects.filter(pk=rival.pk).update(name=CANARY)
    for role in ("viewer", "operator", "admin"):
        User.objects.filter(pk=person(role, "rival").pk).update(name=f"{CANARY} {role}")
    return planted(rival, person("viewer", "rival"))


@pytest.fixture
def ours(acme: Org, person: Callable[..., User], settings: Any, tmp_path: Any) -> dict[str, Any]:
    settings.MEDIA_ROOT = tmp_path
    found = things(acme, person("viewer"), "Sparrow")
    # What an organisation lends it shows to others by intent, and with its name: here nothing is lent.
    Offer.objects.update(state=Offer.State.WITHDRAWN)
    return found


@pytest.fixture
def picture(rival: Org) -> Callable[[], dict[str, Any]]:
    """All rows of `rival`: what it is compared with afterwards."""
    names = {label.rpartition(".")[2] for label in django_settings.TENANT_APPS}

    def draw() -> dict[str, Any]:
        with tenant_context(rival):
            rows: dict[str, Any] = {
                model._meta.label: list(model.objects.order_by("pk").values())
                for name in names
                for model in apps.get_app_config(name).get_models()
            }
        for model, field in (
            (Membership, "org"),
            (Department, "org"),
            (Invitation, "org"),
            (Station, "owner"),
            (Dispatch, "org"),
        ):
            rows[model._meta.label] = list(model.objects.filter(**{field: rival.pk}).order_by("pk").values())
        rows["tokens"] = list(ApiToken.objects.filter(org=rival).values("pk", "name", "scopes"))
        return rows

    return draw


def search_path() -> str:
    """The schema that PostgreSQL itself looks into first."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_schema()")
        return str(cursor.fetchone()[0])
