"""Mails from templates: mail/<name>.subject.txt, .txt and .html."""

from collections.abc import Mapping
from email.utils import formataddr, parseaddr
from typing import Any

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.template.loader import render_to_string
from django.utils import translation


def compose(
    name: str, to: str, values: Mapping[str, Any], language: str, sender: str = ""
) -> EmailMultiAlternatives:
    """The mail as it would be sent, in `language`; `sender` is the name beside our address, if any."""
    with translation.override(language):
        subject = " ".join(render_to_string(f"mail/{name}.subject.txt", dict(values)).split())
        text = render_to_string(f"mail/{name}.txt", dict(values))
        mail = EmailMultiAlternatives(subject, text, from_email=named(sender) or None, to=[to])
        mail.attach_alternative(render_to_string(f"mail/{name}.html", dict(values)), "text/html")
    return mail


def named(sender: str) -> str:
    """Our address with `sender` as the name beside it; empty without one."""
    name = " ".join(sender.split())[:100]
    return formataddr((name, parseaddr(settings.DEFAULT_FROM_EMAIL)[1])) if name else ""
