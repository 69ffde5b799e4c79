"""Creating organisations, and the set-up of an empty server."""

from collections.abc import Sequence
from uuid import UUID

from celery import current_app
from django.db import IntegrityError, transaction
from django.utils.text import slugify
from django_tenants.utils import tenant_context

from accounts.models import User
from audit.trail import record

from . import spares
from .lifecycle import check_slug, told_twice
from .models import Membership, Org, PastSlug, SetUp
from .roles import Role


class AlreadySetUp(Exception):
    """Somebody else has set this server up."""


def free_slug(name: str) -> str:
    """An address for an organisation of this name that no other one has or had."""
    base = slugify(name)[:40].strip("-") or "org"
    slug, number = base, 2
    while Org.objects.filter(slug=slug).exists() or PastSlug.objects.filter(slug=slug).exists():
        slug, number = f"{base}-{number}", number + 1
    return slug


def create_org(name: str, *, slug: str = "", time_zone: str = "UTC", currency: str = "EUR") -> Org:
    """A new organisation in a schema made ahead, ready at once; ValidationError where `slug` is taken."""
    with transaction.atomic():
        org = spares.take()
        org.name, org.slug, org.state = name, slug or free_slug(name), Org.State.ACTIVE
        org.time_zone, org.currency = time_zone, currency
        check_slug(org.slug or "", org)
        org.full_clean(exclude=["schema_name"])
        org.save()  # type: ignore[no-untyped-call]
        said = {"name": org.name, "slug": org.slug, "time_zone": time_zone, "currency": currency}
        told_twice("org.create", org, after=said)
        transaction.on_commit(lambda: current_app.send_task("orgs.keep_spares"), robust=True)
    return org


def add_member(org: Org, user: User, role: Role, printer_tags: Sequence[UUID] = ()) -> Membership:
    with transaction.atomic():
        membership = Membership.objects.create(org=org, user=user, role=role, printer_tags=list(printer_tags))
        with tenant_context(org):
            record("member.add", membership, after={"person": user.email, "role": role.word})
    return membership


def is_set_up() -> bool:
    return SetUp.objects.exists()


def set_up(org_name: str, admin: User, *, time_zone: str, currency: str = "EUR") -> Org:
    """Make the first organisation and its admin (`admin` is unsaved, with its password set), once for ever.

    AlreadySetUp if another request was first: the row of SetUp decides between two people at once.
    """
    with transaction.atomic():
        try:
            with transaction.atomic():
                SetUp.objects.create()
        except IntegrityError:
            raise AlreadySetUp from None
        admin.is_superadmin = True
        admin.save()
        org = create_org(org_name, time_zone=time_zone, currency=currency)
        add_member(org, admin, Role.ADMIN)
    return org
