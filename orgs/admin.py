"""Organisations and who belongs to them, in Django's admin."""

from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.decorators import method_decorator
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _
from django_tenants.utils import tenant_context

from accounts.stepping_up import sure
from odin_site.admin import Audited, ReadOnly, look_at, platform_admin

from . import creating, members
from .models import Access, ApiToken, Department, Due, Invitation, Membership, Org, PastSlug
from .roles import Role


@admin.register(Org, site=platform_admin)
class OrgAdmin(ReadOnly[Org]):
    """To look at: its own page knows what else changes with a name, an address or a state."""

    list_display = ("name", "slug", "state", "time_zone", "currency", "created_at", "managed")
    list_filter = ("state",)
    search_fields = ("name", "slug")

    def get_queryset(self, request: HttpRequest) -> Any:
        return super().get_queryset(request).exclude(state=Org.State.SPARE)

    @admin.display(description=_("Change"))
    def managed(self, org: Org) -> str:
        return format_html('<a href="{}">{}</a>', reverse("orgs:manage", args=[org.pk]), _("manage"))

    def get_readonly_fields(self, request: HttpRequest, obj: Org | None = None) -> Any:
        return ("managed",)


class MembershipForm(forms.ModelForm[Membership]):
    """A role is changed by the same rule as on the members' page."""

    class Meta:
        model = Membership
        fields = ("user", "org", "role")

    def clean_role(self) -> int:
        role = int(self.cleaned_data["role"])
        if self.instance.pk and not self.instance._state.adding and role < Role.ADMIN:
            stored = Membership.objects.get(pk=self.instance.pk)
            if stored.role == Role.ADMIN:
                self._keep_an_admin(stored)
        return role

    def _keep_an_admin(self, stored: Membership) -> None:
        try:
            members.check_may_go(stored)
        except members.LastAdmin as reason:
            raise ValidationError(str(reason)) from None


@admin.register(Membership, site=platform_admin)
class MembershipAdmin(Audited[Membership]):
    form = MembershipForm
    list_display = ("user", "org", "role", "since")
    list_filter = ("role",)
    list_select_related = ("user", "org")
    search_fields = ("user__email", "user__name", "org__name")
    autocomplete_fields = ("user", "org")

    @method_decorator(sure)
    def changeform_view(self, *args: Any, **kwargs: Any) -> HttpResponse:
        """A role asks once more who one is, as on the members' page."""
        return super().changeform_view(*args, **kwargs)

    def get_readonly_fields(self, request: HttpRequest, obj: Membership | None = None) -> Any:
        return ("user", "org") if obj else ()

    def save_model(self, request: HttpRequest, obj: Membership, form: Any, change: bool) -> None:
        if not change:
            obj.pk = creating.add_member(obj.org, obj.user, Role(obj.role)).pk
            return
        with tenant_context(obj.org):
            members.change_role(obj, Role(obj.role))


@admin.register(Invitation, site=platform_admin)
class InvitationAdmin(ReadOnly[Invitation]):
    list_display = ("email", "org", "role", "by", "at", "expires_at")
    list_select_related = ("org", "by")
    search_fields = ("email", "org__name")
    exclude = ("digest",)


@admin.register(ApiToken, site=platform_admin)
class ApiTokenAdmin(ReadOnly[ApiToken]):
    list_display = ("name", "user", "org", "lookup", "expires_at", "last_used_at")
    list_select_related = ("user", "org")
    search_fields = ("name", "user__email", "org__name")
    exclude = ("digest",)


look_at(platform_admin, Department, "name", "code", "org", search=["name", "org__name"])
look_at(platform_admin, Due, "task", "org", "due_at", search=["task", "org__name"])
look_at(platform_admin, PastSlug, "slug", "org", "at", search=["slug", "org__name"])
look_at(platform_admin, Access, "org", "networks", "mfa", "mfa_since")
