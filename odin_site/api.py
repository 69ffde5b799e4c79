"""The REST API: its parts and how errors look."""

from typing import Any

from django.core.exceptions import (
    PermissionDenied,
    RequestDataTooBig,
    TooManyFieldsSent,
    TooManyFilesSent,
)
from django.core.exceptions import ValidationError as DjangoValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.http.multipartparser import MultiPartParserError
from ninja import NinjaAPI
from ninja.errors import HttpError, ValidationError

from alerts.api import router as alerts
from audit.api import router as audit
from bulk.api import router as bulk
from inventory.api import filaments, spools
from inventory.drying.api import dryings
from inventory.drying.api import of_spools as dryings_of_spools
from inventory.drying.api import rules as drying_rules
from inventory.rest.locations import router as locations
from jobs.api import router as jobs
from jobs.lending.api import router as lending
from jobs.quotas.api import router as quotas
from jobs.rest.approval import router as approval
from jobs.rest.bulk import router as bulk_jobs
from jobs.rest.charges import of_jobs as charges_of_jobs
from jobs.rest.charges import router as chargebacks
from jobs.rest.judging import router as verdicts
from jobs.rest.presets import router as presets
from jobs.rest.rate_cards import router as rate_cards
from maintenance.api import router as maintenance
from models3d.api import router as models
from orgs.api import router as me
from orgs.rest.problems import Problem, field_error, problem
from printers.api import router as printers
from printers.rest.bulk import router as bulk_printers
from printers.rest.telemetry import router as telemetry
from reports.api import router as reports
from reports.scheduling_api import router as scheduled_reports

api = NinjaAPI(
    title="O.D.I.N.",
    version="1",
    urls_namespace="api",
    description="One organisation's farm. Every call carries its token: Authorization: Bearer odin_…",
    openapi_extra={
        "components": {"securitySchemes": {"token": {"type": "http", "scheme": "bearer"}}},
        "security": [{"token": []}],
    },
)
for prefix, router in (
    ("/me", me),
    # Before what takes any word for an id.
    ("/printers", bulk_printers),
    ("/printers", printers),
    ("/printers", telemetry),
    ("/models", models),
    ("/jobs", jobs),
    ("/quotas", quotas),
    ("/lending", lending),
    ("/jobs", approval),
    ("/jobs", bulk_jobs),
    ("/jobs", charges_of_jobs),
    ("/chargebacks", chargebacks),
    ("/rate-cards", rate_cards),
    ("/presets", presets),
    ("/jobs", verdicts),
    ("/filaments", filaments),
    ("/spools", spools),
    ("/spools", dryings_of_spools),
    ("/dryings", dryings),
    ("/drying-rules", drying_rules),
    ("/locations", locations),
    ("/maintenance", maintenance),
    # Before the kinds of reports, which are one name below it.
    ("/reports", scheduled_reports),
    ("/reports", reports),
    ("/alerts", alerts),
    ("/bulk", bulk),
    ("/audit", audit),
):
    api.add_router(prefix, router)


@api.exception_handler(Problem)
def on_problem(request: HttpRequest, error: Problem) -> HttpResponse:
    return problem(error.status, error.detail, error.errors)


@api.exception_handler(Http404)
def on_missing(request: HttpRequest, error: Http404) -> HttpResponse:
    return problem(404, "There is nothing of this id in your organisation.")


@api.exception_handler(PermissionDenied)
def on_denied(request: HttpRequest, error: PermissionDenied) -> HttpResponse:
    return problem(403, str(error))


@api.exception_handler(HttpError)
def on_http_error(request: HttpRequest, error: HttpError) -> HttpResponse:
    return problem(error.status_code, str(error))


@api.exception_handler(DjangoValidationError)
def on_unsound(request: HttpRequest, error: DjangoValidationError) -> HttpResponse:
    fields: dict[str, list[str]] = getattr(error, "message_dict", None) or {"": error.messages}
    listed = [field_error(name, message) for name, messages in fields.items() for message in messages]
    return problem(422, "Some values are not accepted.", listed)


@api.exception_handler(MultiPartParserError)
@api.exception_handler(TooManyFilesSent)
@api.exception_handler(TooManyFieldsSent)
def on_broken_form(request: HttpRequest, error: Exception) -> HttpResponse:
    return problem(400, str(error))


@api.exception_handler(RequestDataTooBig)
def on_too_much(request: HttpRequest, error: RequestDataTooBig) -> HttpResponse:
    return problem(413, str(error))


@api.exception_handler(ValidationError)
def on_invalid(request: HttpRequest, error: ValidationError) -> HttpResponse:
    return problem(422, "Some values are not accepted.", [_readable(item) for item in error.errors])


def _readable(item: dict[str, Any]) -> dict[str, str]:
    place = [
        str(part) for part in item["loc"] if part not in {"body", "query", "path", "payload", "form", "file"}
    ]
    return field_error(".".join(place), item["msg"])
