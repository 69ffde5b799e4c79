"""What can be done to many spools, and how it is taken back."""

from datetime import timedelta
from decimal import Decimal
from typing import get_args
from uuid import uuid4

import pytest
from django.utils import timezone

from audit.models import Entry
from bulk.actions import Refused
from bulk.choosing import Choice
from bulk.models import Run
from bulk.running import start, undo
from inventory import keeping, tagging
from inventory.bulk import ACTIONS, SPOOLS, rows_for
from inventory.drying import sessions
from inventory.loading import load
from inventory.models import Drying, Spool
from inventory.schemas import SpoolBulkIn
from orgs.models import Membership
from tests.factories.inventory import make_filament, make_spool
from tests.factories.printers import make_printer

BULK = "/o/acme/filament/bulk/"
DRIED = {"temperature_c": 65, "hours": "8.5"}
VALUES = {
    "move": {"location": "Rack B"}, "add_tag": {"tag": "course 7"}, "set_price": {"cost": "31.50"},
    "set_lot": {"lot": "L9"}, "mark_dried": DRIED, "archive": {}, "restore": {},
}  # fmt: skip


@pytest.fixture
def member(acme, person):
    return Membership.objects.get(user=person("operator"), org=acme)


@pytest.fixture
def fresh(member):
    """The spool as a run finds it."""
    return lambda spool: rows_for(member).get(pk=spool.pk)


@pytest.fixture
def begin(member):
    """begin("move", spools, location="x"): a run as a page or the API would start it."""

    def begin(name, spools, **values):
        return start(Choice(SPOOLS, member, tuple(one.pk for one in spools)), name, values)

    return begin


def picture(spool):
    kept = Spool.objects.get(pk=spool.pk)
    tags = sorted(kept.tags.values_list("name", flat=True))
    return kept.location, kept.lot, kept.cost, kept.dried_at, kept.archived_at is None, tags


def test_an_archived_spool_is_only_restored_or_tagged(fresh):
    away, here = fresh(make_spool(archived_at=timezone.now())), fresh(make_spool())

    def applying(spool):
        return {name for name, action in ACTIONS.items() if not action.why_not(spool, None)}

    assert applying(away) == {"restore", "add_tag"}
    assert applying(here) == set(ACTIONS) - {"restore", "remove_tag"}


@pytest.mark.parametrize("name", VALUES)
def test_what_was_done_is_taken_back_whole(name, begin, member):
    spool = make_spool(location="Rack A", archived_at=timezone.now() if name == "restore" else None)
    before = picture(spool)

    run = begin(name, [spool], **VALUES[name])
    after = picture(spool)
    back = undo(run, member)

    assert after != before
    assert picture(spool) == before
    assert [item.state for one in (run, back) for item in one.items.all()] == ["done", "done"]


def test_removed_tag_comes_back(begin, member):
    spool = make_spool()
    tagging.add_tag(spool, "Course 7")

    run = begin("remove_tag", [spool], tag="COURSE 7")
    assert not spool.tags.exists()
    undo(run, member)

    assert spool.tags.get().name == "Course 7"


@pytest.mark.parametrize("name", ["move", "set_price", "set_lot"])
def test_a_spool_changed_since_is_left_as_it_is(name, fresh):
    (field,) = VALUES[name]
    spool, values = make_spool(), VALUES[name]
    memory = ACTIONS[name].run(fresh(spool), values)
    keeping.edit(spool, {field: Decimal(99) if field == "cost" else "elsewhere"})

    assert ACTIONS[name].why_not(fresh(spool), values) == ""
    with pytest.raises(Refused, match="changed since"):
        ACTIONS[name].undo(fresh(spool), memory)


@pytest.mark.parametrize("name", ["move", "set_price", "set_lot", "add_tag"])
def test_what_it_has_already_does_not_apply(name, fresh):
    spool = make_spool(location="Rack B", cost=Decimal("31.50"), lot="L9")
    tagging.add_tag(spool, "course 7")

    assert "already" in ACTIONS[name].why_not(fresh(spool), VALUES[name])


def test_a_session_that_was_corrected_is_not_taken_back(fresh, person):
    spool = make_spool()
    memory = ACTIONS["mark_dried"].run(fresh(spool), DRIED)
    sessions.edit(Drying.objects.get(), {"at": timezone.now() - timedelta(hours=1)})

    with pytest.raises(Refused, match="changed since"):
        ACTIONS["mark_dried"].undo(fresh(spool), memory)


def test_a_restored_spool_that_was_loaded_since_is_not_archived_again(fresh):
    spool = make_spool(archived_at=timezone.now())
    memory = ACTIONS["restore"].run(fresh(spool), {})
    load(spool, make_printer().slots.get())

    with pytest.raises(Refused, match="changed since"):
        ACTIONS["restore"].undo(fresh(spool), memory)


