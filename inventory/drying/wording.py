"""That a spool needs drying, in words for a person. It is advice: nothing waits for it."""

from collections.abc import Iterable
from uuid import UUID

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from inventory.models import Spool

from .due import Standing
from .reckoning import note


def why_due(spool: Spool, standing: Standing) -> str:
    """The sentence; empty where it is not due."""
    if not standing.is_due or standing.rule is None:
        return ""
    days = standing.rule.valid_days or 0
    said = ngettext(
        "spool #%(number)d needs drying: %(material)s stays dry for %(days)d day",
        "spool #%(number)d needs drying: %(material)s stays dry for %(days)d days",
        days,
    )
    return said % {"number": spool.number, "material": standing.rule.material, "days": days}


def due_words(spools: Iterable[UUID | None]) -> dict[UUID, str]:
    """The sentence of each of `spools` that is due, in two queries however many."""
    asked = {pk for pk in spools if pk}
    if not asked:
        return {}
    rows = list(Spool.objects.filter(pk__in=asked).select_related("filament").order_by("number"))
    note(rows)
    told = {spool.pk: why_due(spool, spool.drying) for spool in rows}  # type: ignore[attr-defined]  # of note
    return {pk: words for pk, words in told.items() if words}


def load_warning(spool: Spool) -> str:
    """What to tell whoever has just loaded it; empty where it is dry enough. Its filament must be fetched."""
    words = due_words([spool.pk]).get(spool.pk, "")
    return _("Mind that %(words)s.") % {"words": words} if words else ""
