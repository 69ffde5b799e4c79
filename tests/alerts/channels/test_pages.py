import json
from datetime import timedelta

import pytest
from django.utils import timezone
from django_tenants.utils import tenant_context

from accounts.sealing import open_sealed
from alerts import endpoints
from alerts.channels.adapter import NotSent
from alerts.channels.signing import unpacked
from alerts.endpoints import add, note_failed, note_sent, subscribe
from alerts.kinds import Channel
from alerts.models import Endpoint, Parcel
from audit.models import Entry
from orgs.models import Due
from tests.alerts.channels.conftest import NAME
from tests.alerts.channels.test_push import Browser

OWN, ORG, LOG = "/o/acme/channels/", "/o/acme/channels/organisation/", "/o/acme/channels/log/"


def told(client, url):
    """The page, with what was told at the last step."""
    return client.get(url).text


def webhook(**more):
    values = {"address": f"https://{NAME}/in", "name": "Line", "least_severity": "info", **more}
    return endpoints.add_webhook(values)


# A person's own


def test_a_chat_is_kept_sealed_and_shown_masked(acme, sign_in):
    client, hook = sign_in("viewer"), "https://discord.com/api/webhooks/123456789012345678/" + "s3cret" * 11

    client.post(f"{OWN}chat/add/", {"service": "discord", "url": hook, "name": ""})

    one = Endpoint.objects.get()
    assert (one.channel, one.user.email, one.name) == ("chat", "viewer@acme.test", "Discord")
    assert open_sealed(one.secret) == hook
    assert "s3cret" not in one.address + one.secret
    assert "s3cret" not in client.get(OWN).text
    assert "s3cret" not in str(list(Entry.objects.values()))
    assert Entry.objects.filter(action="channel.add").exists()


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ({"service": "discord", "url": "https://evil.test/api/webhooks/1/2"}, "check each of them"),
        ({"service": "discord", "url": ""}, "required"),
        ({"service": "ntfy", "server": "https://inside.example", "topic": "x"}, "private network"),
        ({"service": "ntfy", "server": "http://ntfy.example", "topic": "x"}, "by https"),
        ({"service": "other", "address": "mailto://a:b@gmail.com"}, "no chat service called mailto"),
        ({"service": "other", "address": "json://10.0.0.1"}, "no chat service called json"),
        (
            {"service": "telegram", "token": "../../etc?template=/etc/passwd", "chat": "1"},
            "must not carry template",
        ),
    ],
)
def test_a_chat_that_can_not_be_is_said_so_and_what_was_typed_stays(said, words, acme, names, sign_in):
    names["inside.example"] = "10.0.0.9"

    answer = sign_in("viewer").post(f"{OWN}chat/add/", said)

    assert answer.status_code == 422
    assert words in answer.text
    assert all(f'value="{value}"' in answer.text for value in said.values() if value and "?" not in value)
    assert not Endpoint.objects.exists()


def test_a_browser_is_added_once_and_passes_to_who_signs_in_there_later(acme, person, sign_in):
    said = {"endpoint": f"https://{NAME}/abc", "keys": json.loads(Browser().keys), "name": "Firefox, Linux"}

    for role in ("viewer", "viewer", "operator"):
        answer = sign_in(role).post(f"{OWN}push/add/", said, content_type="application/json")
        assert answer.status_code == 204

    one = Endpoint.objects.get()
    assert (one.user, one.name) == (person("operator"), "Firefox, Linux")
    assert json.loads(open_sealed(one.secret)) == said["keys"]
    assert "/abc" not in sign_in("operator").get(OWN).text


@pytest.mark.parametrize(
    "said",
    ["", "[]", "{}", '{"endpoint": "https://x/", "keys": {}}', '{"endpoint": "https://x/", "keys": []}',
     '{"endpoint": "http://x/", "keys": {"p256dh": "A"}}', "\x00",
     '{"endpoint": {"a": 1}, "keys": {"p256dh": 1, "auth": 2}}'],
)  # fmt: skip
def test_what_is_no_subscription_is_refused(said, acme, sign_in):
    answer = sign_in("viewer").post(f"{OWN}push/add/", said, content_type="application/json")

    assert answer.status_code == 422
    assert not Endpoint.objects.exists()


