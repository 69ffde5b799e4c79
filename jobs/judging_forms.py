"""What people say of a copy, and of the reasons for failures."""

from typing import Any

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.db.models import Q
from django.utils.translation import gettext_lazy

from orgs import photos

from . import reasons
from .judging import Finding
from .models import FailureReason, Print
from .states import PrintState, Verdict


class FindingForm(forms.Form):
    """Verdict of a completed copy, reason, note and photo. Of a failed copy the verdict is known."""

    verdict = forms.TypedChoiceField(
        label=gettext_lazy("It is"), coerce=Verdict, choices=Verdict.choices, widget=forms.RadioSelect
    )
    reason = forms.ModelChoiceField(
        label=gettext_lazy("What went wrong"),
        queryset=FailureReason.objects.none(),
        widget=forms.RadioSelect,
        empty_label=None,
        error_messages={"required": gettext_lazy("Choose what went wrong.")},
    )
    note = forms.CharField(
        label=gettext_lazy("Note"),
        max_length=300,
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
    )
    photo = forms.FileField(
        label=gettext_lazy("Photo"),
        required=False,
        widget=forms.FileInput(attrs={"accept": photos.ACCEPTED}),
        help_text=gettext_lazy(
            "JPEG, PNG or WebP up to 20 MB. Where and with what it was taken is not kept."
        ),
    )
    drops_photo = forms.BooleanField(label=gettext_lazy("Take the photo off"), required=False)

    def __init__(self, *args: Any, one: Print, **kwargs: Any):
        first = {"verdict": one.verdict or Verdict.REJECT, "reason": one.reason_id, "note": one.finding}
        super().__init__(*args, **{"initial": first, **kwargs})
        self.has_verdict = one.state == PrintState.COMPLETED
        if not self.has_verdict:
            del self.fields["verdict"]
        if not one.photo:
            del self.fields["drops_photo"]
        reason: Any = self.fields["reason"]
        reason.required = not (self.has_verdict and self.data.get("verdict") == Verdict.GOOD)
        reason.queryset = reasons.all_reasons().filter(Q(retired_at=None) | Q(pk=one.reason_id))

    def clean_photo(self) -> bytes | None:
        file: UploadedFile | None = self.cleaned_data["photo"]
        return photos.taken_in(file) if file else None

    def finding(self) -> Finding:
        said = self.cleaned_data
        return Finding(
            said["reason"], said["note"], said["photo"], drops_photo=said.get("drops_photo", False)
        )


class ReasonForm(forms.Form):
    """Whether the name is taken already is for `reasons` to say."""

    name = forms.CharField(label=gettext_lazy("Reason"), max_length=60)
    fault = forms.ChoiceField(
        label=gettext_lazy("Whose fault"),
        choices=FailureReason.Fault.choices,
        initial=FailureReason.Fault.MACHINE,
    )
