"""The process that holds the one link to each pushing printer: one loop, many links."""

import logging
import selectors
import socket
import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from dataclasses import replace
from uuid import UUID

from django.db import DatabaseError, InterfaceError
from django.utils.translation import gettext as _
from django_tenants.utils import tenant_context
from redis.exceptions import RedisError

from gateway import mailroom, starts
from gateway.holdings import Holdings
from gateway.ingest import ingest
from gateway.leases import RENEW_S
from gateway.links import Link
from gateway.mailroom import Mailroom
from gateway.poll import settings_mark
from gateway.wire import Wire
from orgs.current import release_connection
from printers.commands import Target
from printers.drivers.driver import DriverError, Status, Trouble
from printers.link_requests import ADJUST, CHANGED, COMMAND, START
from printers.models import Printer
from printers.reaching import driver_class, resolved

logger = logging.getLogger(__name__)

TICK_S = 0.25
# The queue rings when there is something to start; this finds what a lost ring would have told.
STARTS_S = 2.0
SETTINGS_S = 60.0
QUIET_S = 1.0
# Each waits ten seconds for a printer that is off or says nothing. Those that could not be reached the last
# time wait for each other, so that a link that was cut returns at once however much of the farm is off.
CONNECTORS = 64
DOUBTERS = 32


def connect(target: Target) -> Wire:
    """A connection whose login is under way; DriverError if none comes about. Blocks; asks no database."""
    endpoint = resolved(target.endpoint, target.protocol)
    wire = Wire(endpoint, endpoint.port or driver_class(target.protocol).default_port)
    wire.open()
    return wire