def test_a_browser_that_ended_its_subscription_is_forgotten(acme, person, sign_in):
    keys = json.loads(Browser().keys)
    subscribe(person("viewer"), f"https://{NAME}/abc", keys, "")

    sign_in("operator").post(f"{OWN}push/remove/", {"endpoint": f"https://{NAME}/abc"})
    assert Endpoint.objects.exists()

    answer = sign_in("viewer").post(f"{OWN}push/remove/", {"endpoint": f"https://{NAME}/abc"})
    assert answer.status_code == 204
    assert not Endpoint.objects.exists()


def test_one_can_not_have_any_number_of_them(acme, person, sign_in, monkeypatch):
    monkeypatch.setattr(endpoints, "MOST", 1)
    said = {"service": "pushover", "user": "u" * 30, "token": "t" * 30}
    sign_in("viewer").post(f"{OWN}chat/add/", said)

    answer = sign_in("viewer").post(f"{OWN}chat/add/", said)

    assert answer.status_code == 422
    assert "There are 1 already" in answer.text
    assert sign_in("operator").post(f"{OWN}chat/add/", said).status_code == 302


def test_the_worker_is_served_where_its_scope_is(acme, sign_in):
    answer = sign_in("viewer").get(f"{OWN}push/worker.js")

    assert answer["Content-Type"].startswith("text/javascript")
    assert "notificationclick" in answer.text


def test_a_test_mail_goes_to_ones_own_address(acme, sign_in, mailoutbox):
    client = sign_in("viewer")

    client.post(f"{OWN}mail/test/")

    (mail,) = mailoutbox
    assert mail.to == ["viewer@acme.test"]
    assert "This is a test" in mail.body
    assert "The test was sent" in told(client, OWN)


# The organisation's


def test_a_webhook_shows_its_secret_once(acme, names, sign_in):
    names[NAME] = "93.184.215.14"
    client = sign_in("admin")

    answer = client.post(
        f"{ORG}add/",
        {"channel": "webhook", "address": f"https://{NAME}/in?key=k3y", "least_severity": "warning"},
    )

    one = Endpoint.objects.get()
    secret = unpacked(open_sealed(one.secret)).present
    assert (one.user, one.least_severity, one.kinds) == (None, "warning", [])
    assert secret in answer.text
    assert "no-store" in answer["Cache-Control"]
    page = client.get(ORG).text
    assert secret not in page
    assert "k3y" not in page
    assert "k3y" not in str(list(Entry.objects.values()))


def test_a_new_secret_is_shown_once_and_the_old_one_holds_for_a_day(acme, sign_in):
    one, first = webhook()

    answer = sign_in("admin").post(f"{ORG}{one.pk}/secret/")

    one.refresh_from_db()
    keys = unpacked(open_sealed(one.secret))
    assert keys.present in answer.text
    assert (keys.present == first, keys.former) == (False, first)
    assert Entry.objects.filter(action="channel.rotate").exists()


@pytest.mark.parametrize(
    ("address", "words"),
    [("http://hooks.example/", "https://"), ("https://10.0.0.1/", "private network"),
     ("https://127.0.0.1/", "server itself"), ("https://nobody.example/", "not known"),
     ("nonsense", "https://"), ("https://169.254.169.254/", "not an address")],
)  # fmt: skip
def test_a_webhook_that_may_not_be_called_is_not_kept(address, words, acme, names, sign_in):
    answer = sign_in("admin").post(
        f"{ORG}add/", {"channel": "webhook", "address": address, "least_severity": "info"}
    )

    assert answer.status_code == 422
    assert words in answer.text
    assert f'value="{address}"' in answer.text
    assert not Endpoint.objects.exists()


