"""Machines, attempts to start on them: in the public schema, so that no two organisations start at once.

No file name and no person is stored here (dispatch.md, Tables).
"""

from typing import ClassVar

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from uuid_utils.compat import uuid7

from orgs.models import Org

from .offers import Charge as Charge
from .offers import Offer as Offer
from .offers import OfferOrg as OfferOrg


class Plate(models.TextChoices):
    CLEAR = "clear", _("clear")
    OCCUPIED = "occupied", _("occupied")
    UNKNOWN = "unknown", _("unknown")


class DispatchState(models.TextChoices):
    PLANNED = "planned"
    STAGING = "staging"
    STAGED = "staged"
    HELD = "held"
    STARTING = "starting"
    CONFIRMED = "confirmed"
    ENDED = "ended"
    DROPPED = "dropped"
    REFUSED = "refused"
    UNCLEAR = "unclear"


S = DispatchState
OPEN = (S.PLANNED, S.STAGING, S.STAGED, S.HELD, S.STARTING, S.CONFIRMED, S.UNCLEAR)
HOLDING = (S.HELD, S.STARTING, S.CONFIRMED, S.UNCLEAR)
WAITING_TO_START = (S.PLANNED, S.STAGING, S.STAGED, S.HELD)


class Station(models.Model):
    """One physical machine; a printer has the id of its station.

    `hold` is the dispatch that alone may start on it, `fence` counts holds. `plate_epoch` counts what
    happened to the plate, so that a click on an old page is known. `last_key` is the job key
    last seen on the machine.
    `link_*`: which listener owns the one link to a pushing printer, and until when.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    owner = models.ForeignKey(Org, models.PROTECT, related_name="stations")
    name = models.CharField(max_length=80)
    protocol = models.CharField(max_length=20)
    machine_key = models.CharField(max_length=120)
    enabled = models.BooleanField(default=True)
    plate = models.CharField(max_length=8, choices=Plate, default=Plate.UNKNOWN)
    plate_epoch = models.PositiveIntegerField(default=0)
    hold = models.OneToOneField("Dispatch", models.PROTECT, null=True, related_name="held_station")
    fence = models.PositiveIntegerField(default=0)
    last_key = models.CharField(max_length=200, blank=True)
    link_epoch = models.PositiveIntegerField(default=0)
    link_holder = models.CharField(max_length=60, blank=True)
    link_until = models.DateTimeField(null=True)
    deleted_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["machine_key"],
                name="stations_station_machine_once",
                condition=Q(deleted_at__isnull=True),
            )
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(
                fields=["protocol", "owner"], name="stations_station_fleet", condition=Q(deleted_at=None)
            )
        ]

    def __str__(self) -> str:
        return self.name


class Dispatch(models.Model):
    """One attempt to start one print. Every step is an UPDATE that names the state it saw.

    `refusal` is set while `starting` if certainly nothing was started, and says why; `note` alone proves
    nothing. `job_key` is the printer's identity of our print, once it has shown it.
    `org` is whose print it is; a borrowed one has the `offer`, its version and its `terms` as they were.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    station = models.ForeignKey(Station, models.PROTECT, related_name="dispatches")
    org = models.ForeignKey(Org, models.PROTECT, related_name="dispatches")
    print_id = models.UUIDField()
    attempt = models.PositiveSmallIntegerField(default=1)
    sha256 = models.CharField(max_length=64)
    size = models.BigIntegerField()
    remote_name = models.CharField(max_length=100, blank=True)
    start_id = models.CharField(max_length=10)
    before_key = models.CharField(max_length=200, blank=True)
    job_key = models.CharField(max_length=200, blank=True)
    fence = models.PositiveIntegerField(default=0)
    plate_epoch = models.PositiveIntegerField(default=0)
    state = models.CharField(max_length=10, choices=DispatchState, default=DispatchState.PLANNED)
    step_at = models.DateTimeField(db_default=models.functions.Now())
    by_hand = models.BooleanField(default=False)
    overridden = models.BooleanField(default=False)
    cancel_wanted = models.BooleanField(default=False)
    backs_off = models.BooleanField(default=False)
    offer = models.ForeignKey("Offer", models.PROTECT, null=True, related_name="dispatches")
    offer_version = models.PositiveIntegerField(default=0)
    terms = models.JSONField(default=dict)
    refusal = models.CharField(max_length=300, blank=True)
    note = models.CharField(max_length=300, blank=True)

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["print_id", "attempt"], name="stations_dispatch_attempt"),
            models.UniqueConstraint(
                fields=["print_id"], name="stations_dispatch_one_open", condition=Q(state__in=OPEN)
            ),
            models.UniqueConstraint(
                fields=["station"], name="stations_dispatch_one_holds", condition=Q(state__in=HOLDING)
            ),
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(
                F("station"), F("state"), name="stations_dispatch_open", condition=Q(state__in=OPEN)
            ),
            models.Index(fields=["print_id"], name="stations_dispatch_print"),
        ]

    def __str__(self) -> str:
        return f"{self.remote_name or self.pk} ({self.state})"
