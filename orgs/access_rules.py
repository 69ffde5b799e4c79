"""The rules of access, as they are kept; `orgs.access` applies them."""

from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.core.validators import MaxValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _
from uuid_utils.compat import uuid7


class Access(models.Model):
    """Rules of who gets in: of an organisation, or of the whole platform, which is the row without one.

    `networks` are CIDR; none means from everywhere. `mfa_since` begins the time in which to set it up.
    """

    class Mfa(models.TextChoices):
        NOBODY = "nobody", _("nobody")
        ADMINS = "admins", _("admins")
        MEMBERS = "members", _("all members")

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    org = models.OneToOneField("orgs.Org", models.CASCADE, null=True, related_name="access")
    networks = ArrayField(models.CharField(max_length=50), default=list, blank=True)
    mfa = models.CharField(
        _("two-step sign-in is required of"), max_length=10, choices=Mfa, default=Mfa.NOBODY
    )
    mfa_grace_days = models.PositiveSmallIntegerField(
        _("days to set it up"), default=7, validators=[MaxValueValidator(90)]
    )
    mfa_since = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["org"], name="orgs_access_of_the_platform_once", nulls_distinct=False
            )
        ]

    def __str__(self) -> str:
        return f"access to {self.org or 'the platform'}"
