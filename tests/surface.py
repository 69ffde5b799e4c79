"""Everything the server answers to - pages and API operations - and a thing of each kind they name."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from typing import Any
from uuid import uuid4

from django.core.files.base import ContentFile, File
from django.core.files.storage import default_storage
from django.urls import URLPattern, URLResolver, get_resolver
from django.utils import timezone
from django_tenants.utils import tenant_context

from accounts.models import Passkey, Session, User
from alerts.kinds import Channel, Kind
from alerts.models import Endpoint, Parcel
from alerts.raising import raise_alert
from bulk.models import Item, Run
from inventory.exchange import drafts
from inventory.models import DryingRule, Filament, Location, Reel, Spool, SpoolTag, Usage
from jobs.charging.models import ChargeLine, MonthClose, RateCard
from jobs.lending import offers
from jobs.models import FailureReason, GuestPrint, Job, LedgerLine, Preset, Print
from jobs.quotas.models import Quota
from jobs.states import JobState, PrintState
from jobs.submitting import Order, order_like, submit
from maintenance import doing, setting
from maintenance.doing import Work
from maintenance.models import LogEntry, Task, TaskTemplate
from models3d.models import Collection, Model3D, Plate, Revision
from models3d.models import Tag as ModelTag
from models3d.storing import store, store_layers, store_thumbnail
from odin_site.api import api
from orgs import photos, tokens
from orgs.current import current_org
from orgs.inviting import invite
from orgs.models import Department, Membership, Org
from orgs.rest.refusals import is_for_slicers
from orgs.roles import Role
from printers import live, saved_views
from printers.drivers.driver import Fault, MachineState, Status, Tray
from printers.models import Printer, Tag
from reports import planning
from reports import setting as reporting
from reports.links import CONFIRM, signed
from reports.models import Run as ReportRun
from reports.models import Sending
from stations.models import Charge, Dispatch
from tests.factories.models3d import layers_file
from tests.factories.printers import make_printer

PARAMETER = re.compile(r"<(?:\w+:)?(\w+)>|\{(\w+)\}")
# What stands before the first parameter of an address, and the kind of thing the parameter names.
KINDS = {
    "printers": "printer",
    "printers/tags": "tag",
    "printers/views": "view",
    "printers/stop": "stop",
    "queue": "job",
    "queue/presets": "preset",
    "chargebacks/statement": "department",
    "chargebacks/lines": "charge",
    "chargebacks/jobs": "job",
    "chargebacks/cards": "rate_card",
    "rate-cards": "rate_card",
    "queue/reasons": "reason",
    "jobs": "job",
    "presets": "preset",
    "models": "model",
    "models/collections": "collection",
    "members": "membership",
    "members/invitations": "invitation",
    "departments": "department",
    "quotas/rules": "quota",
    "lending/offers": "offer",
    "lending/guests": "guest",
    "lending/printers": "lent",
    "tokens": "token",
    "invitations": "link",
    "organisations": "org",
    "filament": "spool",
    "filament/kinds": "filament",
    "filament/imports": "import",
    "s": "code",
    "filament/slots": "slot",
    "filament/drying": "drying",
    "filament/drying/rules": "drying_rule",
    "filament/tags": "spool_tag",
    "dryings": "drying",
    "drying-rules": "drying_rule",
    "filament/locations": "location",
    "filament/reels": "reel",
    "locations": "location",
    "spools": "spool",
    "filaments": "filament",
    "maintenance": "task",
    "maintenance/tasks": "task",
    "maintenance/log": "entry",
    "maintenance/templates": "template",
    "maintenance/printers": "printer",
    "alerts": "alert",
    "channels/own": "endpoint",
    "channels/organisation": "org_endpoint",
    "channels/log": "parcel",
    "told/stop": "link",
    "inbox": "printer",
    # Of reports the kind is a word.
    "reports": "printer",
    "reports/schedules": "schedule",
    "reports/runs": "report_run",
    "reports/sendings": "sending",
    "reports/confirm": "reader",
    "reports/unsubscribe": "reader",
    "bulk": "run",
    "account/sessions": "session",
    "account/passkeys": "passkey",
    "account/reset": "link",
}

# Parameters that count from 1 within a thing.
COUNTED = {"number", "rev", "index", "plate", "layer", "copy"}
# What else an address may name, by the parameter.
WORDS = {
    "what": "version", "place": "local", "name": "part.gcode", "rest": "else", "kind": "own_costs",
    "form": "pdf",
}  # fmt: skip

# A body that each operation takes which refuses an empty one; "<kind>" is the id of such a thing.
SOUND: dict[str, dict[str, Any]] = {
    "POST /api/printers": {"name": "P", "protocol": "moonraker", "address": "127.0.0.1", "port": 9},
    "POST /api/printers/test": {"protocol": "moonraker", "address": "127.0.0.1", "port": 9},
    "POST /api/printers/{pk}/out-of-service": {"reason": "Belt"},
    "POST /api/printers/{pk}/adjust": {"name": "light", "value": "on"},
    "POST /api/printers/bulk": {"filter": {"search": "Thing"}, "action": "enable"},
    "POST /api/printers/stop": {"all": True},
    "POST /api/models/bulk": {"filter": {"search": "Thing"}, "action": "archive"},
    "POST /api/presets": {"name": "Draft"},
    "POST /api/jobs/bulk": {"filter": {"search": "Thing"}, "action": "cancel"},
    "POST /api/jobs": {"model_id": "<model>"},
    "POST /api/rate-cards": {"valid_from": "2099-01-01", "per_hour": "2.50"},
    "PUT /api/rate-cards/{pk}": {"valid_from": "2099-01-01", "per_hour": "2.50"},
    "POST /api/chargebacks/close": {"month": "2020-01"},
    "POST /api/chargebacks/corrections": {"amount": "-5.00", "reason": "Goodwill"},
    "POST /api/chargebacks/lines/{pk}/counter": {"reason": "Free sample"},
    "POST /api/chargebacks/move": {
        "job_id": "<job>",
        "department_id": "<department>",
        "reason": "Wrong class",
    },
    "POST /api/jobs/{pk}/start": {"printer_id": "<printer>"},
    "POST /api/jobs/{pk}/resolve-start": {"printing": True},
    "POST /api/jobs/{pk}/move": {"to": "top"},
    "POST /api/jobs/{pk}/reject": {"reason": "Too large"},
    "POST /api/jobs/{pk}/ask-change": {"note": "Use PETG"},
    "POST /api/jobs/{pk}/verdict": {"copy": 1, "verdict": "good"},
    "POST /api/jobs/{pk}/failure": {"copy": 1, "reason_id": "<reason>"},
    "POST /api/filaments": {"material": "PLA"},
    "POST /api/lending/offers": {"printer_id": "<printer>", "to_all": True},
    "POST /api/lending/guests/{pk}/correct": {"amount": "1.00"},
    "PATCH /api/maintenance/printers/{pk}": {"printed_s": 3600, "counts_for_tasks": False},
    "POST /api/maintenance/printers/{pk}/nozzle": {"nozzle_mm": 0.4},
    "POST /api/maintenance/tasks": {"printer_id": "<printer>", "name": "Belts", "every_days": 90},
    "POST /api/reports/schedules": {"name": "Weekly", "kind": "job_summary", "recipients": ["a@b.test"]},
    "POST /api/spools": {"filament_id": "<filament>"},
    "POST /api/spools/bulk": {"filter": {"search": "Thing"}, "action": "archive"},
    "POST /api/spools/{pk}/dryings": {"temperature_c": 65, "hours": 8},
    "POST /api/drying-rules": {"material": "PETG", "temperature_c": 65, "hours": 8},
    "POST /api/spools/{pk}/weigh": {"grams_left": 10},
    "POST /api/locations": {"name": "Shelf"},
    "POST /api/locations/{pk}/merge": {"into_id": "<location>"},
    "POST /api/spools/{pk}/load": {"printer_id": "<printer>"},
}


def sound(key: str, known: dict[str, Any]) -> dict[str, Any]:
    """The body of SOUND with the ids of `known` in it."""
    return {
        name: str(known[value[1:-1]]) if str(value).startswith("<") else value
        for name, value in SOUND.get(key, {}).items()
    }


@dataclass(frozen=True)
class Route:
    """An address, below /o/<slug>/ or not, with the view behind it."""

    name: str
    pattern: str
    view: Any

    @property
    def is_admin(self) -> bool:
        return self.pattern.startswith("admin/")

    @property
    def is_for_keys(self) -> bool:
        """Whether programs ask it with a token, and no session opens it."""
        return is_for_slicers(f"/o/acme/{self.pattern}")


@dataclass(frozen=True)
class Operation:
    """An operation of the API as its OpenAPI document tells it."""

    verb: str
    path: str
    spec: dict[str, Any]

    @property
    def key(self) -> str:
        return f"{self.verb} {self.path}"

    @property
    def parameters(self) -> dict[str, dict[str, Any]]:
        """Those of the query, by name."""
        return {one["name"]: one for one in self.spec.get("parameters", []) if one["in"] == "query"}

    @property
    def takes(self) -> str:
        """The content type of the body; empty if there is none."""
        return next(iter(self.spec.get("requestBody", {}).get("content", {})), "")


def routes(urlconf: str) -> list[Route]:
    return [Route(name, pattern, view) for pattern, name, view in _patterns(get_resolver(urlconf))]


def _patterns(resolver: Any, before: str = "", namespace: str = "") -> Iterator[tuple[str, str, Any]]:
    for one in resolver.url_patterns:
        pattern = before + str(one.pattern)
        if isinstance(one, URLPattern):
            yield pattern, ":".join(filter(None, (namespace, one.name or ""))), one.callback
        elif isinstance(one, URLResolver):
            yield from _patterns(one, pattern, ":".join(filter(None, (namespace, one.namespace or ""))))


@cache
def document() -> dict[str, Any]:
    return dict(api.get_openapi_schema(path_prefix="/api/"))


def operations() -> list[Operation]:
    return [
        Operation(verb.upper(), path, spec)
        for path, verbs in document()["paths"].items()
        for verb, spec in verbs.items()
    ]


def has_parameter(path: str) -> bool:
    return PARAMETER.search(path) is not None


def names_a_thing(path: str) -> bool:
    """A kind of reports is a word, the same in every organisation."""
    return bool({one[0] or one[1] for one in PARAMETER.findall(path)} - {"kind"})


def kind_of(path: str) -> str:
    """The kind of thing the first parameter of `path` names; KeyError where KINDS does not know it yet."""
    return KINDS[PARAMETER.split(path)[0].removeprefix("/api/").strip("/")]


def filled(path: str, thing: Any) -> str:
    """`path` with its parameters: a number is 1, a word is of WORDS, every other is `thing`'s id."""

    def value(found: re.Match[str]) -> str:
        name = found[1] or found[2]
        return "1" if name in COUNTED else WORDS.get(name, str(thing))

    return PARAMETER.sub(value, path)


