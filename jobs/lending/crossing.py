"""Whose schema is whose: to the one who owns the machine, or to the one whose print it is, and back."""

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from uuid import UUID

from django_tenants.utils import tenant_context

from orgs.current import current_org
from orgs.models import Org
from stations.models import Dispatch, Station


@contextmanager
def within(org_id: UUID) -> Iterator[Org]:
    """In that organisation's schema meanwhile; stays where it is if that one is in use already."""
    org = current_org()
    if org.pk == org_id:
        yield org
        return
    other = Org.objects.get(pk=org_id)
    with tenant_context(other):
        yield other


def at_home(dispatch: Dispatch) -> AbstractContextManager[Org]:
    """With the organisation whose print it is."""
    return within(dispatch.org_id)


def at_owner(station: Station) -> AbstractContextManager[Org]:
    """With the organisation that owns the machine."""
    return within(station.owner_id)


def is_borrowed(station: Station, dispatch: Dispatch) -> bool:
    return station.owner_id != dispatch.org_id
