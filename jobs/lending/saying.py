"""Whether the terms of a lent printer allow a print, and why not: pure, in the borrower's words."""

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from django.utils.translation import gettext as _

from inventory.filament import family
from stations.terms import HOUR_S, Lent, Terms

if TYPE_CHECKING:
    from jobs.gates import Needs
    from jobs.loading import FilamentNeed


def named(printer: str, owner: str) -> str:
    """What a lent printer is called where it is not at home."""
    return f"{printer} ({owner})"


def terms_text(terms: Terms, needs: "Needs") -> str:
    """Why this is never printed there on these terms; empty if it may be."""
    names = {"owner": terms.owner, "materials": ", ".join(terms.materials), "grams": terms.most_grams}
    if terms.materials and not _are_among(needs.filaments, terms.materials):
        return _("%(owner)s lends it for %(materials)s only") % names
    grams = max(needs.job_grams, sum(need.grams for need in needs.filaments))
    if terms.most_grams and grams > terms.most_grams:
        return _("%(owner)s lends it for jobs of at most %(grams)d g") % names
    return ""


def terms_words(terms: Terms) -> str:
    """What it is lent for, without prices; empty where that is everything."""
    said = [", ".join(terms.materials)] if terms.materials else []
    if terms.most_grams:
        said.append(_("at most %(grams)d g a job") % {"grams": terms.most_grams})
    return "; ".join(said)


def _are_among(needs: "Sequence[FilamentNeed]", materials: Sequence[str]) -> bool:
    """A filament that the file does not name may be anything."""
    lent = {family(name) for name in materials}
    return all(need.material and family(need.material) in lent for need in needs)


def lent_text(lent: Lent, now: datetime) -> str:
    """Why it is not lent just now; empty if it is."""
    terms = lent.terms
    names = {"owner": terms.owner, "prints": terms.prints_per_week, "hours": terms.hours_per_week}
    if not terms.is_open(now):
        return _("%(owner)s does not lend it at this hour") % names
    if terms.prints_per_week and lent.prints >= terms.prints_per_week:
        return _("the %(prints)d prints that %(owner)s lends it for this week are used up") % names
    if terms.hours_per_week and lent.seconds >= terms.hours_per_week * HOUR_S:
        return _("the %(hours)d hours that %(owner)s lends it for this week are used up") % names
    if lent.owner_waits:
        return _("a job of %(owner)s goes first") % names
    return ""