def things(org: Org, by: User, text: str = "Thing") -> dict[str, Any]:
    """A thing of each kind in the organisation in use, with `text` in all their texts; ids by kind."""
    printer = _printer(org, text)
    model = _model(by, text)
    spool = _spool(printer, by, text)
    job = submit(Order(model.current, printer=printer, target=Job.Target.PRINTER, notes=text), by)
    job.events.create(state=job.state, by=text, note=text)
    Job.objects.filter(pk=job.pk).update(why_not=text)
    reason = _failed(job, by, text)
    alert = raise_alert(Kind.NEEDS_YOU, text, text, detail=text, about=printer, people=[by.pk])
    token, _ = tokens.issue(by, org, text, ["read:jobs"])
    run = _run(by, text)
    department = Department.objects.create(org=org, name=f"{text} department", code=text)
    Quota.objects.create(who="org", amount=900)
    email = f"{text.lower()}@else.test"
    task = _task(printer, by, text)
    endpoint = _endpoint(Channel.PUSH, by, text)
    return {
        "endpoint": endpoint.pk,
        "org_endpoint": _endpoint(Channel.WEBHOOK, None, text).pk,
        "parcel": _parcel(endpoint, text).pk,
        **_scheduled(by, text),
        "task": task.pk,
        "entry": LogEntry.objects.get(task=task).pk,
        "template": TaskTemplate.objects.create(name=text, model=f"{text} else", every_hours=9).pk,
        "printer": printer.pk,
        "offer": _offered(text).pk,
        "guest": _guest(printer, org, text).pk,
        "lent": _lent_to(org),
        "tag": printer.tags.get().pk,
        "view": saved_views.add(by, text, f"view=wall&tag={text}").pk,
        "model": model.pk,
        "collection": model.collection_id,
        "job": job.pk,
        "preset": Preset.objects.create(name=text, notes=text).pk,
        "reason": reason.pk,
        "filament": spool.filament_id,
        "spool": spool.pk,
        "slot": spool.slot_id,
        "drying": spool.dryings.get().pk,
        "drying_rule": DryingRule.objects.create(material=text, temperature_c=65, hours=8).pk,
        "spool_tag": spool.tags.get().pk,
        "location": Location.objects.get_or_create(name=text)[0].pk,
        "reel": Reel.objects.create(brand=text, name=text, grams=200).pk,
        "code": Spool.objects.values_list("number", flat=True).get(pk=spool.pk),
        "import": drafts.keep(f"material,lot\n{text},{text}".encode(), "csv", text, by).pk,
        "alert": alert.pk,
        "org": org.pk,
        "membership": Membership.objects.get(user=by, org=org).pk,
        "invitation": invite(org, email, Role.VIEWER, by).pk,
        "token": token.pk,
        "run": run.pk,
        "stop": _stop(printer, by, text).pk,
        "link": uuid4(),
        "passkey": Passkey.objects.create(user=by, name=text, credential=uuid4().bytes, public_key=b"key").pk,
        "session": Session.objects.create(user=by, key=uuid4().hex, seen_at=timezone.now(), agent=text).pk,
        "department": department.pk,
        "rate_card": RateCard.objects.create(valid_from="2098-01-01", currency="EUR", note=text).pk,
        "month": MonthClose.objects.create(month="2019-01-01", by=by).pk,
        "charge": _charge(job, department, text).pk,
        "quota": Quota.objects.create(who="department", department=department, amount=900).pk,
    }


