"""The filters of the audit page."""

from collections.abc import Iterable, Mapping
from datetime import date, datetime, time, timedelta
from typing import Any, cast
from uuid import UUID

from django import forms
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from .reading import Wanted

INPUT = {"class": "input"}


def _start_of(day: date) -> datetime:
    """Midnight in the active zone, which is the organisation's."""
    return timezone.make_aware(datetime.combine(day, time.min))


class FilterForm(forms.Form):
    """`people` and `actions` are the choices; all is optional, and what is unsound filters nothing."""

    q = forms.CharField(label=_("Search"), max_length=100, required=False)
    person = forms.TypedChoiceField(
        label=_("Who"), required=False, coerce=UUID, empty_value=None, widget=forms.Select(INPUT)
    )
    action = forms.ChoiceField(label=_("What"), required=False, widget=forms.Select(INPUT))
    target = forms.CharField(max_length=110, required=False, widget=forms.HiddenInput)
    since = forms.DateField(label=_("From"), required=False, widget=forms.DateInput({"type": "date"} | INPUT))
    until = forms.DateField(label=_("To"), required=False, widget=forms.DateInput({"type": "date"} | INPUT))
    before = forms.UUIDField(required=False, widget=forms.HiddenInput)

    def __init__(
        self, data: Mapping[str, Any], people: Iterable[tuple[UUID, str]], actions: Iterable[str]
    ) -> None:
        super().__init__(data, auto_id="audit-%s")
        self._offer("person", _("Anybody"), ((str(pk), name) for pk, name in people))
        self._offer("action", _("Anything"), ((action, action) for action in actions))

    def _offer(self, name: str, nothing: str | Promise, choices: Iterable[tuple[str, str]]) -> None:
        cast(forms.ChoiceField, self.fields[name]).choices = [("", nothing), *choices]

    def wanted(self) -> Wanted:
        self.is_valid()
        data = self.cleaned_data
        target_type, _slash, target_id = (data.get("target") or "").partition("/")
        since, until = data.get("since"), data.get("until")
        return Wanted(
            person=data.get("person"),
            action=data.get("action") or "",
            target_type=target_type,
            target_id=target_id,
            since=_start_of(since) if since else None,
            until=_start_of(until + timedelta(days=1)) if until else None,
            words=data.get("q") or "",
        )
