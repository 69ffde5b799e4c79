"""The slicers' inbox: as much of OctoPrint's API as they ask for to send a file. See docs/slicers.md."""

from collections.abc import Callable, Mapping
from functools import wraps
from typing import Any, Concatenate, ParamSpec
from urllib.parse import quote

import orjson
from django.core.exceptions import (
    PermissionDenied,
    RequestDataTooBig,
    TooManyFieldsSent,
    TooManyFilesSent,
)
from django.http import HttpResponse
from django.http.multipartparser import MultiPartParserError
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_POST

from jobs.aiming import Aim, NoSuchTarget, Targets
from jobs.inbox import Parcel, Received, receive
from models3d.storing import CannotStore, TooLarge
from orgs.limits import limited
from orgs.permissions import check, may, require
from orgs.requests import OrgRequest
from orgs.rest.refusals import refusal

VERSION = "0.1.0"
TRUE = {"true", "yes", "y", "1"}
P = ParamSpec("P")
View = Callable[Concatenate[OrgRequest, P], HttpResponse]


Broken = (MultiPartParserError, TooManyFieldsSent, TooManyFilesSent)


class NoSuchPlate(Exception):
    """The slicer names a plate that no file has; the message says so."""


def for_slicers(view: View[P]) -> View[P]:
    """What goes wrong in `view` is told as slicers show it. A cookie is no key here, so no CSRF."""

    @csrf_exempt
    @never_cache
    @wraps(view)
    def answered(request: OrgRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        try:
            return view(request, *args, **kwargs)
        except PermissionDenied as reason:
            return refusal(request, 403, str(reason))
        except NoSuchTarget as reason:
            return refusal(request, 404, str(reason))
        except (TooLarge, RequestDataTooBig) as reason:
            return refusal(request, 413, str(reason))
        except (CannotStore, NoSuchPlate) as reason:
            return refusal(request, 422, str(reason))
        except Broken as reason:
            return refusal(request, 400, str(reason))

    return answered


@for_slicers
@require_http_methods(["GET", "POST"])
@require("model.upload")
def ask(request: OrgRequest, target: str, what: str) -> HttpResponse:
    """What a slicer wants to know before it sends; `login` is asked by POST, all else by GET."""
    aim = _aim(request, target)
    answers = ASKED if request.method == "GET" else {"login": _login}
    if what not in answers:
        words = _("This is an inbox for sliced files: it has no %(what)s.")
        return refusal(request, 404, words % {"what": what[:80]})
    return _json(answers[what](request, aim))


@for_slicers
@require_POST
@require("model.upload")
@limited("upload")
def upload(request: OrgRequest, target: str, place: str) -> HttpResponse:
    """A file for the library and, with print=true, a job for the queue."""
    aim = _aim(request, target)
    if place != "local":
        return refusal(request, 409, _("There is no SD card here. Send the file to local instead."))
    wants_print = request.POST.get("print", "").strip().lower() in TRUE
    if wants_print:
        check(request, "job.submit")
    file = request.FILES.get("file")
    if file is None:
        return refusal(request, 400, _("There is no file in this upload."))
    parcel = Parcel(
        file=file,
        aim=aim,
        wants_print=wants_print,
        folder=request.POST.get("path", ""),
        plate=_plate(request.POST.get("plateindex", "")),
    )
    received = receive(parcel, request.membership)
    if received.refusal:
        return _kept_only(request, received)
    return _taken(request, target, received)


@for_slicers
@require_POST
@require("model.upload")
def command(request: OrgRequest, target: str, name: str) -> HttpResponse:
    """Cura selects a file that it has sent: nothing to do. A print is asked for with the file itself."""
    _aim(request, target)
    try:
        said = orjson.loads(request.body)
    except orjson.JSONDecodeError:
        said = None
    if not isinstance(said, dict) or said.get("command") != "select":
        return refusal(request, 400, _("The only command here is select."))
    if said.get("print"):
        return refusal(request, 409, _("Send the file again with print, to have it queued."))
    return HttpResponse(status=204)


@for_slicers
@require("model.upload")
def nothing(request: OrgRequest, target: str, rest: str) -> HttpResponse:
    return refusal(request, 404, _("There is nothing at this address. Slicers send to api/files/local."))


def _aim(request: OrgRequest, target: str) -> Aim:
    """What the address aims at; NoSuchTarget says what there is, if the key may see it."""
    targets = Targets(request.membership)
    try:
        return targets.find(target)
    except NoSuchTarget as reason:
        if not may(request, "printer.view"):
            raise
        raise NoSuchTarget(f"{reason} {targets.told()}") from None


def _kept_only(request: OrgRequest, received: Received) -> HttpResponse:
    revision = received.revision
    words = _("Kept as %(model)s, revision %(number)d, but not queued: %(why)s") % {
        "model": revision.model.name,
        "number": revision.number,
        "why": received.refusal,
    }
    more = {"model_id": str(revision.model_id), "revision": revision.number, "job_id": None}
    return refusal(request, 422, words, **more)


def _taken(request: OrgRequest, target: str, received: Received) -> HttpResponse:
    """201 as OctoPrint says it. Cura reads the file's name from Location."""
    revision, job = received.revision, received.job
    name = revision.original_name
    page = reverse("models:detail", args=[revision.model_id])
    file = reverse("models:file", args=[revision.model_id, revision.number])
    local = {
        "name": name,
        "path": name,
        "origin": "local",
        "refs": {
            "resource": request.build_absolute_uri(page),
            "download": request.build_absolute_uri(file),
        },
    }
    body = {
        "files": {"local": local},
        "done": True,
        "effectivePrint": job is not None,
        "effectiveSelect": False,
        "model_id": str(revision.model_id),
        "revision": revision.number,
        "job_id": str(job.pk) if job else None,
    }
    response = _json(body, 201)
    upload_path = reverse("inbox:upload", args=[target, "local"])
    response["Location"] = request.build_absolute_uri(f"{upload_path}/{quote(name, safe='')}")
    return response


def _version(request: OrgRequest, aim: Aim) -> dict[str, Any]:
    # PrusaSlicer and its kin take only hosts whose text begins with OctoPrint.
    return {"api": "0.1", "server": VERSION, "text": f"OctoPrint protocol (O.D.I.N. {VERSION})"}


def _settings(request: OrgRequest, aim: Aim) -> dict[str, Any]:
    return {"appearance": {"name": str(aim)}, "feature": {"sdSupport": False}, "plugins": {}}


def _printer(request: OrgRequest, aim: Aim) -> dict[str, Any]:
    """The inbox, not the machine: it takes files at any time. Temperatures it has none."""
    off = ("paused", "pausing", "printing", "cancelling", "sdReady", "error", "closedOrError")
    flags = {"operational": True, "ready": True, **dict.fromkeys(off, False)}
    return {"state": {"text": "Operational", "flags": flags}}


def _job(request: OrgRequest, aim: Aim) -> dict[str, Any]:
    file = dict.fromkeys(("name", "origin", "size", "date"))
    progress = dict.fromkeys(("completion", "filepos", "printTime", "printTimeLeft"))
    return {"job": {"file": file, "estimatedPrintTime": None}, "progress": progress, "state": "Operational"}


def _profiles(request: OrgRequest, aim: Aim) -> dict[str, Any]:
    model = aim.printer.model if aim.printer else aim.model
    profile = {"id": "_default", "name": str(aim), "model": model, "current": True, "default": True}
    return {"profiles": {"_default": profile}}


def _login(request: OrgRequest, aim: Aim) -> dict[str, Any]:
    return {"name": str(request.user), "active": True, "user": True, "admin": False, "groups": []}


def _connection(request: OrgRequest, aim: Aim) -> dict[str, Any]:
    current = {"state": "Operational", "port": None, "baudrate": None, "printerProfile": "_default"}
    return {"current": current, "options": {"ports": [], "baudrates": [], "printerProfiles": []}}


def _user(request: OrgRequest, aim: Aim) -> dict[str, Any]:
    return {"name": str(request.user), "groups": [], "permissions": []}


ASKED: dict[str, Callable[[OrgRequest, Aim], dict[str, Any]]] = {
    "version": _version,
    "settings": _settings,
    "printer": _printer,
    "job": _job,
    "printerprofiles": _profiles,
    "connection": _connection,
    "currentuser": _user,
}


def _json(body: Mapping[str, Any], status: int = 200) -> HttpResponse:
    return HttpResponse(orjson.dumps(body), status=status, content_type="application/json")


def _plate(text: str) -> int:
    """The number of the plate that the slicer names, 0 for none; NoSuchPlate for what is no plate."""
    if not text.strip():
        return 0
    if not text.isdecimal() or len(text) > 4:
        raise NoSuchPlate(_("There is no plate %(name)s in this file.") % {"name": text[:20]})
    return int(text)
