"""Named options of jobs, of the organisation and of one person; and printing again with changes."""

import re

import pytest
from django.core.exceptions import ValidationError
from django.utils import timezone
from django_tenants.utils import tenant_context

from audit.models import Entry
from jobs import presetting
from jobs.models import Job, Preset
from jobs.states import Priority
from printers.models import Tag

ADD, PRESETS = "/o/acme/queue/add/", "/o/acme/queue/presets/"


@pytest.fixture
def preset(shop):
    """preset("Draft", copies=3, owner=…): one of the organisation unless it has an owner."""

    def made(name="Draft", owner=None, **options):
        return presetting.add(name, options, owner)

    return made


def value_of(text, name):
    """What a field of a page holds."""
    if chosen := re.search(rf'<select[^>]*name="{name}".*?</select>', text, re.DOTALL):
        found = re.search(r'<option value="([^"]*)"[^>]* selected', chosen[0])
        return found[1] if found else ""
    if area := re.search(rf'<textarea[^>]*name="{name}"[^>]*>\s*(.*?)</textarea>', text, re.DOTALL):
        return area[1]
    field = re.search(rf'<input[^>]*name="{name}"[^>]*>', text)[0]
    if 'type="checkbox"' in field:
        return "checked" in field
    return (re.search(r'value="([^"]*)"', field) or ("", ""))[1]


def order_of(shop, **fields):
    return {"model_id": str(shop.revision.model_id), **fields}


# Whose they are.


def test_personal_presets_are_seen_by_their_person_alone(preset, api, person):
    preset("Everybody's")
    preset("Mine", owner=person("viewer"))

    seen = {
        role: [one["name"] for one in api(role).get("/api/presets").json()["items"]]
        for role in ("viewer", "operator", "admin")
    }

    assert seen == {"viewer": ["Everybody's", "Mine"], "operator": ["Everybody's"], "admin": ["Everybody's"]}


@pytest.mark.parametrize("role", ["operator", "admin"])
def test_personal_preset_of_somebody_else_is_missing_everywhere(preset, api, sign_in, person, shop, role):
    pk = preset("Mine", owner=person("viewer"), copies=7).pk
    client, browser = api(role), sign_in(role)

    answers = [
        client.get(f"/api/presets/{pk}"),
        client.patch(f"/api/presets/{pk}", {"name": "Taken"}),
        client.delete(f"/api/presets/{pk}"),
        client.post("/api/jobs", order_of(shop, preset_id=str(pk))),
        browser.get(f"{PRESETS}{pk}/edit/"),
        browser.post(f"{PRESETS}{pk}/delete/"),
    ]

    assert {answer.status_code for answer in answers} == {404}
    assert "This preset is gone." in browser.get(f"{ADD}?preset={pk}").text
    assert Preset.objects.get().name == "Mine"
    assert not Job.objects.exists()


def test_preset_of_another_organisation_is_missing(preset, api, shop, rival):
    with tenant_context(rival):
        theirs = Preset.objects.create(name="Quetzalcoatl").pk

    answer = api("admin").post("/api/jobs", order_of(shop, preset_id=str(theirs)))

    assert answer.status_code == 404
    assert not Job.objects.exists()


def test_viewers_make_presets_of_their_own_and_change_no_others(preset, api, sign_in, person):
    shared = preset("Everybody's").pk
    client, browser = api("viewer"), sign_in("viewer")

    own = client.post("/api/presets", {"name": "Mine", "copies": 2})
    answers = [
        client.post("/api/presets", {"name": "For all", "shared": True}),
        client.patch(f"/api/presets/{shared}", {"name": "x"}),
        client.delete(f"/api/presets/{shared}"),
        browser.post(f"{PRESETS}{shared}/edit/", {"preset_name": "x"}),
        browser.post(f"{PRESETS}{shared}/delete/"),
    ]

    assert own.status_code == 201
    assert Preset.objects.get(name="Mine").owner == person("viewer")
    assert [answer.status_code for answer in answers] == [403] * 5
    assert client.patch(f"/api/presets/{own.json()['id']}", {"name": "Renamed"}).json()["name"] == "Renamed"
    assert client.delete(f"/api/presets/{own.json()['id']}").status_code == 204