def test_marking_dried_tells_by_name_which_were_left_out_and_who_did_it(begin, person):
    fine, gone, twice = make_spool(), make_spool(archived_at=timezone.now()), make_spool()
    sessions.add([twice], {**DRIED, "hours": Decimal(2)}, None)

    run = begin("mark_dried", [fine, gone, twice], **DRIED, device="S4", note="")

    told = {item.name: item.reason or item.state for item in run.items.all()}
    assert told[str(fine)] == "done"
    assert told[str(gone)] == "It is archived. Restore it first."
    assert "in a dryer at that time already" in told[str(twice)]
    made = Drying.objects.get(spool=fine)
    assert (made.by, made.hours, made.device) == (person("operator"), Decimal("8.5"), "S4")
    assert Entry.objects.filter(action="drying.add", actor_id=person("operator").pk).exists()


def test_archived_spools_leave_their_slots(begin):
    spool = make_spool()
    load(spool, make_printer().slots.get())

    begin("archive", [spool])

    assert Spool.objects.get(pk=spool.pk).slot is None


def test_the_bar_says_to_which_rows_an_action_applies(acme, sign_in):
    make_spool(), make_spool(archived_at=timezone.now())
    applies = " ".join(name for name in ACTIONS if name not in {"restore", "remove_tag"})

    told = sign_in("operator").get("/o/acme/filament/?state=archived&state=free").text

    assert f'data-applies="{applies}"' in told
    assert 'data-applies="add_tag restore"' in told
    assert "row-check" not in sign_in("viewer").get("/o/acme/filament/").text


def test_the_question_names_those_that_stay_as_they_are(acme, sign_in):
    fine, gone = make_spool(), make_spool(archived_at=timezone.now())
    sent = {"action": "mark_dried", "row": [str(fine.pk), str(gone.pk)]}

    asked = sign_in("operator").post(BULK, sent, headers={"HX-Request": "true"})

    assert "Mark 1 spool as dried" in asked.text
    assert f"#{gone.number}" in asked.text
    assert "Restore it first" in asked.text


@pytest.mark.parametrize(
    ("changed", "words"),
    [({"temperature_c": "900"}, "not at 900"), ({"hours": "-1"}, "more than 0"), ({"hours": ""}, "required"),
     ({"humidity_after": "140"}, "0 to 100"), ({"hours": "NaN"}, "Enter a number")],
)  # fmt: skip
def test_absurd_values_are_asked_for_again_and_nothing_is_lost(acme, sign_in, changed, words):
    spool = make_spool()
    said = {"temperature_c": "65", "hours": "8", "device": "Box <b>4</b>", **changed}
    sent = {f"value-{name}": value for name, value in said.items()}

    told = sign_in("operator").post(
        BULK, {"action": "mark_dried", "row": str(spool.pk), "confirmed": "1", **sent}
    )

    assert told.status_code == 422
    assert words in told.text
    assert "Box &lt;b&gt;4&lt;/b&gt;" in told.text
    assert not Drying.objects.exists()


def test_all_that_match_the_filter_are_meant(acme, sign_in):
    here, elsewhere = make_spool(make_filament("PETG")), make_spool()
    sent = {"action": "move", "all_matching": "1", "confirmed": "1", "value-location": "Cabinet"}

    sign_in("operator").post(f"{BULK}?material=PETG", sent)

    assert [Spool.objects.get(pk=one.pk).location for one in (here, elsewhere)] == ["Cabinet", ""]


def test_the_api_knows_every_action_of_the_pages():
    assert set(get_args(SpoolBulkIn.model_fields["action"].annotation)) == set(ACTIONS)


def test_the_api_starts_a_run_by_the_filters_of_the_list(acme, api):
    spool = make_spool(make_filament("PA"), opened_at="2026-01-01T00:00:00Z")
    make_spool(make_filament("PA"))
    client = api()
    body = {"filter": {"needs_drying": True}, "action": "mark_dried", "values": {**DRIED, "hours": 8.5}}

    run = client.post("/api/spools/bulk", body).json()["run"]
    told = client.get(f"/api/bulk/{run}").json()

    assert (told["total"], told["done"], told["refused"]) == (1, 1, [])
    assert Drying.objects.get().spool_id == spool.pk
    assert client.get("/api/spools?needs_drying=true").json()["count"] == 0


@pytest.mark.parametrize(
    ("action", "values"),
    [("mark_dried", {"temperature_c": 900, "hours": 8}), ("mark_dried", {"hours": 8}),
     ("mark_dried", {**DRIED, "temprature": 8}), ("set_price", {"cost": "-1"}),
     ("set_price", {"cost": "1e9"}),
     ("add_tag", {"tag": "a,b"}), ("add_tag", {"tag": "\u200b"}), ("move", {"location": "x" * 81}),
     ("move", {"location": 7}), ("print", {})],
)  # fmt: skip
def test_the_api_refuses_what_cannot_be(acme, api, action, values):
    spool = make_spool()

    told = api().post("/api/spools/bulk", {"ids": [str(spool.pk)], "action": action, "values": values})

    assert told.status_code == 422
    assert not Run.objects.exists()


def test_a_foreign_id_is_gone(acme, api):
    client = api()

    run = client.post("/api/spools/bulk", {"ids": [str(uuid4())], "action": "archive"}).json()["run"]

    assert client.get(f"/api/bulk/{run}").json()["refused"][0]["why"] == "is gone"
