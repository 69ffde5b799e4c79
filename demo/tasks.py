"""Filling an organisation with a demo farm, asked for on the set-up page."""

import logging
import os

from django.db import transaction

from audit.trail import acting
from orgs.current import current_org
from orgs.tasks import org_task

from . import farm

logger = logging.getLogger(__name__)
PRINTERS = 12


@org_task(name="demo.fill")
def fill() -> None:
    """Once for a server: a second request finds the farm there and does nothing."""
    if farm.config_path().exists():
        return
    # It brings numpy along, which is 10 MB in every worker for a task done once in a server's life.
    from . import seeding  # noqa: PLC0415

    port = int(os.environ.get("PORT", "8000"))
    network = farm.free_network(port)
    sites = farm.sites(1, "demo", PRINTERS, network, port)
    with transaction.atomic(), acting(seeding.SEEDER):
        seeding.fill(current_org(), sites, logger.info)
    farm.write_config(sites, network)