def test_names_are_taken_once_for_each_owner_whatever_their_case(preset, person):
    preset("Draft")
    preset("Draft", owner=person("viewer"))
    preset("Draft", owner=person("operator"))

    for owner in (None, person("viewer")):
        with pytest.raises(ValidationError, match="of this name already"):
            preset(" dRAFT ", owner=owner)


def test_there_is_an_end_to_presets(preset, monkeypatch):
    monkeypatch.setattr(presetting, "MOST", 1)
    preset("One")

    with pytest.raises(ValidationError, match="Delete one first"):
        preset("Two")


def test_what_is_done_to_presets_is_audited(api, acme):
    client = api("operator")
    pk = client.post("/api/presets", {"name": "Draft", "shared": True}).json()["id"]
    client.patch(f"/api/presets/{pk}", {"copies": 4})
    client.delete(f"/api/presets/{pk}")

    lines = Entry.objects.filter(action__startswith="preset.").order_by("pk")

    assert [line.action for line in lines] == ["preset.add", "preset.edit", "preset.delete"]
    assert (lines[1].before, lines[1].after) == ({"copies": 1}, {"copies": 4})


# By the API.


def test_preset_gives_the_options_that_a_job_does_not_name(preset, api, shop):
    pk = preset(
        copies=3, priority=Priority.HIGH, auto_start=True, notes="from the preset", target="printer",
        target_printer=shop.printer, filaments=[{"index": 0, "spool_id": str(shop.spool.pk)}],
    ).pk  # fmt: skip

    plain = api().post("/api/jobs", order_of(shop, preset_id=str(pk))).json()
    explicit = (
        api()
        .post(
            "/api/jobs",
            order_of(
                shop, preset_id=str(pk), copies=1, notes="", priority="normal", target={"any": True},
                auto_start=False, filaments=[],
            ),
        )
        .json()
    )  # fmt: skip

    def told(job):
        return [job[name] for name in ("copies", "priority", "auto_start", "notes", "target", "filaments")]

    spool = [{"index": 0, "spool_id": str(shop.spool.pk)}]
    target = {"printer_id": str(shop.printer.pk)}
    assert told(plain) == [3, "high", True, "from the preset", target, spool]
    assert told(explicit) == [1, "normal", False, "", {"any": True}, []]


@pytest.mark.parametrize("kind", ["printer", "tag", "model"])
def test_job_from_a_preset_whose_target_is_gone_asks_for_another(preset, api, shop, kind):
    tag = Tag.objects.create(name="fast")
    options = {
        "printer": {"target_printer": shop.printer},
        "tag": {"target_tag": tag},
        "model": {"target_model": "Prusa MK9"},
    }[kind]
    made = preset(target=kind, **options)
    Preset.objects.update(target_printer=None)
    tag.delete()

    refused = api().post("/api/jobs", order_of(shop, preset_id=str(made.pk)))
    taken = api().post("/api/jobs", order_of(shop, preset_id=str(made.pk), target={"any": True}))

    assert refused.status_code == 422
    assert refused.json()["errors"][0]["field"] == "target"
    assert taken.status_code == 201


def test_job_from_a_preset_whose_spool_is_gone_asks_for_another(preset, api, shop):
    made = preset(filaments=[{"index": 0, "material": "PLA", "spool_id": str(shop.spool.pk)}])
    shop.spool.archived_at = timezone.now()
    shop.spool.slot = None
    shop.spool.save()

    refused = api().post("/api/jobs", order_of(shop, preset_id=str(made.pk)))

    assert refused.status_code == 422
    assert "gone or archived" in refused.json()["errors"][0]["message"]


def test_preset_gives_nobody_a_priority_that_they_may_not_ask_for(preset, api, shop, acme):
    type(acme).objects.filter(pk=acme.pk).update(approval=True)
    pk = str(preset(priority=Priority.URGENT).pk)

    told = {
        role: api(role).post("/api/jobs", order_of(shop, preset_id=pk)).json()["priority"]
        for role in ("viewer", "operator")
    }

    assert told == {"viewer": "normal", "operator": "urgent"}


@pytest.mark.parametrize(
    "body",
    [
        {}, {"name": ""}, {"name": "x" * 61}, {"name": "x", "copies": 0}, {"name": "x", "colour": "red"},
        {"name": "x", "target": {}}, {"name": "x", "filaments": [{"index": 64}]}, {"name": "  "},
        {"name": "x", "revision": 1},
    ],
    ids=str,
)  # fmt: skip
def test_unsound_presets_are_refused(api, acme, body):
    answer = api().post("/api/presets", body)

    assert answer.status_code == 422
    assert answer.json()["errors"]
    assert not Preset.objects.exists()


