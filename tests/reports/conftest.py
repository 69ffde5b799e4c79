"""Schedules, and a mail server that does as it is told."""

import smtplib
from datetime import UTC, datetime
from typing import Any

import pytest
from django.core.mail.backends.base import BaseEmailBackend

from reports import making, setting
from reports.models import Schedule
from reports.schedules import Every


class Post(BaseEmailBackend):
    """Keeps what it takes in `taken`. `says` is what it raises, by address, and for "" when it is called.

    With `dies` it is not there any more once the line to it broke.
    """

    says: dict[str, Exception] = {}
    taken: list[Any] = []
    dies = False

    def open(self) -> bool:
        if "" in self.says:
            raise self.says[""]
        return True

    def send_messages(self, email_messages: Any) -> int:
        for mail in email_messages:
            (to,) = mail.to
            if to in self.says:
                if self.dies:
                    self.says[""] = DOWN
                raise self.says[to]
            self.open()
            mail.message()
            self.taken.append(mail)
        return len(email_messages)


@pytest.fixture
def post(settings: Any, monkeypatch: pytest.MonkeyPatch) -> type[Post]:
    # Setting pages takes half a second; tests/reports/test_paper.py looks at them.
    monkeypatch.setattr(making, "pdf", lambda report, brand: b"%PDF-1.4 " + brand.name.encode())
    settings.EMAIL_BACKEND = "tests.reports.conftest.Post"
    Post.says, Post.taken, Post.dies = {}, [], False
    return Post


@pytest.fixture
def schedule(acme: Any, person: Any) -> Any:
    """A schedule of acme's, for its admin and its operator unless told otherwise."""

    def make(*emails: str, next_at: datetime | None = None, **fields: Any) -> Schedule:
        told = {"name": "Weekly", "kind": "job_summary", "every": Every.DAY, "hour": 6, **fields}
        made = setting.add(told, emails or ("admin@acme.test", "operator@acme.test"), person("admin"))
        if next_at:
            Schedule.objects.filter(pk=made.pk).update(next_at=next_at)
            made.refresh_from_db()
        return made

    return make


LATER = smtplib.SMTPRecipientsRefused({"x": (450, b"try again later")})
NEVER = smtplib.SMTPRecipientsRefused({"x": (550, b"no such person")})
LOST = smtplib.SMTPServerDisconnected("gone")
DOWN = ConnectionRefusedError(111, "refused")
LONG_AGO = datetime(2026, 1, 1, tzinfo=UTC)
