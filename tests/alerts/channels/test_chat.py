import json
import threading

import pytest
from urllib3.util import connection

from alerts.channels import guarding
from alerts.channels.adapter import Address, NotSent
from alerts.channels.chat import Chat, Unsuitable, masked, opened, without_calls
from alerts.channels.services import SERVICES
from tests.alerts.channels.conftest import NAME, a_message

SAID = {
    "discord": {"url": "https://discord.com/api/webhooks/123456789012345678/" + "s3cret" * 11 + "ab"},
    "slack": {"url": "https://hooks.slack.com/services/T1JJ3T3L2/A1BRTD4JD/TIiajkdnlazkcOXrIdevi7FQ"},
    "teams": {"url": "https://prod-42.westus.logic.azure.com:443/workflows/3XXX5/triggers/manual/paths/invoke"
                     "?api-version=2016-06-01&sp=%2Ftriggers%2Fmanual%2Frun&sv=1.0&sig=iXXXU"},
    "telegram": {"token": "123456789:AAFabcdefghijklmnopqrstuvwxyz123456", "chat": "-100123"},
    "ntfy": {"server": "https://ntfy.sh", "topic": "acme-farm"},
    "matrix": {"server": "https://matrix.org", "token": "syt_abcdef", "room": "!room:matrix.org"},
    "pushover": {"user": "u" * 30, "token": "t" * 30},
}  # fmt: skip


@pytest.mark.parametrize("name", SERVICES)
def test_a_form_of_fields_makes_an_address_of_its_service(name):
    service = SERVICES[name]
    url = service.url(SAID[name])

    shown = masked(url)

    assert opened(url).service_name
    assert shown.partition("://")[0] in service.schemas
    for field in service.fields:
        if field.is_secret and field.name != "url":
            assert SAID[name].get(field.name, "nothing") not in shown
    assert "s3crets3cret" not in shown


@pytest.mark.parametrize(
    ("name", "said"),
    [("discord", {"url": "https://discord.com.evil.test/api/webhooks/1/2"}),
     ("slack", {"url": "file:///etc/passwd"}),
     ("ntfy", {"server": "https://ntfy.sh/path", "topic": "x"}),
     ("matrix", {"server": "x://y", "token": "", "room": ""})],
)  # fmt: skip
def test_what_can_not_be_of_a_service_is_none(name, said):
    with pytest.raises(ValueError):  # noqa: PT011
        SERVICES[name].url(said)


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("mailto://a:b@gmail.com", "no chat service called mailto"),
        ("json://10.0.0.1/", "no chat service called json"),
        ("syslog://", "no chat service"),
        ("dbus://", "no chat service"),
        ("xmpp://a:b@10.0.0.1", "no chat service"),
        ("discord://123456789012345678/abcdefghijklmnop?template=/etc/passwd", "must not carry template"),
        ("ntfys://ntfy.sh/x?verify=no", "must not carry verify"),
        ("ntfys://ntfy.sh/x?redirect=yes", "must not carry redirect"),
        ("ntfy://ntfy.lan/x", "by https"),
        ("gotify://10.0.0.1/AbCdEfGhIjKlMn0", "by https"),
        ("https://example.org/", "not written as"),
        ("", "no chat service"),
        ("discord://", "not written as"),
    ],
)
def test_only_chat_services_that_are_held_by_the_guard_are_let_through(url, words):
    with pytest.raises(Unsuitable, match=words):
        opened(url)


def test_a_server_in_our_network_may_be_asked_by_http_where_the_deployment_says_so(settings):
    settings.ALLOW_PRIVATE_TARGETS = True

    assert opened("ntfy://ntfy.lan/x").secure is False


def ntfy(side, message):
    return Chat().send(Address("ntfys://…", f"ntfys://{NAME}:{side.port}/farm?mode=private"), message)


def test_a_chat_gets_the_message(serve, trusted, public, message):
    side = serve()

    assert ntfy(side, message) == "ntfy has taken it."

    told = json.loads(side.heard[0].body)
    assert told["topic"] == "farm"
    assert told["title"] == "Printer 1 is offline · Acme"
    assert "No answer since 14:05" in told["message"]
    assert "https://odin.test/o/acme/alerts/" in told["message"]


@pytest.mark.parametrize(("status", "is_final"), [(403, True), (404, True), (429, False), (500, False)])
def test_what_the_service_answers_is_told(status, is_final, serve, trusted, public, message):
    side = serve()
    side.status = status

    with pytest.raises(NotSent, match=str(status)) as told:
        ntfy(side, message)

    assert told.value.is_final is is_final


def test_a_server_inside_our_network_is_not_called(serve, names, message):
    side = serve()
    names[NAME] = "10.0.0.7"

    with pytest.raises(NotSent, match="private network"):
        ntfy(side, message)

    names[NAME] = "127.0.0.1"
    with pytest.raises(NotSent, match="this server itself"):
        ntfy(side, message)

    assert side.heard == []


def test_a_chat_that_sends_elsewhere_is_not_followed(serve, trusted, public, message):
    side, inside = serve(), serve(tls=False)
    side.status, side.headers = 307, {"Location": f"http://127.0.0.1:{inside.port}/"}

    with pytest.raises(NotSent):
        ntfy(side, message)

    assert inside.heard == []


def test_other_threads_are_not_held_by_the_guard(serve):
    side = serve(tls=False)
    reached = []

    def elsewhere() -> None:
        connection.create_connection(("127.0.0.1", side.port), 5).close()
        reached.append(True)

    with guarding.guarded() as refusals:
        with pytest.raises(OSError, match="this server itself"):
            connection.create_connection(("127.0.0.1", side.port), 5)
        thread = threading.Thread(target=elsewhere)
        thread.start()
        thread.join()
    connection.create_connection(("127.0.0.1", side.port), 5).close()

    assert (reached, len(refusals)) == ([True], 1)


def test_no_secret_is_in_the_reason_of_a_failure(serve, trusted, public, message):
    side = serve()
    side.status, side.says = 400, b'{"error": "no topic tk_verysecret"}'

    with pytest.raises(NotSent) as told:
        Chat().send(
            Address("", f"ntfys://tk_verysecret@{NAME}:{side.port}/farm?auth=token&mode=private"), message
        )

    assert "verysecret" not in str(told.value)


def test_a_printer_called_everyone_wakes_nobody():
    assert "@everyone" not in without_calls("@everyone <!channel> <@U123> is offline")
    assert "<!channel>" not in without_calls("<!channel>")


def test_a_chat_with_markup_gets_names_as_they_are(serve, trusted, public):
    side = serve()
    line = a_message().lines[0]
    named = line.__class__("k", "info", "<b>K1</b> 🖨️ طابعة", "", line.at, 1, line.url)

    ntfy(side, a_message(lines=[named]))

    assert "<b>K1</b> 🖨️ طابعة" in json.loads(side.heard[0].body)["message"]
