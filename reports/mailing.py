"""The mail of a run: the kept files put together, with the links of whoever gets it."""

import base64
import re
from dataclasses import dataclass
from email.mime.image import MIMEImage
from urllib.parse import urlsplit

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.utils.html import format_html
from django.utils.translation import gettext as _

from orgs.current import current_org

from . import keeping
from .links import UNSUBSCRIBE, link_of
from .models import Run, Sending

_PICTURE = re.compile(r'src="data:image/png;base64,([A-Za-z0-9+/=]+)"')
FOOT = "<!-- foot -->"


@dataclass(frozen=True, slots=True)
class Letter:
    """What all mails of a run share; `files` are attached, as name, bytes and type."""

    run: Run
    org_name: str
    html: str
    text: str
    pictures: list[bytes]
    files: list[tuple[str, bytes, str]]

    def to(self, sending: Sending) -> EmailMultiAlternatives:
        """The mail to one address, with the same Message-ID however often it is made."""
        stop = link_of(UNSUBSCRIBE, sending.recipient_id) if sending.recipient_id else ""
        why = _("You get this because the report is sent to %(email)s.") % {"email": sending.email}
        foot_html, foot_text = format_html("<p><small>{}</small></p>", why), why
        headers = {"Message-ID": f"<{sending.pk}@{urlsplit(settings.PUBLIC_URL).hostname or 'odin.invalid'}>"}
        headers["Auto-Submitted"] = "auto-generated"
        if stop:
            words = _("Unsubscribe")
            foot_html += format_html('<p><small><a href="{}">{}</a></small></p>', stop, words)
            foot_text += f"\n{words}: {stop}"
            headers |= {
                "List-Unsubscribe": f"<{stop}>",
                "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
            }
        mail = EmailMultiAlternatives(
            self._subject(), f"{self.text}\n-- \n{foot_text}\n", to=[sending.email], headers=headers
        )
        mail.mixed_subtype = "mixed"
        mail.attach_alternative(self.html.replace(FOOT, foot_html), "text/html")
        for at, data in enumerate(self.pictures):
            part = MIMEImage(data, "png")
            part.add_header("Content-ID", f"<chart-{at}>")
            part.add_header("Content-Disposition", "inline", filename=f"chart-{at + 1}.png")
            mail.attach(part)
        for name, data, kind in self.files:
            mail.attach(name, data, kind)
        return mail

    def _subject(self) -> str:
        days = f"{self.run.first:%Y-%m-%d}"
        if self.run.last != self.run.first:
            days += f" – {self.run.last:%Y-%m-%d}"
        return " ".join(f"{self.org_name}: {self.run.name}, {days}".split())


def letter_of(run: Run) -> Letter:
    """Reads the kept files of a run that was made."""
    pictures: list[bytes] = []

    def beside(found: re.Match[str]) -> str:
        pictures.append(base64.b64decode(found[1]))
        return f'src="cid:chart-{len(pictures) - 1}"'

    html = _PICTURE.sub(beside, keeping.read(run.html).decode())
    stem = file_stem(run)
    files = [(f"{stem}.pdf", keeping.read(run.pdf), "application/pdf")]
    if run.csv:
        files.append((f"{stem}.zip", keeping.read(run.csv), "application/zip"))
    return Letter(run, current_org().name, html, keeping.read(run.text).decode(), pictures, files)


def file_stem(run: Run) -> str:
    return f"{run.kind.replace('_', '-')}-{run.first:%Y-%m-%d}-{run.last:%Y-%m-%d}"
