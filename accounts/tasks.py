"""Celery tasks of accounts."""

from celery import shared_task

from . import resetting
from .mailing import PLAIN, brand_of, compose


@shared_task(
    name="accounts.deliver", autoretry_for=(OSError,), retry_backoff=10, retry_backoff_max=1800, max_retries=8
)
def deliver(
    name: str, to: str, values: dict[str, str], language: str, brand: dict[str, str] | None = None
) -> None:
    """Send the mail `name`; a mail server in trouble (SMTPException is an OSError) is tried again.

    `brand` is whose mail it is, see ui.brand.Brand; its `logo` is the path of the stored file.
    """
    compose(name, to, values, language, brand=brand_of(**brand) if brand else PLAIN).send()


@shared_task(name="accounts.mail_reset")
def mail_reset(email: str, path: str, language: str) -> None:
    """Not tried again: whoever waits for the mail asks once more, and each try makes a link."""
    resetting.mail_link(email, path, language)
