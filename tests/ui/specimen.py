"""Renders templates/ui/specimen.html with made-up rows: for the tests and for looking at it.

`python -m tests.ui.specimen FOLDER` writes it with screenshots in both themes and on a phone.
"""

import functools
import http.server
import sys
import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import django
import django_htmx
from django import forms
from django.conf import settings
from django.http import QueryDict
from django.template.loader import render_to_string
from django.test import RequestFactory, override_settings
from playwright.sync_api import sync_playwright

from ui.charts import Chart, Series
from ui.context import Link
from ui.marks import MARKS
from ui.places import PLACES
from ui.tables import Column, Filter, Table

ROOT = Path(__file__).resolve().parents[2]
SIZES = {"light": (1440, 1000), "dark": (1440, 1000), "phone": (390, 844), "tablet": (820, 1000)}
CHROMIUM = [
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


class User:
    is_authenticated = True

    def __str__(self) -> str:
        return "Ada Lovelace"


class JobTable(Table[Any]):
    columns = [
        Column("name", "Job", "name"),
        Column("state", "State", "state"),
        Column("priority", "Priority", "priority"),
        Column("filament", "Filament"),
        Column("mass", "Mass", "mass", "number"),
        Column("ends", "Ends", "ends", "number"),
    ]
    filters = [Filter("state", "State", [("printing", "Printing"), ("queued", "Queued")])]
    search = ["name"]
    total = 387
    rows = [1] * 50


class PrinterForm(forms.Form):
    name = forms.CharField(label="Name", help_text="What people call it.")
    address = forms.CharField(label="Address")
    protocol = forms.ChoiceField(label="Protocol", choices=[("b", "Bambu (LAN)"), ("m", "Klipper")])
    notes = forms.CharField(label="Notes", required=False, widget=forms.Textarea)
    starts = forms.BooleanField(label="Start jobs by itself", required=False, help_text="Off by default.")


def charts() -> dict[str, Chart]:
    days = [f"{day} Nov" for day in range(1, 22)]
    return {
        "lines": Chart(
            "Temperatures",
            "line",
            [f"{hour}:00" for hour in range(8, 20)],
            [
                Series("Nozzle", [20, 140, 215, 215, 214, 216, None, 215, 215, 215, 120, 40], "orange"),
                Series("Bed", [20, 45, 60, 60, 60, 60, 60, 60, 60, 60, 44, 31], "blue"),
            ],
            "°C",
            "one point an hour",
        ),
        "bars": Chart(
            "Prints per day",
            "bar",
            days,
            [
                Series("Completed", [(day * 7) % 19 + 3 for day in range(21)], "green"),
                Series("Failed", [(day * 5) % 4 for day in range(21)], "red"),
            ],
            "prints",
            "n = 268",
        ),
    }


def html() -> str:
    now = datetime.now(UTC)
    printers = [_printer(number, now) for number in range(12)]
    jobs = [_job(number, now) for number in range(9)]
    request = RequestFactory().get("/o/acme/printers/?state=printing&sort=-ends")
    request.user = User()  # type: ignore[assignment]
    org = SimpleNamespace(name="Acme Makerspace", slug="acme", pk=1)
    nav = [Link(place, f"/o/acme/{place.key}/", place.key == "p") for place in PLACES]
    context = {
        "org": org,
        "user": request.user,
        "orgs_of_user": [org, SimpleNamespace(name="Physics", slug="physics", pk=2)],
        "nav": nav,
        "nav_root": "/o/acme/",
        "site_root": "/",
        "jump_url": "/o/acme/jump/",
        "printers": printers,
        "jobs": jobs,
        "table": JobTable(None, QueryDict("state=printing&sort=-ends")),  # type: ignore[arg-type]
        "marks": [(family, list(states)) for family, states in MARKS.items()],
        "form": PrinterForm({"name": "K1-03", "protocol": "b"}, auto_id="specimen-%s"),
        **charts(),
        "sparks": [20, 40, 90, 180, 215, 214, 216, 215],
    }
    with override_settings(ROOT_URLCONF="tests.ui.urls"):
        return render_to_string("ui/specimen.html", context, request)


def bell_html() -> str:
    with override_settings(ROOT_URLCONF="tests.ui.urls"):
        return render_to_string("ui/_bell.html", {"unread_alerts": 3})


def _printer(number: int, now: datetime) -> SimpleNamespace:
    states = ["needs_you", "needs_you", "printing", "printing", "printing", "printing", "preparing", "paused"]
    states += ["ready", "out_of_service", "offline", "unknown"]
    state = states[number]
    busy = state in ("printing", "paused", "preparing")
    reasons = {"needs_you": "Plate to clear since 14:02", "ready": "Plate clear", "offline": "Since 11:30"}
    return SimpleNamespace(
        pk=number,
        name=f"{'K1' if number % 2 else 'P1S'}-{number + 1:02}",
        state=state,
        fraction=(0.13 * number) % 1 if busy else None,
        job="Gear housing, left, revision 4" if busy else "",
        ends=now + timedelta(minutes=12 + 40 * number) if busy else None,
        why=reasons.get(state, "Belt to be replaced" if state == "out_of_service" else ""),
        nozzle=215 if busy else 24,
        bed=60 if busy else 23,
        color=["#ffffff", "#111111", "#d4411e", "#1c7ed6", "#f2c200"][number % 5],
        left=(number * 0.17) % 1,
        material=["PLA white", "PETG black", "PLA red"][number % 3],
    )


def _job(number: int, now: datetime) -> SimpleNamespace:
    state = [
        "printing",
        "sending",
        "queued",
        "queued",
        "submitted",
        "paused",
        "completed",
        "failed",
        "cancelled",
    ][number]
    return SimpleNamespace(
        pk=number,
        name=["Gear housing", "Bracket v7", "Enclosure lid"][number % 3] + f" #{number + 40}",
        state=state,
        fraction=0.42,
        why="Waits for a printer with PETG black loaded" if state == "queued" else "",
        priority=["normal", "high", "low", "urgent"][number % 4],
        color=["#ffffff", "#111111", "#d4411e"][number % 3],
        left=0.6,
        filament=["PLA white", "PETG black", "PLA red"][number % 3],
        grams=[248, 3.4, 1240][number % 3],
        ends=now + timedelta(hours=number * 9 - 5),
        applies={"queued": "top cancel", "printing": "cancel"}.get(state, ""),
        checked=number == 2,
    )


def write(folder: Path) -> Path:
    """The page with its static files beside it, ready to be served."""
    folder.mkdir(parents=True, exist_ok=True)
    static = folder / "static"
    static.unlink(missing_ok=True)
    static.symlink_to(ROOT / "static")
    page = folder / "index.html"
    page.write_text(html().replace("/static/django_htmx/", "/htmx/"))
    bell = folder / "alerts/bell"
    bell.mkdir(parents=True, exist_ok=True)
    (bell / "index.html").write_text(bell_html())
    htmx = folder / "htmx"
    htmx.unlink(missing_ok=True)
    htmx.symlink_to(Path(django_htmx.__file__).parent / "static/django_htmx")
    return page


def serve(folder: Path) -> http.server.ThreadingHTTPServer:
    class Quiet(http.server.SimpleHTTPRequestHandler):
        def log_message(self, *args: object) -> None:
            pass

    server = http.server.ThreadingHTTPServer(
        ("127.0.0.1", 0), functools.partial(Quiet, directory=str(folder))
    )
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server


def shoot(folder: Path) -> None:
    server = serve(folder)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=CHROMIUM)
        for name, (width, height) in SIZES.items():
            page = browser.new_page(
                viewport={"width": width, "height": height},
                color_scheme="dark" if name == "dark" else "light",
                has_touch=name == "phone",
                is_mobile=name == "phone",
            )
            page.on("console", lambda message: sys.stdout.write(f"{message.text}\n"))
            page.on("pageerror", lambda error: sys.stdout.write(f"{error}\n"))
            page.goto(f"http://127.0.0.1:{server.server_port}/index.html")
            page.evaluate("document.activeElement.blur(); scrollTo(0, 0)")
            page.screenshot(path=folder / f"{name}.png")
            page.screenshot(path=folder / f"{name}-whole.png", full_page=True)
            opened(page, folder, name)
        browser.close()
    server.shutdown()


