"""What a mail server's refusals and silences mean, in words, and whether trying again can help."""

import smtplib
import socket
import ssl
from dataclasses import dataclass

from django.core.mail import BadHeaderError
from django.utils.translation import gettext as _

from .sealing import WrongKey

# What sending a mail may raise.
ERRORS = (OSError, smtplib.SMTPException, BadHeaderError, UnicodeError, WrongKey)
GREYLIST_S = 300.0


class LostAfterData(smtplib.SMTPServerDisconnected):
    """The line was lost when the mail itself was on its way, so that nobody knows whether it was taken."""


@dataclass(frozen=True, slots=True)
class MailTrouble:
    """`is_unclear`: the mail may have gone out, for the line was lost when the server had all of it."""

    words: str
    is_final: bool = False
    is_unclear: bool = False
    retry_after_s: float | None = None


def trouble_of(error: BaseException) -> MailTrouble:
    """One of ERRORS, read. Codes from 500 on are final, those from 400 on are for later (RFC 5321, 4.2.1)."""
    match error:
        case smtplib.SMTPAuthenticationError():
            return MailTrouble(_("The mail server does not take user and password: %(said)s") % _said(error))
        case smtplib.SMTPRecipientsRefused():
            # Each mail goes to one address, so there is one answer.
            code, text = next(iter(error.recipients.values()), (0, b""))
            return _answered(code, text, _("The mail server does not take the address: %(said)s"))
        case smtplib.SMTPSenderRefused():
            words = _("The mail server does not take the sender: %(said)s")
            return _answered(error.smtp_code, error.smtp_error, words)
        case smtplib.SMTPResponseException():
            words = _("The mail server does not take the mail: %(said)s")
            return _answered(error.smtp_code, error.smtp_error, words)
        case LostAfterData():
            words = _("The mail server dropped the line; the mail may have gone out or not.")
            return MailTrouble(words, is_unclear=True)
        case smtplib.SMTPServerDisconnected():
            return MailTrouble(_("The mail server dropped the line: %(said)s") % {"said": error})
        case smtplib.SMTPNotSupportedError():
            return MailTrouble(_("The mail server can't do what is asked: %(said)s") % {"said": error})
        case WrongKey():
            return MailTrouble(_("The password of the mail server can't be opened. Enter it again."))
        case BadHeaderError() | UnicodeError():
            return MailTrouble(_("The mail can't be written: %(said)s") % {"said": error}, is_final=True)
    return MailTrouble(_unreached(error))


def _unreached(error: BaseException) -> str:
    if isinstance(error, ssl.SSLError):
        words = _("The mail server's encryption does not work: %(said)s")
        return words % {"said": error.reason or error}
    if isinstance(error, socket.gaierror):
        return _("The name of the mail server is not known in this network.")
    if isinstance(error, TimeoutError):
        return _("The mail server did not answer in time.")
    return _("The mail server can't be reached: %(said)s") % {"said": error}


def _answered(code: int, text: bytes | str, words: str) -> MailTrouble:
    told = text.decode("utf-8", "replace") if isinstance(text, bytes) else text
    said = {"said": " ".join(f"{code} {told}".split())}
    is_greylisted = code in {450, 451}
    return MailTrouble(
        (words % said)[:300],
        is_final=code >= 500,
        retry_after_s=GREYLIST_S if is_greylisted else None,
    )


def _said(error: smtplib.SMTPResponseException) -> dict[str, str]:
    text = error.smtp_error
    told = text.decode("utf-8", "replace") if isinstance(text, bytes) else text
    return {"said": f"{error.smtp_code} {told}"}
