"""The pages of quiet hours, one's own and the organisation's, and the preview of last night's digest."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
import time_machine

from alerts.kinds import Kind
from alerts.models import Endpoint, QuietHours
from alerts.raising import raise_alert, resolve
from alerts.sending import Run

OWN, ORG = "/o/acme/alerts/quiet/", "/o/acme/alerts/quiet/organisation/"
NIGHT = {
    "start": "22:00",
    "end": "07:00",
    "days": ["0", "1", "2", "3", "4", "5", "6"],
    "critical_passes": "on",
}


def berlin(text):
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo("Europe/Berlin")).astimezone(UTC)


def travel(text):
    return time_machine.travel(berlin(text), tick=False)


def offline(number=1, **more):
    return raise_alert(Kind.OFFLINE, f"offline:{number}", f"Voron {number} is offline", **more)


def test_own_hours_are_saved_and_the_page_says_what_holds_now(acme, sign_in, person):
    with travel("2026-11-26T03:00"):
        client = sign_in("viewer")
        assert "It is never quiet" in client.get(OWN).text

        assert client.post(OWN, NIGHT).url == OWN

        told = client.get(OWN).text
    assert "It is quiet until 07:00 for you. Only critical alerts come through." in told
    assert QuietHours.objects.get().user == person("viewer")


def test_the_organisations_hold_for_everybody_and_only_admins_set_them(acme, sign_in):
    with travel("2026-11-26T12:00"):
        assert sign_in("operator").post(ORG, NIGHT).status_code == 403
        assert sign_in("admin").post(ORG, {**NIGHT, "critical_passes": ""}).url == ORG

        told = sign_in("viewer").get(OWN).text

    assert "It is not quiet now. Quiet begins at 22:00." in told
    assert "22:00 to 07:00, hold for you too" in told
    assert QuietHours.objects.get().user is None
    with travel("2026-11-26T23:00"):
        assert "critical alerts too" in sign_in("viewer").get(OWN).text


def test_an_end_on_another_day_is_said_with_its_day(acme, sign_in):
    QuietHours.objects.create(user=None, start="19:00", end="18:00", days=[4])
    with travel("2026-11-27T20:00"):
        assert "until Saturday 18:00" in sign_in("viewer").get(OWN).text


def test_ending_them_tells_what_was_held(acme, sign_in, post):
    with travel("2026-11-26T03:00"):
        client = sign_in("operator")
        client.post(OWN, NIGHT)
        offline()
        Run().go()
        assert "operator@acme.test" not in post.addresses

        client.post(f"{OWN}end/")
        Run().go()

    assert "operator@acme.test" in post.addresses
    assert not QuietHours.objects.exists()


@pytest.mark.parametrize(
    "wrong",
    [
        {"start": ""}, {"end": "7 o'clock"}, {"end": "22:00"}, {"days": []}, {"days": ["7"]},
        {"days": ["-1"]},
        {"time_zone": "Mars/Base"}, {"start": "25:00"},
    ],
)  # fmt: skip
def test_what_makes_no_sense_is_refused_and_nothing_is_lost(acme, sign_in, wrong):
    answer = sign_in("operator").post(OWN, {**NIGHT, **wrong})

    assert answer.status_code == 422
    assert 'value="07:00"' in answer.text or "end" in wrong
    assert not QuietHours.objects.exists()


def test_the_preview_is_what_the_real_digest_said(acme, sign_in, post):
    client = sign_in("operator")
    with travel("2026-11-26T01:00"):
        client.post(OWN, NIGHT)
        offline()
        for _ in range(3):
            offline()
        raise_alert(Kind.NEEDS_YOU, "needs:2", "<b>Voron 2</b> needs you")
        raise_alert(Kind.PRINT_DONE, "done:1", "Bracket is printed")
    with travel("2026-11-26T03:00"):
        resolve("offline:1")
    with travel("2026-11-26T07:00:01"):
        Run().go()
    (sent,) = [message for to, message in post.sent if to.address == "operator@acme.test"]

    with travel("2026-11-26T12:00"):
        told = client.get(OWN).text

    assert sent.subject == "2 alerts while it was quiet, 1 of them over"
    assert sent.subject in told
    assert "Over since 03:00." in told
    assert "4 times" in told
    assert "&lt;b&gt;Voron 2&lt;/b&gt; needs you" in told
    assert "Bracket" not in told


def test_without_quiet_hours_the_preview_takes_the_usual_night(acme, sign_in):
    with travel("2026-11-26T01:00"):
        offline()
    with travel("2026-11-26T12:00"):
        told = sign_in("operator").get(OWN).text

    assert "as if it had been quiet from 22:00 to 07:00" in told
    assert "Voron 1 is offline" in told


def test_the_preview_shows_nobody_what_was_not_told_to_them(acme, sign_in):
    with travel("2026-11-26T01:00"):
        offline()
    with travel("2026-11-26T12:00"):
        told = sign_in("viewer").get(OWN).text

    assert "Voron" not in told
    assert "Nothing to tell" in told


def test_the_organisations_preview_is_what_its_channels_are_told(acme, sign_in, person):
    Endpoint.objects.create(channel="webhook", address="https://hook.test/", kinds=[Kind.OFFLINE])
    with travel("2026-11-26T01:00"):
        offline()
        raise_alert(Kind.NEEDS_YOU, "needs:2", "Voron 2 needs you")
        raise_alert(Kind.JOB_REJECTED, "job:1", "Bracket is rejected", people=[person("viewer").pk])
    with travel("2026-11-26T12:00"):
        told = sign_in("admin").get(ORG).text
        Endpoint.objects.all().delete()
        without = sign_in("admin").get(ORG).text

    assert "Voron 1 is offline" in told
    assert "Voron 2" not in told
    assert "Voron 2" in without
    assert "Bracket" not in without
