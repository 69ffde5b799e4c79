"""The organisation at work, for code that has no request."""

from django.db import connection

from .models import Org


def current_org() -> Org:
    """The organisation whose schema is in use; LookupError in the public schema."""
    tenant = connection.tenant  # type: ignore[attr-defined]  # added by django-tenants
    if not isinstance(tenant, Org):
        raise LookupError("no organisation is in use")
    return tenant
