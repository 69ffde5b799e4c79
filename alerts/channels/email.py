"""E-mail: HTML and text to one address, through Django's mail back end."""

import re
from urllib.parse import urlsplit

from django.conf import settings
from django.core.mail import get_connection
from django.utils import translation
from django.utils.translation import gettext as _

from accounts.mail_trouble import ERRORS, trouble_of
from accounts.mailing import brand_of, compose

from .adapter import Adapter, Address, Message, NotSent
from .wording import clean, severity_of, when

UNSUBSCRIBE = re.compile(r"<(https?://[^>]+)>")


class Email(Adapter):
    """Each message goes to one address, so one refused recipient never keeps it from others.

    When the line drops after all was handed over, nobody knows whether the mail went out. It is sent again
    under the same Message-ID, by which mail programs and servers know it as the same.
    """

    def send(self, to: Address, message: Message) -> str:
        brand = brand_of(message.org_name, message.accent, message.logo)
        mail = compose("alert", to.address, _values(to, message), message.language, message.org_name, brand)
        mail.extra_headers = {**to.headers, "Message-ID": message_id(message.id)}
        # Tells answering machines that nobody reads an answer (RFC 3834).
        mail.extra_headers["Auto-Submitted"] = "auto-generated"
        mail.connection = get_connection()
        try:
            mail.send()
        except ERRORS as error:
            trouble = trouble_of(error)
            raise NotSent(
                trouble.words[:300], is_final=trouble.is_final, retry_after_s=trouble.retry_after_s
            ) from error
        return (getattr(mail.connection, "said", "") or _("handed over"))[:300]


def message_id(of: str) -> str:
    """The Message-ID of a message, the same whenever it is sent."""
    host = urlsplit(settings.PUBLIC_URL).hostname or "odin.invalid"
    return f"<{of}@{host}>"


def _values(to: Address, message: Message) -> dict[str, object]:
    stop = UNSUBSCRIBE.search(str(to.headers.get("List-Unsubscribe", "")))
    with translation.override(message.language):
        lines = [
            {
                "severity": severity_of(line),
                "title": clean(line.title),
                "detail": clean(line.detail),
                "when": when(line),
                "count": line.count,
                "url": line.url,
            }
            for line in message.lines
        ]
    return {
        "subject": clean(message.subject),
        "org": message.org_name,
        "lines": lines,
        "url": message.url,
        "stop_url": stop[1] if stop else "",
    }
