"""The word of another organisation in every text it can keep, read off the models' own fields.

A new model, or a new column, is planted by itself. What can't hold the word is named in WORDS_OF_OURS.
"""

from collections.abc import Iterator
from datetime import time
from typing import Any

from django.apps import apps
from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db.models import CharField, Field, JSONField, Model, Q, TextField
from django.utils import timezone
from django_tenants.utils import tenant_context

from accounts.models import User
from alerts.kinds import Channel, Kind
from alerts.models import Preference, QuietHours, RoleDefault
from inventory.models import Spool
from jobs.models import Print
from maintenance.models import ForeignPrint, Meter
from models3d.models import Favourite
from orgs.models import ApiToken, Department, Due, Invitation, Membership, Org
from printers.models import Reading
from stations.models import Dispatch, Offer, Station
from tests.surface import things

CANARY = "Quetzalcoatl"
# The rows of public tables that belong to an organisation, by the field that says so.
OWNED: dict[type[Model], str] = {
    Membership: "org", Department: "org", Invitation: "org", ApiToken: "org", Due: "org",
    Station: "owner", Dispatch: "org", Offer: "station__owner",
}  # fmt: skip
# Columns whose text is not a person's: names of ours, sealed secrets, digests, paths, numbers in a form.
WORDS_OF_OURS = {
    "audit.Entry": "via action target_type target_id",
    "bulk.Run": "model action via values",
    "bulk.Item": "memory seen",
    "alerts.Alert": "cause target_type",
    "alerts.Endpoint": "kinds secret",
    "alerts.QuietHours": "days time_zone",
    "printers.Printer": "protocol address secret fingerprint",
    "printers.SavedView": "query",
    "printers.Slot": "color kind",
    "maintenance.Task": "told",
    "maintenance.LogEntry": "before photo",
    "models3d.StoredFile": "path thumbnail_path layers_path",
    "models3d.Plate": "box md5 spent",
    "inventory.Filament": "color",
    "inventory.SpoolImport": "path source outcome",
    "jobs.Job": "filaments",
    "jobs.RateCard": "currency by_model by_department",
    "jobs.ChargeLine": "currency",
    "jobs.GuestPrint": "filaments",
    "jobs.LedgerLine": "kind currency",
    "jobs.Preset": "filaments",
    "jobs.Print": "reached spools chosen_slots photo",
    "reports.Schedule": "kind filters",
    "reports.Run": "kind filters pdf html text csv",
    "orgs.Invitation": "printer_tags",
    "orgs.Membership": "printer_tags",
    "orgs.ApiToken": "lookup scopes",
    "orgs.Due": "task",
    "stations.Station": "protocol machine_key link_holder",
    "stations.Dispatch": "sha256 start_id terms",
    "stations.Offer": "currency hours",
}


def planted(org: Org, by: User) -> dict[str, Any]:
    """Ids by kind of the things of `org`, which has a row of every model and the word in all its texts."""
    with tenant_context(org):
        found = things(org, by, CANARY)
        # People's numbers count from 1 in each organisation: this one is nobody else's.
        found["code"] = 9001
        Spool.objects.filter(pk=found["spool"]).update(number=found["code"])
        _complete(org, by, found)
    found["dispatch"] = Dispatch.objects.get(org=org, state="planned").pk
    plant(org)
    return found


def _complete(org: Org, by: User, found: dict[str, Any]) -> None:
    """Rows of the models of which `things` makes none, for nothing in an address names them."""
    of_printer = {"printer_id": found["printer"]}
    Meter.objects.get_or_create(**of_printer)
    ForeignPrint.objects.create(**of_printer, since=timezone.now())
    Reading.objects.create(**of_printer, at=timezone.now(), nozzle_c=200)
    Favourite.objects.create(model_id=found["model"], user=by)
    Preference.objects.create(user=by, kind=Kind.NEEDS_YOU, channel=Channel.EMAIL, is_wanted=True)
    RoleDefault.objects.create(role=10, kind=Kind.NEEDS_YOU, channel=Channel.EMAIL, is_wanted=True)
    QuietHours.objects.create(user=by, start=time(22), end=time(7), days=[0])
    Dispatch.objects.create(
        station_id=found["printer"], org=org, print_id=Print.objects.get(job=found["job"]).pk,
        sha256="0" * 64, size=9, remote_name=CANARY, start_id="12345",
    )  # fmt: skip


def tenant_models() -> list[type[Model]]:
    names = {label.rpartition(".")[2] for label in settings.TENANT_APPS}
    return [
        model
        for model in apps.get_models(include_auto_created=True)
        if model._meta.app_label in names and not model._meta.proxy
    ]


def texts_of(model: type[Model]) -> list["Field[Any, Any]"]:
    """The columns that hold what people, files and printers say."""
    ours = WORDS_OF_OURS.get(model._meta.label, "").split()
    return [
        field
        for field in model._meta.concrete_fields
        if isinstance(field, CharField | TextField | JSONField | ArrayField)
        and not (field.choices or field.primary_key or field.name in ours)
    ]


def plant(org: Org) -> None:
    """Write the word into every text of the organisation's schema and of its rows in public tables."""
    with tenant_context(org):
        for model in tenant_models():
            _plant(model, Q())
    for model, owner in OWNED.items():
        _plant(model, Q(**{owner: org}))


def unplanted(org: Org) -> Iterator[str]:
    """The columns that no row holds the word in: there is no such row, or it could not be written."""
    with tenant_context(org):
        for model in tenant_models():
            yield from _unplanted(model, Q())
    for model, owner in OWNED.items():
        yield from _unplanted(model, Q(**{owner: org}))


def _plant(model: type[Model], rows: Q) -> None:
    fields = texts_of(model)
    for row in model._default_manager.filter(rows) if fields else ():
        values = {field.attname: _with_word(field, row) for field in fields}
        # Not by managers that keep rows as they are.
        model._base_manager.filter(pk=row.pk).update(**values)


def _with_word(field: "Field[Any, Any]", row: Model) -> Any:
    value = getattr(row, field.attname)
    if isinstance(field, JSONField):
        return value if CANARY in str(value) else {**(value or {}), CANARY: CANARY}
    if CANARY.lower() in str(value).lower():
        return value
    text = f"{CANARY} {str(row.pk)[-8:]}"[: field.max_length or None]
    return [text] if isinstance(field, ArrayField) else text


def _unplanted(model: type[Model], rows: Q) -> Iterator[str]:
    texts = texts_of(model)
    found = list(model._default_manager.filter(rows).values(*(field.attname for field in texts)))
    if not found and not model._meta.auto_created:
        yield model._meta.label
    for field in texts if found else ():
        if not any(
            CANARY.lower()[: field.max_length or 99] in str(one[field.attname]).lower() for one in found
        ):
            yield f"{model._meta.label}.{field.name}"
