"""Telling people that a filament runs low, once until there is enough of it again."""

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from alerts.kinds import Kind
from alerts.models import Alert
from alerts.raising import raise_alert, resolve
from ui.figures import grams

from .models import Filament
from .stock import Low, low_filaments


def tell() -> None:
    """Raise what has become low, and close what was filled up or is not watched any more.

    Acknowledging an alert says "I know": it is not raised again while the filament stays low.
    """
    low = {cause_of(one.filament): one for one in low_filaments()}
    with transaction.atomic():
        told = Alert.objects.filter(kind=Kind.SPOOL_LOW, resolved_at=None).values_list("cause", flat=True)
        known = set(told)
        for cause in known - low.keys():
            resolve(cause)
        for cause in low.keys() - known:
            _raise(cause, low[cause])


def cause_of(filament: Filament) -> str:
    return f"filament.low:{filament.pk}"


def _raise(cause: str, one: Low) -> None:
    words = {"filament": one.filament, "left": grams(one.left_g), "least": grams(one.low_g)}
    detail = _("%(left)s are left, of %(least)s at least.") % words
    if one.days is not None:
        days = int(one.days)
        lasts = ngettext(
            "At the last month's rate it lasts %(n)d day.",
            "At the last month's rate it lasts %(n)d days.",
            days,
        )
        detail = f"{detail} {lasts % {'n': days}}"
    raise_alert(Kind.SPOOL_LOW, cause, _("%(filament)s runs low") % words, detail=detail, about=one.filament)
