"""Jobs of a viewer who is limited to printers with some tags go to these alone."""

import pytest
from django.core.exceptions import ValidationError

from jobs import by_hand, planning, staging, starting
from jobs.aiming import NoSuchTarget, Targets
from jobs.models import Job, Preset
from jobs.submitting import Order, submit
from orgs.members import limit_to
from orgs.models import Due, Membership
from orgs.roles import Role
from printers.models import Tag
from stations.models import Dispatch
from tests.factories.printers import make_printer


@pytest.fixture
def lab(acme) -> Tag:
    return Tag.objects.create(name="lab")


@pytest.fixture
def student(acme, person, lab) -> Membership:
    """A viewer limited to `lab`; the shop's printer has no tag."""
    membership = Membership.objects.get(user=person("viewer"), org=acme)
    return limit_to(membership, [lab.pk], {lab.pk: "lab"})


def order(shop, student, **target) -> Job:
    return submit(Order(revision=shop.revision, auto_start=True, **target), student.user)


def test_a_job_is_not_matched_to_a_printer_without_the_tag(shop, student):
    job = order(shop, student)

    planning.match()

    job.refresh_from_db()
    assert not Dispatch.objects.exists()
    assert (
        job.why_not == "It waits for a printer with a tag that whoever wants it may use: an admin sets these."
    )


def test_it_is_matched_as_soon_as_the_printer_has_the_tag(shop, student, lab):
    order(shop, student)
    planning.match()
    shop.printer.tags.add(lab)

    planning.match()

    assert Dispatch.objects.get().station_id == shop.printer.pk


def test_the_same_job_of_an_operator_is_matched(shop, student):
    Membership.objects.filter(pk=student.pk).update(role=Role.OPERATOR)
    order(shop, student)

    planning.match()

    assert Dispatch.objects.get().station_id == shop.printer.pk


def test_a_limit_set_while_the_job_waits_holds_at_the_claim(shop, student):
    limit_to(student, [], {})
    order(shop, student)
    dispatch = shop.planned()
    limit_to(student, [Tag.objects.get().pk], {})

    staging.stage(dispatch.pk)
    starting.claim(dispatch.pk)

    shop.station.refresh_from_db()
    assert shop.station.hold_id is None


def test_jobs_of_two_people_with_one_file_keep_their_own_limits(shop, student, person):
    limited = order(shop, student)
    free = submit(Order(revision=shop.revision, auto_start=True), person("operator"))

    planning.match()

    assert Dispatch.objects.get().print_id == free.prints.get().pk
    assert not Dispatch.objects.filter(print_id=limited.prints.get().pk).exists()


def test_a_new_limit_has_the_queue_looked_at(acme, student, lab):
    Due.objects.update(due_at=None)

    limit_to(student, [], {})

    assert Due.objects.get(task="jobs.match").due_at is not None


def test_an_operator_may_make_an_exception_with_a_reason(shop, student):
    job = order(shop, student)

    with pytest.raises(by_hand.NeedsReason, match="limited to printers with other tags"):
        by_hand.start(job, shop.printer.pk)
    assert by_hand.start(job, shop.printer.pk, "the lab is closed").overridden


@pytest.mark.parametrize("kind", ["printer", "tag", "model"])
def test_a_target_that_is_not_theirs_is_refused_with_the_reason(shop, student, kind):
    other = Tag.objects.create(name="other")
    shop.printer.tags.add(other)
    wanted = {"printer": shop.printer, "tag": other, "model": shop.printer.model}

    with pytest.raises(ValidationError, match="some printers only"):
        order(shop, student, target=kind, **{kind: wanted[kind]})

    assert not Job.objects.exists()


@pytest.mark.parametrize("kind", ["printer", "tag", "model"])
def test_a_target_that_is_theirs_is_taken(shop, student, lab, kind):
    shop.printer.tags.add(lab)
    wanted = {"printer": shop.printer, "tag": lab, "model": shop.printer.model}

    assert order(shop, student, target=kind, **{kind: wanted[kind]}).pk


def test_the_api_refuses_another_printer_with_the_reason(shop, student, api):
    body = {"model_id": str(shop.revision.model_id), "target": {"printer_id": str(shop.printer.pk)}}

    answer = api("viewer").post("/api/jobs", body)

    assert answer.status_code == 422
    assert "some printers only" in answer.text


def test_a_preset_for_another_printer_is_neither_shown_nor_applied(shop, student, api):
    preset = Preset.objects.create(name="Far", target="printer", target_printer=shop.printer)
    body = {"model_id": str(shop.revision.model_id), "preset_id": str(preset.pk)}

    assert api("viewer").get("/api/presets").json()["items"] == []
    assert api("viewer").post("/api/jobs", body).status_code == 404


def test_the_form_offers_their_printers_tags_and_models_alone(shop, student, lab, sign_in):
    other = Tag.objects.create(name="other")
    shop.printer.tags.add(other)
    theirs = make_printer("Heron", model="MK4S", tags=[lab])

    form = sign_in("viewer").get("/o/acme/queue/add/").context["form"]

    assert list(form.fields["printer"].queryset) == [theirs]
    assert list(form.fields["tag"].queryset) == [lab]
    assert [name for name, _label in form.fields["printer_model"].choices] == ["", "MK4S"]


def test_the_slicers_inbox_knows_their_printers_alone(shop, student, lab):
    make_printer("Heron", tags=[lab])

    targets = Targets(student)

    assert str(targets.find("heron")) == "Heron"
    with pytest.raises(NoSuchTarget):
        targets.find(str(shop.printer.pk))
    assert shop.printer.name not in targets.told()
