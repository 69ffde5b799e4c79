"""People in Django's admin."""

from typing import Any

from django import forms
from django.contrib import admin
from django.contrib.auth import password_validation
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.utils.decorators import method_decorator
from django.utils.translation import gettext_lazy as _

from odin_site.admin import Audited, look_at, platform_admin

from . import factors, sessions
from .changing import change_password
from .models import MailServer, Passkey, Session, TrustedDevice, User
from .stepping_up import sure


class UserForm(forms.ModelForm[User]):
    """`new_password` is for who can't get in otherwise; checked by the one rule, it ends all sessions."""

    new_password = forms.CharField(
        label=_("New password"),
        required=False,
        strip=False,
        # No more than the sign-in takes.
        max_length=128,
        widget=forms.PasswordInput({"autocomplete": "new-password"}),
    )

    reset_mfa = forms.BooleanField(
        label=_("Take the second step off"),
        required=False,
        help_text=_("For who lost it: the app, passkeys and recovery codes are gone, all sessions end."),
    )

    class Meta:
        model = User
        fields = ("email", "name", "is_active", "is_superadmin")

    def clean_email(self) -> str:
        return str(self.cleaned_data["email"]).lower()

    def clean_new_password(self) -> str:
        password: str = self.cleaned_data["new_password"]
        if password:
            password_validation.validate_password(password, self.instance)
        return password


@admin.register(User, site=platform_admin)
class UserAdmin(Audited[User]):
    form = UserForm
    list_display = ("email", "name", "is_active", "is_superadmin", "created_at")
    list_filter = ("is_active", "is_superadmin")
    search_fields = ("email", "name")
    readonly_fields = ("mfa_since", "last_login", "created_at")

    @method_decorator(sure)
    def changeform_view(self, *args: Any, **kwargs: Any) -> HttpResponse:
        """Who may do what, passwords and second steps: it asks once more who one is, as the pages do."""
        return super().changeform_view(*args, **kwargs)

    def save_model(self, request: HttpRequest, obj: User, form: Any, change: bool) -> None:
        with transaction.atomic():
            if not change:
                obj.set_unusable_password()
            super().save_model(request, obj, form, change)
            if form.cleaned_data["new_password"]:
                change_password(obj, form.cleaned_data["new_password"])
            if form.cleaned_data["reset_mfa"]:
                factors.reset(obj)
            if {"is_active", "is_superadmin"} & set(form.changed_data):
                sessions.end_all(obj)

    def get_form(
        self, request: HttpRequest, obj: User | None = None, change: bool = False, **kwargs: Any
    ) -> Any:
        form = super().get_form(request, obj, change, **kwargs)
        if obj is not None and obj.pk == request.user.pk:
            # Nobody shuts themselves out.
            for name in ("is_active", "is_superadmin"):
                form.base_fields[name].disabled = True
        return form


# The key of a session opens it, and the hash of a trusted device's secret is none of anybody's business.
look_at(platform_admin, Session, "user", "seen_at", "address", "agent", search=["user__email"], hides=["key"])
look_at(
    platform_admin,
    TrustedDevice,
    "user",
    "created_at",
    "expires_at",
    search=["user__email"],
    hides=["digest"],
)
HIDDEN_OF_PASSKEYS = ["credential", "public_key"]
look_at(platform_admin, Passkey, "user", "name", "used_at", search=["user__email"], hides=HIDDEN_OF_PASSKEYS)
look_at(platform_admin, MailServer, "host", "port", "tls", "sender", hides=["secret"])
