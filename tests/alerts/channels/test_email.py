"""Against a real SMTP server, which does what servers do to us."""

import email
import email.policy
from collections.abc import Iterator
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult

from accounts.models import MailServer
from accounts.sealing import seal
from alerts.channels.adapter import Address, NotSent
from alerts.channels.email import Email
from tests.alerts.channels.conftest import a_message


class PostOffice:
    """Takes mails, or does with them what a test says: `at_rcpt`, `at_data` answers, `drops` the line."""

    def __init__(self) -> None:
        self.at_rcpt = self.at_data = ""
        self.drops = False
        self.mails: list[Any] = []
        self.sender = ""

    async def handle_RCPT(self, server: Any, session: Any, envelope: Any, address: str, options: Any) -> str:
        if self.at_rcpt:
            return self.at_rcpt
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        if self.at_data:
            return self.at_data
        self.sender = envelope.mail_from
        self.mails.append(email.message_from_bytes(envelope.content, policy=email.policy.default))
        if self.drops:
            server.transport.close()
        return "250 2.0.0 Ok: queued as 4F1A2B"


class AnyPort(Controller):
    def _trigger_server(self) -> None:
        self.port = self.server.sockets[0].getsockname()[1]
        super()._trigger_server()


@pytest.fixture
def office() -> Iterator[tuple[PostOffice, Controller]]:
    handler = PostOffice()

    def known(server: Any, session: Any, envelope: Any, mechanism: str, data: Any) -> AuthResult:
        is_right = (data.login, data.password) == (b"odin", b"right")
        return AuthResult(success=is_right, handled=False)

    controller = AnyPort(handler, hostname="127.0.0.1", port=0, authenticator=known, auth_require_tls=False)
    controller.start()
    yield handler, controller
    controller.stop()


@pytest.fixture
def mail_server(db: None, office: Any, settings: Any) -> MailServer:
    """The platform's server, as set in the pages, is the post office."""
    settings.EMAIL_BACKEND = "accounts.mail_back_end.MailBackEnd"
    settings.MAIL_BY_ENVIRONMENT = False
    settings.DEFAULT_FROM_EMAIL = "odin@localhost"
    settings.PUBLIC_URL = "https://odin.test"
    return MailServer.objects.create(
        host="127.0.0.1", port=office[1].port, tls="none", sender="farm@acme.test"
    )


def send(message: Any, to: str = "viewer@acme.test", **headers: str) -> str:
    return Email().send(Address(to, headers=headers), message)


def test_a_mail_has_html_and_text_and_the_id_of_its_message(office, mail_server, message):
    said = send(message)

    (mail,) = office[0].mails
    assert said == "250 2.0.0 Ok: queued as 4F1A2B"
    assert mail["Message-ID"] == f"<{message.id}@odin.test>"
    assert (mail["From"], office[0].sender) == ("Acme <farm@acme.test>", "farm@acme.test")
    assert mail["To"] == "viewer@acme.test"
    assert mail["Subject"] == "Printer 1 is offline"
    text, html = (mail.get_body([kind]).get_content() for kind in ("plain", "html"))
    for part in (text, html):
        assert "No answer since 14:05" in part
        assert "(3 times)" in part
        assert "https://odin.test/o/acme/printers/1/" in part


def test_a_mail_carries_a_way_to_get_no_more_of_its_kind(office, mail_server, message):
    stop = "https://odin.test/stop/abc/"
    headers = {"List-Unsubscribe": f"<{stop}>", "List-Unsubscribe-Post": "List-Unsubscribe=One-Click"}

    send(message, **headers)

    (mail,) = office[0].mails
    assert mail["List-Unsubscribe"] == f"<{stop}>"
    assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert stop in mail.get_body(["plain"]).get_content()
    assert stop in mail.get_body(["html"]).get_content()


