"""Log lines without secrets: the last net, under code that does not write any.

A traceback or an address may hold what somebody sent: `Internal Server Error: /account/reset/<link>/`.
"""

import logging
import re

MASK = "[…]"
# Our own tokens; links that are keys by themselves; credentials in addresses; whatever is called a secret.
TOKEN = re.compile(r"odin_[\w-]{12,}")
LINK = re.compile(
    r"(/(?:account/reset|invitations|told/stop|reports/confirm|reports/unsubscribe)/)[^/\s\"']+"
)
# Redis has a password without a user.
USER = re.compile(r"(?<=://)[^/\s@\"']*:[^/\s@\"']+(?=@)")
NAMED = re.compile(
    r"(?i)((?:password|passwd|secret|api[_-]?key|access[_-]?code|authorization|csrfmiddlewaretoken)"
    r"[\"']?\s*[=:]\s*)(?:(?:bearer|basic)\s+)?(\"[^\"]*\"|'[^']*'|[^\s,;&)}\]]+)"
)
# One header has many of them.
COOKIES = re.compile(r"(?i)(cookie[\"']?\s*[=:]\s*)(\"[^\"]*\"|'[^']*'|[^\n]+)")


def masked(text: str) -> str:
    text = TOKEN.sub(MASK, text)
    text = LINK.sub(rf"\1{MASK}", text)
    text = USER.sub(MASK, text)
    text = COOKIES.sub(rf"\1{MASK}", text)
    return NAMED.sub(rf"\1{MASK}", text)


class Masked(logging.Formatter):
    """A formatter whose whole lines, tracebacks too, are masked."""

    def format(self, record: logging.LogRecord) -> str:
        return masked(super().format(record))
