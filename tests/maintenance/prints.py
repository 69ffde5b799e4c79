"""A print of ours on a printer, as the end of it finds it."""

from datetime import timedelta
from uuid import uuid4

from django.utils import timezone

from accounts.models import User
from jobs.models import Print
from jobs.states import PrintState
from jobs.submitting import Order, submit
from printers.models import Printer
from stations.models import Dispatch, DispatchState, Station
from tests.factories.models3d import make_model


def printing(printer: Printer) -> Dispatch:
    by = User.objects.get(email="operator@acme.test")
    model = make_model(by=by, print_s=600)
    job = submit(Order(model.current), by)
    one = Print.objects.get(job=job)
    dispatch = Dispatch.objects.create(
        station_id=printer.pk, org_id=Station.objects.get(pk=printer.pk).owner_id, print_id=one.pk,
        state=DispatchState.CONFIRMED, sha256="0" * 64, size=9, remote_name=f"{uuid4()}.gcode", start_id="77",
    )  # fmt: skip
    Station.objects.filter(pk=printer.pk).update(hold=dispatch)
    Print.objects.filter(pk=one.pk).update(
        state=PrintState.PRINTING, printer=printer, dispatch_id=dispatch.pk,
        started_at=timezone.now() - timedelta(hours=1),
    )  # fmt: skip
    return dispatch
