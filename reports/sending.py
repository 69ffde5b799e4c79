"""Mailing a run that was made to each of its recipients, at most once (dispatch.md, rule 24)."""

import smtplib
from datetime import datetime, timedelta

from django.core.mail import EmailMessage, get_connection
from django.core.mail.backends.base import BaseEmailBackend
from django.db.models import F
from django.db.models.functions import Now
from django.utils import timezone

from accounts.mail_trouble import ERRORS, MailTrouble, trouble_of
from orgs.current import release_connection

from .mailing import Letter, letter_of
from .models import Recipient, Run, Sending
from .readers import told

State = Sending.State
# A sender that has not come back by then is dead, and nobody knows whether the mail went out.
STALE = timedelta(minutes=10)
# A mail server that is down is tried for more than a day: after 5, 10, 20 … minutes, then every four hours.
FIRST_PAUSE, LONGEST_PAUSE, GIVE_UP_AFTER = timedelta(minutes=5), timedelta(hours=4), timedelta(hours=30)
# The server said what became of the mail. After any other trouble once the line stood it may have gone out.
SAID = (smtplib.SMTPResponseException, smtplib.SMTPRecipientsRefused, smtplib.SMTPNotSupportedError)


def send_all(run: Run) -> None:
    """Send it to everybody who waits and whose time has come."""
    run.sendings.filter(state=State.HANDING, step_at__lt=Now() - STALE).update(
        state=State.UNCLEAR, step_at=Now()
    )
    waiting = list(run.sendings.filter(state=State.WAITING).select_related("recipient__schedule"))
    now = timezone.now()
    due = [one for one in waiting if one.next_at is None or one.next_at <= now]
    if not due:
        return
    letter = letter_of(run)
    # No connection to the database is held while a mail server is talked to.
    release_connection()
    back_end = get_connection()
    try:
        for at, sending in enumerate(due):
            try:
                # It may have gone away since the last mail, too.
                back_end.open()
            except ERRORS as error:
                # Nothing went out: this may be done again without any doubt.
                for left in due[at:]:
                    _later(left, run, trouble_of(error))
                return
            _send(sending, run, letter, back_end)
    finally:
        back_end.close()


def _send(sending: Sending, run: Run, letter: Letter, back_end: BaseEmailBackend) -> None:
    if not _is_wanted(sending):
        _step(sending, State.WAITING, State.DROPPED)
        return
    mail = letter.to(sending)
    if not _step(sending, State.WAITING, State.HANDING, attempts=F("attempts") + 1):
        return
    release_connection()
    try:
        _hand(mail, back_end)
    except ERRORS as error:
        trouble = trouble_of(error)
        if not isinstance(error, SAID):
            _step(sending, State.HANDING, State.UNCLEAR, error=trouble.words[:300])
        elif trouble.is_final:
            _refused(sending, trouble)
        else:
            _later(sending, run, trouble, State.HANDING)
        # Whatever it said, a new line is a clean start.
        back_end.close()
    else:
        _step(sending, State.HANDING, State.SENT, error="")
        if sending.recipient_id:
            Recipient.objects.filter(pk=sending.recipient_id).exclude(bounced="").update(bounced="")


def _hand(mail: EmailMessage, back_end: BaseEmailBackend) -> None:
    mail.connection = back_end
    mail.send()


def _is_wanted(sending: Sending) -> bool:
    """Read again right before sending: who unsubscribed a second ago gets nothing."""
    if sending.recipient_id is None:
        return True
    return Recipient.objects.filter(told(), pk=sending.recipient_id).exists()


def _refused(sending: Sending, trouble: MailTrouble) -> None:
    words = trouble.words[:300]
    if _step(sending, State.HANDING, State.FAILED, error=words) and sending.recipient_id:
        Recipient.objects.filter(pk=sending.recipient_id).update(bounced=words)


def _later(sending: Sending, run: Run, trouble: MailTrouble, seen: str = State.WAITING) -> None:
    words, now = trouble.words[:300], timezone.now()
    if trouble.is_final or now - run.at > GIVE_UP_AFTER:
        _step(sending, seen, State.FAILED, error=words)
        return
    pause = min(LONGEST_PAUSE, FIRST_PAUSE * 2 ** min(sending.attempts, 10))
    if trouble.retry_after_s:
        pause = max(pause, timedelta(seconds=trouble.retry_after_s))
    attempts = sending.attempts + 1
    _step(sending, seen, State.WAITING, error=words, next_at=now + pause, attempts=attempts)


def _step(sending: Sending, seen: str, to: str, **fields: object) -> bool:
    """Move it on from the state it was seen in; False if somebody else did."""
    rows = Sending.objects.filter(pk=sending.pk, state=seen)
    return bool(rows.update(state=to, step_at=Now(), **fields))


def next_of(run: Run) -> datetime | None:
    """When to go on with it; None if nobody waits any more and nothing is being handed over."""
    now, times = timezone.now(), []
    for state, next_at, step_at in run.sendings.values_list("state", "next_at", "step_at"):
        if state == State.WAITING:
            times.append(next_at or now)
        elif state == State.HANDING:
            times.append(step_at + STALE)
    return min(times, default=None)
