"""Places and dry boxes."""

from functools import partial

import pytest
from django_tenants.utils import tenant_context

from audit.models import Entry
from inventory import keeping, locations
from inventory.models import Location, Spool
from inventory.refusing import Refused
from tests.factories.inventory import make_filament, make_spool

LIST = "/o/acme/filament/locations/"


def test_naming_a_place_on_a_spool_adds_it_once_whatever_the_case(acme):
    keeping.add(make_filament(), count=2, location=" Dry  box 7 ")
    (third,) = keeping.add(make_filament("ABS"), location="DRY BOX 7")

    assert list(Location.objects.values_list("name", flat=True)) == ["Dry box 7"]
    assert third.location == "Dry box 7"
    assert Entry.objects.filter(action="location.add").count() == 1


def test_a_renamed_place_takes_its_spools_along(acme):
    spool, other = make_spool(location="Shelf"), make_spool(location="Rack")

    locations.edit(Location.objects.get(name="Shelf"), {"name": "Shelf A", "humidity_percent": 18})

    spool.refresh_from_db()
    other.refresh_from_db()
    assert (spool.location, other.location) == ("Shelf A", "Rack")
    assert Entry.objects.get(action="location.edit").before == {"name": "Shelf", "humidity_percent": None}


def test_two_places_do_not_share_a_name(acme):
    make_spool(location="Shelf")
    rack = locations.add({"name": "Rack"})

    for act in (partial(locations.add, {"name": "SHELF"}), partial(locations.edit, rack, {"name": "shelf"})):
        with pytest.raises(Refused, match="already"):
            act()


def test_merging_brings_all_spools_together(acme):
    spools = [make_spool(location="Shelf"), make_spool(location="Shelf"), make_spool(location="Rack")]
    old, new = Location.objects.get(name="Shelf"), Location.objects.get(name="Rack")

    assert locations.merge(old, new) == 2

    assert set(
        Spool.objects.filter(pk__in=[one.pk for one in spools]).values_list("location", flat=True)
    ) == {"Rack"}
    assert list(Location.objects.all()) == [new]
    with pytest.raises(Refused):
        locations.merge(new, new)
    with pytest.raises(Refused, match="gone"):
        locations.merge(old, new)


def test_a_place_with_spools_is_not_deleted(acme):
    spool = make_spool(location="Shelf")
    shelf = Location.objects.get()
    with pytest.raises(Refused):
        locations.delete(shelf)

    keeping.archive(spool)
    locations.delete(shelf)

    spool.refresh_from_db()
    assert spool.location == ""


def test_two_who_name_a_place_at_once_make_it_once(for_real, at_once):
    try:
        outcomes = at_once(*[partial(locations.named, name) for name in ("Shelf", "SHELF", "shelf", "Shelf")])

        assert len(set(outcomes)) == 1, outcomes
        assert Location.objects.count() == 1
    finally:
        Location.objects.all().delete()


def test_a_rename_while_a_spool_is_put_there_loses_no_spool(for_real, at_once):
    shelf = locations.add({"name": "Shelf"})
    spools = keeping.add(make_filament(), 4)
    try:
        at_once(
            partial(locations.edit, shelf, {"name": "Board"}),
            *[partial(keeping.edit, spool, {"location": "Shelf"}) for spool in spools],
        )

        kept = set(Spool.objects.values_list("location", flat=True))
        assert kept <= set(Location.objects.values_list("name", flat=True))
    finally:
        Location.objects.all().delete()


def test_the_page_counts_what_is_in_each_place(acme, sign_in):
    make_spool(location="Shelf"), make_spool(location="Shelf")
    keeping.archive(make_spool(location="Shelf"))
    Location.objects.create(name="Box", is_dry_box=True, humidity_percent=12)

    told = sign_in("viewer").get(LIST).text

    assert '<td class="is-number" data-label="Spools">2</td>' in told
    assert "dry box" in told
    assert "12 %" in told
    assert "Add location" not in told


def test_a_place_is_added_renamed_merged_and_deleted_on_pages(acme, sign_in):
    client = sign_in("operator")
    client.post(f"{LIST}add/", {"name": "Shelf", "is_dry_box": "on", "humidity_percent": "20"})
    client.post(f"{LIST}add/", {"name": "Rack"})
    shelf, rack = Location.objects.get(name="Shelf"), Location.objects.get(name="Rack")
    assert (shelf.is_dry_box, shelf.humidity_percent) == (True, 20)

    client.post(f"{LIST}{shelf.pk}/edit/", {"name": "Board"})
    assert client.post(f"{LIST}{rack.pk}/edit/", {"name": "board"}).status_code == 422
    spool = make_spool(location="Rack")
    assert "Move them first" in client.post(f"{LIST}{rack.pk}/delete/", follow=True).text
    client.post(f"{LIST}{rack.pk}/merge/", {"into": str(shelf.pk)})
    spool.refresh_from_db()
    assert spool.location == "Board"
    client.post(f"/o/acme/filament/{spool.pk}/move/", {"location": "Table"})
    client.post(f"{LIST}{shelf.pk}/delete/")

    assert list(Location.objects.values_list("name", flat=True)) == ["Table"]


@pytest.mark.parametrize("fields", [{"name": ""}, {"name": "   "}, {"name": "A", "humidity_percent": "101"},
                                    {"name": "x" * 81}])  # fmt: skip
def test_absurd_places_are_refused(acme, sign_in, fields):
    assert sign_in("operator").post(f"{LIST}add/", fields).status_code == 422
    assert not Location.objects.exists()


def test_scripts_keep_places_too(acme, api):
    client = api()
    made = client.post("/api/locations", {"name": "Shelf", "is_dry_box": True}).json()
    other = client.post("/api/locations", {"name": "Rack"}).json()
    spool = make_spool(location="Shelf")

    assert client.post("/api/locations", {"name": "SHELF"}).status_code == 409
    assert client.post("/api/locations", {"name": "  "}).status_code == 422
    answer = client.patch(f"/api/locations/{made['id']}", {"name": "Board", "humidity_percent": 30}).json()
    assert answer == {
        "id": made["id"], "name": "Board", "is_dry_box": True, "humidity_percent": 30, "spools": 1,
    }  # fmt: skip
    assert [one["name"] for one in client.get("/api/locations?is_dry_box=true").json()["items"]] == ["Board"]
    assert client.delete(f"/api/locations/{made['id']}").status_code == 409
    merged = client.post(f"/api/locations/{made['id']}/merge", {"into_id": other["id"]}).json()
    assert (merged["name"], merged["spools"]) == ("Rack", 1)
    spool.refresh_from_db()
    assert spool.location == "Rack"


def test_places_of_others_are_not_there(acme, rival, sign_in, api):
    with tenant_context(rival):
        foreign = Location.objects.create(name="Secret")
    own = locations.add({"name": "Own"})

    assert sign_in("operator").get(f"{LIST}{foreign.pk}/edit/").status_code == 404
    assert sign_in("operator").post(f"{LIST}{own.pk}/merge/", {"into": str(foreign.pk)}).status_code == 422
    assert api().post(f"/api/locations/{own.pk}/merge", {"into_id": str(foreign.pk)}).status_code == 404