def test_a_test_really_sends_and_tells_the_answer(acme, serve, trusted, public, sign_in):
    side = serve()
    side.says = b"thank you"
    one, _secret = webhook(address=side.url)
    client = sign_in("admin")

    client.post(f"{ORG}{one.pk}/test/")

    assert json.loads(side.heard[0].body)["alerts"][0]["kind"] == "test"
    assert "200 OK thank you" in told(client, ORG)
    one.refresh_from_db()
    assert one.last_sent_at


def test_what_fails_is_marked_with_since_when_and_why_until_it_works(acme, serve, trusted, public, sign_in):
    side = serve()
    side.status = 500
    one, _secret = webhook(address=side.url)
    client = sign_in("admin")

    client.post(f"{ORG}{one.pk}/test/")
    one.refresh_from_db()
    since = one.failing_since
    page = told(client, ORG)
    client.post(f"{ORG}{one.pk}/test/")
    one.refresh_from_db()
    again = one.failing_since
    side.status = 200
    client.post(f"{ORG}{one.pk}/test/")
    one.refresh_from_db()

    assert "failing" in page
    assert "500 Internal Server Error" in page
    assert since == again
    assert (one.failing_since, one.last_error) == (None, "")


def test_a_browser_that_is_gone_is_switched_off(acme, person):
    one = subscribe(person("viewer"), f"https://{NAME}/abc", json.loads(Browser().keys), "")

    note_failed(one, NotSent("later"))
    one.refresh_from_db()
    assert one.is_enabled

    note_failed(one, NotSent("gone", is_final=True))
    one.refresh_from_db()
    assert not one.is_enabled
    assert one.last_error == "gone"

    note_sent(one)
    one.refresh_from_db()
    assert one.failing_since is None


def test_tests_are_few(acme, serve, trusted, public, sign_in, settings):
    settings.LIMITS = {"channel-test": (2, 60, 600)}
    side = serve()
    one, _secret = webhook(address=side.url)
    client = sign_in("admin")

    answers = [client.post(f"{ORG}{one.pk}/test/") for _time in range(4)]

    assert len(side.heard) == 2
    assert [answer.status_code for answer in answers] == [302, 302, 429, 429]


def test_an_endpoint_is_changed_switched_and_deleted_and_all_of_it_is_recorded(acme, names, sign_in):
    names[NAME] = "93.184.215.14"
    one, _secret = webhook()
    client = sign_in("admin")
    said = {
        "name": "Other",
        "address": f"https://{NAME}/x",
        "least_severity": "critical",
        "kinds": ["printer.offline"],
    }

    client.post(f"{ORG}{one.pk}/edit/", said)
    one.refresh_from_db()
    assert (one.name, one.address, one.least_severity, one.kinds) == tuple(said.values())

    client.post(f"{ORG}{one.pk}/switch/", {"on": "0"})
    client.post(f"{ORG}{one.pk}/switch/", {"on": "0"})
    one.refresh_from_db()
    assert not one.is_enabled

    client.post(f"{ORG}{one.pk}/switch/", {"on": "1"})
    client.post(f"{ORG}{one.pk}/delete/")
    assert not Endpoint.objects.exists()

    actions = list(
        Entry.objects.filter(action__startswith="channel.").order_by("pk").values_list("action", flat=True)
    )
    assert actions == ["channel.add", "channel.edit", "channel.disable", "channel.enable", "channel.delete"]


