"""The kinds of alerts, how grave they are and whom they are for."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Severity(models.TextChoices):
    INFO = "info", _("info")
    WARNING = "warning", _("warning")
    CRITICAL = "critical", _("critical")


class Kind(models.TextChoices):
    PRINT_DONE = "print.done", _("print done")
    PRINT_FAILED = "print.failed", _("print failed")
    NEEDS_YOU = "printer.needs_you", _("printer needs you")
    OFFLINE = "printer.offline", _("printer offline")
    QUOTA_NEAR = "quota.near", _("quota near")


SEVERITY: dict[Kind, Severity] = {
    Kind.PRINT_DONE: Severity.INFO,
    Kind.PRINT_FAILED: Severity.WARNING,
    Kind.NEEDS_YOU: Severity.WARNING,
    Kind.OFFLINE: Severity.WARNING,
    Kind.QUOTA_NEAR: Severity.WARNING,
}
