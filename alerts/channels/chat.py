"""Chat services through apprise: the secret is the address in apprise's form, what is shown has it masked."""

import logging
import re
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from apprise import Apprise, AppriseAsset, NotifyFormat, NotifyType
from django.conf import settings
from django.utils.translation import gettext as _

from alerts.kinds import Severity
from orgs.reaching import TARGET, allows_private

from .adapter import Adapter, Address, Message, NotSent
from .guarding import guarded
from .services import ALLOWED, PARAMETERS
from .wording import body_of, clean

CONNECT_S, READ_S = 8.0, 15.0
STATUS = re.compile(r"error[ =:]+(\d{3})")
FINAL = frozenset({401, 403, 404, 410})
SHORTEST_SECRET = 6
TYPES = {
    Severity.INFO: NotifyType.INFO,
    Severity.WARNING: NotifyType.WARNING,
    Severity.CRITICAL: NotifyType.FAILURE,
}
_said: ContextVar[list[str] | None] = ContextVar("said", default=None)


class Unsuitable(ValueError):
    """An address that is none of a chat service we let through; says why, in words."""


class Chat(Adapter):
    """Apprise tells success from failure and puts the reason into its log, which is read here."""

    def send(self, to: Address, message: Message) -> str:
        try:
            service = opened(to.secret)
        except Unsuitable as reason:
            raise NotSent(str(reason), is_final=True) from None
        apprise = Apprise(asset=service.asset)
        apprise.add(service)
        with guarded() as refusals, _listening() as said:
            is_sent = apprise.notify(
                body=without_calls(f"{body_of(message, min(service.body_maxlen, 3000))}\n{message.url}"),
                title=without_calls(f"{clean(message.subject)} · {clean(message.org_name)}"),
                notify_type=_type_of(message),
                body_format=NotifyFormat.TEXT,
            )
        if is_sent:
            return _("%(service)s has taken it.") % {"service": service.service_name}
        raise _failed(str(service.service_name), refusals, said, to.secret)


def opened(url: str) -> Any:
    """The service of an address as apprise's plugin, with our limits; Unsuitable says what is wrong."""
    schema = urlsplit(url).scheme.lower()
    if schema not in ALLOWED | {"https"}:
        raise Unsuitable(_("There is no chat service called %(name)s here.") % {"name": schema[:30] or "?"})
    unknown = [name for name, _value in parse_qsl(urlsplit(url).query, True) if name not in PARAMETERS]
    if unknown:
        raise Unsuitable(_("The address must not carry %(name)s.") % {"name": unknown[0][:30]})
    service = Apprise.instantiate(url, asset=_asset(), suppress_exceptions=True)
    if service is None or _schema_of(service) not in ALLOWED:
        raise Unsuitable(_("The address is not written as the service wants it. Check each part of it."))
    if service.secure is False and _has_own_server(service) and not allows_private(TARGET):
        raise Unsuitable(_("The server has to be asked by https: what goes by http can be read on the way."))
    service.redirects, service.verify_certificate = False, True
    service.socket_connect_timeout, service.socket_read_timeout = CONNECT_S, READ_S
    return service


def masked(url: str) -> str:
    """The address as it may be shown: who it is for can be guessed, what it needs to be used can't."""
    return str(opened(url).url(privacy=True)).partition("?")[0].rstrip("/")[:200]


def name_of(url: str) -> str:
    return str(opened(url).service_name)


def schema_of(url: str) -> str:
    """The schema of an address, also of one that the service itself shows its people."""
    return _schema_of(opened(url))


def own_server(url: str) -> tuple[str, int]:
    """The server that an address names, and its port; empty where the service has one for everybody."""
    service = opened(url)
    if not _has_own_server(service) or not service.host:
        return "", 0
    return str(service.host), int(service.port or (443 if service.secure else 80))


def without_calls(text: str) -> str:
    """A printer called @everyone wakes nobody: what chats read as a call to people is kept apart."""
    return re.sub(r"<(?=[!@#])", "‹", text.replace("@", "@\u200b"))


def _schema_of(service: Any) -> str:
    return urlsplit(str(service.url())).scheme


def _has_own_server(service: Any) -> bool:
    """Whether people may run it themselves: such a service can be asked without encryption too."""
    return bool(service.protocol)


def _asset() -> AppriseAsset:
    return AppriseAsset(
        app_id="O.D.I.N.",
        app_desc="O.D.I.N.",
        app_url=settings.PUBLIC_URL,
        image_url_mask="",
        image_url_logo="",
        # In this thread, where the guard is.
        async_mode=False,
        http_redirects=False,
    )


def _type_of(message: Message) -> NotifyType:
    grave = [line.severity for line in message.lines]
    worst = next((one for one in reversed(Severity.values) if one in grave), Severity.INFO)
    return TYPES[Severity(worst)]


class _Listener(logging.Handler):
    """Gives apprise's warnings to whoever listens in this thread."""

    def emit(self, record: logging.LogRecord) -> None:
        heard = _said.get()
        if heard is not None:
            heard.append(record.getMessage())


_LISTENER = _Listener(logging.WARNING)


@contextmanager
def _listening() -> Iterator[list[str]]:
    # Each time: whoever sets up logging anew takes handlers off. A second time adds nothing.
    logging.getLogger("apprise").addHandler(_LISTENER)
    said: list[str] = []
    token = _said.set(said)
    try:
        yield said
    finally:
        _said.reset(token)


def _failed(service: str, refusals: list[str], said: list[str], secret: str) -> NotSent:
    if refusals:
        return NotSent(refusals[0][:300])
    told = " ".join(" ".join(said).split()) or _("no reason was given")
    for part in re.split(r"[/@:?&=]+", secret):
        if len(part) >= SHORTEST_SECRET:
            told = told.replace(part, "…")
    status = STATUS.search(told)
    words = _("%(service)s did not take it: %(said)s") % {"service": service, "said": told}
    return NotSent(words[:300], is_final=bool(status and int(status[1]) in FINAL))
