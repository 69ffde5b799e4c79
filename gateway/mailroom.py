"""Requests of other processes to this one's links: taken from Redis by a thread that wakes the loop."""

import logging
import queue
import socket
import threading
from uuid import UUID

from django.utils.translation import gettext as _
from redis.exceptions import RedisError

from gateway.links import ANSWER_S, Link, Order
from printers import link_requests
from printers.commands import COMMANDS, check_key
from printers.drivers.conversation import Answer
from printers.drivers.driver import DriverError, Trouble
from printers.link_requests import LinkRequest

logger = logging.getLogger(__name__)
_WAIT_S = 2


class Mailroom(threading.Thread):
    """Fills `requests`; a byte on `bell` tells the loop to look."""

    def __init__(self, holder: str, bell: socket.socket) -> None:
        super().__init__(name="mailroom", daemon=True)
        self.holder, self.bell = holder, bell
        self.requests: queue.SimpleQueue[LinkRequest] = queue.SimpleQueue()
        self.closed = threading.Event()

    def run(self) -> None:
        reachable = True
        while not self.closed.is_set():
            try:
                request = link_requests.take(self.holder, _WAIT_S)
            except RedisError as error:
                if reachable:
                    logger.warning("no requests until Redis answers: %s", error)
                reachable = False
                self.closed.wait(1.0)
                continue
            reachable = True
            if request:
                self.requests.put(request)
                self.bell.send(b"!")

    def waiting(self) -> list[LinkRequest]:
        """The requests that have come since the last call."""
        found = []
        while not self.requests.empty():
            found.append(self.requests.get_nowait())
        return found


def obey(link: Link | None, request: LinkRequest, now: float) -> None:
    """Send a person's order to the printer, or tell why not. The answer comes later, by `report`."""
    if not link_requests.is_permitted(request):
        return
    try:
        if link is None or not link.is_up:
            raise DriverError(
                Trouble.UNREACHABLE, _("The printer is not connected at the moment. Nothing was sent.")
            )
        check_key(request.job_key, link.conversation.status().job_key)
        if request.kind == link_requests.ADJUST:
            sequence, messages = link.conversation.adjust(request.name, request.value)
        else:
            sequence, messages = link.conversation.command(request.name)
        if not link.say(messages):
            raise DriverError(
                Trouble.UNREACHABLE, _("The printer takes no orders at the moment. Nothing was sent.")
            )
    except DriverError as error:
        link_requests.answer(request, str(error), error.trouble)
        return
    link.orders[sequence] = Order(now + ANSWER_S, request=request)


def report(request: LinkRequest, said: Answer) -> None:
    """Tell the asker what the printer said."""
    if said.accepted:
        usual = COMMANDS.get(request.name) or _("The printer took it.")
        link_requests.answer(request, said.words or str(usual))
    else:
        link_requests.answer(request, said.words or _("The printer refused."), Trouble.REFUSED)


def report_silence(request: LinkRequest) -> None:
    """Tell the asker that the printer took the order without a word."""
    link_requests.answer(
        request, _("The order was sent, but the printer has not answered. Look at what it does now."),
        Trouble.UNREACHABLE,
    )  # fmt: skip


def printer_of(request: LinkRequest) -> UUID:
    return UUID(request.printer_id)
