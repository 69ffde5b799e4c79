"""The page of the audit trail."""

from uuid import UUID

from django.core.cache import cache
from django.http import HttpResponse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.views.decorators.http import require_GET

from accounts.models import User
from orgs.keys import org_key
from orgs.permissions import require
from orgs.requests import OrgRequest
from ui.fragments import render_page

from .forms import FilterForm
from .models import Entry
from .reading import changes_of, entries

PAGE = 50
ACTIONS_KEPT_S = 60


@require_GET
@require("audit.view")
def entry_list(request: OrgRequest) -> HttpResponse:
    """The newest lines, or those before ?before=: a page costs the same however long the trail is."""
    form = FilterForm(request.GET, _people(request), _actions(request))
    rows = entries(form.wanted())
    before: UUID | None = form.cleaned_data.get("before")
    if before:
        rows = rows.filter(pk__lt=before)
    page = list(rows[: PAGE + 1])
    context = {
        "form": form,
        "lines": [(entry, _drawn(entry)) for entry in page[:PAGE]],
        "older": page[PAGE - 1].pk if len(page) > PAGE else None,
        "filters": [form[name] for name in ("person", "action", "since", "until")],
        "is_filtered": any(value for name, value in form.cleaned_data.items() if name != "before"),
        "is_newest": before is None,
    }
    return render_page(request, "audit/entry_list.html", "audit/_entries.html", context)


def _drawn(entry: Entry) -> SafeString:
    """What changed, a line a field; not by the template, since a page has hundreds of them."""
    old = '<div><span class="muted">{}</span> <del>{}</del> → {}</div>'
    new = '<div><span class="muted">{}</span> {}</div>'
    parts = [
        format_html(old, change.field, change.before, change.after or "–")
        if change.before
        else format_html(new, change.field, change.after or "–")
        for change in changes_of(entry)
    ]
    return SafeString("".join(parts))


def _people(request: OrgRequest) -> list[tuple[UUID, str]]:
    people = User.objects.filter(memberships__org=request.org).order_by("name")
    return [(pk, name or email) for pk, name, email in people.values_list("pk", "name", "email")]


def _actions(request: OrgRequest) -> list[str]:
    """The actions there are; found by looking at every line, so not on every request."""

    def found() -> list[str]:
        return list(Entry.objects.order_by("action").values_list("action", flat=True).distinct())

    return cache.get_or_set(org_key(request.org.pk, "audit", "actions"), found, ACTIONS_KEPT_S) or []