class Listener:
    """Runs until `stop`. PostgreSQL and Redis may go away meanwhile; links of leases in doubt are closed."""

    def __init__(self) -> None:
        self.holdings = Holdings()
        self.stopping = False
        self._selector = selectors.DefaultSelector()
        self._bell, self._ringer = socket.socketpair()
        self._bell.setblocking(False)
        self._ringer.setblocking(False)
        self._selector.register(self._bell, selectors.EVENT_READ, None)
        self._connectors = ThreadPoolExecutor(CONNECTORS, "connect")
        self._doubters = ThreadPoolExecutor(DOUBTERS, "doubt")
        self._mailroom = Mailroom(self.holdings.holder, self._ringer)
        self._due: dict[str, float] = {}
        self._quiet_until = 0.0
        self._more: set[UUID] = set()

    @property
    def links(self) -> dict[UUID, Link]:
        return self.holdings.links

    def run(self) -> None:
        """Hold the links; returns within seconds after `stop`."""
        self._mailroom.start()
        try:
            while not self.stopping:
                try:
                    self.turn()
                except Exception:  # the top of the process's loop: every other link goes on
                    logger.exception("a turn of the loop failed")
                    release_connection()
                    time.sleep(QUIET_S)
        finally:
            self._close()

    def stop(self) -> None:
        """Ask the loop to end; may be called by a signal's handler."""
        self.stopping = True
        self._ring()

    def turn(self) -> None:
        """One round: leases, settings, connections, starts, what came in, what is to be told."""
        self.holdings.drop_unless_sure(time.monotonic())
        self._every("leases", RENEW_S, self.holdings.keep)
        self._every("settings", SETTINGS_S, self.holdings.reload_all)
        self._connect(time.monotonic())
        self._every("starts", STARTS_S, starts.start_held, self.links)
        self._wait()
        for request in self._mailroom.waiting():
            if request.kind in {ADJUST, COMMAND}:
                link = self.links.get(mailroom.printer_of(request))
                self._survive(mailroom.obey, link, request, time.monotonic())
            elif request.kind == CHANGED:
                self._survive(self.holdings.reload, [mailroom.printer_of(request)])
            elif request.kind == START:
                self._due["starts"] = 0.0
        alive = self._is_due("keep alive", 1.0)
        for link in list(self.links.values()):
            if alive and link.wire:
                link.wire.keep_alive()
            self._look_after(link, time.monotonic())

    def _connect(self, now: float) -> None:
        wanting = []
        for link in list(self.links.values()):
            if link.connecting and link.connecting.done():
                self._begin(link, link.connecting, now)
            elif link.wants_connection(now):
                wanting.append(link)
        if wanting and now >= self._quiet_until:
            self._survive(self._dial, wanting)

    def _dial(self, links: list[Link]) -> None:
        for link in self.holdings.renumber(links):
            threads = self._doubters if link.unreached else self._connectors
            link.connecting = threads.submit(connect, link.target)
            link.connecting.add_done_callback(lambda _done: self._ring())

    def _begin(self, link: Link, done: "Future[Wire]", now: float) -> None:
        link.connecting = None
        try:
            wire = done.result()
        except DriverError as error:
            link.fail(error, now)
            return
        wire.closing = self._forget_socket
        link.begin(wire, now)
        if wire.socket is not None:
            self._selector.register(wire.socket, selectors.EVENT_READ, link)
            # The answer may have come before the socket was watched.
            self._more.add(link.target.id)
        if not link.target.endpoint.fingerprint:
            self._survive(self._remember_certificate, link, wire.fingerprint)

    def _remember_certificate(self, link: Link, fingerprint: str) -> None:
        """Trust the first certificate seen, and only that from now on."""
        with tenant_context(link.org):
            Printer.objects.filter(pk=link.target.id, fingerprint="").update(fingerprint=fingerprint)
        link.target = replace(link.target, endpoint=replace(link.target.endpoint, fingerprint=fingerprint))
        link.mark = settings_mark(link.target)

    def _wait(self) -> None:
        """Let the printers speak, for at most a tick."""
        for link in self.links.values():
            if link.wire and link.wire.socket is not None:
                events = selectors.EVENT_READ | (selectors.EVENT_WRITE if link.wire.wants_write else 0)
                if self._selector.get_key(link.wire.socket).events != events:
                    self._selector.modify(link.wire.socket, events, link)
        ready = self._selector.select(0 if self._more else TICK_S)
        waiting = dict.fromkeys(self._more, selectors.EVENT_READ)
        self._more.clear()
        for key, events in ready:
            if key.data is None:
                with suppress(BlockingIOError):
                    self._bell.recv(4096)
            else:
                waiting[key.data.target.id] = waiting.get(key.data.target.id, 0) | events
        for pk, events in waiting.items():
            if pk in self.links:
                self._move(self.links[pk], events)

    def _move(self, link: Link, events: int) -> None:
        wire = link.wire
        if wire is None:
            return
        try:
            if events & selectors.EVENT_WRITE:
                wire.write()
            if events & selectors.EVENT_READ and wire.socket is not None and wire.read():
                self._more.add(link.target.id)
            link.take_in(time.monotonic())
        except Exception:  # what a printer sends must never stop the others' links
            logger.exception("printer %s sends what cannot be read", link.target.id)
            words = _("The printer sends what cannot be read.")
            link.fail(DriverError(Trouble.NONSENSE, words), time.monotonic())

    def _look_after(self, link: Link, now: float) -> None:
        for order, answer in link.answered():
            if order.request:
                self._survive(mailroom.report, order.request, answer)
            elif order.dispatch_id and not answer.accepted:
                self._survive(starts.refused, order.dispatch_id, answer.words)
        for order in link.overdue(now):
            if order.request:
                self._survive(mailroom.report_silence, order.request)
                # Reports may still come on a link that swallows orders; only a new one mends that.
                if not link.has_start_under_way():
                    link.fail(DriverError(Trouble.UNREACHABLE, _("The printer does not take orders.")), now)
        if error := link.trouble(now):
            link.fail(error, now)
        telling = link.to_tell(now)
        rests = now < max(self._quiet_until, link.rests_until)
        if telling and not rests and not self._survive(self._tell, link, *telling):
            link.rests_until = now + QUIET_S

    def _tell(self, link: Link, status: Status, problem: str) -> None:
        if ingest(link.org, link.target.id, status, link_epoch=link.epoch, problem=problem):
            link.was_told(status, time.monotonic())
        else:
            self.holdings.drop(link.target.id)

    def _is_due(self, name: str, interval_s: float) -> bool:
        now = time.monotonic()
        if now < self._due.get(name, 0.0):
            return False
        self._due[name] = now + interval_s
        return True

    def _every(self, name: str, interval_s: float, work: Callable[..., object], *given: object) -> None:
        if time.monotonic() < self._quiet_until or not self._is_due(name, interval_s):
            return
        if not self._survive(work, *given):
            self._due[name] = time.monotonic() + QUIET_S

    def _survive(self, work: Callable[..., object], *given: object) -> bool:
        """Do what needs PostgreSQL or Redis; False if it failed, and such work then rests for a moment."""
        try:
            return work(*given) is not False
        except (DatabaseError, InterfaceError, RedisError) as error:
            logger.warning("resting for a moment: %s", error)
            self._quiet_until = time.monotonic() + QUIET_S
            return False
        except Exception:  # one printer's trouble must not cost the others theirs
            logger.exception("work for a link failed")
            return False
        finally:
            release_connection()

    def _forget_socket(self, peer: object) -> None:
        with suppress(KeyError, ValueError):
            self._selector.unregister(peer)  # type: ignore[arg-type]

    def _ring(self) -> None:
        with suppress(OSError):
            self._ringer.send(b"!")

    def _close(self) -> None:
        self._mailroom.closed.set()
        self._survive(self.holdings.release)
        self._connectors.shutdown(wait=False, cancel_futures=True)
        self._doubters.shutdown(wait=False, cancel_futures=True)
        self._selector.close()
        self._bell.close()
        self._ringer.close()
