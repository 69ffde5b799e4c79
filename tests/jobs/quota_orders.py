"""What the tests of quotas and departments make."""

from decimal import Decimal
from typing import Any

from jobs.models import Quota


def quota(
    amount: object = 2, who: str = "viewer", measure: str = "jobs", span: str = "week", **fields: Any
) -> Quota:
    return Quota.objects.create(amount=Decimal(str(amount)), who=who, measure=measure, span=span, **fields)


def form_of(shop: Any, **fields: object) -> dict[str, object]:
    """What the form for a new job sends."""
    return {
        "model": str(shop.revision.model_id), "revision": 1, "plate": 1, "copies": 1, "target": "any",
        "priority": 20, **fields,
    }  # fmt: skip
