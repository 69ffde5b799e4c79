"""Quotas as an organisation sets them, and the ledger of what each job takes."""

from decimal import Decimal
from typing import ClassVar

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _
from uuid_utils.compat import uuid7

from orgs.models import Department

from .periods import Span
from .rules import Measure, Rule, Who

MOST = Decimal(10_000_000)


class Quota(models.Model):
    """`amount` of jobs, grams or hours for somebody in each day, week, month or semester."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    who = models.CharField(_("for"), max_length=10, choices=Who, default=Who.VIEWER)
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, null=True, blank=True, related_name="+"
    )
    department = models.ForeignKey(Department, models.CASCADE, null=True, blank=True, related_name="+")
    measure = models.CharField(_("of"), max_length=5, choices=Measure, default=Measure.JOBS)
    amount = models.DecimalField(
        _("amount"),
        max_digits=10,
        decimal_places=2,
        validators=[MinValueValidator(Decimal(0)), MaxValueValidator(MOST)],
    )
    span = models.CharField(_("in each"), max_length=8, choices=Span, default=Span.WEEK)

    class Meta:
        ordering: ClassVar[list[str]] = ["id"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["who", "person", "department", "measure", "span"],
                name="jobs_quota_once",
                nulls_distinct=False,
                violation_error_message=_("There is a quota of this kind already: change that one."),
            ),
            models.CheckConstraint(condition=Q(amount__gte=0), name="jobs_quota_amount"),
            models.CheckConstraint(
                condition=Q(who="person", person__isnull=False, department=None)
                | Q(who__in=["member", "department"], department__isnull=False, person=None)
                | Q(who__in=["viewer", "org"], person=None, department=None),
                name="jobs_quota_names_its_own",
            ),
        ]

    def __str__(self) -> str:
        amount = f"{self.amount.normalize():f} {self.get_measure_display()}"
        return f"{amount} / {self.get_span_display()}: {self.whom}"

    def clean(self) -> None:
        """Whole jobs only; a person or department exactly where one is counted."""
        if self.measure == Measure.JOBS and self.amount is not None and self.amount % 1:
            raise ValidationError({"amount": _now("Jobs are counted whole.")})
        self.person = self.person if self.who == Who.PERSON else None
        self.department = self.department if self.who in {Who.MEMBER, Who.DEPARTMENT} else None
        if self.who == Who.PERSON and self.person is None:
            raise ValidationError({"person": _now("Choose the person.")})
        if self.who in {Who.MEMBER, Who.DEPARTMENT} and self.department is None:
            raise ValidationError({"department": _now("Choose the department.")})

    @property
    def whom(self) -> str:
        """For whom it is, in words; asks for the person or the department."""
        if self.who == Who.MEMBER:
            return _now("each member of %(department)s") % {"department": self.department}
        named = self.person or self.department
        return str(named) if named else self.get_who_display()

    def rule(self) -> Rule:
        limit = self.amount * 3600 if self.measure == Measure.HOURS else self.amount
        return Rule(
            self.pk, self.whom, self.who, self.person_id, self.department_id, self.measure, limit, self.span
        )


class QuotaShare(models.Model):
    """What one job takes of whatever quotas there are, counted in the periods that hold at `at`.

    It is written for every job, quota or none, so that a quota set later knows what was used before; and it
    outlives its job. `copy_grams` and `copy_s` are the estimate of one copy.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    job = models.OneToOneField("jobs.Job", models.SET_NULL, null=True, related_name="quota_share")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    department = models.ForeignKey(Department, models.SET_NULL, null=True, related_name="+")
    at = models.DateTimeField()
    copy_grams = models.DecimalField(max_digits=10, decimal_places=2, default=Decimal(0))
    copy_s = models.PositiveIntegerField(default=0)
    jobs = models.PositiveSmallIntegerField(default=1)
    grams = models.DecimalField(max_digits=12, decimal_places=2, default=Decimal(0))
    seconds = models.PositiveBigIntegerField(default=0)

    class Meta:
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["by", "at"], name="jobs_quotashare_by"),
            models.Index(fields=["department", "at"], name="jobs_quotashare_department"),
            models.Index(fields=["at"], name="jobs_quotashare_at"),
        ]

    def __str__(self) -> str:
        return f"{self.job}: {self.jobs}, {self.grams} g, {self.seconds} s"
