"""The demo's departments and what their prints are charged: a rate card from before the first of them."""

import random
from collections.abc import Sequence
from datetime import date, timedelta
from decimal import Decimal

from accounts.models import User
from jobs.charging import closing
from jobs.charging.books import today
from jobs.charging.days import month_of
from jobs.charging.models import ChargeLine, RateCard
from jobs.charging.writing import Charged, Ended, charge
from jobs.models import Job, Print
from orgs import departments
from orgs.models import Department, Membership, Org

from .farm import KINDS

NAMES = {
    "northside": (("Workshop", "W1"), ("Members", "M1"), ("Education", "E1")),
    "lindenhof": (("Physics", "PH"), ("Art", "AR"), ("Robotics club", "RC")),
}
WATTS = {"Mini": 75, "P1S": 130, "X1C": 150, "MK4": 85, "MK3S": 80, "Voron": 160}
# Who works without one is nobody's cost centre.
SHARE_WITHOUT = 0.12


class Money:
    """The departments and the card of an organisation, and the lines of its past prints."""

    def __init__(self, org: Org, members: Sequence[User], since: date) -> None:
        self.zone, self.admin = org.zone, members[0]
        self.dice = random.Random(17)
        names = NAMES.get(org.slug or "", NAMES["northside"])
        self.departments = [
            departments.save(Department(org=org, name=name, code=code)) for name, code in names
        ]
        viewer = Membership.objects.get(org=org, user=members[-1])
        departments.put(viewer, self.departments[0])
        self.card = _card(org, since, self.departments[-1])
        self.lines: list[tuple[Job, ChargeLine]] = []

    def department(self) -> Department | None:
        return None if self.dice.random() < SHARE_WITHOUT else self.dice.choice(self.departments)

    def charge(self, one: Print, ended: Ended) -> Charged:
        """What a print is charged; its lines are kept until `write`."""
        job, day = one.job, ended.at.astimezone(self.zone).date()
        charged = charge(one, job, ended, self.card, day, has_fee=True)
        self.lines += [(job, line) for line in charged.lines]
        return charged

    def write(self) -> None:
        """Once the jobs have their numbers; then the oldest month is closed."""
        for job, line in self.lines:
            line.job_name = str(job)[:180]
        ChargeLine.objects.bulk_create([line for _job, line in self.lines], batch_size=1000)
        first = month_of(min((line.day for _job, line in self.lines), default=today()))
        if first < month_of(month_of(today()) - timedelta(days=1)):
            closing.close(first, self.admin)


def _card(org: Org, since: date, rebated: Department) -> RateCard:
    models = [{"model": KINDS[kind].model, "per_hour": None, "watts": watts} for kind, watts in WATTS.items()]
    return RateCard.objects.create(
        valid_from=since, currency=org.currency, per_hour=Decimal("0.80"), watts=110, per_kwh=Decimal("0.31"),
        labour_per_print=Decimal("0.50"), fee_per_job=Decimal("0.25"), failure_percent=Decimal(5),
        by_model=models, by_department=[{"department_id": str(rebated.pk), "percent": "-20"}],
        note="Prices of the first year",
    )  # fmt: skip
