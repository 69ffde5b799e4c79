"""Bulk runs in the REST API."""

import uuid
from typing import get_args

import pytest
from django_tenants.utils import tenant_context

from bulk.models import Run
from bulk.schemas import RunOut
from models3d.bulk import ACTIONS
from models3d.models import Model3D
from models3d.schemas import ModelBulkIn
from tests.factories.models3d import make_model

BULK = "/api/models/bulk"


def test_run_tells_its_outcome_row_by_row(acme, api):
    free, tagged, nobody = make_model("Free"), make_model("Tagged"), uuid.uuid4()
    tagged.tags.create(name="petg")
    body = {"ids": [free.pk, tagged.pk, nobody, nobody], "action": "add_tag", "values": {"tag": "petg"}}

    begun = api().post(BULK, body)
    told = api().get(f"/api/bulk/{begun.json()['run']}").json()

    assert begun.status_code == 202
    assert set(begun.json()) == {"run"}
    assert (told["total"], told["done"], told["finished"], told["action"]) == (3, 1, True, "add_tag")
    assert told["refused"] == [
        {"id": str(nobody), "name": "", "why": "is gone"},
        {"id": str(tagged.pk), "name": "Tagged", "why": "It has this tag already."},
    ]
    assert set(told) == set(RunOut.model_fields)


def test_filter_has_the_names_of_the_list(acme, api):
    for name in ("Gear", "Lid"):
        make_model(name)
    Model3D.objects.get(name="Gear").tags.create(name="petg")

    for given in ({"search": "gear"}, {"tag": "PETG"}):
        run = api().post(BULK, {"filter": given, "action": "move", "values": {"collection": "Drive"}}).json()
        assert api().get(f"/api/bulk/{run['run']}").json()["total"] == 1

    assert Model3D.objects.get(collection__name="Drive").name == "Gear"


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"action": "archive"}, ""),
        ({"action": "archive", "ids": [], "filter": {}}, ""),
        ({"action": "archive", "ids": []}, "ids"),
        ({"action": "archive", "filter": {"colour": "red"}}, "filter.colour"),
        ({"action": "fly", "filter": {}}, "action"),
        ({"action": "archive", "filter": {}, "values": {"tag": "x"}}, "values.tag"),
        ({"action": "add_tag", "filter": {}}, "values.tag"),
        ({"action": "add_tag", "filter": {}, "values": {"tag": 7}}, "values.tag"),
        ({"action": "add_tag", "filter": {}, "values": {"tag": "a,b"}}, "values.tag"),
        ({"action": "move", "filter": {}}, "values.collection"),
        ({"action": "archive", "filter": {}, "extra": 1}, "extra"),
    ],
    ids=str,
)
def test_what_is_not_understood_is_refused_and_named(acme, api, body, field):
    make_model("A")

    answer = api().post(BULK, body)

    assert answer.status_code == 422
    assert field in [one["field"] for one in answer.json()["errors"]] or not field
    assert not Run.objects.exists()


def test_ids_of_another_organisation_are_gone_and_have_no_name(acme, rival, api):
    with tenant_context(rival):
        theirs = make_model("Quetzalcoatl")

    run = api().post(BULK, {"ids": [theirs.pk], "action": "delete"}).json()["run"]

    told = api().get(f"/api/bulk/{run}").json()
    assert told["refused"] == [{"id": str(theirs.pk), "name": "", "why": "is gone"}]
    with tenant_context(rival):
        assert Model3D.objects.get().deleted_at is None


def test_same_key_begins_one_run(acme, api):
    body = {"ids": [make_model("A").pk], "action": "archive"}
    headers = {"Idempotency-Key": "once"}

    first, again = (api().post(BULK, body, headers=headers) for _time in range(2))

    assert first.json() == again.json()
    assert Run.objects.count() == 1


def test_too_many_rows_are_refused_in_words(acme, api, monkeypatch):
    monkeypatch.setattr("bulk.choosing.MOST", 1)
    make_model("A")
    make_model("B")

    answer = api().post(BULK, {"filter": {}, "action": "archive"})

    assert answer.status_code == 422
    assert "the most for one run" in answer.json()["detail"]


def test_run_is_told_to_its_person_and_to_operators_with_the_scope_of_its_things(acme, api):
    run = api("admin").post(BULK, {"ids": [make_model("A").pk], "action": "archive"}).json()["run"]

    def seen(role, scopes):
        return api(role, scopes=scopes).get(f"/api/bulk/{run}").status_code

    assert seen("viewer", ["read:models"]) == 404
    assert seen("operator", ["read:models"]) == 200
    assert seen("operator", ["read:jobs"]) == 403


def test_document_names_every_action():
    assert set(get_args(ModelBulkIn.model_fields["action"].annotation)) == set(ACTIONS)
