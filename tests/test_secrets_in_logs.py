"""No log line, no message to a worker and no error page tells a secret, even at the level DEBUG."""

import base64
import json
import logging
import re
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.core import mail
from django.test import Client

from accounts import totp
from accounts.models import RecoveryCode, User
from accounts.tasks import deliver, mail_reset
from alerts.models import Endpoint
from odin_site.masking import MASK, Masked
from orgs.keys import redis_client
from orgs.models import ApiToken
from tests.conftest import PASSWORD
from tests.factories.accounts import next_code

SECRETS = {
    "printer": "pr1nter-s3cret-code", "mail": "ma1l-s3cret-word",
    "wrong": "Wrong-s3cret-7", "new": "New7horse-s3cret",
    "chat": "c4at-s3cret" * 6,
}  # fmt: skip


class Lines(logging.Handler):
    """Whatever anybody logs, as the server writes it and with all that the record carries."""

    def __init__(self) -> None:
        super().__init__(logging.DEBUG)
        self.setFormatter(logging.Formatter("{levelname} {name} {message}", style="{"))
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(f"{self.format(record)} {record.args}")


@pytest.fixture
def heard() -> Iterator[Lines]:
    """Everything from DEBUG on, of loggers as the settings have them."""
    handler, root = Lines(), logging.getLogger()
    level = root.level
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    yield handler
    root.setLevel(level)
    root.removeHandler(handler)


def queued() -> str:
    """What waits for workers, their arguments and headers in clear."""
    texts = []
    for key in redis_client().keys("celery*"):
        if redis_client().type(key) == b"list":
            for raw in redis_client().lrange(key, 0, -1):
                message = json.loads(raw)
                texts.append(str(message["headers"]) + base64.b64decode(message["body"]).decode())
    return " ".join(texts)


def assert_silent(heard: Lines, secrets: list[str]) -> None:
    said = "\n".join(heard.lines) + queued()
    assert [secret for secret in secrets if secret in said] == []


def test_passwords_and_codes_are_in_no_log(heard, acme, person, client):
    client.post("/account/sign-in/", {"email": person("viewer").email, "password": SECRETS["wrong"]})
    client.post("/account/sign-in/", {"email": person("viewer").email, "password": PASSWORD})
    client.post("/account/password/", {"current": PASSWORD, "new": SECRETS["new"], "again": SECRETS["new"]})

    assert User.objects.get(pk=person("viewer").pk).check_password(SECRETS["new"])
    assert_silent(heard, [PASSWORD, SECRETS["wrong"], SECRETS["new"]])


def test_the_key_of_an_app_and_recovery_codes_are_in_no_log(heard, acme, person, sign_in):
    client = sign_in("viewer")
    page = client.get("/account/app/").text
    key = re.search(r"[A-Z2-7]{32}", page.replace(" ", ""))[0]

    shown = client.post("/account/app/", {"code": totp.code_at(key, time.time())}, follow=True)

    codes = re.findall(r"\b[a-z0-9]{4}(?:-[a-z0-9]{4}){3}\b", shown.text)
    assert len(codes) == RecoveryCode.objects.filter(user=person("viewer")).count() == 10
    other = Client()
    other.post("/account/sign-in/", {"email": person("viewer").email, "password": PASSWORD})
    code = next_code(person("viewer"))
    other.post("/account/sign-in/second/", {"proof_code": code})
    other.post("/account/sign-in/second/", {"proof_code": codes[0]})
    assert_silent(heard, [key, *codes, PASSWORD])


def test_tokens_are_in_no_log_right_or_wrong(heard, acme, sign_in):
    made = sign_in("operator").post(
        "/o/acme/tokens/", {"name": "x", "scopes": ["read:jobs", "write:models"], "days": 7}
    )
    text = re.search(r"odin_[\w-]{50,}", made.text)[0]
    wrong = "odin_" + "b" * 55

    for given in (text, wrong):
        for headers in ({"Authorization": f"Bearer {given}"}, {"X-Api-Key": given}):
            for path in ("/api/me", "/api/printers", "/o/acme/inbox/any/api/version"):
                Client(headers=headers).get(path)

    assert ApiToken.objects.get().last_used_at
    assert_silent(heard, [text, text[17:], wrong])


def test_the_secret_of_a_printer_is_in_no_log(heard, acme, api, django_capture_on_commit_callbacks):
    client = api("operator")
    for port, protocol in enumerate(("moonraker", "octoprint", "prusalink", "bambu"), 9):
        printer = {
            "protocol": protocol, "address": "127.0.0.1", "port": port, "serial": f"01S{port}",
            "secret": SECRETS["printer"],
        }  # fmt: skip
        tested = client.post("/api/printers/test", printer)
        with django_capture_on_commit_callbacks(execute=True):
            added = client.post("/api/printers", {**printer, "name": protocol})
        assert (tested.status_code, added.status_code) == (200, 201), tested.text + added.text

    assert_silent(heard, [SECRETS["printer"]])


