"""What every answer tells the browser about itself: who may keep it, embed it, and what it may do there."""

from collections.abc import Callable
from typing import TypeVar

from django.http import HttpRequest
from django.http.response import HttpResponseBase

Answer = TypeVar("Answer", bound=HttpResponseBase)

# A browser's powers that no page of ours needs are off, also for what a page might be tricked into loading.
# The camera reads codes of spools; passkeys and full screen are ours as well.
POWERS = ", ".join(
    (
        "accelerometer=()", "autoplay=()", "camera=(self)", "display-capture=()",
        "encrypted-media=()", "fullscreen=(self)", "geolocation=()", "gyroscope=()", "hid=()",
        "magnetometer=()", "microphone=()", "midi=()", "payment=()",
        "publickey-credentials-create=(self)", "publickey-credentials-get=(self)", "screen-wake-lock=(self)",
        "serial=()", "usb=()", "xr-spatial-tracking=()",
    )
)  # fmt: skip
# Nothing in a file of somebody runs, loads or counts as a page of this server.
OF_A_FILE = "default-src 'none'; sandbox"
# A mail as it was sent has its styles and pictures in itself.
OF_A_MAIL = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; sandbox"
# Pages and answers of the API hold people's data: on a computer that many use, nobody finds those of before.
NOT_KEPT = "private, no-store"
EVERYWHERE = {"Permissions-Policy": POWERS, "Cross-Origin-Resource-Policy": "same-origin"}


def add_headers(
    get_response: Callable[[HttpRequest], HttpResponseBase],
) -> Callable[[HttpRequest], HttpResponseBase]:
    """Middleware, outside of all others: what an answer does not say for itself is said here."""

    def serve(request: HttpRequest) -> HttpResponseBase:
        response = get_response(request)
        for name, value in EVERYWHERE.items():
            response.headers.setdefault(name, value)
        response.headers.setdefault("Cache-Control", NOT_KEPT)
        return response

    return serve


def as_file(response: Answer) -> Answer:
    """An answer with the bytes of a file that somebody sent or wrote in: it is shown or saved, never run."""
    response.headers["Content-Security-Policy"] = OF_A_FILE
    return response


def as_mail(response: Answer) -> Answer:
    """An answer with the HTML of a mail, with names that people gave: it is looked at, and never run."""
    response.headers["Content-Security-Policy"] = OF_A_MAIL
    return response