@pytest.mark.parametrize(
    "name",
    ["<b>Bold</b> & co", "Drucker 🖨️ №1", "طابعة ١", "=HYPERLINK(1)", "a\r\nBcc: all@acme.test", "x" * 400,
     "\u202egnp.exe\u202c"],
)  # fmt: skip
def test_no_name_of_a_printer_harms_a_mail(name, office, mail_server, message):
    line = message.lines[0].__class__(
        **{**{field: getattr(message.lines[0], field) for field in message.lines[0].__slots__}, "title": name}
    )

    send(a_message(subject=name, lines=[line], org_name=name))

    (mail,) = office[0].mails
    plain = " ".join(name.replace("\u202e", "").replace("\u202c", "").split())
    # A word of 400 letters begins on a line of its own, after a space.
    assert mail["Subject"].strip() == plain
    assert mail["Bcc"] is None
    assert "<b>Bold</b>" not in mail.get_body(["html"]).get_content()
    assert plain in mail.get_body(["plain"]).get_content()


def test_what_is_greylisted_is_sent_later(office, mail_server, message):
    office[0].at_rcpt = "451 4.7.1 Greylisted, try again in 300 seconds"

    with pytest.raises(NotSent, match="451 4.7.1 Greylisted") as told:
        send(message)

    assert (told.value.is_final, told.value.retry_after_s) == (False, 300)


def test_a_refused_recipient_is_final(office, mail_server, message):
    office[0].at_rcpt = "550 5.1.1 No such user"

    with pytest.raises(NotSent, match="does not take the address: 550 5.1.1 No such user") as told:
        send(message)

    assert told.value.is_final


@pytest.mark.parametrize(("answer", "is_final"), [("554 5.7.1 Spam", True), ("452 4.3.1 Full", False)])
def test_a_refused_mail_is_final_by_its_code(answer, is_final, office, mail_server, message):
    office[0].at_data = answer

    with pytest.raises(NotSent, match=answer) as told:
        send(message)

    assert told.value.is_final is is_final


def test_a_line_dropped_after_all_was_handed_over_is_tried_again_under_the_same_id(
    office, mail_server, message
):
    office[0].drops = True
    with pytest.raises(NotSent, match="may have gone out or not") as told:
        send(message)
    office[0].drops = False
    send(message)

    assert not told.value.is_final
    assert len(office[0].mails) == 2
    assert {mail["Message-ID"] for mail in office[0].mails} == {f"<{message.id}@odin.test>"}


def test_a_server_that_is_not_there_is_told_in_words(office, mail_server, message):
    MailServer.objects.update(port=1)
    with pytest.raises(NotSent, match="can't be reached"):
        send(message)

    MailServer.objects.update(host="no-such-server.invalid")
    with pytest.raises(NotSent, match="not known in this network"):
        send(message)


@pytest.mark.parametrize(("password", "is_in"), [("right", True), ("wrong", False)])
def test_the_sealed_password_is_used(password, is_in, office, mail_server, message):
    MailServer.objects.update(user="odin", secret=seal(password))

    if is_in:
        send(message)
    else:
        with pytest.raises(NotSent, match="user and password") as told:
            send(message)
        assert not told.value.is_final

    assert len(office[0].mails) == is_in


def test_a_server_without_the_encryption_that_is_asked_for_gets_nothing(office, mail_server, message):
    MailServer.objects.update(tls="starttls")

    with pytest.raises(NotSent):
        send(message)

    assert office[0].mails == []


def test_the_server_of_the_environment_wins(office, mail_server, message, settings):
    settings.MAIL_BY_ENVIRONMENT = True
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", office[1].port
    MailServer.objects.update(port=1)

    assert send(message).startswith("250")
    assert office[0].sender == "odin@localhost"


def test_without_any_server_mails_are_files(db, settings, tmp_path, message):
    settings.EMAIL_BACKEND = "accounts.mail_back_end.MailBackEnd"
    settings.MAIL_BY_ENVIRONMENT, settings.ODIN_HOME = False, tmp_path

    assert send(message) == "handed over"

    (file,) = (tmp_path / "mail").iterdir()
    assert message.id in file.read_text()
