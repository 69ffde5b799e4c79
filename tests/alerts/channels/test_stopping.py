import re

import pytest
from django.core import signing
from django.test import Client

from alerts import unsubscribing
from alerts.kinds import Kind
from alerts.models import Preference
from audit.models import Entry
from orgs.models import Membership, Org


@pytest.fixture
def link(acme, person):
    headers = unsubscribing.mail_headers(
        acme, person("viewer").pk, ["print.done", "print.failed", "print.done"]
    )
    assert headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    return re.search(r"<https?://[^/]+(/told/stop/[^>]+)>", headers["List-Unsubscribe"])[1]


def unwanted():
    return set(Preference.objects.filter(is_wanted=False, channel="email").values_list("user__email", "kind"))


BOTH = {("viewer@acme.test", "print.done"), ("viewer@acme.test", "print.failed")}


def test_one_click_ends_the_mails_without_signing_in(link):
    client = Client(enforce_csrf_checks=True)

    answer = client.post(link, {"List-Unsubscribe": "One-Click"})

    assert answer.status_code == 200
    assert unwanted() == BOTH
    (entry,) = Entry.objects.filter(action="alert.unsubscribe")
    assert (entry.actor, entry.via) == ("acme viewer", "link in a mail")


def test_looking_at_the_link_changes_nothing(link):
    answer = Client().get(link)

    assert "print done" in answer.text
    assert "viewer@acme.test" in answer.text
    assert unwanted() == set()


def test_a_second_click_is_as_good_and_all_may_be_ended(link):
    client = Client()

    for _time in range(2):
        assert client.post(link).status_code == 200
    assert unwanted() == BOTH

    client.post(link, {"all": "1"})
    assert len(unwanted()) == len(Kind)


def test_a_wish_of_before_is_overwritten(link, person):
    Preference.objects.create(user=person("viewer"), kind="print.done", channel="email", is_wanted=True)

    Client().post(link)

    assert unwanted() == BOTH


@pytest.mark.parametrize("death", ["forged", "other salt", "left", "archived", "nonsense"])
def test_a_dead_link_leads_nowhere(death, link, acme, person):
    if death == "forged":
        link = link[:-3] + "aa/"
    elif death == "other salt":
        said = [acme.pk.hex, person("viewer").pk.hex, ["print.done"]]
        link = f"/told/stop/{signing.dumps(said, salt='else')}/"
    elif death == "left":
        Membership.objects.filter(user=person("viewer"), org=acme).delete()
    elif death == "archived":
        Org.objects.filter(pk=acme.pk).update(state="archived")
    else:
        link = "/told/stop/x/"

    assert Client().post(link).status_code == 404
    assert unwanted() == set()
