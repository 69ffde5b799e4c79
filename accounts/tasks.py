"""Celery tasks of accounts."""

from celery import shared_task

from . import resetting
from .mailing import PLAIN, brand_of, compose
from .sealing import open_sealed


@shared_task(
    name="accounts.deliver", autoretry_for=(OSError,), retry_backoff=10, retry_backoff_max=1800, max_retries=8
)
def deliver(
    name: str,
    to: str,
    values: dict[str, str],
    language: str,
    sealed: dict[str, str] | None = None,
    brand: dict[str, str] | None = None,
) -> None:
    """Send the mail `name`; a mail server in trouble (SMTPException is an OSError) is tried again.

    `sealed` are more values, sealed: links that are keys by themselves are in no message and no log.
    `brand` is whose mail it is, see ui.brand.Brand; its `logo` is the path of the stored file.
    """
    opened = {key: open_sealed(value) for key, value in (sealed or {}).items()}
    compose(name, to, values | opened, language, brand=brand_of(**brand) if brand else PLAIN).send()


@shared_task(name="accounts.mail_reset")
def mail_reset(email: str, path: str, language: str) -> None:
    """Not tried again: whoever waits for the mail asks once more, and each try makes a link."""
    resetting.mail_link(email, path, language)
