"""Filling an organisation with a demo farm, and making the demo's two."""

import json
import os
import random
from collections.abc import Callable, Sequence
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django_tenants.utils import tenant_context

from accounts.models import User
from audit.trail import Actor, acting
from jobs.lending import offers
from orgs.creating import create_org
from orgs.models import Org, SetUp
from printers.models import Printer
from reports import setting as schedules

from . import farm, people, upkeep
from .courses import add_stretches
from .drying import add_dryings
from .farm import Site
from .history import DAYS, History
from .library import add_models
from .measures import add_readings
from .money import Money
from .queueing import submit_some
from .stock import add_printers, tag_reels

SEEDER = Actor(None, "Demo seeder", "demo")
ORGS = (
    ("Northside Makerspace", "northside", "Europe/London", "GBP"),
    ("Lindenhof School", "lindenhof", "Europe/Berlin", "EUR"),
)
USUAL = 18


def file_of_people() -> Path:
    return settings.ODIN_HOME / "demo.json"


def seed(printers: int, say: Callable[[str], object]) -> bool:
    """Make the demo's organisations with `printers` in all; False if they are there already."""
    if file_of_people().exists() and farm.config_path().exists():
        return False
    port = int(os.environ.get("PORT", "8000"))
    network = farm.free_network(port)
    count = {"northside": printers - printers // 3, "lindenhof": printers // 3}
    said: dict[str, Any] = {"url": settings.PUBLIC_URL, "orgs": []}
    everything: list[Site] = []
    with acting(SEEDER), transaction.atomic():
        SetUp.objects.get_or_create(only=True)
        said["superadmin"] = people.superadmin()
        for number, (name, slug, zone, currency) in enumerate(ORGS, start=1):
            say(f"{name}: {count[slug]} printers")
            org = create_org(name, slug=slug, time_zone=zone, currency=currency)
            users = people.members(org)
            sites = farm.sites(number, slug[:5], count[slug], network, port)
            fill(org, sites, say)
            everything += sites
            said["orgs"].append({"slug": slug, "name": name, "users": users})
        _lend()
    farm.write_config(everything, network)
    _write_people(said)
    return True


def fill(org: Org, sites: list[Site], say: Callable[[str], object]) -> None:
    """Printers, spools, models, sixty days of history and a running queue for `org`."""
    rng = random.Random(org.slug)
    with tenant_context(org):
        members = list(User.objects.filter(memberships__org=org))
        Org.objects.filter(pk=org.pk).update(auto_queue=True)
        org.auto_queue = True
        printers = add_printers(sites, rng)
        add_dryings(members[0])
        library = add_models(members[0], {site.kind for site in sites})
        say(f"  {sum(map(len, library.values()))} models")
        money = Money(org, members, timezone.localdate() - timedelta(days=DAYS + 30))
        history = History(members, rng, money)
        history.fill(printers, {site.name: site.kind for site in sites}, library)
        tag_reels(printers, sites)
        say(f"  {len(history.jobs)} finished jobs of the last 60 days")
        # Dice of its own, so that all else stays as it was.
        upkeep.add(printers, members, random.Random(5))
        add_stretches(history.prints, random.Random(13))
        add_readings(history.prints, timezone.now(), random.Random(11))
        revisions = [revision for group in library.values() for revision in group]
        _send_reports(members)
        submit_some(len(sites) + len(sites) // 2 + 3, members, revisions, rng)


def _lend() -> None:
    """The school may print on a Voron of the makerspace, for which it has files too."""
    owner, borrower = Org.objects.get(slug=ORGS[0][1]), Org.objects.get(slug=ORGS[1][1])
    prices = {"per_hour": Decimal("1.20"), "per_gram": Decimal("0.04")}
    with tenant_context(owner):
        if printer := Printer.objects.filter(model__startswith="Voron").order_by("name").first():
            offers.lend(printer, {**prices, "most_grams": 500, "owner_first": False}, {borrower.pk: {}})


def _send_reports(members: Sequence[User]) -> None:
    """One report a week to the admin; its mails are files in the data folder."""
    admin = members[0]
    fields = {"name": "The farm last week", "kind": "fleet_utilisation", "every": "week", "hour": 7}
    schedules.add(fields, [admin.email], admin)


def _write_people(said: dict[str, Any]) -> None:
    path = file_of_people()
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "w") as file:
        json.dump(said, file, indent=1)
