"""A spool that needs drying is told of wherever a printer is chosen, and stops nothing."""

from datetime import timedelta

import pytest
from django.utils import timezone

from inventory.models import Filament, Spool
from jobs import gates, mapping, planning, staging, starting
from jobs.facts import machines, needs_of_plate
from jobs.fitting import fits
from stations.models import Dispatch

SAID = "spool #{number} needs drying: PA stays dry for 3 days"


@pytest.fixture
def damp(shop):
    """Everything fits and may start by itself, but the PA in the slot was opened nine days ago."""
    Filament.objects.update(material="PA")
    plate = shop.revision.plates.get()
    plate.filaments[0]["material"] = "PA"
    plate.save(update_fields=["filaments"])
    Spool.objects.filter(pk=shop.spool.pk).update(opened_at=timezone.now() - timedelta(days=9))
    shop.spool.refresh_from_db()
    shop.said = SAID.format(number=shop.spool.number)
    return shop


def test_it_starts_by_itself_all_the_same(damp):
    damp.job()

    planning.match()
    dispatch = Dispatch.objects.get()
    staging.stage(dispatch.pk)
    starting.claim(dispatch.pk)
    starting.start_polled(dispatch.pk)

    dispatch.refresh_from_db()
    assert dispatch.state in {"starting", "confirmed"}


def test_no_gate_asks_whether_it_is_dry(damp):
    plate = damp.revision.plates.get()
    (machine,) = machines()

    assert gates.blocking(gates.fit(needs_of_plate(damp.revision, plate), machine)) == []


def test_what_fits_is_told_with_its_warning(damp):
    (fit,) = fits(damp.revision, damp.revision.plates.get())

    assert (fit.fits, fit.reasons, fit.warnings) == ("yes", [], [damp.said])


def test_a_dry_spool_warns_of_nothing(damp):
    Spool.objects.update(dried_at=timezone.now())

    (fit,) = fits(damp.revision, damp.revision.plates.get())

    assert fit.warnings == []
    assert mapping.on(damp.job(), machines()[0]).warnings == []


def test_pages_and_api_tell_of_it(damp, sign_in, api):
    job, client = damp.job(), api()
    words = damp.said[0].upper() + damp.said[1:]

    assert words in sign_in("operator").get(f"/o/acme/queue/{job.pk}/slots/").text
    assert words in sign_in("operator").get(f"/o/acme/models/{damp.revision.model_id}/").text
    assert client.get(f"/api/models/{damp.revision.model_id}/fits").json()[0]["warnings"] == [damp.said]
    assert client.get(f"/api/jobs/{job.pk}/slots").json()["warnings"] == [damp.said]
