"""Webhooks: a signed POST of JSON. The form is described for receivers in docs/alerts.md."""

import json
import time
from typing import Any
from urllib.parse import urlsplit

from django.utils.translation import gettext as _

from .adapter import Adapter, Address, Line, Message, NotSent
from .posting import post, refused
from .signing import HEADER, signature, unpacked


class Webhook(Adapter):
    """Any 2xx is "taken", whatever its body says; 410 is "never again", all else is tried again."""

    def send(self, to: Address, message: Message) -> str:
        try:
            keys = unpacked(to.secret)
        except ValueError:
            raise NotSent(_("The secret can't be read. Make a new one."), is_final=True) from None
        body = body_of(message)
        headers = {
            "Content-Type": "application/json",
            "Idempotency-Key": message.id,
            HEADER: signature(keys, int(time.time()), body),
        }
        answer = post(to.address, body, headers)
        if 200 <= answer.status < 300:
            return answer.words
        raise refused(urlsplit(to.address).hostname or "", answer)


def body_of(message: Message) -> bytes:
    """UTF-8 JSON; the same message gives the same bytes each time it is sent."""
    said = {
        "id": message.id,
        "type": "digest" if message.is_digest else "alert",
        "organisation": {"name": message.org_name, "slug": message.org_slug},
        "subject": message.subject,
        "language": message.language,
        "url": message.url,
        "alerts": [_line(line) for line in message.lines],
    }
    return json.dumps(said, ensure_ascii=False).encode()


def _line(line: Line) -> dict[str, Any]:
    return {
        "kind": line.kind,
        "severity": line.severity,
        "title": line.title,
        "detail": line.detail,
        "at": line.at.isoformat(),
        "count": line.count,
        "url": line.url,
    }
