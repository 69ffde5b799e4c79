"""Runs of bulk actions and what became of each row."""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from uuid_utils.compat import uuid7

from .actions import BulkAction, Kind, kind_of

LONGEST_REASON = 200


class Run(models.Model):
    """An action on many rows of `model`, by a person. `values` are cleaned, as JSON holds them.

    `via` and `address` say how the person came, for the audit trail. A run with `undo_of` takes that one
    back.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    model = models.CharField(max_length=60)
    action = models.CharField(max_length=40)
    values = models.JSONField(default=dict)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    via = models.CharField(max_length=40, blank=True)
    address = models.GenericIPAddressField(null=True)
    at = models.DateTimeField(auto_now_add=True)
    ended_at = models.DateTimeField(null=True)
    undo_of = models.OneToOneField("self", models.CASCADE, null=True, related_name="undone_by")

    class Meta:
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["id"], name="bulk_run_open", condition=Q(ended_at=None))
        ]

    def __str__(self) -> str:
        return f"{self.action} ({self.model})"

    @property
    def kind(self) -> Kind:
        return kind_of(self.model)

    @property
    def definition(self) -> BulkAction:
        return self.kind.actions[self.action]

    @property
    def is_over(self) -> bool:
        return self.ended_at is not None

    def counts(self) -> dict[str, int]:
        """Rows by state: {"waiting": 3, "doing": 0, "done": 46, "refused": 1}."""
        found = dict(self.items.order_by().values_list("state").annotate(models.Count("pk")))
        return {state: found.get(state, 0) for state in Item.State.values}


class Item(models.Model):
    """One row of a run. `memory` is what taking it back needs, null if there is nothing to take back.

    `since` is when a worker claimed it. Only what talks to machines is ever `doing`. `seen` is what the
    person had seen of the row (BulkAction.seen).
    """

    class State(models.TextChoices):
        WAITING = "waiting", _("waiting")
        DOING = "doing", _("being done")
        DONE = "done", _("done")
        REFUSED = "refused", _("not done")

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    run = models.ForeignKey(Run, models.CASCADE, related_name="items")
    row = models.UUIDField()
    name = models.CharField(max_length=200, blank=True)
    state = models.CharField(max_length=8, choices=State, default=State.WAITING)
    reason = models.CharField(max_length=LONGEST_REASON, blank=True)
    memory = models.JSONField(null=True)
    seen = models.JSONField(default=dict)
    since = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["run", "row"], name="bulk_item_once")
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["run", "state", "row"], name="bulk_item_state")
        ]

    def __str__(self) -> str:
        return self.name or str(self.row)
