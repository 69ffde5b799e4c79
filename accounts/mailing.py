"""Mails from templates: mail/<name>.subject.txt, .txt and .html."""

from collections.abc import Mapping
from email.mime.image import MIMEImage
from email.utils import formataddr, parseaddr
from typing import Any

from django.conf import settings
from django.core.files.storage import default_storage
from django.core.mail import EmailMultiAlternatives
from django.template.loader import render_to_string
from django.utils import translation

from ui.brand import Brand

PLAIN = Brand()
LOGO = "logo"


def compose(
    name: str, to: str, values: Mapping[str, Any], language: str, sender: str = "", brand: Brand = PLAIN
) -> EmailMultiAlternatives:
    """The mail as it would be sent, in `language`; `sender` is the name beside our address, if any."""
    shown = {**values, "brand": brand, "logo": f"cid:{LOGO}" if brand.logo else ""}
    with translation.override(language):
        subject = " ".join(render_to_string(f"mail/{name}.subject.txt", shown).split())
        text = render_to_string(f"mail/{name}.txt", shown)
        mail = EmailMultiAlternatives(subject, text, from_email=named(sender) or None, to=[to])
        mail.attach_alternative(render_to_string(f"mail/{name}.html", shown), "text/html")
    if brand.logo:
        mail.mixed_subtype = "related"
        mail.attach(logo_part(brand.logo))
    return mail


def brand_of(name: str, accent: str, logo: str) -> Brand:
    """`logo` is the path of a stored PNG, empty for none; one that is gone meanwhile is left out."""
    try:
        if logo:
            with default_storage.open(logo, "rb") as file:
                return Brand(name, accent, bytes(file.read()))
    except FileNotFoundError:
        pass
    return Brand(name, accent)


def logo_part(png: bytes) -> MIMEImage:
    """The logo as a part of a mail whose HTML shows cid:logo; nothing is fetched when the mail is read."""
    part = MIMEImage(png, "png")
    part.add_header("Content-ID", f"<{LOGO}>")
    part.add_header("Content-Disposition", "inline", filename="logo.png")
    return part


def named(sender: str) -> str:
    """Our address with `sender` as the name beside it; empty without one."""
    name = " ".join(sender.split())[:100]
    return formataddr((name, parseaddr(settings.DEFAULT_FROM_EMAIL)[1])) if name else ""