def test_preset_is_told_and_changed_field_by_field(api, shop):
    client = api()
    wish = [{"index": 1, "material": "PETG", "color": "#00FF00"}]
    made = client.post("/api/presets", {"name": "Two colours", "filaments": wish, "shared": True}).json()

    url = f"/api/presets/{made['id']}"
    told = client.patch(url, {"target": {"printer_model": "Voron 2.4 250"}, "priority": "low"}).json()

    assert (made["filaments"], made["shared"], made["target"]) == (wish, True, {"any": True})
    assert (told["target"], told["priority"], told["filaments"]) == (
        {"printer_model": "Voron 2.4 250"}, "low", wish,
    )  # fmt: skip
    assert client.get(url).json() == told
    assert client.patch(url, {"copies": None}).status_code == 422


# On pages.


def test_preset_fills_the_form_by_its_address(preset, sign_in, shop):
    pk = preset(
        copies=5, priority=Priority.LOW, notes="calm", target="printer", target_printer=shop.printer
    ).pk

    text = sign_in("viewer").get(f"{ADD}?model={shop.revision.model_id}&preset={pk}").text

    fields = ("copies", "priority", "notes", "target", "printer", "model")
    assert [value_of(text, name) for name in fields] == [
        "5", "10", "calm", "printer", str(shop.printer.pk), str(shop.revision.model_id),
    ]  # fmt: skip
    assert not Job.objects.exists()


def test_applying_a_preset_keeps_what_was_typed_and_submits_nothing(preset, sign_in, shop):
    pk = preset(copies=5, filaments=[{"index": 0, "spool_id": str(shop.spool.pk)}]).pk
    typed = {
        "model": str(shop.revision.model_id), "revision": "1", "plate": "1", "copies": "2", "target": "any",
        "priority": "20", "due_at": "2031-05-01T10:00", "notes": "typed", "preset": str(pk),
    }  # fmt: skip

    answer = sign_in("viewer").post(ADD, typed)

    assert answer.status_code == 200
    assert value_of(answer.text, "copies") == "5"
    assert value_of(answer.text, "due_at") == "2031-05-01T10:00"
    assert value_of(answer.text, "spool_0") == str(shop.spool.pk)
    assert not Job.objects.exists()


def test_applied_preset_says_what_of_it_is_gone(preset, sign_in, shop):
    pk = preset(target="printer", target_printer=shop.printer).pk
    Preset.objects.update(target_printer=None)

    text = sign_in("viewer").get(f"{ADD}?preset={pk}").text

    assert "The printer of this preset is gone" in text
    assert "a printer that is gone" in sign_in("viewer").get(PRESETS).text


def test_wishes_for_material_go_along_and_can_be_left_out(preset, sign_in, shop):
    wish = {"index": 0, "material": "PETG", "color": "#FF8000"}
    pk = preset(filaments=[wish]).pk
    client = sign_in("viewer")

    text = client.get(f"{ADD}?model={shop.revision.model_id}&preset={pk}").text
    form = {
        "model": str(shop.revision.model_id), "revision": "1", "plate": "1", "copies": "1", "target": "any",
        "priority": "20", "wishes": value_of(text, "wishes").replace("&quot;", '"'),
    }  # fmt: skip
    client.post(ADD, {**form, "keeps_wishes": "on", "spool_0": str(shop.spool.pk)})
    client.post(ADD, form)
    broken = client.post(ADD, {**form, "wishes": '[{"index": "many"}]'})

    with_wish, without = Job.objects.order_by("pk")
    assert with_wish.filaments == [{**wish, "spool_id": str(shop.spool.pk)}]
    assert without.filaments == []
    assert broken.status_code == 422