def test_the_secrets_of_channels_are_in_no_log(heard, acme, sign_in, django_capture_on_commit_callbacks):
    client, hook = sign_in("admin"), f"https://discord.com/api/webhooks/123456789012345678/{SECRETS['chat']}"
    with django_capture_on_commit_callbacks(execute=True):
        client.post("/o/acme/channels/chat/add/", {"service": "discord", "url": hook, "name": ""})
        shown = client.post(
            "/o/acme/channels/organisation/add/",
            {
                "name": "Hook",
                "address": "https://hooks.invalid/in",
                "least_severity": "info",
                "what": "webhook",
            },
            follow=True,
        )
        for one in Endpoint.objects.all():
            place = "own" if one.user_id else "organisation"
            client.post(f"/o/acme/channels/{place}/{one.pk}/test/")

    assert Endpoint.objects.filter(channel="chat").exists()
    signing = re.findall(r"whsec_[\w+/=-]{20,}", shown.text)
    assert_silent(heard, [SECRETS["chat"], *signing])


def test_the_mail_servers_password_is_in_no_log(heard, db, sign_in, settings):
    settings.EMAIL_BACKEND, settings.MAIL_BY_ENVIRONMENT = "accounts.mail_back_end.MailBackEnd", False
    client = sign_in("root")
    client.post(
        "/platform/mail/",
        {
            "host": "127.0.0.1",
            "port": "9",
            "tls": "none",
            "user": "odin",
            "password": SECRETS["mail"],
            "sender": "a@b.test",
        },
    )
    client.post("/platform/mail/test/", {"to": "a@b.test"})

    assert_silent(heard, [SECRETS["mail"]])


def test_links_that_are_keys_are_in_no_log_and_no_message(
    heard: Lines, acme: Any, person: Callable, sign_in: Callable, client: Client, monkeypatch: Any,
    django_capture_on_commit_callbacks: Callable,
) -> None:  # fmt: skip
    sent: list[Any] = []
    monkeypatch.setattr(deliver, "delay", lambda *args, **more: sent.append((args, more)))
    monkeypatch.setattr(deliver, "delay_on_commit", lambda *args, **more: sent.append((args, more)))
    with django_capture_on_commit_callbacks(execute=True):
        client.post("/account/forgot/", {"email": person("viewer").email})
        sign_in("admin").post("/o/acme/members/invite/", {"email": "new@else.test", "role": 10})

    ((invitation, more),) = sent
    deliver(*invitation, **more)
    mail_reset(person("viewer").email, "/account/reset/LINK/", "en")
    links = [
        re.search(r"/(?:invitations|account/reset)/([\w-]{30,})/", message.body)[1] for message in mail.outbox
    ]

    assert len(links) == 2
    assert links[0] not in str(sent)
    assert_silent(heard, links)


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        ("Internal Server Error: /account/reset/abcDEF-123_x/", "/account/reset/"),
        ("Not Found: /invitations/abcDEF-123_x/", "/invitations/"),
        ("Not Found: /told/stop/abcDEF-123_x/", "/told/stop/"),
        ("a call with odin_abcDEF-123_xabcDEF-123_x failed", "a call with"),
        ("Authorization: Bearer abcDEF-123_x", "Authorization"),
        ("{'X-Api-Key': 'abcDEF-123_x', 'name': 'kept'}", "'name': 'kept'"),
        ("connect to postgres://odin:abcDEF-123_x@db/odin", "@db/odin"),
        ("password=abcDEF-123_x&email=kept", "email=kept"),
        ("Cookie: sessionid=abcDEF-123_x", "Cookie"),
        ("Cookie: theme=dark; sessionid=abcDEF-123_x", "Cookie"),
        ("{'HTTP_COOKIE': 'a=b; sessionid=abcDEF-123_x', 'name': 'kept'}", "'name': 'kept'"),
        ("connect to redis://:abcDEF-123_x@localhost:6379/0", "@localhost:6379/0"),
    ],
)
def test_a_line_with_a_secret_is_masked_before_it_is_written(said, kept):
    record = logging.LogRecord("x", logging.ERROR, "x", 1, "%s", (said,), None)

    line = Masked("%(message)s").format(record)

    assert "abcDEF-123_x" not in line
    assert MASK in line
    assert kept in line


def test_a_traceback_is_masked_too():
    try:
        raise ValueError("refused the password: 'abcDEF-123_x'")
    except ValueError as error:
        record = logging.LogRecord(
            "x", logging.ERROR, "x", 1, "broken", (), (ValueError, error, error.__traceback__)
        )

    line = Masked("%(message)s").format(record)

    assert "Traceback" in line
    assert "abcDEF-123_x" not in line


@pytest.mark.parametrize("name", ["urllib3.connectionpool", "apprise", "kombu.transport", "amqp"])
def test_libraries_that_write_down_addresses_and_messages_are_not_heard_at_debug(name, heard):
    logging.getLogger(name).debug("POST /api/webhooks/1/%s", SECRETS["chat"])

    assert_silent(heard, [SECRETS["chat"]])


def test_what_is_written_goes_through_the_mask(settings):
    (formatter,) = settings.LOGGING["formatters"].values()

    assert formatter["()"] == "odin_site.masking.Masked"
    assert {one["formatter"] for one in settings.LOGGING["handlers"].values()} == {"line"}


def test_the_page_of_a_breakdown_tells_nothing(acme, sign_in, monkeypatch):
    def broken(*_all: object, **_named: object) -> None:
        raise RuntimeError(SECRETS["printer"])

    monkeypatch.setattr("orgs.views.tokens._shown", broken)
    client = sign_in("admin")
    client.raise_request_exception = False

    answer = client.get("/o/acme/tokens/")

    assert answer.status_code == 500
    assert SECRETS["printer"] not in answer.text
    assert mail.outbox == []
