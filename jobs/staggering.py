"""Automatic starts that wait, file and all, for other printers to be warm."""

from orgs.current import current_org
from stations.models import Dispatch, DispatchState

from . import heating
from .dispatching import send


class Staggered:
    """All of them: `dispatches` by their copies, how much `room` there is, and `why` they wait."""

    def __init__(self) -> None:
        staged = Dispatch.objects.filter(
            org=current_org(), state=DispatchState.STAGED, by_hand=False, note=heating.WAITS
        ).order_by("pk")
        self.dispatches = dict(staged.values_list("print_id", "pk"))
        self.room = heating.room() if self.dispatches else None
        self.why = heating.why(heating.at_once()) if self.room == 0 else ""

    def go_on(self) -> None:
        """Have as many claimed as there is room for; the claim asks again, under a lock."""
        for dispatch_id in list(self.dispatches.values())[: self.room]:
            send("jobs.claim", dispatch_id)
