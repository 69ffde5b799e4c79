"""Django's admin, for superadmins only: one for the public tables, one for each organisation's."""

from django.contrib.admin import AdminSite
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _


class SuperadminSite(AdminSite):
    site_title = "O.D.I.N."

    def has_permission(self, request: HttpRequest) -> bool:
        return request.user.is_authenticated and request.user.is_active and request.user.is_superadmin


class PlatformSite(SuperadminSite):
    site_header = _("O.D.I.N. platform")


class OrgSite(SuperadminSite):
    site_header = _("O.D.I.N. organisation")


platform_admin = PlatformSite(name="platform_admin")
org_admin = OrgSite(name="org_admin")
