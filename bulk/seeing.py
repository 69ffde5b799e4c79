"""Who sees a run, and what it came to in words."""

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from orgs.models import Membership
from orgs.roles import Role

from .models import Item, Run


def visible_runs(membership: Membership) -> "QuerySet[Run]":
    """All runs for operators and admins; others see their own."""
    runs = Run.objects.select_related("by")
    return runs if membership.role >= Role.OPERATOR else runs.filter(by=membership.user_id)


def refusals(run: Run) -> "QuerySet[Item]":
    return run.items.filter(state=Item.State.REFUSED).order_by("name", "row")


def summary(run: Run, counts: dict[str, int]) -> str:
    """ "46 archived, 2 not"."""
    done, refused = counts[Item.State.DONE], counts[Item.State.REFUSED]
    verb = _("put back") if run.undo_of_id else run.definition.done
    if not done:
        return _("Nothing was %(done)s.") % {"done": verb}
    if not refused:
        return _("%(count)d %(done)s.") % {"count": done, "done": verb}
    return _("%(count)d %(done)s, %(refused)d not.") % {"count": done, "done": verb, "refused": refused}
