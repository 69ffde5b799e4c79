"""Organisations, who belongs to them and what is due in them. All of it is in the public schema."""

from typing import Any, ClassVar
from uuid import UUID
from zoneinfo import ZoneInfo, available_timezones

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, RegexValidator
from django.db import models
from django.db.models.functions import Lower
from django.utils.crypto import get_random_string
from django.utils.translation import gettext_lazy as _
from django_tenants.models import DomainMixin, TenantMixin
from uuid_utils.compat import uuid7

from .access_rules import Access as Access
from .roles import ACTIONS, Role
from .semesters import DEFAULT, check_semesters


def new_schema_name() -> str:
    """Random and permanent; never the slug, which may change."""
    return "org_" + get_random_string(20, "abcdefghijklmnopqrstuvwxyz0123456789")


def check_time_zone(name: str) -> None:
    if name not in available_timezones():
        raise ValidationError(_("There is no time zone called %(name)s.") % {"name": name})


class Org(TenantMixin):
    """An organisation; its own data is in its schema. A spare one waits, migrated, to be taken."""

    class State(models.TextChoices):
        SPARE = "spare", _("spare")
        ACTIVE = "active", _("active")
        SUSPENDED = "suspended", _("suspended")
        ARCHIVED = "archived", _("archived")

    class Archiving(models.TextChoices):
        """What a suspended organisation does with its running prints on its way to the archive."""

        WAIT = "wait", _("wait for running prints")
        STOP = "stop", _("stop running prints")

    class Currency(models.TextChoices):
        EUR = "EUR", "EUR"
        USD = "USD", "USD"
        GBP = "GBP", "GBP"
        CHF = "CHF", "CHF"
        SEK = "SEK", "SEK"
        DKK = "DKK", "DKK"
        NOK = "NOK", "NOK"
        PLN = "PLN", "PLN"
        CZK = "CZK", "CZK"
        CAD = "CAD", "CAD"
        AUD = "AUD", "AUD"
        JPY = "JPY", "JPY"

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    schema_name = models.CharField(max_length=63, unique=True, default=new_schema_name, editable=False)
    state = models.CharField(max_length=10, choices=State, default=State.ACTIVE)
    name = models.CharField(_("name"), max_length=120)
    slug = models.SlugField(  # noqa: DJ001  # spare ones have none, and null is no duplicate of null
        _("address"),
        max_length=50,
        unique=True,
        null=True,
        validators=[RegexValidator(r"^[a-z0-9](?:[a-z0-9-]*[a-z0-9])?$", _("Use a-z, 0-9 and hyphens."))],
    )
    time_zone = models.CharField(_("time zone"), max_length=60, default="UTC", validators=[check_time_zone])
    language = models.CharField(_("language"), max_length=10, choices=settings.LANGUAGES, default="en")
    currency = models.CharField(_("currency"), max_length=3, choices=Currency, default=Currency.EUR)
    auto_queue = models.BooleanField(
        _("start jobs by themselves"),
        default=False,
        help_text=_(
            "A job then still starts by itself only where its printer and the job itself say so too."
        ),
    )
    semester_starts = models.CharField(
        _("semesters begin on"), max_length=60, default=DEFAULT, validators=[check_semesters]
    )
    working_hours = models.JSONField(default=dict, blank=True)
    fair_share = models.PositiveSmallIntegerField(
        _("fair share"),
        default=0,
        validators=[MaxValueValidator(100)],
        help_text=_(
            "From 0 (off) to 100. At 100 each hour that a person has printed lately puts their waiting jobs "
            "a step behind those of others, at 10 every ten hours."
        ),
    )
    approval = models.BooleanField(
        _("viewers' jobs wait for approval"),
        default=False,
        help_text=_(
            "An operator approves each of them, rejects it, or asks for a change, before it is queued."
        ),
    )
    heat_at_once = models.PositiveSmallIntegerField(
        _("printers that heat up at once, at most"),
        default=0,
        validators=[MaxValueValidator(1000)],
        help_text=_("Automatic starts wait for each other, to spare the fuses. 0: no limit."),
    )
    hold_after_failures = models.PositiveSmallIntegerField(
        _("hold a printer after failed prints in a row"),
        default=1,
        validators=[MaxValueValidator(100)],
        help_text=_("Nothing then starts by itself on it until somebody releases it. 0: never."),
    )
    # "#rrggbb" each, checked by orgs.branding; without one the platform's own is used.
    accent = models.CharField(max_length=7, blank=True)
    accent_dark = models.CharField(max_length=7, blank=True)
    logo = models.CharField(max_length=200, blank=True)
    default_material = models.CharField(
        _("usual material"),
        max_length=40,
        blank=True,
        help_text=_(
            "For jobs whose file names none, and filled in for new filaments. As slicers name it: PLA, PETG …"
        ),
    )
    default_color = models.CharField(_("colour"), max_length=7, blank=True)
    # Why it is suspended or archived, for its members; see orgs.lifecycle.
    closed_reason = models.CharField(max_length=200, blank=True)
    closed_at = models.DateTimeField(null=True, blank=True)
    archiving = models.CharField(max_length=5, choices=Archiving, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    auto_create_schema = False
    auto_drop_schema = False

    class Meta:
        ordering: ClassVar[list[str]] = ["name"]

    def __str__(self) -> str:
        return self.name or self.schema_name

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.time_zone)


