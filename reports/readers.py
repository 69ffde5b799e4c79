"""Who gets a schedule's reports: members, and those outside who said yes."""

from django.db.models import Q

from orgs.current import current_org
from orgs.models import Membership


def told(of: str = "") -> Q:
    """The recipients who are sent it now; `of` leads to them, as "recipients__" from their schedules.

    Who was put on the list as a member was never asked, so they get nothing once they have left.
    """
    members = Membership.objects.filter(org=current_org(), user__is_active=True)
    was_asked = Q(**{f"{of}asked_at__isnull": False})
    is_member = Q(**{f"{of}email__in": members.values("user__email")})
    wants_it = Q(**{f"{of}confirmed_at__isnull": False, f"{of}unsubscribed_at__isnull": True})
    return wants_it & (was_asked | is_member)
