"""What a slicer sends: a model or its next revision, and a job if it is to be printed. Each once."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.core.exceptions import ValidationError
from django.core.files import File
from django.db import connection, transaction
from django.db.models.functions import Now
from django.utils.translation import gettext as _

from models3d import library
from models3d.formats.metadata import UnreadableFile
from models3d.glancing import plates_at_a_glance
from models3d.models import Model3D, Revision
from models3d.naming import LONGEST_COLLECTION, clean_name, lasting_name, without_time
from models3d.storing import measured
from orgs.current import current_org
from orgs.models import Membership

from .aiming import Aim
from .models import Job
from .states import OVER
from .submitting import Order, submit

# A second click, or a slicer that tries again, comes within this time.
SAME_WITHIN = timedelta(seconds=10)


@dataclass(frozen=True, slots=True)
class Parcel:
    """What came. `folder` is where the slicer wants it; `plate` is 0 for the file's first one."""

    file: "File[Any]"
    aim: Aim
    wants_print: bool = False
    folder: str = ""
    plate: int = 0


@dataclass(frozen=True, slots=True)
class Received:
    """What became of it. `refusal` says why there is no job though one was wanted; the file is kept."""

    revision: Revision
    job: Job | None = None
    refusal: str = ""


def receive(parcel: Parcel, membership: Membership) -> Received:
    """Keep the file and queue what it is to print, with the rights of the member. Raises CannotStore.

    The same file twice, also at the same moment, is one revision and, within SAME_WITHIN, one job.
    """
    revision = _keep(parcel, membership)
    if not parcel.wants_print:
        return Received(revision)
    # Bytes that were here before are read already.
    revision = Revision.objects.select_related("model", "stored").get(pk=revision.pk)
    try:
        return Received(revision, job=_queue(parcel, revision, membership))
    except ValidationError as error:
        return Received(revision, refusal=" ".join(error.messages))


def _keep(parcel: Parcel, membership: Membership) -> Revision:
    """The revision with these bytes: the current one of the model of this name, or a new one."""
    digest, _bytes = measured(parcel.file)
    name = lasting_name(clean_name(parcel.file.name or ""))
    with transaction.atomic():
        _take_turns("keep", name.casefold())
        model = _model_called(name, membership)
        if model is None:
            return _add_model(parcel, name, membership)
        if model.current is not None and model.current.stored_id == digest:
            return model.current
        return library.add_revision(model, parcel.file, by=membership.user)


def _add_model(parcel: Parcel, name: str, membership: Membership) -> Revision:
    collection = clean_name(parcel.folder.rstrip("/\\"), fallback="")[:LONGEST_COLLECTION]
    model = library.add_model(parcel.file, by=membership.user, name=name, collection=collection)
    return model.revisions.select_related("model").get()


def _model_called(name: str, membership: Membership) -> Model3D | None:
    """The newest model of this name that the member may change; a print time in its own name is no matter."""
    rows = Model3D.objects.filter(deleted_at=None, archived_at=None, name__istartswith=name)
    if not membership.may("model.edit"):
        rows = rows.filter(by=membership.user_id)
    wanted = name.casefold()
    newest = rows.select_related("current", "current__model").order_by("-pk")
    return next((one for one in newest if without_time(one.name).casefold() == wanted), None)


def _queue(parcel: Parcel, revision: Revision, membership: Membership) -> Job:
    """The job for it; ValidationError says why it can't be printed there."""
    aim, by = parcel.aim, membership.user
    order = Order(
        revision=revision,
        plate=_plate(parcel, revision),
        target=aim.kind,
        printer=aim.printer,
        tag=aim.tag,
        model=aim.model,
        # The person said "print": the organisation's and the printer's switches decide the rest.
        auto_start=True,
    )
    with transaction.atomic():
        _take_turns("queue", by.pk, revision.pk)
        return _just_queued(order, membership) or submit(order, by)


def _just_queued(order: Order, membership: Membership) -> Job | None:
    """The job of the same person for the same file and target from a moment ago."""
    same = Job.objects.filter(
        by=membership.user_id,
        revision=order.revision,
        plate=order.plate,
        target=order.target,
        target_printer=order.printer,
        target_tag=order.tag,
        target_model=order.model,
        copies=order.copies,
        created_at__gt=Now() - SAME_WITHIN,
    )
    return same.exclude(state__in=OVER).order_by("-pk").first()


def _plate(parcel: Parcel, revision: Revision) -> int:
    """The number of the plate to print; ValidationError where a file that waits to be read has none such."""
    if revision.status != Revision.Status.READING:
        first = revision.plates.order_by("number").values_list("number", flat=True).first()
        return parcel.plate or first or 1
    try:
        plates = plates_at_a_glance(revision.stored)
    except UnreadableFile as reason:
        raise ValidationError(str(reason)) from reason
    if not plates:
        raise ValidationError(_("This is not a sliced file: slice it first."))
    if parcel.plate and parcel.plate not in plates:
        raise ValidationError(_("There is no plate %(number)d in this file.") % {"number": parcel.plate})
    return parcel.plate or plates[0]


def _take_turns(*what: object) -> None:
    """Whoever does the same in this organisation meanwhile waits until this transaction is over."""
    words = " ".join(map(str, ("inbox", current_org().schema_name, *what)))
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext(%s))", [words])