def opened(page: Any, folder: Path, name: str) -> None:
    page.click("[popovertarget=account-menu]")
    for detail in (
        {"text": "Printing K1-03 was paused.", "tone": "good", "undo": "/x"},
        {"text": "P1S-01 did not answer.", "tone": "bad"},
    ):
        page.evaluate("detail => document.dispatchEvent(new CustomEvent('toast', {detail}))", detail)
    page.screenshot(path=folder / f"{name}-menu.png")
    page.keyboard.press("Escape")
    page.evaluate("document.querySelector('[data-show-keys]').click()")
    page.screenshot(path=folder / f"{name}-keys.png")


def configure() -> None:
    """Settings enough for the page, so that looking at it needs no other app."""
    settings.configure(
        INSTALLED_APPS=["django.contrib.staticfiles", "django_htmx", "ui"],
        STATIC_URL="/static/",
        USE_TZ=True,
        ALLOWED_HOSTS=["testserver"],
        TEMPLATES=[
            {
                "BACKEND": "django.template.backends.django.DjangoTemplates",
                "DIRS": [ROOT / "templates"],
                "OPTIONS": {
                    "context_processors": ["django.template.context_processors.request", "ui.context.frame"],
                    "builtins": [
                        "django.templatetags.i18n",
                        "django.templatetags.static",
                        "ui.templatetags.ui",
                    ],
                },
            }
        ],
    )
    django.setup()


if __name__ == "__main__":
    configure()
    target = Path(sys.argv[1])
    write(target)
    shoot(target)
