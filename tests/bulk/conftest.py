"""An organisation with models, and an action that talks to a machine that does not exist."""

from collections.abc import Callable, Iterable
from typing import Any

import pytest

from accounts.models import User
from bulk.actions import BulkAction, Refused
from bulk.choosing import Choice
from bulk.models import Run
from bulk.running import start
from models3d.bulk import ACTIONS, MODELS
from models3d.models import Model3D
from orgs.models import Membership, Org


class Machines:
    """What the action "ring" does: `asked` names whom it rang; `answer` may be made to refuse or to die."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.answer: Callable[[Model3D], None] = lambda model: None

    def ring(self, model: Model3D, values: Any) -> None:
        self.asked.append(model.name)
        self.answer(model)

    def why_not(self, model: Model3D, values: Any) -> str:
        return "It has no bell." if model.name.startswith("Mute") else ""


@pytest.fixture
def machines(monkeypatch: pytest.MonkeyPatch) -> Machines:
    rung = Machines()
    action = BulkAction(
        label="Ring", ask="Ring %(rows)s", done="rung", icon="bell", required="model.edit",
        run=rung.ring, why_not=rung.why_not, touches_machines=True,
    )  # fmt: skip
    monkeypatch.setitem(ACTIONS, "ring", action)
    return rung


@pytest.fixture
def begin(acme: Org, person: Callable[..., User]) -> Callable[..., Run]:
    """begin("archive", models, role="operator", tag="x"): a run as a page or the API would start it."""

    def begin(name: str, models: Iterable[Model3D], role: str = "operator", **values: str) -> Run:
        membership = Membership.objects.get(user=person(role), org=acme)
        return start(Choice(MODELS, membership, tuple(one.pk for one in models)), name, values)

    return begin


def said(run: Run) -> dict[str, str]:
    """What became of each row by name: "done", or the reason."""
    return {item.name: item.reason or item.state for item in run.items.all()}


def refuse(model: Model3D) -> None:
    raise Refused("It hung up.")
