"""What keeps organisations apart by construction, checked before the server starts."""

from collections.abc import Iterator, Sequence
from typing import Any

from django.apps import AppConfig, apps
from django.conf import settings
from django.contrib.contenttypes.fields import GenericForeignKey
from django.core.checks import CheckMessage, Error, Tags, register
from django.db.models import Model

# An organisation has a trail of its own, and the platform another.
MEANT_TWICE = frozenset({"audit_entry"})


@register(Tags.models)
def check_schemas(app_configs: Sequence[AppConfig] | None, **_options: Any) -> list[CheckMessage]:
    return [*_tables_in_both(), *_generic_keys(), *_keys_into_schemas()]


def _tables_in_both() -> Iterator[CheckMessage]:
    """A table in both would be read in public where an organisation's search path is not set."""
    shared = {model._meta.db_table for model in models_of(settings.SHARED_APPS)}
    for model in models_of(settings.TENANT_APPS):
        if model._meta.db_table in shared - MEANT_TWICE:
            words = f"{model._meta.db_table} would be both in public and in each organisation's schema."
            yield Error(words, obj=model, id="orgs.E001")


def _generic_keys() -> Iterator[CheckMessage]:
    """What they name is an id in whichever schema is in use."""
    for model in apps.get_models():
        if any(isinstance(field, GenericForeignKey) for field in model._meta.private_fields):
            yield Error("Generic foreign keys know no schema.", obj=model, id="orgs.E002")


def _keys_into_schemas() -> Iterator[CheckMessage]:
    """Rows of organisations may point at public ones, never the other way."""
    tenant = {model for model in models_of(settings.TENANT_APPS) if model._meta.db_table not in MEANT_TWICE}
    for model in models_of(settings.SHARED_APPS):
        for field in model._meta.get_fields():
            if field.concrete and field.is_relation and field.related_model in tenant:
                words = f"{field.name} points from public into an organisation's schema."
                yield Error(words, obj=model, id="orgs.E003")


def models_of(labels: Sequence[str]) -> list[type[Model]]:
    """The models of the apps, those between two others too."""
    names = {label.rpartition(".")[2] for label in labels}
    return [one for one in apps.get_models(include_auto_created=True) if one._meta.app_label in names]