class PastSlug(models.Model):
    """An address that an organisation had. It leads to the same one for ever, and never to another."""

    slug = models.SlugField(max_length=50, primary_key=True)
    org = models.ForeignKey(Org, models.CASCADE, related_name="past_slugs")
    at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return self.slug


class Domain(DomainMixin):
    """django-tenants wants one; we find organisations by path, so there are no rows."""

    def __str__(self) -> str:
        return str(self.domain)


class DepartmentManager(models.Manager["Department"]):
    """Departments are asked for by their organisation: the table is everybody's."""

    def of(self, org: Org) -> "models.QuerySet[Department]":
        return self.filter(org=org)


class Department(models.Model):
    """A part of an organisation: people are in it, and jobs are counted for it."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    org = models.ForeignKey(Org, models.CASCADE, related_name="departments")
    name = models.CharField(_("name"), max_length=80)
    code = models.CharField(_("code"), max_length=20, blank=True)

    objects = DepartmentManager()

    class Meta:
        ordering: ClassVar[list[str]] = ["name"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint("org", Lower("name"), name="orgs_department_name_once")
        ]

    def __str__(self) -> str:
        return self.name


class Membership(models.Model):
    """What a person is in an organisation.

    `printer_tags` are ids of tags in the organisation's schema; see `limited_to`. A tag that is renamed stays
    the same; one that is deleted stays here and matches no printer, so that nobody sees more by a deletion.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="memberships")
    org = models.ForeignKey(Org, models.CASCADE, related_name="memberships")
    role = models.PositiveSmallIntegerField(_("role"), choices=Role)
    department = models.ForeignKey(
        Department, models.SET_NULL, null=True, blank=True, related_name="memberships"
    )
    printer_tags = ArrayField(models.UUIDField(), default=list, blank=True)
    since = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["user", "org"], name="orgs_membership_once")
        ]

    def __str__(self) -> str:
        return f"{self.user} ({Role(self.role).label})"

    def may(self, action: str) -> bool:
        return self.role >= ACTIONS[action].least

    @property
    def limited_to(self) -> frozenset[UUID] | None:
        """The tags of which a printer must have one for this person to see and use it; None for no limit."""
        return frozenset(self.printer_tags) if self.printer_tags and self.role == Role.VIEWER else None


class Invitation(models.Model):
    """An open offer of membership to whoever reads mail at `email`. Only the link's hash is kept."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    org = models.ForeignKey(Org, models.CASCADE, related_name="invitations")
    email = models.EmailField(_("e-mail"))
    role = models.PositiveSmallIntegerField(_("role"), choices=Role, default=Role.VIEWER)
    printer_tags = ArrayField(models.UUIDField(), default=list, blank=True)
    digest = models.BinaryField(max_length=32, unique=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["org", "email"], name="orgs_invitation_once")
        ]

    def __str__(self) -> str:
        return self.email


class ApiToken(models.Model):
    """A key for scripts, bound to one person and one organisation. Only the secret's hash is kept."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="api_tokens")
    org = models.ForeignKey(Org, models.CASCADE, related_name="api_tokens")
    name = models.CharField(_("name"), max_length=80)
    lookup = models.CharField(max_length=16, unique=True)
    digest = models.BinaryField(max_length=32)
    scopes = ArrayField(models.CharField(max_length=20))
    created_at = models.DateTimeField(auto_now_add=True)
    rotated_at = models.DateTimeField(null=True)
    expires_at = models.DateTimeField(null=True)
    last_used_at = models.DateTimeField(null=True)
    last_used_from = models.GenericIPAddressField(null=True)

    def __str__(self) -> str:
        return self.name


class Due(models.Model):
    """The agenda: `task` is to run in `org` at `due_at`; null when nothing is due."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    org = models.ForeignKey(Org, models.CASCADE, related_name="agenda")
    task = models.CharField(max_length=60)
    due_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["org", "task"], name="orgs_due_once")
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["due_at"], name="orgs_due_at", condition=models.Q(due_at__isnull=False))
        ]

    def __str__(self) -> str:
        return f"{self.task} in {self.org}"


class SetUp(models.Model):
    """One row, written when the server was set up; its key makes a second set-up impossible."""

    only = models.BooleanField(primary_key=True, default=True)
    at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return f"set up at {self.at}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        super().save(*args, force_insert=True, **{k: v for k, v in kwargs.items() if k != "force_insert"})
