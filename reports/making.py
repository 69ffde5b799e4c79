"""Making a run: the report of its days and filters, in every format that it is sent in."""

import io
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from urllib.parse import urlencode
from uuid import UUID

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from orgs.addresses import org_root, whole
from orgs.branding import brand_of
from orgs.current import current_org
from orgs.models import Department
from printers.models import Tag
from ui import sheets

from .builders import BUILDERS
from .models import Run
from .periods import Period
from .renderers import csv
from .renderers.mail import mail
from .renderers.pdf import pdf
from .report import Report
from .scope import Scope


class CannotMake(Exception):
    """Trying again can't help: what it is narrowed to is gone, or its kind is."""


@dataclass(frozen=True, slots=True)
class Made:
    """The files, as bytes; `csv` is a ZIP of sheets, empty where it is not wanted."""

    pdf: bytes
    html: bytes
    text: bytes
    csv: bytes = b""


def make(run: Run) -> Made:
    """Raises CannotMake."""
    report = report_of(run)
    org = current_org()
    address = page_of(run.kind, run.first, run.last, run.filters)
    brand = brand_of(org)
    html, text = mail(report, brand, address)
    return Made(
        pdf=pdf(report, brand),
        html=html.encode(),
        text=text.encode(),
        csv=_zipped(report) if run.with_csv else b"",
    )


def page_of(kind: str, first: date, last: date, filters: Mapping[str, str]) -> str:
    """The whole address of the page that shows the same."""
    asked = urlencode({"from": first, "to": last, **filters})
    return whole(f"{org_root(current_org())}reports/{kind}/?{asked}")


def report_of(run: Run) -> Report:
    builder = BUILDERS.get(run.kind)
    if builder is None or builder.is_personal:
        raise CannotMake(_("There is no report of this kind any more."))
    period = Period(run.first, run.last, current_org().zone)
    return builder(Scope(period, _tag(run.filters), _department(run.filters))).build()


def _tag(filters: Mapping[str, str]) -> Tag | None:
    if not (name := filters.get("tag")):
        return None
    found = Tag.objects.filter(name__iexact=name).first()
    if found is None:
        raise CannotMake(_("There is no tag %(name)s any more: edit the schedule.") % {"name": name})
    return found


def _department(filters: Mapping[str, str]) -> Department | None:
    if not (pk := filters.get("department")):
        return None
    try:
        found = Department.objects.of(current_org()).filter(pk=UUID(pk)).first()
    except (ValueError, ValidationError):
        found = None
    if found is None:
        raise CannotMake(_("The department is gone: edit the schedule."))
    return found


def _zipped(report: Report) -> bytes:
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED) as folder:
        for section in report.sections:
            sheet = sheets.written(csv.heads(report, section), csv.rows(section))
            # Spreadsheets know UTF-8 by its mark alone.
            folder.writestr(csv.file_name(report, section), f"\N{ZERO WIDTH NO-BREAK SPACE}{sheet}")
    return written.getvalue()