def _charge(job: Job, department: Department, text: str) -> ChargeLine:
    """A correction by hand of what a job was charged."""
    return ChargeLine.objects.create(
        day=timezone.localdate(), kind="manual", quantity=1, unit="entry", unit_price=5, amount=5,
        currency="EUR", department_id=department.pk, department_name=department.name, job_id=job.pk,
        job_name=text, reason=text, by=text,
    )  # fmt: skip


def _failed(job: Job, by: User, text: str) -> FailureReason:
    """The reason of a print that failed, with a photo; the copy of `job` has one too."""
    reason = FailureReason.objects.create(name=text)
    failed = submit(order_like(job, by), by)
    said = {"state": PrintState.FAILED, "note": text, "finding": text, "reason": reason, "judged_by": text}
    Print.objects.filter(job=failed).update(**said, printer_name=text, ended_at=timezone.now())
    Job.objects.filter(pk=failed.pk).update(state=JobState.FAILED, failure_note=text)
    for one in Print.objects.filter(job__in=[job, failed]):
        Print.objects.filter(pk=one.pk).update(photo=photos.keep(text.encode()))
    return reason


def _endpoint(channel: Channel, of: User | None, text: str) -> Endpoint:
    """One that can't be sent to, so that a test of it calls nobody."""
    return Endpoint.objects.create(
        channel=channel, user=of, name=text, address=f"https://{text}.invalid/{text}", last_error=text
    )


