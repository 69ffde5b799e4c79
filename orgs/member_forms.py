"""Forms about who belongs to an organisation, and as what."""

from collections.abc import Iterable, Mapping
from typing import Any
from uuid import UUID

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from .models import Department, Invitation, Membership
from .roles import Role


class RoleForm(forms.ModelForm[Membership]):
    role = forms.TypedChoiceField(
        label=gettext_lazy("Role"), coerce=lambda value: Role(int(value)), choices=Role.choices
    )

    class Meta:
        model = Membership
        fields = ("role",)


class PlaceForm(forms.ModelForm[Membership]):
    """In which department a member is; `departments` are their organisation's."""

    class Meta:
        model = Membership
        fields = ("department",)

    def __init__(self, departments: Iterable[Department], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.known = {str(one.pk): one for one in departments}
        self.fields["department"] = forms.ChoiceField(
            label=_("Department"),
            required=False,
            choices=[("", "–"), *((pk, one.name) for pk, one in self.known.items())],
        )

    def clean_department(self) -> Department | None:
        return self.known.get(self.cleaned_data["department"])


class TagsField(forms.TypedMultipleChoiceField):
    """Any of the organisation's printer tags; `names` are theirs by id."""

    def __init__(self, names: Mapping[UUID, str], **kwargs: Any) -> None:
        super().__init__(
            label=_("Sees only printers with"),
            required=False,
            coerce=UUID,
            choices=[(str(pk), name) for pk, name in names.items()],
            widget=forms.CheckboxSelectMultiple,
            **kwargs,
        )


class LimitForm(forms.Form):
    """The tags to which a member's printers are limited; a deleted tag is no choice and goes with saving."""

    def __init__(self, names: Mapping[UUID, str], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["tags"] = TagsField(names)


class InviteForm(forms.ModelForm[Invitation]):
    role = forms.TypedChoiceField(
        label=gettext_lazy("Role"),
        coerce=lambda value: Role(int(value)),
        choices=Role.choices,
        initial=Role.VIEWER,
        help_text=gettext_lazy(
            "Viewers see all and submit jobs. Operators run printers and queue. Admins also manage people."
        ),
    )

    class Meta:
        model = Invitation
        fields = ("email", "role")
        widgets = {"email": forms.EmailInput({"autocomplete": "off"})}

    def __init__(self, names: Mapping[UUID, str], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if names:
            self.fields["tags"] = TagsField(
                names, help_text=_("Holds for viewers only; none chosen: all printers.")
            )
