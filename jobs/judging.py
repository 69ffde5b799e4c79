"""What a person says of a copy: good or reject once it is printed, and why it failed."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from alerts.raising import resolve
from audit.trail import actor, record
from orgs import photos

from . import failing, news
from .charging.rewriting import charge_anew
from .lifecycle import note
from .models import FailureReason, Job, Print
from .quotas.ledger import settle
from .states import IllegalMove, PrintState, Verdict

P = PrintState


@dataclass(frozen=True, slots=True)
class Finding:
    """What was seen. `photo` is a JPEG as `photos.taken_in` gives it; None leaves the one there is."""

    reason: FailureReason | None = None
    note: str = ""
    photo: bytes | None = None
    drops_photo: bool = False


NOTHING = Finding()


def judge(one: Print, verdict: Verdict, finding: Finding = NOTHING) -> None:
    """Say that a completed copy is good or a reject; may be said anew. IllegalMove for any other copy.

    The same again changes nothing and leaves no line. A good copy has no reason.
    """
    with _kept(one, finding) as (kept, path):
        if kept.state != P.COMPLETED:
            words = _("Copy %(copy)d is %(state)s: only a completed copy is good or a reject.")
            raise IllegalMove(words % {"copy": kept.copy, "state": P(kept.state).label})
        reason = finding.reason if verdict is Verdict.REJECT else None
        _say(kept, "job.verdict", finding, verdict=verdict, reason=reason, photo=path)


def classify(one: Print, finding: Finding) -> None:
    """Say why a copy failed, or was cancelled while it printed; may be said anew. IllegalMove for others.

    Once nothing that failed is left to classify, the job's alert is closed: somebody has looked.
    """
    with _kept(one, finding) as (kept, path):
        if not is_classifiable(kept):
            words = _("Copy %(copy)d neither failed nor was cancelled while it printed.")
            raise IllegalMove(words % {"copy": kept.copy})
        if finding.reason is None:
            raise ValidationError({"reason_id": _("Choose a reason.")})
        _say(kept, "job.classify", finding, reason=finding.reason, photo=path)
        if not kept.job.prints.filter(failing.FAILED, reason=None).exists():
            resolve(f"job.failed:{kept.job_id}")


def is_classifiable(one: Print) -> bool:
    return one.state == P.FAILED or (one.state == P.CANCELLED and one.started_at is not None)


def all_good(job: Job) -> int:
    """Say of every completed copy that has no verdict yet that it is good; return how many."""
    with transaction.atomic():
        Job.objects.select_for_update(of=("self",), no_key=True).get(pk=job.pk)
        said = {"verdict": Verdict.GOOD, "judged_by": actor().name[:200], "judged_at": timezone.now()}
        count = Print.objects.filter(job=job, state=P.COMPLETED, verdict="").update(**said)
        if count:
            note(job, ngettext("%(n)d copy is good.", "%(n)d copies are good.", count) % {"n": count})
            record("job.verdict", job, after={"copies": count, "verdict": Verdict.GOOD})
            news.changed(job.pk)
    return count


@contextmanager
def _kept(one: Print, finding: Finding) -> Iterator[tuple[Print, str]]:
    """The copy, locked in a transaction, and the path of the finding's photo; the file goes if that fails."""
    path = photos.keep(finding.photo) if finding.photo else ""
    try:
        with transaction.atomic():
            # The job before its copy, as everywhere: what it is charged may change with what is said.
            Job.objects.select_for_update(of=("self",), no_key=True).get(pk=one.job_id)
            rows = Print.objects.select_for_update(of=("self",), no_key=True).select_related("job", "reason")
            kept = rows.get(pk=one.pk)
            reason = finding.reason
            if reason and reason.retired_at and reason.pk != kept.reason_id:
                raise ValidationError({"reason_id": _("This reason is retired. Choose another one.")})
            yield kept, path
    except BaseException:
        photos.discard(path)
        raise


def _say(kept: Print, action: str, finding: Finding, photo: str, **fields: Any) -> None:
    before, earlier = _told(kept), kept.photo
    fields["finding"] = finding.note.strip()[:300]
    if photo or finding.drops_photo:
        fields["photo"] = photo
    for name, value in fields.items():
        setattr(kept, name, value)
    after = _told(kept)
    if before == after:
        return
    fields |= {"judged_by": actor().name[:200], "judged_at": timezone.now()}
    Print.objects.filter(pk=kept.pk).update(**fields)
    settle(kept.job)
    charge_anew(kept.job, _line(kept, before))
    if kept.photo != earlier:
        photos.forget(earlier)
    note(kept.job, _line(kept, before))
    record(action, kept.job, before=before, after={"copy": kept.copy, **after})
    news.changed(kept.job_id, kept.printer_id)


def _told(one: Print) -> dict[str, Any]:
    return {
        "verdict": one.verdict,
        "reason": one.reason.name if one.reason else "",
        "note": one.finding,
        "photo": one.photo,
    }


def _line(one: Print, before: dict[str, Any]) -> str:
    """The history's line: "Copy 2: reject, Warping: corners lifted. Before: good."."""
    state = Verdict(one.verdict).label if one.verdict else P(one.state).label
    said = f"{state}, {one.reason}" if one.reason else str(state)
    if one.finding:
        said = f"{said}: {one.finding.rstrip('.')}"
    line = _("Copy %(copy)d: %(said)s.") % {"copy": one.copy, "said": said}
    earlier = Verdict(before["verdict"]).label if before["verdict"] else ""
    was = ", ".join(str(part) for part in (earlier, before["reason"]) if part)
    return f"{line} {_('Before: %(was)s.') % {'was': was}}" if was else line
