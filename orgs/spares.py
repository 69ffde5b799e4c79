"""Organisations made ahead, so that creating one takes no time."""

from django.db import connection, transaction

from .models import Org

WANTED = 2


def keep(wanted: int = WANTED) -> int:
    """Make spare organisations until there are `wanted`; return how many were made.

    Two processes doing so at once take turns by an advisory lock, and the second finds enough.
    """
    for made in range(wanted + 1):
        with transaction.atomic():
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_xact_lock(hashtext('odin spare orgs'))")
            if Org.objects.filter(state=Org.State.SPARE).count() >= wanted:
                return made
            make()
    return wanted


def make() -> Org:
    """A spare organisation with its schema migrated."""
    org = Org(state=Org.State.SPARE)
    org.save()  # type: ignore[no-untyped-call]
    org.create_schema(check_if_exists=True, verbosity=0)  # type: ignore[no-untyped-call]
    return org


def take() -> Org:
    """A spare organisation, locked for the caller's transaction; one is made if there is none left."""
    spare = (
        Org.objects.select_for_update(skip_locked=True).filter(state=Org.State.SPARE).order_by("pk").first()
    )
    return spare or make()