def _parcel(endpoint: Endpoint, text: str) -> Parcel:
    """A message that was given up."""
    said = {
        "address": endpoint.address,
        "state": Parcel.State.FAILED,
        "error": text,
        "due_at": timezone.now(),
    }
    return Parcel.objects.create(channel=endpoint.channel, user=endpoint.user, endpoint=endpoint, **said)


def _scheduled(by: User, text: str) -> dict[str, Any]:
    """A schedule that was run, and its mail of which nobody knows whether it went out."""
    fields = {"name": text, "kind": "job_summary"}
    schedule = reporting.add(fields, [f"{text.lower()}@reader.test"], by)
    run = planning.run_now(schedule, by)
    path = default_storage.save(f"orgs/{current_org().pk}/reports/{text}.html", ContentFile(text.encode()))
    ReportRun.objects.filter(pk=run.pk).update(state=ReportRun.State.DONE, html=path, pdf=path, csv=path)
    sending = Sending.objects.create(run=run, email=by.email, state=Sending.State.UNCLEAR)
    reader = signed(CONFIRM, schedule.recipients.get().pk)
    return {"schedule": schedule.pk, "report_run": run.pk, "sending": sending.pk, "reader": reader}


def _task(printer: Printer, by: User, text: str) -> Task:
    """Done once, with a photo."""
    task = setting.add(printer, {"name": text, "instructions": text, "every_hours": 9})
    doing.done(task, by, Work(note=text, photo=text.encode()))
    return task


