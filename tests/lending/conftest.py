"""Acme's Voron, lent to Rival, which has a file with words in it that nobody else may ever read."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from decimal import Decimal

import pytest
from django_tenants.utils import tenant_context

from accounts.models import User
from jobs import planning, staging, starting
from jobs.lending import offers
from jobs.models import Job
from jobs.submitting import Order, submit
from models3d.models import Model3D, Revision
from orgs.models import Org
from stations.models import Dispatch, Offer
from tests.jobs.conftest import Shop, revision_of
from tests.jobs.conftest import shop as shop
from tests.jobs.conftest import voron as voron

CANARY = "kanarienvogel"


@dataclass
class Loan:
    """The owner's shop, and whoever borrows from it."""

    shop: Shop
    borrower: Org
    revision: Revision
    by: User

    @contextmanager
    def there(self) -> Iterator[Org]:
        """With the borrower."""
        with tenant_context(self.borrower):
            yield self.borrower

    def lend(self, **terms: object) -> Offer:
        said = {
            "to_all": True,
            "per_hour": Decimal("3.00"),
            "per_gram": Decimal("0.10"),
            "owner_first": False,
        }
        return offers.lend(self.shop.printer, {**said, **terms}, {})

    def job(self, **order: object) -> Job:
        with self.there():
            return submit(Order(revision=self.revision, auto_start=True, **order), self.by)

    def planned(self) -> Dispatch | None:
        with self.there():
            planning.match()
            return Dispatch.objects.filter(org=self.borrower).order_by("-pk").first()

    def staged(self) -> Dispatch:
        dispatch = self.planned()
        with self.there():
            staging.stage(dispatch.pk)
        dispatch.refresh_from_db()
        return dispatch

    def held(self) -> Dispatch:
        dispatch = self.staged()
        with self.there():
            starting.claim(dispatch.pk)
        dispatch.refresh_from_db()
        return dispatch

    def started(self) -> Dispatch:
        dispatch = self.held()
        with self.there():
            starting.start_polled(dispatch.pk)
        dispatch.refresh_from_db()
        return dispatch

    def ended(self) -> Dispatch:
        """Printed to its end, as the owner's printer reports it."""
        dispatch = self.started()
        self.shop.wait_for(lambda _status: Dispatch.objects.filter(pk=dispatch.pk, state="ended").exists())
        dispatch.refresh_from_db()
        return dispatch

    def row(self, job: Job) -> Job:
        with self.there():
            return Job.objects.get(pk=job.pk)


@pytest.fixture
def loan(shop: Shop, rival: Org, person: Callable[..., User]) -> Loan:
    """Lend with `loan.lend()`; everything on at the borrower too."""
    Org.objects.filter(pk=rival.pk).update(auto_queue=True)
    rival.auto_queue = True
    by = person("operator", "rival")
    with tenant_context(rival):
        revision = revision_of(by)
        Model3D.objects.filter(pk=revision.model_id).update(name=f"{CANARY} part")
        Revision.objects.filter(pk=revision.pk).update(original_name=f"{CANARY}.gcode")
        revision = Revision.objects.select_related("model", "stored").get(pk=revision.pk)
    return Loan(shop, rival, revision, by)
