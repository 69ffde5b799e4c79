"""Organisations and who belongs to them, in Django's admin."""

from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django_tenants.utils import tenant_context

from odin_site.admin import Audited, ReadOnly, platform_admin

from . import creating, members
from .models import ApiToken, Invitation, Membership, Org
from .roles import Role


@admin.register(Org, site=platform_admin)
class OrgAdmin(Audited[Org]):
    """An organisation is made on its own page, and archived here rather than deleted."""

    list_display = ("name", "slug", "state", "time_zone", "currency", "created_at")
    list_filter = ("state",)
    search_fields = ("name", "slug")
    fields = (
        "name",
        "slug",
        "state",
        "time_zone",
        "language",
        "currency",
        "auto_queue",
        "approval",
        "schema_name",
    )
    readonly_fields = ("schema_name",)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def get_queryset(self, request: HttpRequest) -> Any:
        return super().get_queryset(request).exclude(state=Org.State.SPARE)

    def formfield_for_choice_field(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        if db_field.name == "state":
            kwargs["choices"] = [choice for choice in Org.State.choices if choice[0] != Org.State.SPARE]
        return super().formfield_for_choice_field(db_field, request, **kwargs)


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
