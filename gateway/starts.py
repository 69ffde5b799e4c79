"""Starting prints over links: found in PostgreSQL, authorised there, written once (dispatch rules 4, 5)."""

import logging
import time
from collections.abc import Mapping
from uuid import UUID

from django.utils.translation import gettext as _
from django_tenants.utils import tenant_context

from gateway.links import START_SETTLES_S, Link, Order
from jobs import starting
from orgs.models import Org
from printers.drivers.driver import DriverError
from stations.models import Dispatch

logger = logging.getLogger(__name__)

# A start is decided on nothing older than this (facts 7, 1), and a silent printer is asked at most so often.
YOUNG_S = 10.0
ASK_AGAIN_S = 30.0


def start_held(links: Mapping[UUID, Link]) -> int:
    """Start what is to be started on these links; return how many were sent."""
    up = [pk for pk, link in links.items() if link.is_up]
    held = starting.held_on(up) if up else []
    if not held:
        return 0
    sent = 0
    for dispatch in Dispatch.objects.filter(pk__in=held, org__state=Org.State.ACTIVE).select_related("org"):
        link = links[dispatch.station_id]
        if _is_young(link, time.monotonic()):
            with tenant_context(dispatch.org):
                sent += _start(link, dispatch.pk)
    return sent


def refused(dispatch_id: UUID, words: str) -> None:
    """The printer answered no to a start."""
    logger.warning("a printer refused dispatch %s: %s", dispatch_id, words)
    dispatch = Dispatch.objects.select_related("org").get(pk=dispatch_id)
    with tenant_context(dispatch.org):
        starting.refused(dispatch_id, words)


def _is_young(link: Link, now: float) -> bool:
    """Whether the printer was heard just now; else it is asked for everything, and the start waits."""
    if link.heard_at is not None and now - link.heard_at <= YOUNG_S:
        return True
    if link.asked_at is None or now - link.asked_at > ASK_AGAIN_S:
        link.asked_at = now
        link.say(link.conversation.hello())
    return False


def _start(link: Link, dispatch_id: UUID) -> bool:
    order = starting.authorise(dispatch_id, link.conversation.status(), link_epoch=link.epoch)
    committed = time.monotonic()
    if order is None:
        return False
    try:
        sequence, messages = link.conversation.start(order)
    except DriverError as error:
        starting.refused(dispatch_id, str(error))
        return False
    if time.monotonic() - committed > starting.MOST_S:
        starting.too_late(dispatch_id)
        return False
    if not link.say(messages):
        starting.refused(dispatch_id, _("the connection was lost before the start was sent"))
        return False
    link.orders[sequence] = Order(time.monotonic() + START_SETTLES_S, dispatch_id=dispatch_id)
    return True
