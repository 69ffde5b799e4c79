"""Quotas in words."""

from decimal import Decimal

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from orgs.current import current_org
from ui import figures

from .periods import Period, Span
from .rules import Measure, Rule


def amount(measure: str, value: Decimal) -> str:
    """`value`, of jobs, grams or seconds: "3 jobs", "120 g", "2 h 05 min"."""
    if measure == Measure.GRAMS:
        return figures.grams(value)
    if measure == Measure.HOURS:
        return figures.duration(value)
    return ngettext("%(count)d job", "%(count)d jobs", int(value)) % {"count": value}


def span_words(span: str) -> str:
    return {
        Span.DAY: _("today"),
        Span.WEEK: _("this week"),
        Span.MONTH: _("this month"),
        Span.SEMESTER: _("this semester"),
    }[Span(span)]


def of_limit(rule: Rule, used: Decimal) -> str:
    """ "3 of 10 jobs this week"."""
    taken = f"{used:.0f}" if rule.measure == Measure.JOBS else amount(rule.measure, used)
    words = {"used": taken, "limit": amount(rule.measure, rule.limit), "span": span_words(rule.span)}
    return _("%(used)s of %(limit)s %(span)s") % words


def renews(period: Period) -> str:
    return period.end.astimezone(current_org().zone).strftime("%Y-%m-%d %H:%M")


def refusal(rule: Rule, used: Decimal, wanted: Decimal, period: Period) -> str:
    """Why a job is not taken: which quota, what is left of it, what the job takes, and when it renews."""
    return _(
        "The quota of %(limit)s %(span)s for %(whom)s has %(left)s left, and this takes %(wanted)s. "
        "It renews on %(when)s."
    ) % {
        "limit": amount(rule.measure, rule.limit),
        "span": span_words(rule.span),
        "whom": rule.whom,
        "left": amount(rule.measure, max(rule.limit - used, Decimal(0))),
        "wanted": amount(rule.measure, wanted),
        "when": renews(period),
    }


def used_up(rule: Rule, period: Period) -> str:
    """Why a job that was taken does not start."""
    return _("quota used up: %(limit)s %(span)s for %(whom)s, it renews on %(when)s") % {
        "limit": amount(rule.measure, rule.limit),
        "span": span_words(rule.span),
        "whom": rule.whom,
        "when": renews(period),
    }
