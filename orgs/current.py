"""The organisation at work, for code that has no request."""

from django.db import connection

from .models import Org


def current_org() -> Org:
    """The organisation whose schema is in use; LookupError in the public schema."""
    tenant = connection.tenant  # type: ignore[attr-defined]  # added by django-tenants
    if not isinstance(tenant, Org):
        raise LookupError("no organisation is in use")
    return tenant


def release_connection() -> None:
    """Give the database connection back before talking to a printer or anybody else who may take long.

    The next query opens it again in the same schema. Inside a transaction nothing is done: only tests
    talk to printers there.
    """
    if not connection.in_atomic_block:
        connection.close()
