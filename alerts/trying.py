"""Trying a channel out: one real message, and what the other side said to it."""

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from uuid_utils.compat import uuid7

from accounts.models import User
from accounts.sealing import WrongKey
from audit.trail import record
from orgs.addresses import whole
from orgs.current import current_org, release_connection

from .channels import ADAPTERS
from .channels.adapter import Address, Line, Message, NotSent
from .endpoints import address_of, note_failed, note_sent
from .kinds import Channel, Severity
from .models import Endpoint


def try_out(endpoint: Endpoint, by: User) -> str:
    """Send a test to an endpoint, which then counts as working or failing; what was answered.

    NotSent with the reason.
    """
    record("channel.test", endpoint)
    try:
        said = _send(Channel(endpoint.channel), address_of(endpoint), by)
    except WrongKey:
        raise NotSent(_("Its secret was sealed with another key. Set it up anew."), is_final=True) from None
    except NotSent as failure:
        note_failed(endpoint, failure)
        raise
    note_sent(endpoint)
    return said


def try_mail(by: User) -> str:
    """Send a test to the person's own e-mail address; NotSent as above."""
    record("channel.test", by)
    return _send(Channel.EMAIL, Address(by.email), by)


def _send(channel: Channel, to: Address, by: User) -> str:
    message = message_of(by)
    release_connection()
    return ADAPTERS[channel].send(to, message)


def message_of(by: User) -> Message:
    """What a test says; its kind is "test", which no alert has."""
    org, url = current_org(), whole(reverse("alerts:list"))
    line = Line(
        kind="test",
        severity=Severity.INFO,
        title=_("This is a test"),
        detail=_("%(person)s tries out whether alerts arrive here.") % {"person": by},
        at=timezone.localtime(timezone=org.zone),
        count=1,
        url=url,
    )
    subject = _("Test: alerts arrive here")
    pk, slug = str(uuid7()), org.slug or ""
    return Message(pk, subject, org.name, slug, [line], url, org.language, accent=org.accent, logo=org.logo)
