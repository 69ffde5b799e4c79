"""Django's admin, for superadmins only: one for the public tables, one for each organisation's."""

from collections.abc import Callable, Sequence
from functools import wraps
from typing import Any, TypeVar

from django.conf import settings
from django.contrib import messages
from django.contrib.admin import AdminSite, ModelAdmin
from django.core.exceptions import FieldDoesNotExist
from django.db.models import ForeignKey, Model, QuerySet
from django.forms import Form, ModelForm
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, HttpResponseNotAllowed
from django.shortcuts import redirect
from django.utils.translation import gettext_lazy as _

from accounts import sessions
from audit.trail import record
from orgs.addresses import platform_url

M = TypeVar("M", bound=Model)


class SuperadminSite(AdminSite):
    site_title = "O.D.I.N."
    enable_nav_sidebar = False

    def has_permission(self, request: HttpRequest) -> bool:
        return request.user.is_authenticated and request.user.is_active and request.user.is_superadmin

    def admin_view(self, view: Any, cacheable: bool = False) -> Any:
        guarded: Callable[..., HttpResponseBase] = super().admin_view(view, cacheable)

        @wraps(guarded)
        def for_superadmins(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            if request.user.is_authenticated and not self.has_permission(request):
                raise Http404
            if settings.SUPERADMIN_MFA and request.user.is_authenticated and request.user.mfa_since is None:
                messages.warning(request, _("The administration needs two-step sign-in. Set it up to go on."))
                return redirect(f"{platform_url('accounts:authenticator')}?next={request.path}")
            return guarded(request, *args, **kwargs)

        return for_superadmins

    def login(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """There is one door: it counts wrong tries."""
        if request.user.is_authenticated:
            raise Http404
        return redirect(f"{platform_url('accounts:sign_in')}?next={request.path.removesuffix('login/')}")

    def logout(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> Any:
        """As everywhere: the session leaves the person's list, and that they went is recorded."""
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        sessions.sign_out(request)
        return redirect(platform_url("accounts:sign_in"))

    def password_change(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> Any:
        """On one's own page: Django's counts no wrong tries, ends no trust in devices and records nothing."""
        return redirect(platform_url("accounts:profile"))


class PlatformSite(SuperadminSite):
    site_header = _("O.D.I.N. platform")
    site_url = "/"


class OrgSite(SuperadminSite):
    site_header = _("O.D.I.N. organisation")

    def each_context(self, request: HttpRequest) -> dict[str, Any]:
        org = request.org  # type: ignore[attr-defined]
        return super().each_context(request) | {"site_header": org.name, "site_url": f"/o/{org.slug}/"}


class Audited(ModelAdmin[M]):
    """Changes are lines of our own trail, of the organisation they are made in; Django's log, which is one
    for all organisations, stays empty. Deleting is left to the pages, which know what hangs on a row."""

    def save_model(self, request: HttpRequest, obj: M, form: Form, change: bool) -> None:
        before = _values(type(obj)._default_manager.get(pk=obj.pk), form) if change else {}
        super().save_model(request, obj, form, change)
        name = f"admin.{obj._meta.model_name}.{'edit' if change else 'add'}"
        record(name, obj, before=before, after=_values(obj, form))

    def has_delete_permission(self, request: HttpRequest, obj: M | None = None) -> bool:
        return False

    def log_addition(self, request: HttpRequest, obj: Any, message: Any) -> Any:
        """Nothing: save_model has recorded it."""

    def log_change(self, request: HttpRequest, obj: Any, message: Any) -> Any:
        """Nothing: save_model has recorded it."""

    def log_deletions(self, request: HttpRequest, queryset: "QuerySet[Any]") -> Any:
        """Nothing is deleted here."""


class ReadOnly(Audited[M]):
    """To look at only."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: M | None = None) -> bool:
        return False


def look_at(
    site: AdminSite, model: type[Model], *columns: str, search: Sequence[str] = (), hides: Sequence[str] = ()
) -> None:
    """Register `model` to look at only. `hides` are its secrets and their hashes, shown nowhere."""
    related = [name for name in columns if isinstance(_field(model, name), ForeignKey)]
    own = {
        "list_display": columns, "search_fields": search, "exclude": hides, "show_full_result_count": False,
        "list_select_related": related or False,
    }  # fmt: skip
    site.register(model, type(f"{model.__name__}Admin", (ReadOnly,), own))


def _field(model: type[Model], name: str) -> Any:
    try:
        return model._meta.get_field(name)
    except FieldDoesNotExist:
        return None


def _values(obj: Model, form: Form | ModelForm[Any]) -> dict[str, Any]:
    """The fields that the form may change, less the secret ones."""
    names: Sequence[str] = [field.name for field in obj._meta.concrete_fields if field.name in form.fields]
    return {name: getattr(obj, name) for name in names if name not in {"password", "secret"}}


platform_admin = PlatformSite(name="platform_admin")
org_admin = OrgSite(name="org_admin")