def test_options_of_the_form_are_saved_as_a_preset_that_is_then_applied(sign_in, shop, person):
    client = sign_in("viewer")
    typed = {
        "model": str(shop.revision.model_id), "revision": "1", "plate": "1", "copies": "4",
        "target": "printer", "printer": str(shop.printer.pk), "priority": "10", "auto_start": "on",
        "notes": "often", "spool_0": str(shop.spool.pk), "save_preset": "1",
    }  # fmt: skip

    asked = client.post(f"{PRESETS}add/", typed)
    kept = {name: value for name, value in typed.items() if name != "save_preset"}
    saved = client.post(f"{PRESETS}add/", {**kept, "preset_name": "Often", "keeps_wishes": "on"})

    assert asked.status_code == 200
    assert value_of(asked.text, "copies") == "4"
    assert value_of(asked.text, "spool_0") == str(shop.spool.pk)
    assert "preset_shared" not in asked.text
    made = Preset.objects.get()
    assert (made.owner, made.copies, made.target_printer, made.priority, made.auto_start, made.notes) == (
        person("viewer"), 4, shop.printer, 10, True, "often",
    )  # fmt: skip
    assert made.filaments == [{"index": 0, "spool_id": str(shop.spool.pk)}]
    assert saved.url == f"{ADD}?model={shop.revision.model_id}&revision=1&plate=1&preset={made.pk}"


def test_preset_is_made_from_a_job_renamed_and_deleted(sign_in, shop):
    job = shop.job(copies=6, notes="as before")
    client = sign_in("operator")

    text = client.get(f"{PRESETS}add/?job={job.pk}").text
    form = {"preset_name": "Six", "copies": "6", "target": "any", "priority": "20", "preset_shared": "on"}
    client.post(f"{PRESETS}add/", form)
    made = Preset.objects.get()
    twice = client.post(f"{PRESETS}add/", form)
    client.post(f"{PRESETS}{made.pk}/edit/", {**form, "preset_name": "Half a dozen"})

    assert (value_of(text, "copies"), value_of(text, "notes")) == ("6", "as before")
    assert made.owner is None
    assert twice.status_code == 422
    assert "of this name already" in twice.text
    assert Preset.objects.get().name == "Half a dozen"
    client.post(f"{PRESETS}{made.pk}/delete/")
    assert not Preset.objects.exists()


def test_shared_is_not_for_viewers_to_say(sign_in, shop, person):
    form = {"preset_name": "Six", "copies": "6", "target": "any", "priority": "20", "preset_shared": "on"}

    sign_in("viewer").post(f"{PRESETS}add/", form)

    assert Preset.objects.get().owner == person("viewer")


def test_form_for_a_viewer_offers_no_priority_that_they_may_not_give(preset, sign_in, shop, acme):
    type(acme).objects.filter(pk=acme.pk).update(approval=True)
    pk = preset(priority=Priority.URGENT).pk

    viewers = sign_in("viewer").get(f"{ADD}?preset={pk}").text
    operators = sign_in("operator").get(f"{ADD}?preset={pk}").text

    assert value_of(viewers, "priority") == "20"
    assert value_of(operators, "priority") == "40"
    assert '<option value="40"' not in viewers


# Printing again with changes.


def test_printing_again_begins_with_the_jobs_exact_file_and_options(sign_in, shop):
    job = shop.job(copies=4, notes="again", filaments=[{"index": 0, "spool_id": str(shop.spool.pk)}])
    newer = shop.revision
    newer.pk, newer.number = None, 2
    newer.save(force_insert=True)
    newer.model.current = newer
    newer.model.save()

    text = sign_in("viewer").get(f"{ADD}?again={job.pk}").text

    fields = ("model", "revision", "plate", "copies", "notes", "auto_start", "spool_0")
    assert [value_of(text, name) for name in fields] == [
        str(newer.model_id), "1", "1", "4", "again", True, str(shop.spool.pk),
    ]  # fmt: skip
    assert f"{ADD}?again={job.pk}" in sign_in("viewer").get(f"/o/acme/queue/{job.pk}/").text


def test_printing_again_tells_nothing_of_a_job_that_is_not_theirs(sign_in, shop, person):
    job = shop.job(notes="Quetzalcoatl")
    Job.objects.filter(pk=job.pk).update(by=person("operator"))

    text = sign_in("viewer").get(f"{ADD}?again={job.pk}").text

    assert "Quetzalcoatl" not in text


@pytest.mark.parametrize("query", ["again=rubbish", "preset=rubbish", "again=&preset=", "copies=many"])
def test_form_takes_rubbish_in_its_address_calmly(sign_in, shop, query):
    assert sign_in("viewer").get(f"{ADD}?{query}").status_code == 200
