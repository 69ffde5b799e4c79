"""Mails from templates: mail/<name>.subject.txt, .txt and .html."""

from collections.abc import Mapping

from django.core.mail import EmailMultiAlternatives
from django.template.loader import render_to_string
from django.utils import translation


def compose(name: str, to: str, values: Mapping[str, str], language: str) -> EmailMultiAlternatives:
    """The mail as it would be sent, in `language`."""
    with translation.override(language):
        subject = " ".join(render_to_string(f"mail/{name}.subject.txt", dict(values)).split())
        mail = EmailMultiAlternatives(subject, render_to_string(f"mail/{name}.txt", dict(values)), to=[to])
        mail.attach_alternative(render_to_string(f"mail/{name}.html", dict(values)), "text/html")
    return mail