def test_the_organisation_can_be_told_in_a_chat_and_by_mail(acme, sign_in, mailoutbox):
    client = sign_in("admin")
    tell = {"least_severity": "info", "kinds": ["printer.offline"]}

    client.post(f"{ORG}add/", {"channel": "email", "address": "all@acme.test", "name": "Team", **tell})
    client.post(
        f"{ORG}add/", {"channel": "chat", "service": "pushover", "user": "u" * 30, "token": "t" * 30, **tell}
    )
    client.post(f"{ORG}{Endpoint.objects.get(channel='email').pk}/test/")

    assert [mail.to for mail in mailoutbox] == [["all@acme.test"]]
    assert set(Endpoint.objects.values_list("channel", "user", "name")) == {
        ("email", None, "Team"), ("chat", None, "Pushover"),
    }  # fmt: skip


def test_nobody_reaches_an_endpoint_of_somebody_else(acme, person, rival, sign_in):
    theirs = subscribe(person("operator"), f"https://{NAME}/abc", json.loads(Browser().keys), "")
    ours, _secret = webhook()

    for role in ("viewer", "admin"):
        assert sign_in(role).post(f"{OWN}own/{theirs.pk}/delete/").status_code == 404
    assert sign_in("admin").post(f"{ORG}{theirs.pk}/delete/").status_code == 404
    assert sign_in("admin").post(f"{OWN}own/{ours.pk}/delete/").status_code == 404
    assert sign_in("operator").post(f"{ORG}{ours.pk}/delete/").status_code == 403
    assert Endpoint.objects.count() == 2


# The log


def parcel(person, **more):
    said = {"channel": Channel.EMAIL, "user": person, "address": person.email, "state": Parcel.State.FAILED,
            "due_at": timezone.now(), "attempts": 9, "error": "550 No such user"}  # fmt: skip
    return Parcel.objects.create(**{**said, **more})


def test_everybody_sees_their_own_messages_and_admins_all(acme, person, sign_in):
    parcel(person("viewer"), error="of the viewer")
    parcel(person("operator"), error="of the operator")

    seen = {role: sign_in(role).get(LOG).text for role in ("viewer", "operator", "admin")}

    assert ["of the viewer" in seen[role] for role in seen] == [True, False, True]
    assert ["of the operator" in seen[role] for role in seen] == [False, True, True]


def test_what_failed_is_sent_again_as_the_same_message(acme, person, sign_in):
    failed = parcel(person("viewer"))
    client = sign_in("viewer")

    client.post(f"{LOG}{failed.pk}/again/")

    failed.refresh_from_db()
    assert (failed.state, failed.attempts) == ("claimed", 0)
    assert failed.next_at <= timezone.now() + timedelta(seconds=5)
    assert Due.objects.filter(org=acme, task="alerts.send").exists()
    assert "sent again" in told(client, LOG)

    Parcel.objects.filter(pk=failed.pk).update(state="handing")
    client.post(f"{LOG}{failed.pk}/again/")
    failed.refresh_from_db()
    assert failed.state == "handing"


def test_the_log_asks_as_often_for_many_messages_as_for_few(
    acme, person, sign_in, django_assert_num_queries, django_assert_max_num_queries
):
    client = sign_in("admin")
    parcel(person("viewer"))
    client.get(LOG)
    with django_assert_max_num_queries(30) as few:
        client.get(LOG)
    for number in range(30):
        parcel(person("viewer"), due_at=timezone.now() + timedelta(seconds=number + 1))

    with django_assert_num_queries(len(few)):
        client.get(LOG)


def test_a_push_address_is_nowhere_shown_whole(acme, person, sign_in):
    one = add(
        Channel.PUSH, person("viewer"), {"address": f"https://{NAME}/t0ken", "name": ""}, Browser().keys
    )
    parcel(person("viewer"), channel=Channel.PUSH, endpoint=one, address=one.address)

    for url in (OWN, LOG):
        assert NAME in sign_in("viewer").get(url).text
        assert "t0ken" not in sign_in("viewer").get(url).text


def test_another_organisation_has_other_channels(acme, rival, sign_in):
    webhook(name="Ours alone")

    with tenant_context(rival):
        assert not Endpoint.objects.exists()
    assert "Ours alone" not in sign_in("admin", "rival").get("/o/rival/channels/organisation/").text
