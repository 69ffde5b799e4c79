"""The kinds of alerts, how grave they are, whom they are for and the ways they are told."""

from datetime import timedelta

from django.db import models
from django.utils.translation import gettext_lazy as _


class Severity(models.TextChoices):
    INFO = "info", _("info")
    WARNING = "warning", _("warning")
    CRITICAL = "critical", _("critical")


class Channel(models.TextChoices):
    """A way to tell people. `app` is the list in the pages itself."""

    APP = "app", _("in the app")
    EMAIL = "email", _("e-mail")
    PUSH = "push", _("push")
    WEBHOOK = "webhook", _("webhook")
    CHAT = "chat", _("chat")


class Kind(models.TextChoices):
    PRINT_DONE = "print.done", _("print done")
    PRINT_FAILED = "print.failed", _("print failed")
    ERROR = "printer.error", _("printer error")
    NEEDS_YOU = "printer.needs_you", _("printer needs you")
    OFFLINE = "printer.offline", _("printer offline")
    MAINTENANCE_DUE = "maintenance.due", _("maintenance due")
    SPOOL_LOW = "spool.low", _("spool low")
    QUOTA_NEAR = "quota.near", _("quota near")
    JOB_SUBMITTED = "job.submitted", _("job waits for approval")
    JOB_APPROVED = "job.approved", _("job approved")
    JOB_REJECTED = "job.rejected", _("job rejected")
    CHANGE_ASKED = "job.change_asked", _("change asked for")
    REPORT_FAILED = "report.failed", _("report failed")


SEVERITY: dict[Kind, Severity] = {
    Kind.PRINT_DONE: Severity.INFO,
    Kind.PRINT_FAILED: Severity.WARNING,
    Kind.ERROR: Severity.CRITICAL,
    Kind.NEEDS_YOU: Severity.WARNING,
    Kind.OFFLINE: Severity.WARNING,
    Kind.MAINTENANCE_DUE: Severity.WARNING,
    Kind.SPOOL_LOW: Severity.WARNING,
    Kind.QUOTA_NEAR: Severity.WARNING,
    Kind.JOB_SUBMITTED: Severity.INFO,
    Kind.JOB_APPROVED: Severity.INFO,
    Kind.JOB_REJECTED: Severity.WARNING,
    Kind.CHANGE_ASKED: Severity.WARNING,
    Kind.REPORT_FAILED: Severity.WARNING,
}
# A browser or a receiver that says it is gone for good is asked no more.
ENDED_BY_THEM = frozenset({Channel.PUSH, Channel.WEBHOOK})
# What machines do by themselves, and undo: coming back within FLAPS_WITHIN it is the same alert, counted.
FLAPPING = frozenset({Kind.OFFLINE, Kind.ERROR, Kind.NEEDS_YOU})
FLAPS_WITHIN = timedelta(minutes=5)
# A printer that is back so soon was away for a router's restart: nobody is called for that.
SETTLES_WITHIN = {Kind.OFFLINE: timedelta(seconds=60)}
# These are told to the people they name and to nobody else; all others also to operators and admins.
PERSONAL = frozenset({Kind.JOB_APPROVED, Kind.JOB_REJECTED, Kind.CHANGE_ASKED, Kind.QUOTA_NEAR})
