"""Django's mail back end: by SMTP to the server of the environment or of the pages, else into a folder."""

import smtplib
from collections.abc import Sequence
from email.utils import formataddr, parseaddr
from typing import Any

from django.conf import settings
from django.core.mail import EmailMessage
from django.core.mail.backends.base import BaseEmailBackend
from django.core.mail.backends.filebased import EmailBackend as Folder
from django.core.mail.backends.smtp import EmailBackend as Smtp

from .mail_server import current_briefly, is_set_by_environment
from .mail_trouble import LostAfterData
from .models import MailServer
from .sealing import open_sealed

TIMEOUT_S = 20


class Talkative:
    """Keeps what a server said to a message that it took: its number in the server's log, usually."""

    said: str = ""

    def data(self, msg: Any) -> tuple[int, bytes]:
        try:
            code, text = super().data(msg)  # type: ignore[misc]
        except smtplib.SMTPServerDisconnected as lost:
            raise LostAfterData(*lost.args) from lost
        self.said = f"{code} {text.decode('utf-8', 'replace')}"
        return code, text


class TalkativeSmtp(Talkative, smtplib.SMTP):
    """Plain, or encrypted by STARTTLS."""


class TalkativeSmtps(Talkative, smtplib.SMTP_SSL):
    """Encrypted from the start."""


class ByServer(Smtp):
    """By SMTP, with a time limit; `said` is the server's answer to the last message it took."""

    said: str = ""

    def __init__(self, **options: Any) -> None:
        super().__init__(**{"timeout": TIMEOUT_S, **options})

    @property
    def connection_class(self) -> type[smtplib.SMTP]:
        return TalkativeSmtps if self.use_ssl else TalkativeSmtp

    def _send(self, email_message: EmailMessage) -> bool:
        is_sent = bool(super()._send(email_message))  # type: ignore[misc]
        self.said = getattr(self.connection, "said", "")
        return is_sent


def by_server(server: MailServer) -> ByServer:
    """The back end for a server of the pages; WrongKey if its password can't be opened."""
    return ByServer(
        host=server.host,
        port=server.port,
        username=server.user,
        password=open_sealed(server.secret),
        use_tls=server.tls == MailServer.Tls.STARTTLS,
        use_ssl=server.tls == MailServer.Tls.TLS,
    )


class MailBackEnd(BaseEmailBackend):
    """Chooses anew for each sending, so that a change in the pages counts at once in every process."""

    said: str = ""

    def send_messages(self, email_messages: Sequence[EmailMessage]) -> int:
        chosen, sender = self._chosen()
        for message in email_messages:
            message.from_email = readdressed(message.from_email, sender)
        sent = chosen.send_messages(email_messages)
        self.said = getattr(chosen, "said", "")
        return sent or 0

    def _chosen(self) -> tuple[BaseEmailBackend, str]:
        if is_set_by_environment():
            return ByServer(), ""
        server = current_briefly()
        if server is None:
            return Folder(file_path=str(settings.ODIN_HOME / "mail")), ""
        return by_server(server), server.sender


def readdressed(who: str, sender: str) -> str:
    """The default sender's address replaced by the server's own; its name stays, as do other senders."""
    name, address = parseaddr(who)
    is_default = address == parseaddr(settings.DEFAULT_FROM_EMAIL)[1]
    return formataddr((name, sender)) if sender and is_default else who