def _printer(org: Org, text: str) -> Printer:
    tag = Tag.objects.create(name=text)
    printer = make_printer(
        f"{text} printer",
        address="127.0.0.1",
        port=9,
        machine_key=uuid4().hex,
        model=text,
        location=text,
        notes=text,
        tags=[tag],
    )
    fault = Fault(code="1", text=text)
    live.swap(
        org.pk,
        printer.pk,
        Status(
            MachineState.PRINTING, file=f"{text}.gcode", job_key=text, faults=(fault,), trays=(Tray(0, text),)
        ),
    )
    return printer


def _offered(text: str) -> Printer:
    """A printer that is lent to all."""
    printer = make_printer(f"{text} lent", address="127.0.0.1", port=10, machine_key=uuid4().hex)
    offers.lend(printer, {"to_all": False, "materials": [text]}, {})
    return printer


def _guest(printer: Printer, org: Org, text: str) -> GuestPrint:
    """A print of somebody else's that was charged."""
    dispatch = Dispatch.objects.create(
        station_id=printer.pk, org=org, print_id=uuid4(), sha256="0" * 64, size=9, start_id="9", state="ended"
    )
    Charge.objects.create(dispatch=dispatch, grams=9, seconds=9, amount=9, currency="EUR")
    LedgerLine.objects.create(
        charge_id=uuid4(), dispatch_id=dispatch.pk, kind="print", other_id=org.pk, other_name=text,
        printer_name=text, amount=9, currency="EUR", note=text, at=timezone.now(),
    )  # fmt: skip
    return GuestPrint.objects.create(
        dispatch_id=dispatch.pk, printer=printer, printer_name=text, borrower_id=org.pk, borrower_name=text,
        size=9, material=text,
    )  # fmt: skip


def _lent_to(org: Org) -> Any:
    """A printer that another organisation lends to Acme; nothing for Rival, who is full of canaries."""
    if org.slug != "acme":
        return uuid4()
    with tenant_context(Org.objects.get(slug="rival")):
        printer = make_printer("Lent", address="127.0.0.1", port=11, machine_key=uuid4().hex)
        offers.lend(printer, {"to_all": True}, {})
    return printer.pk


def _model(by: User, text: str) -> Model3D:
    stored = store(File(ContentFile(f"; {text} {uuid4()}".encode()), "part.gcode"))
    store_thumbnail(stored, ContentFile(f"\x89PNG {text}".encode(), "picture.png"))
    store_layers(stored, ContentFile(layers_file(), "part.layers"))
    model = Model3D.objects.create(name=f"{text} model", by=by)
    model.tags.add(ModelTag.objects.create(name=text))
    metadata = {"slicer": text, "warnings": [text]}
    revision = Revision.objects.create(
        model=model, number=1, stored=stored, original_name=f"{text}.gcode", kind="gcode", notes=text,
        status=Revision.Status.READY, metadata=metadata, by=by,
    )  # fmt: skip
    use = {"index": 0, "grams": 3.5, "length_mm": 1170.0, "material": text, "color": "#FF8000", "used": True}
    Plate.objects.create(
        revision=revision, number=1, title=text, print_s=600, layers=9, filaments=[use], grams=4
    )
    model.current, model.collection = revision, Collection.objects.create(name=text)
    model.save(update_fields=["current", "collection"])
    return model


def _run(by: User, text: str) -> Run:
    """A run that is over, and that its person may take back."""
    run = Run.objects.create(model="models3d.model3d", action="archive", by=by, ended_at=timezone.now())
    run.items.create(row=uuid4(), name=text, state=Item.State.REFUSED, reason=text)
    run.items.create(row=uuid4(), name=text, state=Item.State.DONE, memory={"shelf": "archive"})
    return run


def _stop(printer: Printer, by: User, text: str) -> Run:
    """An emergency stop that the printer did not answer."""
    run = Run.objects.create(model="printers.printer", action="stop", by=by, ended_at=timezone.now())
    run.items.create(row=printer.pk, name=text, state=Item.State.REFUSED, reason=text, since=timezone.now())
    return run


def _spool(printer: Printer, by: User, text: str) -> Spool:
    filament = Filament.objects.create(material=text, brand=text, name=text, color_name=text)
    spool = Spool.objects.create(
        filament=filament, lot=text, location=text, notes=text, slot=printer.slots.get(index=0), cost=20
    )
    Usage.objects.create(spool=spool, reference=text, grams=1, note=text, at=timezone.now())
    spool.dryings.create(
        at=timezone.now() - timedelta(days=9), temperature_c=65, hours=8, device=text, note=text, by=by
    )
    spool.tags.add(SpoolTag.objects.create(name=text))
    return spool
