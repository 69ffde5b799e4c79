"""The stations whose links this process holds, with their settings as links."""

import logging
import time
from collections import defaultdict
from collections.abc import Iterable
from uuid import UUID

from django_tenants.utils import tenant_context

from gateway import leases
from gateway.leases import LEASE_S, Lease
from gateway.links import Link
from gateway.poll import settings_mark
from orgs.models import Org
from printers.commands import Target
from printers.drivers import DRIVERS
from printers.drivers.driver import DriverError, Endpoint
from printers.drivers.driver import Link as LinkKind
from printers.models import Printer
from printers.reaching import described

logger = logging.getLogger(__name__)


class Holdings:
    """`links` by station. Methods that ask the database say so; the caller gives the connection back."""

    def __init__(self) -> None:
        self.holder = leases.new_holder()
        self.links: dict[UUID, Link] = {}
        self._sure_since = time.monotonic()

    def keep(self) -> None:
        """Renew the leases, close the links whose lease is lost, take free stations. Asks the database."""
        protocols = [name for name, driver in DRIVERS.items() if driver.link is LinkKind.LISTEN]
        asked = time.monotonic()
        if self.links:
            kept = leases.renew(self.holder, self.links, protocols)
            lost = self.links.keys() - kept
            for pk in lost:
                self.drop(pk)
            if lost:
                leases.release(self.holder, lost)
        self._sure_since = asked
        self._add(leases.take(self.holder, protocols))

    def drop_unless_sure(self, now: float) -> None:
        """Close everything once no lease can be vouched for, the database not answering for so long."""
        if self.links and now - self._sure_since > LEASE_S:
            logger.warning("the leases of %s links have run out", len(self.links))
            for pk in list(self.links):
                self.drop(pk)

    def drop(self, pk: UUID) -> None:
        if link := self.links.pop(pk, None):
            link.close()

    def reload(self, ids: Iterable[UUID]) -> None:
        """Read these printers' settings again; a link to other ones starts anew. Asks the database."""
        by_org: dict[UUID, list[Link]] = defaultdict(list)
        for pk in ids:
            if link := self.links.get(pk):
                by_org[link.org.pk].append(link)
        for links in by_org.values():
            fresh = _links(links[0].org, {link.target.id: link.epoch for link in links})
            for link in links:
                pk = link.target.id
                new = fresh.get(pk)
                if new is None:
                    self.drop(pk)
                    leases.release(self.holder, [pk])
                elif new.mark != link.mark:
                    link.close()
                    new.epoch_used, new.told = True, link.told
                    self.links[pk] = new

    def reload_all(self) -> None:
        """As `reload`, for news of a change that was lost on the way."""
        self.reload(list(self.links))

    def renumber(self, links: list[Link]) -> list[Link]:
        """Give those that connect again a higher epoch; those whose lease is lost are dropped and left out.

        Asks the database once, however many return together.
        """
        used = [link.target.id for link in links if link.epoch_used]
        epochs = leases.new_links(self.holder, used) if used else {}
        kept = []
        for link in links:
            if link.epoch_used and link.target.id not in epochs:
                self.drop(link.target.id)
                continue
            link.epoch = epochs.get(link.target.id, link.epoch)
            link.epoch_used = True
            kept.append(link)
        return kept

    def release(self) -> None:
        """Close every link and give its station back. Asks the database."""
        held = list(self.links)
        for pk in held:
            self.drop(pk)
        leases.release(self.holder, held)

    def _add(self, taken: Iterable[Lease]) -> None:
        by_org: dict[UUID, dict[UUID, int]] = defaultdict(dict)
        for lease in taken:
            by_org[lease.org_id][lease.station_id] = lease.epoch
        for org in Org.objects.filter(pk__in=by_org) if by_org else ():
            self.links.update(_links(org, by_org[org.pk]))


def _links(org: Org, epochs: dict[UUID, int]) -> dict[UUID, Link]:
    """Links, not connected yet, to the printers with these ids; one that is no longer there is left out."""
    found = {}
    with tenant_context(org):
        printers = list(Printer.objects.filter(pk__in=epochs))
    for printer in printers:
        error = None
        try:
            endpoint = described(printer)
        except DriverError as trouble:
            endpoint, error = Endpoint(printer.address, serial=printer.serial), trouble
        target = Target(printer.pk, printer.protocol, endpoint)
        link = found[printer.pk] = Link(org, target, settings_mark(target), epochs[printer.pk])
        if error:
            link.fail(error, time.monotonic())
    return found
