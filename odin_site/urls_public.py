"""Pages outside every organisation, and the API, whose token names one."""

from django.urls import include, path

from .admin import platform_admin
from .api import api

urlpatterns = [
    path("", include("orgs.urls_public")),
    path("account/", include("accounts.urls_public")),
    path("reports/", include("reports.urls_public")),
    path("told/", include("alerts.urls_told")),
    path("platform/mail/", include("accounts.urls_mail")),
    path("admin/", platform_admin.urls),
    path("api/", api.urls),
]
