"""The simulated operator: clears plates, refills, resumes and keeps the queue from running dry.

It works through the simulator's control endpoint as a person works with their hands, and through the same
functions as the pages, named in the audit trail as what it is.
"""

import logging
import random
import time
from collections.abc import Iterable
from decimal import Decimal
from typing import Any

import requests
from django.db import DatabaseError
from django_tenants.utils import tenant_context

from accounts.models import User
from audit.trail import Actor, acting
from inventory.models import Spool
from jobs.models import Job
from jobs.states import JobState
from models3d.models import Revision
from orgs.current import release_connection
from orgs.models import Org
from printers import live, plates
from printers.drivers.driver import MachineState
from printers.models import Printer
from stations.models import Plate, Station

from . import farm
from .farm import Site
from .library import PARTS
from .queueing import submit_some

logger = logging.getLogger(__name__)
OPERATOR = Actor(None, "Simulated operator", "demo")
ROUND_S = 5.0
TIMEOUT_S = 5.0
AT_REST = frozenset({MachineState.IDLE, MachineState.FINISHED})
# Of the plates that wait, the share cleared in a round: some are seen waiting, as in a real workshop.
EAGERNESS = 0.3
FULL_ENOUGH_G = Decimal(150)


class Operator:
    """Goes round the printers of the simulated farm."""

    def __init__(self) -> None:
        self.url = farm.control_url()
        self.sites = {site.host: site for site in farm.known_sites()}
        self.rng = random.Random()
        self.session = requests.Session()

    def work(self) -> None:
        """Rounds for ever; what goes wrong in one is logged and met again in the next."""
        while True:
            try:
                self.round()
            except (requests.RequestException, DatabaseError) as error:
                logger.warning("the simulated operator could not finish a round: %s", error)
            release_connection()
            time.sleep(ROUND_S)

    def round(self) -> None:
        seen = {said["name"]: said for said in self._get()}
        for org in Org.objects.filter(state=Org.State.ACTIVE):
            with tenant_context(org), acting(OPERATOR):
                self._look_after(org, seen)

    def _look_after(self, org: Org, seen: dict[str, dict[str, Any]]) -> None:
        printers = [printer for printer in Printer.objects.all() if printer.address in self.sites]
        if not printers:
            return
        stations = Station.objects.in_bulk([printer.pk for printer in printers])
        statuses = live.read(org.pk, [printer.pk for printer in printers])
        for printer in printers:
            site, known = self.sites[printer.address], statuses.get(printer.pk)
            said = seen.get(site.key, {})
            if said.get("trouble") or said.get("out_of_filament"):
                self._mend(site, said)
            elif known and known.status.state in AT_REST:
                self._clear(site, stations[printer.pk])
        self._refill(printers)
        self._keep_queue(org, len(printers))

    def _clear(self, site: Site, station: Station) -> None:
        if station.plate == Plate.CLEAR or station.hold_id or self.rng.random() > EAGERNESS:
            return
        self._post(site, "clear-plate")
        try:
            plates.clear(station.pk, seen_epoch=station.plate_epoch)
        except plates.StalePlate as error:
            logger.info("%s: %s", site.name, error)

    def _mend(self, site: Site, said: dict[str, Any]) -> None:
        if self.rng.random() < EAGERNESS:
            self._post(site, "refill" if said.get("out_of_filament") else "acknowledge")

    def _refill(self, printers: Iterable[Printer]) -> None:
        """Put a new spool where one runs low: the old one goes on the shelf."""
        low = Spool.objects.filter(slot__printer__in=[printer.pk for printer in printers]).select_related(
            "filament"
        )
        for spool in low:
            if spool.left_g < FULL_ENOUGH_G:
                slot, spool.slot = spool.slot, None
                spool.save(update_fields=["slot"])
                Spool.objects.create(filament=spool.filament, cost=spool.cost, slot=slot)

    def _keep_queue(self, org: Org, wanted: int) -> None:
        """Submit what is in the demo's own library: nobody's uploads are printed unasked."""
        waiting = Job.objects.filter(state=JobState.QUEUED).count()
        people = list(User.objects.filter(memberships__org=org))
        revisions = list(
            Revision.objects.filter(
                status=Revision.Status.READY,
                model__deleted_at=None,
                model__name__in=[part.title for part in PARTS],
                plates__isnull=False,
            )
            .select_related("model", "stored")
            .distinct()
        )
        if waiting < wanted // 2 and people and revisions:
            submit_some(2, people, revisions, self.rng)

    def _get(self) -> list[dict[str, Any]]:
        answer = self.session.get(f"{self.url}/printers", timeout=TIMEOUT_S)
        answer.raise_for_status()
        found: list[dict[str, Any]] = answer.json()
        return found

    def _post(self, site: Site, verb: str) -> None:
        self.session.post(
            f"{self.url}/printers/{site.key}/{verb}", json={}, timeout=TIMEOUT_S
        ).raise_for_status()
